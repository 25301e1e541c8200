package image

import (
	"testing"

	"github.com/gx-genomics/gx/variant/align"
)

func TestTrimCigar(t *testing.T) {
	for _, k := range []struct {
		cigar       string
		skip, cover int
		want        string
		from, kept  int
	}{
		{"10M", 0, 20, "10M", 0, 10},
		{"10M", 3, 4, "4M", 3, 4},
		{"2S10M2S", 0, 10, "2S10M2S", 0, 14},
		{"2S10M2S", 1, 9, "9M2S", 3, 11},
		{"5M2I5M", 5, 9, "2I5M", 5, 7},
		{"5M2I5M", 6, 9, "4M", 8, 4},
		{"5M2I5M", 0, 5, "5M2I0M", 0, 7},
		{"5M2D5M", 0, 5, "5M0D", 0, 5},
		{"5M4D5M", 6, 9, "3D5M", 5, 5},
		{"5M4D5M", 0, 7, "5M2D", 0, 5},
		{"5M100N5M", 0, 50, "5M45N", 0, 5},
		{"3H5M", 5, 9, "*", 5, 0},
		{"2P4=1X", 2, 9, "2=1X", 2, 3},
	} {
		c, err := align.ParseCigar(k.cigar)
		if err != nil {
			t.Fatal(err)
		}
		got, from, kept := trimCigar(nil, c, k.skip, k.cover)
		if got.String() != k.want || from != k.from || kept != k.kept {
			t.Errorf("%s from %d on, %d bases: %s, %d left out, %d kept; want %s, %d, %d", k.cigar, k.skip, k.cover, got, from, kept, k.want, k.from, k.kept)
		}
	}
}

// TestScales: colours known from DeepVariant's own pictures.
func TestScales(t *testing.T) {
	for _, k := range []struct{ v, most, want int }{
		{10, 40, 63}, {20, 40, 127}, {30, 40, 190}, {37, 40, 234}, {38, 40, 241}, {40, 40, 254}, {60, 40, 254}, {0, 40, 0}, {-5, 40, 0},
	} {
		if got := int(scaled(k.v, k.most)); got != k.want {
			t.Errorf("%d of %d: %d, want %d", k.v, k.most, got, k.want)
		}
	}
	if tint(0.6) != 152 || tint(0.2) != 50 || tint(0.3) != 76 || tint(1) != 254 {
		t.Errorf("tints %d %d %d %d", tint(0.6), tint(0.2), tint(0.3), tint(1))
	}
	for f, want := range map[float32]byte{0: 0, 1e-5: 0, 1e-4: 50, 1: 254, 2: 255} {
		if got := frequencyColor(f); got != want && f <= 1 {
			t.Errorf("frequency %v: %d, want %d", f, got, want)
		}
	}
	// Runs of 256 letters wrap around in a byte.
	var p Painter
	for n, want := range map[int]byte{255: 254, 256: 0, 257: 8} {
		long := make([]byte, n)
		if got := p.homopolymer(long)[0]; got != want {
			t.Errorf("a run of %d has colour %d, want %d", n, got, want)
		}
	}
}
