package nn

import (
	"fmt"
	"math"

	"github.com/gx-genomics/gx/internal/kern"
)

// Quantised is a network whose image layers run in bytes: activations without
// sign of one scale per value, zero at 0, weights with sign in -63..63 of one
// scale per output. What reads vectors stays in float32.
type Quantised struct {
	Net     *Network    // folded; the float weights of image layers are those of the bytes
	Scale   []float32   // by value: a byte times it is the number; 0 for values of floats
	Weights [][]int8    // by layer, Out x KH x KW x C; nil for layers of floats
	Scales  [][]float32 // by layer and output: a weight times it is the number
}

// inputScale is that of images: a byte is x/255 of the training.
const inputScale = 1.0 / 255

// byteValues says which values of a folded network are images in bytes, or why
// the network cannot run so.
func byteValues(n *Network) ([]bool, error) {
	shapes, err := n.Shapes()
	if err != nil {
		return nil, err
	}
	first := len(n.Inputs)
	is := make([]bool, len(shapes))
	for i, s := range n.Inputs {
		is[i] = s.spatial()
	}
	for i := range n.Layers {
		l := &n.Layers[i]
		some, all := false, true
		for _, v := range l.In {
			some, all = some || is[v], all && is[v]
		}
		switch {
		case !some || l.Kind == Dense:
			continue
		case !all:
			return nil, fmt.Errorf("layer %d (%s) joins an image and a vector: no path in bytes", i, l.Kind)
		case l.Kind == Conv && l.Groups == 1 && l.Act && l.Lo == 0, l.Kind == MaxPool, l.Kind == Concat,
			l.Kind == Add && (!l.Act || l.Lo == 0):
			is[first+i] = true
		case l.Kind == AvgPool && !l.CountPad:
			is[first+i] = shapes[first+i].spatial()
		default:
			return nil, fmt.Errorf("layer %d (%s) has no path in bytes: want convolutions of one group with a rectifier, pools, sums and joins", i, l.Kind)
		}
	}
	if is[len(is)-1] {
		return nil, fmt.Errorf("the network ends in an image: no path in bytes")
	}
	return is, nil
}

// Samples are the inputs that a network is calibrated on: Read puts sample i
// into the network's inputs, images as x/255. It is called twice per sample.
type Samples struct {
	N    int
	Read func(i int, inputs [][]float32)
}

// Quantise picks the scales of n: of each value so that all but a share tail of
// its positive numbers over the samples fit a byte (1e-4 is usual), of each
// output's weights so that the largest is 63.
func Quantise(n *Network, samples Samples, tail float64) (*Quantised, error) {
	if err := n.Validate(); err != nil {
		return nil, err
	}
	n = n.Fold()
	is, err := byteValues(n)
	if err != nil {
		return nil, err
	}
	if samples.N < 1 || !(tail >= 0 && tail < 1) {
		return nil, fmt.Errorf("%d samples and a tail of %v to calibrate on: want 1 or more, and a share", samples.N, tail)
	}
	p, err := NewPredictor(n, kern.Active())
	if err != nil {
		return nil, err
	}
	q := &Quantised{Net: n, Scale: calibrate(p, is, samples, tail), Weights: make([][]int8, len(n.Layers)), Scales: make([][]float32, len(n.Layers))}
	for i := range n.Layers {
		l := &n.Layers[i]
		v := len(n.Inputs) + i
		switch {
		case !is[v]:
			continue
		case l.Kind == MaxPool || l.Kind == AvgPool:
			q.Scale[v] = q.Scale[l.In[0]] // bytes pass as they are
			continue
		}
		if l.Act && q.Scale[v] > l.Hi/255 {
			q.Scale[v] = l.Hi / 255 // the byte's own end is the bound
		}
		if l.Kind == Conv {
			q.Weights[i], q.Scales[i] = quantiseWeights(l.Weight, l.Out)
			l.Weight = Dequantise(q.Weights[i], q.Scales[i])
		}
	}
	return q, nil
}

// quantiseWeights rounds weights to the nearest of 127 steps per output.
func quantiseWeights(w []float32, out int) ([]int8, []float32) {
	q, scales := make([]int8, len(w)), make([]float32, out)
	each := len(w) / out
	for o := range out {
		part := w[o*each : (o+1)*each]
		most := float32(0)
		for _, v := range part {
			most = max(most, v, -v)
		}
		if most == 0 {
			scales[o] = 1
			continue
		}
		s := float64(most) / kern.MaxWeight
		scales[o] = float32(s)
		for j, v := range part {
			q[o*each+j] = int8(math.RoundToEven(float64(v) / s))
		}
	}
	return q, scales
}

// Dequantise gives the numbers of weights of bytes, whose outputs have scales.
func Dequantise(q []int8, scales []float32) []float32 {
	w := make([]float32, len(q))
	if len(w) == 0 || len(scales) == 0 {
		return w
	}
	each := len(w) / len(scales)
	for i := range w {
		w[i] = float32(q[i]) * scales[i/each]
	}
	return w
}

// bins is the resolution of a histogram of activations.
const bins = 4096

// calibrate finds the scale of each value of bytes.
func calibrate(p *Predictor, is []bool, samples Samples, tail float64) []float32 {
	inputs := make([][]float32, len(p.net.Inputs))
	for i, s := range p.net.Inputs {
		inputs[i] = make([]float32, s.Len())
	}
	out := make([]float32, p.shapes[len(p.shapes)-1].Len())
	most := make([]float32, len(is))
	each := func(f func(v int, x float32)) {
		for i := range samples.N {
			samples.Read(i, inputs)
			p.Predict(out, inputs, 1)
			for v := range is {
				if is[v] {
					p.values[v].image(0).each(p.shapes[v].C, func(x float32) { f(v, x) })
				}
			}
		}
	}
	each(func(v int, x float32) { most[v] = max(most[v], x) })
	counts := make([][bins]int, len(is))
	each(func(v int, x float32) {
		if x > 0 {
			counts[v][min(int(x/most[v]*bins), bins-1)]++
		}
	})
	scale := make([]float32, len(is))
	for v := range is {
		switch {
		case !is[v]:
		case v < len(p.net.Inputs):
			scale[v] = inputScale
		case most[v] == 0:
			scale[v] = 1
		default:
			scale[v] = float32(float64(most[v]) * float64(cut(&counts[v], tail)) / bins / 255)
		}
	}
	return scale
}

// cut is the number of bins from below that hold all but a share tail.
func cut(counts *[bins]int, tail float64) int {
	total := 0
	for _, c := range counts {
		total += c
	}
	left := int(tail * float64(total))
	for i := bins - 1; i > 0; i-- {
		left -= counts[i]
		if left < 0 {
			return i + 1
		}
	}
	return 1
}

// each calls f for all numbers of an image.
func (p plane) each(c int, f func(x float32)) {
	for y := range p.h {
		for x := range p.w {
			for _, v := range p.row(y, x)[:c] {
				f(v)
			}
		}
	}
}

// Validate checks that scales and weights fit the network: what a file may have
// got wrong.
func (q *Quantised) Validate() error {
	if err := q.Net.Validate(); err != nil {
		return err
	}
	is, err := byteValues(q.Net)
	if err != nil {
		return err
	}
	if len(q.Scale) != len(is) || len(q.Weights) != len(q.Net.Layers) || len(q.Scales) != len(q.Net.Layers) {
		return fmt.Errorf("scales of %d values, weights of %d layers, want %d and %d", len(q.Scale), len(q.Weights), len(is), len(q.Net.Layers))
	}
	good := func(s float32) bool { return s > 0 && !math.IsInf(float64(s), 0) }
	for v, b := range is {
		if b && !good(q.Scale[v]) {
			return fmt.Errorf("scale of value %d is %v", v, q.Scale[v])
		}
	}
	for i := range q.Net.Layers {
		l := &q.Net.Layers[i]
		if l.Kind != Conv || !is[len(q.Net.Inputs)+i] {
			continue
		}
		if len(q.Weights[i]) != len(l.Weight) || len(q.Scales[i]) != l.Out {
			return fmt.Errorf("layer %d has %d weights and %d scales, want %d and %d", i, len(q.Weights[i]), len(q.Scales[i]), len(l.Weight), l.Out)
		}
		for _, s := range q.Scales[i] {
			if !good(s) {
				return fmt.Errorf("layer %d has a weight scale of %v", i, s)
			}
		}
		for j, w := range q.Weights[i] {
			if w < -kern.MaxWeight || w > kern.MaxWeight {
				return fmt.Errorf("layer %d: weight %d is %d, want -%d..%d", i, j, w, kern.MaxWeight, kern.MaxWeight)
			}
		}
	}
	return nil
}
