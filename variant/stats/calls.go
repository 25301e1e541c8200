package stats

import (
	"math"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// Kind is what a record is as a whole.
type Kind int

// The kinds. Ins and Del have bases on one side only; Complex is everything else
// that is of two alleles, or of alternate alleles of several classes.
const (
	OneSNP Kind = iota
	OneIns
	OneDel
	OneMNP
	OneOther
	ManySNP
	ManyIns
	ManyDel
	ManyComplex
	RefCall // no sample carries an alternate allele
	Kinds   // their number
)

// String is the kind in words.
func (k Kind) String() string {
	return [...]string{"SNP", "insertion", "deletion", "MNP", "other", "multiallelic SNP", "multiallelic insertion", "multiallelic deletion",
		"multiallelic, mixed", "no variant called"}[k]
}

// Zygosity is what a genotype is.
type Zygosity int

// The kinds of genotypes.
const (
	HomRef Zygosity = iota // 0/0, 0
	Het                    // 0/x
	HomAlt                 // x/x, x
	Mixed                  // x/y
	NoCall
	Zygosities // their number
)

// String is the genotype in words.
func (z Zygosity) String() string {
	return [...]string{"reference, 0/0", "heterozygous, 0/x", "homozygous, x/x", "two alternate alleles, x/y", "no call, ./."}[z]
}

// BalanceBins is how many bins the share of alternate reads has, 0 to 1.
const BalanceBins = 50

// Calls is the counts of a file of calls or of a gVCF for a report. Records that
// say of a stretch that it is like the reference (whose only alternate allele is
// <*> or <NON_REF>) count for the completeness alone.
type Calls struct {
	All     *Stats // every record that is no reference block
	Variant *Stats // those that pass and in which a sample carries an alternate allele
	Kind    [Kinds]int
	Blocks  int

	// Balance is genotypes by the share of reads with an alternate allele, those with
	// reads counted.
	Balance [Zygosities][BalanceBins]int
	Models  map[string]int // records by who decided, of the first sample; empty where not told
	Contigs []ContigCalls  // those of the header, then those of records only
	Sorted  bool

	hetShare float64 // of alternate reads, summed over hets
	hets     int     // heterozygous SNPs of two alleles with reads
	at       int     // contig of the last record
	inner    Record
}

// ContigCalls is a contig's part of the counts.
type ContigCalls struct {
	Name       string
	Length     int // 0 where the header does not tell
	Records    int // no blocks
	SNPs       int // variants with such an allele
	Indels     int
	Ti, Tv     int // of variants
	Het, Hom   int // genotypes of variants: heterozygous of any kind, two of one alternate allele
	Covered    int // bases in records with a genotype, blocks among them
	Confident  int // of them with GQ of at least SureGQ
	end, sites int
}

// SureGQ is the quality from which a genotype counts as confident.
const SureGQ = 20

// NewCalls makes empty counts.
func NewCalls(samples []string, contigs []locus.Contig) *Calls {
	c := &Calls{All: New(samples), Variant: New(samples), Models: map[string]int{}, Sorted: true, at: -1}
	for _, k := range contigs {
		c.Contigs = append(c.Contigs, ContigCalls{Name: k.Name, Length: k.Length})
	}
	return c
}

// anyAllele says whether an allele stands for any other.
func anyAllele(a string) bool { return a == variant.AnyAllele || a == "<NON_REF>" }

// Add counts a record; end is behind its last base, of a block behind the block's.
func (c *Calls) Add(r *Record, end int) {
	k := c.contig(r)
	c.cover(k, r, end)
	in := &c.inner
	*in = Record{r.Contig, r.Start, r.Ref, r.Alts, r.Qual, r.Filter, append(in.Samples[:0], r.Samples...)}
	if n := len(r.Alts); n > 0 && anyAllele(r.Alts[n-1]) {
		if in.Alts = r.Alts[:n-1]; n == 1 {
			c.Blocks++
			return
		}
		for i := range in.Samples {
			x := &in.Samples[i]
			x.AD = x.AD[:min(len(x.AD), n)]
		}
	}
	k.Records++
	c.All.Add(in)
	carried := len(in.Samples) == 0 && len(in.Alts) > 0
	for i := range in.Samples {
		x := &in.Samples[i]
		z := zygosity(x)
		carried = carried || z == Het || z == HomAlt || z == Mixed
		c.balance(in, x, z)
	}
	if len(in.Samples) > 0 && in.Samples[0].Model != "" {
		c.Models[in.Samples[0].Model]++
	}
	c.Kind[kindOf(in, carried)]++
	if carried && (in.Filter == "PASS" || in.Filter == "." || in.Filter == "") {
		c.variant(k, in)
	}
}

func (c *Calls) contig(r *Record) *ContigCalls {
	if c.at < 0 || c.Contigs[c.at].Name != r.Contig {
		c.at = slices.IndexFunc(c.Contigs, func(k ContigCalls) bool { return k.Name == r.Contig })
		if c.at < 0 {
			c.at = len(c.Contigs)
			c.Contigs = append(c.Contigs, ContigCalls{Name: r.Contig})
		}
		if c.Contigs[c.at].sites > 0 {
			c.Sorted = false
		}
	}
	k := &c.Contigs[c.at]
	k.sites++
	return k
}

// cover counts the bases of a record that no record before it had.
func (c *Calls) cover(k *ContigCalls, r *Record, end int) {
	if len(r.Samples) == 0 {
		return
	}
	x := &r.Samples[0]
	from, to := max(r.Start, k.end, 0), max(end, r.Start+1)
	if to <= from || slices.ContainsFunc(x.alleles(), func(a int) bool { return a < 0 }) {
		return
	}
	k.Covered += to - from
	if x.GQ >= SureGQ {
		k.Confident += to - from
	}
	k.end = to
}

func zygosity(x *Sample) Zygosity {
	a, b := x.GT.A, x.GT.B
	if x.Ploidy == 1 {
		b = a
	}
	switch {
	case a < 0 || b < 0:
		return NoCall
	case a == 0 && b == 0:
		return HomRef
	case a == 0 || b == 0:
		return Het
	case a == b:
		return HomAlt
	}
	return Mixed
}

func (c *Calls) balance(r *Record, x *Sample, z Zygosity) {
	sum := 0
	for _, n := range x.AD {
		sum += max(n, 0)
	}
	if sum == 0 || len(x.AD) < 2 {
		return
	}
	share := 1 - float64(max(x.AD[0], 0))/float64(sum)
	c.Balance[z][min(int(share*BalanceBins), BalanceBins-1)]++
	if z != Het || len(r.Alts) != 1 || r.Filter != "PASS" && r.Filter != "." {
		return
	}
	if class, _, _, _ := Classify(r.Ref, r.Alts[0]); class == SNP {
		c.hetShare += share
		c.hets++
	}
}

// HetBalance is the mean share of alternate reads of the heterozygous SNPs that
// pass, and how many they are; NaN where there are none.
func (c *Calls) HetBalance() (share float64, n int) {
	if c.hets == 0 {
		return math.NaN(), 0
	}
	return c.hetShare / float64(c.hets), c.hets
}

func kindOf(r *Record, carried bool) Kind {
	if !carried {
		return RefCall
	}
	var has [Classes]bool
	ins, del := false, false
	for _, a := range r.Alts {
		class, length, _, _ := Classify(r.Ref, a)
		has[class] = true
		ins, del = ins || class == Indel && length > 0, del || class == Indel && length < 0
	}
	only := func(c Class) bool {
		for k, yes := range has {
			if yes && Class(k) != c {
				return false
			}
		}
		return has[c]
	}
	many := Kind(0)
	if len(r.Alts) > 1 {
		many = ManySNP
	}
	switch {
	case only(SNP):
		return many + OneSNP
	case only(Indel) && !del:
		return many + OneIns
	case only(Indel) && !ins:
		return many + OneDel
	case many > 0:
		return ManyComplex
	case only(MNP):
		return OneMNP
	}
	return OneOther
}

func (c *Calls) variant(k *ContigCalls, r *Record) {
	v := c.Variant
	ti, tv, snps, indels := v.Ti, v.Tv, v.Class[SNP], v.Class[Indel]
	v.Add(r)
	k.Ti, k.Tv = k.Ti+v.Ti-ti, k.Tv+v.Tv-tv
	k.SNPs, k.Indels = k.SNPs+v.Class[SNP]-snps, k.Indels+v.Class[Indel]-indels
	for i := range r.Samples {
		switch zygosity(&r.Samples[i]) {
		case Het, Mixed:
			k.Het++
		case HomAlt:
			k.Hom++
		}
	}
}

// FirstPass is how many records the quick model of a cascade decided, by the name
// that it has in FORMAT/MID, and how many tell who decided.
func (c *Calls) FirstPass() (first, told int) {
	for name, n := range c.Models {
		told += n
		if strings.HasSuffix(name, "-first") || name == "small_model" {
			first += n
		}
	}
	return first, told
}
