package mt

import "math/bits"

// NewPython is the generator of Python's random.seed(seed) for a whole number:
// MT19937 started from the 32-bit words of its absolute value.
func NewPython(seed int64) *Rand32 {
	u := uint64(seed)
	if seed < 0 {
		u = -u
	}
	key := []uint32{uint32(u)}
	if u>>32 != 0 {
		key = append(key, uint32(u>>32))
	}
	r := New32(19650218)
	s := &r.state
	i, j := 1, 0
	next := func() {
		if i++; i == n32 {
			s[0], i = s[n32-1], 1
		}
	}
	for range max(n32, len(key)) {
		s[i] = (s[i] ^ (s[i-1]^s[i-1]>>30)*1664525) + key[j] + uint32(j)
		j = (j + 1) % len(key)
		next()
	}
	for range n32 - 1 {
		s[i] = (s[i] ^ (s[i-1]^s[i-1]>>30)*1566083941) - uint32(i)
		next()
	}
	s[0] = 1 << 31
	r.next = n32
	return r
}

// ShufflePython permutes 0 .. n-1 as Python's random.shuffle permutes a list
// after random.seed(seed); n is below 2^32.
func ShufflePython(seed int64, n int) []int {
	r := NewPython(seed)
	v := identity(n)
	for i := n - 1; i >= 1; i-- {
		j := r.below(uint32(i + 1))
		v[i], v[j] = v[j], v[i]
	}
	return v
}

// below is Python's _randbelow: the top bits of a draw, until they are small
// enough.
func (r *Rand32) below(n uint32) uint32 {
	shift := 32 - bits.Len32(n)
	for {
		if x := r.Uint32() >> shift; x < n {
			return x
		}
	}
}
