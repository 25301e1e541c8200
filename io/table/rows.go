package table

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"
	"strings"
	"unsafe"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/result"
	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/text"
)

// RowReader reads the rows of a table of association, of any of the formats that gx
// writes or one that names its columns like them, packed or not. Rows come with the
// alternate allele as the effect allele, whatever the table counts; an odds ratio
// becomes its logarithm.
type RowReader struct {
	r       *text.Reader
	layout  *rowLayout
	cells   []string
	variant dosage.Variant
	words   map[string]string // chromosomes and tests, each kept once
	methods map[string]result.Method
	flags   map[string]result.Flags
}

// OpenRows opens a table; so many goroutines inflate ahead of the caller.
func OpenRows(path string, threads int) (*RowReader, error) {
	r, err := text.OpenParallel(path, threads)
	if err != nil {
		return nil, err
	}
	t, err := NewRowReader(r)
	if err != nil {
		r.Close()
		return nil, err
	}
	return t, nil
}

// NewRowReader reads the names of the columns. Lines before them that begin with ##
// are passed over.
func NewRowReader(r *text.Reader) (*RowReader, error) {
	t := &RowReader{r: r, words: map[string]string{}, methods: map[string]result.Method{}, flags: flagNames()}
	for m := result.None; m <= result.FirthSPA; m++ {
		t.methods[m.String()] = m
	}
	for {
		line, err := r.Line()
		if err == io.EOF {
			err = source.At(r.Path(), errors.New("is empty, want a line of the columns' names"))
		}
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(string(line), "##") {
			continue
		}
		if t.layout, err = parseLayout(string(line)); err != nil {
			return nil, t.fault("", err)
		}
		return t, nil
	}
}

// flagNames gives the flags by the names that they have in all formats.
func flagNames() map[string]result.Flags {
	m := map[string]result.Flags{
		"CORR_TOO_HIGH": result.Collinear, "VIF_INFINITE": result.Collinear, "RANK_DEFICIENT": result.Collinear,
		"SEPARATION": result.Separated, "LOGISTIC_CONVERGE_FAIL": result.NotConverged, "UNFINISHED": result.NotConverged,
	}
	for f, name := range errorCodes {
		if name != errorCodes[result.TooFew] {
			m[name] = f
		}
	}
	m[errorCodes[result.TooFew]] = result.TooFew
	for i := range result.NumFlags {
		m[result.Name(i)] = 1 << i
	}
	return m
}

// Close closes the file.
func (t *RowReader) Close() error { return t.r.Close() }

// Format is the format by the names of the columns; a table of another program
// that names them like gx counts as gx's.
func (t *RowReader) Format() Format { return t.layout.format }

// HasTest says whether the table names the test of each row.
func (t *RowReader) HasTest() bool { return t.layout.has(testField) }

func (t *RowReader) fault(record string, err error) error {
	return &source.Error{Path: t.r.Path(), Line: t.r.Number(), Record: record, Err: err}
}

// Read reads a row, io.EOF at the end. What the row refers to is valid until the
// next call. A p that is missing is NaN; one of 0 is an infinite NegLog10P.
func (t *RowReader) Read(row *result.Row) error {
	line, err := t.r.Line()
	if err != nil {
		return err
	}
	if len(line) == 0 {
		return t.fault("", errors.New("an empty line, want a row"))
	}
	t.cells = t.layout.split(t.cells[:0], unsafe.String(unsafe.SliceData(line), len(line)))
	if len(t.cells) != t.layout.columns {
		return t.fault("", fmt.Errorf("%d columns, want the %d that the first line names", len(t.cells), t.layout.columns))
	}
	if err := t.row(row); err != nil {
		return t.fault(t.cell(chromField)+":"+t.cell(posField), err)
	}
	return nil
}

// All yields all rows; the first error ends it.
func (t *RowReader) All() iter.Seq2[*result.Row, error] {
	return func(yield func(*result.Row, error) bool) {
		var row result.Row
		for {
			err := t.Read(&row)
			if err == io.EOF || !yield(&row, err) || err != nil {
				return
			}
		}
	}
}

// cell is the text of a column, empty where the table has none.
func (t *RowReader) cell(f field) string {
	if at := t.layout.at[f]; at >= 0 {
		return t.cells[at]
	}
	return ""
}

func missing(s string) bool {
	switch s {
	case "NA", "", ".", "nan", "NaN", "-nan", "#NA", "NULL":
		return true
	}
	return false
}

// once gives a text that stays, for those of which a table has few.
func (t *RowReader) once(s string) string {
	if kept, ok := t.words[s]; ok {
		return kept
	}
	const most = 100_000
	kept := strings.Clone(s)
	if len(t.words) < most {
		t.words[kept] = kept
	}
	return kept
}

func (t *RowReader) row(row *result.Row) error {
	v := &t.variant
	*row = result.Row{Variant: v, N: 0, Cases: -1, Controls: -1, EAFCases: math.NaN(), EAFControls: math.NaN(), DF: 1}
	chrom := t.cell(chromField)
	if missing(chrom) {
		return errors.New("no chromosome")
	}
	pos, err := strconv.ParseInt(t.cell(posField), 10, 64)
	if err != nil || pos < 0 || pos > math.MaxInt32 {
		return fmt.Errorf("position %q: want a whole number", t.cell(posField))
	}
	*v = dosage.Variant{Chrom: t.once(chrom), Start: int(pos) - 1, ID: t.cell(idField), Ref: t.cell(refField), Alt: t.cell(altField), Allele: 1, Alts: 1}
	if missing(v.ID) {
		if v.ID = t.cell(otherIDField); missing(v.ID) {
			v.ID = "."
		}
	} else if rs := t.cell(otherIDField); isRS(rs) {
		v.ID = rs
	}
	row.Test = "ADD"
	if t.layout.has(testField) {
		row.Test = t.once(t.cell(testField))
	}
	if err := t.numbers(row); err != nil {
		return err
	}
	t.orient(row)
	return t.outcome(row)
}

// numbers reads the columns that are numbers.
func (t *RowReader) numbers(row *result.Row) error {
	for _, x := range []struct {
		f    field
		to   *float64
		name string
	}{{freqField, &row.EAF, "frequency"}, {infoField, &row.Info, "info"}, {betaField, &row.Beta, "beta"}, {seField, &row.SE, "standard error"}, {statField, &row.Stat, "statistic"}} {
		var err error
		if *x.to, err = floatCell(t.cell(x.f)); err != nil {
			return fmt.Errorf("%s %w", x.name, err)
		}
	}
	if row.EAF < 0 || row.EAF > 1 {
		return fmt.Errorf("frequency %g: want 0 to 1", row.EAF)
	}
	if t.layout.has(oddsField) && !t.layout.has(betaField) {
		odds, err := floatCell(t.cell(oddsField))
		if err != nil || odds < 0 {
			return fmt.Errorf("odds ratio %q: want a number of 0 or more", t.cell(oddsField))
		}
		row.Beta = math.Log(odds)
	}
	for _, x := range []struct {
		f    field
		to   *int
		name string
	}{{nField, &row.N, "number of samples"}, {casesField, &row.Cases, "number of cases"}, {controlsField, &row.Controls, "number of controls"}} {
		s := t.cell(x.f)
		if missing(s) {
			continue
		}
		n, err := strconv.ParseFloat(s, 64) // regenie may write 1e+05
		if err != nil || !(n >= 0 && n <= 1e12) {
			return fmt.Errorf("%s %q: want a whole number", x.name, s)
		}
		*x.to = int(n)
	}
	return t.p(row)
}

// floatCell is a number, NaN where it is missing.
func floatCell(s string) (float64, error) {
	if missing(s) {
		return math.NaN(), nil
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("%q: want a number or NA", s)
	}
	return v, nil
}

// p reads -log10 p.
func (t *RowReader) p(row *result.Row) error {
	const rounding = 1e-6 // of programs that write p = 1 as -log10 p
	if s := t.cell(logPField); t.layout.has(logPField) {
		l, err := floatCell(s)
		if err != nil || l < -rounding {
			return fmt.Errorf("-log10 p %q: want a number of 0 or more, or NA", s)
		}
		row.NegLog10P = l + 0
		return nil
	}
	s := t.cell(pField)
	l, ok := negLog10(s)
	if !ok {
		return fmt.Errorf("p %q: want a number from 0 to 1, or NA", s)
	}
	row.NegLog10P = l
	return nil
}

// negLog10 is -log10 of a text, also of one below the smallest double; infinite for 0.
func negLog10(s string) (float64, bool) {
	if missing(s) {
		return math.NaN(), true
	}
	p, err := strconv.ParseFloat(s, 64)
	if err != nil || !(p >= 0 && p <= 1+1e-6) {
		return 0, false
	}
	if p > 1e-290 {
		return max(-math.Log10(p), 0), true
	}
	mantissa, exponent, found := strings.Cut(strings.ToLower(s), "e")
	m, err := strconv.ParseFloat(mantissa, 64)
	if err != nil {
		return 0, false
	}
	e := 0
	if found {
		if e, err = strconv.Atoi(exponent); err != nil {
			return math.Inf(1), true // below any power that there is
		}
	}
	return -math.Log10(m) - float64(e), true
}

// orient makes the alternate allele the effect allele.
func (t *RowReader) orient(row *result.Row) {
	effect, other := t.cell(effectField), t.cell(otherField)
	v := row.Variant
	switch {
	case effect == "":
	case v.Ref == "" && v.Alt == "":
		v.Ref, v.Alt = other, effect
	case effect == v.Ref && effect != v.Alt:
		row.Beta, row.Stat, row.EAF = -row.Beta, -row.Stat, 1-row.EAF
	case effect != v.Alt && v.Ref != "":
		v.Alt = effect // one of several alternate alleles
	}
	if v.Ref == "" {
		v.Ref = "?"
	}
	if v.Alt == "" {
		v.Alt = "?"
	}
}

// outcome reads what a table says of how a row was made.
func (t *RowReader) outcome(row *result.Row) error {
	there := !math.IsNaN(row.NegLog10P)
	if s := t.cell(methodField); s != "" {
		m, ok := t.methods[s]
		if !ok {
			return fmt.Errorf("method %q: not one that gx writes", s)
		}
		row.Method = m
	} else if there {
		row.Method = result.Score
	}
	for list := t.cell(flagsField); list != ""; {
		var name string
		name, list, _ = strings.Cut(list, ";")
		row.Flags |= t.flags[name]
	}
	const made = result.TestFailed | result.NotConverged
	if !there && t.cell(methodField) == "" && row.Flags&made != 0 {
		row.Method = result.Score
	}
	if there && row.Method == result.None {
		row.Method = result.Score
	}
	return nil
}
