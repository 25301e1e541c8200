package pileup

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gx-genomics/gx/variant/align"
)

// oqTag is the tag OQ in BAM's encoding.
func oqTag(text string) []byte { return append([]byte("OQZ"+text), 0) }

func TestOriginalQualities(t *testing.T) {
	o := DefaultOptions(Default)
	o.OriginalQuals = true
	in := newIntake(&o)
	for _, k := range []struct {
		name string
		aux  []byte
		want []byte
	}{
		{"told", oqTag("!I5"), []byte{0, 40, 20}},
		{"not told", nil, []byte{30, 31, 32}},
		{"of another length", oqTag("!I"), []byte{30, 31, 32}},
		{"below the first", oqTag("\x1fI5"), []byte{0, 40, 20}},
	} {
		r := align.Read{Name: "r", MapQ: 60, Bases: []byte("ACG"), Quals: []byte{30, 31, 32}, Aux: k.aux}
		if got := in.take(&r); !slices.Equal(got.Quals, k.want) || string(got.Bases) != "ACG" || !slices.Equal(r.Quals, []byte{30, 31, 32}) {
			t.Errorf("%s: %v, want %v; the read has %v", k.name, got.Quals, k.want, r.Quals)
		}
	}
	o.NoTags = true
	r := align.Read{MapQ: 60, Bases: []byte("ACG"), Quals: []byte{30, 31, 32}, Aux: oqTag("!I5")}
	if got := newIntake(&o).take(&r); got.Quals[0] != 30 || got.Aux != nil || r.Aux == nil {
		t.Errorf("tags that are not looked at: %v", got)
	}
	if r := (align.Read{MapQ: 4}); in.take(&r) != nil {
		t.Error("a read below the mapping quality takes part")
	}
}

func TestParts(t *testing.T) {
	op := align.MakeOp
	bases := func(n int) []byte { return slices.Repeat([]byte("ACGT"), (n+3)/4)[:n] }
	for _, k := range []struct {
		name  string
		cigar align.Cigar
		want  []string // name, start, CIGAR and the first base of each
	}{
		{"no skip", align.Cigar{op(align.S, 2), op(align.M, 20)}, []string{"r 100 2S20M 0+22"}},
		{"one", align.Cigar{op(align.M, 20), op(align.N, 1000), op(align.M, 30)}, []string{"r_p0 100 20M 0+20", "r_p1 1120 30M 20+30"}},
		{"a short part in the middle", align.Cigar{op(align.S, 5), op(align.M, 10), op(align.N, 50), op(align.M, 14), op(align.N, 70), op(align.D, 2), op(align.M, 15)},
			[]string{"r_p0 100 5S10M 0+15", "r_p2 244 2D15M 29+15"}},
		{"skips at both ends", align.Cigar{op(align.N, 9), op(align.M, 16), op(align.N, 9)}, []string{"r_p1 109 16M 0+16"}},
		{"skips in a row", align.Cigar{op(align.M, 15), op(align.N, 9), op(align.N, 1), op(align.M, 15)}, []string{"r_p0 100 15M 0+15", "r_p2 125 15M 15+15"}},
		{"nothing long enough", align.Cigar{op(align.M, 9), op(align.N, 9), op(align.M, 9)}, nil},
		{"bases and CIGAR of two lengths", align.Cigar{op(align.M, 99), op(align.N, 9), op(align.M, 99)}, []string{"r 100 99M9N99M 0+60"}},
	} {
		n := k.cigar.ReadLen()
		if n > 100 {
			n = 60
		}
		quals := make([]byte, n) // each tells its place
		for i := range quals {
			quals[i] = byte(i)
		}
		reads := []align.Read{{Name: "r", Start: 100, Cigar: k.cigar, Bases: bases(n), Quals: quals}}
		var got []string
		for _, p := range new(intake).parts(reads, true) {
			if string(p.Bases) != string(bases(n)[p.Quals[0]:][:len(p.Quals)]) {
				t.Errorf("%s: %s has other bases than qualities", k.name, p.Name)
			}
			got = append(got, fmt.Sprintf("%s %d %s %d+%d", p.Name, p.Start, p.Cigar, p.Quals[0], len(p.Quals)))
		}
		if !slices.Equal(got, k.want) {
			t.Errorf("%s: %q, want %q", k.name, got, k.want)
		}
	}
}
