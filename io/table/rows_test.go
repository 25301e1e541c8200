package table

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/result"
	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/text"
)

func readRows(s string) (list []result.Row, format Format, err error) {
	r, err := text.New("t.tsv", strings.NewReader(s))
	if err != nil {
		return nil, 0, err
	}
	t, err := NewRowReader(r)
	if err != nil {
		return nil, 0, err
	}
	for row, err := range t.All() {
		if err != nil {
			return list, t.Format(), err
		}
		kept, v := *row, *row.Variant
		v.ID, v.Ref, v.Alt = strings.Clone(v.ID), strings.Clone(v.Ref), strings.Clone(v.Alt)
		kept.Variant = &v
		list = append(list, kept)
	}
	return list, t.Format(), nil
}

func near(a, b float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 2e-5*math.Max(1, math.Abs(b))
}

// TestRowsOfAllFormats: what gx writes is read as it was, as far as the format tells.
func TestRowsOfAllFormats(t *testing.T) {
	nan := math.NaN()
	rows := []result.Row{
		{Variant: &dosage.Variant{Chrom: "1", Start: 999, ID: "rs1", Ref: "A", Alt: "G"}, N: 500, Cases: 200, Controls: 300, EAF: 0.25, Info: nan,
			Test: "ADD", Beta: 0.5, SE: 0.1, Stat: 5, DF: 1, NegLog10P: 6.24, Method: result.Score},
		{Variant: &dosage.Variant{Chrom: "X", Start: 1999, ID: "rs2", Ref: "AT", Alt: "A"}, N: 499, Cases: 199, Controls: 300, EAF: 0.75, Info: nan,
			Test: "ADD", Beta: -0.25, SE: 0.01, Stat: -25, DF: 1, NegLog10P: 412.5, Method: result.FirthApprox},
		{Variant: &dosage.Variant{Chrom: "X", Start: 2999, ID: "rs3", Ref: "A", Alt: "C"}, N: 500, Cases: 200, Controls: 300, EAF: 0, Info: nan,
			Test: "ADD", Beta: nan, SE: nan, Stat: nan, DF: 1, NegLog10P: nan, Method: result.None, Flags: result.Constant},
	}
	for _, format := range []Format{GX, Regenie, PLINK2, SSF, LocusZoom, PheWeb} {
		c := Columns{Format: format, Binary: true, ByCase: true}
		text := []byte(c.Header())
		for i := range rows {
			text = c.Append(text, &rows[i])
		}
		got, found, err := readRows(string(text))
		if err != nil || found != format {
			t.Errorf("%s: read as %s, %v", format, found, err)
			continue
		}
		want := rows
		if !c.Holds(&rows[2]) {
			want = rows[:2]
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d rows, want %d", format, len(got), len(want))
			continue
		}
		for i := range want {
			g, w := got[i], want[i]
			id := w.ID
			if format == LocusZoom || format == PheWeb {
				id = "."
			}
			chrom := w.Chrom
			if format == SSF && chrom == "X" {
				chrom = "23"
			}
			if g.Chrom != chrom || g.Start != w.Start || g.ID != id || g.Ref != w.Ref || g.Alt != w.Alt {
				t.Errorf("%s row %d is of %+v, want %+v", format, i, *g.Variant, *w.Variant)
			}
			if !near(g.Beta, w.Beta) || !near(g.SE, w.SE) || !near(g.EAF, w.EAF) || !near(g.NegLog10P, w.NegLog10P) {
				t.Errorf("%s row %d: %+v, want %+v", format, i, g, w)
			}
			if format != LocusZoom && g.N != w.N {
				t.Errorf("%s row %d: n %d, want %d", format, i, g.N, w.N)
			}
			if (format == GX || format == PLINK2) && g.Flags != w.Flags {
				t.Errorf("%s row %d: flags %s, want %s", format, i, g.Flags, w.Flags)
			}
			if (g.Method == result.None) != (w.Method == result.None) {
				t.Errorf("%s row %d: method %s, want %s", format, i, g.Method, w.Method)
			}
		}
	}
}

func TestRowsRefused(t *testing.T) {
	head := "chrom\tpos\tid\tneg_log10_p\n"
	for _, c := range []struct {
		name, text, want string
		line             int64
	}{
		{"empty", "", "is empty", 0},
		{"no p", "chrom\tpos\tid\n", "no column of p", 1},
		{"no place", "SNP\tA1\tA2\tfreq\tb\tse\tp\tN\n", "no columns of chromosome and position", 1},
		{"twice", "chrom\tpos\tP\tpval\n", "same meaning", 1},
		{"short row", head + "1\t2\tx\n", "3 columns, want the 4", 2},
		{"empty row", head + "1\t2\tx\t1\n\n", "an empty line", 3},
		{"position", head + "1\t2x\tx\t1\n", `position "2x"`, 2},
		{"below 0", head + "1\t2\tx\t-1\n", `-log10 p "-1"`, 2},
		{"words", head + "1\t2\tx\tmuch\n", `-log10 p "much"`, 2},
		{"above 1", "chrom\tpos\tp\n1\t2\t1.5\n", `p "1.5"`, 2},
		{"frequency", "chrom\tpos\teaf\tp\n1\t2\t7\t0.5\n", "frequency 7", 2},
		{"method", "chrom\tpos\tmethod\tp\n1\t2\tx\t0.5\n", `method "x"`, 2},
	} {
		_, _, err := readRows(c.text)
		var at *source.Error
		if !errors.As(err, &at) || at.Path != "t.tsv" || at.Line != c.line || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q in line %d", c.name, err, c.want, c.line)
		}
	}
}

func TestSmallP(t *testing.T) {
	for text, want := range map[string]float64{"1": 0, "0.05": 1.30103, "1e-300": 300, "2.5e-412": 411.60206, "4.9E-324": 323.3098, "0": math.Inf(1), "0.0": math.Inf(1), "NA": math.NaN()} {
		got, ok := negLog10(text)
		if !ok || !near(got, want) && got != want {
			t.Errorf("-log10 of %s is %v, want %v", text, got, want)
		}
	}
}

func FuzzRows(f *testing.F) {
	for _, c := range []Columns{{Format: GX}, {Format: Regenie, Binary: true, ByCase: true}, {Format: PLINK2, Binary: true}, {Format: SSF}} {
		row := result.Row{Variant: &dosage.Variant{Chrom: "1", Start: 9, ID: "rs1", Ref: "A", Alt: "G"}, N: 5, EAF: 0.7, Beta: 1, SE: 2, Stat: 0.5, NegLog10P: 0.2, Test: "ADD", Method: result.OLS, DF: 1}
		f.Add(string(c.Append([]byte(c.Header()), &row)))
	}
	f.Add("##MASKS=<M1>\nCHROM GENPOS LOG10P EXTRA\n1 2 inf NA\n")
	f.Add("#CHROM\tPOS\tP\n1\t2\t1e-999999999999999999999\n")
	f.Fuzz(func(t *testing.T, s string) {
		r, err := text.New("t", strings.NewReader(s))
		if err != nil {
			return
		}
		rows, err := NewRowReader(r)
		if err != nil {
			return
		}
		var row result.Row
		for {
			if err := rows.Read(&row); err != nil {
				var at *source.Error
				if err != io.EOF && !errors.As(err, &at) {
					t.Fatalf("%v names no place", err)
				}
				return
			}
			if row.NegLog10P < -1e-6 || row.EAF < 0 || row.EAF > 1 || row.Start < -1 || row.Variant == nil {
				t.Fatalf("%+v", row)
			}
			if _, err := (bytes.NewBuffer(Columns{Format: GX}.Append(nil, &row))).ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
	})
}
