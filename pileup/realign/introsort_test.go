package realign

import "testing"

// orderHash sorts elements by key and hashes the order in which they come
// (FNV-1a over their numbers).
func orderHash(keys []int) uint32 {
	order := make([]int32, len(keys))
	for i := range order {
		order[i] = int32(i)
	}
	introsort(order, func(x, y int32) bool { return keys[x] < keys[y] })
	h := uint32(2166136261)
	for _, i := range order {
		h = (h ^ uint32(i)) * 16777619
	}
	return h
}

// TestIntrosort: the order of equal elements is that of std::sort as compiled
// by g++ 12.2.0 (libstdc++) from the same keys.
func TestIntrosort(t *testing.T) {
	for _, k := range []struct {
		n, keys int
		want    uint32
	}{
		{16, 1, 3372216853}, {16, 2, 4252687201}, {16, 3, 3925920729}, {16, 7, 1225514033},
		{17, 1, 3632916783}, {17, 2, 1562126697}, {17, 3, 3220588873}, {17, 7, 1367244179},
		{18, 1, 2767885508}, {18, 2, 3929488504}, {18, 3, 4122384188}, {18, 7, 1974143416},
		{33, 1, 1151594317}, {33, 2, 2310564155}, {33, 3, 3476012319}, {33, 7, 3726028589},
		{64, 1, 2438493509}, {64, 2, 3933772223}, {64, 3, 243694517}, {64, 7, 3634287559},
		{100, 1, 154239229}, {100, 2, 1463626143}, {100, 3, 2639433379}, {100, 7, 662123203},
		{256, 1, 2974020549}, {256, 2, 4067492053}, {256, 3, 293984729}, {256, 7, 2342326723},
		{1000, 1, 3192446469}, {1000, 2, 3083812141}, {1000, 3, 1138694409}, {1000, 7, 2800131133},
	} {
		x := uint32(12345 + k.n*31 + k.keys)
		var keys []int
		for range k.n {
			x = x*1664525 + 1013904223
			keys = append(keys, int((x>>16)%uint32(k.keys)))
		}
		if got := orderHash(keys); got != k.want {
			t.Errorf("%d elements, %d keys: %d, want %d", k.n, k.keys, got, k.want)
		}
	}
	// Sequences against the median of three (Musser 1997), which end in heapsort.
	for _, k := range []struct {
		n    int
		want uint32
	}{{200, 2462552985}, {512, 1280002385}} {
		var keys []int
		for i := range k.n / 2 {
			key := i + 1
			if i%2 == 1 {
				key = k.n/2 + i
			}
			keys = append(keys, key/2)
		}
		for i := range k.n / 2 {
			keys = append(keys, i+1)
		}
		if got := orderHash(keys); got != k.want {
			t.Errorf("%d elements against the median: %d, want %d", k.n, got, k.want)
		}
	}
}
