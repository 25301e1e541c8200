package genotype

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/gx-genomics/gx/gwas/dosage"
)

// What follows the main track of a record of a .pgen: calls of several alternate
// alleles, phase, dosages.

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
	for _, w := range calls {
		part := dst[:min(len(dst), dosage.WordSamples)]
		for i := range part {
			part[i] = values[w&3]
			w >>= 2
		}
		dst = dst[len(part):]
	}
}
