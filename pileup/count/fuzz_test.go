package count

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant/align"
)

// plain counts as the rules are told: a list of entries per read, a map of
// alleles per position. It is what Counter must equal.
func plain(reads []align.Read, contig []byte, start, end int, o Options, track []bool) []string {
	type entry struct {
		pos   int
		bases string
		t     Type
		low   bool
		skip  bool
	}
	type shown struct {
		entry
		read int
	}
	refs := make([]int, end-start)
	alleles := make([]map[string]shown, end-start)
	proper := func(s string) bool { return s != "" && strings.Trim(s, "ACGT") == "" }
	for n, r := range reads {
		if int(r.MapQ) < o.MinMapQ || len(r.Bases) == 0 || len(r.Bases) != len(r.Quals) || len(r.Bases) != r.Cigar.ReadLen() {
			continue
		}
		usable := func(q, n int) (low, ok bool) {
			sum := 0
			for _, v := range r.Quals[q : q+n] {
				if o.Legacy && int(v) < o.MinBaseQ {
					return false, false
				}
				sum += int(v)
			}
			return !o.Legacy && sum < n*o.MinBaseQ, proper(string(r.Bases[q : q+n]))
		}
		var list []entry
		pos, q := r.Start, 0
		for _, x := range r.Cigar {
			n := x.Len()
			if n == 0 {
				continue
			}
			switch op := x.Op(); {
			case op.Matches():
				for i := range n {
					low, ok := usable(q+i, 1)
					if !ok || pos+i < start || pos+i >= end {
						continue
					}
					t := Substitution
					if pos+i < len(contig) && contig[pos+i] == r.Bases[q+i] {
						t = Reference
					}
					list = append(list, entry{pos + i, string(r.Bases[q+i]), t, low, false})
				}
			case op == align.I || op == align.S || op == align.D:
				prev := ""
				switch {
				case q > 0:
					prev = string(r.Bases[q-1])
				case pos >= 1 && pos <= len(contig):
					prev = string(contig[pos-1])
				}
				e := entry{pos: pos - 1, skip: true}
				if op == align.D {
					if gone := pos + n; proper(prev) && gone <= len(contig) && proper(string(contig[pos:gone])) {
						e = entry{pos - 1, prev + string(contig[pos:gone]), Deletion, false, false}
					}
				} else if low, ok := usable(q, n); ok && proper(prev) {
					t := Insertion
					if op == align.S {
						t = SoftClip
					}
					e = entry{pos - 1, prev + string(r.Bases[q:q+n]), t, low, false}
				}
				list = append(list, e)
			}
			if x.Op().TakesRef() || x.Op() == align.P {
				pos += n
			}
			if x.Op().TakesRead() {
				q += n
			}
		}
		for i, e := range list {
			if e.skip || e.pos < start || e.pos >= end || i+1 < len(list) && !list[i+1].skip && list[i+1].pos == e.pos {
				continue
			}
			at := e.pos - start
			if e.t == Reference {
				if !e.low {
					refs[at]++
				}
				if track == nil || !track[at] {
					continue
				}
			}
			if alleles[at] == nil {
				alleles[at] = map[string]shown{}
			}
			alleles[at][fmt.Sprintf("%s/%d", r.Name, r.Number())] = shown{e, n}
		}
	}
	var out []string
	for i := range refs {
		total := refs[i]
		var all []string
		for _, s := range alleles[i] {
			sign := ""
			if s.low {
				sign = "-"
			} else if s.t != Reference {
				total++
			}
			all = append(all, fmt.Sprintf("%s%s%c%d", sign, s.bases, ".RSIDC"[s.t], s.read))
		}
		sort.Strings(all)
		out = append(out, strings.TrimSpace(fmt.Sprintf("%d/%d %s", refs[i], total, strings.Join(all, " "))))
	}
	return out
}

// sorted is describe with the alleles in the order of plain.
func sorted(c *Counts, i int) string {
	f := strings.Fields(describe(c, i))
	slices.Sort(f[1:])
	return strings.Join(f, " ")
}

// randomReads makes reads with any CIGAR over a contig, some of them broken.
func randomReads(rng *rand.Rand, contig []byte) []align.Read {
	quals := []byte{9, 10, 30, 31, 40, 50, 60, 127, 128, 255}
	if rng.IntN(2) == 0 {
		quals = []byte{0, 3, 9, 10, 11, 12, 20}
	}
	reads := make([]align.Read, rng.IntN(12))
	for i := range reads {
		r := &reads[i]
		r.Name, r.MapQ, r.Start = fmt.Sprint(rng.IntN(6)), byte(rng.IntN(12)), rng.IntN(len(contig))
		r.Flag = []align.Flag{0, align.Paired | align.FirstOfPair, align.Paired | align.SecondOfPair}[rng.IntN(3)]
		at := r.Start
		for range 1 + rng.IntN(6) {
			op, n := align.Op(rng.IntN(9)), rng.IntN(5)
			if op.Matches() && rng.IntN(2) == 0 {
				n += rng.IntN(30)
			}
			r.Cigar = append(r.Cigar, align.MakeOp(op, n))
			if op.TakesRead() {
				for range n {
					b := "ACGT"[rng.IntN(4)]
					if op.Matches() && at < len(contig) && rng.IntN(5) > 0 {
						b = contig[at]
					}
					if rng.IntN(40) == 0 {
						b = 'N'
					}
					r.Bases = append(r.Bases, b)
					r.Quals = append(r.Quals, quals[rng.IntN(len(quals))])
					at++
				}
			}
			if op == align.D || op == align.N {
				at += n
			}
		}
		if rng.IntN(30) == 0 && len(r.Bases) > 0 {
			r.Bases = r.Bases[1:]
		}
	}
	return reads
}

func FuzzCounter(f *testing.F) {
	f.Add(uint64(1), byte(0), byte(40), false, false)
	f.Add(uint64(2), byte(5), byte(7), true, true)
	counter := Counter{}
	f.Fuzz(func(t *testing.T, seed uint64, from, n byte, legacy, tracked bool) {
		rng := rand.New(rand.NewPCG(seed, 0))
		contig := make([]byte, 40)
		for i := range contig {
			contig[i] = "ACGTACGTACGTACGTACGN"[rng.IntN(19+int(seed%2))] // every second one is without N
		}
		reads := randomReads(rng, contig)
		start := min(int(from), len(contig))
		end := min(start+int(n), len(contig))
		var track []bool
		if tracked {
			for range end - start {
				track = append(track, rng.IntN(2) == 0)
			}
		}
		counter.Options = Options{MinMapQ: 3, MinBaseQ: 10, Legacy: legacy}
		want := plain(reads, contig, start, end, counter.Options, track)
		c := counter.Count(reads, Window{Bases: contig}, region(start, end), track)
		for i := range want {
			if got := sorted(c, i); got != want[i] {
				t.Fatalf("position %d: %s, want %s\nreads %v", start+i, got, want[i], reads)
			}
		}
	})
}

// TestRandomReads walks the fuzz target's ground in every run of the tests.
func TestRandomReads(t *testing.T) {
	rounds := 20000
	if testing.Short() {
		rounds = 3000
	}
	rng := rand.New(rand.NewPCG(3, 4))
	contigs := [][]byte{bytes.Repeat([]byte("ACGTTGCANCATGGATTACA"), 3), bytes.Repeat([]byte("ACGTTGCATCATGGATTACA"), 3)}
	var counter Counter
	for round := range rounds {
		contig := contigs[round%2]
		reads := randomReads(rng, contig)
		start := rng.IntN(len(contig))
		end := start + rng.IntN(len(contig)-start)
		counter.Options = Options{MinMapQ: 3, MinBaseQ: 10, Legacy: rng.IntN(2) == 0}
		want := plain(reads, contig, start, end, counter.Options, nil)
		c := counter.Count(reads, Window{Bases: contig}, region(start, end), nil)
		for i := range want {
			if got := sorted(c, i); got != want[i] {
				t.Fatalf("position %d: %s, want %s\nreads %v", start+i, got, want[i], reads)
			}
		}
	}
}
