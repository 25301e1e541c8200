package plan

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/gx-genomics/gx/workflows/stage"
)

// Status writes what is stored of a plan, a line per step. With verify every
// byte is compared with its digest. It says whether all is done.
func (r *Runner) Status(ctx context.Context, p *Plan, w io.Writer, verify bool) (done bool, err error) {
	states, err := r.survey(ctx, p, verify)
	if err != nil {
		return false, err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "state\tparts\tkey\tstep")
	left := 0
	for _, s := range states {
		state := "missing"
		switch {
		case s.Done != nil:
			state = "done"
		case s.damaged || len(s.broken) > 0:
			state = "damaged"
		case s.Redo:
			state = "of damaged input"
		case len(s.Parts) > 0:
			state = "begun"
		}
		if s.Done == nil {
			left++
		}
		parts := "-"
		if s.Kind.Sharded() {
			parts = fmt.Sprint(len(s.Parts))
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", state, parts, s.Key[:16], s.Name)
	}
	if err := t.Flush(); err != nil {
		return false, err
	}
	for _, s := range states {
		for _, d := range s.Damage {
			if _, err := fmt.Fprintln(w, "damaged:", d); err != nil {
				return false, err
			}
		}
	}
	_, err = fmt.Fprintf(w, "%d of %d steps are done\n", len(states)-left, len(states))
	return left == 0, err
}

// Rendered is the tasks of a plan for other engines: each is what a worker
// takes with -task.
type Rendered struct {
	Schema int            `json:"schema"`
	Name   string         `json:"name"`
	Tasks  []RenderedTask `json:"tasks"`
}

// RenderedTask is a task, the worker that does it, and the tasks that it waits
// for by their place in the list.
type RenderedTask struct {
	Worker string      `json:"worker"`
	Done   bool        `json:"done,omitempty"`
	After  []int       `json:"after,omitempty"`
	Task   *stage.Task `json:"task"`
}

// Render writes all tasks of a plan, done or not, in an order in which they can
// be done. The number of shards of a step whose inputs are yet to be made must
// be stated in the plan.
func (r *Runner) Render(ctx context.Context, p *Plan, w io.Writer) error {
	states, err := r.survey(ctx, p, false)
	if err != nil {
		return err
	}
	out := Rendered{Schema: 1, Name: p.Name}
	last := map[*Step]int{} // the task that leaves the outputs
	there := map[*Step]bool{}
	for _, s := range states {
		var after []int
		ready := true
		for _, before := range s.After {
			after = append(after, last[before])
			ready = ready && there[before]
		}
		there[s.Step] = s.Done != nil
		add := func(t *stage.Task, done bool, after []int) int {
			out.Tasks = append(out.Tasks, RenderedTask{Worker: s.Kind.Worker, Done: done, After: after, Task: t})
			return len(out.Tasks) - 1
		}
		if !s.Kind.Sharded() {
			last[s.Step] = add(s.whole(nil), s.Done != nil, after)
			continue
		}
		n := s.Shards
		if n == 0 {
			if !ready {
				return p.at(s.Line, 0, "%s: the number of its shards depends on inputs that are yet to be made; state it: `shards: 8`", s.Name)
			}
			work, err := s.measure(ctx, r.Store)
			if err != nil {
				return err
			}
			n = s.count(work)
		}
		stored := map[string]bool{}
		for _, name := range s.Parts {
			stored[name] = true
		}
		var parts []string
		var shards []int
		for _, t := range s.shards(p, n) {
			parts = append(parts, t.Out["part"])
			shards = append(shards, add(t, s.Done != nil || stored[t.MarkerName()], after))
		}
		last[s.Step] = add(s.whole(parts), s.Done != nil, shards)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", " ")
	return enc.Encode(&out)
}
