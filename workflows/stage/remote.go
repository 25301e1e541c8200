package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/gx-genomics/gx/io/bam"
	"github.com/gx-genomics/gx/io/fasta"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/source"
)

// remote says whether a name is of a network rather than of the file system.
func remote(name string) bool { return strings.Contains(name, "://") }

// Largest indexes that are read from a network, in bytes.
const maxRemoteIndex = 1 << 27

// besideOf reads the object that is named like another with one of the
// suffixes; nil where none of them is there.
func besideOf(ctx context.Context, s object.Store, name string, suffixes ...string) ([]byte, error) {
	for _, suffix := range suffixes {
		b, err := object.ReadAll(ctx, s, name+suffix, maxRemoteIndex)
		if err == nil || !errors.Is(err, object.ErrNotExist) {
			return b, err
		}
	}
	return nil, nil
}

// openReference opens a reference: a file, or an object of which only what is
// wanted is read.
func openReference(ctx context.Context, env *Env, name string) (*fasta.File, error) {
	o := fasta.Options{Notice: func(s string) { env.note("%s", s) }}
	if !remote(name) {
		return fasta.Open(name, o)
	}
	data, err := env.Store.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	fai, err := besideOf(ctx, env.Store, name, ".fai")
	if err == nil && fai == nil {
		err = fmt.Errorf("%s: %s.fai is not beside it: make it by samtools faidx", name, name)
	}
	var gzi []byte
	if err == nil {
		gzi, err = besideOf(ctx, env.Store, name, ".gzi")
	}
	if err != nil {
		data.Close()
		return nil, err
	}
	f, _, err := fasta.New(name, data, data.Info().Size, fai, gzi, o)
	if err != nil {
		data.Close()
	}
	return f, source.At(name, err)
}

// openReads opens the reads of a run in the same way.
func openReads(ctx context.Context, env *Env, names []string, o bam.Options) (*bam.Set, error) {
	return bam.NewSet(names, func(name string) (*bam.File, error) {
		if !remote(name) {
			return bam.Open(name, o)
		}
		data, err := env.Store.Open(ctx, name)
		if err != nil {
			return nil, err
		}
		index := func() ([]byte, error) {
			b, err := besideOf(ctx, env.Store, name, ".bai", ".csi")
			if b == nil && err == nil {
				b, err = besideOf(ctx, env.Store, strings.TrimSuffix(name, ".bam"), ".bai", ".csi")
			}
			if b == nil && err == nil {
				err = fmt.Errorf("%s: %w: make it by samtools index", name, bam.ErrNoIndex)
			}
			return b, err
		}
		o.Probes = 2 // each is a request
		f, err := bam.NewFile(name, data, data.Info().Size, index, o)
		if err != nil {
			data.Close()
		}
		return f, err
	}, o)
}

// near is a task whose inputs on a network that are read from their begin to
// their end were copied to a folder of their own, which done removes. Names
// without folders stay, for outputs tell them.
func (k *Kind) near(ctx context.Context, env *Env, t *Task) (near *Task, done func(), err error) {
	folder := ""
	done = func() {
		if folder != "" {
			os.RemoveAll(folder)
		}
	}
	defer func() {
		if err != nil {
			done()
		}
	}()
	copied := *t
	copied.In, copied.Digests = maps.Clone(t.In), maps.Clone(t.Digests)
	for _, role := range k.In {
		for i, name := range t.In[role.Name] {
			if role.Direct || !remote(name) {
				continue
			}
			if folder == "" {
				if folder, err = os.MkdirTemp("", "gx-task-*"); err != nil {
					return nil, done, err
				}
				env.Store.(*taskStore).t = &copied // which knows digests by the new names
			}
			to := filepath.Join(folder, fmt.Sprintf("%s-%d", role.Name, i), path.Base(name))
			if err = fetch(ctx, env.Store, name, to); err != nil {
				return nil, done, err
			}
			if k.Beside != nil {
				if err = fetchBeside(ctx, env.Store, k.Beside(role.Name, name), filepath.Dir(to)); err != nil {
					return nil, done, err
				}
			}
			copied.In[role.Name] = append([]string(nil), copied.In[role.Name]...)
			copied.In[role.Name][i] = to
			if d, ok := t.Digests[name]; ok {
				copied.Digests[to] = d
			}
		}
	}
	return &copied, done, nil
}

// farError is an error about inputs that were copied, in which they have the
// names of where they came from.
type farError struct {
	error
	text string
}

func (e *farError) Error() string { return e.text }
func (e *farError) Unwrap() error { return e.error }

// farther puts into an error the names that inputs had before near copied them.
func farther(t, near *Task, err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	for role, names := range near.In {
		for i, name := range names {
			if far := t.In[role][i]; far != name {
				text = strings.ReplaceAll(text, name, far)
			}
		}
	}
	if text == err.Error() {
		return err
	}
	return &farError{err, text}
}

// fetchBeside copies the files that belong to an input, up to the first that is not
// there.
func fetchBeside(ctx context.Context, s object.Store, names []string, folder string) error {
	for _, name := range names {
		if err := fetch(ctx, s, name, filepath.Join(folder, path.Base(name))); errors.Is(err, object.ErrNotExist) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

// fetch copies an object, and the indexes beside it, to a file.
func fetch(ctx context.Context, s object.Store, name, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	for _, suffix := range []string{"", ".tbi", ".csi"} {
		o, err := s.Open(ctx, name+suffix)
		if errors.Is(err, object.ErrNotExist) && suffix != "" {
			continue
		}
		if err != nil {
			return err
		}
		f, err := os.Create(to + suffix)
		if err == nil {
			_, err = io.Copy(f, io.NewSectionReader(o, 0, o.Info().Size))
			err = errors.Join(err, f.Close())
		}
		if err = errors.Join(err, o.Close()); err != nil {
			return err
		}
	}
	return nil
}
