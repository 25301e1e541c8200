package simulate

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"sort"
)

// random is a generator with its bare source beside it: the loops over bases
// call the source without going through an interface.
type random struct {
	*rand.Rand
	pcg *rand.PCG
}

// newRandom seeds a generator by the user's seed and the place it works on.
func newRandom(seed uint64, place ...uint64) random {
	a, b := mix(seed), mix(seed^0x9e3779b97f4a7c15)
	for _, p := range place {
		a = mix(a ^ p)
		b = mix(b + p)
	}
	pcg := rand.NewPCG(a, b)
	return random{rand.New(pcg), pcg}
}

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// nameKey turns a contig's name into a number for newRandom.
func nameKey(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}

// unit maps a hash to [0, 1).
func unit(h uint64) float64 { return float64(h>>11) / (1 << 53) }

// normal maps a hash to a standard normal value (Box and Muller 1958).
func normal(h uint64) float64 {
	u, v := 1-unit(h), unit(mix(h))
	return math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*v)
}

// poisson draws a count of mean lambda: by products of uniforms where it is
// small, in halves where it is not, since sums of Poisson counts are Poisson.
func (r random) poisson(lambda float64) int {
	n := 0
	for lambda > 16 {
		// The k-th event of a process of rate 1 falls at a gamma(k) time
		// (Ahrens and Dieter 1974).
		k := int(lambda * 7 / 8)
		x := r.gamma(float64(k))
		if x > lambda {
			return n + r.binomial(k-1, lambda/x)
		}
		n, lambda = n+k, lambda-x
	}
	limit, p := math.Exp(-lambda), r.Float64()
	for p > limit {
		n++
		p *= r.Float64()
	}
	return n
}

func (r random) binomial(n int, p float64) int {
	k := 0
	for range n {
		if r.Float64() < p {
			k++
		}
	}
	return k
}

// gamma draws of shape a >= 1, scale 1 (Marsaglia and Tsang 2000).
func (r random) gamma(a float64) float64 {
	d := a - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(1-r.Float64()) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// steps draws a length from 1 whose chance of one more is p at each step.
func (r random) steps(p float64, top int) int {
	n := 1
	for n < top && r.Float64() < p {
		n++
	}
	return n
}

// powerLength draws 1..top with P(n) falling as n^-1.75, the fall of human
// indel lengths (Montgomery et al. 2013, Genome Research 23:749).
func (r random) powerLength(top int) int {
	for {
		n := math.Pow(1-r.Float64(), -1/0.75)
		if n < float64(top+1) {
			return int(n)
		}
	}
}

// choice draws an index with the chances given as running sums.
type choice []float64

func newChoice(weights []float64) choice {
	c := make(choice, len(weights))
	sum := 0.0
	for i, w := range weights {
		sum += w
		c[i] = sum
	}
	return c
}

func (c choice) draw(r random) int {
	x := r.Float64() * c[len(c)-1]
	return min(sort.Search(len(c), func(i int) bool { return c[i] > x }), len(c)-1)
}

// alias draws one of 64 values in constant time (Walker 1977; Vose 1991).
type alias [64]struct {
	cut   uint32 // of 2^26: below it the column's own value
	other byte
}

// newAlias builds the columns; weights that sum to nothing give value 0.
func newAlias(weights *[64]float64) *alias {
	var a alias
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	if sum <= 0 {
		return &a
	}
	var scaled [64]float64
	var small, large []int
	for i, w := range weights {
		scaled[i] = w / sum * 64
		if scaled[i] < 1 {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		a[s].cut, a[s].other = uint32(scaled[s]*(1<<26)), byte(l)
		if scaled[l] -= 1 - scaled[s]; scaled[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	for _, i := range append(small, large...) {
		a[i].cut, a[i].other = 1<<26, byte(i)
	}
	return &a
}

func (a *alias) draw(u uint32) byte {
	c := &a[u&63]
	if u>>6 < c.cut {
		return byte(u & 63)
	}
	return c.other
}
