package dosage

import "encoding/binary"

// Table spreads the four hard calls of a byte to four bytes: what stands for
// 0, 1, 2 copies and missing is chosen when it is made. A Table is read only
// and may be shared.
type Table [256]uint32

// NewTable makes the table in which a call of c becomes values[c].
func NewTable(values [4]uint8) *Table {
	var t Table
	for b := range t {
		for k := range 4 {
			t[b] |= uint32(values[b>>(2*k)&3]) << (8 * k)
		}
	}
	return &t
}

// Unpack writes one byte for each of the first len(dst) calls.
func (t *Table) Unpack(dst []uint8, calls []uint64) {
	calls = calls[:Words(len(dst))]
	for _, w := range calls {
		if len(dst) < WordSamples {
			for i := range dst {
				dst[i] = uint8(t[uint8(w>>(i/4*8))] >> (i % 4 * 8))
			}
			return
		}
		d := dst[:WordSamples:WordSamples]
		binary.LittleEndian.PutUint64(d, uint64(t[uint8(w)])|uint64(t[uint8(w>>8)])<<32)
		binary.LittleEndian.PutUint64(d[8:], uint64(t[uint8(w>>16)])|uint64(t[uint8(w>>24)])<<32)
		binary.LittleEndian.PutUint64(d[16:], uint64(t[uint8(w>>32)])|uint64(t[uint8(w>>40)])<<32)
		binary.LittleEndian.PutUint64(d[24:], uint64(t[uint8(w>>48)])|uint64(t[uint8(w>>56)])<<32)
		dst = dst[WordSamples:]
	}
}
