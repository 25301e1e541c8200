package kern

// A tiler runs the tiles of packed matrix products: what differs between
// float32 and float64.
type tiler[T number] interface {
	shape() Shape
	blocking() blocking
	newCall() tileCall[T]
}

// A tileCall adds the product of packed panels to C: rows x cols, over kc.
type tileCall[T number] interface {
	run(kc, rows, cols int, a, b, c []T, ldc int)
	// strided is C = Init + A*B with rows of A apart by lda; ldi is 0 for one row of Init.
	strided(kc, rows, cols int, a []T, lda int, b, init []T, ldi int, c []T, ldc int)
}

type tiler32 struct{ k *Kernels }

func (t tiler32) shape() Shape { return t.k.f32 }

// Multiples of the tiles of all kernels: 12 or 6 rows, 32 or 16 columns.
func (t tiler32) blocking() blocking { return blocking{kc: 512, mc: 120, nc: 1056} }

func (t tiler32) newCall() tileCall[float32] {
	return &call32{t.k, TileF32{Outer: 1, ARow: 1, AStep: t.k.f32.Rows}}
}

type call32 struct {
	k *Kernels
	t TileF32
}

func (c *call32) run(kc, rows, cols int, a, b, out []float32, ldc int) {
	t := &c.t
	t.ARow, t.AStep = 1, c.k.f32.Rows
	t.A, t.B, t.Init, t.C = a, b, out, out
	t.Rows, t.Cols, t.Inner = rows, cols, kc
	t.BStep, t.InitRow, t.CRow = cols, ldc, ldc
	c.k.TileF32(t)
}

func (c *call32) strided(kc, rows, cols int, a []float32, lda int, b, init []float32, ldi int, out []float32, ldc int) {
	t := &c.t
	t.ARow, t.AStep = lda, 1
	t.A, t.B, t.Init, t.C = a, b, init, out
	t.Rows, t.Cols, t.Inner = rows, cols, kc
	t.BStep, t.InitRow, t.CRow = cols, ldi, ldc
	c.k.TileF32(t)
}

type tiler64 struct{ k *Kernels }

func (t tiler64) shape() Shape       { return t.k.f64 }
func (t tiler64) blocking() blocking { return blocking{kc: 384, mc: 96, nc: 528} }

func (t tiler64) newCall() tileCall[float64] {
	return &call64{t.k, TileF64{Outer: 1, ARow: 1, AStep: t.k.f64.Rows}}
}

type call64 struct {
	k *Kernels
	t TileF64
}

func (c *call64) run(kc, rows, cols int, a, b, out []float64, ldc int) {
	t := &c.t
	t.ARow, t.AStep = 1, c.k.f64.Rows
	t.A, t.B, t.Init, t.C = a, b, out, out
	t.Rows, t.Cols, t.Inner = rows, cols, kc
	t.BStep, t.InitRow, t.CRow = cols, ldc, ldc
	c.k.TileF64(t)
}

func (c *call64) strided(kc, rows, cols int, a []float64, lda int, b, init []float64, ldi int, out []float64, ldc int) {
	t := &c.t
	t.ARow, t.AStep = lda, 1
	t.A, t.B, t.Init, t.C = a, b, init, out
	t.Rows, t.Cols, t.Inner = rows, cols, kc
	t.BStep, t.InitRow, t.CRow = cols, ldi, ldc
	c.k.TileF64(t)
}
