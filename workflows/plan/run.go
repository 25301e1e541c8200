package plan

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/workflows/stage"
)

// Runner does plans in this process, several tasks at once.
type Runner struct {
	Store   object.Store
	Workers int  // tasks at once
	Threads int  // of all tasks together
	Keep    bool // leave the parts where they are when all is done
	Note    func(format string, args ...any)

	// Do does a task; nil for stage.Do.
	Do func(context.Context, *stage.Env, *stage.Kind, *stage.Task) (*stage.Marker, error)
	// Started and Finished are told of every task; nil for nobody.
	Started  func(*stage.Task)
	Finished func(t *stage.Task, err error)
}

// Summary says what a run did.
type Summary struct {
	Steps, Done   int // of the plan; those that were done before
	Tasks, Failed int // that were run; of them
}

// shardSeconds is the CPU time that a shard should take: long against the start
// of a worker, short against what a kill may cost.
const shardSeconds = 120

// job is a task that can be done now.
type job struct {
	s *stepRun
	t *stage.Task
}

// stepRun is a step under way.
type stepRun struct {
	*State
	parts  []string
	left   int // shards that are not done
	begun  bool
	failed bool
}

// Run does all that is missing of a plan. A task that fails does not keep the
// others from being done; those that wait for it are left out. What the plan
// asks for, its manifest and its table of completeness are there in the end, or
// there is an error.
func (r *Runner) Run(ctx context.Context, p *Plan) (*Summary, error) {
	if err := r.folders(ctx, p); err != nil {
		return nil, err
	}
	states, err := r.survey(ctx, p, true)
	if err != nil {
		return nil, err
	}
	if err := r.invalidate(ctx, states); err != nil {
		return nil, err
	}
	e := &execution{Runner: r, plan: p, summary: Summary{Steps: len(states)}}
	for _, s := range states {
		e.steps = append(e.steps, &stepRun{State: s})
		if s.Done != nil {
			e.summary.Done++
		}
	}
	if err := e.run(ctx); err != nil {
		return &e.summary, err
	}
	if err := r.finish(ctx, p, states); err != nil {
		return &e.summary, err
	}
	if !r.Keep {
		err = r.clean(ctx, p)
	}
	return &e.summary, err
}

func (r *Runner) note(format string, args ...any) {
	if r.Note != nil {
		r.Note(format, args...)
	}
}

// folders makes those of outputs and parts, where the store is of files; where
// it is of a network it looks whether the buckets are there.
func (r *Runner) folders(ctx context.Context, p *Plan) error {
	seen := map[string]bool{}
	names := []string{p.Work + "/x"}
	for _, s := range p.Steps {
		names = append(names, s.Outputs()...)
	}
	for _, name := range names {
		if scheme, rest, far := strings.Cut(name, "://"); far {
			bucket, _, _ := strings.Cut(rest, "/")
			if bucket = scheme + "://" + bucket; !seen[bucket] {
				seen[bucket] = true
				if _, err := r.Store.List(ctx, name); err != nil {
					return err
				}
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			return err
		}
	}
	return nil
}

// invalidate takes the markers of damaged outputs, and of all that was made of
// them: what read a damaged object may have read the damage. The last heirs go
// first, so that a run that is killed here finds the damage again.
func (r *Runner) invalidate(ctx context.Context, states []*State) error {
	for _, s := range slices.Backward(states) {
		for _, d := range s.Damage {
			r.note("%s; it is made again, and what was made of it", d)
		}
		if s.Redo || s.damaged || len(s.broken) > 0 {
			if err := r.Store.Remove(ctx, s.whole(nil).MarkerName()); err != nil {
				return err
			}
		}
		if s.Redo { // the parts were made of damaged inputs
			for _, name := range s.Parts {
				if err := r.Store.Remove(ctx, name); err != nil {
					return err
				}
			}
			s.Parts = nil
		}
		for _, name := range s.broken {
			if err := r.Store.Remove(ctx, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// clean takes away what the steps stored on the way.
func (r *Runner) clean(ctx context.Context, p *Plan) error {
	list, err := r.Store.List(ctx, p.Work+"/")
	if err != nil {
		return err
	}
	for _, marker := range []bool{true, false} { // a part without its marker is not there
		for _, o := range list {
			if strings.Contains(o.Name, ".part") && strings.HasSuffix(o.Name, ".done") == marker {
				if err := r.Store.Remove(ctx, o.Name); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// execution is one Run under way. Only its own goroutine touches it.
type execution struct {
	*Runner
	plan    *Plan
	steps   []*stepRun
	ready   []job
	running int
	errs    []error
	summary Summary
}

type outcome struct {
	job
	marker *stage.Marker
	err    error
}

// run does tasks until nothing more can be done.
func (e *execution) run(ctx context.Context) error {
	results := make(chan outcome)
	workers := max(e.Workers, 1)
	threads := max(e.Threads/workers, 1)
	for {
		e.begin(ctx)
		for e.running < workers && len(e.ready) > 0 && ctx.Err() == nil {
			j := e.ready[0]
			e.ready = e.ready[1:]
			e.running++
			e.summary.Tasks++
			if e.Started != nil {
				e.Started(j.t)
			}
			go func() {
				m, err := e.do(ctx, threads, j)
				results <- outcome{j, m, err}
			}()
		}
		if e.running == 0 {
			break
		}
		o := <-results
		e.running--
		if e.Finished != nil {
			e.Finished(o.t, o.err)
		}
		e.settle(o)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return e.failures()
}

func (e *execution) do(ctx context.Context, threads int, j job) (*stage.Marker, error) {
	env := &stage.Env{Store: e.Store, Threads: threads}
	if j.t.Step != stage.OneShard {
		env.Note = e.Note // what a shard says, its join says again
	}
	if e.Runner.Do != nil {
		return e.Runner.Do(ctx, env, j.s.Kind, j.t)
	}
	return stage.Do(ctx, env, j.s.Kind, j.t)
}

// begin makes ready the tasks of steps whose inputs are all there.
func (e *execution) begin(ctx context.Context) {
	for _, s := range e.steps {
		if s.Done != nil || s.begun || s.failed || !e.inputsDone(s) || ctx.Err() != nil {
			continue
		}
		s.begun = true
		if err := e.cut(ctx, s); err != nil {
			e.fail(s, err)
		}
	}
}

func (e *execution) inputsDone(s *stepRun) bool {
	for _, before := range s.After {
		k := slices.IndexFunc(e.steps, func(x *stepRun) bool { return x.Step == before })
		if e.steps[k].Done == nil {
			return false
		}
	}
	return true
}

// cut makes the tasks of a step.
func (e *execution) cut(ctx context.Context, s *stepRun) error {
	work, err := s.measure(ctx, e.Store)
	if err != nil {
		return err
	}
	if !s.Kind.Sharded() {
		e.ready = append(e.ready, job{s, s.whole(nil)})
		return nil
	}
	for _, t := range s.shards(e.plan, s.count(work)) {
		s.parts = append(s.parts, t.Out["part"])
		if !slices.Contains(s.Parts, t.MarkerName()) {
			s.left++
			e.ready = append(e.ready, job{s, t})
		}
	}
	if s.left == 0 {
		e.ready = append(e.ready, job{s, s.whole(s.parts)})
	}
	return nil
}

// measure looks at the inputs of a step, which must be there.
func (s *State) measure(ctx context.Context, store object.Store) (*stage.Work, error) {
	t := s.task
	t.Digests = s.digests
	w, err := stage.Look(ctx, &stage.Env{Store: store, Threads: 1}, s.Kind, &t)
	if err == nil {
		s.learned = w.Learned
	}
	return w, err
}

// count is the number of shards for an amount of work.
func (s *State) count(w *stage.Work) int {
	n := s.Shards
	if n == 0 {
		n = int(min(math.Ceil(w.CPU/shardSeconds), maxShards))
		if w.Pieces > 0 {
			n = min(n, w.Pieces)
		}
	}
	return max(n, 1)
}

// settle takes the outcome of a task.
func (e *execution) settle(o outcome) {
	s := o.s
	switch {
	case o.err != nil:
		if !errors.Is(o.err, context.Canceled) {
			e.fail(s, o.err)
		}
	case o.t.Step == stage.OneShard:
		if s.left--; s.left == 0 && !s.failed {
			e.ready = append(e.ready, job{s, s.whole(s.parts)})
		}
	default:
		s.Done = o.marker
	}
}

func (e *execution) fail(s *stepRun, err error) {
	s.failed = true
	e.summary.Failed++
	e.errs = append(e.errs, fmt.Errorf("%s: %w", s.Name, err))
}

// ErrFailed is in the chain of errors about a run of which tasks failed.
var ErrFailed = errors.New("tasks failed; what was finished is kept, and the next run goes on from there")

// failures says what failed and what was left out for it.
func (e *execution) failures() error {
	if len(e.errs) == 0 {
		return nil
	}
	const most = 10
	errs := e.errs
	if len(errs) > most {
		errs = append(slices.Clone(errs[:most]), fmt.Errorf("and %d more", len(e.errs)-most))
	}
	waiting := 0
	for _, s := range e.steps {
		if s.Done == nil && !s.begun && !s.failed {
			waiting++
		}
	}
	head := fmt.Errorf("%s: %d %w", e.plan.Path, len(e.errs), ErrFailed)
	if waiting > 0 {
		head = fmt.Errorf("%w; %d steps wait for them", head, waiting)
	}
	return errors.Join(append([]error{head}, errs...)...)
}
