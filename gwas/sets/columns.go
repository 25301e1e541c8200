package sets

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/gx-genomics/gx/gwas"
)

// column is a genotype in the tests of variance: copies of the rarer allele, the
// mean where missing, of the samples that have any, in the order of the study.
type column struct {
	at     []int32
	g      []float64
	weight float64
	cauchy float64 // weight in ACAT-V
}

// weigh sets the weights by the frequency of the rarer allele.
func (c *column) weigh(freq float64, o *Options) {
	c.weight = distuv.Beta{Alpha: o.A1, Beta: o.A2}.Prob(freq)
	c.cauchy = c.weight * c.weight * freq * (1 - freq)
}

// newColumn makes the column of a site whose rarer allele has the frequency; rank
// is of each of the genotypes' columns its sample.
func newColumn(s *site, rank []int, scale uint32, freq float64) column {
	n := len(s.at) + len(s.missing)
	c := column{at: make([]int32, 0, n), g: make([]float64, 0, n)}
	ordered := true
	push := func(i int32, g float64) {
		k := int32(rank[i])
		if len(c.at) > 0 && k < c.at[len(c.at)-1] {
			ordered = false
		}
		c.at, c.g = append(c.at, k), append(c.g, g)
	}
	for k, i := range s.at {
		push(i, float64(s.units[k])/float64(scale))
	}
	if freq > 0 {
		for _, i := range s.missing {
			push(i, 2*freq)
		}
	}
	if !ordered || len(s.missing) > 0 {
		c.sort()
	}
	return c
}

// collapsed makes the column of a mask of variants of few copies.
func collapsed(t *tally, rank []int, scale uint32, o *Options) column {
	var s site
	total, n := 0.0, 0
	for i, v := range t.copies {
		if t.missing(i) {
			s.missing = append(s.missing, int32(i))
			continue
		}
		n++
		if v > 0 {
			s.at, s.units = append(s.at, int32(i)), append(s.units, v)
			total += float64(v) // whole numbers: no order matters
		}
	}
	if n == 0 {
		return column{}
	}
	mean := total / float64(scale) / float64(n)
	c := newColumn(&s, rank, scale, mean/2)
	c.weigh(min(mean/2, 1-mean/2), o)
	return c
}

func (c *column) sort() {
	order := make([]int, len(c.at))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(c.at[a]) - int(c.at[b]) })
	at, g := make([]int32, len(order)), make([]float64, len(order))
	for k, i := range order {
		at[k], g[k] = c.at[i], c.g[i]
	}
	c.at, c.g = at, g
}

// kernel is the scores and covariances of columns in one null model, not weighted.
type kernel struct {
	m int
	s []float64
	k []float64   // m by m
	c [][]float64 // of each column its products with the basis, orthonormal
}

// covariance fills k and c, which traits of one family share.
func covariance(cols []column, n *gwas.Null, work []float64) *kernel {
	m := len(cols)
	x := &kernel{m: m, k: make([]float64, m*m), c: make([][]float64, m)}
	for j := range cols {
		c := make([]float64, len(n.B))
		cols[j].each(n, func(i int, g float64) {
			if n.W != nil {
				g *= n.W[i]
			}
			for b := range c {
				c[b] += float64(g * n.B[b][i])
			}
		})
		if n.Factor != nil {
			n.Factor.Forward(c)
		}
		x.c[j] = c
	}
	for j := range cols {
		cols[j].each(n, func(i int, g float64) {
			if n.W != nil {
				g *= n.W[i]
			}
			work[i] = g
		})
		for l := j; l < m; l++ {
			sum := 0.0
			cols[l].each(n, func(i int, g float64) { sum += float64(work[i] * g) })
			for b, v := range x.c[j] {
				sum -= float64(v * x.c[l][b])
			}
			x.k[j*m+l], x.k[l*m+j] = sum, sum
		}
		cols[j].each(n, func(i int, _ float64) { work[i] = 0 })
	}
	return x
}

// scored is a kernel with the scores of a trait, on the scale on which the variance
// of a residual is 1.
func (x *kernel) scored(cols []column, n *gwas.Null) *kernel {
	out := *x
	out.s = make([]float64, x.m)
	root := math.Sqrt(n.Var)
	for j := range cols {
		sum := 0.0
		cols[j].each(n, func(i int, g float64) { sum += float64(n.E[i] * g) })
		out.s[j] = sum / root
	}
	return &out
}

// each calls f for the samples of the null model in which the column has a value.
func (c *column) each(n *gwas.Null, f func(i int, g float64)) {
	if n.Where == nil {
		for k, i := range c.at {
			f(int(i), c.g[k])
		}
		return
	}
	for k, i := range c.at {
		if p := n.Where[i]; p >= 0 {
			f(p, c.g[k])
		}
	}
}

// residual writes the column without the covariates.
func (x *kernel) residual(dst []float64, cols []column, j int, n *gwas.Null) {
	clear(dst)
	cols[j].each(n, func(i int, g float64) { dst[i] = g })
	c := x.c[j]
	if n.Factor != nil {
		c = slices.Clone(c)
		n.Factor.Backward(c)
	}
	for b, v := range c {
		for i, q := range n.B[b] {
			dst[i] -= float64(v * q)
		}
	}
}

// weighted gives the scores of some columns, times their weights.
func (x *kernel) weighted(cols []column, list []int) []float64 {
	out := make([]float64, len(list))
	for a, i := range list {
		out[a] = cols[i].weight * x.s[i]
	}
	return out
}

// spectrum gives their covariance, times factor.
func (x *kernel) spectrum(cols []column, list []int, factor float64) *spectrum {
	m := len(list)
	k := make([]float64, m*m)
	for a, i := range list {
		for b, j := range list {
			k[a*m+b] = float64(cols[i].weight*cols[j].weight) * x.k[i*x.m+j] * factor
		}
	}
	return newSpectrum(k, m)
}
