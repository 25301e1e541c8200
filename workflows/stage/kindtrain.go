package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/variant/train"
	"github.com/gx-genomics/gx/workflows/models"
)

// TrainOptions are all that decides what `gx train` writes, beside its inputs.
type TrainOptions struct {
	Name       string  `json:"name"`
	Init       string  `json:"init,omitempty"`
	Steps      int     `json:"steps"`
	LightSteps int     `json:"light_steps"`
	ByteSteps  int     `json:"byte_steps"`
	Batch      int     `json:"batch"`
	Slices     int     `json:"slices,omitempty"`
	Rate       float64 `json:"rate"`
	WarmUp     int     `json:"warm_up"`
	Decay      float64 `json:"decay"`
	Average    float64 `json:"average"`
	Dropout    float64 `json:"dropout"`
	Epoch      int     `json:"epoch"`
	Patience   int     `json:"patience"`
	Held       int     `json:"held"`
	Indels     int     `json:"indels"`
	Seed       int64   `json:"seed"`
	CacheMB    int     `json:"cache_mb"`
}

// DefaultTrainOptions are the defaults of `gx train`.
func DefaultTrainOptions() TrainOptions {
	p := DefaultTrainPlan()
	t := &p.Train
	return TrainOptions{Name: p.Name, Steps: t.Steps, LightSteps: t.Light, ByteSteps: t.Bytes, Batch: t.Batch, Rate: t.Rate, WarmUp: t.Warm, Decay: t.Decay,
		Average: t.Average, Dropout: t.Dropout, Epoch: t.Epoch, Patience: t.Patience, Held: t.Held, Indels: t.Indels, Seed: int64(t.Seed), CacheMB: p.CacheMB}
}

// DefaultTrainSet is the set of reads that `gx train` is given by flags.
func DefaultTrainSet() TrainSet {
	return TrainSet{Name: "reads", Weight: 1, Unaligned: defaultUnaligned, Density: 1}
}

// plan is a run with these options on the inputs of a task.
func (o *TrainOptions) plan(t *Task) (p TrainPlan, err error) {
	p = DefaultTrainPlan()
	p.Name, p.Init, p.CacheMB, p.Every = o.Name, o.Init, o.CacheMB, time.Minute
	n := &p.Train
	n.Seed, n.Steps, n.Light, n.Bytes, n.Batch, n.Slices, n.Rate, n.Warm = uint64(o.Seed), o.Steps, o.LightSteps, o.ByteSteps, o.Batch, o.Slices, o.Rate, o.WarmUp
	n.Decay, n.Average, n.Dropout, n.Epoch, n.Patience, n.Held, n.Indels = o.Decay, o.Average, o.Dropout, o.Epoch, o.Patience, o.Held, o.Indels
	p.Out, p.Examples = t.Out["out"], t.in("examples")
	p.Cache = p.Out + ".cache-"
	reads := t.in("ref") != "" || t.in("reads") != "" || t.in("truth") != "" || t.in("confident") != ""
	switch sets := t.in("sets"); {
	case sets == "" && p.Examples == "" && (t.in("ref") == "" || len(t.In["reads"]) == 0 || t.in("truth") == ""):
		return p, fmt.Errorf("%w: an input is missing: want ref, reads and truth, or sets, or examples", ErrTask)
	case sets != "" && (reads || p.Examples != ""):
		return p, errors.New("want either sets, or ref, reads, truth and confident, or examples")
	case sets != "":
		if p.Sets, err = ReadTrainSets(sets); err != nil {
			return p, err
		}
	case reads || p.Examples == "":
		s := DefaultTrainSet()
		s.Ref, s.Reads, s.Truth, s.Confident = t.in("ref"), t.In["reads"], t.in("truth"), t.in("confident")
		p.Sets = []TrainSet{s}
	}
	if _, ok := models.Embedded(o.Init); o.Init != "" && !ok && !modelIsFile(o.Init) {
		err = fmt.Errorf("init %q: want %s, or a file NAME.safetensors that gx train wrote", o.Init, strings.Join(models.Names(), ", "))
	}
	return p, errors.Join(err, p.Validate())
}

// TrainKind is the stage that trains a model. It has no shards: a task that is
// killed goes on at its checkpoint, which lies beside the output with the
// examples until the task is done.
func TrainKind() *Kind {
	return &Kind{
		Name:   "train",
		Worker: "gx-train",
		In: []Role{{Name: "ref", Optional: true, Direct: true}, {Name: "reads", Optional: true, Many: true, Direct: true}, {Name: "truth", Optional: true},
			{Name: "confident", Optional: true}, {Name: "sets", Optional: true}, {Name: "examples", Optional: true, Direct: true}},
		Out:     []Role{{Name: "out"}},
		Options: func() any { o := DefaultTrainOptions(); return &o },
		Settle: func(options any, t *Task) error {
			if remote(t.in("sets")) {
				return fmt.Errorf("%s: a table of sets must be a path, and so must the files that it names", t.in("sets"))
			}
			_, err := options.(*TrainOptions).plan(t)
			if errors.Is(err, object.ErrNotExist) { // what is missing is told later, with all that is
				return nil
			}
			return err
		},
		Files: func(options any) []string {
			if init := options.(*TrainOptions).Init; modelIsFile(init) {
				return []string{init}
			}
			return nil
		},
		Builtin: func(options any) string { return builtinModel(options.(*TrainOptions).Init) },
		Beside:  besideSets,
		Measure: measureTrain,
		Whole:   wholeTrain,
	}
}

// besideSets are the files that a table of sets names.
func besideSets(role, name string) (list []string) {
	if role != "sets" {
		return nil
	}
	sets, err := ReadTrainSets(name)
	if err != nil {
		return nil // Measure says so
	}
	for i := range sets {
		list = append(list, sets[i].files()...)
	}
	return list
}

// files are those of the set, in the order that names of its examples tell.
func (s *TrainSet) files() []string {
	list := append([]string{s.Ref, s.Truth}, s.Reads...)
	if s.Confident != "" {
		list = append(list, s.Confident)
	}
	return list
}

func trainTask(t *Task) (TrainPlan, error) {
	o := DefaultTrainOptions()
	if err := json.Unmarshal(optionsText(t), &o); err != nil {
		return TrainPlan{}, fmt.Errorf("options of the task: %w", err)
	}
	return o.plan(t)
}

// CPU seconds of training per example of a step, and of making examples per byte
// of reads.
const (
	trainPerExample = 1.3e-3
	drawPerByte     = 2e-7
)

func measureTrain(ctx context.Context, env *Env, t *Task) (*Work, error) {
	p, err := trainTask(t)
	if err != nil {
		return nil, err
	}
	w := &Work{CPU: trainPerExample * float64(p.Train.Batch) * float64(p.Train.Steps+p.Train.Bytes), Memory: 600 << 20, Out: 4 << 20}
	shards, err := p.shards(ctx, env)
	if err != nil {
		return nil, err
	}
	inputs := shards
	for i := range p.Sets {
		s := &p.Sets[i]
		inputs = append(inputs, s.files()...)
		bytes, err := totalSize(ctx, env, s.Reads)
		if err != nil {
			return nil, err
		}
		w.CPU += drawPerByte * float64(bytes)
		w.Disk += bytes / 4
		open, err := p.openSet(ctx, env, s)
		if err != nil {
			return nil, err
		}
		open.training.close()
		open.in.close()
	}
	if p.Init != "" {
		_, _, err = p.begin(ctx, env, train.Shape{Height: p.Image.Height, Width: p.Image.Width, Channels: len(p.Image.Channels)})
	}
	return w, errors.Join(err, checkOutputs(env, inputs, []string{p.Out}))
}

// wholeTrain trains. The examples are kept while the task is not done.
func wholeTrain(ctx context.Context, env *Env, t *Task) (*Report, error) {
	p, err := trainTask(t)
	if err != nil {
		return nil, err
	}
	r, err := Train(ctx, env, p)
	if err != nil {
		return nil, err
	}
	made, err := env.Store.List(ctx, p.Cache)
	for _, o := range made {
		err = errors.Join(err, env.Store.Remove(ctx, o.Name))
	}
	held := r.Floats.Total()
	return &Report{Notes: []string{fmt.Sprintf("held-out loci, %d examples: %d wrong, loss %.4f", held.N, held.Wrong, held.Mean())}}, err
}
