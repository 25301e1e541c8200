package vcf

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/text"
	"github.com/gx-genomics/gx/variant/locus"
)

// problems is what Check says of content, a line each, warnings in brackets.
func problems(t *testing.T, content string, o CheckOptions) []string {
	t.Helper()
	lines, err := text.New("x", strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, p := range check(lines, o).Problems {
		s := strings.TrimPrefix(p.Error.Error(), "x:")
		if p.Warning {
			s = "(" + s + ")"
		}
		list = append(list, s)
	}
	return list
}

// head is a header in which all that the tests use is declared.
const head = `##fileformat=VCFv4.3
##FILTER=<ID=q,Description="">
##INFO=<ID=DP,Number=1,Type=Integer,Description="">
##INFO=<ID=END,Number=1,Type=Integer,Description="">
##FORMAT=<ID=GT,Number=1,Type=String,Description="">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="">
##FORMAT=<ID=GP,Number=G,Type=Float,Description="">
##contig=<ID=c,length=8>
##contig=<ID=HLA-A*01:01,length=8>
` + fixed + "\tFORMAT\ts\n"

func TestCheckRecords(t *testing.T) {
	for name, k := range map[string]struct {
		record string
		want   []string
	}{
		"sound":               {"c\t1\ta;b\tAc\tA,<DEL>,*\t.\tPASS\tDP=1\tGT:AD\t0/1:1,2,3,4", nil},
		"HLA contig":          {"HLA-A*01:01\t1\t.\tA\t.\t.\tPASS\t.\tGT\t0", nil},
		"missing values":      {"c\t1\t.\tA\tC\t.\t.\tDP=.\tGT:AD:GP\t.:.,.:.", nil},
		"trailing values":     {"c\t1\t.\tA\tC\t.\t.\t.\tGT:AD:GP\t./.", nil},
		"no alternate allele": {"c\t1\t.\tA\t.\t.\t.\t.\tGT:AD:GP\t0/0:30:1", nil},
		"undeclared":          {"d\t1\t.\tA\tC\t.\tr\tXX=1\tGT:YY\t0/1:1", []string{"(11: d:1 A>C: contig d is not declared in the header)", "(11: d:1 A>C: FILTER r is not declared in the header)", "(11: d:1 A>C: INFO/XX is not declared in the header)", "(11: d:1 A>C: FORMAT/YY is not declared in the header)"}},
		"END":                 {"c\t5\t.\tA\t<DEL>\t.\t.\tEND=4\tGT\t0/1", []string{"(11: c:5 A><DEL>: INFO/END lies before POS: such an END is passed over)"}},
		"ploidy of 3":         {"c\t1\t.\tA\tC\t.\t.\t.\tGT:GP\t0/1/1:1,0,0", []string{"11: c:1 A>C: sample s: FORMAT/GP: 3 values, want 4"}},
		"values without GT":   {"c\t1\t.\tA\tC\t.\t.\t.\tGP:AD\t1,0,0:4,5,6", []string{"11: c:1 A>C: sample s: FORMAT/AD: 3 values, want 2"}},
		"phasing of 4.4":      {"c\t1\t.\tA\tC\t.\t.\t.\tGT\t/0/1", []string{`11: c:1 A>C: sample s: GT "/0/1", want allele numbers parted by / or |`}},
		"carriage return":     {"c\t1\t.\tA\tC\t.\t.\t.\tGT\t0/1\r", []string{`(11: lines end in \r\n)`}},
		"allele twice":        {"c\t1\t.\tA\tC,C\t.\t.\t.\tGT\t0/1", []string{"11: c:1 A>C,C: allele C stands twice"}},
		"empty INFO":          {"c\t1\t.\tA\tC\t.\t.\t\tGT\t0/1", []string{"11: c:1 A>C: INFO is empty, want . or key=value"}},
		"hexadecimal":         {"c\t1\t.\tA\tC\t.\t.\t.\tGT:GP\t0/1:0x1p3,0,0", []string{`11: c:1 A>C: sample s: FORMAT/GP: "0x1p3", want a number`}},
		"columns":             {"c\t1\t.\tA\tC\t.\t.\t.\tGT", []string{"11: 9 columns, want 10 as in the #CHROM line"}},
		"header again":        {"#c", []string{`11: "#c", want a record: the header is over`}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := problems(t, head+k.record+"\n", CheckOptions{}); !slices.Equal(got, k.want) {
				t.Errorf("got  %q\nwant %q", got, k.want)
			}
		})
	}
}

func TestCheckReference(t *testing.T) {
	c, err := locus.NewContigs([]locus.Contig{{Name: "c", Length: 6}, {Name: "chrd", Length: 4}})
	if err != nil {
		t.Fatal(err)
	}
	bases := func(dst []byte, r locus.Region) ([]byte, error) { return append(dst, "ACGTNR"[r.Start:r.End]...), nil }
	const header = "##fileformat=VCFv4.2\n##contig=<ID=c,length=7>\n##contig=<ID=d>\n" + fixed + "\n"
	got := problems(t, header+"c\t1\t.\tAC\tA\t.\t.\t.\nc\t3\t.\tA\tC\t.\t.\t.\nc\t5\t.\tAA\tC\t.\t.\t.\nc\t6\t.\tAC\tA\t.\t.\t.\nd\t1\t.\tA\tC\t.\t.\t.\n", CheckOptions{Contigs: c, Bases: bases})
	want := []string{
		"4: contig c has 7 bases in the header, 6 in the reference; remedy: the reference the file was made with",
		`(4: contig of the header: no such contig: "d"; the reference calls it "chrd")`,
		"6: c:3 A>C: REF is not what the reference has there, G",
		"8: c:6 AC>A: REF reaches beyond the end of c (6 bases)",
		`(9: d:1 A>C: no such contig: "d"; the reference calls it "chrd")`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestCheckOtherReference(t *testing.T) {
	c, err := locus.NewContigs([]locus.Contig{{Name: "chr20", Length: 100}})
	if err != nil {
		t.Fatal(err)
	}
	got := problems(t, "##fileformat=VCFv4.2\n"+fixed+"\n20\t1\t.\tA\tC\t.\t.\t.\n", CheckOptions{Contigs: c})
	want := []string{
		`(3: 20:1 A>C: no such contig: "20"; the reference calls it "chr20")`,
		`3: no record lies on a contig of the reference: no such contig: "20"; the reference calls it "chr20"`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestCheckIndex(t *testing.T) {
	path := random(t, 100, 100_000)
	if r, err := Check(path, CheckOptions{}); err != nil || !r.Valid() {
		t.Fatalf("%v, %s", err, first(r))
	}
	other, err := os.ReadFile(random(t, 99, 100_000))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, other, 0o644); err != nil {
		t.Fatal(err)
	}
	if r, err := Check(path, CheckOptions{}); err != nil || r.Valid() || !errors.Is(r.Problems[len(r.Problems)-1].Err, ErrStale) {
		t.Errorf("%v, %s", err, first(r))
	}
}

func TestCheckFiles(t *testing.T) {
	if _, err := Check(filepath.Join(t.TempDir(), "none.vcf"), CheckOptions{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	packed, err := os.ReadFile(random(t, 1000, 100_000))
	if err != nil {
		t.Fatal(err)
	}
	bcf := bcfFile()
	for name, k := range map[string]struct {
		content []byte
		want    string
	}{
		"sound":       {packed, ""},
		"cut bgzip":   {packed[:len(packed)-28], "the BGZF end marker is missing"},
		"damaged":     {append(append(slices.Clone(packed[:200]), make([]byte, 100)...), packed[300:]...), "damaged BGZF block"},
		"sound BCF":   {bcf, ""},
		"cut BCF":     {bcf[:len(bcf)-1], "file is truncated"},
		"BCF header":  {bcf[:20], "header: unexpected EOF"},
		"binary":      {[]byte("\x7fELF"), "no header"},
		"gzip header": {[]byte("\x1f\x8b\x08"), "damaged gzip"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.vcf.gz")
			if err := os.WriteFile(path, k.content, 0o644); err != nil {
				t.Fatal(err)
			}
			r, err := Check(path, CheckOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if k.want == "" && !r.Valid() || k.want != "" && (r.Valid() || !strings.Contains(first(r), k.want)) {
				t.Errorf("%d errors, first %q, want %q", r.Errors, first(r), k.want)
			}
		})
	}
}

// TestCheckGoldens: what DeepVariant writes, and with it what gx writes, is
// sound.
func TestCheckGoldens(t *testing.T) {
	for _, name := range []string{
		"deepvariant/testdata/golden.postprocess_gvcf_output.med_dp.g.vcf", "deepvariant/testdata/golden.postprocess_single_site_output_with_small_model.vcf.gz",
		"deepvariant/testdata_v1.5/golden.postprocess_gvcf_output.g.vcf", "population/1000G.chr20_1-4M.target203.bcf", "population/NA12878.PG.GRCh38.chr21_1-10M.vcf.gz",
	} {
		if testing.Short() && strings.HasSuffix(name, ".bcf") {
			continue
		}
		r, err := Check(shared.Path(t, name), CheckOptions{})
		if err != nil || !r.Valid() || r.Records == 0 {
			t.Errorf("%s: %d records, %v, %s", name, r.Records, err, first(r))
		}
	}
}

// TestTwinsBounded: what is remembered of a file does not grow with it.
func TestTwinsBounded(t *testing.T) {
	var s twins
	r := Record{Contig: "c", Ref: "A"}
	for i := range 3 * mostOpen {
		r.Alts = []string{strings.Repeat("C", 1+i%100), strings.Repeat("G", 1+i/100%100) + strings.Repeat("T", i/10_000)}
		r.line = int64(i)
		_ = s.add(&r)
		if len(s.open) > mostOpen+2 {
			t.Fatalf("%d variants remembered", len(s.open))
		}
	}
}
