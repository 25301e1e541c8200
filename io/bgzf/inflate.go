package bgzf

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// The inflater of this file decodes DEFLATE (RFC 1951) for the one case that
// BGZF has: all of the input and room for all of the output lie in memory, so
// that there is no window to keep and a match is copied from the output itself.
// Symbols are looked up by the next bits of the input in tables of 2^10 (literals
// and lengths) and 2^8 (distances) entries; longer codes go on in a sub-table.
// Where two literals fit into one look-up, its entry holds both.

// An entry of a table, from the low bits:
//
//	0-7    bits to drop: the code and the extra bits behind it
//	8-11   bits of the code; in a link to a sub-table, bits that index it
//	12-15  kind
//	16-31  literal, two literals, base of length or distance, place of a sub-table
type entry uint32

const (
	isLiteral   entry = 1 << 15
	isPair      entry = 1 << 14 // two literals, together with isLiteral
	isLink      entry = 1 << 13 // look on in a sub-table
	isSpecial   entry = 1 << 12 // end of block; with isLink: no such code
	noCode            = isLink | isSpecial
	codeShift         = 8
	codeMask          = 15
	valueShift        = 16
	lengthBits        = 10
	distBits          = 8
	maxCode           = 15
	lengthTable       = 1<<lengthBits + 1<<maxCode // a bound of what sub-tables add
	distTable         = 1<<distBits + 1<<maxCode
)

// slack is the room behind the output into which copies of 8 bytes may run.
const slack = 320

var (
	errDeflate = errors.New("damaged DEFLATE data")
	errShort   = errors.New("DEFLATE data ends early")
	errLong    = errors.New("more data than its trailer says")
)

// inflater decodes blocks. It belongs to one goroutine. The zero value is ready.
type inflater struct {
	lengths [1 << lengthBits]entry
	dists   [1 << distBits]entry
	more    []entry // sub-tables of both
	fixed   bool    // the tables are those of the fixed codes
	sizes   [288 + 32]uint8
	order   [288]uint16

	src  []byte
	at   int    // next byte of src
	acc  uint64 // bits of src not used yet, lowest first; those above n are 0 or right
	n    uint   // how many of them count
	dst  []byte // the output, with slack behind size
	out  int
	size int
}

// inflate decodes src into dst, which has slack bytes behind its first size
// ones, and gives the number of bytes.
func (f *inflater) inflate(dst []byte, size int, src []byte) (int, error) {
	f.src, f.at, f.acc, f.n = src, 0, 0, 0
	f.dst, f.out, f.size = dst[:size+slack], 0, size
	for {
		f.refill()
		if f.n < 3 {
			return f.out, errShort
		}
		last, kind := f.acc&1, f.acc>>1&3
		f.drop(3)
		var err error
		switch kind {
		case 0:
			err = f.stored()
		case 1:
			f.fixedCodes()
			err = f.codes()
		case 2:
			if err = f.dynamicCodes(); err == nil {
				err = f.codes()
			}
		default:
			err = errDeflate
		}
		if err != nil || last == 1 {
			return f.out, err
		}
	}
}

// refill fills the accumulator to at least 56 bits, or with all that is left.
func (f *inflater) refill() {
	if f.at+8 <= len(f.src) {
		f.acc |= binary.LittleEndian.Uint64(f.src[f.at:]) << (f.n & 63)
		f.at += int((63 - f.n) >> 3)
		f.n |= 56
		return
	}
	for f.n <= 55 && f.at < len(f.src) {
		f.acc |= uint64(f.src[f.at]) << (f.n & 63)
		f.at++
		f.n += 8
	}
}

func (f *inflater) drop(n uint) {
	f.acc >>= n & 63
	f.n -= n
}

// stored copies a block that is not compressed.
func (f *inflater) stored() error {
	f.drop(f.n & 7)
	f.at -= int(f.n >> 3) // whole bytes go back
	f.acc, f.n = 0, 0
	if f.at+4 > len(f.src) {
		return errShort
	}
	n := int(binary.LittleEndian.Uint16(f.src[f.at:]))
	if n^int(binary.LittleEndian.Uint16(f.src[f.at+2:])) != 0xffff {
		return errDeflate
	}
	f.at += 4
	if f.at+n > len(f.src) {
		return errShort
	}
	if f.out+n > f.size {
		return errLong
	}
	copy(f.dst[f.out:], f.src[f.at:f.at+n])
	f.at += n
	f.out += n
	return nil
}

// fixedCodes sets the tables of RFC 1951, section 3.2.6.
func (f *inflater) fixedCodes() {
	if f.fixed {
		return
	}
	s := f.sizes[:288+32]
	for i := range 288 {
		switch {
		case i < 144:
			s[i] = 8
		case i < 256:
			s[i] = 9
		case i < 280:
			s[i] = 7
		default:
			s[i] = 8
		}
	}
	for i := 288; i < len(s); i++ {
		s[i] = 5
	}
	f.more = f.more[:0]
	f.build(f.lengths[:], lengthBits, s[:288], lengthEntry)
	f.build(f.dists[:], distBits, s[288:], distEntry)
	f.pair()
	f.fixed = true
}

// dynamicCodes reads the tables of RFC 1951, section 3.2.7.
func (f *inflater) dynamicCodes() error {
	f.fixed = false
	f.refill()
	if f.n < 14 {
		return errShort
	}
	lengths, dists, codes := int(f.acc&31)+257, int(f.acc>>5&31)+1, int(f.acc>>10&15)+4
	f.drop(14)
	if lengths > 286 || dists > 30 {
		return errDeflate
	}
	var first [19]uint8
	for i := range codes {
		f.refill()
		if f.n < 3 {
			return errShort
		}
		first[codeOrder[i]] = uint8(f.acc & 7)
		f.drop(3)
	}
	f.more = f.more[:0]
	if !f.build(f.dists[:1<<7], 7, first[:], codeEntry) {
		return errDeflate
	}
	if err := f.readSizes(lengths + dists); err != nil {
		return err
	}
	s := f.sizes[:lengths+dists]
	if s[256] == 0 {
		return errDeflate // no way to end the block
	}
	if !f.build(f.lengths[:], lengthBits, s[:lengths], lengthEntry) || !f.build(f.dists[:], distBits, s[lengths:], distEntry) {
		return errDeflate
	}
	f.pair()
	return nil
}

// readSizes reads n code lengths, which are run-length coded.
func (f *inflater) readSizes(n int) error {
	for i := 0; i < n; {
		f.refill()
		e := f.dists[f.acc&(1<<7-1)]
		drop := uint(e & 0xff)
		if e&isSpecial != 0 {
			return errDeflate
		}
		if drop > f.n {
			return errShort
		}
		extra := int(f.acc & (1<<drop - 1) >> (e >> codeShift & codeMask))
		f.drop(drop)
		sym := int(e >> valueShift)
		if sym < 16 {
			f.sizes[i] = uint8(sym)
			i++
			continue
		}
		run, size := extra+3, uint8(0)
		switch {
		case sym == 16 && i == 0:
			return errDeflate
		case sym == 16:
			size = f.sizes[i-1]
		case sym == 18:
			run = extra + 11
		}
		if i+run > n {
			return errDeflate
		}
		for range run {
			f.sizes[i] = size
			i++
		}
	}
	return nil
}

var codeOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

func codeEntry(sym int) entry {
	var extra entry
	switch sym {
	case 16:
		extra = 2
	case 17:
		extra = 3
	case 18:
		extra = 7
	}
	return entry(sym)<<valueShift | extra
}

// lengthEntry is the entry of a symbol of the first alphabet, without its code.
func lengthEntry(sym int) entry {
	switch {
	case sym < 256:
		return entry(sym)<<valueShift | isLiteral
	case sym == 256:
		return isSpecial
	case sym < 265:
		return entry(sym-257+3) << valueShift
	case sym < 285:
		extra := (sym - 261) / 4
		return entry(3+(4+(sym-265)%4)<<extra)<<valueShift | entry(extra)
	case sym == 285:
		return 258 << valueShift
	}
	return noCode
}

// distEntry is the entry of a distance symbol, without its code.
func distEntry(sym int) entry {
	switch {
	case sym < 4:
		return entry(sym+1) << valueShift
	case sym < 30:
		extra := (sym - 2) / 2
		return entry(1+(2+sym%2)<<extra)<<valueShift | entry(extra)
	}
	return noCode
}

// build makes the table of a canonical Huffman code from the lengths of its
// codes. It says whether they are a code: complete, or one of a single bit, or
// none, which zlib takes too.
func (f *inflater) build(table []entry, tableBits int, sizes []uint8, of func(int) entry) bool {
	var count [maxCode + 1]int
	for _, s := range sizes {
		count[s]++
	}
	longest := maxCode
	for longest > 0 && count[longest] == 0 {
		longest--
	}
	var first [maxCode + 2]int // per length: where its symbols start in order
	room := 1
	for n := 1; n <= maxCode; n++ {
		if room = 2*room - count[n]; room < 0 {
			return false
		}
		first[n+1] = first[n] + count[n]
	}
	if room > 0 {
		if longest > 1 {
			return false
		}
		for i := range table {
			table[i] = noCode
		}
	}
	for sym, s := range sizes {
		if s > 0 {
			f.order[first[s]] = uint16(sym)
			first[s]++
		}
	}
	code, i := 0, 0 // codes are kept with their first bit highest
	for n := 1; n <= min(longest, tableBits); n++ {
		for range count[n] {
			e := of(int(f.order[i]))
			i++
			e += entry(n)<<codeShift + entry(n)
			for k := reverse(code, n); k < len(table); k += 1 << n {
				table[k] = e
			}
			code++
		}
		code <<= 1
	}
	if longest > tableBits {
		f.subTables(table, tableBits, longest, code, i, &count, of)
	}
	return true
}

// subTables goes on with the codes longer than tableBits, of which code is the
// first, as it stands at length tableBits+1, and order[i] its symbol.
func (f *inflater) subTables(table []entry, tableBits, longest, code, i int, count *[maxCode + 1]int, of func(int) entry) {
	prefix, start, subBits := -1, 0, 0
	for n := tableBits + 1; n <= longest; n++ {
		for left := count[n]; left > 0; left-- {
			if p := code >> (n - tableBits); p != prefix {
				prefix = p
				// The sub-table has room for all codes of its prefix: as
				// many bits as fill it.
				subBits = n - tableBits
				for room := 1<<subBits - left; room > 0 && tableBits+subBits < longest; {
					subBits++
					room = 2*room - count[tableBits+subBits]
				}
				start = len(f.more)
				for range 1 << subBits {
					f.more = append(f.more, noCode)
				}
				table[reverse(p, tableBits)] = entry(start)<<valueShift | isLink | entry(subBits)<<codeShift
			}
			e := of(int(f.order[i]))
			i++
			e += entry(n)<<codeShift + entry(n)
			low := code & (1<<(n-tableBits) - 1)
			for k := reverse(low, n-tableBits); k < 1<<subBits; k += 1 << (n - tableBits) {
				f.more[start+k] = e
			}
			code++
		}
		code <<= 1
	}
}

func reverse(code, n int) int { return int(bits.Reverse16(uint16(code)) >> (16 - n)) }

// pair puts two literals into one entry where both codes fit its bits. From
// the end, because an entry looks at one before it.
func (f *inflater) pair() {
	t := &f.lengths
	for i := len(t) - 1; i >= 0; i-- {
		a := t[i]
		n := a & 0xff
		if a&isLiteral == 0 || n >= lengthBits {
			continue
		}
		b := t[i>>n]
		if b&(isLiteral|isPair) == isLiteral && b&0xff <= lengthBits-n {
			t[i] = b>>valueShift<<(valueShift+8) | a&(0xff<<valueShift) | isLiteral | isPair | (n + b&0xff)
		}
	}
}
