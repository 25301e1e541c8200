package simulate

import (
	"math"

	"github.com/gx-genomics/gx/variant/locus"
)

// ReadOptions says how a genome is sequenced.
type ReadOptions struct {
	Seed       uint64
	Length     int     // bases of each read of a pair
	Depth      float64 // mean depth of a diploid stretch, duplicates included; with Targets, on them
	Depths     Depths  // instead of one mean: each block of the genome has its own
	Dispersion float64 // variance of the local mean depth over its square, beyond GC and chance
	Duplicates float64 // share of reads that are duplicates; below 0: the profile's
	Slippage   float64 // factor on slips of the polymerase in runs and repeats, which all reads of a fragment share
	Templates  int     // molecules of each haplotype that were amplified, their slips with them; 0: every fragment is one of its own
	RunErrors  float64 // factor on the profile's errors in homopolymers
	Spread     float64 // of both from place to place: the standard deviation of their logarithms
	Chimeras   float64 // share of reads whose tail comes from elsewhere, half of them folded back
	HotSpots   float64 // share of the contexts, of ten bases on one strand, that are misread at a rate of 3-48 %
	Targets    *locus.Set
	OffTarget  float64    // depth away from targets, relative to that on them
	Regions    *locus.Set // where fragments begin; nil: everywhere
	ReadGroup  string     // RG tag of aligned reads; empty: none
	Prefix     string     // of read names
}

// DefaultReads is a 30x whole genome of 2x150 bases.
func DefaultReads() ReadOptions {
	return ReadOptions{
		Seed: 1, Length: 150, Depth: 30, Dispersion: 0.012, Duplicates: -1, Slippage: 1, RunErrors: 1, Spread: 0.7,
		Chimeras: 0.004, HotSpots: 1.0 / 3000, OffTarget: 0.005, Prefix: "gx",
	}
}

// Depths is a mix of mean depths: one run gives a caller that is trained on it
// all of them. The zero value is no mix.
type Depths struct {
	Low, High float64 // every block draws from here, as often from each octave
	Block     int     // bases of the genome that share a draw
}

// Mean is the mean depth of the whole genome.
func (d Depths) Mean() float64 {
	if d.High <= d.Low {
		return d.Low
	}
	return (d.High - d.Low) / math.Log(d.High/d.Low)
}

// at is the depth of the block that a place of a contig is in.
func (d Depths) at(key uint64, pos int) float64 {
	return d.Low * math.Pow(d.High/d.Low, unit(mix(key^uint64(pos/d.Block)*2^0xde)))
}

func (d Depths) validate(f *faults) {
	if d == (Depths{}) {
		return
	}
	f.check(d.Low > 0 && d.High >= d.Low && d.High <= 100_000, "depths %g to %g: want above 0 to 100000, the lower one first", d.Low, d.High)
	f.check(d.Block >= 1000, "blocks of %d bases: want 1000 or more", d.Block)
}

// Validate reports all faults of the options at once.
func (o *ReadOptions) Validate() error {
	var f faults
	o.Depths.validate(&f)
	f.check(o.Length >= 20 && o.Length <= 500, "read length %d: want 20 to 500", o.Length)
	f.check(o.Depth > 0 && o.Depth <= 100_000, "depth %g: want above 0 to 100000", o.Depth)
	f.check(o.Dispersion >= 0 && o.Dispersion <= 2, "dispersion %g: want 0 to 2", o.Dispersion)
	f.check(o.Duplicates < 0.95, "duplicate share %g: want below 0.95", o.Duplicates)
	f.check(o.Slippage >= 0 && o.Slippage <= 100, "slippage %g: want 0 to 100", o.Slippage)
	f.check(o.RunErrors >= 0 && o.RunErrors <= 100, "run errors %g: want 0 to 100", o.RunErrors)
	f.check(o.Templates >= 0 && o.Templates <= 1_000_000, "%d templates: want 0 to 1000000", o.Templates)
	f.check(o.Spread >= 0 && o.Spread <= 3, "spread of slips %g: want 0 to 3", o.Spread)
	f.check(o.Chimeras >= 0 && o.Chimeras <= 1, "chimera share %g: want 0 to 1", o.Chimeras)
	f.check(o.HotSpots >= 0 && o.HotSpots <= 0.1, "hot spots %g: want 0 to 0.1", o.HotSpots)
	f.check(o.OffTarget >= 0 && o.OffTarget <= 1, "off-target depth %g: want 0 to 1", o.OffTarget)
	f.check(len(o.Prefix) <= 60, "prefix of %d letters: want no more than 60", len(o.Prefix))
	for _, r := range o.Prefix {
		f.check(r > ' ' && r <= '~' && r != '@', "prefix %q: want letters that a read name may have", o.Prefix)
	}
	for _, r := range o.ReadGroup {
		f.check(r >= ' ' && r <= '~', "read group %q: want printable characters", o.ReadGroup)
	}
	return f.join()
}

// Donor is a sample whose DNA is in the library. A library with a second donor
// of a few percent is a contaminated one.
type Donor struct {
	Records []Record
	Share   float64    // of the library; all donors together sum to 1
	Haploid *locus.Set // where it has one copy, nil for nowhere
	Absent  *locus.Set // where it has none
}

// Contig is a reference sequence and what the donors have there.
type Contig struct {
	Sequence
	Donors []Donor
}

// A Genome gives the contigs that are sequenced, one at a time, so that no more
// than one needs to be in memory.
type Genome interface {
	Contigs() []locus.Contig
	// Contig loads the i-th. Nobody changes what it returns.
	Contig(i int) (*Contig, error)
}

// InMemory is a genome whose contigs are all there.
type InMemory []Contig

// Contigs lists names and lengths.
func (g InMemory) Contigs() []locus.Contig {
	list := make([]locus.Contig, len(g))
	for i := range g {
		list[i] = locus.Contig{Name: g[i].Name, Length: len(g[i].Bases)}
	}
	return list
}

// Contig is the i-th.
func (g InMemory) Contig(i int) (*Contig, error) { return &g[i], nil }
