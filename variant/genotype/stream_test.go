package genotype

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

func testContigs(t testing.TB) *locus.Contigs {
	t.Helper()
	c, err := locus.NewContigs([]locus.Contig{{Name: "chr20", Length: 1 << 20}, {Name: "chr3", Length: 1 << 20}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// randomSites is sorted sites on two contigs, many of them overlapping.
func randomSites(rng *rand.Rand, n int) []*Input {
	var list []*Input
	for _, contig := range []string{"chr20", "chr3"} {
		at := 100
		for range n {
			in := randomInput(rng, 1+rng.IntN(3))
			in.Site.Contig = contig
			in.Site.Start, in.Site.End = at, at+len(in.Site.Ref)
			at += 1 + rng.IntN(6)
			list = append(list, in)
		}
	}
	return list
}

// collect is the records of a stream as text, with all that they hold.
func collect(t *testing.T, o Options, feed func(*Stream) error) []string {
	t.Helper()
	var out []string
	s, err := NewStream(o, testContigs(t), func(c *variant.Call) error {
		out = append(out, fmt.Sprintf("%+v", *c))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := feed(s); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	return out
}

// Cutting the genome wherever no site spans gives the same records, whether a
// new stream takes over, or the stream is told how far it has come.
func TestSplitAtGaps(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for _, compat := range []bool{true, false} {
		sites := randomSites(rng, 300)
		o := Defaults()
		o.Compat = compat
		whole := collect(t, o, func(s *Stream) error {
			for _, in := range sites {
				if err := s.Push(in); err != nil {
					return err
				}
			}
			return nil
		})
		if len(whole) != len(sites) {
			t.Fatalf("%d records of %d sites", len(whole), len(sites))
		}
		var parts []string
		reached := collect(t, o, func(s *Stream) error {
			for from := 0; from < len(sites); {
				to := from + 1
				for to < len(sites) && !gap(sites, to) {
					to++
				}
				parts = append(parts, collect(t, o, func(s *Stream) error {
					for _, in := range sites[from:to] {
						if err := s.Push(in); err != nil {
							return err
						}
					}
					return nil
				})...)
				for _, in := range sites[from:to] {
					if err := s.Reached(in.Site.Contig, in.Site.Start); err != nil {
						return err
					}
					if err := s.Push(in); err != nil {
						return err
					}
				}
				from = to
			}
			return nil
		})
		if !slices.Equal(whole, parts) {
			t.Errorf("compat %v: cut at gaps, the records differ", compat)
		}
		if !slices.Equal(whole, reached) {
			t.Errorf("compat %v: told how far it is, the records differ", compat)
		}
	}
}

// gap says whether no site before the i-th reaches it.
func gap(sites []*Input, i int) bool {
	for _, in := range sites[:i] {
		if in.Site.Contig == sites[i].Site.Contig && in.Site.End > sites[i].Site.Start {
			return false
		}
	}
	return true
}

// A site goes out as soon as nothing can overlap it.
func TestStreamHoldsOneRun(t *testing.T) {
	emitted := 0
	s, err := NewStream(Defaults(), testContigs(t), func(*variant.Call) error { emitted++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	het := [3]float64{.01, .98, .01}
	for i, step := range []struct{ start, length, want int }{{10, 5, 0}, {12, 1, 0}, {15, 1, 2}, {20, 1, 3}} {
		if err := s.Push(site(step.start, strings.Repeat("A", step.length), "C", 9, []int{4, 5}, het)); err != nil {
			t.Fatal(err)
		}
		if emitted != step.want {
			t.Errorf("after site %d: %d records out, want %d", i, emitted, step.want)
		}
	}
	if err := s.Reached("chr20", 20); err != nil || emitted != 3 {
		t.Errorf("reached its start: %d records out, %v", emitted, err)
	}
	if err := s.Reached("chr20", 21); err != nil || emitted != 4 {
		t.Errorf("reached its end: %d records out, %v", emitted, err)
	}
}

func TestStreamErrors(t *testing.T) {
	het := [3]float64{.01, .98, .01}
	s, err := NewStream(Defaults(), testContigs(t), func(*variant.Call) error { return errors.New("disk full") })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Push(site(50, "A", "C", 9, []int{4, 5}, het)); err != nil {
		t.Fatal(err)
	}
	if err := s.Push(site(49, "A", "C", 9, []int{4, 5}, het)); !errors.Is(err, ErrOrder) {
		t.Errorf("going back: %v", err)
	}
	in := site(60, "A", "C", 9, []int{4, 5}, het)
	in.Site.Contig = "chrZ"
	if err := s.Push(in); !errors.Is(err, locus.ErrUnknownContig) {
		t.Errorf("unknown contig: %v", err)
	}
	if err := s.Push(site(70, "A", "C", 9, []int{4, 5}, het)); err == nil || err.Error() != "disk full" {
		t.Errorf("error of the receiver: %v", err)
	}
	if _, err := NewStream(Options{Mode: 9}, testContigs(t), nil); err == nil {
		t.Error("a stream with faulty options")
	}
}

func outputs(in *Input) []Output {
	var list []Output
	for _, set := range in.Sets {
		list = append(list, Output{Site: in.Site, Likelihoods: set})
	}
	return list
}

func sequence(list []Output, last error) func(func(*Output, error) bool) {
	return func(yield func(*Output, error) bool) {
		for i := range list {
			if !yield(&list[i], nil) {
				return
			}
		}
		if last != nil {
			yield(nil, last)
		}
	}
}

func TestSites(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	sites := randomSites(rng, 40)
	var list []Output
	for _, in := range sites {
		list = append(list, outputs(in)...)
	}
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	Sort(list, testContigs(t))
	i := 0
	for in, err := range Sites(sequence(list, nil), false) {
		if err != nil {
			t.Fatal(err)
		}
		if !sameSite(&in.Site, &sites[i].Site) || in.Site.Start != sites[i].Site.Start || len(in.Sets) != len(sites[i].Sets) {
			t.Fatalf("site %d is %s with %d sets, want %s with %d", i, place(&in.Site), len(in.Sets), place(&sites[i].Site), len(sites[i].Sets))
		}
		i++
	}
	if i != len(sites) {
		t.Errorf("%d sites of %d", i, len(sites))
	}
	alone := 0
	for range Sites(sequence(list, nil), true) {
		alone++
	}
	if alone != len(list) {
		t.Errorf("alone: %d sites of %d outputs", alone, len(list))
	}
}

func TestSitesErrors(t *testing.T) {
	het := [3]float64{.01, .98, .01}
	a, b := site(5, "A", "C", 9, []int{4, 5}, het), site(5, "A", "G", 9, []int{4, 5}, het)
	first := func(list []Output, last error) error {
		for _, err := range Sites(sequence(list, last), false) {
			if err != nil {
				return err
			}
		}
		return nil
	}
	if err := first(append(outputs(a), outputs(b)...), nil); !errors.Is(err, ErrDiffer) || !strings.Contains(err.Error(), "chr20:6 A>C and chr20:6 A>G") {
		t.Errorf("two descriptions of a site: %v", err)
	}
	broken := errors.New("broken")
	if err := first(outputs(a), broken); !errors.Is(err, broken) {
		t.Errorf("error of the source: %v", err)
	}
}

// BenchmarkStream is the whole of this package per site, one in ten of them
// with two alternate alleles.
func BenchmarkStream(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	var sites []*Input
	at := 0
	for i := range 10000 {
		n := 1
		if i%10 == 0 {
			n = 2
		}
		in := randomInput(rng, n)
		in.Site.Start = at
		in.Site.End = at + len(in.Site.Ref)
		at += 2 + rng.IntN(100)
		sites = append(sites, in)
	}
	contigs := testContigs(b)
	b.ReportAllocs()
	for b.Loop() {
		s, err := NewStream(Defaults(), contigs, func(*variant.Call) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
		for _, in := range sites {
			if err := s.Push(in); err != nil {
				b.Fatal(err)
			}
		}
		if err := s.Flush(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(sites)*b.N)/b.Elapsed().Seconds(), "sites/s")
}
