package mt

// ShuffleNumPy is 0 .. n-1 in the order that NumPy's RandomState(seed).shuffle
// gives it.
func ShuffleNumPy(seed uint32, n int) []int {
	v := identity(n)
	New32(seed).Shuffle(v)
	return v
}

// ShuffleStd is 0 .. n-1 in the order that libstdc++'s std::shuffle gives it
// with std::mt19937_64(seed).
func ShuffleStd(seed uint64, n int) []int {
	v := identity(n)
	New64(seed).Shuffle(v)
	return v
}

func identity(n int) []int {
	v := make([]int, n)
	for i := range v {
		v[i] = i
	}
	return v
}

// Shuffle puts v into the order of NumPy's RandomState.shuffle.
func (r *Rand32) Shuffle(v []int) {
	for i := len(v) - 1; i > 0; i-- {
		j := r.Interval(uint64(i))
		v[i], v[j] = v[j], v[i]
	}
}

// Shuffle puts v into the order of libstdc++'s std::shuffle, which takes two
// positions out of each number drawn. v is shorter than 2^32.
func (r *Rand64) Shuffle(v []int) {
	n := uint64(len(v))
	if n < 2 {
		return
	}
	i := uint64(1)
	if n%2 == 0 {
		j := r.Uniform(1)
		v[1], v[j] = v[j], v[1]
		i = 2
	}
	for i < n {
		x := r.Uniform((i+1)*(i+2) - 1)
		a, b := x/(i+2), x%(i+2)
		v[i], v[a] = v[a], v[i]
		i++
		v[i], v[b] = v[b], v[i]
		i++
	}
}
