package pileup

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// observe counts the reads over a contig and gives the evidence of the
// candidate at pos in one line per read.
func observe(t testing.TB, contig string, reads []align.Read, pos int) []string {
	t.Helper()
	o := count.Defaults()
	counter := count.Counter{Options: o}
	c := counter.Count(reads, count.Window{Bases: []byte(contig)}, locus.Region{Contig: "c", End: len(contig)}, nil)
	sel := candidate.Selector{Options: candidate.Defaults()}
	e := Evidence{MinMapQ: o.MinMapQ, MinBaseQ: o.MinBaseQ}
	for _, x := range sel.Append(nil, c) {
		if x.Start != pos {
			continue
		}
		out := []string{x.Variant.Ref + ">" + strings.Join(x.Alts, ",")}
		for _, s := range e.Append(nil, &x, reads) {
			text := fmt.Sprintf("%d: allele %d Q%d mapq %d cycle %d edge %d", s.Read, s.Allele, s.BaseQ, s.MapQ, s.Cycle, s.Edge)
			for _, k := range []struct {
				is   bool
				text string
			}{{s.Reverse, " reverse"}, {s.Low, " low"}, {s.Spans, " spans"}} {
				if k.is {
					text += k.text
				}
			}
			out = append(out, text)
		}
		return out
	}
	t.Fatalf("no candidate at %d", pos)
	return nil
}

func TestEvidence(t *testing.T) {
	const contig = "ACGTACGTACGT"
	n := 0
	read := func(start int, cigar, bases string, quals ...byte) align.Read {
		c, err := align.ParseCigar(cigar)
		if err != nil {
			t.Fatal(err)
		}
		n++
		return align.Read{Name: fmt.Sprint(n), Start: start, Cigar: c, Bases: []byte(bases), Quals: quals, MapQ: 50}
	}
	reverse := func(r align.Read) align.Read { r.Flag |= align.Reverse; return r }
	weak := func(r align.Read) align.Read { r.MapQ = 4; return r }
	for _, k := range []struct {
		name  string
		pos   int
		reads []align.Read
		want  []string
	}{
		{"SNP", 4, []align.Read{
			read(2, "5M", "GTCCG", 30, 31, 32, 33, 34),
			reverse(read(2, "5M", "GTCCG", 30, 31, 32, 33, 34)),
			read(4, "2M", "AC", 30, 31),
			read(3, "2M", "TA", 30, 9),
			read(3, "2M", "TC", 30, 9),
			read(3, "2M", "TG", 30, 20),
			read(3, "2M", "TN", 30, 20),
			read(2, "2M2D1M", "GTG", 30, 40, 20),
			read(2, "2M2N1M", "GTG", 30, 40, 20),
			read(2, "2M", "GT", 30, 40),
			weak(read(3, "2M", "TA", 30, 30)),
			read(5, "2S2M", "CCCG", 30, 21, 30, 40),
			read(5, "2M", "CG", 30, 40),
		}, []string{"A>C",
			"0: allele 1 Q32 mapq 50 cycle 2 edge 2 spans",
			"1: allele 1 Q32 mapq 50 cycle 2 edge 2 reverse spans",
			"2: allele 0 Q30 mapq 50 cycle 0 edge 0 spans",
			"3: allele 0 Q9 mapq 50 cycle 1 edge 0 low spans",
			"4: allele 1 Q9 mapq 50 cycle 1 edge 0 low spans",
			"5: allele -1 Q20 mapq 50 cycle 1 edge 0 spans",
			"7: allele -1 Q20 mapq 50 cycle 2 edge 0",
			"11: allele -1 Q25 mapq 50 cycle 0 edge 0",
		}},
		{"insertion", 4, []align.Read{
			read(3, "2M2I2M", "TAGGCG", 30, 31, 20, 23, 34, 35),
			read(3, "2M2I2M", "TAGGCG", 30, 31, 9, 9, 34, 35),
			read(3, "2M2I", "TAGG", 30, 31, 20, 23),
			read(3, "4M", "TACG", 30, 31, 18, 40),
			read(3, "2M", "TA", 30, 31),
			read(3, "2M1I2M", "TATCG", 30, 31, 15, 34, 35),
			read(3, "2M3S", "TAGGC", 30, 31, 12, 15, 15),
		}, []string{"A>AGG",
			"0: allele 1 Q21 mapq 50 cycle 1 edge 1 spans",
			"1: allele 1 Q9 mapq 50 cycle 1 edge 1 low spans",
			"2: allele 1 Q21 mapq 50 cycle 1 edge 0",
			"3: allele 0 Q18 mapq 50 cycle 1 edge 1 spans",
			"4: allele 0 Q31 mapq 50 cycle 1 edge 0",
			"5: allele -1 Q15 mapq 50 cycle 1 edge 1 spans",
			"6: allele -1 Q14 mapq 50 cycle 1 edge 0",
		}},
		{"deletion", 4, []align.Read{
			read(3, "2M2D2M", "TATA", 30, 31, 20, 35),
			read(3, "2M2D2M", "TATA", 30, 19, 20, 35),
			read(3, "5M", "TACGT", 30, 31, 18, 40, 40),
			read(3, "4M", "TACG", 30, 31, 32, 40),
		}, []string{"ACG>A",
			"0: allele 1 Q20 mapq 50 cycle 1 edge 1 spans",
			"1: allele 1 Q19 mapq 50 cycle 1 edge 1 spans",
			"2: allele 0 Q18 mapq 50 cycle 1 edge 1 spans",
			"3: allele 0 Q31 mapq 50 cycle 1 edge 1",
		}},
	} {
		t.Run(k.name, func(t *testing.T) {
			got := observe(t, contig, k.reads, k.pos)
			if g, w := strings.Join(got, "\n"), strings.Join(k.want, "\n"); g != w {
				t.Errorf("got\n%s\nwant\n%s", g, w)
			}
		})
	}
}

// TestEvidenceAgreesWithCounts: over random reads the observations that are not
// low add up to the counts of the candidate.
func TestEvidenceAgreesWithCounts(t *testing.T) {
	const contig = "ACGTTGCATTACGGACATTTTTACACACACGATTACAGGT"
	rng := rand.New(rand.NewPCG(7, 8))
	o := count.Defaults()
	counter := count.Counter{Options: o}
	sel := candidate.Selector{Options: candidate.Defaults()}
	e := Evidence{MinMapQ: o.MinMapQ, MinBaseQ: o.MinBaseQ}
	seen := 0
	for range 1000 {
		var reads []align.Read
		for i := range 30 {
			r := align.Read{Name: fmt.Sprint(i), Start: rng.IntN(20), MapQ: byte(rng.IntN(20)), Flag: align.Flag(rng.IntN(2)) * align.Reverse}
			at := r.Start
			for _, op := range []align.Op{align.S, align.M, align.Op(1 + rng.IntN(3)), align.M, align.S} {
				length := 1 + rng.IntN(5)
				if op == align.S && rng.IntN(2) == 0 {
					continue
				}
				r.Cigar = append(r.Cigar, align.MakeOp(op, length))
				for range length {
					b := contig[min(at, len(contig)-1)]
					if rng.IntN(6) == 0 {
						b = "ACGTN"[rng.IntN(5)]
					}
					if op.TakesRead() {
						r.Bases = append(r.Bases, b)
						r.Quals = append(r.Quals, byte(5+rng.IntN(30)))
					}
					if op.TakesRef() {
						at++
					}
				}
			}
			reads = append(reads, r)
		}
		c := counter.Count(reads, count.Window{Bases: []byte(contig)}, locus.Region{Contig: "c", End: len(contig)}, nil)
		for _, x := range sel.Append(nil, c) {
			seen++
			ad := make([]int, len(x.AD))
			other := 0
			for _, s := range e.Append(nil, &x, reads) {
				switch {
				case s.Allele == candidate.OtherAllele:
					other++
				case !s.Low:
					ad[s.Allele]++
				}
			}
			if fmt.Sprint(ad) != fmt.Sprint(x.AD) || other < len(x.Other) {
				t.Fatalf("%v: observations give AD %v and %d others, the candidate has %v and %d", x.Site, ad, other, x.AD, len(x.Other))
			}
		}
	}
	if seen < 300 {
		t.Errorf("only %d candidates", seen)
	}
}
