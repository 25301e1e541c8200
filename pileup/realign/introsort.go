package realign

import "math/bits"

// introsort sorts as std::sort of GNU's C++ library does, whose result depends
// on its steps where elements are equal: quicksort with the median of three
// moved to the front while a part has more than 16 elements, heapsort where
// that goes too deep, one insertion sort in the end (Musser 1997).
func introsort(s []int32, less func(x, y int32) bool) {
	if len(s) < 2 {
		return
	}
	introsortLoop(s, 2*(bits.Len(uint(len(s)))-1), less)
	n := min(len(s), introsortSmall)
	for i := 1; i < n; i++ {
		if less(s[i], s[0]) {
			v := s[i]
			copy(s[1:i+1], s[:i])
			s[0] = v
			continue
		}
		insertBefore(s, i, less)
	}
	for i := n; i < len(s); i++ {
		insertBefore(s, i, less)
	}
}

const introsortSmall = 16

// insertBefore moves element i forward past all that it is less than.
func insertBefore(s []int32, i int, less func(x, y int32) bool) {
	v := s[i]
	for i > 0 && less(v, s[i-1]) {
		s[i] = s[i-1]
		i--
	}
	s[i] = v
}

func introsortLoop(s []int32, depth int, less func(x, y int32) bool) {
	for len(s) > introsortSmall {
		if depth == 0 {
			heapsort(s, less)
			return
		}
		depth--
		cut := partition(s, less)
		introsortLoop(s[cut:], depth, less)
		s = s[:cut]
	}
}

// partition moves the median of the second, middle and last element to the
// front and divides the rest by it.
func partition(s []int32, less func(x, y int32) bool) int {
	a, b, c := 1, len(s)/2, len(s)-1
	m := a
	switch {
	case less(s[a], s[b]):
		switch {
		case less(s[b], s[c]):
			m = b
		case less(s[a], s[c]):
			m = c
		}
	case less(s[a], s[c]):
	case less(s[b], s[c]):
		m = c
	default:
		m = b
	}
	s[0], s[m] = s[m], s[0]
	i, j := 1, len(s)
	for {
		for less(s[i], s[0]) {
			i++
		}
		j--
		for less(s[0], s[j]) {
			j--
		}
		if i >= j {
			return i
		}
		s[i], s[j] = s[j], s[i]
		i++
	}
}

// heapsort is the library's: a heap, whose top is swapped to the end again and
// again; a hole sinks to the bottom before the element rises in it.
func heapsort(s []int32, less func(x, y int32) bool) {
	for i := (len(s) - 2) / 2; i >= 0; i-- {
		sink(s, i, s[i], less)
	}
	for n := len(s) - 1; n > 0; n-- {
		v := s[n]
		s[n] = s[0]
		sink(s[:n], 0, v, less)
	}
}

func sink(s []int32, hole int, v int32, less func(x, y int32) bool) {
	top, child := hole, hole
	for child < (len(s)-1)/2 {
		child = 2*child + 2
		if less(s[child], s[child-1]) {
			child--
		}
		s[hole] = s[child]
		hole = child
	}
	if len(s)%2 == 0 && child == (len(s)-2)/2 {
		child = 2*child + 1
		s[hole] = s[child]
		hole = child
	}
	for hole > top {
		up := (hole - 1) / 2
		if !less(s[up], v) {
			break
		}
		s[hole] = s[up]
		hole = up
	}
	s[hole] = v
}
