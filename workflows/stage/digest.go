package stage

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"io"
	"path/filepath"

	"github.com/gx-genomics/gx/io/object"
)

// Input is an input of a run as outputs tell of it: its name without folders,
// and a digest of its content.
type Input struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
}

// Digests of large inputs are taken over pieces: the size, the first and the
// last megabyte, and a spread of smaller pieces between them. Two files that
// differ elsewhere only are not told apart, but a file of a hundred gigabytes
// is looked at in a moment.
const (
	wholeUpTo  = 4 << 30
	endPiece   = 1 << 20
	innerPiece = 64 << 10
	innerCount = 64
)

// Digest is the digest of an input as it stands in headers of outputs.
func Digest(ctx context.Context, s object.Store, name string) (string, error) {
	in, err := digest(ctx, s, name)
	return in.Digest, err
}

// digest is the first 16 hexadecimal digits of a SHA-256 of an object's size
// and content, of pieces of it where it is larger than 4 GB.
func digest(ctx context.Context, s object.Store, name string) (Input, error) {
	in := Input{Name: filepath.Base(name)}
	if k, ok := s.(interface {
		Known(name string) (string, bool)
	}); ok {
		if d, ok := k.Known(name); ok {
			in.Digest = d
			return in, nil
		}
	}
	o, err := s.Open(ctx, name)
	if err != nil {
		return in, err
	}
	defer o.Close()
	h := sha256.New()
	size := o.Info().Size
	if err := binary.Write(h, binary.LittleEndian, size); err != nil {
		return in, err
	}
	if size <= wholeUpTo {
		err = add(h, o, 0, size)
	} else {
		err = addPieces(h, o, size)
	}
	in.Digest = hex.EncodeToString(h.Sum(nil))[:16]
	return in, err
}

func addPieces(h hash.Hash, o io.ReaderAt, size int64) error {
	if err := add(h, o, 0, endPiece); err != nil {
		return err
	}
	between := size - 2*endPiece
	for k := range int64(innerCount) {
		if err := add(h, o, endPiece+between/innerCount*k, innerPiece); err != nil {
			return err
		}
	}
	return add(h, o, size-endPiece, endPiece)
}

func add(h hash.Hash, o io.ReaderAt, at, n int64) error {
	_, err := io.Copy(h, io.NewSectionReader(o, at, n))
	return err
}
