package sets

import (
	"math"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/result"
)

// built is a mask that is tested: which part and bin, and its row in the block.
type built struct{ part, bin, row int }

// answers makes the rows of a set from what was gathered.
func (w *worker) answers(g *gathered, out *Output) error {
	list := w.build(g, out)
	if len(list) == 0 {
		return nil
	}
	burdens, err := w.one.Test(&w.block)
	if err != nil {
		return err
	}
	deep, err := w.components(g, list)
	if err != nil {
		return err
	}
	for t := range out.Rows {
		rows := make([]result.Row, 0, len(list))
		for k, b := range list {
			row := &burdens[t][k]
			w.finish(row, g.masks[b.part][b.bin])
			if b.bin == w.deep && deep != nil {
				rows = deep[t].append(rows, b.part, row, w)
			}
			rows = append(rows, *row)
		}
		if w.o.Joint {
			rows = w.joint(rows, burdens[t], &g.set)
		}
		out.Rows[t] = rows
	}
	return nil
}

// build makes the genotypes of the masks that have enough copies.
func (w *worker) build(g *gathered, out *Output) []built {
	w.block.Reset(0, len(w.study.Samples))
	var list []built
	for i, p := range g.parts {
		tallies := g.masks[i]
		for b := range tallies {
			if b > 0 && tallies[b-1] != nil {
				if tallies[b] == nil {
					tallies[b] = w.arena.newTally()
				}
				w.arena.merge(tallies[b], tallies[b-1], w.o.Rule)
			}
			t := tallies[b]
			if t == nil {
				continue
			}
			v := g.set.variant(p, binName(w.bins, b))
			t.row(&w.block, v, w.o.Rule, g.scale)
			last := len(w.block.Rows) - 1
			if w.copies(&w.block.Rows[last].Counts, t.sites) < w.o.Scan.MinMAC {
				w.block.Rows = w.block.Rows[:last]
				continue
			}
			out.Masks = append(out.Masks, List{v.ID, t.names})
			list = append(list, built{i, b, last})
		}
	}
	return list
}

// copies counts the copies of the rarer allele of a mask; of a sum, those of all
// sites.
func (w *worker) copies(c *dosage.Counts, sites int) float64 {
	if w.o.Rule == Sum {
		return math.Round(float64(c.Sum)/float64(c.Scale)*float64(sites)*1e6) / 1e6
	}
	return c.MAC()
}

// finish puts a burden's row on the scale of copies and looks at its count of
// alleles, which may be too small for one trait only.
func (w *worker) finish(row *result.Row, t *tally) {
	row.Info = math.NaN()
	total := 2 * row.EAF * float64(row.N)
	mac := min(total, 2*float64(row.N)-total)
	if w.o.Rule == Sum {
		sites := float64(t.sites)
		row.Beta /= sites
		row.SE /= sites
		mac = total * sites
	}
	if row.N > 0 && mac < w.o.Scan.MinMAC-1e-6 && row.Flags&(result.Constant|result.AllMissing) == 0 {
		nan := math.NaN()
		row.Beta, row.SE, row.Stat, row.NegLog10P = nan, nan, nan, nan
		row.Method, row.Flags = result.None, row.Flags|result.LowMAC
	}
}

// deepAnswers are the tests of variance of one trait by part.
type deepAnswers struct {
	n     *gwas.Null
	parts map[int]answer
}

// components makes the tests of variance of the masks in the list by trait; nil if
// there are none.
func (w *worker) components(g *gathered, list []built) ([]deepAnswers, error) {
	if w.deep == 0 {
		return nil, nil
	}
	cols := g.cols
	in := map[int][]int{}
	for _, b := range list {
		if b.bin != w.deep {
			continue
		}
		in[b.part] = g.in[b.part]
		if t := g.rare[b.part]; t != nil {
			if c := collapsed(t, w.rank, g.scale, w.o); c.weight > 0 && len(c.at) > 0 {
				in[b.part] = append(in[b.part][:len(in[b.part]):len(in[b.part])], len(cols))
				cols = append(cols, c)
			}
		}
	}
	if len(cols) == 0 || len(in) == 0 {
		return nil, nil
	}
	nulls, err := g.place.Nulls()
	if err != nil {
		return nil, err
	}
	type key struct{ family, part int }
	covariances, spectra := map[int]*kernel{}, map[key]*spectrum{}
	out := make([]deepAnswers, len(nulls))
	for t := range nulls {
		n := &nulls[t]
		out[t] = deepAnswers{n, map[int]answer{}}
		if !n.Usable() {
			for _, b := range list {
				out[t].parts[b.part] = noAnswer()
			}
			continue
		}
		if covariances[n.Family] == nil {
			covariances[n.Family] = covariance(cols, n, w.work)
		}
		x := covariances[n.Family].scored(cols, n)
		good := w.correct.columns(x, cols, n)
		for _, b := range list {
			members, ok := in[b.part]
			if b.bin != w.deep || !ok {
				continue
			}
			k := key{n.Family, b.part}
			a := noAnswer()
			spectra[k] = w.part(&a, x, cols, chosen(members, good), n, spectra[k])
			out[t].parts[b.part] = a
		}
	}
	return out, nil
}

func chosen(list []int, good []bool) []int {
	var out []int
	for _, j := range list {
		if good[j] {
			out = append(out, j)
		}
	}
	return out
}

// part makes the tests of one mask and trait. known is the spectrum of an earlier
// trait of the family, or nil; what comes back is that of this one.
func (w *worker) part(a *answer, x *kernel, cols []column, list []int, n *gwas.Null, known *spectrum) *spectrum {
	if len(list) == 0 {
		return known
	}
	if w.o.Kinds&(ACATV|ACATO) != 0 {
		weights := make([]float64, len(list))
		for i, j := range list {
			weights[i] = cols[j].cauchy
		}
		a.acatv = CombineCauchy(x.single(list), weights)
	}
	if w.o.Kinds&^ACATV == 0 {
		return known
	}
	factor, ok := w.correct.burden(x, cols, list, n)
	if !ok {
		return known
	}
	if known == nil {
		known = x.spectrum(cols, list, factor)
	}
	a.test(&scores{x.weighted(cols, list), known}, w.o, w.rhos)
	return known
}

// append adds the rows of the tests of variance of a mask; like is its burden's.
func (d *deepAnswers) append(rows []result.Row, part int, like *result.Row, w *worker) []result.Row {
	a, ok := d.parts[part]
	if !ok {
		return rows
	}
	nan := math.NaN()
	for _, l := range a.rows(w.o, w.rhos) {
		r := result.Row{Variant: like.Variant, N: d.n.N, Cases: -1, Controls: -1, EAF: nan, EAFCases: nan, EAFControls: nan, Info: nan,
			Test: like.Test + l.test, Beta: nan, SE: nan, Stat: math.Sqrt(chiOf(l.log10p)), DF: 1, NegLog10P: l.log10p, Method: l.method}
		if d.n.Y != nil {
			r.Cases = count(d.n.Y)
			r.Controls = d.n.N - r.Cases
		}
		switch {
		case !d.n.Usable():
			r.N, r.Cases, r.Controls = like.N, like.Cases, like.Controls
			r.Method, r.Flags = result.None, result.NoNull
		case math.IsNaN(l.log10p):
			r.Flags = result.TestFailed
		}
		rows = append(rows, r)
	}
	return rows
}

func count(y []float64) int {
	n := 0
	for _, v := range y {
		if v == 1 {
			n++
		}
	}
	return n
}

// joint adds the Cauchy combination of the burdens of a set, weighed by the
// frequencies of the masks unless they are sums.
func (w *worker) joint(rows, burdens []result.Row, s *Set) []result.Row {
	var p, weights []float64
	like := &burdens[0]
	for i := range burdens {
		b := &burdens[i]
		if b.Skipped() || math.IsNaN(b.NegLog10P) {
			continue
		}
		c := column{cauchy: 1}
		if w.o.Rule != Sum {
			c.weigh(min(b.EAF, 1-b.EAF), w.o)
		}
		p, weights = append(p, b.NegLog10P), append(weights, c.cauchy)
	}
	l := CombineCauchy(p, weights)
	if math.IsNaN(l) {
		return rows
	}
	nan := math.NaN()
	v := dosage.Variant{Chrom: s.Chrom, Start: s.Start, ID: s.Name, Ref: "ref", Alt: "set", Allele: 1, Alts: 1}
	return append(rows, result.Row{Variant: &v, N: like.N, Cases: like.Cases, Controls: like.Controls, EAF: nan, EAFCases: nan, EAFControls: nan,
		Info: nan, Test: like.Test + "-BURDEN-ACAT", Beta: nan, SE: nan, Stat: math.Sqrt(chiOf(l)), DF: 1, NegLog10P: l, Method: result.Burden})
}
