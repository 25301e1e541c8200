// Package uri is the Store of all names that gx takes: paths of files, and
// gs:// objects where the program was built with them.
package uri

import (
	"context"
	"io"
	"strings"
	"sync"

	"github.com/gx-genomics/gx/io/object"
)

// Store sends every name to the store that holds it. A store of a network is
// connected to when the first of its names is used. The zero value is ready.
type Store struct {
	Files object.Files
	// Network holds the names that are no paths; nil: it is connected to when the
	// first of them is used.
	Network object.Store

	mu sync.Mutex
}

// Remote says whether a name is of a network rather than of the file system.
func Remote(name string) bool { return strings.Contains(name, "://") }

func (s *Store) of(ctx context.Context, name string) (object.Store, error) {
	if !Remote(name) {
		return s.Files, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Network == nil {
		r, err := connect(ctx, name)
		if err != nil {
			return nil, err
		}
		s.Network = r
	}
	return s.Network, nil
}

// Open opens an object.
func (s *Store) Open(ctx context.Context, name string) (object.Object, error) {
	x, err := s.of(ctx, name)
	if err != nil {
		return nil, err
	}
	return x.Open(ctx, name)
}

// Stat looks at an object.
func (s *Store) Stat(ctx context.Context, name string) (object.Info, error) {
	x, err := s.of(ctx, name)
	if err != nil {
		return object.Info{}, err
	}
	return x.Stat(ctx, name)
}

// Put writes an object.
func (s *Store) Put(ctx context.Context, name string, write func(io.Writer) error) error {
	x, err := s.of(ctx, name)
	if err != nil {
		return err
	}
	return x.Put(ctx, name, write)
}

// List lists objects.
func (s *Store) List(ctx context.Context, prefix string) ([]object.Info, error) {
	x, err := s.of(ctx, prefix)
	if err != nil {
		return nil, err
	}
	return x.List(ctx, prefix)
}

// Remove removes an object.
func (s *Store) Remove(ctx context.Context, name string) error {
	x, err := s.of(ctx, name)
	if err != nil {
		return err
	}
	return x.Remove(ctx, name)
}

// Probe says whether Put could write under a name.
func (s *Store) Probe(name string) error {
	if !Remote(name) {
		return s.Files.Probe(name)
	}
	x, err := s.of(context.Background(), name)
	if err != nil {
		return err
	}
	if p, ok := x.(interface{ Probe(string) error }); ok {
		return p.Probe(name)
	}
	return nil
}
