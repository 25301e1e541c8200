// Package exact sums genotypes against columns of real numbers in whole
// numbers: a column is held in fixed point, cut into signed bytes, and the
// products of bytes are added without rounding. So a sum depends on neither the
// order of the samples nor on threads or kernels, and it costs less than one
// in floating point.
package exact

import (
	"math"

	"github.com/gx-genomics/gx/internal/kern"
)

// align is what rows are padded to, so that kernels meet whole vectors.
const align = 64

func padded(n int) int { return (n + align - 1) / align * align }

// Columns are real numbers, one per sample and column, in fixed point. They are
// read only once made.
type Columns struct {
	n      int    // samples of a genotype row
	stride int    // bytes of a limb
	limbs  []int8 // limbs of a column follow each other, the highest first
	cols   []fixed
	count  int // limbs in all
}

// fixed says how a column is held: value = units * quantum, a power of two.
type fixed struct {
	limbs   int
	quantum float64
}

// precision is the bits kept below the mean size of a column's values.
const precision = 19

// maxLimbs is the most bytes of a value: three hold a column that is near to
// normal, the fourth is for one with far outliers.
const maxLimbs = 4

// NewColumns holds the values, each over the same samples; sample i stands in
// column place[i] of a genotype row of n, and samples of the row without a
// place count as zero.
func NewColumns(values [][]float64, place []int, n int) *Columns {
	return Build(len(values), func(k int) []float64 { return values[k] }, place, n)
}

// Build is NewColumns of so many columns that are asked for twice, one at a time.
func Build(count int, column func(k int) []float64, place []int, n int) *Columns {
	c := &Columns{n: n, stride: padded(n)}
	for k := range count {
		f := newFixed(column(k))
		c.cols = append(c.cols, f)
		c.count += f.limbs
	}
	c.limbs = make([]int8, c.count*c.stride)
	at := 0
	for k, f := range c.cols {
		v := column(k)
		block := c.limbs[at*c.stride:]
		inverse := 1 / f.quantum
		for i, x := range v {
			units := int64(math.RoundToEven(x * inverse))
			for l := f.limbs - 1; l >= 0; l-- {
				low := int8(units)
				block[l*c.stride+place[i]] = low
				units = (units - int64(low)) >> 8
			}
		}
		at += f.limbs
	}
	return c
}

// newFixed chooses the quantum: as fine as the limbs allow.
func newFixed(v []float64) fixed {
	most, n := 0.0, 0
	for _, x := range v {
		if x != 0 {
			most = max(most, math.Abs(x))
			n++
		}
	}
	if most == 0 {
		return fixed{1, 1}
	}
	mean := 0.0 // size, relative to most
	for _, x := range v {
		mean += math.Abs(x/most) / float64(n)
	}
	limbs := 3
	if math.Log2(1/mean)+precision > 22.5 {
		limbs = maxLimbs
	}
	// Signed digits of 8 bits reach 127 * (256^limbs-1)/255, a little below half of the range.
	reach := 127 * (math.Pow(256, float64(limbs)) - 1) / 255
	_, e := math.Frexp(most / reach) // most/reach < 2^e
	return fixed{limbs, math.Ldexp(1, e)}
}

// Len is how many columns there are.
func (c *Columns) Len() int { return len(c.cols) }

// dot multiplies rows of bytes with all columns: dst[r*Len()+k]. raw is scratch.
func (c *Columns) dot(kernels *kern.Kernels, dst []float64, planes []uint8, rows int, raw []int64) []int64 {
	need := rows * c.count
	if cap(raw) < need {
		raw = make([]int64, need)
	}
	raw = raw[:need]
	clear(raw)
	kernels.DotU8S8(raw, c.count, planes, c.stride, rows, c.limbs, c.stride, c.count, c.stride)
	for r := range rows {
		sums := raw[r*c.count:]
		out := dst[r*len(c.cols):][:len(c.cols)]
		at := 0
		for k, f := range c.cols {
			total := sums[at]
			for _, s := range sums[at+1 : at+f.limbs] {
				total = total<<8 + s
			}
			out[k] = float64(total) * f.quantum
			at += f.limbs
		}
	}
	return raw
}
