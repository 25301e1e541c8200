package gvcf

import (
	"strings"
	"testing"

	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/variant"
)

func TestFromExample(t *testing.T) {
	for _, b := range []variant.Block{
		{Contig: "chr20", Start: 5, End: 90, Ref: 'T', GQ: 50, GL: [3]float64{-1e-9, -3, -50}, MinDP: 20, MedDP: -1},
		{Contig: "chr20", Start: 5, End: 6, Ref: 'A', GT: variant.NoCall, GQ: 0, GL: [3]float64{-9, 0, -9}, MinDP: 0, MedDP: 0},
	} {
		v, err := example.DecodeVariant(ToExample(&b, "S", variant.AnyAllele).Append(nil))
		if err != nil {
			t.Fatal(err)
		}
		if got, sample, err := FromExample(v); err != nil || got != b || sample != "S" {
			t.Errorf("got %+v of %q, %v; want %+v", got, sample, err, b)
		}
	}
}

func TestFromExampleErrors(t *testing.T) {
	for want, change := range map[string]func(*example.Variant){
		"0 samples, want 1":      func(v *example.Variant) { v.Calls = nil },
		"0 reference bases":      func(v *example.Variant) { v.Ref = "" },
		"2 likelihoods, want 3":  func(v *example.Variant) { v.Calls[0].Likelihoods = v.Calls[0].Likelihoods[:2] },
		"1 alleles":              func(v *example.Variant) { v.Calls[0].Genotype = []int{0} },
		"want 0/0 or none":       func(v *example.Variant) { v.Calls[0].Genotype = []int{0, 7} },
		"it ends at 5":           func(v *example.Variant) { v.End = 5 },
		"no MIN_DP":              func(v *example.Variant) { v.Calls[0].Info.Delete("MIN_DP") },
		"reference block chr20:": func(v *example.Variant) { v.Calls[0].Info.Set("GQ", example.IntValue(-4)) },
	} {
		v := ToExample(&variant.Block{Contig: "chr20", Start: 5, End: 90, Ref: 'T', GQ: 50, MinDP: 20, MedDP: -1}, "S", variant.AnyAllele)
		change(v)
		if _, _, err := FromExample(v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}
