package image_test

import (
	"slices"
	"testing"

	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/variant"
)

func TestFrequencies(t *testing.T) {
	ref := count.Window{Start: 100, Bases: []byte("GATTTTACG")}
	at := func(start int, ref string, alts ...string) variant.Variant {
		return variant.Variant{Contig: "1", Start: start, End: start + len(ref), Ref: ref, Alts: alts}
	}
	for _, k := range []struct {
		name  string
		site  variant.Variant
		known []image.Known
		want  []float32
		ref   float32
	}{
		{"none known", at(101, "A", "C"), nil, []float32{0}, 1},
		{"a SNP", at(101, "A", "C"), []image.Known{{at(101, "A", "C"), []float32{0.25}}}, []float32{0.25}, 0.75},
		{"another SNP", at(101, "A", "C"), []image.Known{{at(101, "A", "G"), []float32{0.25}}}, []float32{0}, 1},
		{"one of two alleles", at(101, "A", "C", "T"), []image.Known{{at(101, "A", "G", "T"), []float32{0.25, 0.5}}}, []float32{0, 0.5}, 0.25},
		{"the last counts", at(101, "A", "C"), []image.Known{{at(101, "A", "C"), []float32{0.25}}, {at(101, "A", "C"), []float32{0.5}}}, []float32{0.5}, 0.5},
		{"a deletion of T written farther right", at(101, "AT", "A"), []image.Known{{at(104, "TT", "T"), []float32{0.125}}}, []float32{0.125}, 0.875},
		{"a SNP within a longer record", at(101, "A", "C"), []image.Known{{at(100, "GAT", "GCT"), []float32{0.5}}}, []float32{0.5}, 0.5},
		{"frequencies that do not fit", at(101, "A", "C"), []image.Known{{at(101, "A", "C"), nil}}, []float32{0}, 1},
		{"beyond the reference", at(101, "A", "C"), []image.Known{{at(107, "CGT", "C"), []float32{0.5}}, {at(90, "A", "C"), []float32{0.5}}}, []float32{0}, 1},
		{"more than all", at(101, "A", "C"), []image.Known{{at(101, "A", "C", "G"), []float32{0.75, 0.75}}}, []float32{0.75}, 0},
	} {
		got, rest := image.Frequencies(nil, &k.site, k.known, ref)
		if !slices.Equal(got, k.want) || rest != k.ref {
			t.Errorf("%s: %v and %v, want %v and %v", k.name, got, rest, k.want, k.ref)
		}
	}
}
