package text

import "testing"

func TestNearest(t *testing.T) {
	known := []string{"reads", "regions", "ref", "out"}
	for _, k := range []struct {
		word string
		most int
		want string
	}{
		{"read", 2, "reads"},
		{"raeds", 2, "reads"}, // two letters changed
		{"raeds", 1, ""},
		{"region", 2, "regions"},
		{"rex", 2, "ref"},
		{"ot", 2, "out"},
		{"threads", 2, "reads"},
		{"threads", 1, ""},
		{"", 2, ""},
		{"", 3, "ref"}, // the first of two at the same distance
		{"out", 0, "out"},
	} {
		if got := Nearest(k.word, known, k.most); got != k.want {
			t.Errorf("%q within %d letters: %q, want %q", k.word, k.most, got, k.want)
		}
	}
}
