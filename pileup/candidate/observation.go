package candidate

// Observation is what one read says about a candidate: the raw material of a
// likelihood model.
type Observation struct {
	Read   int32 // index into the reads that the counts were made from
	Allele int16 // 0 the reference, i+1 the i-th alternate allele, or OtherAllele

	// BaseQ is the Phred quality of the evidence. For one base on the reference
	// its own; for an insertion or a soft clip the mean of its bases, rounded
	// down; for a deletion, and for a read with the reference at a site of
	// indels, the lower of the two bases at the junction. 255 where the file
	// has no qualities.
	BaseQ byte
	MapQ  byte

	Reverse bool // the read lies on the reverse strand
	Low     bool // of low quality: in no count

	// Spans says whether the alignment reaches beyond all that the alleles
	// change, so that the read could tell each of them from the others.
	Spans bool

	Cycle int32 // bases that were sequenced before the site, hard clips left out
	Edge  int32 // aligned bases between the site and the nearer end of the aligned part; 0 at that end or in a clip
}

// OtherAllele is an allele of the read that the candidate does not list.
const OtherAllele = -1
