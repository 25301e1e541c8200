package classify

import (
	"context"

	"github.com/gx-genomics/gx/pileup/noise"
	"github.com/gx-genomics/gx/variant"
)

// Evidence is a candidate site and what there is to judge it by. A classifier
// takes the part it knows: the reads one by one, or pictures of them.
type Evidence struct {
	Site variant.Site

	// Reads are the observations of the reads over the site, in any order.
	Reads []Read

	// Ref is a stretch of the reference around the site, in upper case, and
	// RefStart the position of its first base. It holds the site; how far it
	// reaches beyond decides how much of a repeat can be seen.
	Ref      []byte
	RefStart int

	// Around is how many per cent of the reads show something else than the
	// reference, at the positions from 25 before the start of the site to 25
	// behind it. Where it is short, nothing is known of the last ones.
	Around []int

	// Noise is how often the reads of the library are wrong; nil where nothing is
	// known of it.
	Noise *noise.Noise

	// Summed, where there is any, is what Reads, Ref, Around and Noise say, summed up
	// before: networks, the counts model and Slips then look at none of the four.
	Summed *Summed

	// Draw appends the pileup image of an alt set (indices into Site.Alts) to
	// dst. It is nil where nobody draws; a classifier calls it only for sites
	// that it cannot settle otherwise.
	Draw func(dst []byte, altSet []int) ([]byte, error)
}

// Other is the Allele of a read that shows none of the site's alleles.
const Other = -1

// Read is what one read says at a site.
type Read struct {
	Allele      int  // 0 the reference, i+1 the alternate allele i, or Other
	BaseQ       byte // Phred quality of the bases that show it
	MapQ        byte // Phred quality of the read's place
	Reverse     bool // it lies on the reverse strand
	Left, Right int  // aligned bases of the read before and behind the base at the start of the site

	// Fit, where there is any, is the likelihood of the read's bases for each
	// allele, reference first, in units of the largest. It says more than
	// Allele where the alignment may have missed an insertion or deletion.
	Fit []float32

	// Gap is the number of bases that the alignment has inserted (above 0) or
	// deleted (below 0) in the stretch over which the indels of the site can be
	// shifted. Across says that the read reaches over all of it, so that this is
	// the length that it has seen; Gap means nothing without.
	Gap    int
	Across bool
}

// A Classifier says how probable no, one and two copies of each alt set of a
// site are.
//
// Classify hands the likelihoods of site i to emit, for i = 0, 1, ...,
// len(sites)-1 in this order: one per alt set in the order of
// variant.AltSets, its probabilities summing to 1. What it says of a site
// depends on that site alone, never on its neighbours in the call, on earlier
// calls or on the number of threads. The slice is emit's to keep. It ends with
// the first error, of its own, of emit or of ctx, and is safe for concurrent
// use.
type Classifier interface {
	// Name is what stands in FORMAT/MID and in the header; it does not change.
	Name() string
	Classify(ctx context.Context, sites []*Evidence, emit func(i int, sets []variant.Likelihoods) error) error
}
