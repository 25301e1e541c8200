package locus

import (
	"fmt"
	"testing"
)

func TestFindHuman(t *testing.T) {
	for _, k := range []struct {
		name    string
		contigs []Contig
		want    string
	}{
		{"GRCh37", []Contig{{"1", 249_250_621}, {"X", 155_270_560}, {"Y", 59_373_566}, {"MT", 16_569}},
			"X Y MT [X:60001-2699520 X:154931044-155260560] [Y:10001-2649520 Y:59034050-59363566]"},
		{"GRCh38", []Contig{{"chrX", 156_040_895}, {"chrY", 57_227_415}, {"chrM", 16_569}},
			"chrX chrY chrM [chrX:10001-2781479 chrX:155701383-156030895] [chrY:10001-2781479 chrY:56887903-57217415]"},
		{"GRCh38 without Y", []Contig{{"chrX", 156_040_895}}, "chrX   [chrX:10001-2781479 chrX:155701383-156030895] []"},
		{"another X", []Contig{{"X", 1000}, {"Y", 500}}, "X Y  [] []"},
		{"no human", []Contig{{"chr2L", 1000}}, "   [] []"},
	} {
		h := FindHuman(k.contigs)
		if got := fmt.Sprintf("%s %s %s %v %v", h.X.Name, h.Y.Name, h.Mito.Name, h.PARX, h.PARY); got != k.want {
			t.Errorf("%s: %q, want %q", k.name, got, k.want)
		}
		for _, c := range k.contigs { // regions lie on their contigs
			for _, r := range append(h.PARX, h.PARY...) {
				if r.Contig == c.Name && (r.Start < 0 || r.End > c.Length || r.Len() < 300_000) {
					t.Errorf("%s: %v does not lie on %v", k.name, r, c)
				}
			}
		}
	}
	if !Mitochondrial("MT") || Mitochondrial("chr1") {
		t.Error("names of the mitochondrion")
	}
}
