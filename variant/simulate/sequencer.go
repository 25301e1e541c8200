package simulate

import (
	"math"
	"sort"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// readsPerCell keeps the reads of a cell near this number.
const readsPerCell = 4000

// adapters follow the insert where a read is longer than it: the published
// read-through sequences of TruSeq libraries, and random bases behind them.
var adapters = [2]string{"AGATCGGAAGAGCACACGTCTGAACTCCAGTCA", "AGATCGGAAGAGCGTCGTGTAGGGAAAGAGTGT"}

// run is one sequencing run: options and profile made ready. It is shared by
// all goroutines.
type run struct {
	o        ReadOptions
	p        *Profile
	m        *machine
	inserts  choice
	mapq     choice
	runs     [4]runRate
	gcTop    float64
	cell     int     // bases of a cell
	copies   float64 // reads per fragment, duplicates included
	perPlace float64 // fragments per base of one haplotype at the asked depth
}

func newRun(p *Profile, o ReadOptions) *run {
	s := &run{o: o, p: p, m: newMachine(p, o.Length), inserts: newChoice(p.Insert), mapq: newChoice(p.MapQ[:])}
	if o.Depths != (Depths{}) {
		o.Depth = o.Depths.Mean()
		s.o.Depth = o.Depth
	}
	if s.o.Duplicates < 0 {
		s.o.Duplicates = p.Duplicates
	}
	for b := range 4 {
		s.runs[b] = runRate{p.Insertion[b], p.Deletion[b]}
	}
	for _, g := range p.GC {
		s.gcTop = max(s.gcTop, g)
	}
	s.copies = 1 / (1 - s.o.Duplicates)
	covered, weight := 0.0, 0.0
	for i, w := range p.Insert {
		covered += w * 2 * math.Min(float64(o.Length), (float64(i)+0.5)*float64(p.InsertBin))
		weight += w
	}
	s.perPlace = o.Depth / 2 / s.copies / (covered / weight)
	s.cell = 1024
	for s.cell < 1<<19 && float64(s.cell)*o.Depth/float64(o.Length) < readsPerCell {
		s.cell *= 2
	}
	return s
}

// span is how far behind its cell a fragment may reach.
func (s *run) span() int { return len(s.p.Insert)*s.p.InsertBin + 2*s.o.Length }

// sequencer reads the fragments of cells of one contig. It belongs to one
// goroutine.
type sequencer struct {
	*run
	contig  *Contig
	index   int // of the contig
	key     uint64
	tracks  [][2]*Track // of each donor
	gcMean  float64
	targets []locus.Region
	twins   twinList

	random random
	out    *align.Batch
	place  placer
	mates  [2]mate
	edits  []slip  // of the fragment
	mine   []slip  // of a read
	bound  float64 // of what targets may catch of the block
	pieces []piece
	floor  int // the first base at which a read of the cell may stand
	number int
	near   []twin // of the cell
	equal  []*twin
	homes  map[homeKey]*window
	unsure ambiguity // of the fragment
	name   []byte
}

// mate is one read of a pair while it is made, its bases in the direction of
// the reference.
type mate struct {
	bases, quals []byte
	reverse      bool
	start        int
	cigar        align.Cigar
	distance     int
	placed       bool
	aux          []byte
}

// piece is a stretch of a fragment: bases [from, to) of the haplotype, on the
// reference where they belong, or inserted where extra.
type piece struct {
	from, to int
	extra    bool
}

// read makes all reads of the fragments that begin in the n-th cell, in the
// order in which they are drawn, the reads of a pair one after the other.
func (s *sequencer) read(n int) *align.Batch {
	s.out, s.number = new(align.Batch), 0
	start := n * s.cell
	end := min(start+s.cell, len(s.contig.Bases))
	s.floor = start - s.o.Length
	where := locus.Region{Contig: s.contig.Name, Start: start, End: end}
	if s.o.Regions != nil && !s.o.Regions.Overlaps(where) {
		return s.out
	}
	s.random = newRandom(s.o.Seed, s.key, uint64(n), 0x5e)
	s.name = append(s.name[:0], s.o.Prefix...)
	s.name = append(s.name, ':')
	s.name = append(s.name, readable(s.contig.Name)...)
	s.name = append(s.name, ':')
	s.name = strconv.AppendInt(s.name, int64(n), 36)
	s.name = append(s.name, ':')
	s.near = s.twins.overlapping(s.near[:0], start, end)
	for i := range s.contig.Donors {
		d := &s.contig.Donors[i]
		for h := range 2 {
			if h == 1 && d.Haploid != nil && covers(d.Haploid, where) || d.Absent != nil && covers(d.Absent, where) {
				continue
			}
			w := s.newWindow(s.contig.Bases, s.tracks[i][h].Window(start, min(end+s.span(), len(s.contig.Bases))))
			w.origin = uint64(2*i + h)
			s.haplotype(w, i, h, start, end)
		}
	}
	return s.out
}

// readable is a contig's name as part of a read's: names of reads are at most
// 254 letters, and have no @ (SAM specification, section 1.4).
func readable(name string) string {
	if len(name) > 100 {
		name = name[:80] + "~" + strconv.FormatUint(nameKey(name), 36)
	}
	return strings.ReplaceAll(name, "@", "_")
}

// covers says whether a set has all bases of a region.
func covers(set *locus.Set, r locus.Region) bool {
	list := set.On(r.Contig)
	i := sort.Search(len(list), func(i int) bool { return list[i].End > r.Start })
	return i < len(list) && list[i].Start <= r.Start && list[i].End >= r.End
}

// block is how many bases share one draw of the number of fragments.
const block = 64

// haplotype draws the fragments of a haplotype whose first base stands in
// [start, end) of the reference.
func (s *sequencer) haplotype(w *window, donor, h, start, end int) {
	d := &s.contig.Donors[donor]
	stop := w.At(end)
	for at := 0; at < stop; at += block {
		n := min(block, stop-at)
		ref, ok := w.Ref(at)
		if !ok {
			return
		}
		lambda := s.perPlace * d.Share * float64(n) * s.local(ref) * s.gcTop * s.gcTop / s.gcMean
		if s.o.Depths != (Depths{}) {
			lambda *= s.o.Depths.at(s.key, ref) / s.o.Depth
		}
		if s.targets != nil {
			s.bound = s.nearTarget(ref)
			lambda *= s.bound
		}
		for range s.random.poisson(lambda) {
			s.fragment(w, donor, h, at+s.random.IntN(n))
		}
	}
}

// local is the mean depth near a place over the mean of all: a lognormal field
// that changes over some 1,000 bases.
func (s *sequencer) local(ref int) float64 {
	if s.o.Dispersion == 0 {
		return 1
	}
	const scale = 1000
	k, part := ref/scale, float64(ref%scale)/scale
	a, b := normal(mix(s.key^uint64(k)*2+1)), normal(mix(s.key^uint64(k+1)*2+1))
	sin, cos := math.Sincos(part * math.Pi / 2)
	v := math.Log1p(s.o.Dispersion)
	return math.Exp(math.Sqrt(v)*(a*cos+b*sin) - v/2)
}

// fragment draws one fragment that begins at a base of a window, and reads it
// and its duplicates. It is thrown away where it lies outside the window or on
// unknown bases, and as often as its GC content or a lack of targets asks.
func (s *sequencer) fragment(w *window, donor, h, from int) {
	length := s.inserts.draw(s.random)*s.p.InsertBin + s.random.IntN(s.p.InsertBin)
	length = max(length, 20)
	to := from + length
	if to > len(w.Bases) || w.unknown[to] != w.unknown[from] {
		return
	}
	n := min(s.o.Length, length)
	if s.random.Float64()*s.gcTop*s.gcTop > s.byGC(w, from, from+n)*s.byGC(w, to-n, to) {
		return
	}
	if !s.wanted(w, &s.contig.Donors[donor], h, from, to) {
		return
	}
	forward := s.random.IntN(2) == 0
	s.unsure = sure
	if len(s.near) > 0 {
		if s.unsure = s.ambiguous(w.spans(from, to, n)); s.unsure.from != nil {
			start, _ := w.Ref(from)
			end, _ := w.Ref(to - 1)
			var ok bool
			if w, from, to, ok = s.home(s.unsure.from, donor, h, start, end+1, length); !ok {
				return
			}
			forward = forward != s.unsure.from.reverse
		}
	}
	s.edits = s.slipped(s.edits[:0], w, s.random, from, to)
	duplicate := false
	for {
		s.pair(w, from, to, forward, duplicate)
		if s.random.Float64() >= s.o.Duplicates {
			return
		}
		duplicate = true
	}
}

// spans is where on the reference the reads of n bases at both ends of a
// fragment stand.
func (w *window) spans(from, to, n int) (out [2][2]int) {
	for i, at := range [2]int{from, to - n} {
		start, _ := w.Ref(at)
		end, ok := w.Ref(at + n - 1)
		if !ok {
			end = start
		}
		out[i] = [2]int{start, max(start, end) + 1}
	}
	return out
}

// byGC is the relative depth at the GC content of [from, to).
func (s *sequencer) byGC(w *window, from, to int) float64 {
	x := float64(w.gc[to]-w.gc[from]) / float64(to-from) * 20
	i := min(int(x), 19)
	return s.p.GC[i] + (x-float64(i))*(s.p.GC[i+1]-s.p.GC[i])
}

// wanted says whether a fragment is in the library: in the regions that are
// read, of a haplotype that the donor has there, and caught by a target.
func (s *sequencer) wanted(w *window, d *Donor, h, from, to int) bool {
	start, ok := w.Ref(from)
	if !ok {
		return false
	}
	name := s.contig.Name
	if s.o.Regions != nil && !s.o.Regions.Contains(name, start) {
		return false
	}
	if h == 1 && d.Haploid != nil && d.Haploid.Contains(name, start) || d.Absent != nil && d.Absent.Contains(name, start) {
		return false
	}
	if s.targets == nil {
		return true
	}
	end, ok := w.Ref(to - 1)
	if !ok {
		end = start + to - from
	}
	return s.random.Float64()*s.bound < s.caught(start, end)
}

// topCatch bounds how much better than the mean a target is caught.
const topCatch = 2.5

// nearTarget is the most that caught gives for a fragment that begins in the
// block at ref.
func (s *sequencer) nearTarget(ref int) float64 {
	i := sort.Search(len(s.targets), func(i int) bool { return s.targets[i].End > ref })
	if i < len(s.targets) && s.targets[i].Start < ref+2*block+s.span() {
		return max(topCatch, s.o.OffTarget)
	}
	return s.o.OffTarget
}

// caught is the chance, times a constant, that baits pull out a fragment: the
// share of 120 bases of it that a target covers, times how well that target is
// caught.
func (s *sequencer) caught(start, end int) float64 {
	c := s.o.OffTarget
	i := sort.Search(len(s.targets), func(i int) bool { return s.targets[i].End > start })
	for ; i < len(s.targets) && s.targets[i].Start < end; i++ {
		t := s.targets[i]
		overlap := float64(min(end, t.End)-max(start, t.Start)) / float64(min(120, end-start, t.Len()))
		const sd = 0.35
		works := math.Exp(sd*normal(mix(s.key^uint64(t.Start)<<4^0x7a)) - sd*sd/2)
		c = max(c, min(topCatch, min(1, overlap)*works))
	}
	return c
}
