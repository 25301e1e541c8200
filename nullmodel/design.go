package nullmodel

import (
	"math"
	"slices"
)

// design turns covariates into columns of numbers that a member learns from:
// numeric ones with mean 0 and variance 1 over the training rows, categorical
// ones as one column per level but the commonest. All that it knows it learned
// from the training rows.
type design struct {
	columns []column
}

// raw leaves the numbers as they are.
func (d *design) raw() {
	for i := range d.columns {
		d.columns[i].mean, d.columns[i].sd = 0, 1
	}
}

type column struct {
	covariate int
	level     int // of a categorical covariate; -1 for a numeric one
	missing   bool
	mean, sd  float64
}

// fitDesign learns a design from the training rows of a table. A column that
// does not vary there is left out. With impute, a numeric covariate with
// missing values has a second column that says where.
func fitDesign(t *Table, train []int, impute bool) *design {
	d := &design{}
	for k := range t.Covariates {
		c := &t.Covariates[k]
		if c.Levels == nil {
			d.add(t, train, column{covariate: k, level: -1})
			if impute && slices.ContainsFunc(c.Values, math.IsNaN) {
				d.add(t, train, column{covariate: k, level: -1, missing: true})
			}
			continue
		}
		counts := make([]int, len(c.Levels))
		for _, i := range train {
			if v := c.Values[i]; !math.IsNaN(v) {
				counts[int(v)]++
			}
		}
		commonest := slices.Index(counts, slices.Max(counts))
		for l := range c.Levels {
			if l != commonest {
				d.add(t, train, column{covariate: k, level: l})
			}
		}
	}
	return d
}

func (d *design) add(t *Table, train []int, c column) {
	c.sd = 1
	sum, n := 0.0, 0.0
	for _, i := range train {
		if x := c.raw(t, i); !math.IsNaN(x) {
			sum += x
			n++
		}
	}
	if n == 0 {
		return
	}
	c.mean = sum / n
	ss := 0.0
	for _, i := range train {
		if x := c.raw(t, i); !math.IsNaN(x) {
			ss += float64((x - c.mean) * (x - c.mean))
		}
	}
	c.sd = math.Sqrt(ss / n)
	if c.sd <= 1e-12*math.Max(1, math.Abs(c.mean)) {
		return
	}
	d.columns = append(d.columns, c)
}

// raw is the value of a column before it is scaled.
func (c *column) raw(t *Table, row int) float64 {
	x := t.Covariates[c.covariate].Values[row]
	switch {
	case c.missing:
		return indicator(math.IsNaN(x))
	case c.level >= 0 && !math.IsNaN(x):
		return indicator(int(x) == c.level)
	}
	return x
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// matrix gives the columns for some rows, feature by feature: x[feature][i]
// belongs to rows[i]. What is missing is the mean, 0.
func (d *design) matrix(t *Table, rows []int) [][]float64 {
	x := make([][]float64, len(d.columns))
	for k := range d.columns {
		c := &d.columns[k]
		x[k] = make([]float64, len(rows))
		for i, row := range rows {
			if v := c.raw(t, row); !math.IsNaN(v) {
				x[k][i] = (v - c.mean) / c.sd
			}
		}
	}
	return x
}
