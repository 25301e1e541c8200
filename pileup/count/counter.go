package count

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// Options say which reads and bases count.
type Options struct {
	MinMapQ  int // reads below count nowhere (min_mapping_quality)
	MinBaseQ int // bases and events of lower mean quality are marked low (min_base_quality)

	// Legacy is the rule before version 1.4 (keep_legacy_allele_counter_behavior):
	// an event with a single base below MinBaseQ is left out altogether.
	Legacy bool

	// Methylation notes how probably each base is 5-methylcytosine, from the tags
	// MM and ML (enable_methylation_calling); it is methylated above
	// MethylationThreshold, a share of 1 (methylation_calling_threshold).
	Methylation          bool
	MethylationThreshold float64
}

// Defaults is the options of DeepVariant's caller; its window selector has 20
// for both bounds.
func Defaults() Options { return Options{MinMapQ: 5, MinBaseQ: 10, MethylationThreshold: 0.5} }

// Validate reports all faults of the options.
func (o *Options) Validate() error {
	var errs []error
	if o.MinMapQ < 0 || o.MinMapQ > 255 {
		errs = append(errs, fmt.Errorf("min-mapping-quality %d: want 0 to 255", o.MinMapQ))
	}
	if o.MinBaseQ < 0 || o.MinBaseQ > 255 {
		errs = append(errs, fmt.Errorf("min-base-quality %d: want 0 to 255", o.MinBaseQ))
	}
	if !(o.MethylationThreshold >= 0 && o.MethylationThreshold <= 1) {
		errs = append(errs, fmt.Errorf("methylation-calling-threshold %v: want 0 to 1", o.MethylationThreshold))
	}
	return errors.Join(errs...)
}

// Counter counts alleles. It belongs to one goroutine; its zero value, with
// Options set, is ready.
type Counter struct {
	Options Options

	counts Counts
	steps  []int32 // how many reads that agree with the reference in a run begin at a position, less those that end there
	found  []found
	keys   keys
	met    []int32 // per key: the last position, from 1, where it was met

	start, n int // the region, and its positions
	track    []bool
	runs     bool   // runs can be counted: the reference has proper bases and none is tracked
	low      byte   // MinBaseQ
	levels   []byte // per base of the read, where methylation is noted

	read  *align.Read
	index int32
	last  found // the newest observation of the read, not yet counted
	held  bool  // whether last holds one
}

// found is an allele with its position in the region.
type found struct {
	pos int32
	Allele
}

// Count counts the alleles of the reads over the region. The reads stand in the
// order in which they were made, which only matters where two of them have the
// same key (name and number): at a position where both show something else
// than the reference the later one counts. Reads whose bases, qualities and
// CIGAR differ in length show nothing.
//
// ref holds at least the region and the deletions that start in it, see Reach;
// what it does not hold counts as lying outside the contig. track, if not nil,
// has one entry per position and says where reads with the reference base are
// kept as well (track_ref_reads).
//
// The result is valid until the next Count and as long as reads and ref.
func (c *Counter) Count(reads []align.Read, ref Window, region locus.Region, track []bool) *Counts {
	c.start, c.n = region.Start, max(region.Len(), 0)
	if track != nil && len(track) != c.n {
		panic(fmt.Sprintf("count: %d entries of track for %d positions", len(track), c.n))
	}
	c.track = track
	k := &c.counts
	k.Region, k.reads, k.ref = region, reads, ref
	k.RefSupport = zeroed(k.RefSupport, c.n)
	k.Total = zeroed(k.Total, c.n)
	c.steps = zeroed(c.steps, c.n+1)
	c.runs = track == nil && allCanonical(ref.span(region.Start, c.n))
	c.low = byte(min(max(c.Options.MinBaseQ, 0), 255))
	k.threshold = c.Options.MethylationThreshold
	c.found = c.found[:0]
	for i := range reads {
		r := &reads[i]
		if int(r.MapQ) < c.Options.MinMapQ || r.Start > region.End || !WellFormed(r) {
			continue
		}
		c.read, c.index = r, int32(i)
		if c.Options.Methylation {
			c.modified(r)
		}
		c.walk(r)
	}
	depth := int32(0)
	for i := range k.RefSupport {
		depth += c.steps[i]
		k.RefSupport[i] += depth
	}
	c.group()
	return k
}

// WellFormed says whether a read can be counted: it has bases (SAM's * is
// none), and as many qualities and as many bases in its CIGAR.
func WellFormed(r *align.Read) bool {
	return len(r.Bases) > 0 && len(r.Quals) == len(r.Bases) && r.Cigar.ReadLen() == len(r.Bases)
}

// Reach is the end of the reference that counting over a region needs: that of
// the region or of the last deletion that starts in it.
func Reach(reads []align.Read, region locus.Region) int {
	end := region.End
	for i := range reads {
		at := reads[i].Start
		for _, x := range reads[i].Cigar {
			if at > region.End {
				break
			}
			if x.Op().TakesRef() {
				at += x.Len()
				if x.Op() == align.D && at-x.Len() > region.Start {
					end = max(end, at)
				}
			}
		}
	}
	return end
}

// walk takes a read's alignment apart. The observation before is held back
// until the next one is known, because an event at the same position takes its
// place; one that cannot be used replaces nothing.
func (c *Counter) walk(r *align.Read) {
	o, q := r.Start-c.start, 0 // of the next reference base in the region, of the next base in the read
	for _, x := range r.Cigar {
		if o > c.n {
			break
		}
		n := x.Len()
		if n == 0 {
			continue
		}
		switch x.Op() {
		case align.M, align.Eq, align.X:
			c.match(o, q, n)
			o += n
			q += n
		case align.I:
			c.event(Insertion, o, q, n)
			q += n
		case align.S:
			c.event(SoftClip, o, q, n)
			q += n
		case align.D:
			c.event(Deletion, o, q, n)
			o += n
		case align.N, align.P:
			o += n
		}
	}
	c.flush()
}

// match counts n bases set on the reference.
func (c *Counter) match(o, q, n int) {
	if o < 0 {
		n, q, o = n+o, q-o, 0
	}
	if n = min(n, c.n-o); n <= 0 {
		return
	}
	c.flush()
	ref := c.counts.ref.span(c.start+o, n)
	if ref == nil || !c.runs {
		for i := range n {
			c.base(o+i, q+i)
		}
		return
	}
	bases, quals := c.read.Bases[q:q+n], c.read.Quals[q:q+n]
	for i := 0; i < n; {
		run := agree(bases[i:n-1], ref[i:], quals[i:], c.low)
		c.steps[o+i]++
		c.steps[o+i+run]--
		if i += run; i < n {
			c.base(o+i, q+i) // the last of all, too: it may be replaced by what follows
			i++
		}
	}
}

// agree is how many bases from the first on are those of the reference and of
// no quality below low.
func agree(bases, ref, quals []byte, low byte) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	i := 0
	if low < 0x80 { // with its top bit set no quality borrows from the next
		for ; i+8 <= len(bases); i += 8 {
			q := (binary.LittleEndian.Uint64(quals[i:]) | tops) - uint64(low)*ones
			if binary.LittleEndian.Uint64(bases[i:]) != binary.LittleEndian.Uint64(ref[i:]) || q&tops != tops {
				break
			}
		}
	}
	for ; i < len(bases) && bases[i] == ref[i] && quals[i] >= low; i++ {
	}
	return i
}

// span is n letters from pos on, nil where the window does not hold them all.
func (w *Window) span(pos, n int) []byte {
	if i := pos - w.Start; i >= 0 && i+n <= len(w.Bases) {
		return w.Bases[i : i+n]
	}
	return nil
}

// base observes one base set on the reference.
func (c *Counter) base(o, q int) {
	b := c.read.Bases[q]
	low, ok := c.usable(q, 1)
	if !ok {
		return
	}
	t := Substitution
	if b == c.counts.ref.at(c.start+o) {
		t = Reference
	}
	f := found{int32(o), Allele{Read: c.index, Off: int32(q), Anchor: b, Type: t, Low: low}}
	if c.Options.Methylation {
		f.Level = c.levels[q]
	}
	c.hold(f)
}

// modified notes how probably the bases of a read are methylated.
func (c *Counter) modified(r *align.Read) {
	c.levels = slices.Grow(c.levels[:0], len(r.Bases))[:len(r.Bases)]
	clear(c.levels)
	if !r.ModificationLevels(c.levels, align.MethylC) {
		clear(c.levels)
	}
}

// event observes an insertion, a soft clip or a deletion of n bases. One that
// cannot be used parts the observations before and after it: what is before is
// counted even where what follows has the same position.
func (c *Counter) event(t Type, o, q, n int) {
	if o < 1 || o > c.n {
		return // the anchor lies outside
	}
	f := found{int32(o - 1), Allele{Read: c.index, Off: int32(q), Len: int32(n), Type: t}}
	if q > 0 {
		f.Anchor = c.read.Bases[q-1]
	} else {
		f.Anchor = c.counts.ref.at(c.start + o - 1)
	}
	ok := canonical[f.Anchor]
	switch {
	case !ok:
	case t == Deletion:
		ok = allCanonical(c.counts.ref.span(c.start+o, n))
	default:
		f.Low, ok = c.usable(q, n)
	}
	if !ok {
		c.flush()
		return
	}
	c.hold(f)
}

// usable says whether n bases of the read can be used, and whether their mean
// quality is below the bound.
func (c *Counter) usable(q, n int) (low, ok bool) {
	if !allCanonical(c.read.Bases[q : q+n]) {
		return false, false
	}
	sum := 0
	for _, v := range c.read.Quals[q : q+n] {
		if c.Options.Legacy && int(v) < c.Options.MinBaseQ {
			return false, false
		}
		sum += int(v)
	}
	return !c.Options.Legacy && sum < c.Options.MinBaseQ*n, true
}

// hold makes f the newest observation of the read; it takes the place of one
// before at the same position.
func (c *Counter) hold(f found) {
	if c.held && c.last.pos != f.pos {
		c.flush()
	}
	c.last, c.held = f, true
}

// flush counts the observation held back.
func (c *Counter) flush() {
	if !c.held {
		return
	}
	c.held = false
	f := &c.last
	if f.Type == Reference {
		if !f.Low {
			c.counts.RefSupport[f.pos]++
		}
		if c.track == nil || !c.track[f.pos] {
			return
		}
	}
	c.found = append(c.found, *f)
}

// canonical says which letters are bases.
var canonical = [256]bool{'A': true, 'C': true, 'G': true, 'T': true}

// allCanonical says whether there are letters, all of them bases.
func allCanonical(s []byte) bool {
	for _, b := range s {
		if !canonical[b] {
			return false
		}
	}
	return len(s) > 0
}

func zeroed(s []int32, n int) []int32 {
	if cap(s) < n {
		return make([]int32, n)
	}
	s = s[:n]
	clear(s)
	return s
}
