package kern

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// everywhere runs a test with each set of kernels of this machine.
func everywhere(t *testing.T, f func(t *testing.T, k *Kernels, r *rand.Rand)) {
	t.Helper()
	for _, k := range Available() {
		t.Run(k.Name(), func(t *testing.T) { f(t, k, rand.New(rand.NewPCG(1, 2))) })
	}
}

func randomF32(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

func randomF64(r *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

// TestTileF32 compares every size of tile, with strides of all kinds, with the
// sum in float64.
func TestTileF32(t *testing.T) {
	everywhere(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		s := k.F32()
		for rows := 1; rows <= s.Rows; rows++ {
			for cols := s.Lanes; cols <= s.Cols; cols += s.Lanes {
				for range 6 {
					checkTileF32(t, k, r, rows, cols)
				}
			}
		}
	})
}

func checkTileF32(t *testing.T, k *Kernels, r *rand.Rand, rows, cols int) {
	t.Helper()
	c := TileF32{Rows: rows, Cols: cols, Outer: 1 + r.IntN(4), Inner: 1 + r.IntN(40), ARow: r.IntN(50), AStep: r.IntN(20),
		AOuter: r.IntN(30), BStep: r.IntN(2 * cols), BOuter: r.IntN(100), CRow: cols + r.IntN(9), Clamp: r.IntN(2) == 0, Lo: -1.5, Hi: 2.5}
	c.InitRow = []int{0, c.CRow}[r.IntN(2)]
	c.A = randomF32(r, (c.Outer-1)*c.AOuter+(c.Inner-1)*c.AStep+(rows-1)*c.ARow+1)
	c.B = randomF32(r, (c.Outer-1)*c.BOuter+(c.Inner-1)*c.BStep+cols)
	c.Init = randomF32(r, (rows-1)*c.InitRow+cols)
	c.C = make([]float32, (rows-1)*c.CRow+cols)
	if c.InitRow > 0 && r.IntN(2) == 0 {
		c.C = c.Init
	}
	want := make([]float64, rows*cols)
	size := make([]float64, rows*cols)
	for i := range rows {
		for j := range cols {
			sum := float64(c.Init[i*c.InitRow+j])
			abs := math.Abs(sum)
			for o := range c.Outer {
				for q := range c.Inner {
					p := float64(c.A[o*c.AOuter+q*c.AStep+i*c.ARow]) * float64(c.B[o*c.BOuter+q*c.BStep+j])
					sum += p
					abs += math.Abs(p)
				}
			}
			if c.Clamp {
				sum = min(max(sum, -1.5), 2.5)
			}
			want[i*cols+j], size[i*cols+j] = sum, abs
		}
	}
	plain := c
	plain.Init = append([]float32(nil), c.Init...)
	plain.C = make([]float32, len(c.C))
	k.TileF32(&c)
	plainF32(&plain)
	for i := range rows {
		for j := range cols {
			at := i*c.CRow + j
			if got := float64(c.C[at]); math.Abs(got-want[i*cols+j]) > 1e-6*(1+size[i*cols+j]) {
				t.Fatalf("%d x %d: C[%d][%d] = %v, want %v", rows, cols, i, j, got, want[i*cols+j])
			}
			if math.Float32bits(c.C[at]) != math.Float32bits(plain.C[at]) {
				t.Fatalf("%d x %d: C[%d][%d] = %v, plain %v", rows, cols, i, j, c.C[at], plain.C[at])
			}
		}
	}
}

// TestFMA32 compares the software fusion with the processor's in float64 of
// exact arithmetic, near ties and among the smallest numbers too.
func TestFMA32(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	ties := 0
	for i := range 300000 {
		a := math.Float32frombits(r.Uint32())
		b := math.Float32frombits(r.Uint32())
		if i%2 == 0 { // products of few bits, sums near a tie
			a, b = float32(1+r.IntN(1<<12))*0x1p-12, float32(1+r.IntN(1<<12))*0x1p-13
		}
		c := math.Float32frombits(r.Uint32())
		if i%4 == 0 {
			c = float32(r.IntN(1<<24)) * float32(math.Exp2(float64(r.IntN(40)-20)))
		}
		got, want := fma32(a, b, c), bigFMA(a, b, c)
		if math.Float32bits(got) != math.Float32bits(want) && (got == got || want == want) {
			t.Fatalf("fma32(%x, %x, %x) = %x, want %x", a, b, c, got, want)
		}
		if twice := float32(float64(a)*float64(b) + float64(c)); twice != got {
			ties++
		}
	}
	if ties == 0 {
		t.Error("no case where rounding twice differs: the test does not see the hard ones")
	}
}

// bigFMA rounds the exact a*b+c once.
func bigFMA(a, b, c float32) float32 {
	for _, x := range []float64{float64(a), float64(b), float64(c)} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return float32(math.FMA(float64(a), float64(b), float64(c)))
		}
	}
	x := func(f float32) *big.Float { return new(big.Float).SetPrec(1000).SetFloat64(float64(f)) }
	s := x(a)
	s.Mul(s, x(b)).Add(s, x(c))
	if s.Sign() == 0 {
		return float32(float64(a)*float64(b) + float64(c)) // the sign of zero
	}
	f, _ := s.Float32()
	return f
}

func TestTileF64(t *testing.T) {
	everywhere(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		s := k.F64()
		for rows := 1; rows <= s.Rows; rows++ {
			for cols := s.Lanes; cols <= s.Cols; cols += s.Lanes {
				inner, outer := 1+r.IntN(30), 1+r.IntN(3)
				c := TileF64{Rows: rows, Cols: cols, Outer: outer, Inner: inner, ARow: 7, AStep: 3, AOuter: 11, BStep: cols + 1, BOuter: 5,
					InitRow: cols, CRow: cols + 3, Clamp: rows%2 == 0, Lo: -2, Hi: 2,
					A: randomF64(r, 500), B: randomF64(r, 2000), Init: randomF64(r, rows*cols), C: make([]float64, rows*(cols+3))}
				want := c
				want.C = make([]float64, len(c.C))
				k.TileF64(&c)
				plainF64(&want)
				for i := range c.C {
					if c.C[i] != want.C[i] {
						t.Fatalf("%d x %d: C[%d] = %v, want %v", rows, cols, i, c.C[i], want.C[i])
					}
				}
			}
		}
	})
}

// TestTileKeepsNaN: a clamp does not hide what is not a number.
func TestTileKeepsNaN(t *testing.T) {
	everywhere(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		s := k.F32()
		nan := float32(math.NaN())
		c := TileF32{Rows: s.Rows, Cols: s.Cols, Outer: 1, Inner: 1, ARow: 1, A: make([]float32, s.Rows), B: make([]float32, s.Cols),
			Init: make([]float32, s.Cols), C: make([]float32, s.Rows*s.Cols), CRow: s.Cols, Clamp: true, Hi: 6}
		c.A[s.Rows-1] = nan
		k.TileF32(&c)
		for i, v := range c.C {
			if isNaN := v != v; isNaN != (i/s.Cols == s.Rows-1) {
				t.Fatalf("C[%d] = %v", i, v)
			}
		}
	})
}

func TestTileU8(t *testing.T) {
	everywhere(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		s := k.U8()
		for rows := 1; rows <= s.Rows; rows++ {
			for cols := s.Lanes; cols <= s.Cols; cols += s.Lanes {
				for range 5 {
					checkTileU8(t, k, r, rows, cols)
				}
			}
		}
	})
}

// checkTileU8 takes bytes of the whole range, extremes often, so that a path
// whose sums saturate would show.
func checkTileU8(t *testing.T, k *Kernels, r *rand.Rand, rows, cols int) {
	t.Helper()
	c := TileU8{Rows: rows, Cols: cols, Outer: 1 + r.IntN(4), Inner: 1 + r.IntN(30), ARow: r.IntN(60), AOuter: r.IntN(200), CRow: cols + r.IntN(20)}
	c.A = make([]uint8, (c.Outer-1)*c.AOuter+4*c.Inner+(rows-1)*c.ARow)
	for i := range c.A {
		c.A[i] = []uint8{255, 0, uint8(r.Uint32())}[r.IntN(3)]
	}
	c.B = make([]int8, 4*c.Outer*c.Inner*cols)
	for i := range c.B {
		c.B[i] = []int8{MaxWeight, -MaxWeight, int8(r.IntN(127) - 63)}[r.IntN(3)]
	}
	c.Init, c.Sum128, c.Scale = make([]int32, cols), make([]int32, cols), make([]float32, cols)
	for j := range cols {
		c.Init[j] = int32(r.IntN(200000) - 100000)
		c.Scale[j] = []float32{0.0005 * r.Float32(), 0.5, 1e30, float32(math.NaN())}[min(r.IntN(8), 3)%4]
	}
	SumColumns(c.Sum128, c.B, cols)
	want := make([]uint8, rows*cols)
	for i := range rows {
		for j := range cols {
			acc := c.Init[j]
			for o := range c.Outer {
				for q := range c.Inner {
					for b := range 4 {
						acc += int32(c.A[o*c.AOuter+4*q+b+i*c.ARow]) * int32(c.B[((o*c.Inner+q)*cols+j)*4+b])
					}
				}
			}
			v := math.RoundToEven(float64(float32(acc) * c.Scale[j]))
			if v > 255 {
				v = 255
			}
			if v > 0 {
				want[i*cols+j] = uint8(v)
			}
		}
	}
	c.C = make([]uint8, (rows-1)*c.CRow+cols)
	k.TileU8(&c)
	for i := range rows {
		for j := range cols {
			if got := c.C[i*c.CRow+j]; got != want[i*cols+j] {
				t.Fatalf("%d x %d: C[%d][%d] = %d, want %d (scale %v)", rows, cols, i, j, got, want[i*cols+j], c.Scale[j])
			}
		}
	}
}

func TestDotU8S8(t *testing.T) {
	everywhere(t, func(t *testing.T, k *Kernels, r *rand.Rand) {
		for _, n := range []int{1, 15, 16, 63, 64, 65, 200, dotChunk + 77} {
			m, p := 1+r.IntN(9), 1+r.IntN(7)
			lda, ldb := n+r.IntN(5), n+r.IntN(5)
			a, b := make([]uint8, m*lda), make([]int8, p*ldb)
			for i := range a {
				a[i] = []uint8{255, uint8(r.Uint32())}[r.IntN(2)]
			}
			for i := range b {
				b[i] = []int8{-128, int8(r.Uint32())}[r.IntN(2)]
			}
			got, want := make([]int64, m*p), make([]int64, m*p)
			for i := range m {
				for j := range p {
					got[i*p+j] = int64(i - j)
					want[i*p+j] = int64(i - j)
					for q := range n {
						want[i*p+j] += int64(a[i*lda+q]) * int64(b[j*ldb+q])
					}
				}
			}
			k.DotU8S8(got, p, a, lda, m, b, ldb, p, n)
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("m %d p %d n %d: %v, want %v", m, p, n, got, want)
			}
		}
	})
}

func TestTileOutsideItsSlicesPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a tile that reaches past C ran")
		}
	}()
	k := Active()
	s := k.F32()
	k.TileF32(&TileF32{Rows: 2, Cols: s.Lanes, Outer: 1, Inner: 1, ARow: 1, A: make([]float32, 2), B: make([]float32, s.Lanes),
		Init: make([]float32, s.Lanes), C: make([]float32, s.Lanes), CRow: 1})
}

func TestNamed(t *testing.T) {
	for _, k := range Available() {
		if got, err := Named(k.Name()); err != nil || got != k {
			t.Errorf("Named(%q) = %v, %v", k.Name(), got, err)
		}
	}
	if _, err := Named("sse9"); err == nil {
		t.Error("kernels sse9 were found")
	}
}
