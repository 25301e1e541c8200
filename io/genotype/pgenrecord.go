package genotype

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gx-genomics/gx/gwas/dosage"
)

// pgenDecoder turns the records of a .pgen to calls and units of all samples.
// It remembers the last record that others may be differences from.
type pgenDecoder struct {
	samples int
	idBytes int // of a sample number in a list of differences

	base, own []uint64 // calls of the last record that stands alone; of one that does not
	calls     []uint64 // calls of the last record: one of the two
	haveBase  bool
	units     []uint16 // dosages of the last record, nil where it has none
	one, two  []patch  // calls of the last record with alternate alleles but the first
	row       []uint64 // calls of one alternate allele

	unitBuf []uint16
	ids     []uint32
}

// patch is the alternate alleles of a sample: x of a reference/x call, or both.
type patch struct {
	id   uint32
	x, y uint32
}

func newPgenDecoder(samples int) *pgenDecoder {
	d := &pgenDecoder{samples: samples, idBytes: 4}
	switch {
	case samples < 1<<8: // the specification says up to 2^8, PLINK 2 does not
		d.idBytes = 1
	case samples < 1<<16:
		d.idBytes = 2
	case samples < 1<<24:
		d.idBytes = 3
	}
	n := dosage.Words(samples)
	d.base, d.own = make([]uint64, n), make([]uint64, n)
	return d
}

var errShort = errors.New("record is too short")

// take cuts n bytes off a record.
func take(rec []byte, n int) (head, rest []byte, err error) {
	if n < 0 || n > len(rec) {
		return nil, nil, errShort
	}
	return rec[:n], rec[n:], nil
}

// record decodes a whole record of a variant with so many alternate alleles. It
// must end where its tracks end.
func (d *pgenDecoder) record(kind byte, rec []byte, alts int) error {
	d.units, d.one, d.two = nil, d.one[:0], d.two[:0]
	rec, err := d.main(kind, rec)
	if err != nil {
		return err
	}
	if kind&0x08 != 0 {
		if rec, err = d.patches(rec, alts); err != nil {
			return err
		}
	}
	if kind&0x10 != 0 {
		if rec, err = d.skipPhase(rec); err != nil {
			return err
		}
	}
	if kind&0x60 != 0 {
		if alts > 1 {
			return errors.New("dosages of several alternate alleles, which PLINK 2 does not define yet")
		}
		if rec, err = d.dosages(kind, rec); err != nil {
			return err
		}
	} else if kind&0x80 != 0 {
		return fmt.Errorf("record type %#02x has phased dosages without dosages", kind)
	}
	if len(rec) != 0 {
		return fmt.Errorf("record of type %#02x is %d bytes longer than its content", kind, len(rec))
	}
	return nil
}

// main decodes the main track to calls, and gives what follows.
func (d *pgenDecoder) main(kind byte, rec []byte) ([]byte, error) {
	if ld(kind) {
		if !d.haveBase {
			return nil, errors.New("refers to a record before the first")
		}
		d.calls = d.own
		copy(d.own, d.base)
		rec, err := d.differences(d.own, rec)
		if kind&1 != 0 {
			swapAlleles(d.own)
			clearTail(d.own, d.samples)
		}
		return rec, err
	}
	d.calls, d.haveBase = d.base, true
	switch kind & 7 {
	case 0:
		head, rest, err := take(rec, (d.samples+3)/4)
		if err != nil {
			return nil, err
		}
		words(d.base, head)
		clearTail(d.base, d.samples)
		return rest, nil
	case 1:
		return d.oneBit(rec)
	case 5: // all are reference
		clear(d.base)
		return rec, nil
	}
	w := uint64(kind&3) * lowBits
	for i := range d.base {
		d.base[i] = w
	}
	clearTail(d.base, d.samples)
	return d.differences(d.base, rec)
}

// oneBit decodes a track of the two commonest calls, a bit a sample, and the
// differences from it. Its first byte holds the call of a clear bit in bits 2-3
// and what a set bit adds to it in bits 0-1.
func (d *pgenDecoder) oneBit(rec []byte) ([]byte, error) {
	if len(rec) == 0 {
		return nil, errShort
	}
	from, add := uint64(rec[0]>>2), uint64(rec[0]&3)
	if from+add > 3 || add == 0 {
		return nil, fmt.Errorf("common calls are coded %#02x, want 1, 2, 3, 5, 6 or 9", rec[0])
	}
	head, rest, err := take(rec[1:], (d.samples+7)/8)
	if err != nil {
		return nil, err
	}
	for i := range d.base {
		var four [4]byte
		copy(four[:], head[4*i:])
		d.base[i] = from*lowBits + add*spread(binary.LittleEndian.Uint32(four[:]))
	}
	clearTail(d.base, d.samples)
	return d.differences(d.base, rest)
}

// spread puts the bits of x at the even places.
func spread(x uint32) uint64 {
	w := uint64(x)
	w = (w | w<<16) & 0x0000ffff0000ffff
	w = (w | w<<8) & 0x00ff00ff00ff00ff
	w = (w | w<<4) & 0x0f0f0f0f0f0f0f0f
	w = (w | w<<2) & 0x3333333333333333
	return (w | w<<1) & lowBits
}

// swapAlleles turns 0 to 2 and back: the upper bit is inverted where the lower
// is clear.
func swapAlleles(calls []uint64) {
	for i, w := range calls {
		calls[i] = w ^ (^w & lowBits << 1)
	}
}

// differences sets the calls that a list names.
func (d *pgenDecoder) differences(calls []uint64, rec []byte) ([]byte, error) {
	values, rest, err := d.list(rec, true)
	if err != nil {
		return nil, err
	}
	for i, id := range d.ids {
		shift := 2 * (id % dosage.WordSamples)
		w := &calls[id/dosage.WordSamples]
		*w = *w&^(3<<shift) | uint64(values[i/4]>>(i%4*2)&3)<<shift
	}
	return rest, nil
}

// list reads a list of samples into ids, in increasing order, and with valued
// the packed calls that go with them.
func (d *pgenDecoder) list(rec []byte, valued bool) (values, rest []byte, err error) {
	d.ids = d.ids[:0]
	count, k := binary.Uvarint(rec)
	if k <= 0 {
		return nil, nil, errShort
	}
	if count > uint64(d.samples) {
		return nil, nil, fmt.Errorf("list of %d samples, there are %d", count, d.samples)
	}
	rec = rec[k:]
	if count == 0 {
		return nil, rec, nil
	}
	n := int(count)
	groups := (n + 63) / 64
	firsts, rec, err := take(rec, groups*d.idBytes)
	if err != nil {
		return nil, nil, err
	}
	if _, rec, err = take(rec, groups-1); err != nil { // sizes of the groups, for skipping
		return nil, nil, err
	}
	if valued {
		if values, rec, err = take(rec, (n+3)/4); err != nil {
			return nil, nil, err
		}
	}
	if cap(d.ids) < n {
		d.ids = make([]uint32, 0, max(n, d.samples/8))
	}
	last := int64(-1)
	for i := range n {
		id := int64(0)
		if i%64 == 0 {
			var four [4]byte
			copy(four[:], firsts[i/64*d.idBytes:(i/64+1)*d.idBytes])
			id = int64(binary.LittleEndian.Uint32(four[:]))
		} else if len(rec) > 0 && rec[0] < 0x80 {
			id = last + int64(rec[0])
			rec = rec[1:]
		} else {
			delta, k := binary.Uvarint(rec)
			if k <= 0 || delta > uint64(d.samples) {
				return nil, nil, errors.New("list of samples is damaged")
			}
			id = last + int64(delta)
			rec = rec[k:]
		}
		if id <= last || id >= int64(d.samples) {
			return nil, nil, fmt.Errorf("list of samples has %d after %d, want increasing numbers below %d", id, last, d.samples)
		}
		last = id
		d.ids = append(d.ids, uint32(id))
	}
	return values, rec, nil
}
