package block

import (
	"io"
)

// Writer writes BGZF. Blocks are cut every DataSize bytes of data whatever the
// pieces in which these come, so the bytes of the file depend on the data
// alone.
type Writer struct {
	dst    io.Writer
	d      Deflater
	data   []byte
	block  []byte
	starts []int64 // where each block begins in the file
	size   int64   // of the file so far
	total  int64   // bytes of data so far
	err    error
}

// NewWriter writes blocks to dst.
func NewWriter(dst io.Writer) *Writer {
	return &Writer{dst: dst, data: make([]byte, 0, DataSize)}
}

// Write adds data. An error of the destination is given by all later calls.
func (w *Writer) Write(p []byte) (int, error) {
	n := len(p)
	w.total += int64(n)
	for len(p) > 0 && w.err == nil {
		k := min(len(p), DataSize-len(w.data))
		w.data = append(w.data, p[:k]...)
		p = p[k:]
		if len(w.data) == DataSize {
			w.flush()
		}
	}
	return n - len(p), w.err
}

func (w *Writer) flush() {
	w.starts = append(w.starts, w.size)
	if w.block, w.err = w.d.Deflate(w.block[:0], w.data); w.err == nil {
		_, w.err = w.dst.Write(w.block)
	}
	w.size += int64(len(w.block))
	w.data = w.data[:0]
}

// Close writes the last block and the end marker. It does not close the
// destination.
func (w *Writer) Close() error {
	if w.err == nil && len(w.data) > 0 {
		w.flush()
	}
	if w.err == nil {
		w.starts = append(w.starts, w.size)
		_, w.err = io.WriteString(w.dst, Marker)
		w.size += int64(len(Marker))
	}
	return w.err
}

// Total is the number of bytes of data so far: the place of the next.
func (w *Writer) Total() int64 { return w.total }

// Virtual is the virtual offset of a place in the data. It is known for all
// places once the Writer is closed.
func (w *Writer) Virtual(place int64) int64 {
	return w.starts[place/DataSize]<<16 | place%DataSize
}
