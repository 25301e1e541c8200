package exact

import (
	"math/bits"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/internal/kern"
)

// BatchRows is how many rows a Batch holds: enough that the columns are read
// from memory once for many rows, and few enough to stay in the second cache.
const BatchRows = 16

// Coding is what a hard call of 0, 1, 2 copies counts.
type Coding [3]uint8

// The codings of tests.
var (
	Additive  = Coding{0, 1, 2}
	Dominant  = Coding{0, 1, 1}
	Recessive = Coding{0, 0, 1}
	Het       = Coding{0, 1, 0}
	squared   = Coding{0, 1, 4}
)

// Batch is a few rows spread to bytes. It belongs to one goroutine.
type Batch struct {
	kernels *kern.Kernels
	n       int
	stride  int
	tables  map[Coding]*dosage.Table
	rows    []dosage.Row
	planes  []uint8
	sums    []float64
	raw     []int64
}

// NewBatch makes a batch for rows of n samples.
func NewBatch(kernels *kern.Kernels, n int) *Batch {
	return &Batch{kernels: kernels, n: n, stride: padded(n), tables: map[Coding]*dosage.Table{}}
}

// Load takes up to BatchRows rows; they are read by the other methods.
func (b *Batch) Load(rows []dosage.Row) { b.rows = rows }

func (b *Batch) table(c Coding) *dosage.Table {
	t := b.tables[c]
	if t == nil {
		t = dosage.NewTable([4]uint8{c[0], c[1], c[2], 0})
		b.tables[c] = t
	}
	return t
}

// Dot sets dst[r*c.Len()+k] to the sum over samples of genotype times column k,
// for each row r; a missing genotype counts as zero. Hard calls count as the
// coding has it. Dosages are copies if the coding is Additive; for another they
// count as the nearest call.
func (b *Batch) Dot(dst []float64, c *Columns, coding Coding) {
	b.each(dst, c, 2, func(planes []uint8, r *dosage.Row) {
		if r.Hard() {
			b.table(coding).Unpack(planes[:b.n], r.Calls)
			return
		}
		low, high := planes[:b.n], planes[b.stride:][:b.n]
		if coding != Additive {
			clear(high)
			for i, u := range r.Units {
				if low[i] = 0; u != dosage.Missing {
					low[i] = coding[Nearest(u, r.Scale)]
				}
			}
			return
		}
		for i, u := range r.Units {
			if u == dosage.Missing {
				u = 0
			}
			low[i], high[i] = uint8(u), uint8(u>>8)
		}
	}, func(r *dosage.Row) float64 {
		if coding != Additive {
			return 1
		}
		return 1 / float64(r.Scale)
	})
}

// Nearest is the call nearest to a dosage in units of 1/scale, half ways
// upwards, as dosage.Counts counts them.
func Nearest(u uint16, scale int) int {
	switch v := 2 * int(u); {
	case v < scale:
		return 0
	case v < 3*scale:
		return 1
	}
	return 2
}

// DotSquares is Dot for squared additive genotypes.
func (b *Batch) DotSquares(dst []float64, c *Columns) {
	b.each(dst, c, 4, func(planes []uint8, r *dosage.Row) {
		if r.Hard() {
			b.table(squared).Unpack(planes[:b.n], r.Calls)
			return
		}
		for i, u := range r.Units {
			if u == dosage.Missing {
				u = 0
			}
			v := uint32(u) * uint32(u)
			for k := range 4 {
				planes[k*b.stride+i] = uint8(v >> (8 * k))
			}
		}
	}, func(r *dosage.Row) float64 { return 1 / float64(float64(r.Scale)*float64(r.Scale)) })
}

// each runs over the rows in runs of one shape: hard calls have one plane of
// bytes, dosages so many, the lowest first.
func (b *Batch) each(dst []float64, c *Columns, unitPlanes int, spread func([]uint8, *dosage.Row), scale func(*dosage.Row) float64) {
	if c.Len() == 0 {
		return
	}
	for from := 0; from < len(b.rows); {
		hard := b.rows[from].Hard()
		to := from + 1
		for to < len(b.rows) && b.rows[to].Hard() == hard {
			to++
		}
		planes := 1
		if !hard {
			planes = unitPlanes
		}
		need := (to - from) * planes
		if len(b.planes) < need*b.stride {
			b.planes = make([]uint8, need*b.stride)
		}
		for r := from; r < to; r++ {
			spread(b.planes[(r-from)*planes*b.stride:], &b.rows[r])
		}
		if hard {
			b.raw = c.dot(b.kernels, dst[from*c.Len():], b.planes, need, b.raw)
		} else {
			b.combine(dst[from*c.Len():], c, b.rows[from:to], planes, scale)
		}
		from = to
	}
}

// combine adds the planes of dosages up. Each plane's sum is rounded once and
// they are added in order, so the result depends on nothing else.
func (b *Batch) combine(dst []float64, c *Columns, rows []dosage.Row, planes int, scale func(*dosage.Row) float64) {
	need := len(rows) * planes * c.Len()
	if cap(b.sums) < need {
		b.sums = make([]float64, need)
	}
	sums := b.sums[:need]
	b.raw = c.dot(b.kernels, sums, b.planes, len(rows)*planes, b.raw)
	for r := range rows {
		s := scale(&rows[r])
		for k := range c.Len() {
			total := 0.0
			for p := planes - 1; p >= 0; p-- {
				total = float64(total*256) + sums[(r*planes+p)*c.Len()+k]
			}
			dst[r*c.Len()+k] = float64(total * s)
		}
	}
}

// AppendMissing appends the columns of the samples without a genotype.
func AppendMissing(dst []int, r *dosage.Row) []int {
	if r.Hard() {
		for w, word := range r.Calls {
			for m := word & (word >> 1) & 0x5555555555555555; m != 0; m &= m - 1 {
				dst = append(dst, w*dosage.WordSamples+bits.TrailingZeros64(m)/2)
			}
		}
		return dst
	}
	for i, u := range r.Units {
		if u == dosage.Missing {
			dst = append(dst, i)
		}
	}
	return dst
}
