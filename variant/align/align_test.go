package align

import (
	"fmt"
	"testing"
)

func TestCigar(t *testing.T) {
	for _, k := range []struct {
		text      string
		ref, read int
	}{{"5S10M2I3D4N7=1X2H3P", 25, 25}, {"*", 0, 0}, {"100M", 100, 100}} {
		c, err := ParseCigar(k.text)
		if err != nil || c.RefLen() != k.ref || c.ReadLen() != k.read || c.String() != k.text {
			t.Errorf("%s: %v %v, reference %d, read %d", k.text, c, err, c.RefLen(), c.ReadLen())
		}
	}
	for _, bad := range []string{"", "M", "5", "5M3", "5Z", "268435456M", "-1M"} {
		if c, err := ParseCigar(bad); err == nil {
			t.Errorf("%q gave %v", bad, c)
		}
	}
}

func TestTags(t *testing.T) {
	r := Read{Aux: []byte("NMC\x07HPi\x02\x00\x00\x00BCBs\x02\x00\x00\x00\x01\x00\x02\x00RGZgrp\x00XSs\xff\xff")}
	if v, ok := r.IntTag("NM"); !ok || v != 7 {
		t.Errorf("NM = %d, %v", v, ok)
	}
	if v, ok := r.IntTag("XS"); !ok || v != -1 {
		t.Errorf("XS = %d, %v", v, ok)
	}
	if v, ok := r.StringTag("RG"); !ok || string(v) != "grp" {
		t.Errorf("RG = %q, %v", v, ok)
	}
	if _, ok := r.IntTag("RG"); ok {
		t.Error("RG read as a number")
	}
	if _, _, ok := r.Tag("ZZ"); ok {
		t.Error("found a tag that is not there")
	}
}

// TestBatchKeepsReads fills batches beyond one block, twice, and checks that
// no read was overwritten by a later one.
func TestBatchKeepsReads(t *testing.T) {
	var b Batch
	for round := range 2 {
		b.Reset()
		const n = 3000
		for i := range n {
			body := fmt.Appendf(nil, "%d/%d", round, i)
			b.Add(&Read{Name: string(body), Bases: body, Quals: body, Start: i, Cigar: Cigar{MakeOp(M, i)}})
		}
		b.Set(7, &Read{Name: "seven"})
		for i := range b.Reads {
			want := fmt.Sprintf("%d/%d", round, i)
			if i == 7 {
				if b.Reads[7].Name != "seven" {
					t.Fatalf("Set: %q", b.Reads[7].Name)
				}
				continue
			}
			r := &b.Reads[i]
			if r.Name != want || string(r.Bases) != want || string(r.Quals) != want || r.Cigar[0].Len() != i {
				t.Fatalf("round %d, read %d: %+v", round, i, r)
			}
		}
	}
}

func TestBatchAllocatesNothingOnceWarm(t *testing.T) {
	var b Batch
	r := &Read{Name: "r", Bases: make([]byte, 150), Quals: make([]byte, 150), Cigar: Cigar{MakeOp(M, 150)}}
	fill := func() {
		b.Reset()
		for range 2000 {
			b.Add(r)
		}
	}
	fill()
	if n := testing.AllocsPerRun(5, fill); n > 0 {
		t.Errorf("%v allocations for 2000 reads, want 0", n)
	}
}

func FuzzTag(f *testing.F) {
	f.Add([]byte("NMC\x07BCBs\x02\x00\x00\x00\x01\x00\x02\x00RGZgrp\x00"))
	f.Fuzz(func(t *testing.T, aux []byte) {
		r := Read{Aux: aux}
		for _, name := range []string{"NM", "RG", "BC"} {
			r.IntTag(name)
			r.StringTag(name)
		}
	})
}

func FuzzParseCigar(f *testing.F) {
	f.Add("5S10M2I3D")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCigar(s)
		if err != nil {
			return
		}
		if again, err := ParseCigar(c.String()); err != nil || again.String() != c.String() {
			t.Fatalf("ParseCigar(%q) = %v, read again: %v, %v", s, c, again, err)
		}
	})
}
