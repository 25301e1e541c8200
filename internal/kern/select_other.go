//go:build !amd64 && !arm64

package kern

func supported() []isa { return []isa{isaGeneric} }

func (k *Kernels) tileF32(t *TileF32) { plainF32(t) }
func (k *Kernels) tileF64(t *TileF64) { plainF64(t) }
func (k *Kernels) tileU8(t *TileU8)   { plainU8(t) }
