package vcf

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

func exampleCall() *variant.Call {
	return &variant.Call{
		Site: variant.Site{
			Variant: variant.Variant{Contig: "chr20", Start: 10002457, End: 10002458, Ref: "G", Alts: []string{"GTT", "GTTT"}},
			Depth:   53, AD: []int{3, 27, 15}, VAF: []float64{27. / 53, 15. / 53},
		},
		Qual: 29.7216, Filter: variant.Pass, GT: variant.Genotype{A: 1, B: 2}, GQ: 7,
		GL: []float64{-2.97, -2.74, -.82, -2.74, -.0866, -1.59}, Model: "counts",
	}
}

func TestAppendCall(t *testing.T) {
	cases := []struct {
		name   string
		change func(*variant.Call)
		style  CallStyle
		want   string
	}{
		{"two alternate alleles", func(*variant.Call) {}, CallStyle{}, "chr20\t10002458\t.\tG\tGTT,GTTT\t29.7\tPASS\t.\tGT:GQ:DP:AD:VAF:PL\t1/2:7:53:3,27,15:0.509434,0.283019:28,26,7,26,0,15"},
		{"model", func(*variant.Call) {}, CallStyle{Model: true}, "chr20\t10002458\t.\tG\tGTT,GTTT\t29.7\tPASS\t.\tGT:GQ:DP:AD:VAF:MID:PL\t1/2:7:53:3,27,15:0.509434,0.283019:counts:28,26,7,26,0,15"},
		{"phased", func(c *variant.Call) { c.GT.Phased, c.Phase = true, "0-12" }, CallStyle{Model: true}, "chr20\t10002458\t.\tG\tGTT,GTTT\t29.7\tPASS\t.\tGT:GQ:DP:AD:VAF:PS:MID:PL\t1|2:7:53:3,27,15:0.509434,0.283019:0-12:counts:28,26,7,26,0,15"},
		{"methylation and candidates", func(c *variant.Call) {
			c.Methylation, c.Candidates = &variant.Methylation{Fraction: []float64{0.5, 0, 1. / 3}, Depth: []int{8, 0, 3}, Type: "0/1"}, "GTT|GTTT|A"
		}, CallStyle{}, "chr20\t10002458\t.\tG\tGTT,GTTT\t29.7\tPASS\tCANDIDATES=GTT|GTTT|A\tGT:GQ:DP:AD:VAF:MF:MD:MT:PL\t1/2:7:53:3,27,15:0.509434,0.283019:0.5,0,0.333333:8,0,3:0/1:28,26,7,26,0,15"},
		{"no-call as DeepVariant has it", func(c *variant.Call) {
			c.GT, c.Filter, c.GQ, c.GL, c.AD, c.VAF, c.Depth, c.Qual = variant.NoCall, variant.NoCalls, 0, []float64{0, 0}, []int{0, 0, 0}, []float64{0, 0}, 0, 0
		}, CallStyle{}, "chr20\t10002458\t.\tG\tGTT,GTTT\t0\tNoCall\t.\tGT:GQ:DP:AD:VAF:PL\t./.:0:0:0,0,0:0,0:0,0"},
		{"no filter, no alternate allele", func(c *variant.Call) { c.Filter, c.Alts = "", nil }, CallStyle{}, "chr20\t10002458\t.\tG\t.\t29.7\t.\t.\tGT:GQ:DP:AD:VAF:PL\t1/2:7:53:3,27,15:0.509434,0.283019:28,26,7,26,0,15"},
		{"halves round up", func(c *variant.Call) { c.Qual = 0.25 }, CallStyle{}, "chr20\t10002458\t.\tG\tGTT,GTTT\t0.3\tPASS\t.\tGT:GQ:DP:AD:VAF:PL\t1/2:7:53:3,27,15:0.509434,0.283019:28,26,7,26,0,15"},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			c := exampleCall()
			k.change(c)
			if got := string(AppendCall([]byte("x"), c, k.style)); got != "x"+k.want+"\n" {
				t.Errorf("\n got %q\nwant %q", got, "x"+k.want+"\n")
			}
		})
	}
}

func TestAppendBlock(t *testing.T) {
	b := &variant.Block{Contig: "chr20", Start: 9999999, End: 10000116, Ref: 'T', GQ: 50, GL: [3]float64{0, -13.545, -134.95}, MinDP: 45, MedDP: -1}
	if got, want := string(AppendBlock(nil, b, CallStyle{})), "chr20\t10000000\t.\tT\t<*>\t0\t.\tEND=10000116\tGT:GQ:MIN_DP:PL\t0/0:50:45:0,135,1349\n"; got != want {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
	b.MedDP, b.GT = 58, variant.NoCall
	if got, want := string(AppendBlock(nil, b, CallStyle{Any: variant.NonRef})), "chr20\t10000000\t.\tT\t<NON_REF>\t0\t.\tEND=10000116\tGT:GQ:MIN_DP:MED_DP:PL\t./.:50:45:58:0,135,1349\n"; got != want {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

// Values and what C's printf("%g") writes of their float32.
func TestAppendFloat(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 1: "1", 0.5: "0.5", 1. / 3: "0.333333", 0.08: "0.08", 1e-4: "0.0001", 1.25e-5: "1.25e-05",
		27. / 53: "0.509434", 123456789: "1.23457e+08", 100000: "100000", 1e6: "1e+06", 999999.5: "1e+06", -2.5: "-2.5", 30: "30"} {
		if got := string(appendFloat(nil, x)); got != want {
			t.Errorf("%v: %s, want %s", x, got, want)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		q := rng.Float64() * 120
		want := strconv.FormatFloat(float64(float32(math.Floor(10*q+.5)/10)), 'g', 6, 64)
		if got := string(appendQual(nil, q)); got != want {
			t.Fatalf("QUAL %v: %s, want %s", q, got, want)
		}
	}
	if got := string(appendQual(nil, 123456.78)); got != "123457" {
		t.Errorf("QUAL beyond six digits: %s", got)
	}
}

func TestCallHeader(t *testing.T) {
	contigs, err := locus.NewContigs([]locus.Contig{{Name: "chr1", Length: 5}, {Name: "chrM", Length: 16569}})
	if err != nil {
		t.Fatal(err)
	}
	ids := func(o CallStyle) string {
		var out []string
		for _, l := range CallHeader(o, contigs, "S") {
			if id, ok := strings.CutPrefix(l, "##FORMAT=<ID="); ok {
				id, _, _ = strings.Cut(id, ",")
				out = append(out, id)
			}
		}
		return strings.Join(out, " ")
	}
	if got, want := ids(CallStyle{Model: true}), "GT GQ DP MIN_DP AD VAF PL PS MF MD MT MED_DP MID"; got != want {
		t.Errorf("1.9: %s, want %s", got, want)
	}
	if got, want := ids(CallStyle{Version: "1.5"}), "GT GQ DP MIN_DP AD VAF PL MED_DP"; got != want {
		t.Errorf("1.5: %s, want %s", got, want)
	}
	for any, want := range map[string]string{"": "##ALT=<ID=*,", variant.NonRef: "##ALT=<ID=NON_REF,"} {
		text := strings.Join(CallHeader(CallStyle{Any: any, Blocks: true, Candidates: true}, contigs, "S"), "\n")
		if !strings.Contains(text, want) || !strings.Contains(text, "##INFO=<ID=CANDIDATES,Number=1,Type=String,") {
			t.Errorf("no %s or no CANDIDATES in\n%s", want, text)
		}
	}
	lines := CallHeader(CallStyle{Source: []string{"##source=gx", "##gxCommand=call"}}, contigs, "S")
	if got, want := fmt.Sprint(lines[len(lines)-5:]), "[##source=gx ##gxCommand=call ##contig=<ID=chr1,length=5> ##contig=<ID=chrM,length=16569> #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// BenchmarkAppendCall is records per second and core of plain text; the bar is
// 300,000.
func BenchmarkAppendCall(b *testing.B) {
	c := exampleCall()
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendCall(dst[:0], c, CallStyle{})
	}
	b.SetBytes(int64(len(dst)))
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
