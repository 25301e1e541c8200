package genotype

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/variant"
)

// What the classifying stage writes is what this one reads.
func TestExampleRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	for i := range 200 {
		in := randomInput(rng, 1+rng.IntN(3))
		for _, want := range outputs(in) {
			if i%2 == 0 {
				want.Model = "counts"
			}
			c, err := example.DecodeCall(ToExample(&want.Site, &want.Likelihoods, "S").Append(nil))
			if err != nil {
				t.Fatal(err)
			}
			got, sample, err := FromExample(c)
			if err != nil || sample != "S" || !reflect.DeepEqual(got, want) {
				t.Fatalf("got %+v of %q, %v\nwant %+v", got, sample, err, want)
			}
		}
	}
}

func TestFromExamplePhases(t *testing.T) {
	in := site(10, "A", "G", 20, []int{10, 10}, [3]float64{.01, .98, .01})
	c := ToExample(&in.Site, &in.Sets[0], "S")
	c.Variant.Info.Set("ALT_PS", example.IntValue(2), example.IntValue(1))
	c.Variant.Info.Set("PS_CONTIG", example.TextValue("0-12"))
	out, _, err := FromExample(c)
	if err != nil || !reflect.DeepEqual(out.Phases, []int{2, 1}) || out.PhaseSet != "0-12" {
		t.Errorf("phases %v of %q, %v", out.Phases, out.PhaseSet, err)
	}
}

func TestFromExampleMethylation(t *testing.T) {
	in := site(10, "A", "G", 20, []int{10, 10}, [3]float64{.01, .98, .01})
	c := ToExample(&in.Site, &in.Sets[0], "S")
	info := &c.Variant.Calls[0].Info
	info.Set("MF", example.NumberValue(.5), example.NumberValue(.25))
	info.Set("MD", example.IntValue(4), example.IntValue(8))
	info.Set("MT", example.TextValue("0/1"))
	out, _, err := FromExample(c)
	if want := (&variant.Methylation{Fraction: []float64{.5, .25}, Depth: []int{4, 8}, Type: "0/1"}); err != nil || !reflect.DeepEqual(out.Methylation, want) {
		t.Errorf("got %+v, %v; want %+v", out.Methylation, err, want)
	}
}

func TestFromExampleErrors(t *testing.T) {
	for want, change := range map[string]func(*example.CallVariantsOutput){
		"without its variant":           func(c *example.CallVariantsOutput) { c.Variant = nil },
		"chr20:11 A>G: 0 samples":       func(c *example.CallVariantsOutput) { c.Variant.Calls = nil },
		"chr20:11 A>G: 2 probabilities": func(c *example.CallVariantsOutput) { c.Probabilities = c.Probabilities[:2] },
		"reference allele":              func(c *example.CallVariantsOutput) { c.Variant.End = 99 },
	} {
		in := site(10, "A", "G", 20, []int{10, 10}, [3]float64{.01, .98, .01})
		c := ToExample(&in.Site, &in.Sets[0], "S")
		change(c)
		if _, _, err := FromExample(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}
