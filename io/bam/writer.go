package bam

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// WriterOptions say how a BAM file is written. The zero value compresses at
// bgzf.DefaultLevel in the caller's goroutine.
type WriterOptions struct {
	Level   int // 1 to 9; 0 is bgzf.DefaultLevel
	Threads int // goroutines that compress; the bytes do not depend on it
}

// Writer writes a BAM file. The bytes depend on header, records and level
// alone. It belongs to one goroutine.
type Writer struct {
	z     *bgzf.Writer
	h     *Header
	order order
	index *indexBuilder
	buf   []byte
	// unsorted is the first record out of order, of a file that need not be
	// sorted.
	unsorted error
	done     bool
}

// NewHeader makes the header of a file that gx writes. Read groups and programs
// keep their order; h.Text is made of them.
func NewHeader(contigs *locus.Contigs, sortOrder string, groups []ReadGroup, programs []Program) (*Header, error) {
	var b strings.Builder
	line := func(name string, fields ...string) {
		b.WriteString(name)
		for i := 0; i < len(fields); i += 2 {
			if fields[i+1] != "" {
				b.WriteString("\t" + fields[i] + ":" + fields[i+1])
			}
		}
		b.WriteByte('\n')
	}
	line("@HD", "VN", "1.6", "SO", sortOrder)
	for _, c := range contigs.List() {
		line("@SQ", "SN", c.Name, "LN", strconv.Itoa(c.Length))
	}
	for _, g := range groups {
		line("@RG", "ID", g.ID, "SM", g.Sample, "LB", g.Library, "PL", g.Platform, "PU", g.PlatformUnit, "CN", g.Center)
	}
	for _, p := range programs {
		line("@PG", "ID", p.ID, "PN", p.Name, "VN", p.Version, "CL", p.CommandLine, "PP", p.Previous)
	}
	var f findings
	h, err := parseHeader(b.String(), &f)
	if err == nil {
		err = f.failed
	}
	return h, err
}

// NewWriter writes the header to w. Close must be called; it does not close w.
func NewWriter(w io.Writer, h *Header, o WriterOptions) (*Writer, error) {
	if o.Level == 0 {
		o.Level = bgzf.DefaultLevel
	}
	z, err := bgzf.NewWriter(w, o.Level, o.Threads)
	if err != nil {
		return nil, err
	}
	b := &Writer{z: z, h: h, order: orderOf(h), index: newIndexBuilder(h.Contigs.List())}
	if len(h.Text) > maxText {
		z.Close()
		return nil, fmt.Errorf("a header of %d bytes, at most %d are possible", len(h.Text), maxText)
	}
	le := binary.LittleEndian
	p := append([]byte(magic), 0, 0, 0, 0)
	le.PutUint32(p[4:], uint32(len(h.Text)))
	p = append(p, h.Text...)
	p = le.AppendUint32(p, uint32(h.Contigs.Len()))
	for _, c := range h.Contigs.List() {
		p = le.AppendUint32(p, uint32(len(c.Name)+1))
		p = append(append(p, c.Name...), 0)
		p = le.AppendUint32(p, uint32(c.Length))
	}
	if _, err = z.Write(p); err == nil {
		err = z.Flush() // records start in a block of their own
	}
	if err != nil {
		z.Close()
		return nil, err
	}
	return b, nil
}

// Write appends a record. Records of a header that says coordinate must come
// in that order.
func (w *Writer) Write(r *align.Read) error {
	var err error
	if w.buf, err = appendRecord(w.buf[:0], r, w.h); err != nil {
		return fmt.Errorf("%s: %w", r.Name, err)
	}
	if err := w.order.next(r); err != nil {
		err = fmt.Errorf("%s: %w", r.Name, err)
		if w.h.SortOrder == "coordinate" {
			return err
		}
		w.unsorted = cmp.Or(w.unsorted, err)
	}
	if len(w.buf) > w.z.Room() {
		w.z.Flush() // as htslib does: short records lie within one block
	}
	from := w.z.Place()
	if _, err := w.z.Write(w.buf); err != nil {
		return err
	}
	w.index.add(r, from, w.z.Place())
	return nil
}

// Close writes what is left and the end marker.
func (w *Writer) Close() error {
	w.done = true
	return w.z.Close()
}

// WriteIndex writes the index of the file, after Close: a BAI, or a CSI where a
// contig is too long for one. Records that did not come in the order of their
// coordinates are an error.
func (w *Writer) WriteIndex(to io.Writer) error {
	if !w.done {
		return errors.New("the index of a BAM file that is not closed yet")
	}
	if w.unsorted != nil {
		return w.unsorted
	}
	return w.index.write(to, w.index.tooLong(), w.z.Final)
}

// nibble is the code of each base (SAM specification, section 4.2.3); 0xff
// where there is none.
var nibble = func() (t [256]byte) {
	for i := range t {
		t[i] = 0xff
	}
	for i, c := range []byte("=ACMGRSVTWYHKDBN") {
		t[c] = byte(i)
	}
	return t
}()

// appendRecord appends a record in BAM's encoding.
func appendRecord(b []byte, r *align.Read, h *Header) ([]byte, error) {
	switch {
	case len(r.Name) == 0 || len(r.Name) > 254:
		return b, fmt.Errorf("a read name of %d letters, want 1 to 254", len(r.Name))
	case len(r.Quals) != len(r.Bases):
		return b, fmt.Errorf("%d base qualities for %d bases", len(r.Quals), len(r.Bases))
	case len(r.Cigar) > 0 && len(r.Bases) > 0 && r.Cigar.ReadLen() != len(r.Bases):
		return b, fmt.Errorf("CIGAR covers %d bases of %d", r.Cigar.ReadLen(), len(r.Bases))
	case max(r.Contig, r.MateContig) >= h.Contigs.Len() || min(r.Contig, r.MateContig) < -1:
		return b, fmt.Errorf("contigs %d and %d of it and its mate, the header has %d", r.Contig, r.MateContig, h.Contigs.Len())
	case min(r.Start, r.MateStart) < -1 || max(r.Start, r.MateStart) >= math.MaxInt32 || int(int32(r.TemplateLen)) != r.TemplateLen:
		return b, fmt.Errorf("positions %d and %d, template length %d: beyond 32 bits", r.Start, r.MateStart, r.TemplateLen)
	}
	le := binary.LittleEndian
	ops := r.Cigar
	long := len(ops) > math.MaxUint16
	if long { // the true one goes into a tag
		ops = align.Cigar{align.MakeOp(align.S, len(r.Bases)), align.MakeOp(align.N, r.Cigar.RefLen())}
	}
	start := len(b)
	b = append(b, 0, 0, 0, 0)
	b = le.AppendUint32(b, uint32(int32(r.Contig)))
	b = le.AppendUint32(b, uint32(int32(r.Start)))
	bin := binOf(r.Start, max(r.End(), r.Start+1), 14, 5)
	b = append(b, byte(len(r.Name)+1), r.MapQ, byte(bin), byte(bin>>8))
	b = le.AppendUint16(b, uint16(len(ops)))
	b = le.AppendUint16(b, uint16(r.Flag))
	b = le.AppendUint32(b, uint32(len(r.Bases)))
	b = le.AppendUint32(b, uint32(int32(r.MateContig)))
	b = le.AppendUint32(b, uint32(int32(r.MateStart)))
	b = le.AppendUint32(b, uint32(int32(r.TemplateLen)))
	b = append(append(b, r.Name...), 0)
	for _, x := range ops {
		b = le.AppendUint32(b, uint32(x))
	}
	for i := 0; i < len(r.Bases); i += 2 {
		hi, lo := nibble[r.Bases[i]], byte(0)
		if i+1 < len(r.Bases) {
			lo = nibble[r.Bases[i+1]]
		}
		if hi|lo > 15 {
			return b, fmt.Errorf("bases %q, want =ACMGRSVTWYHKDBN", r.Bases[i:min(i+2, len(r.Bases))])
		}
		b = append(b, hi<<4|lo)
	}
	b = append(b, r.Quals...)
	b = append(b, r.Aux...)
	if long {
		b = append(b, 'C', 'G', 'B', 'I')
		b = le.AppendUint32(b, uint32(len(r.Cigar)))
		for _, x := range r.Cigar {
			b = le.AppendUint32(b, uint32(x))
		}
	}
	if len(b)-start-4 > maxRecord {
		return b, fmt.Errorf("a record of %d bytes, at most %d are possible", len(b)-start-4, maxRecord)
	}
	le.PutUint32(b[start:], uint32(len(b)-start-4))
	return b, nil
}
