package kern

import (
	"runtime"

	"golang.org/x/sys/cpu"
)

// supported lists the instruction sets of this machine, the fastest last. The
// kernels of bytes need the dot product of ARMv8.4; all machines of darwin have
// it, where the processor cannot be asked.
func supported() []isa {
	if cpu.ARM64.HasASIMDDP || runtime.GOOS == "darwin" {
		return []isa{isaGeneric, isaNEON}
	}
	return []isa{isaGeneric}
}

func (k *Kernels) tileF32(t *TileF32) {
	if k.isa == isaNEON {
		tileF32neon(t, k.vecsF32(t))
		return
	}
	plainF32(t)
}

func (k *Kernels) tileF64(t *TileF64) { plainF64(t) }

func (k *Kernels) tileU8(t *TileU8) {
	if k.isa == isaNEON {
		tileU8neon(t)
		return
	}
	plainU8(t)
}
