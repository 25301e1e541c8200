// Package kern holds the inner loops of all numeric work: matrix products in
// float32 and float64, direct convolution of bytes, sums over dosages, and what
// training does to rows of channels. Each loop is generated Go assembly with a
// plain twin in Go, which is its definition; the package knows no networks and
// no genomics.
//
// Three families of tiles carry the load. A tile is a block of C held in
// registers while A and B stream past; rows of A are addressed by strides, so
// that one kernel serves packed matrix products, convolutions that read an
// image in place, and all gradients of both.
//
// Whatever the kernels, the machine and the number of threads, results are the
// same bits. Bytes are summed in whole numbers. A number of a tile is one chain
// of fused multiplications and additions in a fixed order, which rounds alike
// wherever it runs; the plain twin fuses in software.
package kern

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
)

// An isa is an instruction set that has kernels.
type isa uint8

const (
	isaGeneric isa = iota
	isaNEON
	isaAVX2
	isaAVX512
)

func (s isa) String() string {
	return [...]string{"generic", "neon", "avx2", "avx512"}[s]
}

// A Shape is what the tiles of one element type may be: up to Rows rows, and
// columns in multiples of Lanes up to Cols.
type Shape struct{ Rows, Lanes, Cols int }

// Kernels is one complete set of kernels. It has no state and may be shared.
type Kernels struct {
	isa          isa
	f32, f64, u8 Shape
}

// Name is generic, neon, avx2 or avx512.
func (k *Kernels) Name() string { return k.isa.String() }

// F32 is the shape of tiles of float32.
func (k *Kernels) F32() Shape { return k.f32 }

// F64 is the shape of tiles of float64.
func (k *Kernels) F64() Shape { return k.f64 }

// U8 is the shape of tiles of bytes.
func (k *Kernels) U8() Shape { return k.u8 }

// sets are all kernels by instruction set. The plain ones hold a tile in the
// scalar registers of most machines.
var sets = [...]Kernels{
	isaGeneric: {isaGeneric, Shape{4, 4, 4}, Shape{4, 4, 4}, Shape{2, 4, 4}},
	isaNEON:    {isaNEON, Shape{12, 4, 8}, Shape{4, 4, 4}, Shape{12, 8, 8}},
	isaAVX2:    {isaAVX2, Shape{6, 8, 16}, Shape{6, 4, 8}, Shape{5, 16, 16}},
	isaAVX512:  {isaAVX512, Shape{12, 16, 32}, Shape{12, 8, 16}, Shape{12, 16, 32}},
}

// Available gives the kernels that run on this machine, the fastest last.
func Available() []*Kernels {
	var k []*Kernels
	for _, s := range supported() {
		k = append(k, &sets[s])
	}
	return k
}

// Named gives the kernels of a name, which must run on this machine.
func Named(name string) (*Kernels, error) {
	var names []string
	for _, k := range Available() {
		if k.Name() == name {
			return k, nil
		}
		names = append(names, k.Name())
	}
	slices.Reverse(names)
	return nil, fmt.Errorf("kernels %q: want one of %s", name, strings.Join(names, ", "))
}

// Override is the environment variable that names the kernels to use.
const Override = "GX_KERNEL"

var chosen = sync.OnceValues(func() (*Kernels, error) {
	all := Available()
	best := all[len(all)-1]
	name := os.Getenv(Override)
	if name == "" {
		return best, nil
	}
	k, err := Named(name)
	if err != nil {
		return best, fmt.Errorf("%s: %w", Override, err)
	}
	return k, nil
})

// Active gives the kernels that GX_KERNEL names, else the fastest of this
// machine. The variable is read once. A name that does not serve counts as
// none: a program reports it by CheckOverride before it starts.
func Active() *Kernels {
	k, _ := chosen()
	return k
}

// CheckOverride is the fault of GX_KERNEL, if there is one.
func CheckOverride() error {
	_, err := chosen()
	return err
}
