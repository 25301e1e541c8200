package pileup

import (
	"context"
	"iter"

	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// A ReadSource yields the reads that overlap a region, in coordinate order (for
// several files: in the order the compatible modes ask for). A read is valid
// until the next step. It is called from many goroutines at once.
type ReadSource interface {
	Reads(ctx context.Context, r locus.Region) iter.Seq2[*align.Read, error]
}

// A Reference gives the bases of a genome in upper case, IUPAC codes as they
// are. It is called from many goroutines at once.
type Reference interface {
	Contigs() *locus.Contigs
	// Bases appends the bases of a region to dst.
	Bases(dst []byte, r locus.Region) ([]byte, error)
}

// Cell is one cell of the grid with all that is known there. It is valid until
// the function that it is given to returns.
type Cell struct {
	Region     locus.Region            // the positions that this cell answers for
	Reads      []align.Read            // realigned, in the order in which images take them
	Counts     *count.Counts           // of Region
	Candidates []candidate.Candidate   // that start in Region
	Ref        count.Window            // the reference around the cell, at least Margin bases on both sides within the contig
}

// Margin is how far behind the borders of a cell its Ref reaches.
const Margin = 1000
