package plan

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/gx-genomics/gx/workflows/stage"
)

// Estimate is what is left of a plan to do.
type Estimate struct {
	Steps   []StepEstimate
	CPU     float64 // seconds, of the steps whose inputs are there
	Memory  int64   // bytes: the most that a task takes
	Disk    int64   // bytes of parts and outputs
	Objects int     // that will be written
	Unknown int     // steps whose inputs are yet to be made
}

// StepEstimate is that of a step.
type StepEstimate struct {
	Step    *Step
	Work    *stage.Work // nil where its inputs are yet to be made
	Shards  int         // in all
	Missing int         // of them
	Done    bool
}

// Estimate looks at what is stored, checks the inputs, and says how much work is
// left.
func (r *Runner) Estimate(ctx context.Context, p *Plan) (*Estimate, error) {
	if err := r.folders(ctx, p); err != nil { // that outputs can be written is among the checks
		return nil, err
	}
	states, err := r.survey(ctx, p, false)
	if err != nil {
		return nil, err
	}
	e := &Estimate{}
	done := map[*Step]bool{}
	for _, s := range states {
		x := StepEstimate{Step: s.Step, Done: s.Done != nil}
		ready := !x.Done
		for _, before := range s.After {
			ready = ready && done[before]
		}
		switch {
		case x.Done:
			done[s.Step] = true
		case !ready:
			e.Unknown++
		default:
			if x.Work, err = s.measure(ctx, r.Store); err != nil {
				return nil, fmt.Errorf("%s: %w", s.Name, err)
			}
			e.add(&x, s)
		}
		e.Steps = append(e.Steps, x)
	}
	return e, nil
}

// Left is how many steps are not done.
func (e *Estimate) Left() int {
	n := 0
	for _, x := range e.Steps {
		if !x.Done {
			n++
		}
	}
	return n
}

// objectsPerTask is the first output of a task, its marker and its stats.
const objectsPerTask = 3

// taskStart is the CPU seconds of starting a worker and opening its inputs.
const taskStart = 0.05

func (e *Estimate) add(x *StepEstimate, s *State) {
	share := 1.0
	if s.Kind.Sharded() {
		x.Shards = s.count(x.Work)
		x.Missing = max(x.Shards-len(s.Parts), 0)
		share = float64(x.Missing) / float64(x.Shards)
	}
	e.CPU += x.Work.CPU*share + taskStart*float64(x.Missing+1)
	e.Memory = max(e.Memory, x.Work.Memory)
	e.Disk += int64(float64(x.Work.Disk)*share) + x.Work.Out
	e.Objects += objectsPerTask*(x.Missing+1) + len(s.Outputs())
}

// Write writes the estimate as a table and a sentence.
func (e *Estimate) Write(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "step\tshards\tto do\tCPU\tmemory of a task\tdisk")
	for _, x := range e.Steps {
		switch {
		case x.Done:
			fmt.Fprintf(t, "%s\t\tdone\t\t\t\n", x.Step.Name)
		case x.Work == nil:
			fmt.Fprintf(t, "%s\t\tafter its inputs\t\t\t\n", x.Step.Name)
		default:
			shards, missing := "1", "1"
			if x.Shards > 0 {
				shards, missing = fmt.Sprint(x.Shards), fmt.Sprint(x.Missing)
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", x.Step.Name, shards, missing, duration(x.Work.CPU), size(x.Work.Memory), size(x.Work.Disk+x.Work.Out))
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	more := ""
	if e.Unknown > 0 {
		more = fmt.Sprintf(", and %d steps whose inputs are yet to be made", e.Unknown)
	}
	_, err := fmt.Fprintf(w, "about %s of CPU, %s of memory per task, %s of disk, %d objects%s\n", duration(e.CPU), size(e.Memory), size(e.Disk), e.Objects, more)
	return err
}

func duration(s float64) string {
	switch {
	case s >= 3600:
		return fmt.Sprintf("%.1f hours", s/3600)
	case s >= 60:
		return fmt.Sprintf("%.1f min", s/60)
	}
	return fmt.Sprintf("%.1f s", s)
}

func size(n int64) string {
	units := strings.Fields("B kB MB GB TB PB")
	x, k := float64(n), 0
	for x >= 1000 && k < len(units)-1 {
		x, k = x/1000, k+1
	}
	if k == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", x, units[k])
}
