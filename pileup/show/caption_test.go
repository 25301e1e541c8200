package show

import (
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/variant"
)

func TestCaption(t *testing.T) {
	site := variant.Site{
		Variant: variant.Variant{Contig: "chr20", Start: 10_001_435, End: 10_001_436, Ref: "A", Alts: []string{"AAGGCT", "G"}},
		Depth:   45, AD: []int{20, 21, 4}, VAF: []float64{21.0 / 45, 4.0 / 45},
	}
	v := example.FromSite(&site, "NA12878")
	for _, k := range []struct {
		name string
		e    example.Example
		call *example.CallVariantsOutput
		want []string
	}{
		{"bare", example.Example{AltIndices: []int{0, 1}}, nil, []string{
			"chr20:10,001,436  A > AAGGCT, G  insertion and SNP  picture of AAGGCT and G",
			"45 reads: A 20, AAGGCT 21 (46.7%), G 4 (8.9%)",
		}},
		{"labelled and called", example.Example{AltIndices: []int{1}, HasLabel: true, Label: 2}, &example.CallVariantsOutput{Probabilities: []float64{0.009, 0.99, 0.001}}, []string{
			"chr20:10,001,436  A > AAGGCT, G  insertion and SNP  picture of G",
			"45 reads: A 20, AAGGCT 21 (46.7%), G 4 (8.9%)",
			"truth: 2 copies  decided: 1 copy, Q 20.0  P = 0.0090 0.9900 0.0010",
		}},
		{"certain, of an allele that is not there", example.Example{AltIndices: []int{7}}, &example.CallVariantsOutput{Probabilities: []float64{1, 0, 0}}, []string{
			"chr20:10,001,436  A > AAGGCT, G  insertion and SNP  picture of ",
			"45 reads: A 20, AAGGCT 21 (46.7%), G 4 (8.9%)",
			"decided: 0 copies, Q 99.0  P = 1.0000 0.0000 0.0000",
		}},
	} {
		if got := caption(&k.e, v, k.call); !slices.Equal(got, k.want) {
			t.Errorf("%s:\n got %q\nwant %q", k.name, got, k.want)
		}
	}
	long := &example.Variant{Contig: "1", Ref: strings.Repeat("A", 50), Alts: []string{"A", "TC"}, Start: -1}
	if got := caption(&example.Example{}, long, nil); len(got) != 1 || !strings.HasPrefix(got[0], "1:0  "+strings.Repeat("A", 30)+"...(50) > A, TC  deletion") {
		t.Errorf("%q", got)
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 123456: "123,456", 1234567: "1,234,567", -1234: "-1,234", -123: "-123"} {
		if got := thousands(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

// TestGlyphs: every printable character has a shape of its own.
func TestGlyphs(t *testing.T) {
	seen := map[[glyphHeight]byte]byte{}
	for c := byte(' '); c <= '~'; c++ {
		g := *glyph(c)
		if other, ok := seen[g]; ok {
			t.Errorf("%c and %c look the same", c, other)
		}
		seen[g] = c
	}
	if glyph(0x80) != glyph('?') || glyph('\n') != glyph('?') {
		t.Error("characters without a shape are no question marks")
	}
}
