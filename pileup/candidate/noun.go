// Package candidate finds the sites where a sample may differ from the
// reference (DeepVariant's "very sensitive caller").
package candidate

import "github.com/gx-genomics/gx/variant"

// Candidate is a site worth classifying, with the reads behind each allele.
type Candidate struct {
	variant.Site
	Shown          // by the reads of the sample itself
	Others []Shown // by those of the further samples, in the order in which their counts were given

	Methylation *variant.Methylation // nil where no read of an allele is methylated, or it is not looked at
}

// Shown is what the reads of a sample show of the alleles of a candidate.
type Shown struct {
	Support    [][]Support // per alternate allele in the order of Alts
	Other      []Support   // reads with any other non-reference allele ("UNCALLED_ALLELE")
	RefSupport []Support   // reads with the reference allele; only where these are tracked
}

// In is the candidate as another sample sees it: the same alleles, with the
// reads of the further sample k.
func (c *Candidate) In(k int) Candidate { return Candidate{Site: c.Site, Shown: c.Others[k]} }

// Support is one read that carries an allele.
type Support struct {
	Read  int32 // index into the reads that the counts were made from
	Low   bool  // low base quality: it colours the picture but is not in AD or DP
	BaseQ byte  // of the base, the mean of an insertion's bases rounded down, of the base before a deletion

	Methylated bool // the base is methylated,
	Level      byte // with this probability out of 255
}
