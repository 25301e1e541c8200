package stage

import (
	"math"
	"reflect"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/variant/genotype"
)

// sameOutput compares the quick reading of a record with the full one, and says
// whether the quick one could read it.
func sameOutput(t *testing.T, p *example.Plain, b []byte) bool {
	t.Helper()
	if !p.Decode(b) {
		return false
	}
	got, sample, err := decodeOutput(p, b)
	if err != nil {
		t.Fatal(err)
	}
	c, err := example.DecodeCall(b)
	if err != nil {
		t.Fatalf("read quickly, but DecodeCall says: %v", err)
	}
	want, name, err := genotype.FromExample(c)
	if err != nil {
		t.Fatalf("read quickly, but FromExample says: %v", err)
	}
	if len(got.Site.VAF) == 0 && len(want.Site.VAF) == 0 {
		got.Site.VAF, want.Site.VAF = nil, nil
	}
	for _, list := range [][]float64{got.P[:], want.P[:], got.Site.VAF, want.Site.VAF} { // NaN equals nothing
		for i, x := range list {
			if math.IsNaN(x) {
				list[i] = -1
			}
		}
	}
	if sample != name || !reflect.DeepEqual(got, want) {
		t.Fatalf("read quickly: %+v %q, want %+v %q", got, sample, want, name)
	}
	return true
}

// TestPlain: DeepVariant's records are of the usual form, and read alike in
// both ways.
func TestPlain(t *testing.T) {
	for _, name := range []string{golden19 + "postprocess_single_site_input" + one, golden15 + "postprocess_single_site_input.tfrecord.gz"} {
		var p example.Plain
		quick, n := 0, 0
		err := readRecords(t.Context(), object.Files{}, shared.Path(t, name), func(b []byte) error {
			n++
			if sameOutput(t, &p, b) {
				quick++
			}
			return nil
		})
		t.Logf("%s: %d of %d records read quickly", name, quick, n)
		if err != nil || n != 84 || quick != n {
			t.Errorf("%s: %d of %d records read quickly, %v", name, quick, n, err)
		}
	}
}

// FuzzPlain: what the quick way reads, the full way reads alike.
func FuzzPlain(f *testing.F) {
	for _, c := range newOutputs(8).list {
		f.Add(c.Append(nil))
		c.Variant.Calls[0].Info.Set("MID", example.TextValue("small_model"))
		c.Variant.Calls[0].Genotype = []int{-1, -1}
		f.Add(c.Append(nil))
		c.AltIndices = nil
		f.Add(c.Append(nil))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var p example.Plain
		sameOutput(t, &p, b)
	})
}
