package object

import (
	"errors"
	"hash/crc32"
	"io"
	"os"
)

// Spool keeps what is written to it until it is sent somewhere, as often as it
// takes: in memory, and from some size on in a temporary file.
type Spool struct {
	Size   int64
	CRC32C uint32

	memory []byte
	file   *os.File
}

// spoolMemory is how much of a spool stays in memory.
const spoolMemory = 8 << 20

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Write adds bytes.
func (s *Spool) Write(b []byte) (int, error) {
	if s.file == nil && len(s.memory)+len(b) > spoolMemory {
		f, err := os.CreateTemp("", "gx-spool-*")
		if err != nil {
			return 0, err
		}
		s.file = f
		os.Remove(f.Name()) // it goes with the process; where that cannot be, Close does it
		if _, err := f.Write(s.memory); err != nil {
			return 0, err
		}
		s.memory = nil
	}
	n, err := len(b), error(nil)
	if s.file == nil {
		s.memory = append(s.memory, b...)
	} else {
		n, err = s.file.Write(b)
	}
	s.Size += int64(n)
	s.CRC32C = crc32.Update(s.CRC32C, castagnoli, b[:n])
	return n, err
}

// ReadAt reads what was written.
func (s *Spool) ReadAt(p []byte, off int64) (int, error) {
	if s.file != nil {
		return s.file.ReadAt(p, off)
	}
	if off >= int64(len(s.memory)) {
		return 0, io.EOF
	}
	n := copy(p, s.memory[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// Close gives up what was written.
func (s *Spool) Close() error {
	s.memory = nil
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if rm := os.Remove(s.file.Name()); rm != nil && !errors.Is(rm, os.ErrNotExist) {
		err = errors.Join(err, rm)
	}
	return err
}
