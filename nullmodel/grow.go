package nullmodel

// grower grows trees on one set of binned rows. Its memory is reused from tree
// to tree.
type grower struct {
	cuts       *bins
	bins       [][]uint8
	grad, hess []float64
	node       []uint8 // the node of each row on the level being split
	hist       []cell  // [node][feature][bin]
}

// cell sums the derivatives of the rows of one node in one bin of a feature.
type cell struct{ g, h, n float64 }

func newGrower(cuts *bins, binned [][]uint8) *grower {
	n := 0
	if len(binned) > 0 {
		n = len(binned[0])
	}
	return &grower{cuts: cuts, bins: binned, grad: make([]float64, n), hess: make([]float64, n), node: make([]uint8, n),
		hist: make([]cell, (1<<(boostDepth-1))*len(binned)*maxBins)}
}

// grow splits level by level, each node where the gain is largest; the first
// feature and the lowest bin win ties.
func (g *grower) grow() tree {
	var t tree
	clear(g.node)
	for level := range boostDepth {
		nodes := 1 << level
		g.histograms(nodes)
		for k := range nodes {
			at := nodes - 1 + k
			t.feature[at], t.bin[at] = g.split(k)
		}
		for i := range g.node {
			k := g.node[i]
			at := nodes - 1 + int(k)
			k *= 2
			if f := t.feature[at]; f >= 0 && g.bins[f][i] > t.bin[at] {
				k++
			}
			g.node[i] = k
		}
	}
	g.leaves(&t)
	return t
}

func (g *grower) histograms(nodes int) {
	features := len(g.bins)
	clear(g.hist[:nodes*features*maxBins])
	for f, column := range g.bins {
		for i, b := range column {
			c := &g.hist[(int(g.node[i])*features+f)*maxBins+int(b)]
			c.g += g.grad[i]
			c.h += g.hess[i]
			c.n++
		}
	}
}

// split finds the best split of a node: the one that lowers the second-order
// loss most, with enough people on both sides. -1 where none lowers it.
func (g *grower) split(node int) (feature int16, bin uint8) {
	features := len(g.bins)
	feature, best := -1, 1e-9
	for f := range features {
		row := g.hist[(node*features+f)*maxBins:][:len(g.cuts.upper[f])+1]
		var all, left cell
		for i := range row {
			all.g, all.h, all.n = all.g+row[i].g, all.h+row[i].h, all.n+row[i].n
		}
		whole := gain(all)
		for b := range len(row) - 1 {
			left.g, left.h, left.n = left.g+row[b].g, left.h+row[b].h, left.n+row[b].n
			right := cell{all.g - left.g, all.h - left.h, all.n - left.n}
			if left.n < boostLeaf || right.n < boostLeaf {
				continue
			}
			if d := gain(left) + gain(right) - whole; d > best {
				best, feature, bin = d, int16(f), uint8(b)
			}
		}
	}
	return feature, bin
}

func gain(c cell) float64 { return c.g * c.g / (c.h + boostLambda) }

func (g *grower) leaves(t *tree) {
	var sum [1 << boostDepth]cell
	for i, k := range g.node {
		sum[k].g += g.grad[i]
		sum[k].h += g.hess[i]
	}
	for k, c := range sum {
		t.leaf[k] = -boostRate * c.g / (c.h + boostLambda)
	}
}
