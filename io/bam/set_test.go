package bam

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

func TestSet(t *testing.T) {
	h := testHeader(t)
	reads := sample(h, 1500)
	var halves [2][]align.Read
	for i := range reads {
		halves[i%2] = append(halves[i%2], reads[i])
	}
	paths := []string{written(t, h, halves[0], WriterOptions{}), written(t, h, halves[1], WriterOptions{})}
	region := locus.Region{Contig: "chr1", Start: 500_000, End: 1_500_000}
	var want [2][]string
	for i := range halves {
		for k := range halves[i] {
			if x := &halves[i][k]; x.Contig == 0 && x.Start < region.End && x.End() > region.Start {
				want[i] = append(want[i], x.Name)
			}
		}
	}
	var byStart []string
	for i := range reads {
		if x := &reads[i]; x.Contig == 0 && x.Start < region.End && x.End() > region.Start {
			byStart = append(byStart, x.Name)
		}
	}
	for _, merge := range []bool{false, true} {
		s, err := openSet(paths, Options{Merge: merge})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.CheckIndex(); err != nil {
			t.Error(err)
		}
		var got []string
		for r, err := range s.Reads(t.Context(), region) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, strings.Clone(r.Name))
		}
		if merge && !slices.Equal(got, byStart) {
			t.Errorf("merged: %d reads, want %d in the order of starts", len(got), len(byStart))
		}
		if !merge && !slices.Equal(got, slices.Concat(want[0], want[1])) {
			t.Errorf("file after file: %d reads, want %d + %d", len(got), len(want[0]), len(want[1]))
		}
		for r, err := range s.Reads(t.Context(), region) { // a caller that has enough
			if err != nil || r.Name != got[0] {
				t.Errorf("again: %v, %v", r, err)
			}
			break
		}
		if !slices.Equal(s.Header().Samples, []string{"S1", "S2"}) || len(s.Header().ReadGroups) != 2 || len(s.Files()) != 2 {
			t.Errorf("header of the set: %+v", s.Header())
		}
		if one := s.Files()[0].Bytes(region); one <= 0 || s.Bytes(region) <= one {
			t.Errorf("%d bytes to read in one file, %d in both", one, s.Bytes(region))
		}
	}
}

func openSet(paths []string, o Options) (*Set, error) {
	return NewSet(paths, func(path string) (*File, error) { return Open(path, o) }, o)
}

func TestSetRefusesOtherContigs(t *testing.T) {
	a := written(t, testHeader(t), nil, WriterOptions{})
	for name, k := range map[string]struct {
		contigs []locus.Contig
		want    string
	}{
		"length":  {[]locus.Contig{{Name: "chr1", Length: 3_000_000}, {Name: "chr2", Length: 900_001}, {Name: "chrM", Length: 60_000}}, "chr2 has 900001 bases, there 900000"},
		"missing": {[]locus.Contig{{Name: "chr1", Length: 3_000_000}, {Name: "chr2", Length: 900_000}}, "chrM is missing"},
		"more":    {[]locus.Contig{{Name: "chr1", Length: 3_000_000}, {Name: "chr2", Length: 900_000}, {Name: "chrM", Length: 60_000}, {Name: "x", Length: 1}}, "x is missing there"},
		"order":   {[]locus.Contig{{Name: "chr2", Length: 900_000}, {Name: "chr1", Length: 3_000_000}, {Name: "chrM", Length: 60_000}}, "contig 1 is chr2, there chr1"},
	} {
		b := written(t, testHeader(t, k.contigs...), nil, WriterOptions{})
		_, err := openSet([]string{a, b}, Options{})
		if err == nil || !strings.Contains(err.Error(), k.want) || !strings.Contains(err.Error(), a) || !strings.Contains(err.Error(), b) {
			t.Errorf("%s: %v, want %q", name, err, k.want)
		}
	}
	for name, paths := range map[string][]string{"none": nil, "twice": {a, a}, "absent": {a, a + "x"}} {
		if _, err := openSet(paths, Options{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestManyAtOnce queries one file from many goroutines.
func TestManyAtOnce(t *testing.T) {
	h := testHeader(t)
	reads := sample(h, 3000)
	f := open(t, written(t, h, reads, WriterOptions{}), Options{})
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 20 {
				region := locus.Region{Contig: "chr1", Start: (g*20 + i) * 15_000, End: (g*20+i)*15_000 + 30_000}
				n := 0
				for r, err := range f.Reads(t.Context(), region) {
					if err != nil {
						t.Error(err)
						return
					}
					for n < len(reads) && (reads[n].Contig != 0 || reads[n].Start >= region.End || max(reads[n].End(), reads[n].Start+1) <= region.Start) {
						n++
					}
					if n == len(reads) || fmt.Sprint(*r) != fmt.Sprint(reads[n]) {
						t.Errorf("%v: %v is not the next read", region, r)
						return
					}
					n++
				}
			}
		})
	}
	all.Wait()
}

// TestLongContigs reads contigs that only a CSI can index.
func TestLongContigs(t *testing.T) {
	h := testHeader(t, locus.Contig{Name: "long", Length: 2_000_000_000}, locus.Contig{Name: "short", Length: 70_000})
	reads := sample(h, 2000)
	f := open(t, written(t, h, reads, WriterOptions{}), Options{})
	checkQueries(t, f)
	if err := WriteIndex(&strings.Builder{}, f, false); err != nil {
		t.Errorf("a CSI where a BAI is too short: %v", err)
	}
}

func TestReadsOfWhatIsNotThere(t *testing.T) {
	h := testHeader(t)
	f := open(t, written(t, h, sample(h, 100), WriterOptions{}), Options{})
	for _, err := range f.Reads(t.Context(), locus.Region{Contig: "1", Start: 0, End: 5}) {
		if !errors.Is(err, locus.ErrUnknownContig) {
			t.Errorf("a contig that is not there: %v", err)
		}
	}
	for r, err := range f.Reads(t.Context(), locus.Region{Contig: "chr1", Start: 2_999_999, End: 9_000_000}) {
		t.Errorf("behind the last read: %v, %v", r, err)
	}
	n := 0
	for _, err := range f.Reads(t.Context(), locus.Region{Contig: "chr1", Start: -50, End: 3_000_000}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n == 0 {
		t.Error("a region that starts before the contig: no reads")
	}
	if n := f.Bytes(locus.Region{Contig: "no", Start: 0, End: 5}); n != 0 {
		t.Errorf("%d bytes on a contig that is not there", n)
	}
}

// TestCancel ends a query by its context.
func TestCancel(t *testing.T) {
	h := testHeader(t)
	path := written(t, h, sample(h, 6000), WriterOptions{})
	f := open(t, path, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n, last := 0, error(nil)
	for _, err := range f.Reads(ctx, locus.Region{Contig: "chr1", Start: 0, End: 3_000_000}) {
		if n++; n == 10 {
			cancel()
		}
		last = err
	}
	if !errors.Is(last, context.Canceled) || n > 1100 {
		t.Errorf("%d steps, the last %v", n, last)
	}
	for _, err := range f.Reads(ctx, locus.Region{Contig: "chr1", Start: 0, End: 3_000_000}) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a query that is cancelled before it starts: %v", err)
		}
	}
}
