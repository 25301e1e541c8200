package simulate

import (
	"fmt"
	"math"
	"slices"

	"github.com/gx-genomics/gx/variant/locus"
)

// HiddenOptions says which parts of a sample's genome its reference lacks:
// diverged copies of stretches that it has. Aligned to the reference, their
// reads lie on the stretch, and their differences look like variants.
type HiddenOptions struct {
	Seed     uint64
	PerMb    float64 // copies for each million known bases
	Shortest int     // bases of a copy
	Longest  int
	Closest  float64 // differences per base, drawn as often from each octave
	Farthest float64
}

// DefaultHidden has none; its copies are of the size and the age of human
// segmental duplications that assemblies collapsed (Bailey et al. 2002, Science
// 297:1003).
func DefaultHidden() HiddenOptions {
	return HiddenOptions{Seed: 1, Shortest: 1500, Longest: 8000, Closest: 0.004, Farthest: 0.05}
}

// Validate reports all faults of the options at once.
func (o *HiddenOptions) Validate() error {
	var f faults
	f.check(o.PerMb >= 0 && o.PerMb <= 100, "%g hidden copies per Mb: want 0 to 100", o.PerMb)
	f.check(o.Shortest >= 500 && o.Longest >= o.Shortest && o.Longest <= 1_000_000, "hidden copies of %d to %d bases: want 500 to 1000000, the shorter one first", o.Shortest, o.Longest)
	f.check(o.Closest > 0 && o.Farthest >= o.Closest && o.Farthest <= 0.3, "hidden copies %g to %g away: want above 0 to 0.3, the closer one first", o.Closest, o.Farthest)
	return f.join()
}

// hiddenFlank is how many bases of no origin stand on both sides of a copy:
// reads that reach over its ends are clipped there.
const hiddenFlank = 1000

// Hidden draws the copies of stretches of a contig within regions (nil:
// everywhere). Each is a contig of its own, on one haplotype of the sample or on both.
func Hidden(ref Sequence, regions *locus.Set, o HiddenOptions) ([]Contig, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	r := newRandom(o.Seed, nameKey(ref.Name), 0x41d)
	var out []Contig
	places := 0.0 // stretches may begin at so many bases
	for i, b := range ref.Bases {
		if codes[b] < 4 && (regions == nil || regions.Contains(ref.Name, i)) {
			places++
		}
	}
	for range r.poisson(places / 1e6 * o.PerMb) {
		for range 100 { // tries: stretches of unknown bases are passed over
			length := int(float64(o.Shortest) * math.Pow(float64(o.Longest)/float64(o.Shortest), r.Float64()))
			if length > len(ref.Bases) {
				continue
			}
			at := r.IntN(len(ref.Bases) - length + 1)
			if !known(ref.Bases[at:at+length]) || regions != nil && !regions.Contains(ref.Name, at) {
				continue
			}
			c, err := o.copy(r, ref.Bases[at:at+length], fmt.Sprintf("%s_hidden%d", ref.Name, len(out)+1))
			if err != nil {
				return nil, err
			}
			out = append(out, c)
			break
		}
	}
	return out, nil
}

// copy makes one copy, changed by as many differences as its age asks.
func (o *HiddenOptions) copy(r random, bases []byte, name string) (Contig, error) {
	rate := o.Closest * math.Pow(o.Farthest/o.Closest, r.Float64())
	t := DefaultTruth()
	t.Seed, t.SNP, t.Indel, t.MaxIndel, t.Homozygous = r.Uint64(), rate*0.9, rate*0.1, 20, 1
	t.MNP, t.Clusters, t.Duplications = 0, 0, 0
	changes, err := Truth(Sequence{name, bases}, t)
	if err != nil {
		return Contig{}, err
	}
	flank := func() []byte {
		b := make([]byte, hiddenFlank)
		for i := range b {
			b[i] = letters[r.IntN(4)]
		}
		return b
	}
	inner := NewTrack(Sequence{name, bases}, changes, 0).Window(0, len(bases)).Bases
	c := Contig{Sequence: Sequence{name, slices.Concat(flank(), inner, flank())}}
	d := Donor{Share: 1}
	if r.IntN(2) == 0 { // one haplotype only: the second one lacks it
		d.Haploid = locus.NewSet(locus.Region{Contig: name, End: len(c.Bases)})
	}
	c.Donors = []Donor{d}
	return c, nil
}
