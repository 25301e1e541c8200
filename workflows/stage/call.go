package stage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/pileup/noise"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/gvcf"
	"github.com/gx-genomics/gx/variant/locus"
)

// CallName is the name of the stage that goes from reads to calls.
const CallName = "call"

// CallPlan is a whole run of `gx call`.
type CallPlan struct {
	Ref     string
	Reads   []string
	Out     string // VCF, bgzip where it ends in .gz
	GVCF    string // empty for none
	Options CallOptions
	Shards  int    // parts that are stored on the way, so that a killed run goes on; 1: none are
	Parts   string // what the names of parts begin with; empty: Out + ".part-"
}

// Call runs a plan: in memory with one shard, else shard by shard, each stored
// whole before the next begins. Shards that an earlier run of the same plan
// stored are not done again, and the outputs are the same bytes either way.
func Call(ctx context.Context, env *Env, plan CallPlan) (*CallSummary, error) {
	plan.Options.GVCF = plan.GVCF != ""
	if err := plan.Options.Validate(); err != nil {
		return nil, err
	}
	inputs := append([]string{plan.Ref, plan.Options.PARBed}, plan.Reads...)
	inputs = append(inputs, bedNames(plan.Options.Regions, plan.Options.Exclude)...)
	if err := checkOutputs(env, inputs, []string{plan.Out, plan.GVCF}); err != nil {
		return nil, err
	}
	in, err := openCall(ctx, env, plan.Ref, plan.Reads, &plan.Options)
	if err != nil {
		return nil, err
	}
	defer in.close()
	w, err := newCallWork(ctx, env, in, &plan.Options)
	if err != nil {
		return nil, err
	}
	env.begin(locus.NewSet(in.regions...).Bases())
	if plan.Shards <= 1 && plan.Parts == "" {
		return w.write(ctx, env, plan.Out, plan.GVCF, func(emit func(*found) error) error {
			return w.run(ctx, w.cells(), env.Threads, env.counted(emit))
		})
	}
	if w.pileup.InOrder() {
		return nil, errInOrder
	}
	tasks, err := plan.tasks(ctx, env, w)
	if err != nil {
		return nil, err
	}
	for i := range tasks {
		if err := w.ensure(ctx, env, &tasks[i]); err != nil {
			return nil, err
		}
	}
	summary, err := w.write(ctx, env, plan.Out, plan.GVCF, func(emit func(*found) error) error {
		for i := range tasks {
			err := w.ensureThere(ctx, env, &tasks[i])
			if err == nil {
				err = readFound(ctx, env.Store, tasks[i].Out[partRole], emit)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return summary, removeParts(ctx, env.Store, tasks)
}

// counted tells the progress of what passes through.
func (e *Env) counted(emit func(*found) error) func(*found) error {
	return func(f *found) error {
		e.done(f.Bases)
		return emit(f)
	}
}

// tasks are the shards of a plan. Their outputs are named by all that decides
// their content, so that parts of another run are never taken for ours.
func (p *CallPlan) tasks(ctx context.Context, env *Env, w *callWork) ([]Task, error) {
	shards := max(p.Shards, 1)
	command, err := canonical(CallName, w.in.digests, w.in.said, DefaultCallOptions())
	if err != nil {
		return nil, err
	}
	name := command
	for _, path := range append([]string{p.Ref}, p.Reads...) { // digests of large inputs are of pieces of them
		info, err := env.Store.Stat(ctx, path)
		if err != nil {
			return nil, err
		}
		name += "\n" + info.Version
	}
	sum := sha256.Sum256([]byte(name))
	prefix := p.Parts
	if prefix == "" {
		if p.Out == object.Standard {
			return nil, errors.New("shards of a run to standard output need a folder to be stored in; name it with --resume")
		}
		prefix = p.Out + ".part-"
	}
	options, err := json.Marshal(w.o)
	if err != nil {
		return nil, err
	}
	tasks := make([]Task, shards)
	for i := range tasks {
		tasks[i] = Task{Stage: CallName, Step: OneShard, Shard: i, Shards: shards, In: map[string][]string{"ref": {p.Ref}, "reads": p.Reads}, Options: options,
			Out: map[string]string{partRole: fmt.Sprintf("%s%s-%05d-of-%05d", prefix, hex.EncodeToString(sum[:8]), i, shards)}}
	}
	return tasks, nil
}

// RunCall runs one shard of the stage: it opens the inputs, calls the cells of
// its shard, and stores what was found.
func RunCall(ctx context.Context, env *Env, t *Task) (*Report, error) {
	w, err := openCallTask(ctx, env, t)
	if err != nil {
		return nil, err
	}
	defer w.in.close()
	var counts contigCounts
	err = w.store(ctx, env, t, func(f *found) { counts.add(f.Contig, f.Bases, len(f.Calls)) })
	return counts.report(), err
}

// openCallTask opens the inputs of a task of the stage.
func openCallTask(ctx context.Context, env *Env, t *Task) (*callWork, error) {
	o := DefaultCallOptions()
	if err := json.Unmarshal(optionsText(t), &o); err != nil {
		return nil, fmt.Errorf("options of the task: %w", err)
	}
	if err := o.Validate(); err != nil {
		return nil, err
	}
	in, err := openCall(ctx, env, t.in("ref"), t.In["reads"], &o)
	if err != nil {
		return nil, err
	}
	if len(t.Learned) > 0 {
		in.noise = &noise.Noise{}
		if err = json.Unmarshal(t.Learned, in.noise); err == nil {
			err = in.noise.Validate()
		}
		if err != nil {
			in.close()
			return nil, fmt.Errorf("what the task says of the library: %w", err)
		}
	}
	w, err := newCallWork(ctx, env, in, &o)
	if err == nil && w.pileup.InOrder() && t.Shards > 1 {
		err = errInOrder
	}
	if err != nil {
		in.close()
	}
	return w, err
}

// ensure does a task unless its output is there and whole.
func (w *callWork) ensure(ctx context.Context, env *Env, t *Task) error {
	bases := 0
	err := readFound(ctx, env.Store, t.Out[partRole], func(f *found) error { bases += f.Bases; return nil })
	if err == nil {
		env.done(bases)
		return nil
	}
	if !errors.Is(err, object.ErrNotExist) && !errors.Is(err, errPart) {
		return err
	}
	return w.store(ctx, env, t, func(*found) {})
}

// store does a task. watch sees all that is found.
func (w *callWork) store(ctx context.Context, env *Env, t *Task, watch func(*found)) error {
	return putPart(ctx, env, t.Out[partRole], func(p *partWriter) error {
		return w.run(ctx, w.shard(t.Shard, t.Shards), env.Threads, env.counted(func(f *found) error {
			watch(f)
			return writeFound(p, f)
		}))
	})
}

// ensureThere does a task once more whose output is gone: another run of the
// same command may have ended, and taken the parts away.
func (w *callWork) ensureThere(ctx context.Context, env *Env, t *Task) error {
	there, err := exists(ctx, env.Store, t.Out[partRole])
	if err != nil || there {
		return err
	}
	return w.ensure(ctx, &Env{Store: env.Store, Threads: env.Threads}, t)
}

// storedFound is a found as a frame of a part.
type storedFound struct {
	Contig string
	End    int
	Bases  int
	Calls  []variant.Call
	Runs   [][]byte // per cell
}

const frameFound = 1

func writeFound(p *partWriter, f *found) error {
	s := storedFound{Contig: f.Contig, End: f.End, Bases: f.Bases, Calls: f.Calls}
	for _, runs := range f.Runs {
		s.Runs = append(s.Runs, gvcf.AppendRuns(nil, runs))
	}
	return p.frame(frameFound, s)
}

// readFound reads a part that writeFound wrote.
func readFound(ctx context.Context, store object.Store, name string, emit func(*found) error) error {
	return openPart(ctx, store, name, func(kind byte, b []byte) error {
		var s storedFound
		if kind != frameFound {
			return fmt.Errorf("%s: %w: a frame of kind %d", name, errPart, kind)
		}
		if err := json.Unmarshal(b, &s); err != nil {
			return fmt.Errorf("%s: %w: %w", name, errPart, err)
		}
		f := &found{Contig: s.Contig, End: s.End, Bases: s.Bases, Calls: s.Calls}
		for _, runs := range s.Runs {
			r, err := gvcf.DecodeRuns(runs, s.Contig)
			if err != nil {
				return fmt.Errorf("%s: %w: %w", name, errPart, err)
			}
			f.Runs = append(f.Runs, r)
		}
		return emit(f)
	})
}

// removeParts removes the parts of a run that is done.
func removeParts(ctx context.Context, store object.Store, tasks []Task) error {
	for i := range tasks {
		if err := store.Remove(ctx, tasks[i].Out[partRole]); err != nil {
			return err
		}
	}
	return nil
}
