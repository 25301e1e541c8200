package vcf

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/tabix"
	"github.com/gx-genomics/gx/io/text"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

const small = `##fileformat=VCFv4.2
##FILTER=<ID=q10,Description="Quality \"below\" 10, or \ so">
##INFO=<ID=END,Number=1,Type=Integer,Description="End">
##INFO=<ID=AF,Number=A,Type=Float,Description="Frequency">
##INFO=<ID=DB,Number=0,Type=Flag,Description="Known">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Likelihoods">
##program=some <text>
##contig=<ID=chr1,length=1000>
##contig=<ID=chr2,length=600000000>
#CHROM	POS	ID	REF	ALT	QUAL	FILTER	INFO	FORMAT	a	b
chr1	10	rs1	G	T	37.6	PASS	AF=0.5;DB	GT:DP:PL	0/1:30:37,0,42	1|1:.:9,9,0
chr1	20	.	GA	G,GAA	.	q10	AF=0.1,.	GT:PL	1/2:1,2,3,4,5,6	.
chr2	7	.	A	<*>	0	.	END=500000000	GT:DP:PL	0:3:1,2	./.
`

func read(t testing.TB, content string) (*Header, []*Record, error) {
	t.Helper()
	r, err := NewReader("x.vcf", strings.NewReader(content))
	if err != nil {
		return nil, nil, err
	}
	var list []*Record
	for rec, err := range r.All() {
		if err != nil {
			return r.Header(), list, err
		}
		list = append(list, rec.Clone())
	}
	return r.Header(), list, nil
}

func TestRead(t *testing.T) {
	h, recs, err := read(t, small)
	if err != nil || len(recs) != 3 {
		t.Fatalf("%d records, %v", len(recs), err)
	}
	if d, _ := h.Filter("q10"); d != `Quality "below" 10, or \ so` {
		t.Errorf("description %q", d)
	}
	if got := string(h.Text()); got != small[:strings.Index(small, "chr1\t10")] {
		t.Errorf("header\n%s", got)
	}
	a, b, c := recs[0], recs[1], recs[2]
	if a.Contig != "chr1" || a.Pos != 9 || a.ID != "rs1" || a.Ref != "G" || !slices.Equal(a.Alts, []string{"T"}) || a.Qual != 37.6 || !a.Passed() || a.End() != 10 {
		t.Errorf("first record %+v", a)
	}
	if !math.IsNaN(b.Qual) || b.Passed() || b.End() != 21 || c.End() != 500_000_000 || b.Line() != 14 {
		t.Errorf("second %+v, third %+v", b, c)
	}
	if v, ok := a.InfoValue("DB"); v != "" || !ok {
		t.Errorf("DB: %q, %v", v, ok)
	}
	if _, ok := a.InfoValue("D"); ok {
		t.Error("D is there")
	}
	af, err := b.InfoFloats(nil, "AF")
	if err != nil || len(af) != 2 || af[0] != 0.1 || !math.IsNaN(af[1]) {
		t.Errorf("AF %v, %v", af, err)
	}
	for _, k := range []struct {
		rec  *Record
		i    int
		want variant.Genotype
		dp   []int
		pl   []int
	}{
		{a, 0, variant.Genotype{A: 0, B: 1}, []int{30}, []int{37, 0, 42}},
		{a, 1, variant.Genotype{A: 1, B: 1, Phased: true}, nil, []int{9, 9, 0}},
		{b, 0, variant.Genotype{A: 1, B: 2}, nil, []int{1, 2, 3, 4, 5, 6}},
		{b, 1, variant.Genotype{A: -1, B: -1}, nil, nil},
		{c, 0, variant.Genotype{A: 0, B: 0}, []int{3}, []int{1, 2}},
		{c, 1, variant.NoCall, nil, nil},
	} {
		gt, err := k.rec.Genotype(k.i)
		if err != nil || gt != k.want {
			t.Errorf("%s sample %d: GT %v, %v, want %v", k.rec.where(), k.i, gt, err, k.want)
		}
		if dp, err := k.rec.Ints(nil, k.i, "DP"); err != nil || !slices.Equal(dp, k.dp) {
			t.Errorf("%s sample %d: DP %v, %v", k.rec.where(), k.i, dp, err)
		}
		if pl, err := k.rec.Ints(nil, k.i, "PL"); err != nil || !slices.Equal(pl, k.pl) {
			t.Errorf("%s sample %d: PL %v, %v", k.rec.where(), k.i, pl, err)
		}
	}
}

// TestReadRefuses shows the one line each fault of a file gives.
func TestReadRefuses(t *testing.T) {
	header := small[:strings.Index(small, "chr1\t10")]
	line := strings.Count(header, "\n") + 1
	if line != 13 {
		t.Fatal("the header has another length")
	}
	for name, k := range map[string]struct{ content, want string }{
		"empty":           {"", "x.vcf: is empty, want a VCF file"},
		"no header":       {"chr1\t10\t.\tG\tT\t.\t.\t.\n", "x.vcf:1: no header: the first line is not ##fileformat=VCFv4.x; remedy: bcftools reheader, or the program that wrote it"},
		"no columns line": {"##fileformat=VCFv4.2\nchr1\t10\t.\tG\tT\t.\t.\t.\n", "x.vcf:2: the header has no #CHROM line before the first record; remedy: bcftools reheader"},
		"header alone":    {"##fileformat=VCFv4.2\n", "x.vcf: no #CHROM line: the header has no end"},
		"old version":     {"##fileformat=VCFv3.3\n", `x.vcf:1: version "VCFv3.3", want VCFv4.1 to VCFv4.5`},
		"sample twice":    {"##fileformat=VCFv4.2\n" + fixed + "\tFORMAT\ta\ta\n", `x.vcf:2: sample "a" stands twice`},
		"columns missing": {header + "chr1\t10\t.\tG\n", "x.vcf:13: 4 columns, want at least 8, parted by tabs"},
		"position":        {header + "chr1\tten\t.\tG\tT\t.\t.\t.\tGT\t.\t.\n", `x.vcf:13: POS "ten", want a number up to 2147483647`},
		"no ref":          {header + "chr1\t10\t.\t\tT\t.\t.\t.\tGT\t.\t.\n", `x.vcf:13: chr1:10: REF "", want bases`},
		"few samples":     {header + "chr1\t10\t.\tG\tT\t.\t.\t.\tGT\t.\n", "x.vcf:13: chr1:10 G>T: 1 samples, want the 2 of the header"},
		"many samples":    {header + "chr1\t10\t.\tG\tT\t.\t.\t.\tGT\t.\t.\t.\t.\n", "x.vcf:13: chr1:10 G>T: 4 samples, want the 2 of the header"},
		"no samples":      {header + "chr1\t10\t.\tG\tT\t.\t.\t.\tGT\n", "x.vcf:13: chr1:10 G>T: 0 samples, want the 2 of the header"},
		"quality":         {header + "chr1\t10\t.\tG\tT\tx\t.\t.\tGT\t.\t.\n", `x.vcf:13: chr1:10 G>T: QUAL "x", want a number or .`},
		"empty allele":    {header + "chr1\t10\t.\tG\tT,\t.\t.\t.\tGT\t.\t.\n", "x.vcf:13: chr1:10 G>T: an allele of ALT is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := read(t, k.content); err == nil || err.Error() != k.want {
				t.Errorf("got  %v\nwant %s", err, k.want)
			}
		})
	}
}

// TestBounds: a file does not make more of the memory than it is worth.
func TestBounds(t *testing.T) {
	header := small[:strings.Index(small, "chr1\t10")]
	for name, k := range map[string]struct{ content, want string }{
		"alleles":      {header + "chr1\t1\t.\tA\tC" + strings.Repeat(",C", maxAlts) + "\t.\t.\t.\tGT\t.\t.\n", "x.vcf:13: chr1:1 A>C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,C,...: more than 65536 alleles in ALT"},
		"FORMAT keys":  {header + "chr1\t1\t.\tA\tC\t.\t.\t.\tGT" + strings.Repeat(":A", maxKeys+1) + "\t.\t.\n", "x.vcf:13: chr1:1 A>C: more than 1024 keys in FORMAT"},
		"header keys":  {"##fileformat=VCFv4.2\n##INFO=<ID=A" + strings.Repeat(",B=C", maxPairs) + ">\n", "x.vcf:2: ##INFO line: more than 1000 keys"},
		"header lines": {"##fileformat=VCFv4.2\n" + strings.Repeat("##a=b\n", maxLines+1), "x.vcf:1048578: header of more than 1048576 lines"},
		"samples":      {"##fileformat=VCFv4.2\n" + fixed + "\tFORMAT" + strings.Repeat("\ts", maxSamples+1) + "\n", "x.vcf:2: 2097153 samples, want at most 2097152"},
	} {
		if testing.Short() && name == "header lines" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			_, _, err := read(t, k.content)
			if err == nil || !strings.HasPrefix(err.Error(), k.want) {
				t.Errorf("got %.200v, want %s", err, k.want)
			}
		})
	}
}

func TestSampleErrors(t *testing.T) {
	header := small[:strings.Index(small, "chr1\t10")]
	_, recs, err := read(t, header+"chr1\t10\t.\tG\tT\t.\t.\t.\tGT:PL\t0/2:1,2,3,4\t0/1/1:x\n")
	if err != nil {
		t.Fatal(err)
	}
	r := recs[0]
	_, e1 := r.Genotype(0)
	_, e2 := r.Ints(nil, 0, "PL")
	_, e3 := r.Genotype(1)
	_, e4 := r.Ints(nil, 1, "PL")
	for i, k := range []struct {
		err  error
		want string
	}{
		{e1, "x.vcf:13: chr1:10 G>T: GT of sample a names allele 2, want at most 1"},
		{e2, "x.vcf:13: chr1:10 G>T: FORMAT/PL has 4 values, want 3"},
		{e3, "x.vcf:13: chr1:10 G>T: sample b: genotype of more than two alleles"},
		{e4, `x.vcf:13: chr1:10 G>T: FORMAT/PL "x": want integers of 32 bits`},
	} {
		if k.err == nil || k.err.Error() != k.want {
			t.Errorf("%d: %v, want %s", i, k.err, k.want)
		}
	}
	if !errors.Is(e3, ErrPloidy) {
		t.Error("ErrPloidy is not reachable")
	}
}

// TestWrite builds by hand what small holds.
func TestWrite(t *testing.T) {
	h, _, err := read(t, small)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := NewWriter("out.vcf", &out, h)
	if err != nil {
		t.Fatal(err)
	}
	var row Row
	write := func() {
		t.Helper()
		if err := w.Write(&row); err != nil {
			t.Fatal(err)
		}
	}
	row.SiteID("chr1", 9, "rs1", "G", "T")
	row.Qual(37.6)
	row.Filter("PASS")
	row.InfoFloats("AF", 0.5)
	row.InfoFlag("DB")
	row.Format("GT", "DP", "PL")
	row.Sample()
	row.GT(variant.Genotype{A: 0, B: 1})
	row.Int(30)
	row.Ints(37, 0, 42)
	row.Sample()
	row.GT(variant.Genotype{A: 1, B: 1, Phased: true})
	row.Int(MissingInt)
	row.Ints(9, 9, 0)
	write()
	row.Site("chr1", 19, "GA", "G", "GAA")
	row.Filter("q10")
	row.InfoFloats("AF", 0.1, math.NaN())
	row.Format("GT", "PL")
	row.Sample()
	row.GT(variant.Genotype{A: 1, B: 2})
	row.Ints(1, 2, 3, 4, 5, 6)
	row.Sample()
	write()
	row.Site("chr2", 6, "A", "<*>")
	row.Qual(0)
	row.InfoInts("END", 500_000_000)
	row.Format("GT", "DP", "PL")
	row.Sample()
	row.Haploid(0)
	row.Int(3)
	row.Ints(1, 2)
	row.Sample()
	row.GT(variant.NoCall)
	write()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if out.String() != small {
		t.Errorf("got\n%s", out.String())
	}
}

func TestWriteRefuses(t *testing.T) {
	h, _, err := read(t, small)
	if err != nil {
		t.Fatal(err)
	}
	site := func(contig string, pos int) func(*Row) {
		return func(r *Row) {
			r.Site(contig, pos, "G", "T")
			r.Format("GT")
			r.Sample()
			r.Sample()
		}
	}
	for name, k := range map[string]struct {
		before, row func(*Row)
		want        string
	}{
		"other contig":  {nil, site("chr3", 1), "out.vcf: chr3:2: the header does not declare this contig"},
		"position":      {site("chr1", 5), site("chr1", 4), "out.vcf: chr1:5: not sorted: it comes behind position 6"},
		"contig order":  {site("chr2", 5), site("chr1", 9), "out.vcf: chr1:10: not sorted: it comes behind chr2, which the header declares later"},
		"sample counts": {nil, func(r *Row) { r.Site("chr1", 1, "G") }, "out.vcf: chr1:2: 0 samples, want the 2 of the header"},
	} {
		t.Run(name, func(t *testing.T) {
			w, err := NewWriter("out.vcf", io.Discard, h)
			if err != nil {
				t.Fatal(err)
			}
			var row Row
			if k.before != nil {
				k.before(&row)
				if err := w.Write(&row); err != nil {
					t.Fatal(err)
				}
			}
			k.row(&row)
			if err := w.Write(&row); err == nil || err.Error() != k.want {
				t.Errorf("got %v, want %s", err, k.want)
			}
		})
	}
}

// full is a disk with room for n bytes.
type full struct{ n int }

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.n {
		return f.n, &os.PathError{Op: "write", Path: "tmp", Err: errors.New("no space left on device")}
	}
	f.n -= len(p)
	return len(p), nil
}

func TestFullDisk(t *testing.T) {
	h, recs, err := read(t, small)
	if err != nil {
		t.Fatal(err)
	}
	for name, create := range map[string]func(string, io.Writer, *Header) (*Writer, error){"plain": NewWriter,
		"bgzip": func(path string, w io.Writer, h *Header) (*Writer, error) { return NewPackedWriter(path, w, h, 2) }} {
		w, err := create("out.vcf", &full{1000}, h)
		var row Row
		for range 10_000 {
			if err == nil {
				row.Copy(recs[0])
				err = w.Write(&row)
			}
		}
		if e := w.Close(); err == nil {
			err = e
		}
		if err == nil || err.Error() != "out.vcf: no space left on device" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWriterFor: what a name asks for, read back; a writer that missed a record
// says so at Close.
func TestWriterFor(t *testing.T) {
	h, recs, err := read(t, small)
	if err != nil {
		t.Fatal(err)
	}
	for name, magic := range map[string]string{"o.vcf": "##fileformat", "o.vcf.gz": "\x1f\x8b", "o.bcf": "\x1f\x8b"} {
		var b bytes.Buffer
		w, err := NewWriterFor(name, &b, h, 2)
		if err != nil {
			t.Fatal(err)
		}
		var row Row
		for _, r := range recs {
			row.Copy(r)
			if err := w.Write(&row); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		suffix, _, err := w.Index()
		if packed := err == nil; packed != Packed(name) || packed && suffix != ".csi" { // chr2 is too long for .tbi
			t.Errorf("%s: index %q, %v", name, suffix, err)
		}
		if !strings.HasPrefix(b.String(), magic) {
			t.Errorf("%s begins with %q", name, b.String()[:4])
		}
		r, err := NewReader(name, &b)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for rec, err := range r.All() {
			if err != nil {
				t.Fatal(err)
			}
			if rec.where() != recs[n].where() {
				t.Errorf("%s: record %d: %+v", name, n, rec)
			}
			n++
		}
		if n != len(recs) {
			t.Errorf("%s: %d records, want %d", name, n, len(recs))
		}
		if w, err = NewWriterFor(name, io.Discard, h, 1); err != nil {
			t.Fatal(err)
		}
		row.Site("chr3", 1, "A")
		bad := w.Write(&row)
		if err := w.Close(); bad == nil || err != bad {
			t.Errorf("%s: Close after a record that failed with %v: %v", name, bad, err)
		}
	}
}

// TestThreads: neither the file nor its index depends on the threads.
func TestThreads(t *testing.T) {
	h, err := NewCallHeader(CallStyle{}, contigs(t), "s")
	if err != nil {
		t.Fatal(err)
	}
	var first []byte
	for _, threads := range []int{1, 2, 5} {
		var out bytes.Buffer
		w, err := NewPackedWriter("-", &out, h, threads)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 5000 {
			c := variant.Call{Site: variant.Site{Variant: variant.Variant{Contig: "chr1", Start: 20 * i, End: 20*i + 1, Ref: "A", Alts: []string{"C"}}, Depth: i, AD: []int{i / 3, i / 5}, VAF: []float64{0.1}},
				Qual: float64(i), Filter: variant.Pass, GT: variant.Genotype{A: 0, B: 1}, GL: []float64{-3, 0, -1}}
			if err := w.WriteCall(&c, CallStyle{}); err != nil {
				t.Fatal(err)
			}
			b := variant.Block{Contig: "chr1", Start: 20*i + 1, End: 20*i + 20, Ref: 'C', GQ: i, MedDP: -1}
			if err := w.WriteBlock(&b, CallStyle{}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		suffix, index, err := w.Index()
		if err != nil || suffix != ".tbi" {
			t.Fatalf("%s, %v", suffix, err)
		}
		if w.Records() != 10_000 {
			t.Errorf("%d records", w.Records())
		}
		both := append(out.Bytes(), index...)
		if first == nil {
			first = both
		}
		if !bytes.Equal(both, first) {
			t.Errorf("%d threads give other bytes than 1", threads)
		}
		x, err := tabix.Read(bytes.NewReader(index))
		if err != nil {
			t.Fatal(err)
		}
		v, err := NewIndexed("-", bytes.NewReader(out.Bytes()), int64(out.Len()), x)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, err := range v.Query(locus.Region{Contig: "chr1", Start: 50_010, End: 50_110}) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != 11 { // 6 blocks over 5 borders, with the calls between
			t.Errorf("%d records in 100 bases, want 11", n)
		}
	}
}

func contigs(t testing.TB) *locus.Contigs {
	t.Helper()
	c, err := locus.NewContigs([]locus.Contig{{Name: "chr1", Length: 200_000}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestRowOrder: columns out of order are a mistake of the program.
func TestRowOrder(t *testing.T) {
	for name, use := range map[string]func(*Row){
		"Qual after Filter":     func(r *Row) { r.Filter("PASS"); r.Qual(1) },
		"Info after Format":     func(r *Row) { r.Format("GT"); r.InfoFlag("DB") },
		"Sample before Format":  func(r *Row) { r.Sample() },
		"value before Sample":   func(r *Row) { r.Format("DP"); r.Int(1) },
		"more values than keys": func(r *Row) { r.Format("DP"); r.Sample(); r.Int(1); r.Int(2) },
		"Format twice":          func(r *Row) { r.Format("DP"); r.Format("DP") },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			var r Row
			r.Site("c", 1, "A")
			use(&r)
		})
	}
}

// TestFloats holds what printf("%g", (float)x) of C gives.
func TestFloats(t *testing.T) {
	for _, k := range []struct {
		v    float64
		want string
	}{
		{37.6, "37.6"}, {0, "0"}, {1, "1"}, {0.45465115, "0.454651"}, {100000, "100000"}, {1e6, "1e+06"}, {1234567, "1.23457e+06"},
		{0.0001, "0.0001"}, {0.00001, "1e-05"}, {-2.5, "-2.5"}, {1.0 / 3, "0.333333"}, {math.NaN(), "."}, {math.Inf(1), "inf"}, {999999.5, "1e+06"},
	} {
		if got := string(AppendFloat(nil, k.v)); got != k.want {
			t.Errorf("%v: %s, want %s", k.v, got, k.want)
		}
	}
}

// TestSharedFiles reads every VCF and BCF file of the shared data and writes
// it again: the records stay as they are, byte by byte.
func TestSharedFiles(t *testing.T) {
	for _, k := range []struct {
		path    string
		records int // bcftools view -H FILE | wc -l
		samples int
	}{
		{"deepvariant/deeptrio/golden.postprocess_gvcf_output.g.vcf", 1321, 1},
		{"deepvariant/testdata/golden.postprocess_single_site_output.vcf", 78, 1},
		{"deepvariant/testdata/golden.postprocess_gvcf_output.g.vcf", 228, 1},
		{"deepvariant/testdata/golden.postprocess_gvcf_output.med_dp.g.vcf", 228, 1},
		{"deepvariant/testdata/golden.haploid_chr20.postprocess_gvcf_output.g.vcf", 228, 1},
		{"deepvariant/testdata_v1.5/golden.postprocess_single_site_output.vcf.gz", 78, 1},
		{"deepvariant/testdata/golden.postprocess_empty_output.vcf.gz", 0, 1},
		{"deepvariant/testdata/input/cohort-chr20_100k.vcf.gz", 1354, 0},
		{"population/1000G.GRCh37.chr20_10.000-10.005M.2535.vcf.gz", 17, 2535},
		{"population/1000G.GRCh37.chr20_1-2M.sites.vcf.gz", 28998, 0},
		{"population/HG001.GRCh37.chr20_1-2M.truth.vcf.gz", 1227, 1},
		{"population/HG002.GRCh38.chr20_train.truth.vcf.gz", 15217, 1},
		{"population/NA12878.PG.GRCh38.chr21_1-10M.vcf.gz", 2221, 1},
		{"population/1000G.chr20_1-4M.panel300.bcf", 24990, 300},
		{"gwas/formats/dosage.vcf.gz", 200, 101},
		{"gwas/formats/hardcall.vcf.gz", 240, 257},
		{"gwas-real/1000G-chr22/genotypes.vcf.gz", 9750, 2504},
	} {
		t.Run(k.path, func(t *testing.T) {
			path := shared.Path(t, k.path)
			r, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if n := len(r.Header().Samples); n != k.samples {
				t.Errorf("%d samples, want %d", n, k.samples)
			}
			limit := k.records
			if testing.Short() {
				limit = min(limit, 500)
			}
			next := records(t, path)
			var row Row
			for n := range limit {
				rec, err := r.Read()
				if err != nil {
					t.Fatalf("record %d: %v", n+1, err)
				}
				for i := range k.samples {
					if _, err := rec.Genotype(i); err != nil {
						t.Fatal(err)
					}
				}
				row.Copy(rec)
				if want := next(); want != nil && !bytes.Equal(row.b, want) {
					t.Fatalf("record %d is written as\n%.200s\nwant\n%.200s", n+1, row.b, want)
				}
			}
			if _, err := r.Read(); limit == k.records && err != io.EOF {
				t.Errorf("more than %d records, or %v", k.records, err)
			}
		})
	}
}

// records gives the lines of a text file behind its header, nil for those of a
// BCF file.
func records(t *testing.T, path string) func() []byte {
	t.Helper()
	if strings.HasSuffix(path, ".bcf") {
		return func() []byte { return nil }
	}
	r, err := text.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return func() []byte {
		for {
			line, err := r.Line()
			if err != nil {
				t.Fatal(err)
			}
			if line[0] != '#' {
				return line
			}
		}
	}
}
