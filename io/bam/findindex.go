package bam

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/io/source"
)

// ErrNoIndex is in the chain of the error about a file without an index.
var ErrNoIndex = errors.New("it has no index")

// ErrStaleIndex is in the chain of the error about an index that is older than
// its data.
var ErrStaleIndex = errors.New("the index is older than the data")

const maxIndex = 1 << 27 // bytes of an index, uncompressed: a human one has 10 MB

// copyTime is how much older than its data an index may be by date: files that
// are copied side by side end in any order. That it fits is checked anyway.
const copyTime = 10 * time.Minute

// indexPaths is where the index of a file may lie.
func indexPaths(path string, o Options) []string {
	if o.Index != "" {
		return []string{o.Index}
	}
	stem := strings.TrimSuffix(path, ".bam")
	return []string{path + ".bai", stem + ".bai", path + ".csi", stem + ".csi"}
}

// readIndex finds and reads the index of a file.
func readIndex(path string, data fs.FileInfo, o Options) ([]byte, error) {
	for _, name := range indexPaths(path, o) {
		info, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) && o.Index == "" {
			continue
		}
		if err != nil {
			return nil, err
		}
		if info.Size() > maxIndex {
			return nil, source.At(name, fmt.Errorf("an index of %d bytes, at most %d are read", info.Size(), maxIndex))
		}
		if late := data.ModTime().Sub(info.ModTime()); late > copyTime {
			err := source.At(name, fmt.Errorf("%w by %s: run `samtools index %s`, or `touch %s` if only the dates are wrong", ErrStaleIndex, late.Round(time.Second), path, name))
			if o.Warn == nil {
				return nil, err
			}
			o.Warn(err)
		}
		return os.ReadFile(name)
	}
	return nil, source.At(path, fmt.Errorf("%w: make it by `samtools index %s`", ErrNoIndex, path))
}

// loadIndex reads the index and checks that it can be this file's.
func (f *File) loadIndex(get func() ([]byte, error)) (*index, error) {
	b, err := get()
	if err != nil {
		return nil, err
	}
	x, err := decodeIndex(b, f.header.Contigs.Len())
	if err != nil {
		return nil, source.At(f.path, fmt.Errorf("its index: %w; run `samtools index %s`", err, f.path))
	}
	if last := x.last(); last.File() > f.size {
		return nil, source.At(f.path, fmt.Errorf("the index is of another file: it points to byte %d, the file has %d; run `samtools index %s`", last.File(), f.size, f.path))
	}
	if err := f.probe(x); err != nil {
		return nil, source.At(f.path, fmt.Errorf("the index is of another file: %w; run `samtools index %s`", err, f.path))
	}
	return x, nil
}

// defaultProbes is how many places of an index are compared with the file.
const defaultProbes = 16

// probe reads the first record of some chunks, from all over the index: it must
// be one of the chunk's contig and bin.
func (f *File) probe(x *index) error {
	var all, picked int
	probes := f.o.Probes
	if probes == 0 {
		probes = defaultProbes
	}
	for i := range x.refs {
		for _, b := range x.refs[i].bins {
			all += len(b.chunks)
		}
	}
	w := f.cursors.Get().(*walker)
	defer f.cursors.Put(w)
	at := -1
	for i := range x.refs {
		for _, b := range x.refs[i].bins {
			for _, c := range b.chunks {
				if at++; at < picked*all/probes {
					continue
				}
				picked++
				if err := f.probeChunk(w, x, i, b, c); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (f *File) probeChunk(w *walker, x *index, contig int, b bin, c chunk) error {
	if c.from >= c.to {
		return fmt.Errorf("a stretch from %s to %s", c.from, c.to)
	}
	if err := w.z.Seek(c.from, c.from); err != nil {
		return err
	}
	r, err := w.d.next(w.z)
	var in *inconsistent
	if errors.As(err, &in) {
		return nil // a bad record, but a record
	}
	if err != nil {
		return fmt.Errorf("at %s: %w", c.from, noEnd(err))
	}
	start, end := x.span(b.id)
	if r.Contig != contig || r.Start < start || r.Start >= end {
		return fmt.Errorf("at %s it expects a record of %s:%d-%d, but one of %s stands there", c.from,
			f.header.Contigs.At(contig).Name, start+1, end, f.header.place(r.Contig, r.Start))
	}
	return nil
}

func noEnd(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// decodeIndex reads the bytes of a BAI or CSI as stored; a CSI is
// compressed. It must be of that number of contigs.
func decodeIndex(b []byte, contigs int) (*index, error) {
	if len(b) > 2 && b[0] == 0x1f && b[1] == 0x8b {
		z := bgzf.NewReader(bytes.NewReader(b), 1)
		plain, err := io.ReadAll(io.LimitReader(z, maxIndex+1))
		if err != nil {
			return nil, err
		}
		if len(plain) > maxIndex {
			return nil, fmt.Errorf("more than %d bytes", maxIndex)
		}
		b = plain
	}
	return parseIndex(b, contigs)
}
