package classify

import (
	"errors"
	"fmt"
	"math"

	"github.com/gx-genomics/gx/internal/nn"
	"github.com/gx-genomics/gx/variant"
)

// Model is what gx ships and trains: a small network on features, which settles
// the sites that it is sure of, and one that looks at features and pictures.
type Model struct {
	Name          string // of the whole, as --model takes it
	Height, Width int    // of the pictures
	Channels      []int  // DeepVariant's numbers of what is drawn, in order
	First         *nn.Network
	Then          *nn.Quantised
	SNP, Indel    float64 // Phred qualities from which First settles a site
	Calibration   Calibration

	// Blend is the weights of the counts model, of First and of Then where First
	// is not sure enough: see type Blend.
	Blend [3]float64

	// Slips is the share of type Slips in the blend where it says anything, and
	// Blend's weights are shares of the rest.
	Slips float64
}

// Calibration is the temperatures of the two networks. The logarithms of the
// probabilities of the genotypes of a site are divided by one of them, and the
// probabilities scaled to sum to 1 (Guo et al., ICML 2017): as the networks
// were on loci held out from training.
type Calibration struct {
	First, Then [2]float64 // of sites of SNPs alone, and of others
}

// firstSuffix follows the name of a model where FORMAT/MID tells that its first
// network decided.
const firstSuffix = "-first"

// Validate reports all faults at once, but for those of the networks.
func (m *Model) Validate() error {
	var errs []error
	for _, t := range [][2]float64{m.Calibration.First, m.Calibration.Then} {
		for _, x := range t {
			if !(x >= 0.1 && x <= 10) {
				errs = append(errs, fmt.Errorf("temperature %v: want 0.1 to 10", x))
			}
		}
	}
	if !(m.Slips >= 0 && m.Slips < 1) {
		errs = append(errs, fmt.Errorf("weight %v of slips: want 0 to less than 1", m.Slips))
	}
	if err := checkWeights(m.Blend[:]); err != nil {
		errs = append(errs, err)
	}
	if m.First == nil || m.Then == nil {
		return errors.Join(append(errs, errors.New("a model wants two networks"))...)
	}
	in := m.Then.Net.Inputs
	if want := (nn.Shape{H: m.Height, W: m.Width, C: len(m.Channels)}); len(in) != 2 || in[0] != want {
		errs = append(errs, fmt.Errorf("inputs of the network are %v, want a picture of %v and %d features", in, want, Features))
	}
	return errors.Join(errs...)
}

// Classifier is the model as a cascade of its networks.
func (m *Model) Classifier() (*Cascade, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	first, err := NewNet(m.Name+firstSuffix, m.First, byteShare)
	if err != nil {
		return nil, err
	}
	then, err := NewByteNet(m.Name, m.Then)
	if err != nil {
		return nil, err
	}
	counts, err := NewCounts(DefaultParams())
	if err != nil {
		return nil, err
	}
	blend := &Blend{Called: m.Name, Members: []Classifier{counts, first, then, Slips{}}, Weights: WithSlips(m.Blend, m.Slips)}
	c := &Cascade{First: first, Then: blend, SNP: m.SNP, Indel: m.Indel}
	return c, c.Validate()
}

// WithSlips is the weights of the counts model and of the networks beside that of
// Slips.
func WithSlips(w [3]float64, slips float64) []float64 {
	out := []float64{0, 0, 0, slips}
	for i, x := range w {
		out[i] = x * (1 - slips)
	}
	return out
}

// byteShare is the scale of pictures of gx's own networks.
func byteShare(b byte) float32 { return float32(b) / 255 }

// Apply calibrates the probabilities of the genotypes of a site that the
// network of a name of Model.Classifier decided.
func (m *Model) Apply(v *variant.Variant, name string, p []float64) {
	t := m.Calibration.Then
	if name == m.Name+firstSuffix {
		t = m.Calibration.First
	}
	x := t[0]
	for i := range v.Alts {
		if isIndel(v, i) {
			x = t[1]
		}
	}
	Temper(p, x)
}

// Temper divides the logarithms of probabilities by a temperature and scales
// the result to sum to 1.
func Temper(p []float64, t float64) {
	if t == 1 {
		return
	}
	sum := 0.0
	for i, x := range p {
		if x > 0 {
			p[i] = math.Exp(math.Log(x) / t)
		}
		sum += p[i]
	}
	if sum == 0 {
		return
	}
	for i := range p {
		p[i] /= sum
	}
}
