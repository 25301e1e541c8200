package nn

import "math"

// affine gives the scale and shift that a Norm layer applies to each channel.
func (l *Layer) affine() (scale, shift []float32) {
	scale, shift = make([]float32, len(l.Gamma)), make([]float32, len(l.Gamma))
	for i := range l.Gamma {
		s := float64(l.Gamma[i]) / math.Sqrt(float64(l.Var[i])+float64(l.Eps))
		scale[i] = float32(s)
		shift[i] = float32(float64(l.Beta[i]) - float64(float64(l.Mean[i])*s))
	}
	return scale, shift
}

// Fold gives the network with every Norm that alone follows a Conv or Dense
// taken into its weights. Results differ by rounding only.
func (n *Network) Fold() *Network {
	n = n.Clone()
	use := n.consumers()
	first := len(n.Inputs)
	moved := make([]int, first+len(n.Layers)) // value before -> value after
	for v := range first {
		moved[v] = v
	}
	out := &Network{Inputs: n.Inputs}
	for i := range n.Layers {
		l := n.Layers[i]
		for j, v := range l.In {
			l.In[j] = moved[v]
		}
		if l.Kind == Norm && len(use[n.source(i)]) == 1 && l.In[0] >= first {
			before := &out.Layers[l.In[0]-first]
			if (before.Kind == Conv || before.Kind == Dense) && !before.Act {
				before.scaleBy(&l)
				moved[first+i] = l.In[0]
				continue
			}
		}
		out.Layers = append(out.Layers, l)
		moved[first+i] = first + len(out.Layers) - 1
	}
	return out
}

// source is the value that layer i reads first, by its number before folding.
func (n *Network) source(i int) int { return n.Layers[i].In[0] }

// scaleBy takes a Norm into the weights of l.
func (l *Layer) scaleBy(norm *Layer) {
	each := len(l.Weight) / l.Out
	bias := make([]float32, l.Out)
	copy(bias, l.Bias)
	for o := range l.Out {
		s := float64(norm.Gamma[o]) / math.Sqrt(float64(norm.Var[o])+float64(norm.Eps))
		for j := range each {
			w := &l.Weight[o*each+j]
			*w = float32(float64(*w) * s)
		}
		bias[o] = float32(float64((float64(bias[o])-float64(norm.Mean[o]))*s) + float64(norm.Beta[o]))
	}
	l.Bias = bias
	l.Act, l.Lo, l.Hi = norm.Act, norm.Lo, norm.Hi
}
