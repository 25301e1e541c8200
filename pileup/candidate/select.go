package candidate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant"
)

// Options are the bounds above which an allele makes a candidate.
type Options struct {
	MinCountSNPs      int     // reads that must show a substitution (vsc_min_count_snps)
	MinCountIndels    int     // reads that must show an insertion or deletion (vsc_min_count_indels)
	MinFractionSNPs   float32 // and their share of all reads at the position; single precision,
	MinFractionIndels float32 // as DeepVariant holds it, compared in double

	// With several samples: an allele rejected in the sample itself is accepted
	// where it passes in all samples together, with the fractions times
	// FractionMultiplier (+Inf: never). An allele whose share of the other
	// samples' reads is above MaxFractionOther is rejected; 0 is no bound.
	FractionMultiplier     float32 // vsc_min_fraction_multiplier
	MaxFractionOtherSNPs   float32 // vsc_max_fraction_snps_for_non_target_sample
	MaxFractionOtherIndels float32 // vsc_max_fraction_indels_for_non_target_sample

	// Complex joins what a read shows under a deletion to one allele
	// (create_complex_alleles).
	Complex Complex

	// Methylation makes candidates of positions as well at which nothing but the
	// reference is accepted and a read is methylated; their alternate allele is
	// NoAlt (enable_methylation_calling). Reads of the reference are to be tracked
	// everywhere.
	Methylation bool
}

// Defaults is the options of DeepVariant.
func Defaults() Options {
	return Options{MinCountSNPs: 2, MinCountIndels: 2, MinFractionSNPs: 0.12, MinFractionIndels: 0.06, FractionMultiplier: 1}
}

// Validate reports all faults of the options.
func (o *Options) Validate() error {
	var errs []error
	for _, x := range []struct {
		name string
		n    int
	}{{"vsc-min-count-snps", o.MinCountSNPs}, {"vsc-min-count-indels", o.MinCountIndels}} {
		if x.n < 0 {
			errs = append(errs, fmt.Errorf("%s %d: want 0 or more", x.name, x.n))
		}
	}
	for _, x := range []struct {
		name string
		f    float32
	}{{"vsc-min-fraction-snps", o.MinFractionSNPs}, {"vsc-min-fraction-indels", o.MinFractionIndels},
		{"vsc-max-fraction-snps-for-non-target-sample", o.MaxFractionOtherSNPs},
		{"vsc-max-fraction-indels-for-non-target-sample", o.MaxFractionOtherIndels}} {
		if !(x.f >= 0 && x.f <= 1) {
			errs = append(errs, fmt.Errorf("%s %v: want 0 to 1", x.name, x.f))
		}
	}
	if !(o.FractionMultiplier > 0) {
		errs = append(errs, fmt.Errorf("vsc-min-fraction-multiplier %v: want above 0", o.FractionMultiplier))
	}
	return errors.Join(errs...)
}

// Selector turns counts into candidates. It belongs to one goroutine; its zero
// value, with Options set, is ready.
type Selector struct {
	Options Options

	// KeepRef, if not nil, is asked at every position with a proper reference
	// base and no accepted allele whether to make a candidate of it all the
	// same; its only alternate allele is NoAlt (training_random_emit_ref_sites).
	KeepRef func(contig string, pos int) bool

	sums     []count.Sum
	accepted []accepted
	complex  complexSite
}

// NoAlt stands for the alternate allele of a reference site.
const NoAlt = "."

// accepted is an allele good enough for a candidate.
type accepted struct {
	count.Sum
	alt    string // how the record writes it
	index  int    // of the alternate allele that it is, -1 for none of those listed
	joined bool   // it is one of complexSite: alt is its bases, First means nothing
}

// Append appends the candidates of all positions of c to dst, in order. others
// are the counts of further samples over the same region; they decide with it
// which alleles are accepted, and the candidates tell what their reads show.
func (s *Selector) Append(dst []Candidate, c *count.Counts, others ...*count.Counts) []Candidate {
	deletionEnd := 0
	for i := 0; i < c.Len(); i++ {
		s.complex.reset()
		if !s.site(i, c, others) {
			continue
		}
		if s.Options.Complex != NoComplex && i >= deletionEnd {
			s.join(i, c, others)
		}
		dst = append(dst, s.candidate(i, c, others))
		if s.deletes() {
			deletionEnd = i + len(dst[len(dst)-1].Ref)
		}
		if n := len(s.complex.ref); n > 1 && len(s.accepted) > 1 {
			i += n - 1 // what lies under the deletion is in its alleles
		}
	}
	return dst
}

// deletes says whether a deletion is accepted.
func (s *Selector) deletes() bool {
	return slices.ContainsFunc(s.accepted, func(a accepted) bool { return !a.joined && a.First.Type == count.Deletion })
}

// AppendStarts appends the positions on the contig of the candidates that
// Append makes, those that joined alleles take away among them.
func (s *Selector) AppendStarts(dst []int, c *count.Counts, others ...*count.Counts) []int {
	for i := range c.Len() {
		if s.site(i, c, others) {
			dst = append(dst, c.Region.Start+i)
		}
	}
	return dst
}

// site says whether position i is a candidate and leaves its alleles in
// s.accepted.
func (s *Selector) site(i int, c *count.Counts, others []*count.Counts) bool {
	s.accepted = s.accepted[:0]
	if len(c.At(i)) == 0 && s.KeepRef == nil || !proper(c.RefBase(i)) {
		return false
	}
	s.acceptAll(i, c, others)
	return len(s.accepted) > 0 || s.KeepRef != nil && s.KeepRef(c.Region.Contig, c.Region.Start+i) || s.Options.Methylation && methylated(i, c)
}

func proper(b byte) bool { return b == 'A' || b == 'C' || b == 'G' || b == 'T' }

// acceptAll leaves the alleles of position i that are good enough in
// s.accepted.
func (s *Selector) acceptAll(i int, c *count.Counts, others []*count.Counts) {
	s.accepted = s.accepted[:0]
	s.sums = c.AppendSums(s.sums[:0], i)
	for k := range s.sums {
		if s.accept(i, c, others, &s.sums[k], int(c.Total[i])) {
			s.accepted = append(s.accepted, accepted{Sum: s.sums[k]})
		}
	}
}

// accept says whether an allele is good enough, where so many reads are counted.
func (s *Selector) accept(i int, c *count.Counts, others []*count.Counts, a *count.Sum, total int) bool {
	if a.First.Type == count.Reference {
		return false
	}
	if len(others) > 0 && s.common(i, c, others, a) {
		return false
	}
	switch s.judge(a.First.Type, a.N, total, 1) {
	case good:
		return true
	case bad:
		return false
	}
	if len(others) == 0 {
		return false
	}
	n := a.N
	for _, o := range others {
		n += shows(i, c, o, &a.First)
		total += int(o.Total[i])
	}
	return s.judge(a.First.Type, n, total, float64(s.Options.FractionMultiplier)) == good
}

// common says whether too many reads of the other samples show the allele.
func (s *Selector) common(i int, c *count.Counts, others []*count.Counts, a *count.Sum) bool {
	most := s.Options.MaxFractionOtherIndels
	if a.First.Type == count.Substitution {
		most = s.Options.MaxFractionOtherSNPs
	}
	if most <= 0 {
		return false
	}
	n, total := 0, 0
	for _, o := range others {
		n += shows(i, c, o, &a.First)
		total += int(o.Total[i])
	}
	return n > 0 && float64(n)/float64(total) > float64(most)
}

// shows is the number of reads of another sample that show an allele of c.
func shows(i int, c, other *count.Counts, a *count.Allele) int {
	n := 0
	at := other.At(i)
	for k := range at {
		if !at[k].Low && c.SameIn(i, a, other, &at[k]) {
			n++
		}
	}
	return n
}

type verdict int

const (
	good verdict = iota
	rare         // other samples may raise it
	bad
)

func (s *Selector) judge(t count.Type, n, total int, multiplier float64) verdict {
	least, fraction := s.Options.MinCountIndels, s.Options.MinFractionIndels
	if t == count.Substitution {
		least, fraction = s.Options.MinCountSNPs, s.Options.MinFractionSNPs
	}
	switch {
	case t == count.SoftClip:
		return bad
	case n < least, float64(n)/float64(total) < float64(fraction)*multiplier:
		return rare
	}
	return good
}

// candidate makes the record of position i from the accepted alleles.
func (s *Selector) candidate(i int, c *count.Counts, others []*count.Counts) Candidate {
	ref := s.write(i, c)
	v := variant.Variant{Contig: c.Region.Contig, Start: c.Region.Start + i, End: c.Region.Start + i + len(ref), Ref: ref}
	if v.Alts = make([]string, 0, max(len(s.accepted), 1)); len(s.accepted) == 0 {
		v.Alts = append(v.Alts, NoAlt)
	}
	for k := range s.accepted {
		s.accepted[k].index = k
		v.Alts = append(v.Alts, s.accepted[k].alt)
	}
	out := empty(v)
	s.fill(i, c, others, &out)
	return out
}

// write gives the reference bases of the record and leaves its alternate
// alleles in s.accepted, in byte order.
func (s *Selector) write(i int, c *count.Counts) (ref string) {
	ref = s.refBases(i, c)
	for k := range s.accepted {
		if a := &s.accepted[k]; !a.joined {
			a.alt = altBases(i, c, &a.First, ref)
		}
	}
	slices.SortFunc(s.accepted, func(a, b accepted) int { return strings.Compare(a.alt, b.alt) })
	return ref
}

// empty is a candidate without reads.
func empty(v variant.Variant) Candidate {
	n := len(v.Alts)
	return Candidate{Site: variant.Site{Variant: v, AD: make([]int, n+1), VAF: make([]float64, n)}, Shown: Shown{Support: make([][]Support, n)}}
}

// fill gives a candidate the counts and reads of position i.
func (s *Selector) fill(i int, c *count.Counts, others []*count.Counts, out *Candidate) {
	out.Depth = int(c.Total[i])
	out.AD[0] = s.referenceReads(i, c)
	for k := range s.accepted {
		if a := &s.accepted[k]; a.index >= 0 {
			out.AD[a.index+1] = a.N
			out.VAF[a.index] = float64(a.N) / float64(out.Depth)
		}
	}
	s.support(i, c, c, &out.Shown)
	if s.Options.Methylation {
		out.Methylation = methylation(&out.Shown)
	}
	for _, o := range others {
		shown := Shown{Support: make([][]Support, len(out.Alts))}
		s.support(i, c, o, &shown)
		out.Others = append(out.Others, shown)
	}
}

// refBases is the reference base at the site, with the bases that the longest
// deletion takes.
func (s *Selector) refBases(i int, c *count.Counts) string {
	if s.complex.ref != "" {
		return s.complex.ref
	}
	n := 0
	for k := range s.accepted {
		if a := &s.accepted[k]; !a.joined && a.First.Type == count.Deletion {
			n = max(n, int(a.First.Len))
		}
	}
	ref := c.Ref()
	at := c.Region.Start + i - ref.Start
	return string(ref.Bases[at : at+1+n])
}

// altBases writes an allele against the reference bases of the record. The
// anchor of a deletion may differ from the reference.
func altBases(i int, c *count.Counts, a *count.Allele, ref string) string {
	if a.Type == count.Deletion {
		return string(a.Anchor) + ref[a.Size():]
	}
	return string(append(c.AppendBases(make([]byte, 0, a.Size()+len(ref)), i, a), ref[1:]...))
}

// support sorts the reads of a sample at position i by what they show of the
// alleles accepted in c, which may be its own counts. Reads of low quality
// support an accepted allele too, though they are not counted for it.
func (s *Selector) support(i int, c, sample *count.Counts, out *Shown) {
	at := sample.At(i)
next:
	for k := range at {
		a := &at[k]
		r := Support{Read: a.Read, Low: a.Low, BaseQ: sample.BaseQ(a), Level: a.Level, Methylated: a.Level > 0 && sample.Methylated(a)}
		bases, joined := "", false
		if sample == c {
			bases, joined = s.complex.of(c.Reads(), a.Read)
		}
		if !joined && a.Type == count.Reference || joined && bases == s.complex.ref {
			out.RefSupport = append(out.RefSupport, r)
			continue
		}
		for j := range s.accepted {
			x := &s.accepted[j]
			if x.index >= 0 && x.joined == joined && (joined && x.alt == bases || !joined && c.SameIn(i, &x.First, sample, a)) {
				out.Support[x.index] = append(out.Support[x.index], r)
				continue next
			}
		}
		out.Other = append(out.Other, r)
	}
}
