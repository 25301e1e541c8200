package ridge

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"unsafe"
)

// Store holds the predictors of all blocks: columns of n numbers by trait, in
// memory or, where they are many, in a file without a name.
type Store struct {
	n, cols int
	file    *os.File // nil: in memory
	memory  []float64
}

// errStore is the cause where predictors are not to be had.
var errStore = errors.New("the file of predictors of level 0")

// newStore makes room for so many columns of each of some traits.
func newStore(n, cols, traits int, o *Options) (*Store, error) {
	s := &Store{n: n, cols: cols}
	size := int64(n) * int64(cols) * int64(traits)
	if 8*size <= o.InMemory {
		s.memory = make([]float64, size)
		return s, nil
	}
	f, err := os.CreateTemp(o.Scratch, "gx-ridge-*")
	if err != nil {
		return nil, fmt.Errorf("predictors of %d MB find no place: %w; TMPDIR names another folder", 8*size>>20, err)
	}
	s.file = f
	return s, nil
}

// Close gives the room back.
func (s *Store) Close() error {
	s.memory = nil
	if s.file == nil {
		return nil
	}
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}

func (s *Store) at(trait, col, row int) int64 {
	return (int64(trait)*int64(s.cols)+int64(col))*int64(s.n) + int64(row)
}

// Put sets a predictor of a trait, in the order of the genotypes. It may be called from many goroutines.
func (s *Store) Put(trait, col int, v []float64) error {
	if s.file == nil {
		copy(s.memory[s.at(trait, col, 0):], v)
		return nil
	}
	b := make([]byte, 8*len(v))
	for i, x := range v {
		binary.LittleEndian.PutUint64(b[8*i:], math.Float64bits(x))
	}
	if _, err := s.file.WriteAt(b, 8*s.at(trait, col, 0)); err != nil {
		return fmt.Errorf("%w: %w; TMPDIR names a folder with more room", errStore, err)
	}
	return nil
}

// read fills dst, columns one after another, with rows from..to-1 of a trait.
func (s *Store) read(trait, from, to int, dst []float64) error {
	m := to - from
	for c := range s.cols {
		v := dst[c*m : (c+1)*m]
		if s.file == nil {
			copy(v, s.memory[s.at(trait, c, from):])
			continue
		}
		b := unsafe.Slice((*byte)(unsafe.Pointer(&v[0])), 8*m)
		if _, err := s.file.ReadAt(b, 8*s.at(trait, c, from)); err != nil {
			return fmt.Errorf("%w: %w", errStore, err)
		}
		for i := range v {
			v[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
		}
	}
	return nil
}
