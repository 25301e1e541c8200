package kern

import "golang.org/x/sys/cpu"

//go:generate go run ./gen

// supported lists the instruction sets of this machine, the fastest last.
func supported() []isa {
	s := []isa{isaGeneric}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		s = append(s, isaAVX2)
		if cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VNNI {
			s = append(s, isaAVX512)
		}
	}
	return s
}

func (k *Kernels) tileF32(t *TileF32) {
	switch k.isa {
	case isaAVX512:
		tileF32avx512(t, k.vecsF32(t))
	case isaAVX2:
		tileF32avx2(t, k.vecsF32(t))
	default:
		plainF32(t)
	}
}

func (k *Kernels) tileF64(t *TileF64) {
	switch k.isa {
	case isaAVX512:
		tileF64avx512(t, k.vecsF64(t))
	case isaAVX2:
		tileF64avx2(t, k.vecsF64(t))
	default:
		plainF64(t)
	}
}

func (k *Kernels) tileU8(t *TileU8) {
	switch k.isa {
	case isaAVX512:
		tileU8avx512(t)
	case isaAVX2:
		tileU8avx2(t)
	default:
		plainU8(t)
	}
}

// lanesRows is how many channels a vector of the kernels of rows holds, 0 where
// there are none.
func (k *Kernels) lanesRows() int {
	switch k.isa {
	case isaAVX512:
		return 16
	case isaAVX2:
		return 8
	}
	return 0
}

// runDot runs a block of sums over dosages and says whether there is a kernel
// for it.
func (k *Kernels) runDot(t *dotArgs) bool {
	switch {
	case k.isa == isaAVX512:
		dotU8S8avx512(t)
	case k.isa == isaAVX2 && t.rows*t.cols <= 8:
		dotU8S8avx2(t)
	default:
		return false
	}
	return true
}
