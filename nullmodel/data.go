package nullmodel

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Table is people in rows: their covariates and phenotypes.
type Table struct {
	IDs        []string // one per person, unique
	Covariates []Covariate
	Groups     []string // people of one group (a family) stay in one fold; nil for none
}

// Covariate is one column. A numeric one has its values as they are, NaN where
// missing. A categorical one has Levels, and its values are indices into them.
type Covariate struct {
	Name   string
	Values []float64
	Levels []string
}

// Trait is one phenotype, NaN where missing; a binary one is 0 or 1.
type Trait struct {
	Name   string
	Values []float64
	Binary bool
}

// validate checks that a table and a trait fit together and can be worked with.
func (t *Table) validate(y *Trait) error {
	n := len(t.IDs)
	var errs []error
	seen := make(map[string]int, n)
	for i, id := range t.IDs {
		if j, twice := seen[id]; twice {
			return fmt.Errorf("individual %s stands in rows %d and %d", id, j+1, i+1)
		}
		seen[id] = i
	}
	if t.Groups != nil && len(t.Groups) != n {
		return fmt.Errorf("%d groups for %d individuals", len(t.Groups), n)
	}
	if len(t.Covariates) == 0 {
		errs = append(errs, errors.New("no covariates to predict from"))
	}
	for k, c := range t.Covariates {
		if c.Name == y.Name {
			errs = append(errs, fmt.Errorf("trait %s is among its own covariates", y.Name))
		}
		if slices.ContainsFunc(t.Covariates[:k], func(d Covariate) bool { return d.Name == c.Name }) {
			errs = append(errs, fmt.Errorf("covariate %s stands twice", c.Name))
		}
		errs = append(errs, checkColumn("covariate "+c.Name, c.Values, n))
		if bad := slices.IndexFunc(c.Values, func(v float64) bool {
			return c.Levels != nil && !math.IsNaN(v) && (v != math.Trunc(v) || v < 0 || v >= float64(len(c.Levels)))
		}); bad >= 0 {
			errs = append(errs, fmt.Errorf("covariate %s: row %d is level %v of %d", c.Name, bad+1, c.Values[bad], len(c.Levels)))
		}
	}
	if bad := slices.IndexFunc(y.Values, func(v float64) bool { return y.Binary && !math.IsNaN(v) && v != 0 && v != 1 }); bad >= 0 {
		errs = append(errs, fmt.Errorf("trait %s is binary, but row %d is %v, want 0, 1 or missing", y.Name, bad+1, y.Values[bad]))
	}
	errs = append(errs, checkColumn("trait "+y.Name, y.Values, n))
	return errors.Join(errs...)
}

func checkColumn(name string, v []float64, n int) error {
	if len(v) != n {
		return fmt.Errorf("%s has %d values for %d individuals", name, len(v), n)
	}
	if i := slices.IndexFunc(v, func(x float64) bool { return math.IsInf(x, 0) }); i >= 0 {
		return fmt.Errorf("%s: row %d is infinite", name, i+1)
	}
	return nil
}

// complete lists the rows with a phenotype and, unless missing covariates are
// imputed, all covariates, in the order of their identifiers: no sum and no draw
// depends on the order of the table.
func (t *Table) complete(y *Trait, impute bool) []int {
	var rows []int
	for i := range t.IDs {
		ok := !math.IsNaN(y.Values[i])
		for k := 0; ok && !impute && k < len(t.Covariates); k++ {
			ok = !math.IsNaN(t.Covariates[k].Values[i])
		}
		if ok {
			rows = append(rows, i)
		}
	}
	t.sortByID(rows)
	return rows
}

// sortByID sorts rows by their identifiers: as numbers where all are numbers,
// else as text.
func (t *Table) sortByID(rows []int) {
	number := make(map[int]float64, len(rows))
	for _, r := range rows {
		x, err := strconv.ParseFloat(t.IDs[r], 64)
		if err != nil || math.IsNaN(x) {
			number = nil
			break
		}
		number[r] = x
	}
	slices.SortFunc(rows, func(a, b int) int {
		if number != nil {
			if c := cmp.Compare(number[a], number[b]); c != 0 {
				return c
			}
		}
		return cmp.Compare(t.IDs[a], t.IDs[b])
	})
}
