package mt

import "math/bits"

// Rand64 is MT19937-64, std::mt19937_64 of C++. It belongs to one goroutine.
type Rand64 struct {
	state [n64]uint64
	next  int
}

// New64 is std::mt19937_64(seed).
func New64(seed uint64) *Rand64 {
	r := new(Rand64)
	r.Seed(seed)
	return r
}

// Seed sets the generator to the start of the sequence of a seed.
func (r *Rand64) Seed(seed uint64) {
	r.state[0] = seed
	for i := 1; i < n64; i++ {
		seed = 6364136223846793005*(seed^seed>>62) + uint64(i)
		r.state[i] = seed
	}
	r.next = n64
}

// Uint64 is the next number of the sequence.
func (r *Rand64) Uint64() uint64 {
	if r.next == n64 {
		r.twist()
	}
	y := r.state[r.next]
	r.next++
	y ^= y >> 29 & 0x5555555555555555
	y ^= y << 17 & 0x71d67fffeda60000
	y ^= y << 37 & 0xfff7eee000000000
	return y ^ y>>43
}

func (r *Rand64) twist() {
	for i := range n64 {
		y := r.state[i]&^0x7fffffff | r.state[(i+1)%n64]&0x7fffffff
		v := r.state[(i+m64)%n64] ^ y>>1
		if y&1 != 0 {
			v ^= 0xb5026f5aa96619e9
		}
		r.state[i] = v
	}
	r.next = 0
}

// Uniform is a number of 0 .. m, both included, drawn as libstdc++'s
// uniform_int_distribution does from a 64-bit generator: D. Lemire's product
// method (ACM TOMACS 29, 2019), whose high word is the result. m is below
// 2^64-1.
func (r *Rand64) Uniform(m uint64) uint64 {
	e := m + 1
	hi, lo := bits.Mul64(r.Uint64(), e)
	if lo < e {
		for least := -e % e; lo < least; {
			hi, lo = bits.Mul64(r.Uint64(), e)
		}
	}
	return hi
}

// Float64 is a number of [0, 1), one draw divided by 2^64, as libstdc++'s
// generate_canonical gives it; what would round to 1 is the number below 1.
func (r *Rand64) Float64() float64 {
	if u := float64(r.Uint64()) / (1 << 64); u < 1 {
		return u
	}
	return 1 - 1.0/(1<<53)
}
