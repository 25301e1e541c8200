// Package object is where stages read their inputs and commit their outputs:
// a Store of named objects that are written whole or not at all. Names are
// file paths here; other stores keep the same contract (see storetest).
package object

import (
	"context"
	"errors"
	"io"
	"io/fs"
)

// Standard is the name of the standard streams: input for Open, output for Put.
const Standard = "-"

// ErrNotExist is in the chain of errors about an object that is not there.
var ErrNotExist = fs.ErrNotExist

// ErrExists is in the chain of errors about an output that would overwrite
// something.
var ErrExists = errors.New("already exists")

// Info is what a Store knows of an object without reading it.
type Info struct {
	Name    string
	Size    int64
	Version string // changes whenever the content may have changed
}

// Object is an open input. ReadAt may be called from many goroutines at once.
type Object interface {
	io.ReaderAt
	io.Closer
	Info() Info
}

// Store keeps named objects. All methods may be called from many goroutines at
// once.
type Store interface {
	// Open opens an object for reading at any place.
	Open(ctx context.Context, name string) (Object, error)
	// Stat says whether an object is there, and which version of it.
	Stat(ctx context.Context, name string) (Info, error)
	// Put writes an object through write. The object appears under its name
	// whole, after write has returned nil and the bytes are safe against a
	// crash; or not at all, and then what stood there before stands unchanged.
	Put(ctx context.Context, name string, write func(io.Writer) error) error
	// List gives the objects whose names begin with prefix, sorted by name.
	// Unfinished writes are not among them.
	List(ctx context.Context, prefix string) ([]Info, error)
	// Remove deletes an object; one that is not there is no error.
	Remove(ctx context.Context, name string) error
}

// ReadAll gives the content of an object of at most limit bytes.
func ReadAll(ctx context.Context, s Store, name string, limit int64) ([]byte, error) {
	o, err := s.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer o.Close()
	if o.Info().Size > limit {
		return nil, &fs.PathError{Op: "read", Path: name, Err: errors.New("larger than expected")}
	}
	b := make([]byte, o.Info().Size)
	if _, err := io.ReadFull(io.NewSectionReader(o, 0, int64(len(b))), b); err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return b, nil
}

// ErrTemporary is in the chain of errors of a store that may go away by
// themselves: what was tried is worth another try later.
var ErrTemporary = errors.New("try again")
