package gvcf

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/gx-genomics/gx/variant"
)

// AppendRuns appends runs of one contig to dst in a compact form that DecodeRuns reads.
// The contig is not in it.
func AppendRuns(dst []byte, runs []Run) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(runs)))
	for i := range runs {
		r := &runs[i]
		called := byte(0)
		if r.GT.A == variant.Missing {
			called = 1
		}
		dst = append(dst, r.Ref, called)
		for _, v := range [...]int{r.Start, r.End - r.Start, r.GQ, r.MinDP, r.MedDP + 1, r.bin, len(r.depths)} {
			dst = binary.AppendUvarint(dst, uint64(v))
		}
		for _, x := range r.GL {
			dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(x))
		}
		for _, d := range r.depths {
			dst = binary.AppendUvarint(dst, uint64(d.reads))
			dst = binary.AppendUvarint(dst, uint64(d.bases))
		}
	}
	return dst
}

// ErrCoded is the error of DecodeRuns about bytes that AppendRuns did not make.
var ErrCoded = errors.New("runs of reference blocks are damaged")

// DecodeRuns reads what AppendRuns wrote of runs on a contig.
func DecodeRuns(b []byte, contig string) ([]Run, error) {
	d := decoder{b: b}
	n := d.number()
	if n > len(b) { // a run takes more than a byte
		return nil, ErrCoded
	}
	runs := make([]Run, n)
	for i := range runs {
		r := &runs[i]
		r.Contig, r.Ref = contig, d.byte()
		if d.byte() == 1 {
			r.GT = variant.NoCall
		}
		r.Start = d.number()
		r.End = r.Start + d.number()
		r.GQ, r.MinDP, r.MedDP, r.bin = d.number(), d.number(), d.number()-1, d.number()
		depths := d.number()
		for k := range r.GL {
			r.GL[k] = math.Float64frombits(binary.LittleEndian.Uint64(d.take(8)))
		}
		if depths > len(d.b) {
			return nil, ErrCoded
		}
		for range depths {
			r.depths = append(r.depths, depth{d.number(), d.number()})
		}
	}
	if d.bad || len(d.b) > 0 {
		return nil, ErrCoded
	}
	return runs, nil
}

type decoder struct {
	b   []byte
	bad bool
}

func (d *decoder) take(n int) []byte {
	if n > len(d.b) {
		d.bad, d.b = true, nil
		return make([]byte, n)
	}
	out := d.b[:n]
	d.b = d.b[n:]
	return out
}

func (d *decoder) byte() byte { return d.take(1)[0] }

func (d *decoder) number() int {
	v, n := binary.Uvarint(d.b)
	if n <= 0 || v > math.MaxInt32 {
		d.bad, d.b = true, nil
		return 0
	}
	d.b = d.b[n:]
	return int(v)
}
