package genotype

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

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
		eachWord(d.base, head, func(w uint64) uint64 { return w })
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

// samplesOf sets ids to the samples whose call is c.
func (d *pgenDecoder) samplesOf(c uint64) {
	d.ids = d.ids[:0]
	for i, w := range d.calls {
		x := w ^ c*lowBits // 0 where the call is c
		m := ^(x | x>>1) & lowBits
		for ; m != 0; m &= m - 1 {
			if id := i*dosage.WordSamples + bits.TrailingZeros64(m)/2; id < d.samples {
				d.ids = append(d.ids, uint32(id))
			}
		}
	}
}

// chosen reads which samples of call c a patch set is about into ids.
func (d *pgenDecoder) chosen(format byte, c uint64, rec []byte) ([]byte, error) {
	switch format {
	case 0: // a bit for each sample of that call
		d.samplesOf(c)
		set, rest, err := take(rec, (len(d.ids)+7)/8)
		if err != nil {
			return nil, err
		}
		kept := d.ids[:0]
		for i, id := range d.ids {
			if set[i/8]>>(i%8)&1 != 0 {
				kept = append(kept, id)
			}
		}
		d.ids = kept
		return rest, nil
	case 1:
		_, rest, err := d.list(rec, false)
		for _, id := range d.ids {
			if uint64(d.calls[id/dosage.WordSamples]>>(2*(id%dosage.WordSamples)))&3 != c {
				return nil, fmt.Errorf("sample %d is given another alternate allele than its call has", id+1)
			}
		}
		return rest, err
	case 15: // none
		d.ids = d.ids[:0]
		return rec, nil
	}
	return nil, fmt.Errorf("alternate alleles are stored in the unknown way %d", format)
}

// patches reads which samples carry an alternate allele but the first.
func (d *pgenDecoder) patches(rec []byte, alts int) ([]byte, error) {
	if len(rec) == 0 {
		return nil, errShort
	}
	if alts < 2 {
		return nil, errors.New("calls of several alternate alleles, but the table of variants names one")
	}
	format := rec[0]
	rec, err := d.chosen(format&15, 1, rec[1:])
	if err != nil {
		return nil, err
	}
	width := 8 * byteWidth(alts-2)
	switch {
	case alts == 2:
		width = 0
	case alts == 3:
		width = 1
	case alts <= 5:
		width = 2
	case alts <= 17:
		width = 4
	}
	values, rec, err := take(rec, (len(d.ids)*width+7)/8)
	if err != nil {
		return nil, err
	}
	for i, id := range d.ids {
		x := 2 + bitsAt(values, i*width, width)
		if int(x) > alts {
			return nil, fmt.Errorf("sample %d has alternate allele %d of %d", id+1, x, alts)
		}
		d.one = append(d.one, patch{id: id, x: x})
	}
	if rec, err = d.chosen(format>>4, 2, rec); err != nil {
		return nil, err
	}
	width = 8 * byteWidth(alts-1)
	switch {
	case alts == 2: // one bit: 2/2 or 1/2
		if values, rec, err = take(rec, (len(d.ids)+7)/8); err != nil {
			return nil, err
		}
		for i, id := range d.ids {
			d.two = append(d.two, patch{id: id, x: 1 + bitsAt(values, i, 1), y: 2})
		}
		return rec, nil
	case alts <= 4:
		width = 2
	case alts <= 16:
		width = 4
	}
	if values, rec, err = take(rec, (2*len(d.ids)*width+7)/8); err != nil {
		return nil, err
	}
	for i, id := range d.ids {
		x, y := 1+bitsAt(values, 2*i*width, width), 1+bitsAt(values, (2*i+1)*width, width)
		if int(max(x, y)) > alts {
			return nil, fmt.Errorf("sample %d has alternate allele %d of %d", id+1, max(x, y), alts)
		}
		d.two = append(d.two, patch{id: id, x: x, y: y})
	}
	return rec, nil
}

// byteWidth is how many whole bytes hold values up to v.
func byteWidth(v int) int {
	switch {
	case v < 1<<8:
		return 1
	case v < 1<<16:
		return 2
	}
	return 3
}

// bitsAt reads width bits at a place counted in bits. Widths below 8 do not
// cross a byte; others are whole bytes.
func bitsAt(b []byte, at, width int) uint32 {
	if width == 0 {
		return 0
	}
	if width < 8 {
		return uint32(b[at/8]>>(at%8)) & (1<<width - 1)
	}
	v := uint32(0)
	for k := range width / 8 {
		v |= uint32(b[at/8+k]) << (8 * k)
	}
	return v
}

// allele is the calls of the k-th alternate allele, from 1; others count as the
// reference. It is valid until the next call.
func (d *pgenDecoder) allele(k int) []uint64 {
	if k == 1 && len(d.one)+len(d.two) == 0 {
		return d.calls
	}
	if d.row == nil {
		d.row = make([]uint64, len(d.calls))
	}
	if k == 1 {
		copy(d.row, d.calls)
	} else {
		for i, w := range d.calls { // all reference but for the missing
			m := w & (w >> 1) & lowBits
			d.row[i] = m | m<<1
		}
	}
	set := func(id uint32, n uint64) {
		shift := 2 * (id % dosage.WordSamples)
		w := &d.row[id/dosage.WordSamples]
		*w = *w&^(3<<shift) | n<<shift
	}
	is := func(x uint32) uint64 {
		if int(x) == k {
			return 1
		}
		return 0
	}
	for _, p := range d.one {
		set(p.id, is(p.x))
	}
	for _, p := range d.two {
		set(p.id, is(p.x)+is(p.y))
	}
	return d.row
}

// skipPhase goes past the phase of heterozygous calls: which of them are
// phased, where not all are, then which way.
func (d *pgenDecoder) skipPhase(rec []byte) ([]byte, error) {
	hets := 0
	for _, w := range d.calls {
		hets += bits.OnesCount64(w &^ (w >> 1) & lowBits)
	}
	for _, p := range d.two {
		if p.x != p.y {
			hets++
		}
	}
	head, rest, err := take(rec, (hets+8)/8)
	if err != nil || len(head) == 0 {
		return nil, errShort
	}
	if head[0]&1 == 0 {
		return rest, nil
	}
	phased := -1 // the flag itself
	for i, b := range head {
		if i == len(head)-1 && (hets+1)%8 != 0 {
			b &= 1<<((hets+1)%8) - 1
		}
		phased += bits.OnesCount8(b)
	}
	_, rest, err = take(rest, (phased+7)/8)
	return rest, err
}

// dosages reads the dosages that stand beside calls, and goes past their phase.
func (d *pgenDecoder) dosages(kind byte, rec []byte) ([]byte, error) {
	if d.unitBuf == nil {
		d.unitBuf = make([]uint16, d.samples)
	}
	d.units = d.unitBuf
	callsToUnits(d.units, d.calls)
	n := d.samples
	var present []byte // a bit a sample
	var err error
	every := kind&0x60 == 0x40
	switch kind & 0x60 {
	case 0x20:
		if _, rec, err = d.list(rec, false); err != nil {
			return nil, err
		}
		n = len(d.ids)
	case 0x60:
		if present, rec, err = take(rec, (d.samples+7)/8); err != nil {
			return nil, err
		}
		d.ids = d.ids[:0]
		for i, b := range present {
			for ; b != 0; b &= b - 1 {
				if id := 8*i + bits.TrailingZeros8(b); id < d.samples {
					d.ids = append(d.ids, uint32(id))
				}
			}
		}
		n = len(d.ids)
	}
	values, rec, err := take(rec, 2*n)
	if err != nil {
		return nil, err
	}
	for i := range n {
		u := binary.LittleEndian.Uint16(values[2*i:])
		id := i
		if !every {
			id = int(d.ids[i])
		}
		if every && u == dosage.Missing {
			continue // what the call says holds, which is missing too as a rule
		}
		if u > 2*dosage.Scale {
			return nil, fmt.Errorf("sample %d has dosage %d, want at most %d", id+1, u, 2*dosage.Scale)
		}
		d.units[id] = u
	}
	switch {
	case kind&0x80 == 0:
		return rec, nil
	case every:
		_, rec, err = take(rec, 2*n)
		return rec, err
	}
	which, rec, err := take(rec, (n+7)/8)
	if err != nil {
		return nil, err
	}
	phased := 0
	for _, b := range which {
		phased += bits.OnesCount8(b)
	}
	_, rec, err = take(rec, 2*phased)
	return rec, err
}

// callsToUnits spreads calls to units of Scale.
func callsToUnits(dst []uint16, calls []uint64) {
	values := [4]uint16{0, dosage.Scale, 2 * dosage.Scale, dosage.Missing}
	for i := range dst {
		dst[i] = values[calls[i/dosage.WordSamples]>>(2*(i%dosage.WordSamples))&3]
	}
}
