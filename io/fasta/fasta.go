// Package fasta gives bases of a reference by region, from plain or bgzip
// FASTA. The indexes of samtools faidx (.fai, and .gzi for bgzip) are read
// where they lie beside the file and made where they do not.
package fasta

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/text"
	"github.com/gx-genomics/gx/variant/locus"
)

// Options say how a file is opened. The zero value is the default.
type Options struct {
	Notice func(string) // is told, in one line, of an index that was made; nil for nobody
	Blocks int          // inflated blocks (64 kB each) of bgzip FASTA kept in memory; 0 for 64
}

// File is an open FASTA file. It is safe for concurrent use.
type File struct {
	path    string
	src     io.ReaderAt
	size    int64
	close   func() error
	data    io.ReaderAt // the text, inflated
	contigs *locus.Contigs
	index   []entry // in the order of contigs
}

// Open opens a FASTA file for access by region. Its index is path.fai, for
// bgzip also path.gzi. An index that is absent is made and written beside the
// file, or kept in memory where the folder cannot be written; either is said
// through o.Notice. An index that does not belong to the file is an error.
func Open(path string, o Options) (*File, error) {
	if o.Notice == nil {
		o.Notice = func(string) {}
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, source.At(path, err)
	}
	f, err := open(path, file, o)
	if err != nil {
		file.Close()
		return nil, source.At(path, err)
	}
	return f, nil
}

func open(path string, file *os.File, o Options) (*File, error) {
	st, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if st.IsDir() {
		return nil, errors.New("is a folder, want a FASTA file")
	}
	fai, age, err := readIndex(path + ".fai")
	if err != nil {
		return nil, err
	}
	gzi, _, err := readIndex(path + ".gzi")
	if err != nil {
		return nil, err
	}
	f, made, err := New(path, file, st.Size(), fai, gzi, o)
	if err != nil {
		return nil, err
	}
	f.close = file.Close
	for _, x := range made {
		o.Notice(path + ": " + keep(path+x.Suffix, x.Bytes))
	}
	if fai != nil && age.Before(st.ModTime()) {
		o.Notice(path + ".fai: older than its file, but every sequence is where it says; touch it to end this notice")
	}
	return f, nil
}

// Index is the content of an index file: its suffix is .fai or .gzi.
type Index struct {
	Suffix string
	Bytes  []byte
}

// New reads from src, a FASTA file of that size, with the content of its
// indexes, nil for one that is absent. Those that had to be made are given
// back. path stands in errors.
func New(path string, src io.ReaderAt, size int64, fai, gzi []byte, o Options) (f *File, made []Index, err error) {
	f = &File{path: path, src: src, size: size, data: src, close: func() error { return nil }}
	head := make([]byte, text.SniffLen)
	n, err := src.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, nil, err
	}
	head = head[:n]
	switch text.Sniff(head) {
	case text.BGZF:
		x, fresh, err := f.blockIndex(gzi)
		if err != nil {
			return nil, nil, err
		}
		if fresh != nil {
			made = append(made, Index{".gzi", fresh})
		}
		f.data = newBlocks(f, x, o.Blocks)
	case text.Gzip:
		return nil, nil, errors.New("is gzip, not bgzip, and allows no access by region; remedy: gunzip it and pack it again with bgzip")
	default:
		if len(head) == 0 {
			return nil, nil, errors.New("is empty, want FASTA")
		}
		if b := bytes.TrimLeft(head, "\r\n"); len(b) > 0 && b[0] != '>' {
			return nil, nil, fmt.Errorf("begins with %q, want FASTA, which begins with >", b[:1])
		}
	}
	if fai == nil {
		if f.index, err = f.scan(); err != nil {
			return nil, nil, err
		}
		made = append(made, Index{".fai", formatIndex(f.index)})
	} else {
		if f.index, err = parseIndex(path+".fai", fai); err != nil {
			return nil, nil, err
		}
		if err := f.verify(f.index); err != nil {
			return nil, nil, err
		}
	}
	list := make([]locus.Contig, len(f.index))
	for i, e := range f.index {
		list[i] = locus.Contig{Name: e.name, Length: e.length}
	}
	f.contigs, err = locus.NewContigs(list)
	return f, made, err
}

// Close closes the file; Bases must not be called after it.
func (f *File) Close() error { return f.close() }

// Path is the path as it was given to Open.
func (f *File) Path() string { return f.path }

// Contigs is the sequences of the file in its order.
func (f *File) Contigs() *locus.Contigs { return f.contigs }

// Bases appends the bases of a region to dst: upper case (soft-masking by
// lower case is folded), IUPAC letters as they stand. Any other character, a
// region that is not within its contig and an unknown contig are errors.
func (f *File) Bases(dst []byte, r locus.Region) ([]byte, error) {
	i := f.contigs.Index(r.Contig)
	if i < 0 {
		return dst, &source.Error{Path: f.path, Err: f.contigs.Unknown(r.Contig)}
	}
	e := &f.index[i]
	if r.Start < 0 || r.Start > r.End || r.End > e.length {
		return dst, &source.Error{Path: f.path, Record: r.String(), Err: fmt.Errorf("%w: %s has %d bases", ErrBeyond, e.name, e.length)}
	}
	if r.Start == r.End {
		return dst, nil
	}
	from, to := e.offset(r.Start), e.offset(r.End-1)+1
	at := len(dst)
	dst = append(dst, make([]byte, to-from)...)
	text := dst[at:]
	if n, err := f.data.ReadAt(text, from); n < len(text) {
		if err == io.EOF {
			err = f.stale("it points behind the end of the file")
		}
		return dst[:at], source.At(f.path, err)
	}
	n, err := fold(text, e, r.Start)
	if err != nil {
		return dst[:at], &source.Error{Path: f.path, Record: fmt.Sprintf("%s:%d", e.name, r.Start+n+1), Err: err}
	}
	return dst[:at+n], nil
}

// MD5 is the digest by which SAM and refget know a sequence (the M5 of a SAM
// header): of its bases in upper case, as 32 hexadecimal digits.
func (f *File) MD5(ctx context.Context, contig string) (string, error) {
	c, ok := f.contigs.Find(contig)
	if !ok {
		return "", &source.Error{Path: f.path, Err: f.contigs.Unknown(contig)}
	}
	h := md5.New()
	var buf []byte
	for at := 0; at < c.Length; {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		end := min(at+1<<20, c.Length)
		var err error
		if buf, err = f.Bases(buf[:0], locus.Region{Contig: contig, Start: at, End: end}); err != nil {
			return "", err
		}
		h.Write(buf)
		at = end
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// ErrBeyond is in the chain of errors about a region that reaches beyond its
// contig.
var ErrBeyond = errors.New("lies beyond the end of the reference")

// fold takes the line ends out of the text of a sequence, which begins with
// its base number start, and makes the bases upper case, both in place. It
// gives the number of bases; at an error, of those before the bad character.
func fold(text []byte, e *entry, start int) (int, error) {
	n := 0
	left := e.lineBases - start%e.lineBases
	for at := 0; at < len(text); {
		k := min(left, len(text)-at)
		for _, c := range text[at : at+k] {
			u := letters[c]
			if u == 0 {
				return n, fmt.Errorf("character %q in the sequence, want IUPAC bases", c)
			}
			text[n] = u // never ahead of what is read
			n++
		}
		at += k
		for range e.lineWidth - e.lineBases {
			if at < len(text) {
				if c := text[at]; c != '\n' && c != '\r' {
					return n, fmt.Errorf("character %q where a line ends by the index: %w", c, ErrStale)
				}
				at++
			}
		}
		left = e.lineBases
	}
	return n, nil
}

// letters gives the upper-case letter of each IUPAC base, 0 for any other
// character.
var letters = func() (t [256]byte) {
	for _, c := range []byte("ACGTURYSWKMBDHVN") {
		t[c], t[c+'a'-'A'] = c, c
	}
	return t
}()
