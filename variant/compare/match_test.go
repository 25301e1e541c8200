package compare

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant"
)

// oracle tries every subset of the events in every way they may lie, replays
// whole haplotypes, and gives the best score.
func oracle(events []event, haplotypes int, text string) score {
	var best score
	pick := make([]int, len(events)) // 0: left out, k: the k-th choice
	var try func(i int)
	try = func(i int) {
		if i == len(events) {
			if s, ok := replay(events, pick, haplotypes, text); ok && s.compare(best) > 0 {
				best = s
			}
			return
		}
		for pick[i] = 0; pick[i] <= len(events[i].choices); pick[i]++ {
			try(i + 1)
		}
	}
	try(0)
	return best
}

// replay builds the sequences of one assignment from scratch and adds up the
// groups between places where both sides are equal.
func replay(events []event, pick []int, haplotypes int, text string) (sum score, ok bool) {
	var built [2][2]strings.Builder // by side and haplotype
	var at [2][2]int
	var group score
	border := func(x int) bool {
		for h := range haplotypes {
			if at[0][h] > x || at[1][h] > x {
				return false
			}
			if built[0][h].String()+text[at[0][h]:x] != built[1][h].String()+text[at[1][h]:x] {
				return false
			}
		}
		if group.both() {
			sum = sum.plus(group)
		}
		group = score{}
		return true
	}
	for i, e := range events {
		border(e.start)
		if pick[i] == 0 {
			continue
		}
		for h := range haplotypes {
			k := e.choices[pick[i]-1][h]
			if k == 0 {
				continue
			}
			a := e.alleles[k-1]
			if a.start < at[e.side][h] {
				return score{}, false
			}
			built[e.side][h].WriteString(text[at[e.side][h]:a.start] + a.bases)
			at[e.side][h] = a.end
		}
		group[e.side]++
	}
	ok = border(len(text))
	return sum, ok
}

// randomRecords draws records over a text: substitutions, indels and blocks,
// with up to two alternate alleles, phases and half calls.
func randomRecords(r *rand.Rand, text string, n int) []Record {
	var out []Record
	for range n {
		p := 1 + r.IntN(len(text)-6)
		ref := text[p : p+1+r.IntN(4)]
		var alts []string
		for range 1 + r.IntN(5)/4 {
			for {
				b := []byte(ref[:r.IntN(len(ref)+1)])
				for range r.IntN(3) {
					b = append(b, text[r.IntN(len(text))])
				}
				if r.IntN(2) == 0 && len(b) > 0 {
					b[0] = ref[0]
				}
				if len(b) > 0 && string(b) != ref && !slices.Contains(alts, string(b)) {
					alts = append(alts, string(b))
					break
				}
			}
		}
		gt := variant.Genotype{A: r.IntN(len(alts) + 1), B: 1 + r.IntN(len(alts))}
		if r.IntN(2) == 0 {
			gt.A, gt.B = gt.B, gt.A
		}
		if r.IntN(10) == 0 {
			gt.A = variant.Missing
		}
		out = append(out, Record{Variant: variant.Variant{Contig: "c", Start: p, End: p + len(ref), Ref: ref, Alts: alts}, GT: gt, Ploidy: 2, GQ: 30})
	}
	slices.SortStableFunc(out, func(a, b Record) int { return a.Start - b.Start })
	return out
}

// respell tries to give the same haplotypes in other words: it splits records
// by allele and shifts indels within the text.
func respell(r *rand.Rand, text string, from []Record) []Record {
	var out []Record
	for _, x := range from {
		if r.IntN(8) == 0 {
			continue
		}
		if len(x.Alts) == 2 && x.GT.A > 0 && x.GT.B > 0 && x.GT.A != x.GT.B {
			for i := range 2 {
				y := x
				y.Alts, y.GT = x.Alts[i:i+1], variant.Genotype{A: 0, B: 1}
				out = append(out, y)
			}
			continue
		}
		if len(x.Alts) == 1 && r.IntN(2) == 0 {
			a := trimAllele(x.Start, x.Ref, x.Alts[0])
			// Put the change behind some bases more on the left, and add some on the right.
			lo, hi := max(0, a.start-r.IntN(3)), min(len(text), a.end+r.IntN(3))
			if lo < hi {
				x.Start, x.End, x.Ref = lo, hi, text[lo:hi]
				x.Alts = []string{text[lo:a.start] + a.bases + text[a.end:hi]}
			}
			if x.Alts[0] == "" {
				continue
			}
		}
		out = append(out, x)
	}
	slices.SortStableFunc(out, func(a, b Record) int { return a.Start - b.Start })
	return out
}

func testCluster(text string, truth, query []Record) *cluster {
	c := &cluster{contig: "c", text: text, records: [][]Record{truth, query}, places: make([][]place, 2)}
	for k, list := range c.records {
		for i := range list {
			c.places[k] = append(c.places[k], newPlace(&list[i]))
		}
	}
	return c
}

// TestMatchAgainstBruteForce compares the search with all subsets and all
// phasings on 10,000 random clusters.
func TestMatchAgainstBruteForce(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 800
	}
	r := rand.New(rand.NewPCG(7, 1))
	found, complex := 0, 0
	for round := range n {
		letters := "ACGT"[:2+r.IntN(3)]
		text := make([]byte, 14+r.IntN(10))
		for i := range text {
			text[i] = letters[r.IntN(len(letters))]
			if i > 1 && r.IntN(3) == 0 {
				text[i] = text[i-2]
			}
		}
		truth := randomRecords(r, string(text), 1+r.IntN(3))
		var query []Record
		if r.IntN(4) == 0 {
			query = randomRecords(r, string(text), 1+r.IntN(3))
		} else if query = respell(r, string(text), truth); r.IntN(4) == 0 && len(query) < 4 {
			query = append(query, randomRecords(r, string(text), 1)...)
		}
		c := testCluster(string(text), truth, query)
		for _, mode := range []struct {
			name       string
			haplotypes int
			choices    func(*place) [][2]int
		}{{"diploid", 2, diploid}, {"haploid", 1, haploid}} {
			events := c.events(1, mode.choices, func(int, int) bool { return true })
			want := oracle(events, mode.haplotypes, c.text)
			var got score
			var s search
			groups := map[int]score{}
			s.match(events, mode.haplotypes, c.text, 0, func(i, g int) {
				got[events[i].side]++
				x := groups[g]
				x[events[i].side]++
				groups[g] = x
			})
			if got != want {
				t.Fatalf("round %d, %s: %s\ntruth %s\nquery %s\nkept %v, all subsets give %v", round, mode.name, text, texts(truth), texts(query), got, want)
			}
			for _, g := range groups {
				if !g.both() {
					t.Fatalf("round %d: a group with %v", round, g)
				}
			}
			if want != (score{}) {
				found++
			}
			if want[0] != want[1] {
				complex++
			}
		}
	}
	if found < n/2 || complex < n/20 {
		t.Errorf("only %d clusters with a match, %d of them with unequal numbers: the cases are too easy", found, complex)
	}
}

func texts(list []Record) string {
	var b strings.Builder
	for _, r := range list {
		fmt.Fprintf(&b, " %d %s>%s %d/%d;", r.Start, r.Ref, strings.Join(r.Alts, ","), r.GT.A, r.GT.B)
	}
	return b.String()
}
