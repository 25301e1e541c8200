package glm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gx-genomics/gx/internal/kern"
)

// panelCase is a trait with covariates and genotypes to fit.
type panelCase struct {
	columns   [][]float64 // covariates, the intercept first
	y, offset []float64
	genotypes [][]float64 // NaN where missing
}

func newPanelCase(rng *rand.Rand, n, c int, intercept float64, offset bool) *panelCase {
	p := &panelCase{columns: make([][]float64, c), y: make([]float64, n)}
	eta := make([]float64, n)
	for j := range p.columns {
		p.columns[j] = make([]float64, n)
		for i := range n {
			p.columns[j][i] = rng.NormFloat64()
			if j == 0 {
				p.columns[j][i] = 1
			}
			if j == 1 {
				eta[i] = intercept + 0.6*p.columns[1][i]
			}
		}
	}
	if offset {
		p.offset = make([]float64, n)
		for i := range n {
			p.offset[i] = 0.4 * rng.NormFloat64()
			eta[i] += p.offset[i]
		}
	}
	for v := range Lanes {
		g := make([]float64, n)
		freq := math.Exp(math.Log(0.002) + float64(v)/(Lanes-1)*(math.Log(0.98)-math.Log(0.002)))
		for i := range g {
			for range 2 {
				if rng.Float64() < freq {
					g[i]++
				}
			}
			if v%4 == 1 { // an imputed one
				g[i] = min(max(g[i]+0.2*rng.NormFloat64(), 0), 2)
			}
			if v%3 == 2 && rng.Float64() < 0.03 {
				g[i] = math.NaN()
			} else if v%5 == 0 {
				eta[i] += 0.4 * g[i]
			}
		}
		p.genotypes = append(p.genotypes, g)
	}
	for i := range n {
		if rng.Float64() < 1/(1+math.Exp(-eta[i])) {
			p.y[i] = 1
		}
	}
	return p
}

// lanes sets the panel's genotypes and sums them with the null model.
func (c *panelCase) lanes(t *testing.T, p *Panel) (*Common, []Lane) {
	t.Helper()
	d := NewDesign(c.columns, c.y, c.offset)
	var s Solver
	if err := s.Logistic(d, nil); err != nil {
		t.Fatal(err)
	}
	basis, f := make([][]float64, d.K), s.Factor()
	for i := range d.N {
		row := append([]float64(nil), d.X[i*d.K:(i+1)*d.K]...)
		f.Forward(row)
		for j, v := range row {
			basis[j] = append(basis[j], v)
		}
	}
	eta := make([]float64, d.N)
	for i := range eta {
		if c.offset != nil {
			eta[i] = c.offset[i]
		}
		for j, col := range c.columns {
			eta[i] += col[i] * s.Beta[j]
		}
	}
	p.Resize(d.N)
	clear(p.G)
	k := len(basis)
	lanes := make([]Lane, len(c.genotypes))
	for v, g := range c.genotypes {
		l := &lanes[v]
		l.Cross, l.Base, l.Gram = make([]float64, k), make([]float64, k), make([]float64, k*(k+1)/2)
		for i, x := range g {
			if math.IsNaN(x) {
				l.Missing = append(l.Missing, i)
				continue
			}
			if v > Lanes/2 { // counted from the other end
				x -= 2
			}
			p.G[i*Lanes+v] = float32(x)
			x = float64(float32(x))
			l.Score += x * (c.y[i] - s.P[i])
			l.Info += x * x * s.W[i]
			at := 0
			for a := range k {
				l.Base[a] += basis[a][i] * (c.y[i] - s.P[i])
				l.Cross[a] += basis[a][i] * s.W[i] * x
				for b := range a + 1 {
					l.Gram[at] += basis[a][i] * s.W[i] * basis[b][i]
					at++
				}
			}
		}
	}
	return NewCommon(c.columns, f, eta, s.P, s.W), lanes
}

// TestPanel compares with fits one by one in float64, and wants the same bits
// from all kernels, and whatever is fitted beside.
func TestPanel(t *testing.T) {
	for _, tc := range []struct {
		n, c      int
		intercept float64
		offset    bool
	}{{1500, 4, -2, false}, {900, 1, 0, true}, {1601, 13, -3, true}, {700, 2, 1, false}} {
		t.Run(fmt.Sprintf("n=%d,c=%d", tc.n, tc.c), func(t *testing.T) {
			c := newPanelCase(rand.New(rand.NewPCG(5, uint64(tc.n))), tc.n, tc.c, tc.intercept, tc.offset)
			var first []Lane
			for _, k := range kern.Available() {
				p := NewPanel(k)
				common, lanes := c.lanes(t, p)
				p.Fit(common, lanes)
				if first == nil {
					first = lanes
					c.compare(t, lanes)
				}
				for v := range lanes {
					a, b := &lanes[v], &first[v]
					if a.Converged != b.Converged || a.Beta != b.Beta || a.SE != b.SE {
						t.Errorf("kernels %s, lane %d: %v %v %v, want %v %v %v", k.Name(), v, a.Converged, a.Beta, a.SE, b.Converged, b.Beta, b.SE)
					}
				}
				few := append([]Lane(nil), lanes[:5]...)
				p.Fit(common, few)
				for v := range few {
					if few[v].Beta != first[v].Beta || few[v].SE != first[v].SE {
						t.Errorf("lane %d alone: %v, among others %v", v, few[v].Beta, first[v].Beta)
					}
				}
			}
		})
	}
}

// TestPanelFirth compares Firth's method with fits one by one, a genotype that
// only cases have among them.
func TestPanelFirth(t *testing.T) {
	for _, tc := range []struct {
		n, c      int
		intercept float64
		offset    bool
	}{{900, 4, -2, true}, {700, 1, 0, false}, {800, 11, -2.5, false}} {
		c := newPanelCase(rand.New(rand.NewPCG(7, uint64(tc.n))), tc.n, tc.c, tc.intercept, tc.offset)
		for i := range c.y {
			c.genotypes[0][i] = 0
			if c.y[i] == 1 && i%7 == 0 {
				c.genotypes[0][i] = 1
			}
		}
		var first []Lane
		for _, k := range kern.Available() {
			p := NewPanel(k)
			common, lanes := c.lanes(t, p)
			p.FitFirth(common, lanes)
			if first == nil {
				first = lanes
			}
			for v := range lanes {
				if a, b := &lanes[v], &first[v]; a.Converged != b.Converged || a.Beta != b.Beta || a.SE != b.SE {
					t.Errorf("n %d, kernels %s, lane %d: %v %v %v, want %v %v %v", tc.n, k.Name(), v, a.Converged, a.Beta, a.SE, b.Converged, b.Beta, b.SE)
				}
			}
		}
		var s Solver
		fitted := 0
		for v := range first {
			d := c.design(v)
			if err := s.Firth(d, d.K, nil); err != nil {
				t.Fatal(err)
			}
			if l := &first[v]; l.Converged {
				fitted++
				beta, se := s.Beta[d.K-1], s.SE()
				if math.Abs(l.Beta-beta) > 3e-5*se || math.Abs(l.SE-se) > 3e-5*se {
					t.Errorf("n %d, lane %d: beta %.9g, SE %.9g after %d points, one by one %.9g, %.9g", tc.n, v, l.Beta, l.SE, l.points, beta, se)
				}
			} else {
				t.Logf("n %d, lane %d is not fitted", tc.n, v)
			}
		}
		if fitted < Lanes-1 {
			t.Errorf("n %d: only %d of %d are fitted", tc.n, fitted, Lanes)
		}
	}
}

// design is the whole model of one genotype over the samples that have it.
func (c *panelCase) design(v int) *Design {
	g := c.genotypes[v]
	drop, x := make([]bool, len(g)), make([]float64, len(g))
	for i, v := range g {
		if drop[i] = math.IsNaN(v); !drop[i] {
			x[i] = float64(float32(v))
		}
	}
	return NewDesign(append(c.columns[:len(c.columns):len(c.columns)], x), c.y, c.offset).Without(drop)
}

func (c *panelCase) compare(t *testing.T, lanes []Lane) {
	t.Helper()
	var s Solver
	fitted := 0
	for v := range c.genotypes {
		d := c.design(v)
		err := s.Logistic(d, nil)
		if l := &lanes[v]; l.Converged && err != nil {
			t.Errorf("lane %d: fitted, one by one: %v", v, err)
		} else if l.Converged {
			fitted++
			beta, se := s.Beta[d.K-1], s.SE()
			if math.Abs(l.Beta-beta) > 3e-6*se || math.Abs(l.SE-se) > 3e-6*se {
				t.Errorf("lane %d: beta %.9g, SE %.9g after %d points, one by one %.9g, %.9g", v, l.Beta, l.SE, l.points, beta, se)
			}
		} else if err == nil {
			t.Logf("lane %d not fitted after %d points, one by one beta %g", v, l.points, s.Beta[d.K-1])
		}
	}
	if fitted < Lanes-3 {
		t.Errorf("only %d of %d are fitted", fitted, Lanes)
	}
}

// TestPanelSeparation: what has no maximum does not converge, and does not
// disturb the others.
func TestPanelSeparation(t *testing.T) {
	c := newPanelCase(rand.New(rand.NewPCG(6, 6)), 900, 3, -1, false)
	for i := range c.y {
		c.genotypes[3][i] = 0
		if c.y[i] == 1 && i%9 == 0 {
			c.genotypes[3][i] = 1
		}
	}
	p := NewPanel(kern.Active())
	common, lanes := c.lanes(t, p)
	p.Fit(common, lanes)
	for v := range lanes {
		if v == 3 && lanes[v].Converged {
			t.Error("a genotype that only cases have is fitted")
		}
	}
	c.compare(t, lanes)
}
