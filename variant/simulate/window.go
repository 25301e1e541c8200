package simulate

import (
	"math"
	"sort"
)

// window is a haplotype over a cell and some bases behind it, with what is
// needed to read fragments of it quickly.
type window struct {
	*Haplotype
	gc       []int32      // running count of G and C: gc[i] is that of the first i bases
	unknown  []int32      // running count of letters other than A, C, G, T
	runAt    []int32      // the homopolymer that a base is in
	runs     []int32      // where each begins, and the length of the window
	hazard   [2][]float64 // running sums of the hazards of the runs, for reads of both strands
	tracts   []tract
	slips    []float64 // running sums of the hazards of slips
	hot      [2][]hotSpot
	sequence []byte // of the reference
	origin   uint64 // donor and haplotype
}

// hotSpot is a base that one strand misreads often.
type hotSpot struct {
	pos  int
	rate float64
	base byte // what is read, in the direction of the haplotype
}

// edit of a fragment: n bases are left out from pos on, or, where n is below
// zero, the -n bases from pos on are read twice.
type slip struct {
	pos, n int
}

func (s *sequencer) newWindow(ref []byte, h *Haplotype) *window {
	w := &window{Haplotype: h, sequence: ref}
	n := len(h.Bases)
	w.gc, w.unknown, w.runAt = make([]int32, n+1), make([]int32, n+1), make([]int32, n)
	for i, b := range h.Bases {
		c := codes[b]
		w.gc[i+1], w.unknown[i+1] = w.gc[i], w.unknown[i]
		if c == 1 || c == 2 {
			w.gc[i+1]++
		}
		if c > 3 {
			w.unknown[i+1]++
		}
		if i == 0 || b != h.Bases[i-1] {
			w.runs = append(w.runs, int32(i))
		}
		w.runAt[i] = int32(len(w.runs) - 1)
	}
	w.runs = append(w.runs, int32(n))
	for strand := range w.hazard {
		sums := make([]float64, len(w.runs))
		for k := range len(w.runs) - 1 {
			sums[k+1] = sums[k]
			if ins, del := s.runRates(w, k, strand); ins+del > 0 {
				sums[k+1] -= math.Log1p(-min(ins+del, 0.9))
			}
		}
		w.hazard[strand] = sums
	}
	if s.o.Slippage > 0 {
		w.tracts = tracts(h.Bases)
		w.slips = make([]float64, len(w.tracts)+1)
		for k, t := range w.tracts {
			w.slips[k+1] = w.slips[k] - math.Log1p(-s.slipRate(w, t))
		}
	}
	if s.o.HotSpots > 0 {
		w.findHotSpots(s.o.HotSpots, s.o.Seed)
	}
	return w
}

// locus is how much more than the mean a place errs: lognormal, of mean one.
func (s *sequencer) locus(w *window, pos int) float64 {
	ref, _ := w.Ref(pos)
	sd := s.o.Spread
	return math.Exp(sd*normal(mix(s.key^uint64(ref)<<8^0x51)) - sd*sd/2)
}

// runRates is the chances that a read of a strand has the k-th homopolymer
// longer and shorter.
func (s *sequencer) runRates(w *window, k, strand int) (ins, del float64) {
	start, length := int(w.runs[k]), int(w.runs[k+1]-w.runs[k])
	b := codes[w.Bases[start]]
	if b > 3 {
		return 0, 0
	}
	if strand == 1 {
		b = 3 - b
	}
	ins, del = s.runs[b].at(length)
	if length >= 4 {
		f := s.locus(w, start)
		ins, del = ins*f, del*f
	}
	return min(ins*s.o.RunErrors, 0.45), min(del*s.o.RunErrors, 0.45)
}

// slipRate is the chance that the polymerase slipped on a tract of a fragment
// some time before sequencing: 3 in 10,000 at six copies, half as much again
// for each more, up to 12 %.
func (s *sequencer) slipRate(w *window, t tract) float64 {
	n := t.copies()
	if n < 6 && t.unit < 3 || n < 4 {
		return 0
	}
	return min(0.5, s.o.Slippage*s.locus(w, t.start)*min(0.12, 3e-4*math.Pow(1.5, float64(n-6))))
}

// findHotSpots marks the bases behind a tenth-power of contexts: whether a
// context is a hot one, how hot, and what is read, hang on its ten bases only,
// as systematic errors do (Meacham et al. 2011, BMC Bioinformatics 12:451).
func (w *window) findHotSpots(share float64, seed uint64) {
	const k = 10
	limit := uint64(share * math.MaxUint64)
	mark := func(strand, pos int, kmer uint64) {
		h := mix(kmer<<1 ^ 0x407 ^ seed<<32)
		if h >= limit {
			return
		}
		h = mix(h)
		b := codes[w.Bases[pos]]
		if strand == 1 {
			b = 3 - b
		}
		read := (b + 1 + byte(h%3)) & 3
		if strand == 1 {
			read = 3 - read
		}
		w.hot[strand] = append(w.hot[strand], hotSpot{pos, 0.03 * math.Pow(16, unit(mix(h))), letters[read]})
	}
	const mask = 1<<(2*k) - 1
	var forward, reverse uint64
	length := 0
	for i, b := range w.Bases {
		c := codes[b]
		if c > 3 {
			length = 0
			continue
		}
		forward = (forward<<2 | uint64(c)) & mask
		reverse = reverse>>2 | uint64(3-c)<<(2*(k-1))
		if length++; length >= k {
			mark(0, i, forward)
			mark(1, i-k+1, reverse)
		}
	}
}

// between gives the hot spots of a strand in [from, to).
func (w *window) between(strand, from, to int) []hotSpot {
	list := w.hot[strand]
	i := sort.Search(len(list), func(i int) bool { return list[i].pos >= from })
	j := i
	for j < len(list) && list[j].pos < to {
		j++
	}
	return list[i:j]
}

// runErrors draws which homopolymers within [from, to) a read of a strand gets
// wrong, in order, and appends them to dst.
func (s *sequencer) runErrors(dst []slip, w *window, r random, strand, from, to int) []slip {
	low, high := int(w.runAt[from])+1, int(w.runAt[to-1])
	if low >= high {
		return dst
	}
	sums := w.hazard[strand]
	for {
		x := sums[low] + r.ExpFloat64()
		if x >= sums[high] {
			return dst
		}
		k := low + sort.Search(high-low, func(i int) bool { return sums[low+i+1] > x })
		ins, del := s.runRates(w, k, strand)
		start, length := int(w.runs[k]), int(w.runs[k+1]-w.runs[k])
		if r.Float64()*(ins+del) < del {
			dst = append(dst, slip{start, min(length, r.steps(s.p.LongDeletion, 3))})
		} else {
			dst = append(dst, slip{start, -min(length, r.steps(s.p.LongInsertion, 3))})
		}
		low = k + 1
	}
}

// slipped draws where the polymerase slipped on the fragment [from, to).
func (s *sequencer) slipped(dst []slip, w *window, r random, from, to int) []slip {
	if len(w.tracts) == 0 {
		return dst
	}
	low := sort.Search(len(w.tracts), func(i int) bool { return w.tracts[i].start > from })
	high := low + sort.Search(len(w.tracts)-low, func(i int) bool { return w.tracts[low+i].end >= to })
	if s.o.Templates > 0 {
		return s.slippedTemplate(dst, w, uint64(r.IntN(s.o.Templates)), low, high)
	}
	for low < high {
		x := w.slips[low] + r.ExpFloat64()
		if x >= w.slips[high] {
			break
		}
		k := low + sort.Search(high-low, func(i int) bool { return w.slips[low+i+1] > x })
		t := w.tracts[k]
		n := t.unit * r.steps(0.1, 3)
		if r.Float64() < 0.35 {
			n = -n
		}
		dst = append(dst, slip{t.start, n})
		low = k + 1
	}
	return dst
}

// slippedTemplate appends where the polymerase slipped on the tracts [low, high)
// of a template: the same for all fragments of it.
func (s *sequencer) slippedTemplate(dst []slip, w *window, template uint64, low, high int) []slip {
	end := 0
	for k := low; k < high; k++ {
		rate := -math.Expm1(w.slips[k] - w.slips[k+1])
		t := w.tracts[k]
		if rate <= 0 || t.start < end {
			continue
		}
		ref, _ := w.Ref(t.start)
		h := mix(mix(s.key^uint64(ref)<<16^w.origin<<8^0x7e) + template)
		if unit(h) >= rate {
			continue
		}
		h = mix(h)
		n := t.unit
		if unit(h) < 0.1 && t.copies() > 2 {
			n *= 2
		}
		if unit(mix(h)) < 0.35 {
			n = -n
		}
		dst = append(dst, slip{t.start, n})
		end = t.end
	}
	return dst
}

// runRate is the rates of a base's homopolymers by length.
type runRate struct {
	ins, del []float64
}

// at is the rates of a length; behind the table they grow by a third a base.
func (r runRate) at(n int) (ins, del float64) {
	last := len(r.ins) - 1
	if last < 1 {
		return 0, 0
	}
	if n <= last {
		return r.ins[n], r.del[n]
	}
	grown := math.Pow(1.33, float64(n-last))
	return min(0.1, max(r.ins[last], 1e-6)*grown), min(0.3, max(r.del[last], 1e-6)*grown)
}
