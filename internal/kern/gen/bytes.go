package main

import (
	"fmt"
	"strings"
)

// The kernels of bytes multiply u8 activations by s8 weights, four products to
// an s32 lane, and requantise. The frame is that of tileFamily; a step takes
// four bytes of each row of A, and the columns of B are 4 bytes wide.

// byteRows is how many rows the largest tile of bytes has.
func byteRows(s isa) int {
	if s.name == "avx512" {
		return 12
	}
	return 5 // ten accumulators, two rows of B, ones, a broadcast and two products
}

func byteFn(s isa) func(rows, vecs int) string {
	return func(rows, vecs int) string { return fmt.Sprintf("tileU8%s%dx%d", s.name, rows, vecs) }
}

// On avx512 one vector is 16 columns; on avx2 two vectors are: one output of 16
// bytes needs both. There vecs counts blocks of 16 columns all the same, and
// only one block is made.
func byteBlocks(s isa) int {
	if s.name == "avx512" {
		return 2
	}
	return 1
}

func bytesAssembly(sets []isa) []byte {
	a := newAsm()
	for _, s := range sets {
		for rows := 1; rows <= byteRows(s); rows++ {
			for blocks := 1; blocks <= byteBlocks(s); blocks++ {
				writeBytes(a, s, rows, blocks)
			}
		}
	}
	return a.Bytes()
}

func writeBytes(a *asm, s isa, rows, blocks int) {
	vecs := blocks * 64 / s.bytes
	acc := tileFamily{isa: s}.acc
	a.function(byteFn(s)(rows, blocks), "t *TileU8", fmt.Sprintf("%d rows x %d columns of u8 by s8.", rows, blocks*16))
	a.op("MOVQ t+0(FP), DI")
	a.op("MOVQ TileU8_A(DI), AX")
	a.op("MOVQ TileU8_B(DI), SI")
	a.op("MOVQ TileU8_ARow(DI), R11")
	a.op("LEAQ (R11)(R11*2), R12")
	a.op("MOVQ TileU8_AOuter(DI), R13")
	a.op("MOVQ TileU8_Outer(DI), BX")
	a.op("MOVQ TileU8_Init(DI), DX")
	for z := range vecs {
		a.op("VMOVDQU%s %d(DX), %s", width(s), z*s.bytes, acc(rows, vecs, 0, z))
		for i := 1; i < rows; i++ {
			a.op("VMOVDQA%s %s, %s", width(s), acc(rows, vecs, 0, z), acc(rows, vecs, i, z))
		}
	}
	if s.name == "avx2" { // ones of 16 bits in Y5
		a.op("VPCMPEQW Y5, Y5, Y5")
		a.op("VPSRLW $15, Y5, Y5")
	}
	a.label("outer")
	a.op("MOVQ AX, R8")
	if rows > 4 {
		a.op("LEAQ (AX)(R11*4), R9")
	}
	if rows > 8 {
		a.op("LEAQ (AX)(R11*8), R10")
	}
	a.op("MOVQ TileU8_Inner(DI), CX")
	a.label("inner")
	for z := range vecs {
		a.op("VMOVDQU%s %d(SI), %s", width(s), z*s.bytes, s.v(z))
	}
	for i := range rows {
		if s.name == "avx512" {
			b := s.v(vecs + i%6)
			a.op("VPBROADCASTD %s, %s", addr(i), b)
			for z := range vecs {
				a.op("VPDPBUSD %s, %s, %s", s.v(z), b, acc(rows, vecs, i, z))
			}
			continue
		}
		a.op("VPBROADCASTD %s, Y2", addr(i))
		for z := range vecs {
			product := s.v(3 + z)
			a.op("VPMADDUBSW %s, Y2, %s", s.v(z), product)
			a.op("VPMADDWD Y5, %s, %s", product, product)
			a.op("VPADDD %s, %s, %s", product, acc(rows, vecs, i, z), acc(rows, vecs, i, z))
		}
	}
	for i := 0; i < rows; i += 4 {
		a.op("ADDQ $4, %s", row(i))
	}
	a.op("ADDQ $%d, SI", vecs*s.bytes)
	a.op("DECQ CX")
	a.op("JNZ inner")
	a.op("ADDQ R13, AX")
	a.op("DECQ BX")
	a.op("JNZ outer")
	requantise(a, s, rows, vecs)
}

func width(s isa) string {
	if s.name == "avx512" {
		return "32"
	}
	return ""
}

// requantise writes clamp(round half even(float32(acc) * scale), 0, 255). The
// clamp comes before the conversion, whose result is not defined above 2^31.
func requantise(a *asm, s isa, rows, vecs int) {
	acc := tileFamily{isa: s}.acc
	a.op("MOVQ TileU8_Scale(DI), DX")
	for z := range vecs {
		a.op("VMOVUPS %d(DX), %s", z*s.bytes, s.v(z))
	}
	a.op("VXORPS X2, X2, X2")
	a.op("MOVL $0x437f0000, CX // 255")
	a.op("MOVQ CX, X3")
	a.op("VBROADCASTSS X3, %s", s.v(3))
	a.op("MOVQ TileU8_C(DI), SI")
	a.op("MOVQ TileU8_CRow(DI), CX")
	for i := range rows {
		for z := range vecs {
			r := acc(rows, vecs, i, z)
			a.op("VCVTDQ2PS %s, %s", r, r)
			a.op("VMULPS %s, %s, %s", s.v(z), r, r)
			a.op("VMAXPS %s, %s, %s", s.v(2), r, r) // NaN gives 0
			a.op("VMINPS %s, %s, %s", s.v(3), r, r)
			a.op("VCVTPS2DQ %s, %s", r, r)
			if s.name == "avx512" {
				a.op("VPMOVDB %s, %d(SI)", r, z*16)
			}
		}
		if s.name == "avx2" {
			lo, hi := acc(rows, vecs, i, 0), acc(rows, vecs, i, 1)
			a.op("VPACKUSDW %s, %s, Y4", hi, lo) // words 0-3, 8-11, 4-7, 12-15
			a.op("VPERMQ $0xD8, Y4, Y4")
			a.op("VEXTRACTI128 $1, Y4, X5")
			a.op("VPACKUSWB X5, X4, X4")
			a.op("VMOVDQU X4, (SI)")
		}
		if i < rows-1 {
			a.op("ADDQ CX, SI")
		}
	}
	a.op("VZEROUPPER")
	a.op("RET")
}

func bytesChoice(sets []isa) []byte {
	var b strings.Builder
	for _, s := range sets {
		for rows := 1; rows <= byteRows(s); rows++ {
			for blocks := 1; blocks <= byteBlocks(s); blocks++ {
				fmt.Fprintf(&b, "\n//go:noescape\nfunc %s(t *TileU8)\n", byteFn(s)(rows, blocks))
			}
		}
		name := "tileU8" + s.name
		fmt.Fprintf(&b, "\n// %s runs the kernel of the size of t.\nfunc %s(t *TileU8) {\nswitch t.Rows<<8 | t.Cols {\n", name, name)
		for rows := 1; rows <= byteRows(s); rows++ {
			for blocks := 1; blocks <= byteBlocks(s); blocks++ {
				fmt.Fprintf(&b, "case %d<<8 | %d: %s(t)\n", rows, blocks*16, byteFn(s)(rows, blocks))
			}
		}
		b.WriteString("}\n}\n")
	}
	return goFile(b.String())
}
