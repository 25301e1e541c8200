// Package tabix makes and reads the indexes of tables that are sorted by place
// and packed by bgzip: .tbi (the tabix specification) and .csi (the CSI
// specification, for contigs longer than 2^29 bases). Both divide a contig
// into bins of nested sizes and list, for each bin, where in the file its
// records lie.
package tabix

import (
	"errors"

	"github.com/gx-genomics/gx/io/bgzf"
)

// Layout tells how the lines of a table give their place. Columns count
// from 1.
type Layout struct {
	Preset          int32 // 0 generic, 1 SAM, 2 VCF; with 0x10000, starts count from 0
	Seq, Begin, End int32 // columns of the contig, the first and the last base; End 0 where there is none
	Meta            int32 // lines that begin with this character are passed over
	Skip            int32 // lines at the beginning that are passed over
}

// VCF is the layout of VCF, of which both the column of Ref and INFO END tell
// the end.
var VCF = Layout{Preset: 2, Seq: 1, Begin: 2, Meta: '#'}

// Chunk is a stretch of the file between two virtual offsets.
type Chunk struct{ Begin, End bgzf.Offset }

const (
	shift     = 14 // the smallest bins, and the windows of the linear index, are of 2^14 bases
	tbiDepth  = 5  // levels of bins below the root in .tbi, which so reaches to 2^29
	maxDepth  = 9
	tbiLength = 1 << (shift + 3*tbiDepth)
)

// ErrTooLong is in the chain of errors about a record behind the reach of .tbi.
var ErrTooLong = errors.New("behind base 2^29, which .tbi does not reach; remedy: a .csi index")

// firstBin is the number of the first bin of a level; the root is level 0.
func firstBin(level int) int { return (1<<(3*level) - 1) / 7 }

// binOf is the smallest bin that holds [start, end).
func binOf(start, end, shift, depth int) int {
	end = max(end, start+1) - 1
	s := shift
	for level := depth; level > 0; level-- {
		if start>>s == end>>s {
			return firstBin(level) + start>>s
		}
		s += 3
	}
	return 0
}
