package genotype

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"

	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	"github.com/gx-genomics/gx/gwas/dosage"
)

// unpacker unpacks blocks of probabilities, one after another in the same
// memory.
type unpacker struct {
	src  bytes.Reader
	zlib io.ReadCloser
	zstd *zstd.Decoder
	out  []byte
}

// bytes unpacks a block that must be of the given size.
func (u *unpacker) bytes(packing int, packed []byte, size int) ([]byte, error) {
	switch packing {
	case 0:
		if len(packed) != size {
			return nil, fmt.Errorf("%d bytes of probabilities, want %d", len(packed), size)
		}
		return packed, nil
	case 1:
		u.src.Reset(packed)
		var err error
		if u.zlib == nil {
			u.zlib, err = zlib.NewReader(&u.src)
		} else {
			err = u.zlib.(zlib.Resetter).Reset(&u.src, nil)
		}
		if err != nil {
			return nil, fmt.Errorf("damaged zlib: %w", noEOF(err))
		}
		if cap(u.out) < size {
			u.out = make([]byte, size)
		}
		u.out = u.out[:size]
		if _, err := io.ReadFull(u.zlib, u.out); err != nil {
			return nil, fmt.Errorf("damaged zlib: %w", noEOF(err))
		}
		var more [1]byte
		if n, err := u.zlib.Read(more[:]); n != 0 || !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("damaged zlib: more than the %d bytes announced", size)
		}
		return u.out, nil
	}
	if u.zstd == nil {
		var err error
		if u.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxProbabilities)); err != nil {
			return nil, err
		}
	}
	var h zstd.Header
	if err := h.Decode(packed); err != nil {
		return nil, fmt.Errorf("damaged zstd: %w", noEOF(err))
	}
	if h.HasFCS && h.FrameContentSize != uint64(size) {
		return nil, fmt.Errorf("damaged zstd: %d bytes, %d announced", h.FrameContentSize, size)
	}
	if cap(u.out) < size {
		u.out = make([]byte, 0, size)
	}
	out, err := u.zstd.DecodeAll(packed, u.out[:0])
	if err != nil {
		return nil, fmt.Errorf("damaged zstd: %w", noEOF(err))
	}
	if u.out = out; len(out) != size {
		return nil, fmt.Errorf("damaged zstd: %d bytes, %d announced", len(out), size)
	}
	return out, nil
}

func (u *unpacker) close() {
	if u.zstd != nil {
		u.zstd.Close()
	}
}

// maxProbabilities bounds an unpacked block of probabilities in bytes.
const maxProbabilities = 1 << 31

// largestBlock is the most bytes that probabilities of diploids can take.
func largestBlock(layout, samples, alleles int) int64 {
	n := int64(samples)
	if layout == 1 {
		return 6 * n
	}
	k := int64(alleles)
	return min(10+n+4*n*(k*(k+1)/2-1), maxProbabilities)
}

// probabilities are those of one variant, as integers of 1/top.
type probabilities struct {
	samples int
	unpack  unpacker

	width   int    // bits of one
	top     uint64 // what stands for 1
	alleles int
	phased  bool
	plain   bool   // all are diploid
	ploidy  []byte // a byte a sample: ploidy, and 0x80 where missing
	data    []byte // the packed values
	from    []int  // of each sample, which value is its first; nil where plain
	one     bool   // layout 1: three values of 16 bits a sample
}

func newProbabilities(samples int) *probabilities { return &probabilities{samples: samples} }

// scale is the units of an allele that rows of this variant have: those of the
// file where they fit.
func (p *probabilities) scale() int {
	if p.width <= 15 && !p.one {
		return int(p.top)
	}
	return dosage.Scale
}

func (p *probabilities) layout1(b []byte) error {
	if len(b) != 6*p.samples {
		return fmt.Errorf("%d bytes of probabilities, want %d", len(b), 6*p.samples)
	}
	p.one, p.width, p.top, p.alleles, p.data = true, 16, 32768, 2, b
	return nil
}

// layout2 checks the head of a block: everything that allele relies on.
func (p *probabilities) layout2(b []byte, alleles int) error {
	if len(b) < 10+p.samples {
		return fmt.Errorf("%d bytes of probabilities, want at least %d", len(b), 10+p.samples)
	}
	n, k := binary.LittleEndian.Uint32(b), int(binary.LittleEndian.Uint16(b[4:]))
	low, high := b[6], b[7]
	if int64(n) != int64(p.samples) || k != alleles {
		return fmt.Errorf("probabilities of %d samples and %d alleles, want %d and %d", n, k, p.samples, alleles)
	}
	p.ploidy = b[8 : 8+p.samples]
	phased, width := b[8+p.samples], int(b[9+p.samples])
	if phased > 1 || width < 1 || width > 32 {
		return fmt.Errorf("probabilities phased %d of %d bits, want 0 or 1, of 1 to 32", phased, width)
	}
	if high > 2 {
		return fmt.Errorf("ploidy up to %d, want at most 2", high)
	}
	p.one, p.width, p.top, p.alleles, p.phased = false, width, 1<<width-1, k, phased == 1
	p.data = b[10+p.samples:]
	values := 0
	p.from = p.from[:0]
	p.plain = low == 2 && high == 2
	for i, z := range p.ploidy {
		z &= 0x7f
		if z < low || z > high {
			return fmt.Errorf("sample %d has ploidy %d, want %d to %d", i+1, z, low, high)
		}
		if !p.plain {
			p.from = append(p.from, values)
			values += p.perSample(int(z))
		}
	}
	if p.plain {
		values = p.samples * p.perSample(2)
	}
	if want := (int64(values)*int64(width) + 7) / 8; int64(len(p.data)) != want {
		return fmt.Errorf("%d bytes of probabilities, want %d", len(p.data), want)
	}
	return nil
}

// perSample is how many values a sample of a ploidy has: all but the last of
// its genotypes, or of the alleles of each haplotype.
func (p *probabilities) perSample(ploidy int) int {
	switch {
	case p.phased:
		return ploidy * (p.alleles - 1)
	case ploidy == 2:
		return p.alleles*(p.alleles+1)/2 - 1
	case ploidy == 1:
		return p.alleles - 1
	}
	return 0
}

// value is the i-th value of the block.
func (p *probabilities) value(i int) uint64 {
	at := i * p.width
	var w uint64
	if b := p.data[at/8:]; len(b) >= 8 {
		w = binary.LittleEndian.Uint64(b)
	} else {
		var last [8]byte
		copy(last[:], b)
		w = binary.LittleEndian.Uint64(last[:])
	}
	return w >> (at % 8) & p.top
}

// allele sets dst to the dosages of one allele, and gives the summed variances
// of the genotypes within the samples, in copies squared.
func (p *probabilities) allele(dst []uint16, allele int, pick *picker) (spread float64, err error) {
	if p.plain && !p.one && !p.phased && p.alleles == 2 && (p.width == 8 || p.width == 16) {
		return p.common(dst, allele, pick)
	}
	// Wider values are narrowed to 16 bits, so that sums of squares stay whole.
	top := min(p.top, 1<<16-1)
	scale, sum := uint64(p.scale()), uint64(0)
	for i := range dst {
		k := i
		if pick != nil {
			k = int(pick.index[i])
		}
		e, v, ok, err := p.sample(k, allele, top)
		if err != nil {
			return 0, fmt.Errorf("sample %d: %w", k+1, err)
		}
		if !ok {
			dst[i] = dosage.Missing
			continue
		}
		dst[i] = uint16(rescale(e, top, scale))
		sum += v
	}
	return float64(sum) / float64(top*top), nil
}

// common is allele for the usual file: diploid, unphased, two alleles, values
// of one or two bytes.
func (p *probabilities) common(dst []uint16, allele int, pick *picker) (float64, error) {
	top, scale, sum := p.top, uint64(p.scale()), uint64(0)
	exact, narrow, second := scale == top, p.width == 8, allele == 1
	for i := range dst {
		k := i
		if pick != nil {
			k = int(pick.index[i])
		}
		if p.ploidy[k]&0x80 != 0 {
			dst[i] = dosage.Missing
			continue
		}
		var two, one uint64
		if narrow {
			v := uint64(binary.LittleEndian.Uint16(p.data[2*k:]))
			two, one = v&0xff, v>>8
		} else {
			v := uint64(binary.LittleEndian.Uint32(p.data[4*k:]))
			two, one = v&0xffff, v>>16
		}
		if two+one > top {
			return 0, fmt.Errorf("sample %d: %w", k+1, errSum)
		}
		if second {
			two = top - two - one
		}
		e := 2*two + one
		sum += (4*two+one)*top - e*e
		if !exact {
			e = rescale(e, top, scale)
		}
		dst[i] = uint16(e)
	}
	return float64(sum) / float64(top*top), nil
}

var errSum = errors.New("probabilities add up to more than 1")

// rescale turns e of 1/top to units of 1/scale, to the nearest.
func rescale(e, top, scale uint64) uint64 {
	if scale == top {
		return e
	}
	return (2*e*scale + top) / (2 * top)
}

// sample is the mean copies of an allele in 1/top and their variance in
// 1/top^2.
func (p *probabilities) sample(k, allele int, top uint64) (e, v uint64, ok bool, err error) {
	if p.one {
		return p.sample1(k, allele, top)
	}
	ploidy := int(p.ploidy[k] & 0x7f)
	if p.ploidy[k]&0x80 != 0 || ploidy == 0 {
		return 0, 0, false, nil
	}
	at := 0
	if p.plain {
		at = k * p.perSample(2)
	} else {
		at = p.from[k]
	}
	if p.phased || ploidy == 1 {
		for range ploidy {
			h, err := p.haplotype(at, allele, top)
			if err != nil {
				return 0, 0, false, err
			}
			at += p.alleles - 1
			e += h
			v += h * (top - h)
		}
		if ploidy == 1 { // one allele counts for two
			e, v = 2*e, 4*v
		}
		return e, v, true, nil
	}
	return p.genotypes(at, allele, top)
}

// haplotype is the probability of an allele among those of a haplotype, whose
// last is what the others leave.
func (p *probabilities) haplotype(at, allele int, top uint64) (uint64, error) {
	if p.alleles == 2 && allele == 0 {
		return p.narrow(p.value(at), top), nil
	}
	rest := p.top
	for a := range p.alleles - 1 {
		x := p.value(at + a)
		if x > rest {
			return 0, errSum
		}
		rest -= x
		if a == allele {
			rest = x
			break
		}
	}
	return p.narrow(rest, top), nil
}

// genotypes is the moments of an allele under the probabilities of unordered
// pairs, in the order of VCF, the last of which is left out.
func (p *probabilities) genotypes(at, allele int, top uint64) (e, v uint64, ok bool, err error) {
	rest := p.top
	var one, two uint64
	n := 0
	last := p.perSample(2)
	for b := range p.alleles {
		for a := range b + 1 {
			x := rest
			if n < last {
				if x = p.value(at + n); x > rest {
					return 0, 0, false, errSum
				}
				rest -= x
			}
			n++
			switch {
			case a == allele && b == allele:
				two += x
			case a == allele || b == allele:
				one += x
			}
		}
	}
	two = p.narrow(two, top)
	one = min(p.narrow(one, top), top-two)
	e = 2*two + one
	return e, (4*two+one)*top - e*e, true, nil
}

// sample1 is sample of layout 1: three probabilities of 1/32768, whose sum may
// be off 1 by rounding, and is 0 where they are missing.
func (p *probabilities) sample1(k, allele int, top uint64) (e, v uint64, ok bool, err error) {
	b := p.data[6*k : 6*k+6]
	aa, ab, bb := uint64(binary.LittleEndian.Uint16(b)), uint64(binary.LittleEndian.Uint16(b[2:])), uint64(binary.LittleEndian.Uint16(b[4:]))
	sum := aa + ab + bb
	if sum == 0 {
		return 0, 0, false, nil
	}
	if sum > 32768+3 {
		return 0, 0, false, errSum
	}
	two := aa
	if allele == 1 {
		two = bb
	}
	two = (2*two*top + sum) / (2 * sum)
	one := min((2*ab*top+sum)/(2*sum), top-two)
	e = 2*two + one
	return e, (4*two+one)*top - e*e, true, nil
}

// narrow turns a value of 1/p.top to 1/top.
func (p *probabilities) narrow(x, top uint64) uint64 {
	if p.top == top {
		return x
	}
	hi, lo := bits.Mul64(x, 2*top)
	lo, carry := bits.Add64(lo, p.top, 0)
	q, _ := bits.Div64(hi+carry, lo, 2*p.top)
	return q
}
