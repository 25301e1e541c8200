package show_test

import (
	"bytes"
	"image/color"
	"image/png"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/pileup/show"
	"github.com/gx-genomics/gx/variant"
)

func sample() *example.Example {
	s := variant.Site{Variant: variant.Variant{Contig: "chr1", Start: 999, End: 1000, Ref: "A", Alts: []string{"C"}}, Depth: 10, AD: []int{6, 4}, VAF: []float64{0.4}}
	e := &example.Example{Shape: [3]int{4, 5, 3}, AltIndices: []int{0}, HasLabel: true, Label: 1, Variant: example.FromSite(&s, "NA").Append(nil), Locus: "chr1:1000-1000"}
	for i := range 60 {
		e.Image = append(e.Image, byte(4*i))
	}
	return e
}

// TestPixels: each byte of an example is a square of its colour at its place.
func TestPixels(t *testing.T) {
	e := sample()
	o := show.Options{Scale: 3, PerRow: 2}
	img, err := show.Draw(e, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	const margin, name = 8, 20 + 13 + 6 // a name, a legend, an arrow
	top := margin + 3*20 + 6            // three lines of caption, and a gap
	for ch := range 3 {
		for row := range 4 {
			for col := range 5 {
				x := margin + ch%2*(5*3+margin) + col*3 + 1
				y := top + ch/2*(name+4*3+margin) + name + row*3 + 1
				v := e.Image[(row*5+col)*3+ch]
				if got := img.RGBAAt(x, y); got != (color.RGBA{v, v, v, 255}) {
					t.Errorf("channel %d, row %d, column %d: %v, want %d", ch, row, col, got, v)
				}
			}
		}
	}
}

// TestColors: known channels have colours of their own.
func TestColors(t *testing.T) {
	e := sample()
	e.Shape = [3]int{4, 5, 3}
	e.Image = slices.Repeat([]byte{250, 254, 254}, 20)
	o := show.Options{Scale: 1, Channels: []int{1, 5, 6}}
	img, err := show.Draw(e, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	y := 8 + 3*20 + 6 + 39
	seen := map[color.RGBA]bool{}
	for ch := range 3 {
		c := img.RGBAAt(8+ch*13, y)
		if c.R == c.G && c.G == c.B {
			t.Errorf("channel %d is grey", o.Channels[ch])
		}
		seen[c] = true
	}
	if len(seen) != 3 {
		t.Errorf("%d colours of three", len(seen))
	}
}

func TestGolden(t *testing.T) {
	f, err := os.Open(shared.Path(t, "deepvariant/testdata/golden.training_examples.tfrecord.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := tfrecord.NewReader(f, "golden")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for b, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		var e example.Example
		if err := e.Decode(b); err != nil {
			t.Fatal(err)
		}
		name, err := show.Name(&e)
		if err != nil {
			t.Fatal(err)
		}
		names[name] = true
		if len(names) > 3 {
			continue
		}
		o := show.Defaults()
		o.Channels = []int{1, 2, 3, 4, 5, 6, 19}
		var out bytes.Buffer
		if err := show.Write(&out, &e, &example.CallVariantsOutput{Probabilities: []float64{0.001, 0.998, 0.001}}, o); err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(&out)
		if err != nil || img.Bounds().Dx() != 8+4*(442+8) || img.Bounds().Dy() > 8+3*20+6+2*(39+200+8) || img.Bounds().Dy() < 8+3*20+2*(39+60+8) {
			t.Errorf("%v, %v", img.Bounds(), err)
		}
	}
	if len(names) != 49 {
		t.Errorf("%d names of 49 examples", len(names))
	}
}

func TestName(t *testing.T) {
	for _, k := range []struct {
		contig, ref string
		want        string
	}{
		{"chr1", "A", "chr1_1000_A_C_0.png"},
		{"../HLA*01:01", "A", "_HLA_01_01_1000_A_C_0.png"},
		{"chr1", strings.Repeat("A", 70), "chr1_1000_AAAAAAAAAAAAAAAAAAAA_"},
	} {
		v := example.Variant{Contig: k.contig, Start: 999, End: 999 + len(k.ref), Ref: k.ref, Alts: []string{"C"}}
		got, err := show.Name(&example.Example{Variant: v.Append(nil), AltIndices: []int{0}})
		if err != nil || !strings.HasPrefix(got, k.want) || strings.ContainsAny(got, "/*: ") || len(got) > 60 {
			t.Errorf("%s: %q, %v, want %q", k.contig, got, err, k.want)
		}
	}
	if _, err := show.Name(&example.Example{Variant: []byte{0xff}}); err == nil {
		t.Error("a broken variant has a name")
	}
}

func TestFaults(t *testing.T) {
	for want, change := range map[string]func(*example.Example, *show.Options){
		"scale 9: want 1 to 8":           func(_ *example.Example, o *show.Options) { o.Scale = 9 },
		"-1 channels per row":            func(_ *example.Example, o *show.Options) { o.PerRow = -1 },
		"60 bytes for the shape [4 5 4]": func(e *example.Example, _ *show.Options) { e.Shape[2] = 4 },
		"60 bytes for the shape [0 5 3]": func(e *example.Example, _ *show.Options) { e.Shape[0] = 0 },
		"message Variant":                func(e *example.Example, _ *show.Options) { e.Variant = []byte{0xff} },
		"is too large": func(e *example.Example, _ *show.Options) {
			e.Shape, e.Image = [3]int{1, 1, 1 << 20}, make([]byte, 1<<20)
		},
	} {
		e, o := sample(), show.Defaults()
		change(e, &o)
		if err := show.Write(&bytes.Buffer{}, e, nil, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestLegend: every value that a legend explains has its colour in a swatch, and
// no two of a channel look the same.
func TestLegend(t *testing.T) {
	e := sample()
	e.Shape, e.Image = [3]int{1, 121, 1}, make([]byte, 121)
	for ch, want := range map[int]int{1: 4, 2: 4, 3: 3, 4: 2, 5: 3, 6: 2, 7: 3, 8: 4, 9: 2, 11: 3, 12: 4, 16: 1, 17: 3, 18: 0, 19: 3, 22: 1, 23: 3} {
		img, err := show.Draw(e, nil, show.Options{Scale: 4, Channels: []int{ch}})
		if err != nil {
			t.Fatal(err)
		}
		seen := map[color.RGBA]bool{}
		y := 8 + 3*20 + 6 + 20 + 4 // the middle of the swatches
		for x := 9; x < 8+121*4; x++ {
			ink := color.RGBA{34, 34, 34, 255}
			if img.RGBAAt(x-1, y-4) == ink && img.RGBAAt(x-1, y+4) == ink && img.RGBAAt(x, y-4) == ink && img.RGBAAt(x-1, y) == ink {
				seen[img.RGBAAt(x, y)] = true
			}
		}
		if len(seen) != want {
			t.Errorf("channel %d: %d colours in the legend, want %d", ch, len(seen), want)
		}
	}
}

// TestEmptyRows: what lies below the reads is left out unless it is asked for.
func TestEmptyRows(t *testing.T) {
	e := sample()
	e.Shape, e.Image = [3]int{50, 5, 1}, append(slices.Repeat([]byte{9}, 10), make([]byte, 240)...)
	for whole, rows := range map[bool]int{true: 50, false: 4} {
		img, err := show.Draw(e, nil, show.Options{Scale: 1, Whole: whole})
		if err != nil || img.Bounds().Dy() != 8+3*20+6+39+rows+8 {
			t.Errorf("whole %v: %v, %v, want %d rows", whole, img.Bounds(), err, rows)
		}
	}
}
