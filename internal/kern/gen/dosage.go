package main

import (
	"fmt"
	"strings"
)

// The kernels of dosages are sums over long rows: up to 4 rows of u8 by up to 4
// rows of s8, each pair one s32. Twelve accumulators for the common case of 4
// variants by the 3 limbs of a trait.

func dosageFn(s isa, a, b int) string { return fmt.Sprintf("dotU8S8%s%dx%d", s.name, a, b) }

// dosageRows are the counts of rows of A that have a kernel.
var dosageRows = []int{1, 4}

func dosageAssembly(sets []isa) []byte {
	a := newAsm()
	for _, s := range sets {
		for _, rows := range dosageRows {
			for cols := 1; cols <= 4; cols++ {
				if s.name == "avx2" && rows*cols > 8 {
					continue // more accumulators than registers
				}
				writeDosage(a, s, rows, cols)
			}
		}
	}
	return a.Bytes()
}

func writeDosage(a *asm, s isa, rows, cols int) {
	a.function(dosageFn(s, rows, cols), "t *dotArgs", fmt.Sprintf("%d rows of u8 by %d rows of s8.", rows, cols))
	top := 16
	step := 16 // bytes of a row in a step
	if s.name == "avx512" {
		top, step = 32, 64
	}
	acc := func(i, j int) string { return s.v(top - rows*cols + i*cols + j) }
	a.op("MOVQ t+0(FP), DI")
	a.op("MOVQ dotArgs_a(DI), R8")
	a.op("MOVQ dotArgs_lda(DI), R9")
	a.op("LEAQ (R9)(R9*2), R10")
	a.op("MOVQ dotArgs_b(DI), R11")
	a.op("MOVQ dotArgs_ldb(DI), R12")
	a.op("LEAQ (R12)(R12*2), R13")
	a.op("MOVQ dotArgs_n(DI), CX") // steps
	for i := range rows {
		for j := range cols {
			a.op("VPXOR%s %s, %s, %s", map[string]string{"avx512": "D", "avx2": ""}[s.name], acc(i, j), acc(i, j), acc(i, j))
		}
	}
	at := func(base, one, three string, i int) string {
		return "(" + base + ")" + []string{"", "(" + one + "*1)", "(" + one + "*2)", "(" + three + "*1)"}[i]
	}
	a.label("step")
	for j := range cols {
		if s.name == "avx512" {
			a.op("VMOVDQU32 %s, %s", at("R11", "R12", "R13", j), s.v(j))
		} else {
			a.op("VPMOVSXBW %s, %s", at("R11", "R12", "R13", j), s.v(j))
		}
	}
	for i := range rows {
		x := s.v(4 + i%2)
		if s.name == "avx512" {
			a.op("VMOVDQU32 %s, %s", at("R8", "R9", "R10", i), x)
		} else {
			a.op("VPMOVZXBW %s, %s", at("R8", "R9", "R10", i), x)
		}
		for j := range cols {
			if s.name == "avx512" {
				a.op("VPDPBUSD %s, %s, %s", s.v(j), x, acc(i, j))
				continue
			}
			product := s.v(6 + j%2)
			a.op("VPMADDWD %s, %s, %s", s.v(j), x, product)
			a.op("VPADDD %s, %s, %s", product, acc(i, j), acc(i, j))
		}
	}
	a.op("ADDQ $%d, R8", step)
	a.op("ADDQ $%d, R11", step)
	a.op("DECQ CX")
	a.op("JNZ step")
	for i := range rows {
		for j := range cols {
			r := acc(i, j)
			if s.name == "avx512" {
				a.op("VEXTRACTI64X4 $1, %s, Y0", r)
				a.op("VPADDD %s, Y0, Y0", strings.Replace(r, "Z", "Y", 1))
			} else {
				a.op("VMOVDQA %s, Y0", r)
			}
			a.op("VEXTRACTI128 $1, Y0, X1")
			a.op("VPADDD X1, X0, X0")
			a.op("VPSHUFD $0x4E, X0, X1")
			a.op("VPADDD X1, X0, X0")
			a.op("VPSHUFD $0xB1, X0, X1")
			a.op("VPADDD X1, X0, X0")
			a.op("VMOVD X0, dotArgs_sum+%d(DI)", 4*(4*i+j))
		}
	}
	a.op("VZEROUPPER")
	a.op("RET")
}

func dosageChoice(sets []isa) []byte {
	var b strings.Builder
	for _, s := range sets {
		name := "dotU8S8" + s.name
		body := fmt.Sprintf("\n// %s runs the kernel for the rows of t.\nfunc %s(t *dotArgs) {\nswitch t.rows<<4 | t.cols {\n", name, name)
		for _, rows := range dosageRows {
			for cols := 1; cols <= 4; cols++ {
				if s.name == "avx2" && rows*cols > 8 {
					continue
				}
				fmt.Fprintf(&b, "\n//go:noescape\nfunc %s(t *dotArgs)\n", dosageFn(s, rows, cols))
				body += fmt.Sprintf("case %d<<4 | %d: %s(t)\n", rows, cols, dosageFn(s, rows, cols))
			}
		}
		b.WriteString(body + "}\n}\n")
	}
	return goFile(b.String())
}
