package pileup

import (
	"container/heap"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/internal/mt"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// Sampler bounds the reads of a cell. Add takes copies, in the order of the
// input; Reads is valid until the next Reset. Memory is bounded by the reads
// that are kept, however many are added. A Sampler belongs to one goroutine.
type Sampler interface {
	Reset(cell locus.Region)
	Add(r *align.Read)
	Reads() []align.Read
}

// MaxReads is the default bound on the reads of a cell
// (max_reads_per_partition).
const MaxReads = 1500

// seed is that of DeepVariant's sampling.
const seed = 609314161

// pool is reads of which some are replaced now and then. The memory of a
// replaced read comes free when the dead outweigh the living.
type pool struct {
	batch, spare align.Batch
	live, dead   int // bytes
}

func (p *pool) reset() {
	p.batch.Reset()
	p.live, p.dead = 0, 0
}

func weight(r *align.Read) int {
	return len(r.Name) + len(r.Bases) + len(r.Quals) + len(r.Aux) + 4*len(r.Cigar)
}

func (p *pool) add(r *align.Read) {
	p.live += weight(r)
	p.batch.Add(r)
}

func (p *pool) set(i int, r *align.Read) {
	old, now := weight(&p.batch.Reads[i]), weight(r)
	p.live += now - old
	p.dead += old
	p.batch.Set(i, r)
	if p.dead > p.live {
		p.spare.Reset()
		for i := range p.batch.Reads {
			p.spare.Add(&p.batch.Reads[i])
		}
		p.batch, p.spare = p.spare, p.batch
		p.dead = 0
	}
}

// drop empties the place of a read.
func (p *pool) drop(i int) {
	old := weight(&p.batch.Reads[i])
	p.live -= old
	p.dead += old
	p.batch.Reads[i] = align.Read{}
}

// Reservoir keeps a uniform sample by Algorithm R (J. Vitter, ACM TOMS 11
// (1985), 37-57), read for read as DeepVariant does: the draws are NumPy's,
// seeded afresh for every cell, and the order of the reads is that of the
// reservoir's places.
type Reservoir struct {
	// Max is the most reads of a cell. 0 is no bound.
	Max int
	// MaxBasesPerBase, where not 0, bounds the mean depth of the cell as well
	// (max_reads_for_dynamic_bases_per_region).
	MaxBasesPerBase int

	pool    pool
	rng     mt.Rand32
	seeded  bool // since the last Reset
	cell    locus.Region
	seen    int
	overlap []int // with the cell, of each read kept
	covered int   // their sum
}

// Reset empties the reservoir for the reads of a cell.
func (s *Reservoir) Reset(cell locus.Region) {
	s.pool.reset()
	s.cell, s.seen, s.covered, s.seeded = cell, 0, 0, false
	s.overlap = s.overlap[:0]
}

func (s *Reservoir) limit() int { return s.MaxBasesPerBase * s.cell.Len() }

// Add offers a read to the reservoir.
func (s *Reservoir) Add(r *align.Read) {
	i, n := s.seen, len(s.pool.batch.Reads)
	s.seen++
	by := max(min(r.End(), s.cell.End)-max(r.Start, s.cell.Start), 0)
	if (s.Max <= 0 || n < s.Max) && (s.MaxBasesPerBase <= 0 || s.covered < s.limit()) {
		s.pool.add(r)
		s.overlap = append(s.overlap, by)
		s.covered += by
		return
	}
	if !s.seeded {
		s.rng.Seed(seed)
		s.seeded = true
	}
	if j := int(s.rng.Interval(uint64(i))); j < n {
		s.covered += by - s.overlap[j]
		s.overlap[j] = by
		s.pool.set(j, r)
	}
}

// Reads is the sample. Where it covers more than MaxBasesPerBase it is cut
// behind the first read that goes beyond.
func (s *Reservoir) Reads() []align.Read {
	reads := s.pool.batch.Reads
	if s.MaxBasesPerBase <= 0 || s.covered < s.limit() {
		return reads
	}
	sum := 0
	for i, n := range s.overlap {
		if sum += n; sum > s.limit() {
			return reads[:i+1]
		}
	}
	return reads
}

// Thinner keeps the reads whose keys have the smallest hashes, so that what is
// kept depends on nothing but the reads of the cell, and gives them in the
// order in which they came.
type Thinner struct {
	Max int // the most reads of a cell; 0 is no bound

	// MaxBases, where not 0, bounds the depth as well: in the order of their
	// hashes, reads are kept until those before cover so many bases of the
	// reference, each read counted whole.
	MaxBases int

	pool    pool
	seen    int
	covered int      // bases, by the reads kept
	order   []int    // when each read kept came
	hashes  []uint64 // of their keys; made when the cell turns out too deep
	heap    []int    // indices of the reads, the largest hash on top
	free    []int    // places in the pool of reads that are gone
	places  []int    // heap in the order in which the reads came
	ordered []align.Read
}

// Reset empties the thinner for the reads of a cell.
func (s *Thinner) Reset(locus.Region) {
	s.pool.reset()
	s.seen, s.covered = 0, 0
	s.order, s.hashes, s.heap, s.free = s.order[:0], s.hashes[:0], s.heap[:0], s.free[:0]
}

// full says whether a read may only come in the place of others.
func (s *Thinner) full(n int) bool {
	return s.Max > 0 && n >= s.Max || s.MaxBases > 0 && s.covered >= s.MaxBases
}

// Add offers a read.
func (s *Thinner) Add(r *align.Read) {
	at := s.seen
	s.seen++
	if len(s.heap) == 0 {
		if !s.full(len(s.pool.batch.Reads)) {
			s.pool.add(r)
			s.order = append(s.order, at)
			s.covered += r.End() - r.Start
			return
		}
		s.thin()
	}
	h := keyHash(r)
	if top := s.heap[0]; compareKeys(h, r, s.hashes[top], &s.pool.batch.Reads[top]) >= 0 {
		return // of equal keys the first stays
	}
	if s.MaxBases <= 0 {
		s.drop()
	}
	i := len(s.pool.batch.Reads)
	if n := len(s.free); n > 0 {
		i, s.free = s.free[n-1], s.free[:n-1]
		s.pool.set(i, r)
		s.hashes[i], s.order[i] = h, at
	} else {
		s.pool.add(r)
		s.hashes, s.order = append(s.hashes, h), append(s.order, at)
	}
	s.covered += r.End() - r.Start
	s.heap = append(s.heap, i)
	heap.Fix((*thinning)(s), len(s.heap)-1)
	s.shrink()
}

// thin begins to order the reads kept by their hashes.
func (s *Thinner) thin() {
	for i := range s.pool.batch.Reads {
		s.hashes = append(s.hashes, keyHash(&s.pool.batch.Reads[i]))
		s.heap = append(s.heap, i)
	}
	heap.Init((*thinning)(s))
	s.shrink()
}

// shrink drops the reads without which the bounds are reached as well.
func (s *Thinner) shrink() {
	for s.Max > 0 && len(s.heap) > s.Max {
		s.drop()
	}
	for s.MaxBases > 0 && len(s.heap) > 0 {
		top := &s.pool.batch.Reads[s.heap[0]]
		if s.covered-(top.End()-top.Start) < s.MaxBases {
			return
		}
		s.drop()
	}
}

// drop drops the read of the largest hash.
func (s *Thinner) drop() {
	i, last := s.heap[0], len(s.heap)-1
	r := &s.pool.batch.Reads[i]
	s.covered -= r.End() - r.Start
	s.pool.drop(i)
	s.free = append(s.free, i)
	s.heap[0] = s.heap[last]
	if s.heap = s.heap[:last]; last > 0 {
		heap.Fix((*thinning)(s), 0)
	}
}

// Reads is the reads kept, in the order in which they came.
func (s *Thinner) Reads() []align.Read {
	if len(s.heap) == 0 {
		if s.MaxBases <= 0 || s.covered < s.MaxBases {
			return s.pool.batch.Reads
		}
		s.thin()
	}
	s.places = append(s.places[:0], s.heap...)
	slices.SortFunc(s.places, func(a, b int) int { return s.order[a] - s.order[b] })
	s.ordered = s.ordered[:0]
	for _, i := range s.places {
		s.ordered = append(s.ordered, s.pool.batch.Reads[i])
	}
	return s.ordered
}

// thinning is a Thinner as a heap, the read to go first on top.
type thinning Thinner

func (s *thinning) Len() int      { return len(s.heap) }
func (s *thinning) Swap(i, j int) { s.heap[i], s.heap[j] = s.heap[j], s.heap[i] }
func (s *thinning) Push(any)      { panic("pileup: the heap of a Thinner does not grow") }
func (s *thinning) Pop() any      { panic("pileup: the heap of a Thinner does not shrink") }

func (s *thinning) Less(i, j int) bool {
	a, b := s.heap[i], s.heap[j]
	reads := s.pool.batch.Reads
	if c := compareKeys(s.hashes[a], &reads[a], s.hashes[b], &reads[b]); c != 0 {
		return c > 0
	}
	return s.order[a] > s.order[b]
}

// compareKeys orders reads by the hashes of their keys, then by the keys.
func compareKeys(ha uint64, a *align.Read, hb uint64, b *align.Read) int {
	switch {
	case ha < hb:
		return -1
	case ha > hb:
		return 1
	case a.Name != b.Name:
		return strings.Compare(a.Name, b.Name)
	}
	return a.Number() - b.Number()
}
