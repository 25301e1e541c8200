package mt

import (
	"fmt"
	"slices"
	"testing"
)

// TestSequences: the 10,000th numbers that the C++ standard demands of the
// default-seeded generators ([rand.predef]), and the first of one seed.
func TestSequences(t *testing.T) {
	a, b := New32(5489), New64(5489)
	var x uint32
	var y uint64
	for range 10000 {
		x, y = a.Uint32(), b.Uint64()
	}
	if x != 4123659995 || y != 9981545732273789042 {
		t.Errorf("10,000th numbers %d, %d, want 4123659995, 9981545732273789042", x, y)
	}
	b.Seed(2101079370)
	if p, q := b.Uint64(), b.Uint64(); p != 9338829047176430381 || q != 1774115577400498796 {
		t.Errorf("mt19937_64(2101079370) gives %d, %d", p, q)
	}
}

// TestShuffles: orders printed by NumPy 1.26's RandomState(2101079370).shuffle
// and by std::shuffle of g++ 12.
func TestShuffles(t *testing.T) {
	for _, k := range []struct {
		name string
		n    int
		got  func(n int) []int
		want []int
	}{
		{"numpy", 96, func(n int) []int { return ShuffleNumPy(2101079370, n) }, []int{83, 91, 69, 72, 87, 0, 43, 81, 73, 53, 71, 6}},
		{"numpy", 97, func(n int) []int { return ShuffleNumPy(2101079370, n) }, []int{84, 92, 78, 73, 88, 0, 43, 82, 74, 53, 72, 6}},
		{"libstdc++", 96, func(n int) []int { return ShuffleStd(2101079370, n) }, []int{32, 69, 31, 60, 53, 68, 49, 39, 76, 54, 18, 82}},
		{"libstdc++", 97, func(n int) []int { return ShuffleStd(2101079370, n) }, []int{33, 7, 12, 61, 80, 96, 18, 70, 77, 86, 3, 83}},
	} {
		t.Run(fmt.Sprint(k.name, k.n), func(t *testing.T) {
			got := k.got(k.n)
			if !slices.Equal(got[:12], k.want) {
				t.Errorf("%v, want %v", got[:12], k.want)
			}
			slices.Sort(got)
			if !slices.Equal(got, identity(k.n)) {
				t.Errorf("not a permutation: %v", got)
			}
		})
	}
	for n := range 4 {
		if len(ShuffleStd(1, n)) != n || len(ShuffleNumPy(1, n)) != n {
			t.Errorf("a shuffle of %d has another length", n)
		}
	}
}

// TestInterval: NumPy's RandomState(609314161).randint(0, i+1) for i = 1500 ..
// 1511, the draws of a reservoir of 1,500 reads.
func TestInterval(t *testing.T) {
	r := New32(609314161)
	for i, want := range []uint64{661, 933, 1258, 618, 376, 883, 1420, 96, 1106, 562, 295, 1212} {
		if got := r.Interval(uint64(1500 + i)); got != want {
			t.Errorf("draw %d of 0..%d is %d, want %d", i, 1500+i, got, want)
		}
	}
	before := *r
	if r.Interval(0) != 0 || *r != before {
		t.Error("a number of 0..0 took a draw")
	}
	if v := r.Interval(1 << 40); v > 1<<40 {
		t.Errorf("%d is above its bound", v)
	}
}

func TestFloat64(t *testing.T) {
	r := New64(609314161)
	sum := 0.0
	for range 10000 {
		u := r.Float64()
		if u < 0 || u >= 1 {
			t.Fatalf("%v outside [0, 1)", u)
		}
		sum += u
	}
	if sum < 4900 || sum > 5100 {
		t.Errorf("mean of 10,000 is %v", sum/10000)
	}
}
