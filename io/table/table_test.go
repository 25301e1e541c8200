package table

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/result"
	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/io/text"
)

var nan = math.NaN()

// rows are a linear test, a Firth test of a common allele, and a variant that
// was not tested.
func rows() []result.Row {
	v := []dosage.Variant{
		{Chrom: "1", Start: 99, ID: "rs1", Ref: "G", Alt: "A"},
		{Chrom: "chrX", Start: 199, ID: "v2", Ref: "C", Alt: "T"},
		{Chrom: "2", Start: 299, ID: ".", Ref: "G", Alt: "<DEL>"},
	}
	return []result.Row{
		{Variant: &v[0], N: 500, Cases: -1, Controls: -1, EAF: 0.25, EAFCases: nan, EAFControls: nan, Info: nan,
			Test: "ADD", Beta: 0.125, SE: 0.0625, Stat: 2, DF: 1, NegLog10P: 1.5, Method: result.OLS},
		{Variant: &v[1], N: 500, Cases: 100, Controls: 400, EAF: 0.75, EAFCases: 0.5, EAFControls: 0.8125, Info: 0.875,
			Test: "ADD", Beta: 0.5, SE: 0.25, Stat: 40, DF: 1, NegLog10P: 349.25, Method: result.FirthWald},
		{Variant: &v[2], N: 0, Cases: -1, Controls: -1, EAF: nan, EAFCases: nan, EAFControls: nan, Info: nan,
			Test: "ADD", Beta: nan, SE: nan, Stat: nan, DF: 1, NegLog10P: nan, Flags: result.AllMissing},
	}
}

func TestLines(t *testing.T) {
	for _, c := range []struct {
		name string
		c    Columns
		want string
	}{
		{"gx", Columns{Format: GX}, `chrom pos id ref alt effect_allele eaf n n_cases n_controls info test beta se stat neg_log10_p method flags
1 100 rs1 G A A 0.25 500 NA NA NA ADD 0.125 0.0625 2 1.5 ols .
chrX 200 v2 C T T 0.75 500 100 400 0.875 ADD 0.5 0.25 40 349.25 firth-wald .
2 300 . G <DEL> <DEL> NA 0 NA NA NA ADD NA NA NA NA none ALL_MISSING
`},
		{"regenie", Columns{Format: Regenie}, `CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N TEST BETA SE CHISQ LOG10P EXTRA
1 100 rs1 G A 0.25 500 ADD 0.125 0.0625 4 1.5 NA
chrX 200 v2 C T 0.75 500 ADD 0.5 0.25 1600 349.25 NA
2 300 . G <DEL> NA 0 ADD NA NA NA NA NA
`},
		{"regenie, beside other variants", Columns{Format: Regenie, Conditional: true}, `CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ N TEST BETA SE CHISQ LOG10P EXTRA
1 100 rs1 G A 0.25 500 ADD-CONDTL 0.125 0.0625 4 1.5 NA
chrX 200 v2 C T 0.75 500 ADD-CONDTL 0.5 0.25 1600 349.25 NA
2 300 . G <DEL> NA 0 ADD-CONDTL NA NA NA NA NA
`},
		{"regenie by case", Columns{Format: Regenie, Binary: true, ByCase: true, Info: true},
			`CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ A1FREQ_CASES A1FREQ_CONTROLS INFO N N_CASES N_CONTROLS TEST BETA SE CHISQ LOG10P EXTRA
1 100 rs1 G A 0.25 NA NA NA 500 NA NA ADD 0.125 0.0625 4 1.5 NA
chrX 200 v2 C T 0.75 0.5 0.8125 0.875 500 100 400 ADD 0.5 0.25 1600 349.25 NA
2 300 . G <DEL> NA NA NA NA 0 NA NA ADD NA NA NA NA NA
`},
		{"plink2", Columns{Format: PLINK2}, `#CHROM POS ID REF ALT A1 A1_FREQ TEST OBS_CT BETA SE T_STAT P ERRCODE
1 100 rs1 G A A 0.25 ADD 500 0.125 0.0625 2 0.0316228 .
chrX 200 v2 C T C 0.25 ADD 500 -0.5 0.25 -40 5.62341e-350 .
2 300 . G <DEL> <DEL> NA ADD 0 NA NA NA NA SAMPLE_CT<=PREDICTOR_CT
`},
		{"plink2 binary, effect of ALT", Columns{Format: PLINK2, Binary: true, Reference: true}, `#CHROM POS ID REF ALT A1 A1_FREQ FIRTH? TEST OBS_CT OR LOG(OR)_SE Z_STAT P ERRCODE
1 100 rs1 G A A 0.25 N ADD 500 1.13315 0.0625 2 0.0316228 .
chrX 200 v2 C T T 0.75 Y ADD 500 1.64872 0.25 40 5.62341e-350 .
2 300 . G <DEL> <DEL> NA N ADD 0 NA NA NA NA SAMPLE_CT<=PREDICTOR_CT
`},
		{"gwas-ssf", Columns{Format: SSF}, `chromosome base_pair_location effect_allele other_allele beta standard_error effect_allele_frequency neg_log_10_p_value variant_id rsid info ref_allele n
1 100 A G 0.125 0.0625 0.25 1.5 1_100_G_A rs1 #NA OA 500
23 200 T C 0.5 0.25 0.75 349.25 23_200_C_T #NA 0.875 OA 500
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := []byte(c.c.Header())
			for _, r := range rows() {
				got = c.c.Append(got, &r)
			}
			if s := strings.ReplaceAll(string(got), "\t", " "); s != c.want {
				t.Errorf("got\n%swant\n%s", s, c.want)
			}
		})
	}
}

func TestProbability(t *testing.T) {
	for _, c := range []struct {
		l    float64
		want string
	}{{0, "1"}, {1.5, "0.0316228"}, {299.5, "3.16228e-300"}, {300.5, "3.16228e-301"}, {1000, "1e-1000"}, {999.9999999999, "1e-1000"}, {nan, "NA"}} {
		if got := string(probability(nil, c.l, peerDigits)); got != c.want {
			t.Errorf("%g: %s, want %s", c.l, got, c.want)
		}
	}
}

// TestCompressed: the same lines whatever the threads, readable as BGZF.
func TestCompressed(t *testing.T) {
	c := Columns{Format: GX}
	var want []byte
	for threads := 1; threads <= 3; threads++ {
		var b bytes.Buffer
		w, err := NewWriter(&b, c, true, threads)
		if err != nil {
			t.Fatal(err)
		}
		plain := []byte(c.Header())
		for range 2000 {
			line := []byte(nil)
			for _, r := range rows() {
				line = c.Append(line, &r)
			}
			plain = append(plain, line...)
			if err := w.Write(line); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = slices.Clone(b.Bytes())
		}
		if !bytes.Equal(b.Bytes(), want) {
			t.Errorf("%d threads write other bytes than 1", threads)
		}
		var back bytes.Buffer
		if _, err := back.ReadFrom(bgzf.NewReader(&b, 1)); err != nil || !bytes.Equal(back.Bytes(), plain) {
			t.Errorf("%d threads: %d bytes come back, want %d, %v", threads, back.Len(), len(plain), err)
		}
	}
}

// TestParquet reads what was written, in calls of different sizes.
func TestParquet(t *testing.T) {
	var first []byte
	for _, size := range []int{1, 3, 7000} {
		var b bytes.Buffer
		p, err := NewParquet(&b, []Pair{{"gx.trait", "Y"}})
		if err != nil {
			t.Fatal(err)
		}
		var all []result.Row
		for len(all) < groupRows+3000 {
			all = append(all, rows()...)
		}
		for from := 0; from < len(all); from += size {
			if err := p.Write(all[from:min(from+size, len(all))]); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b.Bytes()
		}
		if !bytes.Equal(first, b.Bytes()) {
			t.Errorf("calls of %d rows make other bytes", size)
		}
	}
	r, err := file.NewParquetReader(bytes.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if r.NumRowGroups() != 2 || r.RowGroup(0).NumRows() != groupRows {
		t.Fatalf("%d row groups, the first of %d rows", r.NumRowGroups(), r.RowGroup(0).NumRows())
	}
	if v := r.MetaData().KeyValueMetadata().FindValue("gx.trait"); v == nil || *v != "Y" {
		t.Errorf("metadata gx.trait is %v", v)
	}
	columns := parquetColumns()
	var list []string
	for i := range columns {
		list = append(list, r.MetaData().Schema.Column(i).Name())
	}
	if want := strings.Join(list, "\t") + "\n"; want != (Columns{}).Header() {
		t.Errorf("columns %q differ from those of the text", want)
	}
	group := r.RowGroup(0)
	p, err := group.Column(slices.Index(list, "neg_log10_p"))
	if err != nil {
		t.Fatal(err)
	}
	values, levels := make([]float64, 3), make([]int16, 3)
	if _, n, err := p.(*file.Float64ColumnChunkReader).ReadBatch(3, values, levels, nil); err != nil || n != 2 ||
		!slices.Equal(levels, []int16{1, 1, 0}) || values[0] != 1.5 || values[1] != 349.25 {
		t.Errorf("neg_log10_p: %v at levels %v, %v", values[:n], levels, err)
	}
	chrom, err := group.Column(0)
	if err != nil {
		t.Fatal(err)
	}
	texts := make([]parquet.ByteArray, 3)
	if _, n, err := chrom.(*file.ByteArrayColumnChunkReader).ReadBatch(3, texts, nil, nil); err != nil || n != 3 || string(texts[1]) != "chrX" {
		t.Errorf("chrom: %v, %v", texts[:n], err)
	}
}

func TestMeta(t *testing.T) {
	m := Meta{File: "y.tsv", MD5: "0", Assembly: "GRCh38", Trait: "height", Ancestry: "NR", Technology: "Genome-wide genotyping array",
		Software: "gx", Covariates: []string{"age"}, Samples: 10, Sorted: true, Cases: 4, Controls: 6}
	got, err := m.YAML()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"genome_assembly: GRCh38\n", "file_type: GWAS-SSF v1.0\n", "sample_size: 10\n", "case_control_study: true\n", "is_sorted: true\n", "- height\n"} {
		if !strings.Contains(string(got), line) {
			t.Errorf("no %q in\n%s", line, got)
		}
	}
}

func read(t testing.TB, s string) *text.Reader {
	t.Helper()
	r, err := text.New("t.tsv", strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReadSamples(t *testing.T) {
	for _, c := range []struct{ name, in, want, fault string }{
		{"tabs, empty field", "FID\tIID\ty\tz\n1\ta\t\tx y\n", "1/a: y= z=x y", ""},
		{"blanks", "#FID  IID y\r\n1 a  2\r\n", "1/a: y=2", ""},
		{"no FID", "#IID y\nb 3\n", "-/b: y=3", ""},
		{"comments", "##x\nIID y\nb 3\n\n", "-/b: y=3", ""},
		{"empty", "", "", "t.tsv: empty, want a header that begins FID IID"},
		{"no header", "1 1 0.5\n", "", `t.tsv:1: the header begins "1 1", want FID IID or IID`},
		{"short row", "FID IID y\n1 a\n", "", "t.tsv:2: 1: 2 fields, want 3 as in the header"},
		{"twice", "FID IID y y\n", "", `t.tsv:1: column "y" has no name of its own`},
		{"no rows", "FID IID y\n", "", "t.tsv: a header, but no samples"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := ReadSamples(read(t, c.in))
			if err != nil || c.fault != "" {
				if err == nil || err.Error() != c.fault {
					t.Fatalf("error %v, want %q", err, c.fault)
				}
				return
			}
			fid := "-"
			if s.FID != nil {
				fid = s.FID[0]
			}
			got := fid + "/" + s.IID[0] + ":"
			for k, name := range s.Names {
				got += " " + name + "=" + s.Columns[k][0]
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestReadLOCO(t *testing.T) {
	l, err := ReadLOCO(read(t, "FID_IID 1_1 2_2\n1 0.5 NA\n23 -1e-3 2\n"))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(l.Chroms, []string{"1", "23"}) || l.Values[1][0] != -1e-3 || !math.IsNaN(l.Values[0][1]) {
		t.Errorf("got %+v", l)
	}
	for _, c := range []struct{ in, want string }{
		{"", "t.tsv: no predictions, want a line FID_IID ... and one for each chromosome"},
		{"IID a\n", `t.tsv:1: begins "IID", want FID_IID and the samples`},
		{"FID_IID a a\n", "t.tsv:1: sample a stands twice"},
		{"FID_IID a b\n1 0.5\n", "t.tsv:2: chromosome 1 has 1 values, want 2"},
		{"FID_IID a\n1 x\n", `t.tsv:2: chromosome 1, sample a: "x", want a number or NA`},
	} {
		if _, err := ReadLOCO(read(t, c.in)); err == nil || err.Error() != c.want {
			t.Errorf("%q: error %v, want %s", c.in, err, c.want)
		}
	}
}

func TestReadPredictions(t *testing.T) {
	list, err := ReadPredictions(read(t, "Y1 a.loco\nY2 /x/b.loco\n"), func(string) bool { return false })
	if err != nil || !slices.Equal(list, []Prediction{{"Y1", "a.loco"}, {"Y2", "/x/b.loco"}}) {
		t.Errorf("got %v, %v", list, err)
	}
	for _, in := range []string{"", "Y1\n", "Y a\nY b\n"} {
		if _, err := ReadPredictions(read(t, in), func(string) bool { return true }); err == nil {
			t.Errorf("%q is read", in)
		}
	}
}

func FuzzReadSamples(f *testing.F) {
	f.Add("FID\tIID\ty\n1\t1\tNA\n")
	f.Add("#IID y z\na 1 2\n")
	f.Add(" IID y\n ") // a line of blanks is no row
	f.Add("FID\tIID\n\t\n")
	f.Fuzz(func(t *testing.T, s string) {
		r, err := text.New("f", strings.NewReader(s))
		if err != nil {
			return
		}
		got, err := ReadSamples(r)
		if err != nil {
			return
		}
		for k := range got.Columns {
			if len(got.Columns[k]) != len(got.IID) {
				t.Fatalf("column %d has %d values for %d samples", k, len(got.Columns[k]), len(got.IID))
			}
		}
	})
}

func FuzzReadLOCO(f *testing.F) {
	f.Add("FID_IID 1_1 2_2\n1 0.5 NA\n23 -1e-3 2\n")
	f.Fuzz(func(t *testing.T, s string) {
		r, err := text.New("f", strings.NewReader(s))
		if err != nil {
			return
		}
		got, err := ReadLOCO(r)
		if err != nil {
			return
		}
		for c := range got.Values {
			if len(got.Values[c]) != len(got.IDs) {
				t.Fatalf("chromosome %d has %d values for %d samples", c, len(got.Values[c]), len(got.IDs))
			}
		}
	})
}

func FuzzReadPredictions(f *testing.F) {
	f.Add("Y1 a.loco\n")
	f.Fuzz(func(t *testing.T, s string) {
		r, err := text.New("f", strings.NewReader(s))
		if err != nil {
			return
		}
		list, err := ReadPredictions(r, func(string) bool { return true })
		if err == nil && len(list) == 0 {
			t.Fatal("an empty list without an error")
		}
	})
}

// TestParquetValues: arrow's own reader finds in every column what the rows hold,
// over the borders of row groups, lists of many and of few words alike.
func TestParquetValues(t *testing.T) {
	list := rows()
	for len(list) < groupRows+500 {
		list = append(list, list...)
	}
	list = list[:groupRows+321]
	long := make([]dosage.Variant, 3000) // more bytes of alleles than a dictionary takes
	for i := range long {
		long[i] = *list[i].Variant
		long[i].Alt = strings.Repeat("ACGT", 60) + strconv.Itoa(i)
		list[i].Variant = &long[i]
	}
	var b bytes.Buffer
	p, err := NewParquet(&b, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(p.Write(list), p.Close()); err != nil {
		t.Fatal(err)
	}
	r, err := file.NewParquetReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if r.NumRows() != int64(len(list)) {
		t.Fatalf("%d rows, want %d", r.NumRows(), len(list))
	}
	for k, c := range parquetColumns() {
		at := 0
		for g := range r.NumRowGroups() {
			chunk, err := r.RowGroup(g).Column(k)
			if err != nil {
				t.Fatal(err)
			}
			n := int(r.RowGroup(g).NumRows())
			levels := make([]int16, n)
			var texts []parquet.ByteArray
			var wholes []int32
			var numbers []float64
			for read := 0; read < n; {
				var total int64
				var got int
				switch w := chunk.(type) {
				case *file.ByteArrayColumnChunkReader:
					v := make([]parquet.ByteArray, n-read)
					total, got, err = w.ReadBatch(int64(n-read), v, levels[read:], nil)
					for _, s := range v[:got] {
						texts = append(texts, bytes.Clone(s))
					}
				case *file.Int32ColumnChunkReader:
					v := make([]int32, n-read)
					total, got, err = w.ReadBatch(int64(n-read), v, levels[read:], nil)
					wholes = append(wholes, v[:got]...)
				case *file.Float64ColumnChunkReader:
					v := make([]float64, n-read)
					total, got, err = w.ReadBatch(int64(n-read), v, levels[read:], nil)
					numbers = append(numbers, v[:got]...)
				}
				if err != nil || total == 0 {
					t.Fatalf("column %s: %d values, %v", c.name, total, err)
				}
				read += int(total)
			}
			for i := range n {
				row := &list[at+i]
				there := !c.optional || levels[i] == 1
				switch {
				case c.text != nil:
					if want := c.text(row); string(texts[i]) != want {
						t.Fatalf("column %s, row %d: %q, want %q", c.name, at+i, texts[i], want)
					}
				case c.whole != nil:
					want, ok := c.whole(row)
					if ok != there || ok && int(wholes[0]) != want {
						t.Fatalf("column %s, row %d: there %v, want %d, %v", c.name, at+i, there, want, ok)
					}
					if ok {
						wholes = wholes[1:]
					}
				default:
					want := c.number(row)
					if there == math.IsNaN(want) || there && numbers[0] != want {
						t.Fatalf("column %s, row %d: there %v, want %g", c.name, at+i, there, want)
					}
					if there {
						numbers = numbers[1:]
					}
				}
			}
			at += n
		}
	}
}

// TestOthers: the lines of the formats of other programs; a row without a p has
// none.
func TestOthers(t *testing.T) {
	v := dosage.Variant{Chrom: "X", Start: 99, ID: ".", Ref: "G", Alt: "A"}
	r := result.Row{Variant: &v, N: 10, Cases: 4, Controls: 6, EAF: 0.25, Test: "ADD", Beta: -0.5, SE: 0.125, Stat: -4, DF: 1, NegLog10P: 400.5, Info: nan}
	none := r
	none.NegLog10P = nan
	for _, c := range []struct {
		columns      Columns
		header, line string
	}{
		{Columns{Format: LocusZoom}, "chromosome\tposition\tref\talt\tneg_log_pvalue\tbeta\tstderr_beta\talt_allele_freq\n", "X\t100\tG\tA\t400.5\t-0.5\t0.125\t0.25\n"},
		{Columns{Format: PheWeb}, "chrom\tpos\tref\talt\tpval\tbeta\tsebeta\taf\tnum_samples\n", "X\t100\tG\tA\t3.16227766e-401\t-0.5\t0.125\t0.25\t10\n"},
		{Columns{Format: PheWeb, Binary: true}, "chrom\tpos\tref\talt\tpval\tbeta\tsebeta\taf\tnum_samples\tnum_cases\tnum_controls\n", "X\t100\tG\tA\t3.16227766e-401\t-0.5\t0.125\t0.25\t10\t4\t6\n"},
		{Columns{Format: METAL}, "SNP\tA1\tA2\tfreq\tb\tse\tp\tN\n", "X:100:G:A\tA\tG\t0.25\t-0.5\t0.125\t3.16227766e-401\t10\n"},
	} {
		if h := c.columns.Header(); h != c.header {
			t.Errorf("header %q, want %q", h, c.header)
		}
		if l := string(c.columns.Append(nil, &r)); l != c.line {
			t.Errorf("line %q, want %q", l, c.line)
		}
		if l := c.columns.Append(nil, &none); len(l) > 0 || c.columns.Holds(&none) {
			t.Errorf("a row without a p gives %q", l)
		}
	}
}
