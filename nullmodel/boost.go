package nullmodel

import (
	"math"
	"math/rand/v2"
)

// boostDepths are the depths of trees that are tried: that of DeepNull's
// alternative model, and one that finds interactions of several covariates none
// of which acts by itself.
var boostDepths = []int{3, 6}

// Boosting has a smaller step than DeepNull's alternative model, draws half of
// the people for each tree (Friedman, Computational Statistics and Data Analysis
// 38:367, 2002), and stops by the validation fold.
const (
	boostRate     = 0.05
	boostLambda   = 2.0  // of the second-order leaves
	boostLeaf     = 20.0 // people on either side of a split, at the least
	boostRounds   = 2000
	boostPatience = 60
)

// boost is a sum of trees over binned features.
type boost struct {
	bins  *bins
	base  float64
	trees []tree
}

// tree is a complete binary tree: node i has the children 2i+1 and 2i+2.
type tree struct {
	depth   int
	feature []int16
	bin     []uint8 // left: bins up to this one; allLeft where there is no split
	leaf    []float64
}

func newTree(depth int) tree {
	return tree{depth, make([]int16, 1<<depth-1), make([]uint8, 1<<depth-1), make([]float64, 1<<depth)}
}

// fitBoost adds trees of one depth on the training rows until the loss on the
// validation rows has not fallen for boostPatience rounds, and keeps those up to
// its smallest value.
func fitBoost(train, valid sample, binary bool, depth int, seed uint64) (*boost, Curve) {
	b, curve := &boost{bins: fitBins(train.x)}, Curve{Every: 1, Unit: "trees", Kept: -1}
	b.base = baseScore(train.y, binary)
	g := newGrower(b.bins, b.bins.apply(train.x), depth)
	rng := rand.New(rand.NewPCG(seed, 0x7472656573))
	validBins := b.bins.apply(valid.x)
	score, validScore := constant(len(train.y), b.base), constant(len(valid.y), b.base)
	best, kept := loss(validScore, valid.y, binary), 0
	for round := 1; round <= boostRounds && round-kept <= boostPatience; round++ {
		gradients(score, train.y, binary, g.grad, g.hess)
		g.sample(rng)
		t := g.grow()
		b.trees = append(b.trees, t)
		t.add(score, g.bins)
		t.add(validScore, validBins)
		l := loss(validScore, valid.y, binary)
		curve.Loss = append(curve.Loss, l)
		if l < best {
			best, kept, curve.Kept = l, round, round-1
		}
	}
	b.trees = b.trees[:kept]
	return b, curve
}

// baseScore is the score that fits best with no tree.
func baseScore(y []float64, binary bool) float64 {
	mean := 0.0
	for _, v := range y {
		mean += v
	}
	mean /= float64(len(y))
	if !binary {
		return mean
	}
	mean = min(max(mean, 1e-6), 1-1e-6)
	return math.Log(mean / (1 - mean))
}

func constant(n int, x float64) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = x
	}
	return v
}

// gradients are the first and second derivatives of the loss by the score.
func gradients(score, y []float64, binary bool, grad, hess []float64) {
	for i, s := range score {
		grad[i], hess[i] = s-y[i], 1
		if binary {
			mu := sigmoid(s)
			grad[i], hess[i] = mu-y[i], math.Max(mu*(1-mu), 1e-12)
		}
	}
}

// scores is the sum of the trees for the rows of x.
func (b *boost) scores(x [][]float64, n int) ([]float64, error) {
	score := constant(n, b.base)
	binned := b.bins.apply(x)
	for i := range b.trees {
		b.trees[i].add(score, binned)
	}
	return score, nil
}

// allLeft is above the number of every bin.
const allLeft = maxBins

// add adds a tree's leaves to the scores of binned rows.
func (t *tree) add(score []float64, binned [][]uint8) {
	for i := range score {
		node := 0
		for range t.depth {
			right := 0
			if binned[t.feature[node]][i] > t.bin[node] {
				right = 1
			}
			node = 2*node + 1 + right
		}
		score[i] += t.leaf[node-len(t.feature)]
	}
}
