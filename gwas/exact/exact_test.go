package exact

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/internal/kern"
)

// fill makes hard calls and dosages with missing values, and columns of numbers
// among them one with a far outlier.
func fill(rng *rand.Rand, n int) (*dosage.Block, [][]float64) {
	var b dosage.Block
	b.Reset(0, n)
	for r := range 21 {
		if r%5 == 3 {
			row := b.AddUnits(dosage.Variant{}, 16384)
			for i := range row.Units {
				if row.Units[i] = uint16(rng.IntN(32769)); rng.IntN(20) == 0 {
					row.Units[i] = dosage.Missing
				}
			}
			row.Count(n, 0)
			continue
		}
		row := b.AddCalls(dosage.Variant{})
		clear(row.Calls)
		for i := range n {
			row.Calls[i/32] |= uint64(rng.IntN(4)) << (2 * (i % 32))
		}
		row.Count(n, 0)
	}
	columns := make([][]float64, 6)
	for k := range columns {
		columns[k] = make([]float64, n)
		for i := range n {
			columns[k][i] = rng.NormFloat64() * math.Pow(10, float64(k-2))
		}
	}
	columns[4][n/2] = 1e6
	clear(columns[5])
	return &b, columns
}

func value(r *dosage.Row, i int, c Coding) float64 {
	if r.Hard() {
		if g := r.Call(i); g != dosage.Absent {
			return float64(c[g])
		}
		return 0
	}
	g, ok := r.Dosage(i)
	if !ok {
		return 0
	}
	if c == Additive {
		return g
	}
	return float64(c[int(g+0.5)])
}

// TestDot compares with plain sums, for every kernel of the machine, and wants
// the same bits from all and for permuted samples.
func TestDot(t *testing.T) {
	const n = 1003
	b, columns := fill(rand.New(rand.NewPCG(1, 1)), n)
	place := rand.New(rand.NewPCG(2, 2)).Perm(n)
	cols := NewColumns(columns, place, n)
	for _, coding := range []Coding{Additive, Dominant, Recessive, squared} {
		var first []float64
		for _, k := range kern.Available() {
			batch := NewBatch(k, n)
			got := make([]float64, len(b.Rows)*cols.Len())
			for from := 0; from < len(b.Rows); from += BatchRows {
				batch.Load(b.Rows[from:min(from+BatchRows, len(b.Rows))])
				if coding == squared {
					batch.DotSquares(got[from*cols.Len():], cols)
				} else {
					batch.Dot(got[from*cols.Len():], cols, coding)
				}
			}
			if first == nil {
				first = got
			}
			if !slices.Equal(first, got) {
				t.Errorf("coding %v: kernels %s give other bits", coding, k.Name())
			}
			for r := range b.Rows {
				for j, col := range columns {
					want, size := 0.0, 0.0
					for i, v := range col {
						g := value(&b.Rows[r], place[i], coding)
						if coding == squared {
							g = value(&b.Rows[r], place[i], Additive)
							g *= g
						}
						want += g * v
						size += g * g * v * v
					}
					// A far outlier takes digits from the others.
					bar := 3e-6*math.Sqrt(size) + 1e-9*slices.Max(col)*math.Sqrt(n)
					if d := math.Abs(got[r*cols.Len()+j] - want); d > bar {
						t.Errorf("coding %v, row %d, column %d: %g, want %g", coding, r, j, got[r*cols.Len()+j], want)
					}
				}
			}
		}
	}
}

func TestAppendMissing(t *testing.T) {
	const n = 77
	b, _ := fill(rand.New(rand.NewPCG(3, 3)), n)
	for r := range b.Rows {
		var want []int
		for i := range n {
			if _, ok := b.Rows[r].Dosage(i); !ok {
				want = append(want, i)
			}
		}
		if got := AppendMissing(nil, &b.Rows[r]); !slices.Equal(got, want) || len(got) != b.Rows[r].Missing {
			t.Errorf("row %d: %v, want %v, counted %d", r, got, want, b.Rows[r].Missing)
		}
	}
}
