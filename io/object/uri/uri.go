// Package uri is the Store of all names that gx takes: paths of files, addresses
// of web servers to read from, and objects of clouds where the program was built
// with them.
package uri

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/gx-genomics/gx/io/object"
)

// Store sends every name to the store that holds it. A store of a network is
// connected to when the first of its names is used. The zero value is ready.
type Store struct {
	Files object.Files
	// Network holds all names of a network; nil: the store of each scheme is
	// connected to when the first of its names is used.
	Network object.Store

	mu        sync.Mutex
	connected map[string]object.Store // by scheme
}

// Remote says whether a name is of a network rather than of the file system.
func Remote(name string) bool { return strings.Contains(name, "://") }

// A connector makes the store of a scheme. Which there are depends on how the
// program was built.
type connector func(context.Context) (object.Store, error)

func (s *Store) of(ctx context.Context, name string) (object.Store, error) {
	switch {
	case !Remote(name):
		return s.Files, nil
	case s.Network != nil:
		return s.Network, nil
	}
	scheme, _, _ := strings.Cut(name, "://")
	s.mu.Lock()
	defer s.mu.Unlock()
	if x := s.connected[scheme]; x != nil {
		return x, nil
	}
	x, err := connect(ctx, scheme, name)
	if err != nil {
		return nil, err
	}
	if s.connected == nil {
		s.connected = map[string]object.Store{}
	}
	s.connected[scheme] = x
	return x, nil
}

// connect makes the store of a scheme.
func connect(ctx context.Context, scheme, name string) (object.Store, error) {
	known := map[string]connector{"http": http, "https": http, "gs": gs, "s3": s3}
	start, ok := known[scheme]
	switch {
	case !ok:
		return nil, fmt.Errorf("%s: want a path, http(s)://host/path or gs://bucket/name", name)
	case start == nil:
		return nil, fmt.Errorf("%s: this program was built without %s://: want a path", name, scheme)
	}
	return start(ctx)
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
