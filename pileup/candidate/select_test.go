package candidate

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

const contig = "ACGTACGTNCGGAT"

// copies makes n reads of one alignment; low ones have base quality 5.
type copies struct {
	n            int
	start        int
	cigar, bases string
	low          bool
}

func counts(t testing.TB, list ...copies) *count.Counts {
	t.Helper()
	return countsOf(t, nil, list...)
}

// countsOf is counts with the reads of the reference at the marked positions.
func countsOf(t testing.TB, track []bool, list ...copies) *count.Counts {
	t.Helper()
	var reads []align.Read
	for _, x := range list {
		c, err := align.ParseCigar(x.cigar)
		if err != nil {
			t.Fatal(err)
		}
		q := byte(30)
		if x.low {
			q = 5
		}
		for range x.n {
			reads = append(reads, align.Read{Name: fmt.Sprint(len(reads)), Start: x.start, Cigar: c, MapQ: 60,
				Bases: []byte(x.bases), Quals: slices.Repeat([]byte{q}, len(x.bases))})
		}
	}
	counter := count.Counter{Options: count.Defaults()}
	return counter.Count(reads, count.Window{Start: 100, Bases: []byte(contig)}, locus.Region{Contig: "c", Start: 100, End: 100 + len(contig)}, track)
}

// text writes a candidate with its reads.
func text(c *Candidate) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s>%s DP %d AD %v VAF %.3g", c.Start, c.Ref, strings.Join(c.Alts, ","), c.Depth, c.AD, c.VAF)
	list := func(name string, s []Support) {
		if len(s) > 0 {
			fmt.Fprintf(&b, " %s", name)
		}
		for _, x := range s {
			low := ""
			if x.Low {
				low = "-"
			}
			fmt.Fprintf(&b, " %s%d", low, x.Read)
		}
	}
	for i := range c.Alts {
		list(c.Alts[i], c.Support[i])
	}
	list("other", c.Other)
	list("ref", c.RefSupport)
	return b.String()
}

func TestSelect(t *testing.T) {
	for _, k := range []struct {
		name string
		in   []copies
		want []string
	}{
		{"two reads of three make a SNP", []copies{{2, 102, "1M", "T", false}, {1, 102, "1M", "G", false}},
			[]string{"102 G>T DP 3 AD [1 2] VAF [0.667] T 0 1"}},
		{"one read makes none", []copies{{1, 102, "1M", "T", false}, {1, 102, "1M", "G", false}}, nil},
		{"reads of low quality make none", []copies{{2, 102, "1M", "T", true}, {1, 102, "1M", "T", false}}, nil},
		{"but support what others make", []copies{{2, 102, "1M", "T", false}, {1, 102, "1M", "T", true}, {1, 102, "1M", "A", true}},
			[]string{"102 G>T DP 2 AD [0 2] VAF [1] T 0 1 -2 other -3"}},
		{"a SNP below 12%", []copies{{2, 102, "1M", "T", false}, {15, 102, "1M", "G", false}}, nil},
		// In double precision 3/25 is not below 0.12 as single precision holds it.
		{"a SNP of 12%", []copies{{3, 102, "1M", "T", false}, {22, 102, "1M", "G", false}},
			[]string{"102 G>T DP 25 AD [22 3] VAF [0.12] T 0 1 2"}},
		{"an insertion of 6%", []copies{{3, 102, "1M2I", "GTT", false}, {47, 102, "1M", "G", false}},
			[]string{"102 G>GTT DP 50 AD [47 3] VAF [0.06] GTT 0 1 2"}},
		{"an insertion below 6%", []copies{{2, 102, "1M2I", "GTT", false}, {32, 102, "1M", "G", false}}, nil},
		{"soft clips make none but count", []copies{{6, 102, "1M2S", "GTT", false}, {2, 102, "1M", "A", false}},
			[]string{"102 G>A DP 8 AD [0 2] VAF [0.25] A 6 7 other 0 1 2 3 4 5"}},
		{"an N of the reference makes none", []copies{{3, 108, "1M", "T", false}}, nil},
		{"deletion", []copies{{2, 102, "1M2D1M", "GC", false}},
			[]string{"102 GTA>G DP 2 AD [0 2] VAF [1] G 0 1"}},
		{"deletion behind another base", []copies{{2, 102, "1M2D1M", "CC", false}},
			[]string{"102 GTA>C DP 2 AD [0 2] VAF [1] C 0 1"}},
		{"the longest deletion gives the reference bases", []copies{
			{2, 102, "1M1D1M", "GA", false}, {2, 102, "1M3D1M", "GG", false}, {2, 102, "1M1I1M", "GTT", false}, {2, 102, "1M", "A", false}},
			[]string{"102 GTAC>ATAC,G,GAC,GTTAC DP 8 AD [0 2 2 2 2] VAF [0.25 0.25 0.25 0.25] ATAC 6 7 G 2 3 GAC 0 1 GTTAC 4 5"}},
		{"a deletion too rare does not give them", []copies{
			{1, 102, "1M3D1M", "GG", false}, {2, 102, "1M1D1M", "GA", false}},
			[]string{"102 GT>G DP 3 AD [0 2] VAF [0.667] G 1 2 other 0"}},
	} {
		t.Run(k.name, func(t *testing.T) {
			s := Selector{Options: Defaults()}
			c := counts(t, k.in...)
			var got []string
			var starts []int
			for _, x := range s.Append(nil, c) {
				got = append(got, text(&x))
				starts = append(starts, x.Start)
			}
			if !slices.Equal(got, k.want) {
				t.Errorf("got  %q\nwant %q", got, k.want)
			}
			if p := s.AppendStarts(nil, c); !slices.Equal(p, starts) {
				t.Errorf("AppendStarts gives %v, Append %v", p, starts)
			}
		})
	}
}

func TestSeveralSamples(t *testing.T) {
	child := counts(t, copies{1, 102, "1M", "T", false}, copies{9, 102, "1M", "G", false})
	parent := counts(t, copies{5, 102, "1M", "T", false}, copies{5, 102, "1M", "G", false})
	clean := counts(t, copies{30, 102, "1M", "G", false})
	for _, k := range []struct {
		name   string
		edit   func(*Options)
		others []*count.Counts
		want   int
	}{
		{"alone", func(*Options) {}, nil, 0},
		{"with a parent that has it", func(*Options) {}, []*count.Counts{parent}, 1},
		{"with one that has and one that has not", func(*Options) {}, []*count.Counts{parent, clean}, 1},
		{"with one that has not", func(*Options) {}, []*count.Counts{clean}, 0},
		{"a multiplier that asks for more", func(o *Options) { o.FractionMultiplier = 3 }, []*count.Counts{parent}, 0},
		{"no help from others", func(o *Options) { o.FractionMultiplier = float32(math.Inf(1)) }, []*count.Counts{parent}, 0},
		{"too common in the others", func(o *Options) { o.MaxFractionOtherSNPs = 0.4 }, []*count.Counts{parent}, 0},
		{"common enough to go", func(o *Options) { o.MaxFractionOtherSNPs = 0.5 }, []*count.Counts{parent}, 1},
		{"a bound for indels is none for SNPs", func(o *Options) { o.MaxFractionOtherIndels = 0.1 }, []*count.Counts{parent}, 1},
	} {
		t.Run(k.name, func(t *testing.T) {
			s := Selector{Options: Defaults()}
			k.edit(&s.Options)
			if err := s.Options.Validate(); err != nil {
				t.Fatal(err)
			}
			got := s.Append(nil, child, k.others...)
			if len(got) != k.want {
				t.Fatalf("%d candidates, want %d", len(got), k.want)
			}
			if k.want == 1 && text(&got[0]) != "102 G>T DP 10 AD [9 1] VAF [0.1] T 0" {
				t.Errorf("counts of others came in: %s", text(&got[0]))
			}
		})
	}
}

func TestReferenceSites(t *testing.T) {
	var asked []int
	s := Selector{Options: Defaults(), KeepRef: func(contig string, pos int) bool {
		asked = append(asked, pos)
		return contig == "c" && pos == 103
	}}
	got := s.Append(nil, counts(t, copies{2, 102, "2M", "TT", false}))
	if len(got) != 2 || text(&got[1]) != "103 T>. DP 2 AD [2 0] VAF [0]" {
		t.Errorf("%d candidates: %v", len(got), got)
	}
	if slices.Contains(asked, 102) || slices.Contains(asked, 108) || len(asked) != len(contig)-2 {
		t.Errorf("asked at %v: want all but the SNP and the N", asked)
	}
}

func TestTrackedReferenceReads(t *testing.T) {
	reads := []align.Read{}
	for i, base := range "TTG" {
		reads = append(reads, align.Read{Name: fmt.Sprint(i), Start: 102, Cigar: align.Cigar{align.MakeOp(align.M, 1)}, MapQ: 60, Bases: []byte(string(base)), Quals: []byte{30}})
	}
	counter := count.Counter{Options: count.Defaults()}
	c := counter.Count(reads, count.Window{Start: 100, Bases: []byte(contig)}, locus.Region{Contig: "c", Start: 102, End: 103}, []bool{true})
	s := Selector{Options: Defaults()}
	got := s.Append(nil, c)
	if len(got) != 1 || text(&got[0]) != "102 G>T DP 3 AD [1 2] VAF [0.667] T 0 1 ref 2" {
		t.Errorf("got %v", got)
	}
}

func TestOptionsValidate(t *testing.T) {
	o := Options{MinCountSNPs: -1, MinFractionSNPs: 1.5, MinFractionIndels: float32(math.NaN()), FractionMultiplier: 0}
	err := o.Validate()
	for _, want := range []string{"count-snps -1", "fraction-snps 1.5", "fraction-indels NaN", "multiplier 0"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want a line with %q", err, want)
		}
	}
}
