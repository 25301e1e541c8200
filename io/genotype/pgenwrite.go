package genotype

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"os"

	"github.com/gx-genomics/gx/gwas/dosage"
)

// pgenEncoder writes PGEN of variable record length. Its header, which stands
// first, is known last, so the records wait in a temporary file.
type pgenEncoder struct {
	provisional bool

	dst     io.Writer
	samples int
	idBytes int
	spool   *os.File
	out     *bufio.Writer
	kinds   []byte
	lens    []uint32
	base    []uint64 // calls of the last record that stands alone
	rec     []byte
	try     []byte
	diffs   []diff
}

// diff is a sample whose call differs, and the call.
type diff struct {
	id   uint32
	call uint8
}

// A list of differences may name an eighth of the samples, one of samples a
// ninth: readers refuse more.
const (
	differShare = 8
	listShare   = 9
)

func (e *pgenEncoder) begin(w io.Writer, samples int) error {
	e.dst, e.samples = w, samples
	e.idBytes = newPgenDecoder(samples).idBytes
	e.base = make([]uint64, dosage.Words(samples))
	var err error
	if e.spool, err = os.CreateTemp("", "gx-pgen-*"); err != nil {
		return fmt.Errorf("temporary file for records: %w", err)
	}
	e.out = bufio.NewWriterSize(e.spool, 1<<18)
	return nil
}

func (e *pgenEncoder) close() error {
	if e.spool == nil {
		return nil
	}
	e.spool.Close()
	return os.Remove(e.spool.Name())
}

func (e *pgenEncoder) row(calls []uint64, units []uint16) error {
	kind := e.main(calls)
	if units != nil {
		kind |= e.dosages(calls, units)
	}
	if uint64(len(e.rec)) >= 1<<32 {
		return fmt.Errorf("record of variant %d has %d bytes, want less than 4 GiB", len(e.kinds)+1, len(e.rec))
	}
	e.kinds = append(e.kinds, kind)
	e.lens = append(e.lens, uint32(len(e.rec)))
	_, err := e.out.Write(e.rec)
	return err
}

// main encodes calls to rec in the shortest way, the simplest where several are.
func (e *pgenEncoder) main(calls []uint64) (kind byte) {
	count := e.count(calls)
	size := (e.samples + 3) / 4
	e.rec = e.rec[:0]
	for _, w := range calls {
		e.rec = binary.LittleEndian.AppendUint64(e.rec, w)
	}
	e.rec = e.rec[:size]
	best := func(k byte) {
		if len(e.try) < len(e.rec) {
			e.rec, e.try, kind = e.try, e.rec, k
		}
	}
	most := e.samples / differShare
	for _, c := range []uint8{0, 2, 3} {
		if e.samples-count[c] <= most {
			e.try = e.list(e.try[:0], e.differ(calls, func(int) uint64 { return uint64(c) * lowBits }), true)
			best(4 | c)
		}
	}
	if a, b := twoMost(count); e.samples-count[a]-count[b] <= most && len(e.rec) > 2+(e.samples+7)/8 {
		e.oneBit(calls, a, b)
		best(1)
	}
	if len(e.kinds)%pgenBlock != 0 {
		if d := e.differ(calls, func(i int) uint64 { return e.base[i] }); len(d) <= most {
			e.try = e.list(e.try[:0], d, true)
			best(2)
		}
		swapped := func(i int) uint64 { return e.base[i] ^ (^e.base[i] & lowBits << 1) }
		if d := e.differ(calls, swapped); len(d) <= most {
			for k := range d { // the list is applied before the swap
				d[k].call = [4]uint8{2, 1, 0, 3}[d[k].call]
			}
			e.try = e.list(e.try[:0], d, true)
			best(3)
		}
	}
	if !ld(kind) {
		copy(e.base, calls)
	}
	return kind
}

// count counts the calls.
func (e *pgenEncoder) count(calls []uint64) (n [4]int) {
	c := dosage.CountCalls(calls, nil, e.samples)
	return [4]int{c.Genotypes[0], c.Genotypes[1], c.Genotypes[2], c.Missing}
}

// twoMost is the two commonest calls, the lower number first.
func twoMost(count [4]int) (a, b uint8) {
	for c := range uint8(4) {
		if count[c] > count[a] {
			a = c
		}
	}
	b = (a + 1) % 4
	for c := range uint8(4) {
		if c != a && (count[c] > count[b] || b == a) {
			b = c
		}
	}
	return min(a, b), max(a, b)
}

// differ lists the samples whose call is not the one of a pattern, which is
// asked for word by word. The list is valid until the next call; longer ones
// than may be used are cut off.
func (e *pgenEncoder) differ(calls []uint64, pattern func(i int) uint64) []diff {
	e.diffs = e.diffs[:0]
	for i, w := range calls {
		x := w ^ pattern(i)
		x = (x | x>>1) & lowBits
		if rest := e.samples - i*dosage.WordSamples; rest < dosage.WordSamples {
			x &= 1<<(2*rest) - 1
		}
		for ; x != 0; x &= x - 1 {
			k := bits.TrailingZeros64(x)
			e.diffs = append(e.diffs, diff{uint32(i*dosage.WordSamples + k/2), uint8(w>>k) & 3})
		}
		if len(e.diffs) > e.samples/differShare {
			break
		}
	}
	return e.diffs
}

// list appends a list of samples, with their calls where valued.
func (e *pgenEncoder) list(dst []byte, d []diff, valued bool) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(d)))
	if len(d) == 0 {
		return dst
	}
	groups := (len(d) + 63) / 64
	for g := range groups {
		for k := range e.idBytes {
			dst = append(dst, byte(d[64*g].id>>(8*k)))
		}
	}
	sizes := len(dst)
	dst = append(dst, make([]byte, groups-1)...)
	if valued {
		at := len(dst)
		dst = append(dst, make([]byte, (len(d)+3)/4)...)
		for i, x := range d {
			dst[at+i/4] |= x.call << (i % 4 * 2)
		}
	}
	begin := len(dst)
	for i := range d {
		if i%64 == 0 {
			if i > 0 {
				dst[sizes+i/64-1] = byte(len(dst) - begin - 63)
			}
			begin = len(dst)
			continue
		}
		dst = binary.AppendUvarint(dst, uint64(d[i].id-d[i-1].id))
	}
	return dst
}

// oneBit encodes calls to try as a bit a sample between two calls.
func (e *pgenEncoder) oneBit(calls []uint64, a, b uint8) {
	e.try = append(e.try[:0], a<<2|(b-a))
	at := len(e.try)
	others := e.differ(calls, func(i int) uint64 {
		// What a sample would have, were its call one of the two.
		x := calls[i] ^ uint64(b)*lowBits
		set := ^(x | x>>1) & lowBits
		e.try = binary.LittleEndian.AppendUint32(e.try, gather(set))
		return uint64(a)*lowBits + uint64(b-a)*set
	})
	e.try = append(e.try[:at], e.try[at:at+(e.samples+7)/8]...)
	if k := e.samples % 8; k != 0 {
		e.try[len(e.try)-1] &= 1<<k - 1
	}
	e.try = e.list(e.try, others, true)
}

// gather is the inverse of spread: the bits of the even places, together.
func gather(w uint64) uint32 {
	w = (w | w>>1) & 0x3333333333333333
	w = (w | w>>2) & 0x0f0f0f0f0f0f0f0f
	w = (w | w>>4) & 0x00ff00ff00ff00ff
	w = (w | w>>8) & 0x0000ffff0000ffff
	return uint32(w | w>>16)
}

// dosages appends to rec the dosages that calls do not tell, and gives the bits
// of the type that say so.
func (e *pgenEncoder) dosages(calls []uint64, units []uint16) (kind byte) {
	values := [4]uint16{0, dosage.Scale, 2 * dosage.Scale, dosage.Missing}
	e.diffs = e.diffs[:0]
	for i, u := range units {
		if u != values[calls[i/dosage.WordSamples]>>(2*(i%dosage.WordSamples))&3] {
			e.diffs = append(e.diffs, diff{id: uint32(i)})
		}
	}
	if len(e.diffs) <= e.samples/listShare {
		e.rec, kind = e.list(e.rec, e.diffs, false), 0x20
	} else {
		at := len(e.rec)
		e.rec, kind = append(e.rec, make([]byte, (e.samples+7)/8)...), 0x60
		for _, d := range e.diffs {
			e.rec[at+int(d.id/8)] |= 1 << (d.id % 8)
		}
	}
	for _, d := range e.diffs {
		e.rec = binary.LittleEndian.AppendUint16(e.rec, units[d.id])
	}
	return kind
}

// end writes the header and then the records.
func (e *pgenEncoder) end() error {
	if err := e.out.Flush(); err != nil {
		return err
	}
	if _, err := e.spool.Seek(0, io.SeekStart); err != nil {
		return err
	}
	out := bufio.NewWriterSize(e.dst, 1<<18)
	if _, err := out.Write(e.header()); err != nil {
		return err
	}
	if _, err := io.Copy(out, e.spool); err != nil {
		return err
	}
	return out.Flush()
}

// header is what stands before the records, see pgen.
func (e *pgenEncoder) header() []byte {
	g := &pgen{typeBits: 4, lenBytes: 1}
	for i, n := range e.lens {
		for uint64(n) >= 1<<(8*g.lenBytes) {
			g.lenBytes++
		}
		if e.kinds[i] > 15 {
			g.typeBits = 8
		}
	}
	m := len(e.kinds)
	control := byte(g.lenBytes-1) | byte(g.typeBits/8)<<2 | 1<<6
	if e.provisional {
		control ^= 3 << 6
	}
	h := []byte{bedMagic[0], bedMagic[1], 0x10}
	h = binary.LittleEndian.AppendUint32(h, uint32(m))
	h = binary.LittleEndian.AppendUint32(h, uint32(e.samples))
	h = append(h, control)
	blocks := (m + pgenBlock - 1) / pgenBlock
	g.blockAt = int64(len(h) + 8*blocks)
	at := g.blockPlace(blocks-1) + g.blockSize(m-(blocks-1)*pgenBlock)
	for i, n := range e.lens {
		if i%pgenBlock == 0 {
			h = binary.LittleEndian.AppendUint64(h, uint64(at))
		}
		at += int64(n)
	}
	for from := 0; from < m; from += pgenBlock {
		to := min(from+pgenBlock, m)
		if g.typeBits == 8 {
			h = append(h, e.kinds[from:to]...)
		} else {
			for i := from; i < to; i += 2 {
				b := e.kinds[i]
				if i+1 < to {
					b |= e.kinds[i+1] << 4
				}
				h = append(h, b)
			}
		}
		for _, n := range e.lens[from:to] {
			for k := range g.lenBytes {
				h = append(h, byte(n>>(8*k)))
			}
		}
	}
	return h
}
