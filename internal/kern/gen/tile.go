package main

import (
	"fmt"
	"strings"
)

// A tileFamily is the micro-kernel of one element type on one instruction set,
// in every size: rows 1 to isa.rows, 1 or 2 vectors of columns.
//
// All sizes share one frame. DI holds the argument; AX and R14 the start of A
// and B in the outer loop, R8, R9, R10 the rows 0, 4 and 8 of A, SI the row of
// B, R11 and R12 one and three times the distance of rows of A, R13 and DX the
// steps of A and B, BX and CX the counts of the loops.
type tileFamily struct {
	isa
	elem
}

func (f tileFamily) fn(rows, vecs int) string {
	return fmt.Sprintf("tile%s%s%dx%d", f.upper, f.isa.name, rows, vecs)
}

func (f tileFamily) typ() string { return "Tile" + f.upper }

func (f tileFamily) field(name string) string { return fmt.Sprintf("%s_%s(DI)", f.typ(), name) }

// row is the address of element 0 of row i of A at the present step.
func row(i int) string {
	base := []string{"R8", "R9", "R10"}[i/4]
	return base + []string{"", "(R11*1)", "(R11*2)", "(R12*1)"}[i%4]
}

func addr(i int) string {
	r := row(i)
	if base, index, ok := strings.Cut(r, "("); ok {
		return "(" + base + ")(" + index
	}
	return "(" + r + ")"
}

// acc is the register of the accumulator of row i, vector z: the last ones.
func (f tileFamily) acc(rows, vecs, i, z int) string {
	top := 32
	if f.isa.name == "avx2" {
		top = 16
	}
	return f.v(top - rows*vecs + i*vecs + z)
}

func tileAssembly(families []tileFamily) []byte {
	a := newAsm()
	for _, f := range families {
		for rows := 1; rows <= f.rows; rows++ {
			for vecs := 1; vecs <= 2; vecs++ {
				f.write(a, rows, vecs)
			}
		}
	}
	return a.Bytes()
}

func (f tileFamily) write(a *asm, rows, vecs int) {
	a.function(f.fn(rows, vecs), "t *"+f.typ(), fmt.Sprintf("%d rows x %d vectors of %s.", rows, vecs, f.elem.name))
	a.op("MOVQ t+0(FP), DI")
	load := func(name, reg string) {
		a.op("MOVQ %s, %s", f.field(name), reg)
		a.op("SHLQ $%d, %s", f.shift, reg)
	}
	a.op("MOVQ %s, AX", f.field("A"))
	a.op("MOVQ %s, R14", f.field("B"))
	load("ARow", "R11")
	a.op("LEAQ (R11)(R11*2), R12")
	load("AStep", "R13")
	load("BStep", "DX")
	a.op("MOVQ %s, BX", f.field("Outer"))

	a.op("MOVQ %s, SI", f.field("Init"))
	load("InitRow", "CX")
	for i := range rows {
		for z := range vecs {
			a.op("VMOVU%s %d(SI), %s", f.suffix, z*f.isa.bytes, f.acc(rows, vecs, i, z))
		}
		if i < rows-1 {
			a.op("ADDQ CX, SI")
		}
	}
	f.prefetch(a, rows, vecs)
	a.label("outer")
	a.op("MOVQ AX, R8")
	if rows > 4 {
		a.op("LEAQ (AX)(R11*4), R9")
	}
	if rows > 8 {
		a.op("LEAQ (AX)(R11*8), R10")
	}
	a.op("MOVQ R14, SI")
	a.op("MOVQ %s, CX", f.field("Inner"))
	a.label("inner")
	f.step(a, rows, vecs)
	for i := 0; i < rows; i += 4 {
		a.op("ADDQ R13, %s", row(i))
	}
	a.op("ADDQ DX, SI")
	a.op("DECQ CX")
	a.op("JNZ inner")
	for _, p := range [][2]string{{"AOuter", "AX"}, {"BOuter", "R14"}} {
		load(p[0], "CX")
		a.op("ADDQ CX, %s", p[1])
	}
	a.op("DECQ BX")
	a.op("JNZ outer")
	f.finish(a, rows, vecs)
}

// prefetch asks for the tile below this one, which a product of matrices and a
// convolution come to next: the first sums would wait for it.
func (f tileFamily) prefetch(a *asm, rows, vecs int) {
	a.op("MOVQ %s, CX", f.field("CRow"))
	a.op("SHLQ $%d, CX", f.shift)
	a.op("IMUL3Q $%d, CX, SI", rows)
	a.op("ADDQ %s, SI", f.field("C"))
	for i := range rows {
		for line := 0; line < vecs*f.isa.bytes; line += 64 {
			a.op("PREFETCHT0 %d(SI)", line)
		}
		if i < rows-1 {
			a.op("ADDQ CX, SI")
		}
	}
}

// step multiplies one row of B by one column of A.
func (f tileFamily) step(a *asm, rows, vecs int) {
	for z := range vecs {
		a.op("VMOVU%s %d(SI), %s", f.suffix, z*f.isa.bytes, f.v(z))
	}
	free := 2 // registers vecs.. rotate through the broadcasts
	if f.isa.name == "avx512" {
		free = 6
	}
	for i := range rows {
		b := f.v(vecs + i%free)
		a.op("VBROADCAST%s %s, %s", f.scalar, addr(i), b)
		for z := range vecs {
			a.op("VFMADD231%s %s, %s, %s", f.suffix, f.v(z), b, f.acc(rows, vecs, i, z))
		}
	}
}

// finish clamps the accumulators and stores them. A maximum with a number that
// is not one gives its first operand of Intel's order back, the last of Go's:
// the accumulator stands there, so that NaN stays visible.
func (f tileFamily) finish(a *asm, rows, vecs int) {
	a.op("CMPB %s, $0", f.field("Clamp"))
	a.op("JEQ store")
	a.op("VBROADCAST%s %s, %s", f.scalar, f.field("Lo"), f.v(0))
	a.op("VBROADCAST%s %s, %s", f.scalar, f.field("Hi"), f.v(1))
	for i := range rows {
		for z := range vecs {
			acc := f.acc(rows, vecs, i, z)
			a.op("VMAX%s %s, %s, %s", f.suffix, acc, f.v(0), acc)
			a.op("VMIN%s %s, %s, %s", f.suffix, acc, f.v(1), acc)
		}
	}
	a.label("store")
	a.op("MOVQ %s, SI", f.field("C"))
	a.op("MOVQ %s, CX", f.field("CRow"))
	a.op("SHLQ $%d, CX", f.shift)
	for i := range rows {
		for z := range vecs {
			a.op("VMOVU%s %s, %d(SI)", f.suffix, f.acc(rows, vecs, i, z), z*f.isa.bytes)
		}
		if i < rows-1 {
			a.op("ADDQ CX, SI")
		}
	}
	a.op("VZEROUPPER")
	a.op("RET")
}

func tileChoice(families []tileFamily) []byte {
	var b strings.Builder
	for _, f := range families {
		for rows := 1; rows <= f.rows; rows++ {
			for vecs := 1; vecs <= 2; vecs++ {
				fmt.Fprintf(&b, "\n//go:noescape\nfunc %s(t *%s)\n", f.fn(rows, vecs), f.typ())
			}
		}
		name := strings.TrimSuffix(f.fn(0, 0), "0x0")
		writeChoice(&b, name, f.typ(), f.rows, f.fn)
	}
	return goFile(b.String())
}

// writeChoice writes the function that calls the kernel of the size of a tile.
func writeChoice(b *strings.Builder, name, typ string, most int, fn func(rows, vecs int) string) {
	fmt.Fprintf(b, "\n// %s runs the kernel of the size of t, which has vecs vectors of columns.\n", name)
	fmt.Fprintf(b, "func %s(t *%s, vecs int) {\nswitch t.Rows*2 + vecs - 1 {\n", name, typ)
	for rows := 1; rows <= most; rows++ {
		for vecs := 1; vecs <= 2; vecs++ {
			fmt.Fprintf(b, "case %d: %s(t)\n", rows*2+vecs-1, fn(rows, vecs))
		}
	}
	b.WriteString("}\n}\n")
}
