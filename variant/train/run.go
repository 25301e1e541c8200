package train

import (
	"context"
	"fmt"
	"strings"

	"github.com/gx-genomics/gx/internal/kern"
	"github.com/gx-genomics/gx/internal/nn"
	"github.com/gx-genomics/gx/variant/classify"
)

// State is a run between two steps: what a checkpoint keeps.
type State struct {
	First, Then *nn.State
	Best        Networks // each of its lowest loss at held-out loci so far; nil before the first epoch
	BestLoss    float64  // of the second network
	FirstLoss   float64
	Since       int  // epochs since the second network did best
	Done        bool // training ended early
}

// Hooks are called by Run; each may be nil.
type Hooks struct {
	// Note tells the user how training goes.
	Note func(format string, args ...any)
	// Save is asked after each step whether it wants the state; it calls state
	// where it does.
	Save func(state func() *State) error
	// Step is told after each step how many are done, of how many.
	Step func(done, of int)
	// Team computes the gradients of the second network; nil: Run does.
	Team Team
}

// Result is what training made.
type Result struct {
	Model   *classify.Model // without a name and what its pictures show; nil of pictures alone
	First   Metrics         // at all held-out loci
	Then    Metrics
	Blend   Metrics  // of what decides where First is not sure enough
	Floats  Metrics  // of the second network before bytes
	Counts  Metrics  // of the counts model
	Settled [2]Share // of SNPs and others: what the first network settles
	Best    Networks // in floats: what fine-tuning begins with
}

// Run trains networks, from where a state stands if it is not nil. The networks
// are changed.
func Run(ctx context.Context, src Source, s Shape, n Networks, from *State, o Options, h Hooks) (*Result, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	r := &run{o: &o, h: h, src: src, shape: s}
	var err error
	if r.d, err = newDrawer(src, s, n.First == nil, &o, 0); err != nil {
		return nil, err
	}
	if r.light, err = newDrawer(src, Shape{}, false, &o, 1); err != nil {
		return nil, err
	}
	if err := r.open(n, from); err != nil {
		return nil, err
	}
	if err := r.steps(ctx); err != nil {
		return nil, err
	}
	if r.first == nil {
		out := &Result{Best: r.best}
		return out, r.measure(ctx, r.best, r.d.held, &out.First, &out.Floats, &out.Counts)
	}
	return r.finish(ctx)
}

// run is one Run.
type run struct {
	o         *Options
	h         Hooks
	src       Source
	shape     Shape
	d, light  *drawer     // of the second network and of the first
	first     *nn.Trainer // nil of pictures alone
	then      *stepper
	best      Networks
	bestLoss  float64
	firstLoss float64
	since     int
	done      bool
}

func (r *run) note(format string, args ...any) {
	if r.h.Note != nil {
		r.h.Note(format, args...)
	}
}

func (r *run) open(n Networks, from *State) error {
	o := nn.TrainOptions{Threads: r.o.Threads, Batch: r.o.Batch, Adam: nn.DefaultAdam, Schedule: nn.Cosine(r.o.Rate, r.o.Warm, r.o.Steps),
		Momentum: 0.05, Average: float32(r.o.Average)}
	o.Adam.Decay = r.o.Decay
	var err error
	o.Shards = r.o.Slices
	if r.then, err = newStepper(r, n.Then, o); err != nil {
		return err
	}
	o.Shards = 0
	o.Schedule = nn.Cosine(r.o.Rate, r.o.Warm*r.o.Light, r.o.Steps*r.o.Light)
	if n.First != nil {
		if r.first, err = nn.NewTrainer(n.First, o); err != nil {
			return err
		}
	}
	if from == nil {
		return nil
	}
	if err := r.then.Restore(from.Then); err != nil {
		return err
	}
	if r.first != nil {
		if err := r.first.Restore(from.First); err != nil {
			return err
		}
		if r.first.Steps() != r.then.Steps()*r.o.Light {
			return fmt.Errorf("checkpoint of %d and %d steps of the two networks", r.first.Steps(), r.then.Steps())
		}
		r.light.skip(r.first.Steps() * r.o.Batch)
	}
	r.best, r.bestLoss, r.firstLoss, r.since, r.done = from.Best, from.BestLoss, from.FirstLoss, from.Since, from.Done
	r.d.skip(r.then.Steps() * r.o.Batch)
	return nil
}

func (r *run) state() *State {
	s := &State{Then: r.then.State(), Best: r.best, BestLoss: r.bestLoss, FirstLoss: r.firstLoss, Since: r.since, Done: r.done}
	if r.first != nil {
		s.First = r.first.State()
	}
	return s
}

func (r *run) steps(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	lossF, lossT, n := 0.0, 0.0, 0
	for !r.done && r.then.Steps() < r.o.Steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		then := r.then.begin(ctx)
		for i := 0; r.first != nil && i < r.o.Light; i++ {
			b, err := r.light.next()
			if err != nil {
				stop()
				then(new(float64)) // it stopped because of this one
				return err
			}
			lossF += r.first.Step(b) / float64(r.o.Light)
		}
		if err := then(&lossT); err != nil {
			return err
		}
		n++
		step := r.then.Steps()
		if r.h.Step != nil {
			r.h.Step(step, r.o.Steps+r.o.Bytes)
		}
		if step%r.o.Epoch == 0 || step == r.o.Steps {
			r.note("step %d of %d: loss of training %.4f, of the features alone %.4f", step, r.o.Steps, lossT/float64(n), lossF/float64(n))
			lossF, lossT, n = 0, 0, 0
			if err := r.look(ctx); err != nil {
				return err
			}
		}
		if r.h.Save != nil {
			if err := r.h.Save(r.state); err != nil {
				return err
			}
		}
	}
	return nil
}

// look measures the averaged networks at held-out loci and keeps the best.
func (r *run) look(ctx context.Context) error {
	now := Networks{Then: r.then.Averaged()}
	if r.first != nil {
		now.First = r.first.Averaged()
	}
	list := r.d.held[:min(len(r.d.held), r.o.Held)]
	var first, then, counts Metrics
	if err := r.measure(ctx, now, list, &first, &then, &counts); err != nil {
		return err
	}
	t := then.Total()
	r.since++
	if loss := first.Total().Mean(); r.best.Then == nil || loss < r.firstLoss {
		r.best.First, r.firstLoss = now.First, loss
	}
	if loss := t.Mean(); r.best.Then == nil || loss < r.bestLoss {
		r.best.Then, r.bestLoss, r.since = now.Then, loss, 0
	}
	s, i := then.Of(SNP), then.Of(Insertion, Deletion)
	r.note("held-out loci: loss %.4f, of the features alone %.4f, of the counts model %.4f; wrong %d, %d, %d of %d SNPs, %d, %d, %d of %d indels",
		t.Mean(), first.Total().Mean(), counts.Total().Mean(), s.Wrong, first.Of(SNP).Wrong, counts.Of(SNP).Wrong, s.N,
		i.Wrong, first.Of(Insertion, Deletion).Wrong, counts.Of(Insertion, Deletion).Wrong, i.N)
	var text strings.Builder
	if err := then.Write(&text); err != nil {
		return err
	}
	for line := range strings.Lines(text.String()) {
		r.note("  %s", strings.TrimRight(line, "\n"))
	}
	if r.o.Patience > 0 && r.since >= r.o.Patience {
		r.note("no better loss in %d epochs: training ends", r.since)
		r.done = true
	}
	return nil
}

// measure runs networks of floats on examples, and looks up what the counts
// model says of them.
func (r *run) measure(ctx context.Context, n Networks, list []int, first, then, counts *Metrics) error {
	var f *nn.Predictor
	if n.First != nil {
		var err error
		if f, err = nn.NewPredictor(n.First, kern.Active()); err != nil {
			return err
		}
	}
	t, err := nn.NewPredictor(n.Then, kern.Active())
	if err != nil {
		return err
	}
	pixels := make([]float32, lookAt*r.shape.size())
	return r.each(ctx, list, func(l *look) {
		metas, features := l.metas, l.features
		k := len(metas)
		for i, b := range l.images {
			pixels[i] = float32(b) / 255
		}
		var p, q [lookAt * classify.Copies]float32
		if f == nil {
			t.Predict(q[:], [][]float32{pixels}, k)
			for i, m := range metas {
				then.Add(m, q[i*classify.Copies:][:classify.Copies])
			}
			return
		}
		f.Predict(p[:], [][]float32{features}, k)
		t.Predict(q[:], [][]float32{pixels, features}, k)
		for i, m := range metas {
			first.Add(m, p[i*classify.Copies:][:classify.Copies])
			then.Add(m, q[i*classify.Copies:][:classify.Copies])
			counts.Add(m, features[(i+1)*classify.Features-classify.Copies:][:classify.Copies])
		}
	})
}

// lookAt is the number of examples that a network looks at together.
const lookAt = 24

// look is a group of examples that are looked at together.
type look struct {
	metas    []Meta
	images   []byte
	features []float32
	slips    [][classify.Copies]float32
}

// each reads examples in groups.
func (r *run) each(ctx context.Context, list []int, f func(*look)) error {
	size := r.shape.size()
	images, features := make([]byte, lookAt*size), make([]float32, lookAt*classify.Features)
	metas, slips := make([]Meta, lookAt), make([][classify.Copies]float32, lookAt)
	var numbers []float32
	if r.first != nil {
		numbers = make([]float32, Numbers)
	}
	for from := 0; from < len(list); from += lookAt {
		if err := ctx.Err(); err != nil {
			return err
		}
		part := list[from:min(from+lookAt, len(list))]
		for i, k := range part {
			metas[i] = r.src.Meta(k)
			if err := r.src.Read(k, numbers, images[i*size:(i+1)*size]); err != nil {
				return err
			}
			if numbers != nil {
				copy(slips[i][:], numbers[copy(features[i*classify.Features:], numbers[:classify.Features]):])
			}
		}
		n := len(part)
		f(&look{metas[:n], images[:n*size], features[:n*classify.Features], slips[:n]})
	}
	return nil
}
