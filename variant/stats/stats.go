// Package stats counts what stands in a VCF: kinds of variants, transitions
// and transversions, genotypes, lengths of insertions and deletions, and
// histograms of depth and qualities; for the report, and as text in the layout
// of bcftools stats, which MultiQC and plot-vcfstats read.
//
// Alternate alleles are classified one by one, after taking off the common end
// and then the common beginning: one base is a SNP, several of equal number an
// MNP, all with bases on one side only an indel, the rest and all symbolic ones
// other. A record is of every class that an allele of it has.
package stats

import (
	"math"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/variant"
)

// Record is a line of a VCF, as it is counted.
type Record struct {
	Contig  string
	Start   int
	Ref     string
	Alts    []string
	Qual    float64 // NaN where missing
	Filter  string  // as in the file
	Samples []Sample
}

// Sample is what a record says of one sample.
type Sample struct {
	GT     variant.Genotype // both alleles Missing where it is; a haploid one has Missing for B
	Ploidy int
	Depth  int // -1 where missing
	GQ     int // -1 where missing
	AD     []int
	Model  string // FORMAT/MID, who decided; only Calls looks at it
}

// Class is the kind of an alternate allele.
type Class int

const (
	SNP Class = iota
	MNP
	Indel
	Other
	Classes // their number
)

// String is the class in words.
func (c Class) String() string { return [...]string{"SNP", "MNP", "indel", "other"}[c] }

// Classify is the class of an allele, the change of its length, and for a SNP
// the two bases.
func Classify(ref, alt string) (c Class, length int, from, to byte) {
	if strings.Trim(alt, "ACGTNacgtn") != "" || alt == "" {
		return Other, 0, 0, 0
	}
	ref, alt = strings.ToUpper(ref), strings.ToUpper(alt)
	length = len(alt) - len(ref)
	for len(ref) > 0 && len(alt) > 0 && ref[len(ref)-1] == alt[len(alt)-1] {
		ref, alt = ref[:len(ref)-1], alt[:len(alt)-1]
	}
	for len(ref) > 0 && len(alt) > 0 && ref[0] == alt[0] {
		ref, alt = ref[1:], alt[1:]
	}
	switch {
	case len(ref) == 1 && len(alt) == 1:
		return SNP, 0, ref[0], alt[0]
	case len(ref) == len(alt) && len(ref) > 1:
		return MNP, 0, 0, 0
	case len(ref) == 0 && len(alt) > 0, len(alt) == 0 && len(ref) > 0:
		return Indel, length, 0, 0
	}
	return Other, length, 0, 0
}

// Transition says whether a SNP keeps the kind of base: A and G, C and T.
func Transition(from, to byte) bool {
	return strings.Contains("AGA", string([]byte{from, to})) || strings.Contains("CTC", string([]byte{from, to}))
}

const (
	mostDepth  = 500 // deeper ones are one bin
	mostQual   = 1 << 14
	vafBins    = 10
	mostLength = 60 // longer indels are counted with those of this length
)

// Stats is the counts of a file.
type Stats struct {
	Samples      []string
	Records      int
	NoAlts       int
	Class        [Classes]int // records that have an allele of the class
	Multiallelic int
	MultiSNP     int // multiallelic, and all alleles SNPs
	Filters      map[string]int
	Ti, Tv       int // of all alternate alleles
	FirstTi      int // of the first of each record
	FirstTv      int
	Changes      [4][4]int                // SNPs by base from and to, in the order ACGT
	Qual         map[int]*QualBin         // by whole QUAL; -1 where missing
	Lengths      [2*mostLength + 1]Length // of indels, by the change of length + 60
	SiteDepth    [mostDepth + 2]int       // sites by the sum over samples
	Depth        [mostDepth + 2]int       // genotypes
	GQ           [101]int                 // genotypes
	VAF          [vafBins]int             // of called alternate alleles, by tenths
	Sample       []PerSample              // by sample
	Contigs      []PerContig              // in the order of the file
	contig       int                      // of the last record
}

// QualBin is the alleles of records of one quality.
type QualBin struct{ SNPs, Ti, Tv, Indels int }

// Length is indels of one length.
type Length struct {
	Sites, Genotypes int
	vaf              float64 // summed over n
	n                int
}

// MeanVAF is the mean fraction of reads over the genotypes that carry the
// indel, NaN where none tells.
func (l *Length) MeanVAF() float64 { return l.vaf / float64(l.n) }

// PerSample is the counts of one sample.
type PerSample struct {
	RefHom                       int // of all records
	AltHom, Het                  int // with a SNP allele
	Ti, Tv, Indels, Singletons   int
	HapRef, HapAlt, Missing      int
	depth, depths                int
	IndelHet, IndelHom, Genotype int // Genotype: all that are not missing
}

// MeanDepth is the mean depth of a sample's genotypes, 0 where none is told.
func (p *PerSample) MeanDepth() float64 {
	if p.depths == 0 {
		return 0
	}
	return float64(p.depth) / float64(p.depths)
}

// PerContig tells how complete a contig is.
type PerContig struct {
	Name            string
	Records         int
	First, Last     int // starts, 0-based
	Called, Missing int // genotypes
}

// New makes empty counts for samples.
func New(samples []string) *Stats {
	return &Stats{Samples: samples, Sample: make([]PerSample, len(samples)), Filters: map[string]int{}, Qual: map[int]*QualBin{}, contig: -1}
}

// Add counts a record, which has as many samples as New was told.
func (s *Stats) Add(r *Record) {
	s.Records++
	s.Filters[r.Filter]++
	c := s.place(r)
	if len(r.Alts) == 0 {
		s.NoAlts++
	}
	kinds := make([]kind, len(r.Alts))
	var has [Classes]bool
	for i, a := range r.Alts {
		k := &kinds[i]
		k.class, k.length, k.from, k.to = Classify(r.Ref, a)
		k.ti = k.class == SNP && Transition(k.from, k.to)
		has[k.class] = true
		s.allele(r, i, k)
	}
	for k, yes := range has {
		if yes {
			s.Class[k]++
		}
	}
	if len(r.Alts) > 1 {
		s.Multiallelic++
		if has[SNP] && !has[MNP] && !has[Indel] && !has[Other] {
			s.MultiSNP++
		}
	}
	total := 0
	carriers := make([]int, len(r.Alts)+1)
	for i := range r.Samples {
		x := &r.Samples[i]
		total += max(x.Depth, 0)
		for _, a := range x.alleles() {
			if 0 <= a && a < len(carriers) {
				carriers[a]++
			}
		}
	}
	s.SiteDepth[min(total, mostDepth+1)]++
	for i := range r.Samples {
		s.genotype(r, i, kinds, carriers, c)
	}
}

// kind is what an alternate allele is.
type kind struct {
	class    Class
	length   int
	from, to byte
	ti       bool
}

func (s *Stats) place(r *Record) *PerContig {
	if s.contig < 0 || s.Contigs[s.contig].Name != r.Contig {
		s.contig = slices.IndexFunc(s.Contigs, func(c PerContig) bool { return c.Name == r.Contig })
		if s.contig < 0 {
			s.contig = len(s.Contigs)
			s.Contigs = append(s.Contigs, PerContig{Name: r.Contig, First: r.Start})
		}
	}
	c := &s.Contigs[s.contig]
	c.Records++
	c.Last = r.Start
	return c
}

func (s *Stats) allele(r *Record, i int, k *kind) {
	q := -1
	if !math.IsNaN(r.Qual) {
		q = int(min(max(r.Qual, 0), mostQual))
	}
	bin := s.Qual[q]
	if bin == nil {
		bin = &QualBin{}
		s.Qual[q] = bin
	}
	switch k.class {
	case SNP:
		if a, b := strings.IndexByte("ACGT", k.from), strings.IndexByte("ACGT", k.to); a >= 0 && b >= 0 {
			s.Changes[a][b]++
		}
		first := 0
		if i == 0 {
			first = 1
		}
		bin.SNPs++
		if k.ti {
			s.Ti++
			bin.Ti++
			s.FirstTi += first
		} else {
			s.Tv++
			bin.Tv++
			s.FirstTv += first
		}
	case Indel:
		bin.Indels++
		s.Lengths[lengthBin(k.length)].Sites++
	}
}

func lengthBin(n int) int { return min(max(n, -mostLength), mostLength) + mostLength }

func (x *Sample) alleles() []int {
	if x.Ploidy == 1 {
		return []int{x.GT.A}
	}
	return []int{x.GT.A, x.GT.B}
}

func (s *Stats) genotype(r *Record, i int, kinds []kind, carriers []int, c *PerContig) {
	x, p := &r.Samples[i], &s.Sample[i]
	if x.Depth >= 0 {
		s.Depth[min(x.Depth, mostDepth+1)]++
		p.depth, p.depths = p.depth+x.Depth, p.depths+1
	}
	if x.GQ >= 0 {
		s.GQ[min(x.GQ, len(s.GQ)-1)]++
	}
	alleles := x.alleles()
	if slices.ContainsFunc(alleles, func(a int) bool { return a < 0 || a > len(kinds) }) {
		p.Missing++
		c.Missing++
		return
	}
	p.Genotype++
	c.Called++
	if x.Ploidy == 1 {
		if x.GT.A > 0 {
			p.HapAlt++
		} else {
			p.HapRef++
		}
	} else {
		p.zygosity(x.GT, kinds)
	}
	seen := 0
	for _, a := range alleles {
		if a == 0 || a == seen {
			continue
		}
		seen = a
		k := &kinds[a-1]
		vaf := x.fraction(a)
		if !math.IsNaN(vaf) {
			s.VAF[min(int(vaf*vafBins), vafBins-1)]++
		}
		if carriers[a] == 1 {
			p.Singletons++
		}
		switch {
		case k.class == Indel:
			p.Indels++
			l := &s.Lengths[lengthBin(k.length)]
			l.Genotypes++
			if !math.IsNaN(vaf) {
				l.vaf, l.n = l.vaf+vaf, l.n+1
			}
		case k.ti:
			p.Ti++
		case k.class == SNP:
			p.Tv++
		}
	}
}

// zygosity counts a diploid genotype, by the classes it has.
func (p *PerSample) zygosity(g variant.Genotype, kinds []kind) {
	if g.A == 0 && g.B == 0 {
		p.RefHom++
		return
	}
	is := func(c Class) bool { return g.A > 0 && kinds[g.A-1].class == c || g.B > 0 && kinds[g.B-1].class == c }
	hom := g.A == g.B
	switch {
	case is(SNP) && hom:
		p.AltHom++
	case is(SNP):
		p.Het++
	case is(Indel) && hom:
		p.IndelHom++
	case is(Indel):
		p.IndelHet++
	}
}

// fraction is the share of the reads that show allele a, NaN where not told.
func (x *Sample) fraction(a int) float64 {
	sum := 0
	for _, n := range x.AD {
		sum += max(n, 0)
	}
	if a >= len(x.AD) || sum == 0 {
		return math.NaN()
	}
	return float64(max(x.AD[a], 0)) / float64(sum)
}
