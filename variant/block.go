package variant

// AnyAllele is the symbolic alternate allele that stands in a gVCF for every
// allele not listed (VCF 4.3, section 5.5); GATK writes NonRef for it.
const (
	AnyAllele = "<*>"
	NonRef    = "<NON_REF>"
)

// Block is a run of positions at which no variant is called: one line of a
// gVCF, from Start up to End of a contig, 0-based and half-open.
type Block struct {
	Contig     string
	Start, End int
	Ref        byte       // the reference base at Start, upper case
	GT         Genotype   // 0/0, or NoCall where the reference is not the likeliest
	GQ         int        // the smallest of the run
	GL         [3]float64 // log10 likelihoods of 0/0, 0/1, 1/1
	MinDP      int        // the smallest depth of the run
	MedDP      int        // the median depth, cut to a whole number; -1 where not told
}
