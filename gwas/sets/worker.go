package sets

import (
	"context"
	"fmt"
	"math"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/gwas/result"
)

// worker tests sets. It owns all scratch memory of one goroutine.
type worker struct {
	o     *Options
	study *pheno.Study
	tests *gwas.Tests
	one   *gwas.Tester
	masks []Mask
	bins  []float64
	rhos  []float64
	deep  int   // the bin of the tests of variance, 0 without them
	rank  []int // of each column of the genotypes: its sample

	arena   arena
	block   dosage.Block
	site    site
	correct *corrector
	work    []float64
}

func newWorker(study *pheno.Study, tests *gwas.Tests, masks []Mask, o *Options) *worker {
	n := len(study.Samples)
	w := &worker{o: o, study: study, tests: tests, one: tests.Tester(), masks: masks, bins: o.bins(), rhos: o.rhos(),
		rank: make([]int, n), arena: arena{samples: n}, correct: newCorrector(&o.Scan), work: make([]float64, n)}
	for i, c := range study.Column {
		w.rank[c] = i
	}
	for b, bound := range w.bins {
		if o.Kinds != 0 && bound == o.MaxAAF {
			w.deep = b + 1
		}
	}
	return w
}

// gathered is the masks of a set while its variants are read.
type gathered struct {
	set    Set         // its chromosome as the genotypes name it
	place  *gwas.Place // nil until a variant is read
	parts  []part
	scale  uint32
	masks  [][]*tally // by part and bin; nil where no variant is
	rare   []*tally   // by part: variants of few copies
	cols   []column
	in     [][]int // by part: its columns
	read   int
	chosen []int // scratch: the parts of a variant
}

// gathered makes the empty masks of a set.
func (w *worker) gathered(s *Set) *gathered {
	parts := s.parts(w.masks)
	g := &gathered{set: *s, parts: parts, scale: 1, masks: make([][]*tally, len(parts)), rare: make([]*tally, len(parts)), in: make([][]int, len(parts))}
	for i := range parts {
		g.masks[i] = make([]*tally, len(w.bins)+1)
	}
	return g
}

// set reads and tests a set.
func (w *worker) set(ctx context.Context, src gwas.Source, s *Set) (*Output, error) {
	g := w.gathered(s)
	defer func() {
		for i := range g.parts {
			w.arena.free(g.rare[i])
			for _, t := range g.masks[i] {
				w.arena.free(t)
			}
		}
	}()
	err := read(ctx, src, s, func(m *Member, r *dosage.Row) error {
		if !sameChrom(r.Chrom, s.Chrom) {
			return fmt.Errorf("set %s: is on chromosome %s, but its variant %s on %s: want the variants of one chromosome", s.Name, s.Chrom, r.ID, r.Chrom)
		}
		return w.take(g, m, r)
	})
	if err != nil {
		return nil, err
	}
	out := &Output{Set: s.Name, Variants: g.read, Batch: gwas.Batch{Rows: make([][]result.Row, len(w.study.Traits))}}
	if g.place != nil {
		if err := w.answers(g, out); err != nil {
			return nil, err
		}
	}
	out.encode(&w.o.Scan)
	return out, nil
}

// take adds a variant to the masks that want it.
func (w *worker) take(g *gathered, m *Member, as *dosage.Row) (err error) {
	if g.place == nil {
		g.set.Chrom = as.Chrom
		if g.place, err = w.tests.At(as.Chrom, g.set.Start); err != nil {
			return err
		}
	}
	if g.place.Skipped() {
		return nil
	}
	row := g.place.Row(as, false)
	r := &row
	carry, all := g.place.Alleles(r)
	mac := min(carry, all-carry)
	if mac < 0.5 || !w.usable(r) {
		return nil
	}
	bin := w.bin(m, r, carry)
	if bin < 0 {
		return nil
	}
	g.chosen = g.chosen[:0]
	for i, p := range g.parts {
		if p.has(m) {
			g.chosen = append(g.chosen, i)
		}
	}
	if len(g.chosen) == 0 {
		return nil
	}
	g.read++
	if !r.Hard() && g.scale == 1 {
		g.rescale(uint32(r.Scale))
	}
	n := len(w.study.Samples)
	w.site.load(r, n, false, g.scale)
	for _, i := range g.chosen {
		t := g.masks[i][bin]
		if t == nil {
			t = w.arena.newTally()
			g.masks[i][bin] = t
		}
		t.names = append(t.names, r.ID)
		w.arena.add(t, &w.site, w.o.Rule)
	}
	if w.deep == 0 || bin > w.deep {
		return nil
	}
	row = g.place.Row(as, true)
	freq := r.Freq()
	if freq > 0.5 {
		w.site.load(r, n, true, g.scale)
		freq = 1 - freq
	} else if w.o.Scan.X == gwas.XSingle {
		w.site.load(r, n, false, g.scale)
	}
	if mac <= w.o.CollapseMAC {
		for _, i := range g.chosen {
			if g.rare[i] == nil {
				g.rare[i] = w.arena.newTally()
			}
			w.arena.add(g.rare[i], &w.site, Max)
		}
		return nil
	}
	c := newColumn(&w.site, w.rank, g.scale, freq)
	if c.weigh(freq, w.o); c.weight == 0 {
		return nil
	}
	for _, i := range g.chosen {
		g.in[i] = append(g.in[i], len(g.cols))
	}
	g.cols = append(g.cols, c)
	return nil
}

// rescale changes the units of a copy from whole ones.
func (g *gathered) rescale(scale uint32) {
	g.scale = scale
	for i := range g.parts {
		if g.rare[i] != nil {
			g.rare[i].rescale(scale)
		}
		for _, t := range g.masks[i] {
			if t != nil {
				t.rescale(scale)
			}
		}
	}
}

// usable says whether a variant passes the filters of variants.
func (w *worker) usable(r *dosage.Row) bool {
	o := &w.o.Scan
	if r.N == 0 || float64(r.Missing) > o.MaxMissing*float64(r.N+r.Missing) {
		return false
	}
	if r.Hard() {
		return !(o.MinHWE > 0 && r.HWE(false) < o.MinHWE)
	}
	info := r.MACH()
	if r.Spread > 0 {
		info = r.Info()
	}
	return info >= o.MinInfo
}

// bin is the first of the nested bins that holds a variant, -1 if none does; carry
// is its copies.
func (w *worker) bin(m *Member, r *dosage.Row, carry float64) int {
	freq := m.Freq
	if math.IsNaN(freq) {
		freq = r.Freq()
	}
	for b, bound := range w.bins {
		if freq > bound {
			continue
		}
		if b == 0 && w.singleton(m, r, carry) {
			return 0
		}
		return b + 1
	}
	return -1
}

func (w *worker) singleton(m *Member, r *dosage.Row, carry float64) bool {
	switch {
	case m.Singleton >= 0:
		return m.Singleton == 1
	case !w.o.SingletonCarrier:
		return carry >= 0.5 && carry < 1.5
	case r.Hard():
		return r.Genotypes[1]+r.Genotypes[2] == 1
	}
	carriers := 0
	for _, u := range r.Units[:len(w.study.Samples)] {
		if u > 0 && u != dosage.Missing {
			carriers++
		}
	}
	return carriers == 1
}
