package bgzf

import "encoding/binary"

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
// symbol can pass them: 16 bytes of input, and of output a match and the
// slack. It says whether the block has ended.
func (f *inflater) fast() (done bool, err error) {
	src, dst, more := f.src, f.dst, f.more
	at, acc, n, out := f.at, f.acc, f.n, f.out
	lengths, dists := &f.lengths, &f.dists
	for at+16 <= len(src) && out+8 <= f.size {
		acc |= binary.LittleEndian.Uint64(src[at:]) << (n & 63)
		at += int((63 - n) >> 3)
		n |= 56
		e := lengths[acc&(1<<lengthBits-1)]
		if e&isLiteral != 0 {
			// Three look-ups take at most 33 of the 56 bits, and yield at most
			// six literals.
			acc >>= e & 63
			n -= uint(e & 63)
			binary.LittleEndian.PutUint16(dst[out:], uint16(e>>valueShift))
			out += 1 + int(e>>14&1)
			e = lengths[acc&(1<<lengthBits-1)]
			if e&isLiteral != 0 {
				acc >>= e & 63
				n -= uint(e & 63)
				binary.LittleEndian.PutUint16(dst[out:], uint16(e>>valueShift))
				out += 1 + int(e>>14&1)
				e = lengths[acc&(1<<lengthBits-1)]
				if e&isLiteral != 0 {
					acc >>= e & 63
					n -= uint(e & 63)
					binary.LittleEndian.PutUint16(dst[out:], uint16(e>>valueShift))
					out += 1 + int(e>>14&1)
					continue
				}
			}
			acc |= binary.LittleEndian.Uint64(src[at:]) << (n & 63)
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
			binary.LittleEndian.PutUint64(dst[out:], binary.LittleEndian.Uint64(dst[from:]))
			binary.LittleEndian.PutUint64(dst[out+8:], binary.LittleEndian.Uint64(dst[from+8:]))
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
