package bgzf

import "fmt"

// Offset is a virtual file offset: the byte at which a block starts in the
// file, shifted left by 16, and the place in the block's uncompressed bytes
// (SAM specification, section 4.1.1). Offsets of one file order as its bytes
// do.
type Offset uint64

// MakeOffset packs the start of a block, below 2^48, and a place in it, below
// 2^16.
func MakeOffset(file int64, within int) Offset { return Offset(file)<<16 | Offset(within) }

// File is the byte at which the block starts.
func (o Offset) File() int64 { return int64(o >> 16) }

// Within is the place in the uncompressed bytes of the block.
func (o Offset) Within() int { return int(o & 0xffff) }

// String gives file:within.
func (o Offset) String() string { return fmt.Sprintf("%d:%d", o.File(), o.Within()) }
