package nn

import (
	"fmt"
	"slices"
)

// State is all that a Trainer carries from step to step.
type State struct {
	Step    int
	Tensors []StateTensor
}

// StateTensor is one array of a State: a weight under its own name, its moments
// under NAME.m and NAME.v, its average under NAME.average.
type StateTensor struct {
	Name  string
	Shape []int
	Data  []float32
}

// arrays lists what a State holds, with the trainer's own memory.
func (t *Trainer) arrays() []StateTensor {
	var list []StateTensor
	for _, p := range t.params {
		list = append(list, StateTensor{p.Name, p.Shape, *p.Data})
		for _, x := range []StateTensor{{".m", p.Shape, p.m}, {".v", p.Shape, p.v}, {".average", p.Shape, p.average}} {
			if x.Data != nil {
				x.Name = p.Name + x.Name
				list = append(list, x)
			}
		}
	}
	return list
}

// State is a copy of the trainer's state: a checkpoint.
func (t *Trainer) State() *State {
	s := &State{Step: t.step, Tensors: t.arrays()}
	for i := range s.Tensors {
		s.Tensors[i].Data = slices.Clone(s.Tensors[i].Data)
	}
	return s
}

// Restore takes up a state, which must come from a trainer of the same network
// and options. The steps that follow give the same bits as they would have then.
func (t *Trainer) Restore(s *State) error {
	have := map[string][]float32{}
	for _, x := range s.Tensors {
		have[x.Name] = x.Data
	}
	want := t.arrays()
	for _, w := range want {
		if len(have[w.Name]) != len(w.Data) {
			return fmt.Errorf("checkpoint has %d numbers of %s, want %d", len(have[w.Name]), w.Name, len(w.Data))
		}
	}
	if len(have) != len(want) {
		return fmt.Errorf("checkpoint has %d tensors, want %d", len(have), len(want))
	}
	for _, w := range want {
		copy(w.Data, have[w.Name])
	}
	t.step = s.Step
	return nil
}
