package train

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"github.com/gx-genomics/gx/variant/classify"
)

// depths are the bounds of the strata of depth.
var depths = [...]int{10, 20, 40, math.MaxInt}

// Stratum counts examples of one kind, true genotype and depth.
type Stratum struct {
	N      int
	Weight float64 // of them together
	Wrong  int     // the likeliest number of copies is not the true one
	Missed int     // of those with a copy: taken for none
	Loss   float64 // weighted
}

func (s *Stratum) add(o Stratum) {
	s.N, s.Wrong, s.Missed, s.Loss, s.Weight = s.N+o.N, s.Wrong+o.Wrong, s.Missed+o.Missed, s.Loss+o.Loss, s.Weight+o.Weight
}

// Metrics are how a network does on held-out examples.
type Metrics struct {
	Strata [kinds][classify.Copies][len(depths)]Stratum
}

// Add counts an example and what a network says of it.
func (m *Metrics) Add(x Meta, p []float32) {
	d := 0
	for int(x.Depth) >= depths[d] {
		d++
	}
	best := 0
	for i, v := range p {
		if v > p[best] {
			best = i
		}
	}
	w := float64(x.Weight)
	s := Stratum{N: 1, Weight: w, Loss: -w * math.Log(max(float64(p[x.Label]), 1e-12))}
	if best != int(x.Label) {
		s.Wrong = 1
		if best == 0 {
			s.Missed = 1
		}
	}
	m.Strata[x.Kind][x.Label][d].add(s)
}

// Of adds the strata of some kinds up.
func (m *Metrics) Of(of ...Kind) (s Stratum) {
	for _, k := range of {
		for g := range m.Strata[k] {
			for d := range m.Strata[k][g] {
				s.add(m.Strata[k][g][d])
			}
		}
	}
	return s
}

// Total is all strata together.
func (m *Metrics) Total() Stratum { return m.Of(SNP, Insertion, Deletion) }

// Mean is the mean loss of a stratum, 0 of none.
func (s Stratum) Mean() float64 { return s.Loss / max(s.Weight, 1) }

// Write writes a table, one line per stratum that has examples.
func (m *Metrics) Write(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "kind\tcopies\tdepth\texamples\twrong\tmissed\tloss\n")
	for k := range kinds {
		for g := range m.Strata[k] {
			from := 0
			for d := range depths {
				s := m.Strata[k][g][d]
				if s.N > 0 {
					to := fmt.Sprint(depths[d] - 1)
					if depths[d] == math.MaxInt {
						to = ""
					}
					fmt.Fprintf(t, "%s\t%d\t%d-%s\t%d\t%d\t%d\t%.4f\n", k, g, from, to, s.N, s.Wrong, s.Missed, s.Mean())
				}
				from = depths[d]
			}
		}
	}
	return t.Flush()
}
