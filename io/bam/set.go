package bam

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// Set is several BAM files with the same contigs, read as one. Its methods may
// be called from many goroutines at once, except for Close.
type Set struct {
	files  []*File
	o      Options
	header *Header
}

// NewSet opens BAM files that belong together by open: their contigs must be the
// same in the same order.
func NewSet(paths []string, open func(path string) (*File, error), o Options) (*Set, error) {
	if len(paths) == 0 {
		return nil, errors.New("no BAM file")
	}
	s := &Set{o: o}
	for i, path := range paths {
		if slices.Contains(paths[:i], path) {
			return nil, errors.Join(source.At(path, errors.New("the file is given twice")), s.Close())
		}
		f, err := open(path)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		s.files = append(s.files, f)
		if err := sameContigs(s.files[0], f); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	s.header = s.join()
	return s, nil
}

// sameContigs says where the contigs of two files differ.
func sameContigs(a, b *File) error {
	x, y := a.header.Contigs, b.header.Contigs
	fault := func(format string, args ...any) error {
		return source.At(b.path, fmt.Errorf("its contigs are not those of %s: %w", a.path, fmt.Errorf(format, args...)))
	}
	for _, c := range x.List() {
		other, ok := y.Find(c.Name)
		if !ok {
			return fault("%s is missing", c.Name)
		}
		if other.Length != c.Length {
			return fault("%s has %d bases, there %d", c.Name, other.Length, c.Length)
		}
	}
	for i, c := range y.List() {
		if x.Index(c.Name) < 0 {
			return fault("%s is missing there", c.Name)
		}
		if x.At(i).Name != c.Name {
			return fault("contig %d is %s, there %s: the order differs", i+1, c.Name, x.At(i).Name)
		}
	}
	return nil
}

// join makes one header: that of the first file with the read groups and
// samples of all.
func (s *Set) join() *Header {
	h := *s.files[0].header
	h.ReadGroups, h.Samples = slices.Clone(h.ReadGroups), slices.Clone(h.Samples)
	for _, f := range s.files[1:] {
		for _, g := range f.header.ReadGroups {
			if !slices.Contains(h.ReadGroups, g) {
				h.ReadGroups = append(h.ReadGroups, g)
			}
		}
		for _, x := range f.header.Samples {
			if !slices.Contains(h.Samples, x) {
				h.Samples = append(h.Samples, x)
			}
		}
	}
	return &h
}

// Header is the header of the first file, with the read groups and samples of
// all.
func (s *Set) Header() *Header { return s.header }

// Files is the files in the order in which they were given.
func (s *Set) Files() []*File { return s.files }

// Close closes all files.
func (s *Set) Close() error {
	var err error
	for _, f := range s.files {
		err = errors.Join(err, f.Close())
	}
	return err
}

// Bytes is the sum of File.Bytes.
func (s *Set) Bytes(r locus.Region) int64 {
	var n int64
	for _, f := range s.files {
		n += f.Bytes(r)
	}
	return n
}

// CheckIndex finds and reads the indexes of all files, and gives all that is
// wrong with them.
func (s *Set) CheckIndex() error {
	var errs []error
	for _, f := range s.files {
		errs = append(errs, f.CheckIndex())
	}
	return errors.Join(errs...)
}

// Reads yields the records that overlap a region, as File.Reads does: file
// after file, or with Options.Merge by start, equal starts in the order of the
// files.
func (s *Set) Reads(ctx context.Context, r locus.Region) iter.Seq2[*align.Read, error] {
	if len(s.files) == 1 {
		return s.files[0].Reads(ctx, r)
	}
	if s.o.Merge {
		return s.merged(ctx, r)
	}
	return func(yield func(*align.Read, error) bool) {
		for _, f := range s.files {
			for x, err := range f.Reads(ctx, r) {
				if !yield(x, err) {
					return
				}
				if err != nil {
					return
				}
			}
		}
	}
}

func (s *Set) merged(ctx context.Context, r locus.Region) iter.Seq2[*align.Read, error] {
	return func(yield func(*align.Read, error) bool) {
		heads := make([]*align.Read, len(s.files)) // the next read of each file, nil behind the last
		steps := make([]func() (*align.Read, error, bool), len(s.files))
		for i, f := range s.files {
			next, stop := iter.Pull2(f.Reads(ctx, r))
			defer stop()
			steps[i] = next
			x, err, _ := next()
			if err != nil {
				yield(nil, err)
				return
			}
			heads[i] = x
		}
		for {
			first := -1
			for i, x := range heads {
				if x != nil && (first < 0 || x.Start < heads[first].Start) {
					first = i
				}
			}
			if first < 0 || !yield(heads[first], nil) {
				return
			}
			x, err, _ := steps[first]()
			if err != nil {
				yield(nil, err)
				return
			}
			heads[first] = x
		}
	}
}
