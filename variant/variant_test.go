package variant

import (
	"fmt"
	"testing"
)

func TestAltSets(t *testing.T) {
	for n, want := range map[int]string{1: "[[0]]", 2: "[[0] [1] [0 1]]", 3: "[[0] [1] [2] [0 1] [0 2] [1 2]]"} {
		if got := fmt.Sprint(AltSets(n)); got != want {
			t.Errorf("AltSets(%d) = %s, want %s", n, got, want)
		}
	}
}

// TestIndex walks VCF's own double loop over genotypes.
func TestIndex(t *testing.T) {
	k := 0
	for b := range 6 {
		for a := 0; a <= b; a++ {
			if Index(a, b) != k || Index(b, a) != k {
				t.Fatalf("Index(%d, %d) = %d, want %d", a, b, Index(a, b), k)
			}
			k++
		}
		if Genotypes(b+1) != k {
			t.Fatalf("Genotypes(%d) = %d, want %d", b+1, Genotypes(b+1), k)
		}
	}
}
