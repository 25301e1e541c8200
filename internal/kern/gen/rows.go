package main

import (
	"fmt"
	"strings"
)

// A rowsKernel works on rows of channels: for each block of channels it runs
// over the rows, so that the numbers of a channel stay in registers. Streams
// move from row to row; params hold one number per channel; scalars one at all.
// The body is written in lines of `op args`, the names standing for registers,
// what begins with $ for itself.
type rowsKernel struct {
	name    string
	doc     string
	params  []string // loaded before the rows
	kept    []string // start at memory and are written back at the end
	scalars []string
	streams []string // loaded in every row
	wide    []string // one number per row, for all channels
	out     []string // streams that are stored in every row
	temps   []string
	body    string
}

var rowsKernels = []rowsKernel{
	{name: "sumRows", doc: "sum[c] += x[i][c]", kept: []string{"sum"}, streams: []string{"x"},
		body: "VADDPS x sum sum"},
	{name: "maxRows", doc: "max[c] = max(max[c], x[i][c])", kept: []string{"max"}, streams: []string{"x"},
		body: "VMAXPS x max max"},
	{name: "momentRows", doc: "s1[c] += x - pivot, s2[c] += (x - pivot)^2", kept: []string{"s1", "s2"}, params: []string{"pivot"}, streams: []string{"x"},
		body: "VSUBPS pivot x x; VADDPS x s1 s1; VFMADD231PS x x s2"},
	{name: "affineRows", doc: "y = clamp(x * scale + shift)", params: []string{"scale", "shift"}, scalars: []string{"lo", "hi"}, streams: []string{"x"}, out: []string{"y"}, temps: []string{"y"},
		body: "VMULPS x scale y; VADDPS shift y y; VMAXPS y lo y; VMINPS y hi y"},
	{name: "addRows", doc: "y = clamp(x + y)", scalars: []string{"lo", "hi"}, streams: []string{"x", "y"}, out: []string{"y"},
		body: "VADDPS x y y; VMAXPS y lo y; VMINPS y hi y"},
	{name: "maskRows", doc: "g = lo < y < hi ? g : 0", scalars: []string{"lo", "hi"}, streams: []string{"g", "y"}, out: []string{"g"}, temps: []string{"m"},
		body: "MASK y lo hi g m"},
	{name: "normSums", doc: "g = mask(g); s1[c] += g, s2[c] += g * (x - pivot)", kept: []string{"s1", "s2"}, params: []string{"pivot"}, scalars: []string{"lo", "hi"}, streams: []string{"g", "y", "x"}, temps: []string{"m"},
		body: "MASK y lo hi g m; VSUBPS pivot x x; VADDPS g s1 s1; VFMADD231PS g x s2"},
	{name: "normGrad", doc: "d = mask(g) * a[c] + x * b[c] + k[c]", params: []string{"a", "b", "k"}, scalars: []string{"lo", "hi"}, streams: []string{"g", "y", "x"}, out: []string{"d"}, temps: []string{"m", "d"},
		body: "MASK y lo hi g m; VMULPS b x d; VADDPS k d d; VFMADD231PS a g d"},
	{name: "tapRows", doc: "y += x * w[c]", params: []string{"w"}, streams: []string{"x", "y"}, out: []string{"y"}, temps: []string{"p"},
		body: "VMULPS w x p; VADDPS p y y"},
	{name: "tapSums", doc: "s[c] += x * g", kept: []string{"s"}, streams: []string{"x", "g"},
		body: "VFMADD231PS x g s"},
	{name: "adamRows", doc: "m = b1 m + c1 g; v = b2 v + c2 g^2; w -= rate m / (sqrt(v) + eps) + decay w",
		scalars: []string{"b1", "c1", "b2", "c2", "rate", "eps", "decay"}, streams: []string{"g", "m", "v", "w"}, out: []string{"m", "v", "w"}, temps: []string{"t", "u"},
		body: "VMULPS b1 m m; VFMADD231PS c1 g m; VMULPS b2 v v; VMULPS g g t; VFMADD231PS c2 t v; " +
			"VSQRTPS v t; VADDPS eps t t; VMULPS rate m u; VDIVPS t u u; VFMADD231PS decay w u; VSUBPS u w w"},
	// 1.5 * 2^23 added leaves the nearest whole number in the lowest bits.
	{name: "expRows", doc: "x = exp(clamp(x)), by x = k ln 2 + f and a polynomial in f", scalars: []string{"lo", "hi", "log2e", "magic", "ln2", "c6", "c5", "c4", "c3", "c2", "one"}, streams: []string{"x"}, out: []string{"x"}, temps: []string{"t", "k", "p"},
		body: "VMAXPS x lo x; VMINPS x hi x; VMULPS log2e x t; VADDPS magic t t; VSUBPS magic t k; VFNMADD231PS k ln2 x; VMOVAPS c6 p; " +
			"VFMADD213PS c5 x p; VFMADD213PS c4 x p; VFMADD213PS c3 x p; VFMADD213PS c2 x p; VFMADD213PS one x p; VFMADD213PS one x p; VPSLLD $23 t t; VPADDD t p x"},
	{name: "logitRows", doc: "p = 1 / (1 + e), w = e p^2; e = p - p0, v = w - w0, vg = v g; s1[c] += e g, s2[c] += v g^2", kept: []string{"s1", "s2"}, scalars: []string{"one"},
		streams: []string{"e", "g"}, wide: []string{"p0", "w0"}, out: []string{"e", "v", "vg"}, temps: []string{"p", "v", "vg"},
		body: "VADDPS e one p; VDIVPS p one p; VMULPS e p v; VMULPS p v v; VSUBPS p0 p e; VSUBPS w0 v v; VFMADD231PS e g s1; VMULPS g v vg; VFMADD231PS vg g s2"},
	{name: "firthRows", doc: "p = 1 / (1 + e), h = e p^2 (q + g (t + alpha g)); e = h (1/2 - p), s[c] += e g", params: []string{"alpha"}, kept: []string{"s"}, scalars: []string{"one", "half"},
		streams: []string{"e", "g", "q", "t"}, out: []string{"e"}, temps: []string{"p", "h"},
		body: "VADDPS e one p; VDIVPS p one p; VMULPS e p h; VMULPS p h h; VFMADD231PS alpha g t; VFMADD231PS t g q; VMULPS q h h; VSUBPS p half p; VMULPS p h e; VFMADD231PS e g s"},
}

// memory gives the operands that a kernel reads or writes, in the order of the
// pointers of its argument.
func (k rowsKernel) memory() []string {
	var m []string
	for _, list := range [][]string{k.params, k.kept, k.streams, k.wide, k.out} {
		for _, n := range list {
			if !contains(m, n) {
				m = append(m, n)
			}
		}
	}
	return m
}

func contains(list []string, s string) bool { return index(list, s) >= 0 }

func index(list []string, s string) int {
	for i, l := range list {
		if l == s {
			return i
		}
	}
	return -1
}

func rowsAssembly(sets []isa) []byte {
	a := newAsm()
	for _, s := range sets {
		for _, k := range rowsKernels {
			k.write(a, s)
		}
	}
	return a.Bytes()
}

// pointers are the registers of the streams.
var pointers = []string{"R8", "R9", "R10", "R11", "R12", "R13", "DX"}

func (k rowsKernel) write(a *asm, s isa) {
	a.function(k.name+s.name, "t *rowsArgs", k.doc+".")
	reg := map[string]string{}
	for _, list := range [][]string{k.params, k.kept, k.scalars, k.streams, k.wide, k.temps} {
		for _, n := range list {
			if reg[n] == "" {
				reg[n] = s.v(len(reg))
			}
		}
	}
	moving := append(append([]string{}, k.streams...), k.wide...)
	for _, n := range k.out {
		if !contains(moving, n) {
			moving = append(moving, n)
		}
	}
	memory := k.memory()
	pointer := func(n string) string { return fmt.Sprintf("rowsArgs_p+%d(DI)", 8*index(memory, n)) }

	a.op("MOVQ t+0(FP), DI")
	a.op("MOVQ rowsArgs_c(DI), BX") // channels left, a multiple of the lanes
	for i, n := range k.scalars {
		a.op("VBROADCASTSS rowsArgs_scalar+%d(DI), %s", 4*i, reg[n])
	}
	a.op("XORQ AX, AX") // offset of the block in bytes
	a.label("block")
	for _, n := range append(append([]string{}, k.params...), k.kept...) {
		a.op("MOVQ %s, SI", pointer(n))
		a.op("VMOVUPS (SI)(AX*1), %s", reg[n])
	}
	for i, n := range moving {
		a.op("MOVQ %s, %s", pointer(n), pointers[i])
		if !contains(k.wide, n) {
			a.op("ADDQ AX, %s", pointers[i])
		}
	}
	a.op("MOVQ rowsArgs_n(DI), CX")
	a.label("row")
	for i, n := range moving {
		if contains(k.streams, n) {
			a.op("VMOVUPS (%s), %s", pointers[i], reg[n])
		}
		if contains(k.wide, n) {
			a.op("VBROADCASTSS (%s), %s", pointers[i], reg[n])
		}
	}
	k.writeBody(a, s, reg)
	for i, n := range moving {
		if contains(k.out, n) {
			a.op("VMOVUPS %s, (%s)", reg[n], pointers[i])
		}
		a.op("ADDQ rowsArgs_stride+%d(DI), %s", 8*index(memory, n), pointers[i])
	}
	a.op("DECQ CX")
	a.op("JNZ row")
	for _, n := range k.kept {
		a.op("MOVQ %s, SI", pointer(n))
		a.op("VMOVUPS %s, (SI)(AX*1)", reg[n])
	}
	a.op("ADDQ $%d, AX", s.bytes)
	a.op("SUBQ $%d, BX", s.bytes/4)
	a.op("JG block")
	a.op("VZEROUPPER")
	a.op("RET")
}

func (k rowsKernel) writeBody(a *asm, s isa, reg map[string]string) {
	for line := range strings.SplitSeq(k.body, ";") {
		f := strings.Fields(line)
		args := make([]string, len(f)-1)
		for i, n := range f[1:] {
			if args[i] = reg[n]; n[0] == '$' {
				args[i] = n
			}
		}
		if f[0] != "MASK" {
			a.op("%s %s", f[0], strings.Join(args, ", "))
			continue
		}
		y, lo, hi, g, m := args[0], args[1], args[2], args[3], args[4]
		if s.name == "avx512" { // 30: greater, ordered, quiet; 17: less
			a.op("VCMPPS $30, %s, %s, K1", lo, y)
			a.op("VCMPPS $17, %s, %s, K1, K1", hi, y)
			a.op("VMOVAPS.Z %s, K1, %s", g, g)
			continue
		}
		a.op("VCMPPS $30, %s, %s, %s", lo, y, m)
		a.op("VANDPS %s, %s, %s", m, g, g)
		a.op("VCMPPS $17, %s, %s, %s", hi, y, m)
		a.op("VANDPS %s, %s, %s", m, g, g)
	}
}

func rowsChoice(sets []isa) []byte {
	var b strings.Builder
	for _, s := range sets {
		for _, k := range rowsKernels {
			fmt.Fprintf(&b, "\n//go:noescape\nfunc %s%s(t *rowsArgs)\n", k.name, s.name)
		}
	}
	b.WriteString("\n// runRows runs kernel op on t, all of whose channels are whole vectors.\nfunc (k *Kernels) runRows(op rowsOp, t *rowsArgs) {\nif k.isa == isaAVX512 {\nswitch op {\n")
	for i, s := range sets {
		if i > 0 {
			b.WriteString("}\nreturn\n}\nswitch op {\n")
		}
		for _, k := range rowsKernels {
			fmt.Fprintf(&b, "case op%s%s: %s%s(t)\n", strings.ToUpper(k.name[:1]), k.name[1:], k.name, s.name)
		}
	}
	b.WriteString("}\n}\n")
	return goFile(b.String())
}
