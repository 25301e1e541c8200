// Package variant holds the nouns of calling: a variant site, what a classifier
// says of it, and the call made from that.
package variant

// Variant is a place where a sample may differ from the reference: the bases
// Ref at [Start, End) of a contig, and what may stand there instead. Positions
// are 0-based and half-open.
type Variant struct {
	Contig     string
	Start, End int
	Ref        string   // the reference bases, never empty
	Alts       []string // alternate alleles, in the order of their numbers 1, 2, ...
}

// Site is a candidate variant with the counts of reads behind it. The counts
// are made once, where the reads are, and copied through unchanged.
type Site struct {
	Variant
	Depth int       // DP: reads that support an allele, low-quality bases left out
	AD    []int     // reads per allele, reference first; len(Alts)+1
	VAF   []float64 // AD/DP per alternate allele; len(Alts)
}

// Likelihoods is what a classifier says of one alt set of a site: the alternate
// alleles whose indices (into Alts, from 0) stand in AltSet, taken together as
// "the alt". P holds the probabilities of no, one and two copies of it.
// A site with n alternate alleles has n + n(n-1)/2 of these, see AltSets.
type Likelihoods struct {
	AltSet []int
	P      [3]float64
	Model  string // which model decided, for FORMAT/MID; empty for the main one
}

// AltSets lists the alt sets of a site with n alternate alleles in the order of
// DeepVariant's ADD_HET_ALT_IMAGES mode: pairs out of (ref, 1 .. n) in order,
// the reference removed. n = 2 gives {0} {1} {0,1}.
func AltSets(n int) [][]int {
	sets := make([][]int, 0, n+n*(n-1)/2)
	for i := range n {
		sets = append(sets, []int{i})
	}
	for i := range n {
		for j := i + 1; j < n; j++ {
			sets = append(sets, []int{i, j})
		}
	}
	return sets
}

// Genotype is the pair of alleles a sample carries: 0 is the reference, i the
// i-th alternate allele, Missing unknown.
type Genotype struct {
	A, B   int
	Phased bool
}

// Missing is the allele number of a no-call.
const Missing = -1

// NoCall is the genotype ./. .
var NoCall = Genotype{A: Missing, B: Missing}

// Index is the place of the unordered genotype a/b in VCF's order of genotype
// likelihoods: b(b+1)/2 + a for a <= b (VCF 4.3, section 1.6.2).
func Index(a, b int) int {
	if a > b {
		a, b = b, a
	}
	return b*(b+1)/2 + a
}

// Genotypes is the number of unordered diploid genotypes of n alleles.
func Genotypes(n int) int { return n * (n + 1) / 2 }

// The filters of a call.
const (
	Pass    = "PASS"
	RefCall = "RefCall"
	LowQual = "LowQual"
	NoCalls = "NoCall"
)

// Call is the decision on a site of one sample: one line of the VCF.
type Call struct {
	Site
	Qual   float64 // Phred: -10 log10 P(the sample is homozygous reference)
	Filter string
	GT     Genotype
	GQ     int
	GL     []float64 // log10 likelihoods in VCF order; Genotypes(len(Alts)+1), or 2 in a compatible no-call
	Model  string    // FORMAT/MID, empty where not told
	Phase  string    // FORMAT/PS, empty where unphased

	Methylation *Methylation // nil where reads tell nothing of it
	Candidates  string       // INFO/CANDIDATES: the alternate alleles before any was left out, | between them; empty where not told
}

// Methylation is what reads tell of modified bases at a site.
type Methylation struct {
	Fraction []float64 // FORMAT/MF: per allele, reference first
	Depth    []int     // FORMAT/MD: reads behind it, per allele
	Type     string    // FORMAT/MT: 0/0, 0/1 or 1/1, empty where not told
}
