// Package plan cuts a run of several stages into tasks, finds out which of them
// are done, and does the others.
//
// A plan is a list of steps. A step is one stage on named inputs; where an
// input is the output of another step, it waits for it. Steps that can be done
// in pieces are cut into shards of about equal work, and a last task joins what
// these stored. A task is named by the digest of all that decides its outputs:
// stage, version, options, and the content of the inputs, or for inputs that
// the plan makes itself the name of the task that makes them. Nothing but the
// outputs and the marker beside them says that a task is done. So a run that
// is killed at any moment goes on by being started again, and one that changed
// does again what the change touches.
package plan

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gx-genomics/gx/workflows/stage"
)

// Plan is a list of steps, in an order in which they can be done.
type Plan struct {
	Path  string
	Name  string
	Work  string // folder of what the steps store on the way
	Steps []*Step
}

// Step is a stage on named inputs.
type Step struct {
	Name   string // the stage and what it writes
	Kind   *stage.Kind
	Line   int
	Shards int     // 0: by the work
	In     []Input // all inputs
	After  []*Step // the steps that make some of them
	Files  []Input // that options name; the option is their role

	Builtin string // digest of what options name that is part of the program

	task stage.Task // the whole step, with all its options
}

// Input is an input of a step.
type Input struct {
	Role, Name string
	From       *Step // that makes it; nil for a file
}

// Outputs are the names of a step's outputs by role, sorted by role.
func (s *Step) Outputs() []string {
	var out []string
	for _, r := range s.Kind.Out {
		if name := s.task.Out[r.Name]; name != "" {
			out = append(out, name)
		}
	}
	return out
}

// link finds which step makes which input, and puts the steps in order.
func (p *Plan) link() error {
	maker := map[string]*Step{}
	var errs []error
	for _, s := range p.Steps {
		for _, name := range s.Outputs() {
			if other := maker[name]; other != nil {
				errs = append(errs, p.at(s.Line, 0, "%s is written by the step in line %d as well", name, other.Line))
			}
			maker[name] = s
		}
	}
	for _, s := range p.Steps {
		for _, list := range [][]Input{s.In, s.Files} {
			for i := range list {
				in := &list[i]
				if in.From = maker[in.Name]; in.From != nil && !slices.Contains(s.After, in.From) {
					s.After = append(s.After, in.From)
				}
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return p.order()
}

// order puts every step behind those that it waits for, and else leaves them as
// they stand in the file.
func (p *Plan) order() error {
	const (
		under = 1
		done  = 2
	)
	state := map[*Step]int{}
	var out []*Step
	var visit func(s *Step) error
	visit = func(s *Step) error {
		switch state[s] {
		case under:
			return p.at(s.Line, 0, "the step waits for itself, through what it writes: %s", s.Name)
		case done:
			return nil
		}
		state[s] = under
		for _, before := range s.After {
			if err := visit(before); err != nil {
				return err
			}
		}
		state[s] = done
		out = append(out, s)
		return nil
	}
	for _, s := range p.Steps {
		if err := visit(s); err != nil {
			return err
		}
	}
	p.Steps = out
	return nil
}

// Fault is something wrong in a plan's text.
type Fault struct {
	Path         string
	Line, Column int
	Err          error
}

// Error gives path:line:column: cause, leaving out what is not known.
func (f *Fault) Error() string {
	at := f.Path
	if f.Line > 0 {
		at += fmt.Sprintf(":%d", f.Line)
	}
	if f.Column > 0 {
		at += fmt.Sprintf(":%d", f.Column)
	}
	return at + ": " + f.Err.Error()
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Err }

func (p *Plan) at(line, column int, format string, args ...any) error {
	return &Fault{p.Path, line, column, fmt.Errorf(format, args...)}
}
