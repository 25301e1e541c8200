package gwas

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"

	"github.com/gx-genomics/gx/gwas/exact"
	"github.com/gx-genomics/gx/gwas/pheno"
)

// models makes the null models of chromosomes when they are first met. Without
// predictions there is one for all.
type models struct {
	study   *pheno.Study
	groups  []*group
	offsets []*offsets // by trait, nil without
	second  Second
	form    Form

	mu    sync.Mutex
	made  map[string]*entry
	order []string           // names in made, the oldest first
	fault map[string][]fault // by name, of all that were made
}

// keptModels is how many chromosomes' models are held: work goes through them
// in order, so one that comes back to an older makes it again, the same.
const keptModels = 3

type entry struct {
	once sync.Once
	null *null
	err  error
}

// null is what a chromosome's variants are tested against.
type null struct {
	quant  []quantNull     // one per group
	binary [][]*binaryNull // by group and trait of it; nil where it cannot be fitted
	faults []fault
}

// fault is why a trait has no null model.
type fault struct {
	trait int
	err   error
}

// faults gives the first fault of each trait, chromosomes in the order of their
// names, so that it does not depend on which was met first.
func (m *models) faults() map[int]error {
	out := map[int]error{}
	for _, name := range slices.Sorted(maps.Keys(m.fault)) {
		for _, f := range m.fault[name] {
			if out[f.trait] == nil {
				out[f.trait] = f.err
			}
		}
	}
	return out
}

// quantNull is the residuals of a group's quantitative traits.
type quantNull struct {
	y    [][]float64 // in the order of the study, zero outside the mask
	cols *exact.Columns
	yy   []float64 // sums of squares
	unit []float64 // what beta and se are multiplied by
}

func newModels(s *pheno.Study, groups []*group, o *Options) (*models, error) {
	m := &models{study: s, groups: groups, second: o.Second, form: o.Form, made: map[string]*entry{}, fault: map[string][]fault{},
		offsets: make([]*offsets, len(s.Traits))}
	for t := range s.Traits {
		trait := &s.Traits[t]
		if given := o.Offsets[trait.Name]; given != nil {
			var err error
			if m.offsets[t], err = given.take(s, trait); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

// of gives the null models of a chromosome. It may be called from many
// goroutines.
func (m *models) of(chrom string) (*null, error) {
	key := ""
	for _, o := range m.offsets {
		if o != nil {
			key = OffsetName(chrom)
		}
	}
	m.mu.Lock()
	e := m.made[key]
	if e == nil {
		e = &entry{}
		m.made[key] = e
		if m.order = append(m.order, key); len(m.order) > keptModels {
			delete(m.made, m.order[0])
			m.order = m.order[1:]
		}
	}
	m.mu.Unlock()
	e.once.Do(func() {
		if e.null, e.err = m.make(chrom); e.err == nil && e.null.faults != nil {
			m.mu.Lock()
			m.fault[key] = e.null.faults
			m.mu.Unlock()
		}
	})
	return e.null, e.err
}

func (m *models) make(chrom string) (*null, error) {
	out := &null{quant: make([]quantNull, len(m.groups)), binary: make([][]*binaryNull, len(m.groups))}
	for k, g := range m.groups {
		if err := m.makeQuant(&out.quant[k], g, chrom); err != nil {
			return nil, err
		}
		for _, t := range g.binary {
			var offset []float64
			if m.offsets[t] != nil {
				var err error
				if offset, err = m.offsets[t].of(chrom); err != nil {
					return nil, err
				}
			}
			b, err := newBinaryNull(m.study, g, &m.study.Traits[t], offset, m.second)
			if err != nil { // the other traits go on
				b = nil
				out.faults = append(out.faults, fault{t, fmt.Errorf("null model: %w", err)})
			}
			out.binary[k] = append(out.binary[k], b)
		}
	}
	return out, nil
}

func (m *models) makeQuant(q *quantNull, g *group, chrom string) error {
	for _, t := range g.quant {
		y := make([]float64, len(m.study.Samples))
		for i, v := range m.study.Traits[t].Values {
			if g.in(i) {
				y[i] = v
			}
		}
		g.basis.Residual(y)
		yy := pheno.Dot(y, y)
		unit := 1.0
		if o := m.offsets[t]; o != nil {
			// Predictions are of the residual scaled to variance 1.
			offset, err := o.of(chrom)
			if err != nil {
				return err
			}
			sd := math.Sqrt(yy / float64(g.n-g.basis.Rank()))
			for i := range y {
				if g.in(i) {
					y[i] = y[i]/sd - offset[i]
				}
			}
			unit = sd
			// The score form takes the variance with what the predictions share
			// with the covariates, as regenie does.
			yy = pheno.Dot(y, y)
			g.basis.Residual(y)
			if m.form == LeastSquares {
				yy = pheno.Dot(y, y)
			}
		}
		q.y = append(q.y, y)
		q.yy = append(q.yy, yy)
		q.unit = append(q.unit, unit)
	}
	q.cols = exact.NewColumns(q.y, m.study.Column, len(m.study.Samples))
	return nil
}
