package stats

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant"
)

func TestClassify(t *testing.T) {
	for _, k := range []struct {
		ref, alt string
		class    Class
		length   int
		from, to byte
	}{
		{"A", "G", SNP, 0, 'A', 'G'},
		{"a", "g", SNP, 0, 'A', 'G'},
		{"AC", "AT", SNP, 0, 'C', 'T'},
		{"CAT", "TAT", SNP, 0, 'C', 'T'},
		{"AC", "GT", MNP, 0, 0, 0},
		{"ACA", "GCT", MNP, 0, 0, 0},
		{"A", "ACT", Indel, 2, 0, 0},
		{"CACA", "CA", Indel, -2, 0, 0},
		{"ACT", "AG", Other, -1, 0, 0},
		{"A", "<DEL>", Other, 0, 0, 0},
		{"A", "*", Other, 0, 0, 0},
		{"A", "A", Other, 0, 0, 0},
	} {
		c, n, from, to := Classify(k.ref, k.alt)
		if c != k.class || n != k.length || from != k.from || to != k.to {
			t.Errorf("%s>%s: %s %d %c %c, want %s %d %c %c", k.ref, k.alt, c, n, from, to, k.class, k.length, k.from, k.to)
		}
	}
	transitions := 0
	for _, a := range "ACGT" {
		for _, b := range "ACGT" {
			if a != b && Transition(byte(a), byte(b)) {
				transitions++
				if !slices.Contains([]string{"AG", "GA", "CT", "TC"}, string([]rune{a, b})) {
					t.Errorf("%c>%c counts as a transition", a, b)
				}
			}
		}
	}
	if transitions != 4 {
		t.Errorf("%d transitions, want 4", transitions)
	}
}

func sample(a, b, depth, gq int, ad ...int) Sample {
	return Sample{GT: variant.Genotype{A: a, B: b}, Ploidy: 2, Depth: depth, GQ: gq, AD: ad}
}

// counted is a small file.
func counted() *Stats {
	s := New([]string{"a", "b"})
	for _, r := range []Record{
		{"c1", 9, "A", []string{"G"}, 30.4, "PASS", []Sample{sample(0, 1, 20, 30, 10, 10), sample(0, 0, 10, 40, 10, 0)}},
		{"c1", 19, "A", []string{"C", "T"}, 50, "PASS", []Sample{sample(1, 2, 20, 99, 0, 5, 15), sample(-1, -1, -1, -1)}},
		{"c1", 29, "ACT", []string{"A"}, math.NaN(), ".", []Sample{sample(1, 1, 30, 250, 0, 30), sample(0, 1, 600, 9, 300, 100)}},
		{"c2", 4, "A", nil, 1, "LowQual", []Sample{sample(0, 0, 4, 5, 4), {GT: variant.Genotype{A: 0, B: -1}, Ploidy: 1, Depth: 3, GQ: 2}}},
		{"c2", 8, "AC", []string{"GT"}, 1, "LowQual", []Sample{sample(0, 1, 4, 5, 3, 1), {GT: variant.Genotype{A: 1, B: -1}, Ploidy: 1, Depth: 3, GQ: 2}}},
	} {
		s.Add(&r)
	}
	return s
}

func TestCounts(t *testing.T) {
	s := counted()
	if s.Records != 5 || s.NoAlts != 1 || s.Class != [Classes]int{2, 1, 1, 0} || s.Multiallelic != 1 || s.MultiSNP != 1 {
		t.Errorf("%d records, %d without alleles, %v, %d and %d multiallelic", s.Records, s.NoAlts, s.Class, s.Multiallelic, s.MultiSNP)
	}
	if s.Ti != 1 || s.Tv != 2 || s.FirstTi != 1 || s.FirstTv != 1 {
		t.Errorf("Ti %d %d Tv %d %d", s.Ti, s.FirstTi, s.Tv, s.FirstTv)
	}
	a, b := s.Sample[0], s.Sample[1]
	if a.Het != 2 || a.AltHom != 0 || a.RefHom != 1 || a.IndelHom != 1 || a.Ti != 1 || a.Tv != 2 || a.Indels != 1 || a.MeanDepth() != 15.6 || a.Singletons != 3 {
		t.Errorf("a: %+v, mean depth %v", a, a.MeanDepth())
	}
	if b.RefHom != 1 || b.Missing != 1 || b.IndelHet != 1 || b.HapRef != 1 || b.HapAlt != 1 || b.Genotype != 4 {
		t.Errorf("b: %+v", b)
	}
	if s.VAF != [vafBins]int{0, 0, 3, 0, 0, 1, 0, 1, 0, 1} {
		t.Errorf("VAF %v", s.VAF)
	}
	if l := s.Lengths[lengthBin(-2)]; l.Sites != 1 || l.Genotypes != 2 || l.MeanVAF() != 0.625 {
		t.Errorf("deletions of two bases: %+v, VAF %v", l, l.MeanVAF())
	}
	if want := []PerContig{{"c1", 3, 9, 29, 5, 1}, {"c2", 2, 4, 8, 4, 0}}; !slices.Equal(s.Contigs, want) {
		t.Errorf("contigs %v, want %v", s.Contigs, want)
	}
	if s.GQ[100] != 1 || s.Depth[mostDepth+1] != 1 || s.SiteDepth[mostDepth+1] != 1 || s.SiteDepth[30] != 1 {
		t.Error("histograms")
	}
	if s.Filters["PASS"] != 2 || s.Filters["LowQual"] != 2 || s.Filters["."] != 1 {
		t.Errorf("filters %v", s.Filters)
	}
}

func TestWrite(t *testing.T) {
	var b strings.Builder
	if err := counted().Write(&b, "gx stats 1", "x.vcf"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# gx stats 1. Marker for report collectors: This file was produced by bcftools stats",
		"\nID\t0\tx.vcf\n",
		"\nSN\t0\tnumber of samples:\t2\n", "\nSN\t0\tnumber of multiallelic SNP sites:\t1\n",
		"\nTSTV\t0\t1\t2\t0.50\t1\t1\t1.00\n",
		"\nQUAL\t0\t.\t0\t0\t0\t1\nQUAL\t0\t1\t0\t0\t0\t0\nQUAL\t0\t30\t1\t1\t0\t0\nQUAL\t0\t50\t2\t0\t2\t0\n",
		"\nIDD\t0\t-2\t1\t2\t0.62\n",
		"\nST\t0\tA>C\t1\nST\t0\tA>G\t1\nST\t0\tA>T\t1\nST\t0\tC>A\t0\n",
		"\nDP\t0\t>500\t1\t11.111111\t1\t20.000000\n",
		"\nPSC\t0\ta\t1\t0\t2\t1\t2\t1\t15.6\t3\t0\t0\t0\nPSC\t0\tb\t1\t0\t0\t0\t0\t1\t154.0\t0\t1\t1\t1\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	again := New(nil)
	b.Reset()
	if err := again.Write(&b, "p", "empty"); err != nil || !strings.Contains(b.String(), "TSTV\t0\t0\t0\t0.00\t0\t0\t0.00\n") {
		t.Errorf("an empty file: %v\n%s", err, b.String())
	}
}
