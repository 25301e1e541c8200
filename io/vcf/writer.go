package vcf

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/tabix"
)

// longContig is the length of a contig, in bases, above which the index is
// .csi: near the 2^29 that .tbi reaches, by the rule of DeepVariant.
const longContig = 500_000_000

// Writer writes a VCF file. Its bytes depend on the header and the records
// alone. It is not safe for concurrent use.
type Writer struct {
	path    string
	header  *Header
	out     io.Writer
	text    *bufio.Writer // plain text
	blocks  *bgzf.Writer  // bgzip
	bcf     *bcfEncoder   // BCF
	index   *tabix.Builder
	csi     bool
	records int64
	contig  string // of the record before
	place   int    // its contig in the header
	start   int
	failed  error  // the first error of a record
	scratch []byte // of WriteCall and WriteBlock
	record  []byte // of BCF
}

// NewWriter writes plain text to w, the header at once. path stands in errors.
func NewWriter(path string, w io.Writer, h *Header) (*Writer, error) {
	v := &Writer{path: path, header: h, text: bufio.NewWriterSize(w, 1<<16)}
	v.out = v.text
	return v, v.begin()
}

// NewPackedWriter writes bgzip to w, compressed in so many goroutines, and
// gathers an index for Index. Close or Abort must be called.
func NewPackedWriter(path string, w io.Writer, h *Header, threads int) (*Writer, error) {
	longest := longestOf(h)
	v := &Writer{path: path, header: h, csi: longest > longContig}
	v.index = tabix.NewBuilder(tabix.VCF, v.csi, longest)
	return v, v.pack(w, threads)
}

// NewBCFWriter is NewPackedWriter for BCF2. The header must declare all keys
// and filters of the records.
func NewBCFWriter(path string, w io.Writer, h *Header, threads int) (*Writer, error) {
	v := &Writer{path: path, header: h, csi: true}
	var err error
	if v.bcf, err = newBCFEncoder(path, h); err != nil {
		return v, v.at(err)
	}
	v.index = tabix.NewNumberedBuilder(v.bcf.names, longestOf(h))
	return v, v.pack(w, threads)
}

func longestOf(h *Header) int {
	longest := 0
	for _, c := range h.ContigList() {
		longest = max(longest, c.Length)
	}
	return longest
}

// pack begins a file packed by bgzip.
func (w *Writer) pack(dst io.Writer, threads int) error {
	z, err := bgzf.NewWriter(dst, bgzf.DefaultLevel, threads)
	if err != nil {
		return w.at(err)
	}
	w.blocks, w.out = z, z
	if err := w.begin(); err != nil {
		return w.Abort(err)
	}
	return nil
}

// NewWriterFor writes the format that a name asks for: bgzip where it ends in
// .gz, BCF where it ends in .bcf, else plain text. Packed says which of these
// have an index.
func NewWriterFor(path string, w io.Writer, h *Header, threads int) (*Writer, error) {
	switch {
	case strings.HasSuffix(path, ".bcf"):
		return NewBCFWriter(path, w, h, threads)
	case Packed(path):
		return NewPackedWriter(path, w, h, threads)
	}
	return NewWriter(path, w, h)
}

// Packed says whether NewWriterFor compresses a file of that name, which then
// has an index.
func Packed(path string) bool {
	path = strings.ToLower(path)
	return strings.HasSuffix(path, ".gz") || strings.HasSuffix(path, ".bgz") || strings.HasSuffix(path, ".bcf")
}

func (w *Writer) begin() error {
	w.place = -1
	head := w.header.Text()
	if w.bcf != nil {
		head = bcfHeader(w.header)
	}
	_, err := w.out.Write(head)
	return w.at(err)
}

// at says in which file an error of writing came up.
func (w *Writer) at(err error) error { return source.At(w.path, err) }

// Write writes a row. Rows come sorted by contig, in the order of the header,
// and start, each with a column for every sample.
func (w *Writer) Write(r *Row) error {
	if n := len(w.header.Samples); r.samples != n {
		return w.bad(r.contig, r.start, fmt.Errorf("%d samples, want the %d of the header", r.samples, n))
	}
	if r.column < colSamples {
		r.to(colFormat)
	}
	r.endSample()
	r.b = append(r.b, '\n')
	return w.WriteLine(r.contig, r.start, r.end, r.b)
}

func (w *Writer) bad(contig string, start int, err error) error {
	return w.fail(&source.Error{Path: w.path, Record: fmt.Sprintf("%s:%d", contig, start+1), Err: err})
}

// fail remembers that a record is missing, so that Close does not pass the file
// off as whole.
func (w *Writer) fail(err error) error {
	if w.failed == nil {
		w.failed = err
	}
	return err
}

// WriteLine writes a line, with its newline, that lies over [start, end) of a
// contig. Only its order is checked.
func (w *Writer) WriteLine(contig string, start, end int, line []byte) error {
	if contig != w.contig {
		i := w.header.Contig(contig)
		if i < 0 {
			return w.bad(contig, start, errors.New("the header does not declare this contig"))
		}
		if i < w.place {
			return w.bad(contig, start, fmt.Errorf("not sorted: it comes behind %s, which the header declares later", w.contig))
		}
		w.contig, w.place, w.start = w.header.contigs[i].Name, i, start
	}
	if start < w.start {
		return w.bad(contig, start, fmt.Errorf("not sorted: it comes behind position %d", w.start+1))
	}
	w.start = start
	var from bgzf.Offset
	if w.blocks != nil {
		from = w.blocks.Place()
	}
	if w.bcf != nil {
		var err error
		if w.record, err = w.bcf.append(w.record[:0], line[:len(line)-1]); err != nil {
			return w.bad(contig, start, err)
		}
		line = w.record
	}
	if _, err := w.out.Write(line); err != nil {
		return w.fail(w.at(err))
	}
	w.records++
	if w.index != nil {
		if err := w.index.Add(w.contig, start, end, from, w.blocks.Place()); err != nil {
			return w.bad(contig, start, err)
		}
	}
	return nil
}

// Records is the number of records written.
func (w *Writer) Records() int64 { return w.records }

// Close writes what is left. Where a record could not be written it is Abort,
// and gives the error of that.
func (w *Writer) Close() error {
	if w.failed != nil {
		return w.Abort(w.failed)
	}
	var err error
	if w.blocks != nil {
		err = w.blocks.Close()
	} else {
		err = w.text.Flush()
	}
	return w.at(err)
}

// Abort gives up a file and gives err back.
func (w *Writer) Abort(err error) error {
	if w.blocks != nil {
		w.blocks.Close() // ends its goroutines; what it could write is given up
	}
	return err
}

// Index is the index of a packed file after Close, and the suffix of its name:
// .tbi, or .csi where a contig is too long for that.
func (w *Writer) Index() (suffix string, index []byte, err error) {
	if w.index == nil {
		return "", nil, w.at(errors.New("plain text has no index"))
	}
	if index, err = w.index.Encode(w.blocks.Final); err != nil {
		return "", nil, w.at(err)
	}
	if w.csi {
		return ".csi", index, nil
	}
	return ".tbi", index, nil
}
