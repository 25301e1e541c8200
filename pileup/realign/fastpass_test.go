package realign

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/gx-genomics/gx/variant/align"
)

// plainPlace sets reads on a haplotype as the rule says it, K-mer by K-mer.
func plainPlace(a *aligner, hap []byte, list []align.Read) (score int, placed []placement) {
	k, most := a.o.Align.K, a.o.Align.MaxMismatches
	placed = make([]placement, len(list))
	for i := range placed {
		placed[i].pos = -1
	}
	covered := make([]int, len(hap))
	for i := 0; i+k <= len(hap); i++ {
		hits := 0
		for n := range list {
			bs := list[n].Bases
			for off := 0; len(bs) > k && off+k <= len(bs); off++ {
				if !bytes.Equal(bs[off:off+k], hap[i:i+k]) {
					continue
				}
				hits++
				at := max(0, i-off)
				if at+len(bs) > len(hap) || int(placed[n].pos) == at {
					continue
				}
				misses := 0
				for j, b := range bs {
					if h := hap[at+j]; b != h && b != 'N' && h != 'N' {
						misses++
					}
				}
				if misses > most {
					continue
				}
				for j := range bs {
					covered[at+j]++
				}
				now := int32((len(bs)-misses)*a.o.Align.Match - misses*a.o.Align.Mismatch)
				if now > placed[n].score {
					score += int(now - placed[n].score)
					placed[n].score, placed[n].pos = now, int32(at)
				}
			}
		}
		if hits > 0 && covered[i] == 0 && i >= a.prefix && i < len(hap)-a.suffix && !bytes.Equal(hap, a.ref) {
			return 0, make([]placement, len(list))
		}
	}
	if score == 0 {
		return 0, make([]placement, len(list))
	}
	return score, placed
}

// plainBest picks the haplotype for a read as the rule says it: all alignments
// with gaps worked out in full.
func plainBest(a *aligner, n int) (found, pos int, ends [2]int) {
	best := int32(0)
	found = -1
	placedAnywhere := false
	for i := range a.haps {
		placedAnywhere = placedAnywhere || a.on(i)[n].score > 0
	}
	for _, i := range a.order {
		h := &a.haps[i]
		score, at := a.on(int(i))[n].score, int(a.on(int(i))[n].pos)
		var end [2]int
		if !placedAnywhere && h.score > 0 {
			query := appendCodes(nil, a.reads[a.list[n]].Bases)
			var refEnd, queryEnd int
			score, refEnd, queryEnd = plainEnd(&a.local, query, h.target.codes)
			end = [2]int{refEnd, queryEnd}
			at = -1
		}
		if score > best || score == best && best > 0 && !a.isReference(int(i)) {
			best, found, pos, ends = score, int(i), at, end
		}
	}
	return found, pos, ends
}

// randomWindow prepares an aligner with a window, haplotypes that differ by
// small variants, and reads of them.
func randomWindow(rng *rand.Rand, a *aligner) {
	o := Defaults(V19)
	o.Align.K = 6 + rng.IntN(20)
	ref := &stretch{Start: 1000, Bases: randomBases(rng, 150+rng.IntN(60))}
	if rng.IntN(3) == 0 {
		ref.Bases[rng.IntN(len(ref.Bases))] = 'N'
	}
	if rng.IntN(3) == 0 { // a repeat
		at := 60 + rng.IntN(20)
		for j := at; j < at+25; j++ {
			ref.Bases[j] = "AC"[j%2]
		}
	}
	w := Window{Start: 1050, End: 1110}
	var h haplotypes
	inside := ref.span(w.Start, w.End)
	for range 1 + rng.IntN(4) {
		allele := append([]byte(nil), inside...)
		for range rng.IntN(3) {
			at := rng.IntN(len(allele) - 8)
			switch rng.IntN(3) {
			case 0:
				allele[at] = "ACGT"[rng.IntN(4)]
			case 1:
				allele = append(allele[:at], allele[at+rng.IntN(7):]...)
			case 2:
				allele = append(allele[:at], append(randomBases(rng, rng.IntN(7)), allele[at:]...)...)
			}
		}
		h.add(allele)
	}
	h.add(inside)
	h.sort(0)
	var reads []align.Read
	var list []int32
	for i := range 1 + rng.IntN(20) {
		allele := h.at(rng.IntN(len(h.spans)))
		from := append(append(append([]byte(nil), ref.Bases[:50]...), allele...), ref.Bases[110:]...)
		at := rng.IntN(len(from) - 45)
		bs := append([]byte(nil), from[at:at+20+rng.IntN(25)]...)
		for range rng.IntN(5) {
			bs[rng.IntN(len(bs))] = "ACGTN"[rng.IntN(5)]
		}
		if rng.IntN(5) == 0 {
			bs = append(randomBases(rng, 9), bs...)
		}
		reads = append(reads, align.Read{Start: 1000 + at, Bases: bs, Cigar: align.Cigar{align.MakeOp(align.M, len(bs))}})
		list = append(list, int32(i))
	}
	if !a.begin(&o, reads, list, ref, 1000, ref.end(), w, &h, segment{0, len(h.spans)}) {
		panic("no window")
	}
}

// TestPlace: reads lie, and haplotypes are supported, as the definition says;
// and the haplotype of every read is that which all alignments in full give.
func TestPlace(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	var a aligner
	unsupported, gaps, nowhere, narrow := 0, 0, 0, 0
	rounds := 400
	if testing.Short() {
		rounds = 100
	}
	for round := range rounds {
		randomWindow(rng, &a)
		for i := range a.haps {
			h := &a.haps[i]
			score, placed := plainPlace(&a, a.text[h.from:h.to], a.reads)
			if score != h.score {
				t.Fatalf("round %d, haplotype %d: score %d, want %d", round, i, h.score, score)
			}
			for n, p := range a.on(i) {
				if p.score != placed[n].score || p.score > 0 && p.pos != placed[n].pos {
					t.Fatalf("round %d, haplotype %d, read %d: %+v, want %+v", round, i, n, p, placed[n])
				}
			}
			if score == 0 {
				unsupported++
			}
		}
		for n := range a.list {
			want, at, ends := plainBest(&a, n)
			got, pos, ok := a.best(n)
			if ok != (want >= 0) || ok && (got != want || at >= 0 && pos != at) {
				t.Fatalf("round %d, read %d: haplotype %d at %d, %v, want %d at %d", round, n, got, pos, ok, want, at)
			}
			switch {
			case !ok:
				nowhere++
			case at < 0:
				gaps++
				narrow += checkSeeds(t, &a)
				if end := pos + a.toHap.RefLen() - 1; end != ends[0] {
					t.Fatalf("round %d, read %d: ends at %d, want %d", round, n, end, ends[0])
				}
			}
		}
	}
	if narrow < rounds/10 {
		t.Errorf("only %d alignments narrowed down", narrow)
	}
	if unsupported < rounds/10 || gaps < rounds || nowhere < rounds/100 {
		t.Errorf("%d haplotypes without support, %d reads with gaps, %d nowhere test too little", unsupported, gaps, nowhere)
	}
}

// checkSeeds: on the diagonals that the seeds leave for the score it has, the
// alignment of the query to each haplotype is found, by blocks of columns and
// cell by cell. It counts those that are not everywhere.
func checkSeeds(t *testing.T, a *aligner) (narrow int) {
	t.Helper()
	for i := range a.haps {
		if !a.supported(i) {
			continue
		}
		to := &a.haps[i].target
		score, refEnd, queryEnd := plainEnd(&a.local, a.query, to.codes)
		d := a.seeds.diagonals(i, &a.local, a.query, to.codes, max(score, 1))
		if d != everywhere(a.query, to.codes) {
			narrow++
		}
		s, re, qe := a.local.end(a.query, to, max(score, 1), d)
		sc, rc, qc := a.local.endByCell(a.query, to.codes, max(score, 1), d)
		if s != score || re != refEnd || qe != queryEnd || sc != score || rc != refEnd || qc != queryEnd {
			t.Fatalf("on %v: blocks %d at %d, %d, cells %d at %d, %d, want %d at %d, %d", d, s, re, qe, sc, rc, qc, score, refEnd, queryEnd)
		}
	}
	return narrow
}

func TestMismatches(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 2))
	for range 3000 {
		a := randomBases(rng, rng.IntN(40))
		b := bytes.Clone(a)
		want := 0
		for i := range b {
			if rng.IntN(10) == 0 {
				b[i] = "ACGTNR"[rng.IntN(6)]
				if b[i] != a[i] && b[i] != 'N' {
					want++
				}
			}
		}
		if got := mismatches(a, b, 3); got != want && !(got > 3 && want > 3) {
			t.Fatalf("%s, %s: %d, want %d", a, b, got, want)
		}
	}
}
