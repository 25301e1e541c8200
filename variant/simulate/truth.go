package simulate

import (
	"fmt"
	"math"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// Record is a true variant with the alleles of the two haplotypes in their
// order: the genotype is phased.
type Record struct {
	variant.Variant
	GT     variant.Genotype // where Ploidy is 1: A is the allele, B is variant.Missing
	Ploidy int              // 1 or 2
	Class  string           // what kind of event it was drawn as: snp, mnp, cluster, insertion, deletion, run, repeat, duplication, given
}

// allele is the number of the allele on a haplotype, 0 or 1. A haplotype that
// is not there carries the reference.
func (r *Record) allele(haplotype int) int {
	if haplotype == 0 {
		return max(r.GT.A, 0)
	}
	return max(r.GT.B, 0)
}

// TruthOptions says how a sample differs from the reference. Rates are events
// per base of the reference.
type TruthOptions struct {
	Seed         uint64
	SNP          float64 // single changes, outside and inside CpG together
	CpG          float64 // how many times as often a base of a CpG changes
	TiTv         float64 // transitions per transversion outside CpG
	Indel        float64 // insertions and deletions outside runs and repeats
	MaxIndel     int     // the longest of them, bases
	Runs         float64 // factor on the chance that a homopolymer has another length, which grows with its length
	Repeats      float64 // the same for units of 2 to 6 bases
	MNP          float64 // two or three neighbouring bases at once
	Clusters     float64 // groups of two to five SNPs some ten bases apart
	Duplications float64 // tandem duplications of 20 to 300 bases
	Homozygous   float64 // share of events on both haplotypes
	Multiallelic float64 // share of SNPs with two alternate alleles; repeats have their own, larger one

	Haploid *locus.Set // where the sample has one copy: X and Y of a male, mitochondria; nil for nowhere
	Absent  *locus.Set // where it has none: Y of a female
}

// DefaultTruth is a human sample: rates after 1000 Genomes Project Consortium
// 2015 (Nature 526:68) and Montgomery et al. 2013 (Genome Research 23:749),
// CpG mutation after Nachman and Crowell 2000 (Genetics 156:297).
func DefaultTruth() TruthOptions {
	return TruthOptions{
		Seed: 1, SNP: 1.0 / 1050, CpG: 9, TiTv: 1.75, Indel: 1.0 / 16_000, MaxIndel: 50,
		Runs: 1, Repeats: 1, MNP: 1.0 / 120_000, Clusters: 1.0 / 40_000, Duplications: 1.0 / 200_000,
		Homozygous: 0.36, Multiallelic: 0.002,
	}
}

// Validate reports all faults of the options at once.
func (o *TruthOptions) Validate() error {
	var f faults
	for _, x := range []struct {
		name       string
		value, top float64
	}{
		{"SNP rate", o.SNP, 0.05}, {"indel rate", o.Indel, 0.05}, {"MNP rate", o.MNP, 0.05}, {"cluster rate", o.Clusters, 0.01},
		{"duplication rate", o.Duplications, 0.001}, {"homozygous share", o.Homozygous, 1}, {"multi-allelic share", o.Multiallelic, 1},
		{"factor of runs", o.Runs, 100}, {"factor of repeats", o.Repeats, 100}, {"CpG factor", o.CpG, 100}, {"Ti/Tv", o.TiTv, 100},
	} {
		f.check(x.value >= 0 && x.value <= x.top, "%s %g: want 0 to %g", x.name, x.value, x.top)
	}
	f.check(o.MaxIndel >= 1 && o.MaxIndel <= 10_000, "longest indel %d: want 1 to 10000", o.MaxIndel)
	return f.join()
}

// Truth draws the variants of a sample over a sequence, in order of position,
// left-aligned and trimmed, none touching the next. Within 60 bases of an end
// and at letters other than A, C, G, T nothing is drawn.
func Truth(ref Sequence, o TruthOptions) ([]Record, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if ref.Name == "" {
		return nil, fmt.Errorf("a sequence of %d bases has no name", len(ref.Bases))
	}
	d := newDrawer(ref, o)
	for p := edge; p < len(ref.Bases)-edge; p++ {
		if d.next < len(d.tracts) && d.tracts[d.next].start-1 <= p {
			d.tractAt(p)
		}
		d.at(p)
	}
	return d.out, nil
}

// edge is how far from the end of a sequence variants begin: reads do not
// cover the ends well enough to call there.
const edge = 60

// drawer walks along a sequence and draws events.
type drawer struct {
	random
	o      TruthOptions
	name   string
	seq    []byte
	tracts []tract
	next   int // the first tract that starts behind the place reached
	free   int // the first base that no record touches
	out    []Record

	snp, cpg float64 // rates of SNPs at a base outside and inside CpG
}

func newDrawer(ref Sequence, o TruthOptions) *drawer {
	d := &drawer{random: newRandom(o.Seed, nameKey(ref.Name), 0x7a), o: o, name: ref.Name, seq: ref.Bases, tracts: tracts(ref.Bases), free: edge}
	bases, inside := 0, 0
	for i, b := range ref.Bases {
		if codes[b] > 3 {
			continue
		}
		bases++
		if cpg(ref.Bases, i) {
			inside++
		}
	}
	share := float64(inside) / float64(max(bases, 1))
	d.snp = o.SNP / (1 - share + share*o.CpG)
	d.cpg = d.snp * o.CpG
	return d
}

// cpg says whether the base at i is the C or the G of a CpG.
func cpg(seq []byte, i int) bool {
	switch seq[i] {
	case 'C':
		return i+1 < len(seq) && seq[i+1] == 'G'
	case 'G':
		return i > 0 && seq[i-1] == 'C'
	}
	return false
}

// at draws what happens at one base.
func (d *drawer) at(p int) {
	if p < d.free || codes[d.seq[p]] > 3 {
		return
	}
	snp := d.snp
	inCpG := cpg(d.seq, p)
	if inCpG {
		snp = d.cpg
	}
	u := d.Float64()
	for _, x := range [...]struct {
		rate float64
		draw func(int)
	}{
		{snp, func(p int) { d.single(p, inCpG) }}, {d.o.Indel, d.indel}, {d.o.MNP, d.mnp}, {d.o.Clusters, d.cluster}, {d.o.Duplications, d.duplication},
	} {
		if u < x.rate {
			x.draw(p)
			return
		}
		u -= x.rate
	}
}

// put adds a record unless it touches the one before, an end or unknown bases.
func (d *drawer) put(p int, ref string, alts []string, gt variant.Genotype, class string) bool {
	if p < d.free || p+len(ref) > len(d.seq)-edge || !known(d.seq[p:p+len(ref)+1]) {
		return false
	}
	r := Record{Variant: variant.Variant{Contig: d.name, Start: p, End: p + len(ref), Ref: ref, Alts: alts}, GT: gt, Ploidy: 2, Class: class}
	if !ploidy(&r, d.o.Haploid, d.o.Absent) {
		return false
	}
	d.out = append(d.out, r)
	d.free = r.End + 1
	return true
}

// ploidy fits a record to the copies that the sample has there; false where
// nothing of it remains.
func ploidy(r *Record, haploid, absent *locus.Set) bool {
	where := locus.Region{Contig: r.Contig, Start: r.Start, End: r.End}
	switch {
	case absent != nil && absent.Overlaps(where):
		return false
	case haploid != nil && haploid.Overlaps(where):
		a := max(r.GT.A, r.GT.B)
		r.GT, r.Ploidy = variant.Genotype{A: a, B: variant.Missing, Phased: true}, 1
		if len(r.Alts) > 1 && a > 0 {
			r.Alts, r.GT.A = r.Alts[a-1:a], 1
			trim(&r.Variant)
		}
		return a > 0
	}
	return true
}

// trim takes off the bases that reference and alternate alleles share at their
// ends, behind first, down to one base.
func trim(v *variant.Variant) {
	all := func(same func(alt string) bool) bool {
		for _, a := range v.Alts {
			if len(a) < 2 || !same(a) {
				return false
			}
		}
		return len(v.Ref) > 1
	}
	for all(func(a string) bool { return a[len(a)-1] == v.Ref[len(v.Ref)-1] }) {
		v.Ref, v.End = v.Ref[:len(v.Ref)-1], v.End-1
		for i, a := range v.Alts {
			v.Alts[i] = a[:len(a)-1]
		}
	}
	for all(func(a string) bool { return a[0] == v.Ref[0] }) {
		v.Ref, v.Start = v.Ref[1:], v.Start+1
		for i, a := range v.Alts {
			v.Alts[i] = a[1:]
		}
	}
}

// zygosity draws on which haplotypes the first alternate allele lies.
func (d *drawer) zygosity() variant.Genotype {
	switch {
	case d.Float64() < d.o.Homozygous:
		return variant.Genotype{A: 1, B: 1, Phased: true}
	case d.IntN(2) == 0:
		return variant.Genotype{A: 0, B: 1, Phased: true}
	}
	return variant.Genotype{A: 1, B: 0, Phased: true}
}

// both draws the order of two alternate alleles.
func (d *drawer) both() variant.Genotype {
	if d.IntN(2) == 0 {
		return variant.Genotype{A: 1, B: 2, Phased: true}
	}
	return variant.Genotype{A: 2, B: 1, Phased: true}
}

// runChance is the chance that a homopolymer of n bases has another length in
// a sample: twofold per base from 1 in 500 at 6, as counts of runs and of
// polymorphic ones give it, up to about a third.
func runChance(n int) float64 { return min(0.35, 0.002*math.Pow(2, float64(n-6))) }

// repeatChance is the same for n copies of a longer unit.
func repeatChance(unit, n int) float64 {
	if unit == 2 {
		return min(0.5, 0.004*math.Pow(1.6, float64(n-5)))
	}
	return min(0.5, 0.01*math.Pow(1.5, float64(n-4)))
}
