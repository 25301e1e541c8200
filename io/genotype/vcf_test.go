package genotype

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/text"
	"github.com/gx-genomics/gx/io/vcf"
)

const vcfHead = `##fileformat=VCFv4.2
##contig=<ID=X>
##FORMAT=<ID=GT,Number=1,Type=String,Description="g">
##FORMAT=<ID=DS,Number=A,Type=Float,Description="d">
##FORMAT=<ID=GP,Number=G,Type=Float,Description="p">
##FORMAT=<ID=HDS,Number=.,Type=Float,Description="h">
#CHROM	POS	ID	REF	ALT	QUAL	FILTER	INFO	FORMAT	a	b	c	d
`

func TestVCFFields(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name, line string
		want       [][]float64 // copies by row and sample
		spread     float64     // of the first row
	}{
		{"calls", "A\tC\t.\t.\t.\tGT\t0/1\t1|1\t./1\t.", [][]float64{{1, 2, nan, nan}}, 0},
		{"haploid calls", "A\tC\t.\t.\t.\tGT\t1\t0\t0/0\t|1", [][]float64{{2, 0, 0, 2}}, 0},
		{"several alleles", "A\tC,G,<DEL>\t.\t.\t.\tGT\t1/2\t3|3\t0/3\t2", [][]float64{{1, 0, 0, 0}, {1, 0, 0, 2}, {0, 2, 1, 0}}, 0},
		{"ten alleles", "A\tC,G,T,AA,AC,AG,AT,CC,CG,CT\t.\t.\t.\tGT\t10/0\t1/10\t9/9\t./.", [][]float64{{0, 1, 0, nan}, {0, 0, 0, nan}, {0, 0, 0, nan}, {0, 0, 0, nan},
			{0, 0, 0, nan}, {0, 0, 0, nan}, {0, 0, 0, nan}, {0, 0, 0, nan}, {0, 0, 2, nan}, {1, 1, 0, nan}}, 0},
		{"no alternate", "A\t.\t.\t.\t.\tGT\t0/0\t0/0\t./.\t0", [][]float64{{0, 0, nan, 0}}, 0},
		{"DS before all", "A\tC\t.\t.\t.\tGT:GP:DS\t0/0:0,0,1:0.25\t1:0,1:0.5\t0/1:0,0,1:.\t./.", [][]float64{{0.25, 1, 2, nan}}, 0},
		{"DS of two alleles", "A\tC,G\t.\t.\t.\tDS\t0.5,1.5\t0,.\t2,0\t.", [][]float64{{0.5, 0, 2, nan}, {1.5, nan, 0, nan}}, 0},
		{"GP", "A\tC\t.\t.\t.\tGT:GP\t0/0:0.5,0.25,0.25\t1:0.25,0.75\t0/1:.\t0/0:0,0,0", [][]float64{{0.75, 1.5, 1, 0}}, 1.25 - 0.5625 + 3 - 2.25},
		{"GP of two alleles", "A\tC,G\t.\t.\t.\tGP\t0,0.5,0,0,0.25,0.25\t1,0,0,0,0,0\t.\t0,0,0,0,0,1", [][]float64{{0.75, 0, nan, 0}, {0.75, 0, nan, 2}}, 0.75 - 0.5625},
		{"HDS", "A\tC\t.\t.\t.\tGT:HDS\t0/0:0.25,0.5\t1:0.5\t1/1:.\t./.:.", [][]float64{{0.75, 1, 2, nan}}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := openBytes(t, "x.vcf", []byte(vcfHead+"X\t7\tv\t"+c.line+"\n"), Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := rowsOfFile(t, f, 0, -1, 2)
			if len(got) != len(c.want) {
				t.Fatalf("%d rows, want %d", len(got), len(c.want))
			}
			for k := range got {
				for i, w := range c.want[k] {
					if x, ok := got[k].Dosage(i); ok == math.IsNaN(w) || ok && x != w {
						t.Errorf("row %d sample %d: %v %v, want %v", k, i, x, ok, w)
					}
				}
			}
			if math.Abs(got[0].Spread-c.spread) > 1e-9 {
				t.Errorf("spread %v, want %v", got[0].Spread, c.spread)
			}
		})
	}
}

func TestVCFErrors(t *testing.T) {
	for _, c := range []struct{ name, line, want string }{
		{"triploid", "A\tC\t.\t.\t.\tGT\t0/1/1\t0/0\t0/0\t0/0", "bad.vcf:8: X:7 A>C: sample a: GT \"0/1/1\""},
		{"allele", "A\tC\t.\t.\t.\tGT\t0/0\t0/2\t0/0\t0/0", "sample b: GT \"0/2\" names allele 2, want at most 1"},
		{"text", "A\tC\t.\t.\t.\tGT\t0/0\tx\t0/0\t0/0", "sample b: GT \"x\""},
		{"DS above 2", "A\tC\t.\t.\t.\tDS\t0\t0\t2.5\t0", "sample c: DS gives 2.5 copies"},
		{"DS count", "A\tC\t.\t.\t.\tDS\t0,1\t0\t0\t0", "DS has 2 values, want 1"},
		{"DS text", "A\tC\t.\t.\t.\tDS\t0\tinf\t0\t0", "sample b: DS"},
		{"GP sum", "A\tC\t.\t.\t.\tGP\t0,0,0.5\t.\t.\t.", "GP adds up to 0.5"},
		{"GP count", "A\tC\t.\t.\t.\tGP\t0,0,0,1\t.\t.\t.", "GP has 4 values"},
		{"samples", "A\tC\t.\t.\t.\tGT\t0/0\t0/0", "2 samples, want the 4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := openBytes(t, "bad.vcf", []byte(vcfHead+"X\t7\tv\t"+c.line+"\n"), Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, err = range f.Blocks(t.Context(), 0, -1, 5) {
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error is %v, want one line with %q", err, c.want)
			}
		})
	}
	if _, err := openBytes(t, "bad.vcf", []byte("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"), Options{}); err == nil || !strings.Contains(err.Error(), "no samples") {
		t.Errorf("error is %v", err)
	}
}

// TestErrorsInTheMiddle: an error of a reader that began in the middle names
// the line of the file.
func TestErrorsInTheMiddle(t *testing.T) {
	var b strings.Builder
	b.WriteString(vcfHead)
	for i := range 3000 {
		gt := "0/1"
		if i == 2500 {
			gt = "0/7"
		}
		fmt.Fprintf(&b, "X\t%d\t.\tA\tC\t.\t.\t.\tGT\t%s\t0/0\t0/0\t0/0\n", i+1, gt)
	}
	f, err := openBytes(t, "long.vcf", []byte(b.String()), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, err = range f.Blocks(t.Context(), 2300, 2600, 10) {
	}
	if err == nil || !strings.Contains(err.Error(), "long.vcf:2508: X:2501") {
		t.Errorf("error is %v, want line 2508", err)
	}
}

// TestPackingsOfVCF: plain, gzip and BCF hold the same rows, read from anywhere.
func TestPackingsOfVCF(t *testing.T) {
	path := shared.Path(t, "gwas/formats/hardcall.vcf.gz")
	want, _ := rows(t, path, Options{})
	r, err := text.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write(plain)
	z.Close()
	for name, b := range map[string][]byte{"x.vcf": plain, "x.vcf.gz": zipped.Bytes(), "x.bcf": toBCF(t, path)} {
		f, err := openBytes(t, name, b, Options{})
		if err != nil {
			t.Fatal(err)
		}
		same(t, rowsOfFile(t, f, 0, -1, 50), want, 0)
		same(t, rowsOfFile(t, f, 100, 200, 50), want[100:200], 0)
	}
}

func toBCF(t *testing.T, path string) []byte {
	t.Helper()
	r, err := vcf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out bytes.Buffer
	w, err := vcf.NewBCFWriter("x.bcf", &out, r.Header(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for rec, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		var row vcf.Row
		row.Copy(rec)
		if err := w.Write(&row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestPackedTables: a .pvar.zst and one of many chunks, and a table of samples
// given by its path.
func TestPackedTables(t *testing.T) {
	files, want := written(t, 11, 20, 2500, false)
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := put(t, ".pgen", map[string][]byte{".pgen": files[".pgen"], ".psam": files[".psam"], ".pvar.zst": w.EncodeAll(files[".pvar"], nil)})
	if err != nil {
		t.Fatal(err)
	}
	same(t, rowsOfFile(t, f, 0, -1, 300), want, 0)
	same(t, rowsOfFile(t, f, 1500, 2400, 300), want[1500:2400], 0)
	cut := w.EncodeAll(files[".pvar"], nil)
	if _, err := put(t, ".pgen", map[string][]byte{".pgen": files[".pgen"], ".psam": files[".psam"], ".pvar.zst": cut[:len(cut)/2]}); err == nil || !strings.Contains(err.Error(), "truncated") {
		t.Errorf("error of a cut .pvar.zst is %v", err)
	}
	dir := t.TempDir()
	table := filepath.Join(dir, "other.psam")
	if err := os.WriteFile(table, []byte("#IID SID SEX\na 0 2\nb 0 NA\nc 0 1\nd 0 M\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	v, err := openBytes(t, "x.vcf", []byte(vcfHead), Options{Samples: table})
	if err != nil {
		t.Fatal(err)
	}
	if s := v.Samples(); s[0].Sex != Female || s[1].Sex != Unknown || s[3].Sex != Male {
		t.Errorf("samples are %+v", s)
	}
	if err := os.WriteFile(table, []byte("#IID\nb\na\nc\nd\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := openBytes(t, "x.vcf", []byte(vcfHead), Options{Samples: table}); err == nil || !strings.Contains(err.Error(), "sample 1 is a, but") {
		t.Errorf("error of another order is %v", err)
	}
}

// TestHardCallsOfDosages: a .bed has the calls that dosages lie near to.
func TestHardCallsOfDosages(t *testing.T) {
	var b dosage.Block
	b.Reset(0, 6)
	r := b.AddUnits(dosage.Variant{Chrom: "1", ID: "x", Ref: "A", Alt: "C", Allele: 1, Alts: 1}, 100)
	copy(r.Units, []uint16{9, 11, 91, 150, 195, dosage.Missing})
	r.Count(6, 0)
	var people []Sample
	for i := range 6 {
		people = append(people, Sample{IID: itoa(i)})
	}
	for _, c := range []struct {
		far  float64
		want []uint8
	}{{0, []uint8{0, 3, 1, 3, 2, 3}}, {0.5, []uint8{0, 0, 1, 2, 2, 3}}} {
		path := filepath.Join(t.TempDir(), "x.bed")
		if _, err := Write(t.Context(), path, people, one(&b), WriteOptions{HardCall: c.far}); err != nil {
			t.Fatal(err)
		}
		got, _ := rows(t, path, Options{})
		for i, w := range c.want {
			if g := got[0].Call(i); g != w {
				t.Errorf("within %v, sample %d is %d, want %d", c.far, i, g, w)
			}
		}
	}
	if _, err := Write(t.Context(), "x.bed", people, one(&b), WriteOptions{HardCall: 0.6}); err == nil {
		t.Error("a distance of 0.6 is no error")
	}
}
