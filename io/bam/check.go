package bam

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/variant/align"
)

// Report is all that Check found in a file.
type Report struct {
	Path     string
	Format   string  // "BAM" or "SAM"
	Header   *Header // nil where it cannot be read
	Records  int64   // records read, bad ones too
	Problems []Problem
}

// Verdict is the worst of the problems: "ok", "warning" or "error".
func (r *Report) Verdict() string {
	if len(r.Problems) == 0 {
		return "ok"
	}
	return r.Problems[0].Severity.String()
}

// Check reads a BAM or SAM file to its end and lists what is wrong with it:
// every kind of fault with its number and its first place. Memory is bounded:
// pairs are compared as long as half a million reads or fewer wait for their
// mates. The error is one that keeps the file from being read at all, or ctx's.
func Check(ctx context.Context, path string, o Options) (*Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	c := &checker{f: findings{path: path}, r: &Report{Path: path}, o: o}
	c.pairs = newPairs(&c.f)
	if strings.HasSuffix(path, ".bam") || c.isBAM(f) {
		c.r.Format = "BAM"
		err = c.bam(ctx, f, info)
	} else {
		c.r.Format = "SAM"
		err = c.text(ctx, f)
	}
	c.names.report(&c.f)
	c.r.Problems = c.f.problems()
	return c.r, err
}

// checker is one run of Check.
type checker struct {
	f      findings
	r      *Report
	o      Options
	pairs  *pairs
	order  order
	names  nameOrder
	counts [][2]uint64 // per contig: records mapped and unmapped
}

// isBAM looks at the first bytes: a BAM file is BGZF, and what it holds starts
// with a magic number.
func (c *checker) isBAM(r io.ReaderAt) bool {
	head := make([]byte, 2*bgzf.MaxBlock)
	n, _ := r.ReadAt(head, 0)
	if n < 2 || head[0] != 0x1f || head[1] != 0x8b {
		return string(head[:min(n, len(magic))]) == magic
	}
	b, err := bgzf.NewReader(bytes.NewReader(head[:n]), 1).Next(len(magic))
	return err != nil || string(b) == magic
}

// broken notes an error behind which the file cannot be read, unless it is
// known already.
func (c *checker) broken(k kind, err error) {
	switch {
	case c.f.knows(err):
		return
	case errors.Is(err, bgzf.ErrTruncated):
		k = kTruncated
	case errors.Is(err, bgzf.ErrDamaged), errors.Is(err, bgzf.ErrNotBGZF):
		k = kContainer
	}
	c.f.addError(k, err)
}

func (c *checker) bam(ctx context.Context, data io.ReaderAt, info os.FileInfo) error {
	size := info.Size()
	if err := bgzf.CheckMarker(data, size); err != nil {
		c.f.add(kTruncated, "%w", err)
	}
	z := bgzf.NewReader(io.NewSectionReader(data, 0, size), c.o.Threads)
	defer z.Close()
	z.AllowNoMarker() // that it is missing is known
	h, err := readHeader(z, &c.f)
	if err != nil {
		c.broken(kHeaderLine, err)
		return nil
	}
	c.header(h)
	d := decoder{contigs: h.Contigs.List()}
	for {
		at := z.Offset()
		c.f.place = source.Error{Offset: int64(at)}
		r, err := d.next(z)
		if err == io.EOF {
			break
		}
		c.r.Records++
		var in *inconsistent
		if errors.As(err, &in) {
			c.f.place.Record = d.read.Name
			c.f.add(in.kind, "%w", in.err)
			continue
		}
		if err != nil {
			c.broken(kRecord, err)
			return nil
		}
		c.record(r)
		if c.r.Records&0xffff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	c.f.place = source.Error{}
	c.index(data, info, h)
	return nil
}

func (c *checker) header(h *Header) {
	c.r.Header = h
	c.order = orderSaid(h)
	c.names.on = h.SortOrder == "queryname"
	c.counts = make([][2]uint64, h.Contigs.Len())
}

// record checks one that can be read.
func (c *checker) record(r *align.Read) {
	examine(r, c.r.Header, &c.f)
	if err := c.order.next(r); err != nil {
		c.f.add(kUnsorted, "%w", err)
	}
	c.names.next(r, &c.f)
	c.pairs.add(r)
	if r.Contig >= 0 {
		c.counts[r.Contig][r.Flag&align.Unmapped/align.Unmapped]++
	}
}

// index checks that there is one, and that it is this file's.
func (c *checker) index(data io.ReaderAt, info os.FileInfo, h *Header) {
	if h.SortOrder == "queryname" || h.SortOrder == "unsorted" {
		return
	}
	f, err := NewFile(c.f.path, data, info.Size(), func() ([]byte, error) { return readIndex(c.f.path, info, c.o) }, Options{Warn: func(error) {}})
	if err != nil {
		return // told already
	}
	x, err := f.index()
	if errors.Is(err, ErrNoIndex) {
		c.f.addError(kNoIndex, err)
		return
	}
	if err != nil {
		c.f.addError(kIndex, err)
		return
	}
	for i := range x.refs {
		r := &x.refs[i]
		if r.counted && (r.mapped != c.counts[i][0] || r.unmapped != c.counts[i][1]) {
			c.f.add(kIndex, "the index counts %d mapped and %d unmapped records on %s, the file has %d and %d; run `samtools index`",
				r.mapped, r.unmapped, h.Contigs.At(i).Name, c.counts[i][0], c.counts[i][1])
		}
	}
}

func (c *checker) text(ctx context.Context, r io.Reader) error {
	t := startText(c.f.path, r, c.o)
	defer t.Close()
	err := t.readHeader()
	c.f.byKind = t.f.byKind
	if err != nil {
		c.broken(kHeaderLine, err)
		return nil
	}
	t.line.f = &c.f // all goes to one place
	h := t.header
	c.header(h)
	for {
		line, err := t.record()
		if err == io.EOF {
			break
		}
		if err != nil {
			c.broken(kFields, t.at(err))
			return nil
		}
		c.r.Records++
		c.f.failed = nil
		rec := t.line.parse(line, t.n)
		if rec == nil {
			continue
		}
		if in := t.line.d.check(); in != nil {
			c.f.add(in.kind, "%w", in.err)
			continue
		}
		c.record(rec)
		if c.r.Records&0xffff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	c.f.place = source.Error{}
	if h.Text == "" {
		c.f.add(kHeaderNone, "it has no header")
	}
	return nil
}

// nameOrder watches that the records of a file that claims to be sorted by
// read name are, letter by letter or with numbers by value: programs differ.
type nameOrder struct {
	on               bool
	last             []byte
	letters, numbers bool // the order is broken
	first            error
	count            int64
}

func (n *nameOrder) next(r *align.Read, f *findings) {
	if !n.on {
		return
	}
	if n.last != nil {
		a, b := n.last, []byte(r.Name)
		byLetter, byNumber := bytes.Compare(a, b) > 0, compareNatural(a, b) > 0
		n.letters, n.numbers = n.letters || byLetter, n.numbers || byNumber
		if byLetter || byNumber {
			if n.count++; n.count == 1 {
				e := f.place
				e.Path, e.Record = f.path, string([]byte(r.Name))
				e.Err = errors.New("the file is not sorted by read name as its header says")
				n.first = &e
			}
		}
	}
	n.last = append(n.last[:0], r.Name...)
}

func (n *nameOrder) report(f *findings) {
	if n.letters && n.numbers {
		f.addError(kUnsorted, n.first)
		f.byKind[kUnsorted].Count = n.count
	}
}

// compareNatural compares names with runs of digits by their value.
func compareNatural(a, b []byte) int {
	for len(a) > 0 && len(b) > 0 {
		if !isDigit(a[0]) || !isDigit(b[0]) {
			if a[0] != b[0] {
				return int(a[0]) - int(b[0])
			}
			a, b = a[1:], b[1:]
			continue
		}
		x, y := digitRun(a), digitRun(b)
		a, b = a[len(x):], b[len(y):]
		x, y = bytes.TrimLeft(x, "0"), bytes.TrimLeft(y, "0")
		if len(x) != len(y) {
			return len(x) - len(y)
		}
		if c := bytes.Compare(x, y); c != 0 {
			return c
		}
	}
	return len(a) - len(b)
}

func digitRun(b []byte) []byte {
	n := 0
	for n < len(b) && isDigit(b[n]) {
		n++
	}
	return b[:n]
}
