package bgzf

import (
	"encoding/binary"
	"unsafe"
)

// codes decodes the symbols of a block until its end.
func (f *inflater) codes() error {
	for {
		done, err := f.fast()
		if done || err != nil {
			return err
		}
		// The last bytes of input or output, or of a block in the middle of
		// them: one symbol with every check.
		if done, err = f.symbol(); done || err != nil {
			return err
		}
	}
}

// fast decodes while input and output are far enough from their ends that no
// symbol can pass them, and says whether the block has ended.
//
// Within one turn of the loop at most 14 bytes of input are loaded past, by two
// refills of 7, and a load takes 8: with 16 left before the first, the second
// stays within src. At most six literals are written, and with the last one
// byte too many; 8 are left before size. A match is checked against size, its
// copy writes up to 15 bytes too many. All of that is less than the slack behind
// size. A match reads behind out only, and not before the start of dst.
func (f *inflater) fast() (done bool, err error) {
	src, dst, more := f.src, f.dst, f.more
	at, acc, n, out := f.at, f.acc, f.n, f.out
	lengths, dists := &f.lengths, &f.dists
	in, to := unsafe.Pointer(unsafe.SliceData(src)), unsafe.Pointer(unsafe.SliceData(dst))
	for at+16 <= len(src) && out+8 <= f.size {
		acc |= load64(in, at) << (n & 63)
		at += int((63 - n) >> 3)
		n |= 56
		e := lengths[acc&(1<<lengthBits-1)]
		if e&isLiteral != 0 {
			// Three look-ups take at most 30 of the 56 bits, and yield at most
			// six literals.
			acc >>= e & 63
			n -= uint(e & 63)
			store16(to, out, uint16(e>>valueShift))
			out += 1 + int(e>>14&1)
			e = lengths[acc&(1<<lengthBits-1)]
			if e&isLiteral != 0 {
				acc >>= e & 63
				n -= uint(e & 63)
				store16(to, out, uint16(e>>valueShift))
				out += 1 + int(e>>14&1)
				e = lengths[acc&(1<<lengthBits-1)]
				if e&isLiteral != 0 {
					acc >>= e & 63
					n -= uint(e & 63)
					store16(to, out, uint16(e>>valueShift))
					out += 1 + int(e>>14&1)
					continue
				}
			}
			acc |= load64(in, at) << (n & 63)
			at += int((63 - n) >> 3)
			n |= 56
		}
		if e&(isLink|isSpecial) != 0 {
			if e&isLink != 0 {
				if e&isSpecial != 0 {
					err = errDeflate
					break
				}
				e = more[int(e>>valueShift)+int(acc>>lengthBits&(1<<(e>>codeShift&codeMask)-1))]
			}
			if e&isLiteral != 0 {
				acc >>= e & 63
				n -= uint(e & 63)
				dst[out] = byte(e >> valueShift)
				out++
				continue
			}
			if e&isSpecial != 0 {
				if e&isLink != 0 {
					err = errDeflate
					break
				}
				acc >>= e & 63
				n -= uint(e & 63)
				done = true
				break
			}
		}
		// At most 20 bits here and 28 for the distance, of at least 56.
		drop := e & 63
		length := int(e>>valueShift) + int(acc&(1<<drop-1)>>(e>>codeShift&codeMask))
		acc >>= drop
		n -= uint(drop)
		e = dists[acc&(1<<distBits-1)]
		if e&isLink != 0 {
			if e&isSpecial == 0 {
				e = more[int(e>>valueShift)+int(acc>>distBits&(1<<(e>>codeShift&codeMask)-1))]
			}
			if e&isSpecial != 0 {
				err = errDeflate
				break
			}
		}
		drop = e & 63
		dist := int(e>>valueShift) + int(acc&(1<<drop-1)>>(e>>codeShift&codeMask))
		acc >>= drop
		n -= uint(drop)
		if dist > out {
			err = errDeflate
			break
		}
		if out+length > f.size {
			err = errLong
			break
		}
		if dist < 8 {
			copyNear(dst, out, dist, length)
			out += length
			continue
		}
		from, end := out-dist, out+length
		for {
			store64(to, out, load64(to, from))
			store64(to, out+8, load64(to, from+8))
			if out += 16; out >= end {
				break
			}
			from += 16
		}
		out = end
	}
	f.at, f.acc, f.n, f.out = at, acc, n, out
	return done, err
}

// The fast loop reads and writes without bounds checks: its condition is the
// check. Each access goes through an array of the right size, so that it is the
// same on every architecture.

func load64(p unsafe.Pointer, at int) uint64 {
	return binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(p, at))[:])
}

func store64(p unsafe.Pointer, at int, v uint64) {
	binary.LittleEndian.PutUint64((*[8]byte)(unsafe.Add(p, at))[:], v)
}

func store16(p unsafe.Pointer, at int, v uint16) {
	binary.LittleEndian.PutUint16((*[2]byte)(unsafe.Add(p, at))[:], v)
}

// copyNear repeats length bytes that lie dist back, 1 to 7. It may write up to
// seven bytes too many.
func copyNear(dst []byte, out, dist, length int) {
	if dist == 1 {
		v := uint64(dst[out-1]) * 0x0101010101010101
		for end := out + length; out < end; out += 8 {
			binary.LittleEndian.PutUint64(dst[out:], v)
		}
		return
	}
	for end := out + length; out < end; out++ {
		dst[out] = dst[out-dist]
	}
}

// symbol decodes one symbol with every check. It says whether it ended the
// block.
func (f *inflater) symbol() (done bool, err error) {
	f.refill()
	e := f.lengths[f.acc&(1<<lengthBits-1)]
	if e&(isLink|isSpecial) == isLink {
		e = f.more[int(e>>valueShift)+int(f.acc>>lengthBits&(1<<(e>>codeShift&codeMask)-1))]
	}
	if e&isLink != 0 {
		return false, errDeflate
	}
	drop := uint(e & 0xff)
	if drop > f.n {
		return false, errShort
	}
	switch {
	case e&isLiteral != 0:
		return false, f.literals(e)
	case e&isSpecial != 0:
		f.drop(drop)
		return true, nil
	}
	length := int(e>>valueShift) + int(f.acc&(1<<drop-1)>>(e>>codeShift&codeMask))
	f.drop(drop)
	e = f.dists[f.acc&(1<<distBits-1)]
	if e&(isLink|isSpecial) == isLink {
		e = f.more[int(e>>valueShift)+int(f.acc>>distBits&(1<<(e>>codeShift&codeMask)-1))]
	}
	if e&isLink != 0 {
		return false, errDeflate
	}
	if drop = uint(e & 0xff); drop > f.n {
		return false, errShort
	}
	dist := int(e>>valueShift) + int(f.acc&(1<<drop-1)>>(e>>codeShift&codeMask))
	f.drop(drop)
	if dist > f.out {
		return false, errDeflate
	}
	if f.out+length > f.size {
		return false, errLong
	}
	for end := f.out + length; f.out < end; f.out++ {
		f.dst[f.out] = f.dst[f.out-dist]
	}
	return false, nil
}

// literals writes the one or two literals of an entry.
func (f *inflater) literals(e entry) error {
	k := 1 + int(e>>14&1)
	if f.out+k > f.size {
		return errLong
	}
	binary.LittleEndian.PutUint16(f.dst[f.out:], uint16(e>>valueShift))
	f.out += k
	f.drop(uint(e & 0xff))
	return nil
}
