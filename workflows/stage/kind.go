package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/variant/locus"
)

// Role is an input or an output of a stage, under the name that plans have for
// it.
type Role struct {
	Name     string
	Optional bool
	Many     bool // several names may be given
	Direct   bool // it is read from the store at any place; others are copied where they are on a network
}

// Kind is a stage as plans and workers know it: what goes in, what comes out,
// what may be set, and how it is done.
type Kind struct {
	Name    string
	Worker  string // the program that does its tasks
	In, Out []Role
	// Options is the defaults, new at each call: a pointer to a struct whose
	// fields have JSON names.
	Options func() any
	// Derived are fields of the options that follow from the roles and are not
	// set.
	Derived []string
	// Settle checks the options and sets the derived ones. All that can be said
	// without the inputs is said here.
	Settle func(options any, t *Task) error
	// Files are the files that options name, beside those of roles.
	Files func(options any) []string
	// Builtin tells apart what options name that is part of the program, as a
	// model is: other weights are another result; nil for none.
	Builtin func(options any) string
	// Beside are the names of files that belong to an input where they are there,
	// as the .bim of a .bed; nil for none.
	Beside func(role, name string) []string
	// Expand lists the files that the name of an input stands for, where it is not
	// one itself, as a prefix of results; nil for none but shards.
	Expand func(ctx context.Context, s object.Store, role, name string) ([]string, error)

	// Measure looks at the inputs, makes every check that comes before the work,
	// and says how much work there is.
	Measure func(context.Context, *Env, *Task) (*Work, error)

	// Either Whole does a task, or Shard its pieces and Join the rest.
	Whole, Shard, Join func(context.Context, *Env, *Task) (*Report, error)
}

// Sharded says whether the stage can be done in pieces.
func (k *Kind) Sharded() bool { return k.Shard != nil }

// InputFiles lists the files that the name of an input stands for.
func (k *Kind) InputFiles(ctx context.Context, s object.Store, role, name string) ([]string, error) {
	if k.Expand != nil {
		return k.Expand(ctx, s, role, name)
	}
	return InputFiles(ctx, s, name)
}

// Work is what a stage will take, by the measure of one core.
type Work struct {
	CPU    float64 // seconds
	Memory int64   // bytes of one worker with one thread
	Disk   int64   // bytes of the parts
	Out    int64   // bytes of the outputs
	Pieces int     // most shards that have work; 0 for no bound

	// Learned is what was learnt of the inputs by reading some of them here and
	// there, so that not every shard has to.
	Learned json.RawMessage
}

// Report is what a task tells beside its outputs.
type Report struct {
	Contigs []ContigCount `json:"contigs,omitempty"`
	Notes   []string      `json:"notes,omitempty"`
}

// ContigCount is how much of a contig was looked at and what came of it.
type ContigCount struct {
	Contig  string `json:"contig"`
	Wanted  int    `json:"wanted,omitempty"` // bases that were asked for
	Bases   int    `json:"bases,omitempty"`  // bases that were looked at
	Records int    `json:"records"`
}

// contigCounts counts along contigs that come one after the other.
type contigCounts struct{ list []ContigCount }

func (c *contigCounts) add(contig string, bases, records int) {
	if n := len(c.list); n == 0 || c.list[n-1].Contig != contig {
		c.list = append(c.list, ContigCount{Contig: contig})
	}
	last := &c.list[len(c.list)-1]
	last.Bases += bases
	last.Records += records
}

// want adds what was asked for, in disjoint regions by contig, contigs without anything found too.
func (c *contigCounts) want(regions []locus.Region) {
	var wanted contigCounts
	for _, r := range regions {
		wanted.add(r.Contig, r.Len(), 0)
	}
	for i := range wanted.list {
		w := &wanted.list[i]
		w.Wanted, w.Bases = w.Bases, 0
		for _, got := range c.list {
			if got.Contig == w.Contig {
				w.Bases, w.Records = got.Bases, got.Records
			}
		}
	}
	c.list = wanted.list
}

// report is what was counted.
func (c *contigCounts) report() *Report { return &Report{Contigs: c.list} }

// ErrTask is in the chain of errors about a task that no stage can do.
var ErrTask = errors.New("not a task")

// Check says what is wrong with a task before anything is opened.
func (k *Kind) Check(t *Task) error {
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("%w: %s", ErrTask, fmt.Sprintf(format, args...)))
	}
	if t.Stage != k.Name {
		bad("stage %q, want %s", t.Stage, k.Name)
	}
	var out []Role
	in := k.In
	switch t.Step {
	case Whole:
		if out = k.Out; k.Whole == nil {
			bad("the stage %s is done in shards: want step shard or join", k.Name)
		}
	case OneShard:
		out = []Role{{Name: partRole}}
		if k.Shard == nil {
			bad("the stage %s has no shards", k.Name)
		} else if t.Shards < 1 || t.Shard < 0 || t.Shard >= t.Shards {
			bad("shard %d of %d: want a shard from 0, below their number", t.Shard, t.Shards)
		}
	case Join:
		out = k.Out
		in = append(slices.Clip(in), Role{Name: partsRole, Many: true})
		if k.Join == nil {
			bad("the stage %s has no shards", k.Name)
		}
	default:
		bad("step %q: want shard, join or none", t.Step)
	}
	if t.Step == OneShard {
		errs = append(errs, checkRoles("wanted output", k.Out, ones(t.Want)))
	}
	errs = append(errs, checkRoles("input", in, sizes(t.In)), checkRoles("output", out, ones(t.Out)))
	return errors.Join(errs...)
}

func sizes(m map[string][]string) map[string]int {
	n := map[string]int{}
	for role, names := range m {
		n[role] = len(names)
		if slices.Contains(names, "") {
			n[role] = 0
		}
	}
	return n
}

func ones(m map[string]string) map[string]int {
	n := map[string]int{}
	for role, name := range m {
		n[role] = min(len(name), 1)
	}
	return n
}

func checkRoles(what string, roles []Role, given map[string]int) error {
	var errs []error
	for _, r := range roles {
		switch n := given[r.Name]; {
		case n == 0 && !r.Optional:
			errs = append(errs, fmt.Errorf("%w: the %s %q is missing", ErrTask, what, r.Name))
		case n > 1 && !r.Many:
			errs = append(errs, fmt.Errorf("%w: %d names of the %s %q, want one", ErrTask, n, what, r.Name))
		}
	}
	for name := range given {
		if !slices.ContainsFunc(roles, func(r Role) bool { return r.Name == name }) {
			errs = append(errs, fmt.Errorf("%w: there is no %s %q", ErrTask, what, name))
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return compareText(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

// Look measures a task, its inputs near as for Do.
func Look(ctx context.Context, env *Env, k *Kind, t *Task) (*Work, error) {
	inner := *env
	inner.Store = newTaskStore(env.Store, t)
	near, done, err := k.near(ctx, &inner, t)
	if err != nil {
		return nil, err
	}
	defer done()
	w, err := k.Measure(ctx, &inner, near)
	return w, farther(t, near, err)
}

// Do does a task unless its marker says that it is done, and leaves the
// marker. It may run at any number of places at once, and be killed at any
// moment: what stands under a final name is whole, and the marker is written
// last.
func Do(ctx context.Context, env *Env, k *Kind, t *Task) (*Marker, error) {
	if err := k.Check(t); err != nil {
		return nil, err
	}
	if m, err := ReadMarker(ctx, env.Store, t.MarkerName()); err == nil && m.Key == t.Key && m.There(ctx, env.Store) == nil {
		return m, nil
	}
	// A marker of other outputs must not stand beside ours for a moment.
	if err := env.Store.Remove(ctx, t.MarkerName()); err != nil {
		return nil, err
	}
	run := k.Whole
	switch t.Step {
	case OneShard:
		run = k.Shard
	case Join:
		run = k.Join
	}
	cpu, _ := usage()
	begun := runStats{Started: time.Now().UTC(), CPU: cpu}
	store := newTaskStore(env.Store, t)
	inner := *env
	inner.Store = store
	near, done, err := k.near(ctx, &inner, t)
	if err != nil {
		return nil, err
	}
	defer done()
	report, err := run(ctx, &inner, near)
	if err != nil {
		return nil, farther(t, near, err)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m, err := newMarker(ctx, env, k, t, store.written(), report)
	if err != nil {
		return nil, err
	}
	if err := putStats(ctx, env, t, begun); err != nil {
		return nil, err
	}
	return m, putBytes(ctx, env.Store, t.MarkerName(), m.text())
}
