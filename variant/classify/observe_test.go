package classify_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/classify"
)

// A stretch of reference with a run of twelve A from position 1040 on.
const (
	refStart = 1000
	refBases = "GATTACAGCCTGAACTTGACTGCATCGGATCCAAGTCATC" + "AAAAAAAAAAAA" + "GTGCATCGGATCCAAGTCATGACCTTGAGACATTCGGATTAGC"
)

// read is an aligned read whose bases all have quality 35.
func read(t *testing.T, start int, cigar, bases string) align.Read {
	t.Helper()
	c, err := align.ParseCigar(cigar)
	if err != nil {
		t.Fatal(err)
	}
	if c.ReadLen() != len(bases) {
		t.Fatalf("%s has %d bases, not %d", cigar, c.ReadLen(), len(bases))
	}
	return align.Read{Name: "r", Start: start, MapQ: 60, Cigar: c, Bases: []byte(bases), Quals: []byte(strings.Repeat("\x23", len(bases)))}
}

// observe is the evidence of reads that show the given alleles.
func observe(start int, ref string, alts []string, reads []align.Read, shown ...int) *classify.Evidence {
	e := &classify.Evidence{Site: variant.Site{Variant: variant.Variant{Contig: "c", Start: start, End: start + len(ref), Ref: ref, Alts: alts}}}
	e.Ref, e.RefStart = []byte(refBases), refStart
	var list []candidate.Observation
	for i, a := range shown {
		list = append(list, candidate.Observation{Read: int32(i), Allele: int16(a), BaseQ: 35, MapQ: 60})
	}
	e.Observe(list, reads)
	return e
}

// piece is the reference from a to b, positions on the contig.
func piece(a, b int) string { return refBases[a-refStart : b-refStart] }

func TestObserveFit(t *testing.T) {
	const anchor = 1039 // C before the run
	after := 1052       // G behind it
	cases := []struct {
		name  string
		read  align.Read
		shown int
		alt   string
		want  string // which allele fits: ref, alt or both
	}{
		{"insertion in the alignment", read(t, 1010, "30M1I35M", piece(1010, 1040)+"A"+piece(1040, 1075)), 1, "CA", "alt"},
		{"reference in the alignment", read(t, 1010, "65M", piece(1010, 1075)), 0, "CA", "ref"},
		{"the run does not end in the read", read(t, 1000, "48M", piece(1000, 1048)), 0, "CA", "both"},
		{"insertion missed, end forced", read(t, 1010, "46M", piece(1010, 1052)+"A"+piece(after, after+3)), 0, "CA", "alt"},
		{"insertion missed, end clipped", read(t, 1010, "42M4S", piece(1010, 1052)+"A"+piece(after, after+3)), 0, "CA", "alt"},
		{"insertion missed, start clipped", read(t, 1040, "5S32M", piece(1036, 1040)+"A"+piece(1040, 1072)), classify.Other, "CA", "alt"},
		{"insertion missed, start forced", read(t, 1036, "40M", piece(1037, 1040)+"A"+piece(1040, 1076)), 0, "CA", "alt"},
		{"a base in the run is wrong", read(t, 1010, "65M", piece(1010, 1045)+"G"+piece(1046, 1075)), 0, "CA", "ref"},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			e := observe(anchor, "C", []string{k.alt}, []align.Read{k.read}, k.shown)
			if len(e.Reads) != 1 || len(e.Reads[0].Fit) != 2 {
				t.Fatalf("%+v", e.Reads)
			}
			fit := e.Reads[0].Fit
			got := "both"
			switch {
			case fit[1] < 0.05*fit[0]:
				got = "ref"
			case fit[0] < 0.05*fit[1]:
				got = "alt"
			case fit[0] != fit[1]:
				got = "neither"
			}
			if got != k.want {
				t.Errorf("fits %v: %s, want %s", fit, got, k.want)
			}
		})
	}
}

// A SNP beside the site, seen in many reads, speaks for no allele of it; and
// an insertion beside a deletion that together spell a substitution leave the
// read with the allele that it shows.
func TestObserveNeighbours(t *testing.T) {
	var reads []align.Read
	var shown []int
	for i := range 8 {
		snp := piece(1005, 1033) + "T" + piece(1034, 1080) // A>T at 1033
		if i%2 == 0 {
			snp = piece(1005, 1080)
		}
		reads, shown = append(reads, read(t, 1005, "75M", snp)), append(shown, 0)
	}
	e := observe(1039, "C", []string{"CA"}, reads, shown...)
	for i, r := range e.Reads {
		if r.Fit[0] != 1 || r.Fit[1] > 1e-3 {
			t.Errorf("read %d: fits %v", i, r.Fit)
		}
	}
	// GAT at 1026 spelled as: G, -AT, +CC
	both := read(t, 1000, "27M2D2I45M", piece(1000, 1027)+"CC"+piece(1029, 1074))
	e = observe(1026, piece(1026, 1029), []string{piece(1026, 1027)}, []align.Read{both}, 1)
	if f := e.Reads[0].Fit; f[1] != 1 || f[0] > 0.5 {
		t.Errorf("deletion beside an insertion: fits %v", f)
	}
}

func TestObserveSNP(t *testing.T) {
	reads := []align.Read{read(t, 1000, "40M", piece(1000, 1040)), read(t, 1005, "40M", piece(1005, 1045))}
	e := observe(1020, "T", []string{"G"}, reads, 0, classify.Other)
	if len(e.Reads) != 2 || e.Reads[0].Fit != nil || e.Reads[0].Left != 20 || e.Reads[0].Right != 19 || e.Reads[1].Allele != classify.Other {
		t.Errorf("%+v", e.Reads)
	}
	low := []candidate.Observation{{Read: 0, Low: true}, {Read: 1, MapQ: 7, BaseQ: 9, Reverse: true}}
	e.Observe(low, reads)
	if len(e.Reads) != 1 || e.Reads[0].MapQ != 7 || e.Reads[0].BaseQ != 9 || !e.Reads[0].Reverse {
		t.Errorf("%+v", e.Reads)
	}
}

// No alignment, however odd, does harm: fits are shares of the best.
func TestObserveOddAlignments(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for range 5000 {
		var c align.Cigar
		for range 1 + rng.IntN(6) {
			c = append(c, align.MakeOp(align.Op(rng.IntN(9)), rng.IntN(30)))
		}
		bases := make([]byte, c.ReadLen())
		for i := range bases {
			bases[i] = "ACGTN"[rng.IntN(5)]
		}
		if rng.IntN(20) == 0 && len(bases) > 0 {
			bases = bases[:len(bases)-1] // fewer than the CIGAR says
		}
		r := align.Read{Start: 990 + rng.IntN(110), MapQ: 60, Cigar: c, Bases: bases, Quals: make([]byte, len(bases))}
		start := 1000 + rng.IntN(80)
		n := 1 + rng.IntN(6)
		ref := piece(start, min(start+n, refStart+len(refBases)))
		alts := []string{ref + "T", ref[:1]}
		if len(ref) == 1 {
			alts = []string{ref + "ACGTACGT"[:1+rng.IntN(7)]}
		}
		e := observe(start, ref, alts, []align.Read{r}, rng.IntN(4)-1)
		for _, x := range e.Reads {
			top := float32(0)
			for _, f := range x.Fit {
				if !(f >= 0 && f <= 1) {
					t.Fatalf("%v at %d: fits %v", c, r.Start, x.Fit)
				}
				top = max(top, f)
			}
			if len(x.Fit) > 0 && top != 1 {
				t.Fatalf("%v at %d: fits %v", c, r.Start, x.Fit)
			}
		}
	}
}

// Two reads of one fragment over a site are one molecule.
func TestObserveMates(t *testing.T) {
	pair := func(name string, q1, q2 byte, a1, a2 int16) (reads []align.Read, list []candidate.Observation) {
		for i, start := range []int{1000, 1010} {
			r := read(t, start, "40M", piece(start, start+40))
			r.Name, r.Flag, r.MateStart = name, align.Paired|align.ProperPair, 2010-start
			if i == 1 {
				r.Flag |= align.Reverse
			}
			reads = append(reads, r)
		}
		return reads, []candidate.Observation{{Read: 0, Allele: a1, BaseQ: q1, MapQ: 30}, {Read: 1, Allele: a2, BaseQ: q2, MapQ: 60, Reverse: true}}
	}
	for _, k := range []struct {
		name         string
		q1, q2       byte
		a1, a2       int16
		allele, base int
	}{
		{"agree", 30, 35, 1, 1, 1, 35},
		{"the second is better", 12, 35, 0, 1, 1, 23},
		{"the first is better", 37, 20, 0, 1, 0, 17},
		{"as good as each other", 35, 35, 0, 1, classify.Other, 0},
	} {
		t.Run(k.name, func(t *testing.T) {
			reads, list := pair("f", k.q1, k.q2, k.a1, k.a2)
			e := observe(1020, "T", []string{"G"}, nil)
			e.Observe(list, reads)
			if len(e.Reads) != 1 || e.Reads[0].Allele != k.allele || int(e.Reads[0].BaseQ) != k.base || e.Reads[0].MapQ != 60 {
				t.Errorf("%+v, want allele %d of quality %d", e.Reads, k.allele, k.base)
			}
		})
	}
	reads, list := pair("f", 35, 35, 0, 0)
	reads[1].Name = "g"
	e := observe(1020, "T", []string{"G"}, nil)
	if e.Observe(list, reads); len(e.Reads) != 2 {
		t.Errorf("two fragments: %d molecules", len(e.Reads))
	}
	// At an indel the fits of both count: the first ends in the run, the second tells.
	reads, list = pair("f", 35, 35, 0, 0)
	reads[0] = read(t, 1005, "41M", piece(1005, 1046))
	reads[0].Name, reads[0].Flag, reads[0].MateStart = "f", align.Paired, 1030
	reads[1] = read(t, 1030, "40M", piece(1030, 1070))
	reads[1].Name, reads[1].Flag, reads[1].MateStart = "f", align.Paired, 1005
	e = observe(1039, "C", []string{"CA"}, nil)
	if e.Observe(list, reads); len(e.Reads) != 1 || e.Reads[0].Fit[0] != 1 || e.Reads[0].Fit[1] > 1e-3 {
		t.Errorf("at an indel: %+v", e.Reads)
	}
}

// What the alignments insert and delete in a run counts for its length, wherever in
// the run an aligner put it; what lies beside it does not.
func TestObserveGaps(t *testing.T) {
	const anchor, after = 1039, 1052
	for _, k := range []struct {
		name   string
		read   align.Read
		gap    int
		across bool
	}{
		{"none", read(t, 1010, "65M", piece(1010, 1075)), 0, true},
		{"at the start", read(t, 1010, "30M2D33M", piece(1010, 1040)+piece(1042, 1075)), -2, true},
		{"at the end", read(t, 1010, "42M1I23M", piece(1010, after)+"A"+piece(after, 1075)), 1, true},
		{"beside", read(t, 1010, "20M1D44M", piece(1010, 1030)+piece(1031, 1075)), 0, true},
		{"not across", read(t, 1000, "48M", piece(1000, 1048)), 0, false},
	} {
		e := observe(anchor, "CA", []string{"C"}, []align.Read{k.read}, classify.Other)
		if r := e.Reads[0]; r.Gap != k.gap || r.Across != k.across {
			t.Errorf("%s: %d bases, across %v", k.name, r.Gap, r.Across)
		}
	}
}
