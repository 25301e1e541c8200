package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gx-genomics/gx/internal/elastic"
	"github.com/gx-genomics/gx/internal/nn"
)

// A Team does the steps of jobs in slices: an elastic.Coordinator, whose workers
// have Slicers.
type Team interface {
	Do(ctx context.Context, s *elastic.Step) (float64, error)
}

// stepper trains a network on the draws of the second one, here or by a team.
type stepper struct {
	*nn.Trainer
	r       *run
	job     *elastic.Job
	weights []float32
}

// teamJob is a network to train, as workers are told it.
type teamJob struct {
	Network *nn.Network `json:"network"` // without weights
	Biased  []int       `json:"biased"`  // the layers that have a bias
	Fake    []float32   `json:"fake,omitempty"`
	Slices  int         `json:"slices"`
}

func newStepper(r *run, n *nn.Network, o nn.TrainOptions) (*stepper, error) {
	t, err := nn.NewTrainer(n, o)
	s := &stepper{Trainer: t, r: r}
	if err != nil || r.h.Team == nil {
		return s, err
	}
	job := teamJob{Network: n, Fake: o.Fake, Slices: t.Shards()}
	for i := range n.Layers {
		if n.Layers[i].Bias != nil {
			job.Biased = append(job.Biased, i)
		}
	}
	text, err := json.Marshal(job)
	s.job = &elastic.Job{Config: text, Slices: t.Shards(), Phases: t.Phases(), Adds: true}
	for i := range s.job.Phases {
		sums, _ := t.Sums(i)
		s.job.Sums = append(s.job.Sums, sums)
	}
	return s, err
}

// begin begins a step on the next draws. What it gives ends it and adds its
// loss; a team computes in between.
func (s *stepper) begin(ctx context.Context) func(loss *float64) error {
	if s.job == nil {
		b, err := s.r.d.next()
		if err == nil {
			l := s.Step(b)
			return func(loss *float64) error { *loss += l; return nil }
		}
		return func(*float64) error { return err }
	}
	draw, n := s.r.d.drawn, s.r.o.Batch
	s.r.d.skip(n)
	s.Begin(n)
	s.weights = s.Weights(s.weights[:0])
	var sum float64
	done := make(chan error, 1)
	go func() {
		var err error
		sum, err = s.r.h.Team.Do(ctx, &elastic.Step{Job: s.job, Number: int64(draw), Weights: s.weights, Join: s.Join})
		done <- err
	}()
	return func(loss *float64) error {
		if err := <-done; err != nil {
			return err
		}
		*loss += s.Finish(sum)
		return nil
	}
}

// Slicer computes slices for a Team: an elastic.Worker but for Open. It draws the
// examples itself, from the same source.
type Slicer struct {
	src     Source
	shape   Shape
	o       Options
	bare    bool
	threads int

	d     *drawer
	draw  int   // the first of the step
	picks []int // of the step

	part         *nn.Part
	slices, room int
	batch        nn.Batch
	slots        []int // by slice, -1 for none
	used         int
	list         []int
}

// NewSlicer prepares to compute for a run with the same source, shape and
// options. Bare says that its networks look at pictures alone.
func NewSlicer(src Source, s Shape, bare bool, o Options, threads int) (*Slicer, error) {
	o.Threads = threads
	if err := o.Validate(); err != nil {
		return nil, err
	}
	w := &Slicer{src: src, shape: s, o: o, bare: bare, threads: threads}
	return w, w.restart()
}

// restart draws from the beginning.
func (w *Slicer) restart() (err error) {
	w.d, err = newDrawer(w.src, w.shape, w.bare, &w.o, 0)
	return err
}

// Job implements elastic.Worker.
func (w *Slicer) Job(config []byte) error {
	var job teamJob
	if err := json.Unmarshal(config, &job); err != nil {
		return err
	}
	if job.Network == nil || job.Slices < 1 || job.Slices > nn.MaxShards {
		return fmt.Errorf("a job of %d slices: want 1 to %d", job.Slices, nn.MaxShards)
	}
	for _, i := range job.Biased {
		if i < 0 || i >= len(job.Network.Layers) {
			return fmt.Errorf("a bias of layer %d of %d", i, len(job.Network.Layers))
		}
		job.Network.Layers[i].Bias = []float32{}
	}
	tensors, err := job.Network.Tensors()
	if err != nil {
		return err
	}
	for _, t := range tensors {
		n := 1
		for _, d := range t.Shape {
			n *= d
		}
		*t.Data = make([]float32, n)
	}
	w.slices, w.room = job.Slices, (w.o.Batch+job.Slices-1)/job.Slices
	w.batch = w.d.room(w.room * w.slices)
	if len(job.Network.Inputs) != len(w.batch.Inputs) {
		return fmt.Errorf("a network of %d inputs for examples of %d", len(job.Network.Inputs), len(w.batch.Inputs))
	}
	w.part, err = nn.NewPart(job.Network, w.room, w.slices, nn.TrainOptions{Threads: w.threads, Fake: job.Fake})
	return err
}

var errNoJob = errors.New("slices of no job")

// Begin implements elastic.Worker: number is the first draw of the step.
func (w *Slicer) Begin(number int64, weights []float32) error {
	if w.part == nil {
		return errNoJob
	}
	if number < 0 || number > 1<<50 {
		return fmt.Errorf("draw %d", number)
	}
	w.draw = int(number)
	if w.draw < w.d.drawn {
		if err := w.restart(); err != nil {
			return err
		}
	}
	w.d.skip(w.draw - w.d.drawn)
	w.picks = w.picks[:0]
	for range w.o.Batch {
		w.picks = append(w.picks, w.d.pick())
	}
	w.slots, w.used = w.slots[:0], 0
	for range w.slices {
		w.slots = append(w.slots, -1)
	}
	return w.part.Begin(weights, w.o.Batch, &w.batch)
}

// Hold implements elastic.Worker: it draws the examples of the slice.
func (w *Slicer) Hold(slice int) error {
	if slice < 0 || slice >= len(w.slots) {
		return errNoJob
	}
	if w.slots[slice] < 0 {
		w.slots[slice] = w.used
		w.used++
	}
	slot := w.slots[slice]
	from, to := nn.Span(w.o.Batch, w.slices, slice)
	for i := from; i < to; i++ {
		if err := w.d.fill(&w.batch, slot*w.room+i-from, w.draw+i, w.picks[i]); err != nil {
			return err
		}
	}
	w.part.Hold(slot, to-from)
	return nil
}

// Run implements elastic.Worker.
func (w *Slicer) Run(phase int, slices []int) error {
	if phase < 0 || phase >= w.part.Phases() {
		return errNoJob
	}
	w.list = w.list[:0]
	for _, s := range slices {
		w.list = append(w.list, w.slots[s])
	}
	w.part.Run(phase, w.list)
	return nil
}

// Take implements elastic.Worker.
func (w *Slicer) Take(phase int, v []float32) error {
	if phase < 0 || phase >= w.part.Phases() {
		return errNoJob
	}
	return w.part.Take(phase, v)
}

// Sums implements elastic.Worker.
func (w *Slicer) Sums(phase, slice int) ([]float32, float64) {
	return w.part.Sums(phase, w.slots[slice])
}

// Add implements elastic.Worker.
func (w *Slicer) Add(sum, v []float32) { w.part.Add(sum, v) }
