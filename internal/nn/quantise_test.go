package nn

import (
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/kern"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// plain is the network of dense convolutions of a size, on images of h x w of c
// channels, joined by 70 features if features is set.
func plain(t testing.TB, size string, h, w, c int, features bool) *Network {
	t.Helper()
	var b Builder
	x := b.Input(Shape{h, w, c})
	f := 0
	if features {
		f = b.Input(Shape{1, 1, 70})
	}
	one := [4]int{1, 1, 1, 1}
	if size == "M" {
		x = b.ConvNormReLU(x, 32, 5, 5, 2, 3, [4]int{})
	} else {
		x = b.ConvNormReLU(x, 32, 4, 4, 4, 4, [4]int{})
	}
	x = b.ConvNormReLU(x, 48, 3, 3, 2, 2, one)
	x = b.ConvNormReLU(x, 64, 3, 3, 2, 2, one)
	x = b.ConvNormReLU(x, 96, 3, 3, 2, 2, one)
	x = b.ConvNormReLU(x, 128, 3, 3, 1, 1, one)
	if size == "M" {
		x = b.ConvNormReLU(x, 192, 3, 3, 2, 2, one)
	}
	s, err := b.SizeOf(x)
	if err != nil {
		t.Fatal(err)
	}
	x = b.GlobalPool(x, s.H, s.W)
	if features {
		f = b.ReLU(b.Norm(b.Dense(f, 64)))
		f = b.ReLU(b.Dense(f, 32))
		x = b.ReLU(b.Dense(b.Concat(x, f), 64))
	}
	b.Softmax(b.Dense(x, 3))
	n, err := b.Network(11)
	if err != nil {
		t.Fatal(err)
	}
	shake(n, rand.New(rand.NewPCG(12, 13)))
	return n
}

// pictures are images with empty rows below, as a pile of reads has.
func pictures(s Shape, n int, r *rand.Rand) []uint8 {
	img := make([]uint8, n*s.Len())
	for i := range n {
		used := s.H/3 + r.IntN(s.H*2/3)
		part := img[i*s.Len():][:used*s.W*s.C]
		for j := range part {
			part[j] = uint8(r.Uint32() >> (r.Uint32() % 8))
		}
	}
	return img
}

func bytesAsFloats(dst []float32, src []uint8) {
	for i, v := range src {
		dst[i] = float32(v) / 255
	}
}

// quantised calibrates a network on a few pictures.
func quantised(t testing.TB, n *Network) *Quantised {
	t.Helper()
	const samples = 20
	r := rand.New(rand.NewPCG(21, 22))
	img := pictures(n.Inputs[0], samples, r)
	size := n.Inputs[0].Len()
	q, err := Quantise(n, Samples{samples, func(i int, in [][]float32) {
		bytesAsFloats(in[0], img[i*size:(i+1)*size])
		for _, f := range in[1:] {
			for j := range f {
				f[j] = float32((i*31+j*7)%11) / 5
			}
		}
	}}, 1e-4)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// TestBytesEverywhere: the probabilities of 1,000 images are the same bits from
// all kernels, and those of every machine that ran this before.
func TestBytesEverywhere(t *testing.T) {
	samples := 1000
	if testing.Short() {
		samples = 100
	}
	n := plain(t, "S", 40, 61, 7, true)
	q := quantised(t, n)
	r := rand.New(rand.NewPCG(31, 32))
	in := []Input{{U8: pictures(n.Inputs[0], samples, r)}, {F32: make([]float32, samples*70)}}
	for i := range in[1].F32 {
		in[1].F32[i] = float32(r.IntN(100)) / 50
	}
	golden, err := os.ReadFile("testdata/bytes.sha256")
	if err != nil && !*update {
		t.Fatal(err)
	}
	for _, k := range kern.Available() {
		p, err := NewBytePredictor(q, k)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float32, samples*3)
		p.Clone().Predict(got, in, samples)
		line := fmt.Sprintf("%d %x\n", samples, digest(got))
		if *update && k.Name() == "generic" {
			golden = append(golden, line...)
			if err := os.WriteFile("testdata/bytes.sha256", golden, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Contains(strings.SplitAfter(string(golden), "\n"), line) {
			t.Errorf("%s: digest of %d images is %s, which testdata/bytes.sha256 does not hold", p.Name(), samples, line)
		}
		if a := testing.AllocsPerRun(1, func() { p.Predict(got[:90], in, 30) }); a != 0 {
			t.Errorf("%s: %v allocations in Predict", p.Name(), a)
		}
	}
}

func digest(x []float32) [32]byte {
	b := make([]byte, 4*len(x))
	for i, v := range x {
		binary.LittleEndian.PutUint32(b[4*i:], math.Float32bits(v))
	}
	return sha256.Sum256(b)
}

// TestQuantiseIsClose compares with the float network on kinds the plain nets
// lack: maxima, means, sums and joins of images, bounds of 6, flat images.
func TestQuantiseIsClose(t *testing.T) {
	var b Builder
	x := b.Input(Shape{14, 17, 6})
	x = b.ReLU(b.Conv(x, 24, 3, 3, 1, 1, [4]int{1, 1, 1, 1}))
	y := b.Clip(b.Conv(x, 24, 1, 1, 1, 1, [4]int{}), 0, 0.7)
	x = b.Add(x, y)
	m := b.Pool(MaxPool, x, 3, 3, 2, 2, [4]int{1, 1, 0, 0})
	a := b.Pool(AvgPool, x, 3, 3, 2, 2, [4]int{1, 1, 0, 0})
	x = b.ReLU(b.Conv(b.Concat(m, a), 10, 2, 2, 2, 2, [4]int{}))
	b.Softmax(b.Dense(x, 4))
	small, err := b.Network(3)
	if err != nil {
		t.Fatal(err)
	}
	for name, n := range map[string]*Network{"kinds": small, "plainS": plain(t, "S", 40, 61, 7, false)} {
		q := quantised(t, n)
		f, err := NewPredictor(n, kern.Active())
		if err != nil {
			t.Fatal(err)
		}
		p, err := NewBytePredictor(q, kern.Active())
		if err != nil {
			t.Fatal(err)
		}
		const samples = 40
		img := pictures(n.Inputs[0], samples, rand.New(rand.NewPCG(41, 42)))
		floats := make([]float32, len(img))
		bytesAsFloats(floats, img)
		size := p.shapes[len(p.shapes)-1].Len()
		want, got := make([]float32, samples*size), make([]float32, samples*size)
		f.Predict(want, [][]float32{floats}, samples)
		p.Predict(got, []Input{{U8: img}}, samples)
		for i := range want {
			if math.Abs(float64(want[i]-got[i])) > 0.02 {
				t.Errorf("%s: result %d is %v in bytes, %v in floats", name, i, got[i], want[i])
			}
		}
	}
}

func TestQuantiseRefuses(t *testing.T) {
	for name, build := range map[string]func(b *Builder, x int) int{
		"no rectifier": func(b *Builder, x int) int { return b.Conv(x, 16, 3, 3, 1, 1, [4]int{}) },
		"norm":         func(b *Builder, x int) int { return b.Norm(x) },
		"groups": func(b *Builder, x int) int {
			return b.ReLU(b.Layer(Layer{Kind: Conv, In: []int{x}, Out: 8, KH: 1, KW: 1, SH: 1, SW: 1, Groups: 8}))
		},
	} {
		var b Builder
		x := build(&b, b.Input(Shape{8, 8, 8}))
		b.Dense(x, 2)
		n, err := b.Network(1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Quantise(n, Samples{N: 1, Read: func(int, [][]float32) {}}, 1e-4); err == nil {
			t.Errorf("%s: quantised", name)
		}
	}
	if _, err := Quantise(plain(t, "S", 40, 61, 7, false), Samples{}, 1e-4); err == nil {
		t.Error("no samples: quantised")
	}
}
