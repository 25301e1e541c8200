package realign

import (
	"math/rand/v2"
	"testing"

	"github.com/biogo/biogo/align"
	"github.com/biogo/biogo/alphabet"
	"github.com/biogo/biogo/seq/linear"

	gx "github.com/gx-genomics/gx/variant/align"
)

// plain is the table of scores of local alignment, from the definition: h[i][j]
// is the best score of an alignment that ends with letters i-1 and j-1.
func plain(l *local, query, ref []byte) [][]int32 {
	m, n := len(query), len(ref)
	table := func() [][]int32 {
		t := make([][]int32, m+1)
		for i := range t {
			t[i] = make([]int32, n+1)
		}
		return t
	}
	h, e, f := table(), table(), table()
	for i := 1; i <= m; i++ {
		for j := 1; j <= n; j++ {
			e[i][j] = max(h[i-1][j]-l.open, e[i-1][j]-l.extend)
			f[i][j] = max(h[i][j-1]-l.open, f[i][j-1]-l.extend)
			h[i][j] = max(0, h[i-1][j-1]+l.scores[query[i-1]][ref[j-1]], e[i][j], f[i][j])
		}
	}
	return h
}

// plainEnd is the leftmost column with the best score, there the first row.
func plainEnd(l *local, query, ref []byte) (score int32, refEnd, queryEnd int) {
	h := plain(l, query, ref)
	for j := 1; j <= len(ref); j++ {
		for i := 1; i <= len(query); i++ {
			if h[i][j] > score {
				score, refEnd, queryEnd = h[i][j], j-1, i-1
			}
		}
	}
	return score, refEnd, queryEnd
}

// related makes a reference and a query that is a damaged piece of it.
func related(rng *rand.Rand, n, m int) (query, ref []byte) {
	letters := 4
	if rng.IntN(4) == 0 {
		letters = 5 // unknown ones among them
	}
	if rng.IntN(3) == 0 {
		letters = 2 // repeats, so that many alignments are as good
	}
	for range n {
		ref = append(ref, byte(rng.IntN(letters)))
	}
	for j := rng.IntN(n); len(query) < m; j++ {
		switch rng.IntN(14) {
		case 0:
			query = append(query, byte(rng.IntN(letters)))
		case 1:
			j += rng.IntN(6)
		case 2:
			for range rng.IntN(6) {
				query = append(query, byte(rng.IntN(letters)))
			}
		}
		query = append(query, ref[j%n])
	}
	return query, ref
}

func newLocal() *local {
	l := &local{}
	o := Defaults(V19).Align
	l.setScores(&o)
	return l
}

// TestLocal: where an alignment ends and begins is what the definition says,
// whatever score is asked for, by blocks of columns and cell by cell.
func TestLocal(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	l := newLocal()
	rounds := 4000
	if testing.Short() {
		rounds = 500
	}
	for range rounds {
		query, ref := related(rng, 1+rng.IntN(60), 1+rng.IntN(40))
		if rng.IntN(20) == 0 {
			query, ref = related(rng, 300, 120)
		}
		score, refEnd, queryEnd := plainEnd(l, query, ref)
		var to target
		to.set(ref)
		for range 4 {
			least := 1 + rng.Int32N(score+3)
			s, re, qe := l.end(query, &to, least, everywhere(query, ref))
			sc, rc, qc := l.endByCell(query, ref, least, everywhere(query, ref))
			if s != sc || re != rc || qe != qc {
				t.Fatalf("query %v, ref %v, least %d: blocks end %d at %d, %d, cells %d at %d, %d", query, ref, least, s, re, qe, sc, rc, qc)
			}
			if score >= least && (s != score || re != refEnd || qe != queryEnd) || score < least && s != 0 {
				t.Fatalf("query %v, ref %v, least %d: end %d at %d, %d, want %d at %d, %d", query, ref, least, s, re, qe, score, refEnd, queryEnd)
			}
		}
		if score == 0 {
			continue
		}
		// The beginning is the end of the best alignment of what is reversed.
		back := func(s []byte, end int) []byte {
			var r []byte
			for i := end; i >= 0; i-- {
				r = append(r, s[i])
			}
			return r
		}
		_, j, i := plainEnd(l, back(query, queryEnd), back(ref, refEnd))
		rb, qb, ok := l.begin(query, &to, score, refEnd, queryEnd)
		if rc, qc, ok := l.beginByCell(query, ref, score, refEnd, queryEnd); !ok || rc != rb || qc != qb {
			t.Fatalf("query %v, ref %v: blocks begin at %d, %d, cells at %d, %d", query, ref, rb, qb, rc, qc)
		}
		if !ok || rb != refEnd-j || qb != queryEnd-i {
			t.Fatalf("query %v, ref %v: begin %d, %d, %v, want %d, %d", query, ref, rb, qb, ok, refEnd-j, queryEnd-i)
		}
		cigar, ok := l.trace(nil, query[qb:queryEnd+1], ref[rb:refEnd+1], score)
		if got := l.worth(cigar, query[qb:], ref[rb:]); !ok || got != score || cigar.ReadLen() != queryEnd+1-qb || cigar.RefLen() != refEnd+1-rb {
			t.Fatalf("query %v, ref %v: %v is worth %d, want %d", query[qb:queryEnd+1], ref[rb:refEnd+1], cigar, got, score)
		}
		if g := l.greedy(query, ref); g > max(score, 1) {
			t.Fatalf("query %v, ref %v: greedy %d of %d", query, ref, g, score)
		}
		if g := l.alongDiagonals(query, ref, []int{rng.IntN(9) - 4, rb - qb, refEnd - queryEnd}); g > score {
			t.Fatalf("query %v, ref %v: along diagonals %d of %d", query, ref, g, score)
		}
	}
}

// worth is the score of an alignment.
func (l *local) worth(c gx.Cigar, query, ref []byte) int32 {
	sum := int32(0)
	for _, x := range c {
		n := x.Len()
		switch x.Op() {
		case gx.I:
			query = query[n:]
			sum -= l.open + int32(n-1)*l.extend
		case gx.D:
			ref = ref[n:]
			sum -= l.open + int32(n-1)*l.extend
		default:
			for i := range n {
				sum += l.scores[query[i]][ref[i]]
			}
			query, ref = query[n:], ref[n:]
		}
	}
	return sum
}

// TestTraceTies: among alignments of one score, a match is preferred to a gap,
// an insertion must be better than a deletion, and a gap goes on rather than
// begins; so gaps stand as far to the left as they can.
func TestTraceTies(t *testing.T) {
	l := newLocal()
	for _, k := range []struct{ name, query, ref, want string }{
		{"no gap", "ACGTACGT", "ACGTACGT", "8="},
		{"mismatch", "ACGTACGTTT", "ACGTCCGTTT", "4=1X5="},
		{"deletion in a repeat", "CCCCGACACACATTTTT", "CCCCGACACACACATTTTT", "5=2D12="},
		{"insertion in a repeat", "CCCCGACACACACATTTTT", "CCCCGACACACATTTTT", "5=2I12="},
		{"deletion of one base in a run", "GGGGGCAAAATTTTT", "GGGGGCAAAAATTTTT", "6=1D9="},
		{"both", "GGGGGGGGCAAAATTTTTTTTACACACACTTTTTTTT", "GGGGGGGGCAAAAATTTTTTTTACACACTTTTTTTT", "9=1D12=2I14="},
	} {
		t.Run(k.name, func(t *testing.T) {
			query, ref := appendCodes(nil, []byte(k.query)), appendCodes(nil, []byte(k.ref))
			var to target
			to.set(ref)
			score, re, qe := l.end(query, &to, 1, everywhere(query, ref))
			rb, qb, ok := l.begin(query, &to, score, re, qe)
			if !ok || rb != 0 || qb != 0 || re != len(ref)-1 || qe != len(query)-1 {
				t.Fatalf("from %d, %d to %d, %d", rb, qb, re, qe)
			}
			if c, ok := l.trace(nil, query, ref, score); !ok || c.String() != k.want {
				t.Errorf("%v, want %s", c, k.want)
			}
		})
	}
}

// TestLocalAgainstBiogo: scores are those of another program. It knows no
// insertion next to a deletion, which pays only in place of seven mismatches
// and more.
func TestLocalAgainstBiogo(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 2))
	l := newLocal()
	o := Defaults(V19).Align
	gap := -o.GapExtend
	matrix := align.Linear{{0, gap, gap, gap, gap}}
	for i := range 4 {
		row := []int{gap, -o.Mismatch, -o.Mismatch, -o.Mismatch, -o.Mismatch}
		row[i+1] = o.Match
		matrix = append(matrix, row)
	}
	oracle := align.SWAffine{Matrix: matrix, GapOpen: o.GapExtend - o.GapOpen}
	dna := func(s []byte) *linear.Seq {
		var letters []alphabet.Letter
		for i, c := range s {
			s[i] = c % other
			letters = append(letters, alphabet.Letter("acgt"[s[i]]))
		}
		return linear.NewSeq("", letters, alphabet.DNAgapped)
	}
	for range 300 {
		query, ref := related(rng, 20+rng.IntN(60), 10+rng.IntN(40))
		pairs, err := oracle.Align(dna(ref), dna(query))
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		for _, p := range pairs {
			want += p.(interface{ Score() int }).Score()
		}
		var to target
		to.set(ref)
		if got, _, _ := l.end(query, &to, 1, everywhere(query, ref)); int(got) != want {
			t.Fatalf("query %v, ref %v: %d, biogo has %d", query, ref, got, want)
		}
	}
}
