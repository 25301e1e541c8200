package train_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/io/weights"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/variant/classify"
	"github.com/gx-genomics/gx/variant/train"
)

var shape = train.Shape{Height: 48, Width: 49, Channels: 2}

// made is examples whose label can be learnt: from how many rows are bright, and
// from one of the features.
type made struct {
	metas []train.Meta
	seed  uint64
	slips bool // what classify.Slips says is known of all but SNPs, and right
}

func makeExamples(n int) *made {
	m := &made{seed: 5}
	for i := range n {
		m.metas = append(m.metas, train.Meta{Label: uint8(i % 3), Kind: train.Kind(i / 3 % 3), Held: i%7 == 0, Set: uint16(i % 2), Depth: uint16(20 + i%30), AltAD: 9, Weight: 1})
	}
	return m
}

func (m *made) Len() int              { return len(m.metas) }
func (m *made) Meta(i int) train.Meta { return m.metas[i] }
func (m *made) Read(i int, numbers []float32, img []byte) error {
	rng := rand.New(rand.NewPCG(m.seed, uint64(i)))
	for k := range numbers {
		numbers[k] = 0
		if k < classify.Features {
			numbers[k] = rng.Float32()
		}
	}
	if m.slips && len(numbers) == train.Numbers && m.metas[i].Kind != train.SNP {
		numbers[classify.Features+int(m.metas[i].Label)] = 1
	}
	numbers[3] = (float32(m.metas[i].Label) + rng.Float32()) / 2
	if img == nil {
		return nil
	}
	clear(img)
	row := shape.Width * shape.Channels
	for r := range image.RefRows + 20 {
		for k := range row {
			img[r*row+k] = 30
			if r%2 < int(m.metas[i].Label) {
				img[r*row+k] = 200
			}
		}
	}
	return nil
}

func options() train.Options {
	o := train.Defaults()
	o.Steps, o.Bytes, o.Batch, o.Epoch, o.Held, o.Warm, o.Average = 120, 6, 24, 60, 60, 5, 0.9
	o.Weights = []float64{1, 3}
	return o
}

// run trains; stop ends it after so many saves, at which state is kept.
func run(t *testing.T, o train.Options, from *train.State, stop int) (*train.Result, *train.State, error) {
	t.Helper()
	n, err := train.NewNetworks(shape, o.Seed)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var kept *train.State
	saves := 0
	r, err := train.Run(ctx, makeExamples(600), shape, n, from, o, train.Hooks{Save: func(state func() *train.State) error {
		if saves++; saves == stop {
			kept = state()
			cancel()
		}
		return nil
	}})
	return r, kept, err
}

// written is the bytes of what a training made.
func written(t *testing.T, r *train.Result) string {
	t.Helper()
	var b bytes.Buffer
	f, err := weights.FromQuantised(r.Model.Then, nil)
	if err == nil {
		err = f.Write(&b)
	}
	if err == nil {
		f, err = weights.FromNetwork(r.Model.First, nil)
	}
	if err == nil {
		err = f.Write(&b)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What classify.Slips says of held-out examples decides its share in the model:
// none where it says nothing, the most where it is always right.
func TestRunFitsSlips(t *testing.T) {
	o := options()
	o.Steps, o.Bytes, o.Epoch = 6, 0, 6
	var wrong [2]int
	for i, k := range []struct {
		slips bool
		want  float64
	}{{false, 0}, {true, 0.9}} {
		n, err := train.NewNetworks(shape, o.Seed)
		if err != nil {
			t.Fatal(err)
		}
		src := makeExamples(200)
		src.slips = k.slips
		r, err := train.Run(t.Context(), src, shape, n, nil, o, train.Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Model.Slips != k.want {
			t.Errorf("slips %v: a share of %v, want %v", k.slips, r.Model.Slips, k.want)
		}
		wrong[i] = r.Blend.Total().Wrong
	}
	if wrong[1] >= wrong[0] {
		t.Errorf("%d are wrong with slips that are right, %d without", wrong[1], wrong[0])
	}
}

// A training learns, and makes the same bytes with any number of threads and
// when it is stopped and goes on.
func TestRun(t *testing.T) {
	o := options()
	want, _, err := run(t, o, nil, -1)
	if err != nil {
		t.Fatal(err)
	}
	if s := want.Then.Total(); s.N == 0 || s.Wrong > s.N/20 {
		t.Errorf("%d of %d held-out examples are wrong", s.Wrong, s.N)
	}
	if s := want.First.Total(); s.Wrong > s.N/3 {
		t.Errorf("features alone: %d of %d held-out examples are wrong", s.Wrong, s.N)
	}
	want.Model.Name, want.Model.Channels = "made", []int{1, 2}
	if _, err := want.Model.Classifier(); err != nil {
		t.Error(err)
	}
	o.Threads = 3
	got, _, err := run(t, o, nil, -1)
	if err != nil {
		t.Fatal(err)
	}
	if written(t, got) != written(t, want) {
		t.Error("three threads make other weights than one")
	}
	_, state, err := run(t, o, nil, 77)
	if !errors.Is(err, context.Canceled) || state == nil {
		t.Fatalf("stopped: %v", err)
	}
	got, _, err = run(t, o, state, -1)
	if err != nil {
		t.Fatal(err)
	}
	if written(t, got) != written(t, want) || got.Model.Calibration != want.Model.Calibration {
		t.Error("a run that was stopped makes other weights")
	}
}

// Training ends where held-out loci do no better.
func TestPatience(t *testing.T) {
	o := options()
	o.Steps, o.Epoch, o.Patience, o.Rate, o.Average = 500, 2, 2, 1e-9, 0
	n, err := train.NewNetworks(shape, o.Seed)
	if err != nil {
		t.Fatal(err)
	}
	steps, ended := 0, false
	_, err = train.Run(t.Context(), makeExamples(80), shape, n, nil, o, train.Hooks{
		Note: func(format string, _ ...any) { ended = ended || strings.Contains(format, "training ends") },
		Save: func(func() *train.State) error { steps++; return nil },
	})
	if err != nil || !ended || steps == o.Steps {
		t.Errorf("%d steps, %v", steps, err)
	}
}

func TestRunRefuses(t *testing.T) {
	n, err := train.NewNetworks(shape, 1)
	if err != nil {
		t.Fatal(err)
	}
	bad := train.Options{Batch: 1, Rate: 2, Weights: []float64{-1}}
	_, err = train.Run(t.Context(), makeExamples(30), shape, n, nil, bad, train.Hooks{})
	for _, want := range []string{"threads 0", "steps 0", "batch 1", "rate 2", "epoch of 0", "indels 0", "weight of set 1"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: no word of %q", err, want)
		}
	}
	all := makeExamples(30)
	for i := range all.metas {
		all.metas[i].Held = false
	}
	if _, err := train.Run(t.Context(), all, shape, n, nil, options(), train.Hooks{}); err == nil || !strings.Contains(err.Error(), "held-out") {
		t.Errorf("nothing held out: %v", err)
	}
	if _, err := train.Run(t.Context(), &made{}, shape, n, nil, options(), train.Hooks{}); err == nil || !strings.Contains(err.Error(), "no examples") {
		t.Errorf("no examples: %v", err)
	}
}

func TestNetworksFitFeatures(t *testing.T) {
	n, err := train.NewNetworks(train.Shape{Height: 64, Width: 149, Channels: 7}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := n.First.Inputs[0].C; got != classify.Features {
		t.Errorf("%d features, want %d", got, classify.Features)
	}
}
