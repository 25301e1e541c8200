package example

import "testing"

// TestPlace: the place read alone is that of the decoded message.
func TestPlace(t *testing.T) {
	v := &Variant{Contig: "chr20", Start: 10_000_116, End: 10_000_118, Ref: "GT", Alts: []string{"G"}}
	c := &CallVariantsOutput{Variant: v, AltIndices: []int{0}, Probabilities: []float64{1, 0, 0}}
	for name, f := range map[string]func() ([]byte, int, int, error){
		"variant": func() ([]byte, int, int, error) { return PlaceOf(v.Append(nil)) },
		"call":    func() ([]byte, int, int, error) { return PlaceOfCall(c.Append(nil)) },
	} {
		contig, start, end, err := f()
		if err != nil || string(contig) != v.Contig || start != v.Start || end != v.End {
			t.Errorf("%s: %s %d %d %v, want %s %d %d", name, contig, start, end, err, v.Contig, v.Start, v.End)
		}
	}
}

// FuzzPlace: what decodes has a place, the same one.
func FuzzPlace(f *testing.F) {
	v := &Variant{Contig: "chr20", Start: 9, End: 10, Ref: "G", Alts: []string{"T"}}
	f.Add((&CallVariantsOutput{Variant: v, AltIndices: []int{0}, Probabilities: []float64{1, 0, 0}}).Append(nil))
	f.Add([]byte{0x0a, 0x03, 0x72, 0x01, 'c'})
	f.Fuzz(func(t *testing.T, b []byte) {
		contig, start, end, err := PlaceOfCall(b)
		c, full := DecodeCall(b)
		if full != nil || c.Variant == nil {
			return
		}
		if err != nil {
			t.Fatalf("PlaceOfCall: %v, but the message decodes", err)
		}
		w := c.Variant
		if string(contig) != w.Contig || start != w.Start || end != w.End {
			t.Fatalf("place %s %d %d, want %s %d %d", contig, start, end, w.Contig, w.Start, w.End)
		}
	})
}
