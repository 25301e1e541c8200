// Package align holds aligned sequencing reads as values: one Read, its Cigar,
// and a Batch, which keeps the reads of a region in one block of memory.
package align

// Flag is the FLAG field of SAM (SAM specification, section 1.4).
type Flag uint16

// The bits of FLAG.
const (
	Paired        Flag = 0x1
	ProperPair    Flag = 0x2
	Unmapped      Flag = 0x4
	MateUnmapped  Flag = 0x8
	Reverse       Flag = 0x10
	MateReverse   Flag = 0x20
	FirstOfPair   Flag = 0x40
	SecondOfPair  Flag = 0x80
	Secondary     Flag = 0x100
	QCFail        Flag = 0x200
	Duplicate     Flag = 0x400
	Supplementary Flag = 0x800
)

// Read is one aligned record of a BAM, SAM or CRAM file. Positions are 0-based.
// Its slices and its name belong to whoever made it: a reader's are valid
// until its next step, a Batch's until its Reset.
type Read struct {
	Name   string // QNAME: the name of the fragment
	Flag   Flag
	Contig int // index in the contigs of the file's header, -1 where unmapped
	Start  int // first aligned reference base
	MapQ   byte
	Cigar  Cigar
	Bases  []byte // upper-case letters, one per base of the read, soft clips included
	Quals  []byte // Phred base qualities, as many as Bases; all 0xff where the file has none

	MateContig  int // index as Contig, -1 where unknown
	MateStart   int
	TemplateLen int    // TLEN
	Aux         []byte // optional fields in BAM's encoding, see Tag
}

// End is the position behind the last reference base that the read covers.
func (r *Read) End() int { return r.Start + r.Cigar.RefLen() }

// Number is 1 for the second read of a pair, else 0. Name and Number together
// are the key by which a fragment's reads are told apart (name/0, name/1).
func (r *Read) Number() int {
	if r.Flag&Paired != 0 && r.Flag&FirstOfPair == 0 {
		return 1
	}
	return 0
}

// HasQuals says whether the file gave base qualities.
func (r *Read) HasQuals() bool { return len(r.Quals) > 0 && r.Quals[0] != 0xff }
