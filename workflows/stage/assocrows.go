package stage

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/result"
)

// appendRows writes rows of all traits for a part, with all digits of their
// numbers: what Parquet is made of, for text has fewer.
func appendRows(dst []byte, traits [][]result.Row) []byte {
	text := func(s string) {
		dst = binary.AppendUvarint(dst, uint64(len(s)))
		dst = append(dst, s...)
	}
	for _, rows := range traits {
		dst = binary.AppendUvarint(dst, uint64(len(rows)))
		for i := range rows {
			r := &rows[i]
			for _, s := range []string{r.Chrom, r.ID, r.Ref, r.Alt, r.Test} {
				text(s)
			}
			for _, n := range []int{r.Start, r.N, r.Cases, r.Controls} {
				dst = binary.AppendVarint(dst, int64(n))
			}
			for _, x := range []float64{r.EAF, r.Info, r.Beta, r.SE, r.Stat, r.NegLog10P} {
				dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(x))
			}
			dst = append(dst, byte(r.Method))
			dst = binary.LittleEndian.AppendUint16(dst, uint16(r.Flags))
		}
	}
	return dst
}

// leastRow is the fewest bytes of a row.
const leastRow = 5 + 4 + 6*8 + 3

// parseRows reads them back.
func parseRows(b []byte, traits int) ([][]result.Row, error) {
	d := rowDecoder{rest: string(b)}
	out := make([][]result.Row, traits)
	for t := range out {
		n := d.size(leastRow)
		out[t] = make([]result.Row, n)
		variants := make([]dosage.Variant, n)
		for i := range out[t] {
			out[t][i].Variant = &variants[i]
			d.row(&out[t][i])
		}
	}
	if d.bad || d.rest != "" {
		return nil, fmt.Errorf("%w: not rows of %d traits", errPart, traits)
	}
	return out, nil
}

// rowDecoder takes values from the begin of a text. What is not there sets bad, and
// is 0 or empty.
type rowDecoder struct {
	rest string
	bad  bool
}

func (d *rowDecoder) take(n int) string {
	if n > len(d.rest) {
		d.bad, n = true, 0
	}
	s := d.rest[:n]
	d.rest = d.rest[n:]
	return s
}

// size is a number of things, of at least so many bytes each.
func (d *rowDecoder) size(least int) int {
	n, k := binary.Uvarint([]byte(d.rest[:min(len(d.rest), binary.MaxVarintLen64)]))
	if k <= 0 || n > uint64(len(d.rest)/least) {
		d.bad = true
		return 0
	}
	d.take(k)
	return int(n)
}

func (d *rowDecoder) whole() int {
	n, k := binary.Varint([]byte(d.rest[:min(len(d.rest), binary.MaxVarintLen64)]))
	if k <= 0 {
		d.bad = true
		return 0
	}
	d.take(k)
	return int(n)
}

// bits is a number of so many bytes, the lowest first.
func (d *rowDecoder) bits(bytes int) (v uint64) {
	for i, c := range []byte(d.take(bytes)) {
		v |= uint64(c) << (8 * i)
	}
	return v
}

func (d *rowDecoder) row(r *result.Row) {
	for _, to := range []*string{&r.Chrom, &r.ID, &r.Ref, &r.Alt, &r.Test} {
		*to = d.take(d.size(1))
	}
	for _, to := range []*int{&r.Start, &r.N, &r.Cases, &r.Controls} {
		*to = d.whole()
	}
	for _, to := range []*float64{&r.EAF, &r.Info, &r.Beta, &r.SE, &r.Stat, &r.NegLog10P} {
		*to = math.Float64frombits(d.bits(8))
	}
	r.Method, r.Flags = result.Method(d.bits(1)), result.Flags(d.bits(2))
	if r.Method > result.FirthSPA || r.Flags>>result.NumFlags != 0 {
		d.bad, r.Method, r.Flags = true, 0, 0
	}
}
