package classify_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/nn"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/classify"
	"github.com/gx-genomics/gx/variant/classify/classifytest"
	"github.com/gx-genomics/gx/variant/train"
)

var small = train.Shape{Height: 48, Width: 49, Channels: 2}

// picture draws something that depends on the alt set.
func picture(dst []byte, altSet []int) ([]byte, error) {
	n := len(dst)
	dst = append(dst, make([]byte, small.Height*small.Width*small.Channels)...)
	for i := range dst[n:] {
		dst[n+i] = byte(i*(3+altSet[0]) + len(altSet)*50)
	}
	return dst, nil
}

// model is one with random weights.
func model(t testing.TB) *classify.Model {
	t.Helper()
	n, err := train.NewNetworks(small, 9)
	if err != nil {
		t.Fatal(err)
	}
	q, err := nn.Quantise(n.Then, nn.Samples{N: 3, Read: func(i int, in [][]float32) {
		for k := range in[0] {
			in[0][k] = float32((k*(i+3))%255) / 255
		}
		for k := range in[1] {
			in[1][k] = float32(k%7) / 7
		}
	}}, 1e-4)
	if err != nil {
		t.Fatal(err)
	}
	return &classify.Model{Name: "made", Height: small.Height, Width: small.Width, Channels: []int{1, 2}, First: n.First, Then: q, SNP: 4, Indel: 5,
		Calibration: classify.Calibration{First: [2]float64{1, 2}, Then: [2]float64{1, 0.5}}, Blend: [3]float64{0.2, 0.3, 0.5}}
}

func TestNetContract(t *testing.T) {
	m := model(t)
	c, err := m.Classifier()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("features", func(t *testing.T) { classifytest.Run(t, c.First, nil) })
	t.Run("blend", func(t *testing.T) { classifytest.Run(t, c.Then, picture) })
	t.Run("cascade", func(t *testing.T) { classifytest.Run(t, c, picture) })
}

// A blend of one with itself is that one, and its members are joined by weight.
func TestBlend(t *testing.T) {
	e := classifytest.Random(rand.New(rand.NewPCG(7, 7)), 2)
	c := counts(t)
	m, err := model(t).Classifier()
	if err != nil {
		t.Fatal(err)
	}
	x, y := saidBy(t, c, e), saidBy(t, m.First, e)
	twice := saidBy(t, &classify.Blend{Called: "b", Members: []classify.Classifier{c, c, c}, Weights: []float64{0.2, 0.3, 0.5}}, e)
	both := saidBy(t, &classify.Blend{Called: "b", Members: []classify.Classifier{c, m.First}, Weights: []float64{0.25, 0.75}}, e)
	for k := range x {
		want := classify.Blended([]float64{0.25, 0.75}, x[k], y[k])
		for i := range want {
			if math.Abs(twice[k][i]-x[k][i]) > 1e-8 || math.Abs(both[k][i]-want[i]) > 1e-12 {
				t.Errorf("alt set %d: %v of itself, %v; %v of both, want %v", k, twice[k], x[k], both[k], want)
			}
		}
	}
	for _, bad := range []classify.Blend{{}, {Members: []classify.Classifier{c}, Weights: []float64{2}}, {Members: []classify.Classifier{c, c}, Weights: []float64{0.2, 0.2}}} {
		if bad.Validate() == nil {
			t.Errorf("%v is no error", bad.Weights)
		}
	}
}

// A network in floats and the same in bytes say about the same.
func TestNetFloats(t *testing.T) {
	m := model(t)
	bytes, err := classify.NewByteNet("b", m.Then)
	if err != nil {
		t.Fatal(err)
	}
	floats, err := classify.NewNet("f", m.Then.Net, func(b byte) float32 { return float32(b) / 255 })
	if err != nil {
		t.Fatal(err)
	}
	e := classifytest.Random(rand.New(rand.NewPCG(1, 1)), 2)
	e.Draw = picture
	ask := func(c classify.Classifier) (p []float64) {
		err := c.Classify(t.Context(), []*classify.Evidence{e}, func(_ int, sets []variant.Likelihoods) error {
			for _, s := range sets {
				p = append(p, s.P[:]...)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	x, y := ask(bytes), ask(floats)
	for i := range x {
		if math.Abs(x[i]-y[i]) > 0.02 {
			t.Errorf("in bytes %v, in floats %v", x, y)
			break
		}
	}
}

func TestNetRefuses(t *testing.T) {
	share := func(b byte) float32 { return float32(b) }
	var b nn.Builder
	b.Softmax(b.Dense(b.Input(nn.Shape{H: 1, W: 1, C: 9}), 3))
	n, err := b.Network(1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := classify.NewNet("x", n, share); err == nil || !strings.Contains(err.Error(), "input 0") {
		t.Errorf("nine features: %v", err)
	}
	c, err := model(t).Classifier()
	if err != nil {
		t.Fatal(err)
	}
	e := classifytest.Random(rand.New(rand.NewPCG(1, 1)), 1)
	err = c.Then.Classify(t.Context(), []*classify.Evidence{e}, func(int, []variant.Likelihoods) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "nobody draws") {
		t.Errorf("no pictures: %v", err)
	}
	e.Draw = func(dst []byte, _ []int) ([]byte, error) { return append(dst, 1, 2, 3), nil }
	err = c.Then.Classify(t.Context(), []*classify.Evidence{e}, func(int, []variant.Likelihoods) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "3 bytes") {
		t.Errorf("pictures of three bytes: %v", err)
	}
	bad := model(t)
	bad.Calibration.First[0], bad.Height = 0, 7
	if err := bad.Validate(); err == nil || !strings.Contains(err.Error(), "temperature 0") || !strings.Contains(err.Error(), "inputs") {
		t.Errorf("%v", err)
	}
}

// Temperatures go with the network that decided and with the kind of site.
func TestApply(t *testing.T) {
	m := model(t)
	snp := &variant.Variant{Ref: "A", Alts: []string{"C"}}
	indel := &variant.Variant{Ref: "A", Alts: []string{"C", "AT"}}
	for _, k := range []struct {
		v    *variant.Variant
		name string
		want float64 // of 0.8 beside 0.2
	}{{snp, "made", 0.8}, {snp, "made-first", 0.8}, {indel, "made", 16.0 / 17}, {indel, "made-first", 2.0 / 3}} {
		p := []float64{0.8, 0.2, 0}
		m.Apply(k.v, k.name, p)
		if math.Abs(p[0]-k.want) > 1e-12 || math.Abs(p[0]+p[1]-1) > 1e-12 || p[2] != 0 {
			t.Errorf("%v of %s: %v, want %v", k.v.Alts, k.name, p, k.want)
		}
	}
}
