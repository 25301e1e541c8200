package nullmodel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestBuffered: the stream gives every row once a pass, and none earlier than
// the buffer allows.
func TestBuffered(t *testing.T) {
	const n, size = 1000, 100
	b := newBuffered(n, size, rand.New(rand.NewPCG(1, 1)))
	var last []int
	for pass := range 3 {
		seen := make([]int, n)
		for i := range n {
			seen[i] = b.next()
			if seen[i] >= i+size {
				t.Fatalf("row %d is the %dth of a pass", seen[i], i)
			}
		}
		if slices.Equal(seen, last) {
			t.Errorf("pass %d repeats the one before", pass)
		}
		last = slices.Clone(seen)
		slices.Sort(seen)
		for i, v := range seen {
			if v != i {
				t.Fatalf("pass %d: row %d is missing", pass, i)
			}
		}
	}
}

// TestFeeder: the original's batches are full and cross passes; gx's are not.
func TestFeeder(t *testing.T) {
	s := sample{x: [][]float64{{1, 2, 3}}, y: []float64{10, 20, 30}}
	for _, full := range []bool{false, true} {
		f := newFeeder(newLesson(s, plainEncoder(s.x), false), 2, full, newBuffered(3, 10, rand.New(rand.NewPCG(2, 1))))
		var sizes []int
		sum := float32(0)
		for range 3 {
			b := f.next()
			sizes = append(sizes, b.N)
			for i, x := range b.Inputs[0].F32 {
				if b.Target[i] != 10*x {
					t.Errorf("target %v of input %v", b.Target[i], x)
				}
				sum += x
			}
		}
		if want := []int{2, 1, 2}; full != slices.Equal(sizes, []int{2, 2, 2}) || !full && !slices.Equal(sizes, want) {
			t.Errorf("full %v: batches of %v", full, sizes)
		}
		if full && sum != 12 {
			t.Errorf("two passes sum to %v, want 12", sum)
		}
	}
}

// TestBatchPearson: batches count the same whatever their size.
func TestBatchPearson(t *testing.T) {
	n := 1024 + 4
	a, b := make([]float64, n), make([]float64, n)
	for i := range n {
		a[i], b[i] = float64(i%7), float64(i%7)
		if i >= 1024 {
			b[i] = -a[i]
		}
	}
	if got := BatchPearson(a, b); math.Abs(got) > 1e-12 {
		t.Errorf("%v, want the mean of 1 and -1", got)
	}
	if got := Pearson([]float64{1, 2, 3, 4}, []float64{2, 1, 4, 3}); math.Abs(got-0.6) > 1e-12 {
		t.Errorf("correlation %v, want 0.6", got)
	}
	if !math.IsNaN(Pearson([]float64{1, 1}, []float64{1, 2})) {
		t.Error("a constant has a correlation")
	}
}

// TestOriginal: the recipe keeps the best epoch by its own metric, learns in
// few epochs where covariates are small, and deals binary traits as they come.
func TestOriginal(t *testing.T) {
	table, y := simulate(scenarios[1], 1000, 19)
	for k := range table.Covariates { // the original does not scale: help it
		table.Covariates[k].Values = standard(table.Covariates[k].Values)
	}
	o := Defaults()
	o.Original, o.Members, o.Networks, o.epochs = true, []Member{Network}, 1, sized(200, 60)
	for _, trait := range []*Trait{{Name: "y", Values: y}, {Name: "b", Values: cases(y, 1), Binary: true}} {
		p := mustPredict(t, table, trait, o)
		for k, r := range p.Runs {
			c := r.Curves[0]
			if len(c.Loss) != o.epochs || c.Kept < 0 || len(r.Weights) != 1 || r.Weights[0] != 1 {
				t.Fatalf("run %d: %d epochs, kept %d, weights %v", k, len(c.Loss), c.Kept, r.Weights)
			}
			if trait.Binary && slices.Min(c.Loss) != c.Loss[c.Kept] {
				t.Errorf("run %d kept epoch %d of cross-entropy %v, the least is %v", k, c.Kept, c.Loss[c.Kept], slices.Min(c.Loss))
			}
		}
		if r := Pearson(p.Values, trait.Values); !(r > 0.03+float64(sized(1, 0))*0.1) {
			t.Errorf("trait %s: correlation %.3f, want more", trait.Name, r)
		}
		quant := o
		quant.Original, quant.Members, quant.epochs = false, []Member{Linear}, 0
		if q := mustPredict(t, table, &Trait{Name: "y", Values: y}, quant); !slices.Equal(q.Run, p.Run) {
			t.Errorf("trait %s: folds are not those of the seed alone", trait.Name)
		}
	}
}
