package locus

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func contigs(t testing.TB) *Contigs {
	t.Helper()
	c, err := NewContigs([]Contig{{"chr1", 1000}, {"chr20", 64_444_167}, {"HLA-A*01:01", 3503}, {"MT", 16569}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParse(t *testing.T) {
	c := contigs(t)
	cases := []struct {
		text string
		want Region
		err  string
	}{
		{"chr20", Region{"chr20", 0, 64_444_167}, ""},
		{"chr20:1-5", Region{"chr20", 0, 5}, ""},
		{"chr20:1,000-2,000", Region{"chr20", 999, 2000}, ""},
		{"chr20:7", Region{"chr20", 6, 7}, ""},
		{"chr20:7-", Region{"chr20", 6, 64_444_167}, ""},
		{"chr1:900-5000", Region{"chr1", 899, 1000}, ""},
		{"HLA-A*01:01", Region{"HLA-A*01:01", 0, 3503}, ""},
		{"HLA-A*01:01:2-3", Region{"HLA-A*01:01", 1, 3}, ""},
		{"20:1-5", Region{}, `the reference calls it "chr20"`},
		{"chrM", Region{}, `the reference calls it "MT"`},
		{"chr2", Region{}, "no such contig"},
		{"chr20:5-1", Region{}, "ends before it starts"},
		{"chr20:0-1", Region{}, "want a number from 1"},
		{"chr20:x-1", Region{}, "want a number from 1"},
		{"chr20:1-y", Region{}, "want a number"},
		{"chr1:1001-1002", Region{}, "behind the end"},
	}
	for _, k := range cases {
		t.Run(k.text, func(t *testing.T) {
			got, err := c.Parse(k.text)
			if k.err == "" && (err != nil || got != k.want) {
				t.Fatalf("got %v, %v, want %v", got, err, k.want)
			}
			if k.err != "" && (err == nil || !strings.Contains(err.Error(), k.err)) {
				t.Fatalf("got %v, %v, want an error with %q", got, err, k.err)
			}
		})
	}
	if _, err := c.Parse("nope"); !errors.Is(err, ErrUnknownContig) {
		t.Errorf("cause not reachable: %v", err)
	}
}

func TestNewContigsRefuses(t *testing.T) {
	for name, list := range map[string][]Contig{
		"twice": {{"a", 1}, {"a", 2}}, "no name": {{"", 1}}, "negative": {{"a", -1}}, "too long": {{"a", MaxLength + 1}},
	} {
		if _, err := NewContigs(list); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestSetAgainstBits compares every operation with a plain array of flags.
func TestSetAgainstBits(t *testing.T) {
	const n = 60
	rng := rand.New(rand.NewPCG(1, 2))
	random := func() (*Set, [n]bool) {
		var bits [n]bool
		var list []Region
		for range rng.IntN(6) {
			a := rng.IntN(n)
			r := Region{"c", a, min(n, a+rng.IntN(12))}
			list = append(list, r)
			for i := r.Start; i < r.End; i++ {
				bits[i] = true
			}
		}
		return NewSet(list...), bits
	}
	for range 2000 {
		a, bitsA := random()
		b, bitsB := random()
		both, minus := a.Intersect(b), a.Subtract(b)
		bases := 0
		for i := range n {
			if bitsA[i] {
				bases++
			}
			if a.Contains("c", i) != bitsA[i] || both.Contains("c", i) != (bitsA[i] && bitsB[i]) || minus.Contains("c", i) != (bitsA[i] && !bitsB[i]) {
				t.Fatalf("base %d: a %v, b %v, both %v, minus %v", i, a.On("c"), b.On("c"), both.On("c"), minus.On("c"))
			}
		}
		if a.Bases() != bases {
			t.Fatalf("%v: Bases = %d, want %d", a.On("c"), a.Bases(), bases)
		}
		lo := rng.IntN(n)
		q := Region{"c", lo, lo + rng.IntN(n-lo)}
		if want := slices.Contains(bitsA[q.Start:q.End], true); q.Len() > 0 && a.Overlaps(q) != want {
			t.Fatalf("%v overlaps %v: want %v", a.On("c"), q, want)
		}
	}
}

func TestSetMergesTouching(t *testing.T) {
	s := NewSet(Region{"chr20", 5, 9}, Region{"chr1", 0, 1}, Region{"chr20", 0, 5}, Region{"chr20", 9, 9})
	want := []Region{{"chr1", 0, 1}, {"chr20", 0, 9}}
	if got := s.Regions(contigs(t)); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func FuzzParse(f *testing.F) {
	c := contigs(f)
	for _, s := range []string{"chr20:1-5", "chr20", "HLA-A*01:01:2-3", "chr1:9-", ":", "chr20:-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := c.Parse(s)
		if err != nil {
			return
		}
		if again, err := c.Parse(r.String()); err != nil || again != r {
			t.Fatalf("Parse(%q) = %v, but Parse(%q) = %v, %v", s, r, r.String(), again, err)
		}
	})
}
