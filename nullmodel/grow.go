package nullmodel

import "math/rand/v2"

// grower grows trees on one set of binned rows. Its memory is reused from tree
// to tree.
type grower struct {
	cuts       *bins
	bins       [][]uint8
	depth      int
	grad, hess []float64
	rows       []int32 // of the tree being grown
	node       []uint8 // the node of each of rows on the level being split
	hist       []cell  // [node][feature][bin]
}

// cell sums the derivatives of the rows of one node in one bin of a feature.
type cell struct{ g, h, n float64 }

func newGrower(cuts *bins, binned [][]uint8, depth int) *grower {
	n := 0
	if len(binned) > 0 {
		n = len(binned[0])
	}
	return &grower{cuts: cuts, bins: binned, depth: depth, grad: make([]float64, n), hess: make([]float64, n), node: make([]uint8, n),
		hist: make([]cell, (1<<(depth-1))*len(binned)*maxBins)}
}

// sample draws the rows of the next tree, each with a chance of a half.
func (g *grower) sample(rng *rand.Rand) {
	g.rows = g.rows[:0]
	var bits uint64
	for i := range g.grad {
		if i%64 == 0 {
			bits = rng.Uint64()
		}
		if bits&1 == 1 {
			g.rows = append(g.rows, int32(i))
		}
		bits >>= 1
	}
}

// grow splits level by level, each node where the gain is largest; the first
// feature and the lowest bin win ties.
func (g *grower) grow() tree {
	t := newTree(g.depth)
	node := g.node[:len(g.rows)]
	clear(node)
	for level := range g.depth {
		nodes := 1 << level
		g.histograms(nodes)
		for k := range nodes {
			at := nodes - 1 + k
			t.feature[at], t.bin[at] = g.split(k)
		}
		for i, k := range node {
			at := nodes - 1 + int(k)
			k *= 2
			if g.bins[t.feature[at]][g.rows[i]] > t.bin[at] {
				k++
			}
			node[i] = k
		}
	}
	g.leaves(&t)
	return t
}

func (g *grower) histograms(nodes int) {
	features := len(g.bins)
	clear(g.hist[:nodes*features*maxBins])
	for f, column := range g.bins {
		for i, r := range g.rows {
			c := &g.hist[(int(g.node[i])*features+f)*maxBins+int(column[r])]
			c.g += g.grad[r]
			c.h += g.hess[r]
			c.n++
		}
	}
}

// split finds the best split of a node: the one that lowers the second-order
// loss most, with enough people on both sides. allLeft where none lowers it.
func (g *grower) split(node int) (feature int16, bin uint8) {
	features := len(g.bins)
	feature, bin = 0, allLeft
	best := 1e-9
	for f := range features {
		row := g.hist[(node*features+f)*maxBins:][:len(g.cuts.upper[f])+1]
		var all, left cell
		for i := range row {
			all.g, all.h, all.n = all.g+row[i].g, all.h+row[i].h, all.n+row[i].n
		}
		if all.n < 2*boostLeaf {
			return 0, allLeft
		}
		whole := gain(all)
		for b := range len(row) - 1 {
			if row[b].n == 0 {
				continue
			}
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
	sum := make([]cell, len(t.leaf))
	for i, r := range g.rows {
		k := g.node[i]
		sum[k].g += g.grad[r]
		sum[k].h += g.hess[r]
	}
	for k, c := range sum {
		t.leaf[k] = -boostRate * c.g / (c.h + boostLambda)
	}
}
