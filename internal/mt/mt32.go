// Package mt holds the Mersenne twisters that decide which reads DeepVariant
// keeps, with the ways in which NumPy and libstdc++ draw whole numbers and
// shuffle with them. It exists for exactness: where gx is free to choose it
// uses math/rand/v2.
//
// M. Matsumoto and T. Nishimura, ACM Transactions on Modeling and Computer
// Simulation 8 (1998), 3-30; the 64-bit twister is that of T. Nishimura, ACM
// TOMACS 10 (2000), 348-357.
package mt

const (
	n32, m32 = 624, 397
	n64, m64 = 312, 156
)

// Rand32 is MT19937, NumPy's legacy generator. It belongs to one goroutine.
type Rand32 struct {
	state [n32]uint32
	next  int
}

// New32 is the generator of NumPy's RandomState(seed).
func New32(seed uint32) *Rand32 {
	r := new(Rand32)
	r.Seed(seed)
	return r
}

// Seed sets the generator to the start of the sequence of a seed.
func (r *Rand32) Seed(seed uint32) {
	r.state[0] = seed
	for i := 1; i < n32; i++ {
		seed = 1812433253*(seed^seed>>30) + uint32(i)
		r.state[i] = seed
	}
	r.next = n32
}

// Uint32 is the next number of the sequence.
func (r *Rand32) Uint32() uint32 {
	if r.next == n32 {
		r.twist()
	}
	y := r.state[r.next]
	r.next++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

func (r *Rand32) twist() {
	for i := range n32 {
		y := r.state[i]&0x80000000 | r.state[(i+1)%n32]&0x7fffffff
		v := r.state[(i+m32)%n32] ^ y>>1
		if y&1 != 0 {
			v ^= 0x9908b0df
		}
		r.state[i] = v
	}
	r.next = 0
}

// Interval is a number of 0 .. n, both included, drawn as NumPy's legacy
// randint(0, n+1) and shuffle do: the sequence is masked to the bits of n and
// numbers above n are drawn again. Nothing is drawn for n = 0.
func (r *Rand32) Interval(n uint64) uint64 {
	if n == 0 {
		return 0
	}
	mask := n
	for s := 1; s < 64; s <<= 1 {
		mask |= mask >> s
	}
	for {
		v := uint64(r.Uint32())
		if n > 0xffffffff {
			v = v<<32 | uint64(r.Uint32())
		}
		if v &= mask; v <= n {
			return v
		}
	}
}
