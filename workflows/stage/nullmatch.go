package stage

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/table"
)

// nullIDs are what tells people apart, and decides the folds: the IID, as in
// DeepNull, or FID and IID where an IID stands twice.
func nullIDs(t *table.Samples) ([]string, error) {
	if _, twice := twice(t.IID); !twice {
		return t.IID, nil
	}
	if t.FID != nil {
		both := make([]string, len(t.IID))
		for i := range both {
			both[i] = t.FID[i] + "\t" + t.IID[i]
		}
		if _, twice := twice(both); !twice {
			return both, nil
		}
		i, _ := twice(both)
		return nil, &source.Error{Path: t.Path, Record: sampleName(t, i), Err: errors.New("this individual stands twice, want one row for each")}
	}
	i, _ := twice(t.IID)
	return nil, &source.Error{Path: t.Path, Record: sampleName(t, i), Err: errors.New("this individual stands twice, want one row for each")}
}

// twice finds the first element that stood before.
func twice(list []string) (int, bool) {
	seen := make(map[string]bool, len(list))
	for i, s := range list {
		if seen[s] {
			return i, true
		}
		seen[s] = true
	}
	return 0, false
}

func sampleName(t *table.Samples, i int) string {
	if t.FID == nil {
		return t.IID[i]
	}
	return t.FID[i] + " " + t.IID[i]
}

// matchRows finds the row of other for each row of t, -1 where there is none:
// by FID and IID where both tables know families, else by IID.
func matchRows(t, other *table.Samples) ([]int, error) {
	rows := make([]int, len(t.IID))
	if t == other {
		for i := range rows {
			rows[i] = i
		}
		return rows, nil
	}
	families := knowsFamilies(t) && knowsFamilies(other)
	key := func(s *table.Samples, i int) string {
		if families {
			return s.FID[i] + "\t" + s.IID[i]
		}
		return s.IID[i]
	}
	at := make(map[string]int, len(other.IID))
	for i := range other.IID {
		k := key(other, i)
		if _, twice := at[k]; twice {
			return nil, &source.Error{Path: other.Path, Record: sampleName(other, i), Err: errors.New("this individual stands twice, want one row for each")}
		}
		at[k] = i
	}
	used := make([]bool, len(other.IID))
	for i := range rows {
		r, ok := at[key(t, i)]
		if !ok {
			rows[i] = -1
			continue
		}
		if used[r] {
			return nil, &source.Error{Path: other.Path, Record: sampleName(other, r), Err: fmt.Errorf("its IID stands twice in %s, and without families in both tables it is not clear who is meant", t.Path)}
		}
		rows[i], used[r] = r, true
	}
	return rows, nil
}

func knowsFamilies(t *table.Samples) bool {
	return slices.ContainsFunc(t.FID, func(s string) bool { return s != "0" && s != "" })
}

// missingCodes knows missing values: as text, and numbers in any spelling.
type missingCodes struct {
	text    []string
	numbers []float64
}

func newMissingCodes(more []string) missingCodes {
	c := missingCodes{text: append(slices.Clone(nullMissing), more...)}
	for _, s := range more {
		if x, err := strconv.ParseFloat(s, 64); err == nil {
			c.numbers = append(c.numbers, x)
		}
	}
	return c
}

// number reads a field, NaN where it is missing; ok is false where it is text.
func (c *missingCodes) number(s string) (x float64, ok bool) {
	if slices.Contains(c.text, s) {
		return math.NaN(), true
	}
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(x) {
		return math.NaN(), false
	}
	if slices.Contains(c.numbers, x) {
		return math.NaN(), true
	}
	return x, true
}
