package pheno

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Trait is one phenotype of the samples of a study.
type Trait struct {
	Name   string
	Binary bool        // values are 0 and 1
	Values []float64   // one per sample of the study, NaN where missing
	N      int         // samples with a value
	Cases  int         // of them, if the trait is binary
	Own    []Covariate // covariates of this trait alone: predictions of its null model
}

// Kind overrides the detection of what a trait is.
type Kind uint8

// The kinds of trait.
const (
	Detect Kind = iota
	Quantitative
	Binary
)

// coding says how the values of a trait are to be read.
type coding uint8

const (
	asNumber coding = iota
	zeroOne         // 0 control, 1 case, -9 missing
	oneTwo          // 1 control, 2 case, 0 and -9 missing
)

// code decides the coding from all values of a column, and whether the user
// must be told. It looks at the whole column, not only at the samples kept, so
// that a trait does not change its kind with the genotypes.
func code(values []float64, kind Kind) (coding, error) {
	var zeros, ones, twos, nines, others int
	for _, v := range values {
		switch {
		case math.IsNaN(v):
		case v == 0:
			zeros++
		case v == 1:
			ones++
		case v == 2:
			twos++
		case v == -9:
			nines++
		default:
			others++
		}
	}
	switch {
	case kind == Quantitative:
		return asNumber, nil
	case others > 0:
		if kind == Binary {
			return asNumber, errors.New("declared binary, but has values other than 0, 1, 2, -9 and missing")
		}
		return asNumber, nil
	case twos > 0 && (zeros == 0 || kind == Binary):
		return oneTwo, nil
	case twos > 0:
		return asNumber, nil
	}
	return zeroOne, nil
}

func (c coding) value(v float64) float64 {
	switch c {
	case zeroOne:
		if v == -9 {
			return math.NaN()
		}
	case oneTwo:
		if v == -9 || v == 0 {
			return math.NaN()
		}
		return v - 1
	}
	return v
}

// count sets N and Cases and says why a trait cannot be analysed.
func (t *Trait) count(minCases int) error {
	first, varies := math.NaN(), false
	for _, v := range t.Values {
		if math.IsNaN(v) {
			continue
		}
		t.N++
		if math.IsInf(v, 0) {
			return errors.New("has an infinite value")
		}
		if t.Binary && v == 1 {
			t.Cases++
		}
		if math.IsNaN(first) {
			first = v
		}
		varies = varies || v != first
	}
	switch {
	case t.N == 0:
		return errors.New("is missing in all samples")
	case !varies:
		return fmt.Errorf("is %g in all %d samples that have it", first, t.N)
	case t.Binary && min(t.Cases, t.N-t.Cases) < minCases:
		return fmt.Errorf("has %d cases and %d controls, fewer than %d of one", t.Cases, t.N-t.Cases, minCases)
	}
	return nil
}

// RankNormal replaces the values that are not NaN by normal quantiles of their
// ranks, (rank-3/8)/(n+1/4) after Blom 1958; tied values share their mean rank.
func RankNormal(values []float64) {
	var order []int
	for i, v := range values {
		if !math.IsNaN(v) {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case values[a] < values[b]:
			return -1
		case values[a] > values[b]:
			return 1
		}
		return a - b
	})
	n := len(order)
	for from := 0; from < n; {
		to := from + 1
		for to < n && values[order[to]] == values[order[from]] {
			to++
		}
		rank := float64(from+1+to) / 2
		q := distuv.UnitNormal.Quantile((rank - 0.375) / (float64(n) + 0.25))
		for _, i := range order[from:to] {
			values[i] = q
		}
		from = to
	}
}
