package main

import (
	"fmt"
	"strings"
)

// The kernels of arm64 have the frame of the amd64 ones with 4 lanes to a
// vector: 12 rows by 2 vectors of f32 fill 24 of the 32 registers. The address
// of each row has a register of its own, as loads that broadcast take no index.
//
// R0 holds the argument, R1 the start of B, R2 B, R3 to R14 the rows of A, R15
// the step of A, R16 that of B, R17 and R19 the counts, R20 and R21 scratch,
// R22 the start of A, R23 the distance of rows of A.
const neonRows = 12

func neonFn(kind string) func(rows, vecs int) string {
	return func(rows, vecs int) string { return fmt.Sprintf("tile%sneon%dx%d", kind, rows, vecs) }
}

func neonAcc(rows, vecs, i, z int) int { return 32 - rows*vecs + i*vecs + z }

func neonTileAssembly() []byte {
	a := newAsm()
	for rows := 1; rows <= neonRows; rows++ {
		for vecs := 1; vecs <= 2; vecs++ {
			writeNeonTile(a, rows, vecs)
		}
	}
	return a.Bytes()
}

func writeNeonTile(a *asm, rows, vecs int) {
	a.function(neonFn("F32")(rows, vecs), "t *TileF32", fmt.Sprintf("%d rows x %d vectors of f32.", rows, vecs))
	load := func(name, reg string) {
		a.op("MOVD TileF32_%s(R0), %s", name, reg)
		a.op("LSL $2, %s, %s", reg, reg)
	}
	a.op("MOVD t+0(FP), R0")
	a.op("MOVD TileF32_A(R0), R22")
	a.op("MOVD TileF32_B(R0), R1")
	load("ARow", "R23")
	load("AStep", "R15")
	load("BStep", "R16")
	a.op("MOVD TileF32_Outer(R0), R17")
	a.op("MOVD TileF32_Init(R0), R20")
	load("InitRow", "R21")
	for i := range rows {
		a.op("VLD1 (R20), [%s]", neonList("S4", neonAcc(rows, vecs, i, 0), vecs))
		a.op("ADD R21, R20, R20")
	}
	a.label("outer")
	a.op("MOVD R22, R3")
	for i := 1; i < rows; i++ {
		a.op("ADD R23, R%d, R%d", 2+i, 3+i)
	}
	a.op("MOVD R1, R2")
	a.op("MOVD TileF32_Inner(R0), R19")
	a.label("inner")
	a.op("VLD1 (R2), [%s]", neonList("S4", 0, vecs))
	a.op("ADD R16, R2, R2")
	for i := range rows {
		b := vecs + i%2
		a.op("VLD1R (R%d), [V%d.S4]", 3+i, b)
		a.op("ADD R15, R%d, R%d", 3+i, 3+i)
		for z := range vecs {
			a.op("VFMLA V%d.S4, V%d.S4, V%d.S4", z, b, neonAcc(rows, vecs, i, z))
		}
	}
	a.op("SUB $1, R19, R19")
	a.op("CBNZ R19, inner")
	load("AOuter", "R20")
	a.op("ADD R20, R22, R22")
	load("BOuter", "R20")
	a.op("ADD R20, R1, R1")
	a.op("SUB $1, R17, R17")
	a.op("CBNZ R17, outer")

	a.op("MOVBU TileF32_Clamp(R0), R20")
	a.op("CBZ R20, store")
	for reg, name := range []string{"Lo", "Hi"} {
		a.op("ADD $TileF32_%s, R0, R20", name)
		a.op("VLD1R (R20), [V%d.S4]", reg)
	}
	for acc := 32 - rows*vecs; acc < 32; acc++ {
		a.op("WORD $0x%08x // FMAX V%d.4S, V%d.4S, V0.4S", 0x4e20f400|acc<<5|acc, acc, acc)
		a.op("WORD $0x%08x // FMIN V%d.4S, V%d.4S, V1.4S", 0x4ea0f400|1<<16|acc<<5|acc, acc, acc)
	}
	a.label("store")
	a.op("MOVD TileF32_C(R0), R20")
	load("CRow", "R21")
	for i := range rows {
		a.op("VST1 [%s], (R20)", neonList("S4", neonAcc(rows, vecs, i, 0), vecs))
		a.op("ADD R21, R20, R20")
	}
	a.op("RET")
}

func neonList(arrangement string, first, n int) string {
	var l []string
	for i := range n {
		l = append(l, fmt.Sprintf("V%d.%s", first+i, arrangement))
	}
	return strings.Join(l, ", ")
}

func neonTileChoice() []byte {
	var b strings.Builder
	fn := neonFn("F32")
	for rows := 1; rows <= neonRows; rows++ {
		for vecs := 1; vecs <= 2; vecs++ {
			fmt.Fprintf(&b, "\n//go:noescape\nfunc %s(t *TileF32)\n", fn(rows, vecs))
		}
	}
	writeChoice(&b, "tileF32neon", "TileF32", neonRows, fn)
	return goFile(b.String())
}

// neonBytesAssembly writes the kernels for u8 by s8. SDOT takes two signed
// operands: the activation minus 128 is one, and 128 times the sum of the
// weights of a column, which the tile carries, sets it right.
func neonBytesAssembly() []byte {
	a := newAsm()
	for rows := 1; rows <= neonRows; rows++ {
		writeNeonBytes(a, rows)
	}
	return a.Bytes()
}

// Rows of bytes have two vectors of 4 columns: tiles of 8 columns.
func writeNeonBytes(a *asm, rows int) {
	a.function(neonFn("U8")(rows, 2), "t *TileU8", fmt.Sprintf("%d rows x 8 columns of u8 by s8.", rows))
	a.op("MOVD t+0(FP), R0")
	a.op("MOVD TileU8_A(R0), R22")
	a.op("MOVD TileU8_B(R0), R2")
	a.op("MOVD TileU8_ARow(R0), R23")
	a.op("MOVD TileU8_AOuter(R0), R15")
	a.op("MOVD TileU8_Outer(R0), R17")
	a.op("MOVD TileU8_Init(R0), R20")
	a.op("MOVD TileU8_Sum128(R0), R21")
	a.op("VLD1 (R20), [V0.S4, V1.S4]")
	a.op("VLD1 (R21), [V2.S4, V3.S4]")
	a.op("VADD V0.S4, V2.S4, V0.S4")
	a.op("VADD V1.S4, V3.S4, V1.S4")
	for i := range rows {
		for z := range 2 {
			acc := neonAcc(rows, 2, i, z)
			a.op("VORR V%d.B16, V%d.B16, V%d.B16", z, z, acc)
		}
	}
	a.op("VMOVI $0x80, V4.B16")
	a.label("outer")
	a.op("MOVD R22, R3")
	for i := 1; i < rows; i++ {
		a.op("ADD R23, R%d, R%d", 2+i, 3+i)
	}
	a.op("MOVD TileU8_Inner(R0), R19")
	a.label("inner")
	a.op("VLD1.P 32(R2), [V0.B16, V1.B16]")
	for i := range rows {
		b := 2 + i%2
		a.op("VLD1R.P 4(R%d), [V%d.S4]", 3+i, b)
		a.op("VEOR V4.B16, V%d.B16, V%d.B16", b, b)
		for z := range 2 {
			acc := neonAcc(rows, 2, i, z)
			a.op("WORD $0x%08x // SDOT V%d.4S, V%d.16B, V%d.16B", 0x4e809400|b<<16|z<<5|acc, acc, z, b)
		}
	}
	a.op("SUB $1, R19, R19")
	a.op("CBNZ R19, inner")
	a.op("ADD R15, R22, R22")
	a.op("SUB $1, R17, R17")
	a.op("CBNZ R17, outer")

	a.op("MOVD TileU8_Scale(R0), R20")
	a.op("VLD1 (R20), [V0.S4, V1.S4]")
	a.op("MOVD TileU8_C(R0), R20")
	a.op("MOVD TileU8_CRow(R0), R21")
	for i := range rows {
		for z := range 2 {
			acc := neonAcc(rows, 2, i, z)
			a.op("WORD $0x%08x // SCVTF V%d.4S, V%d.4S", 0x4e21d800|acc<<5|acc, acc, acc)
			a.op("WORD $0x%08x // FMUL V%d.4S, V%d.4S, V%d.4S", 0x6e20dc00|z<<16|acc<<5|acc, acc, acc, z)
			a.op("WORD $0x%08x // FCVTNS V%d.4S, V%d.4S", 0x4e21a800|acc<<5|acc, acc, acc) // saturates, NaN gives 0
		}
		lo, hi := neonAcc(rows, 2, i, 0), neonAcc(rows, 2, i, 1)
		a.op("WORD $0x%08x // SQXTUN V2.4H, V%d.4S", 0x2e612800|lo<<5|2, lo)
		a.op("WORD $0x%08x // SQXTUN2 V2.8H, V%d.4S", 0x6e612800|hi<<5|2, hi)
		a.op("WORD $0x%08x // UQXTN V2.8B, V2.8H", 0x2e214800|2<<5|2)
		a.op("VST1 [V2.B8], (R20)")
		a.op("ADD R21, R20, R20")
	}
	a.op("RET")
}

func neonBytesChoice() []byte {
	var b strings.Builder
	fn := neonFn("U8")
	for rows := 1; rows <= neonRows; rows++ {
		fmt.Fprintf(&b, "\n//go:noescape\nfunc %s(t *TileU8)\n", fn(rows, 2))
	}
	b.WriteString("\n// tileU8neon runs the kernel of the size of t.\nfunc tileU8neon(t *TileU8) {\nswitch t.Rows {\n")
	for rows := 1; rows <= neonRows; rows++ {
		fmt.Fprintf(&b, "case %d: %s(t)\n", rows, fn(rows, 2))
	}
	b.WriteString("}\n}\n")
	return goFile(b.String())
}
