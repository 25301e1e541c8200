package pheno

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/io/source"
)

// Table is a table of text: one row per sample, one column per name.
type Table struct {
	Path    string     // for messages
	FID     []string   // nil where the table has none
	IID     []string   // one per row
	Names   []string   // of the columns after the IDs
	Columns [][]string // Columns[k][i] is column k of row i
}

// column finds a column by name, -1 if there is none.
func (t *Table) column(name string) int { return slices.Index(t.Names, name) }

// want finds a column or says which there are.
func (t *Table) want(name string) ([]string, error) {
	k := t.column(name)
	if k < 0 {
		list := t.Names
		more := ""
		if len(list) > 12 {
			list, more = list[:12], fmt.Sprintf(" and %d more", len(t.Names)-12)
		}
		return nil, source.At(t.Path, fmt.Errorf("no column %s, only %s%s", name, strings.Join(list, ", "), more))
	}
	return t.Columns[k], nil
}

// numbers reads a column as numbers, NaN where missing. It gives the first row
// that is no number, or -1, and how many rows are exactly -9.
func numbers(col, missing []string) (v []float64, text, nines int) {
	v = make([]float64, len(col))
	text = -1
	for i, s := range col {
		if isMissing(s, missing) {
			v[i] = math.NaN()
			continue
		}
		x, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsNaN(x) {
			if text < 0 {
				text = i
			}
			x = math.NaN()
		}
		if x == -9 {
			nines++
		}
		v[i] = x
	}
	return v, text, nines
}

// DefaultMissing are the codes of a missing value.
func DefaultMissing() []string { return []string{"NA", "NaN", "nan", "."} }

func isMissing(s string, codes []string) bool { return s == "" || slices.Contains(codes, s) }
