package pheno

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/io/source"
)

// column is a covariate of all rows of a table: numbers, or text where it is
// categorical.
type column struct {
	path, name string
	values     []float64
	text       []string // nil for numbers
	codes      []string // of missing text
}

func (c *column) missing(i int) bool {
	if c.text != nil {
		return isMissing(c.text[i], c.codes)
	}
	return math.IsNaN(c.values[i])
}

// predictionSuffix ends the names of predictions of a null model, which are
// covariates of one trait each.
const predictionSuffix = "_deepnull"

// readCovariates finds the covariates of all traits: those named, or every
// column that is neither a trait nor a prediction for one.
func readCovariates(t *Table, o Options, traits []Trait) ([]column, error) {
	isTrait := func(name string) bool {
		return slices.ContainsFunc(traits, func(t Trait) bool { return t.Name == name })
	}
	names := o.Covariates
	if len(names) == 0 {
		for _, name := range t.Names {
			if !isTrait(name) && !strings.HasSuffix(name, predictionSuffix) {
				names = append(names, name)
			}
		}
	}
	for _, name := range o.Categorical {
		if !slices.Contains(names, name) {
			return nil, source.At(t.Path, fmt.Errorf("categorical covariate %s is not among the covariates %s", name, strings.Join(names, ", ")))
		}
	}
	var list []column
	for k, name := range names {
		if slices.Contains(names[:k], name) {
			return nil, fmt.Errorf("covariate %s is asked for twice", name)
		}
		if isTrait(name) {
			return nil, fmt.Errorf("%s is both a trait and a covariate", name)
		}
		col, err := t.want(name)
		if err != nil {
			return nil, err
		}
		c := column{path: t.Path, name: name, codes: o.Missing}
		v, text, _ := numbers(col, o.Missing)
		if text >= 0 || slices.Contains(o.Categorical, name) {
			c.text = col
		}
		for i, x := range v {
			if c.text == nil && math.IsInf(x, 0) {
				return nil, &source.Error{Path: t.Path, Line: int64(i + 2), Record: t.IID[i], Err: fmt.Errorf("covariate %s is infinite", name)}
			}
		}
		c.values = v
		list = append(list, c)
	}
	return list, nil
}

// expand gives the columns of the model for the rows given, and a note where
// categories were taken.
func (c *column) expand(rows []int, maxLevels int) ([]Covariate, string, error) {
	if c.text == nil {
		return []Covariate{{c.name, gather(c.values, rows)}}, "", nil
	}
	var levels []string
	seen := map[string]bool{}
	for _, r := range rows {
		if s := c.text[r]; !seen[s] {
			seen[s] = true
			levels = append(levels, s)
		}
	}
	slices.Sort(levels)
	if len(levels) > maxLevels {
		return nil, "", source.At(c.path, fmt.Errorf("covariate %s is categorical with %d levels (%s, %s, ...), want at most %d", c.name, len(levels), levels[0], levels[1], maxLevels))
	}
	var list []Covariate
	for _, level := range levels[1:] {
		v := make([]float64, len(rows))
		for i, r := range rows {
			if c.text[r] == level {
				v[i] = 1
			}
		}
		list = append(list, Covariate{c.name + "=" + level, v})
	}
	return list, fmt.Sprintf("covariate %s is categorical: %s", c.name, strings.Join(levels, ", ")), nil
}

// addPredictions gives each trait the prediction of its null model, from the
// table for it or a column of the covariates that nobody asked for by name. A
// sample without a prediction counts as one without the trait.
func (s *Study) addPredictions(pheno, covar *Table, traits []Trait, family bool, o Options) error {
	from := o.Null
	if from == nil {
		if covar == nil || len(o.Covariates) > 0 {
			return nil
		}
		from = covar
	}
	x, err := from.index(family)
	if err != nil {
		return err
	}
	samples := pheno.samples()
	for t := range traits {
		trait := &traits[t]
		name := trait.Name + predictionSuffix
		if from.column(name) < 0 {
			if o.Null != nil {
				_, err := from.want(name)
				return err
			}
			continue
		}
		v, text, _ := numbers(from.Columns[from.column(name)], o.Missing)
		if text >= 0 {
			return &source.Error{Path: from.Path, Line: int64(text + 2), Record: from.IID[text],
				Err: fmt.Errorf("%s is %q, want a number or NA", name, from.Columns[from.column(name)][text])}
		}
		own := make([]float64, len(samples))
		for i, sample := range samples {
			r, ok := x.find(sample)
			if !ok || math.IsNaN(v[r]) || math.IsInf(v[r], 0) {
				trait.Values[i] = math.NaN()
				continue
			}
			own[i] = v[r]
		}
		trait.Own = []Covariate{{name, own}}
		s.Notes = append(s.Notes, fmt.Sprintf("%s of %s is a covariate of trait %s", name, from.Path, trait.Name))
	}
	return nil
}
