package stage

import (
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/tfrecord"
)

// sortKey is a place on the genome: the number of a contig, and a range on it.
type sortKey struct{ contig, start, end int32 }

func (a sortKey) compare(b sortKey) int {
	return cmp.Or(cmp.Compare(a.contig, b.contig), cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end))
}

// sortMemory is the bytes of records that a sorter keeps in memory.
const sortMemory = 64 << 20

// sorter sorts records by their places in bounded memory. What does not fit is
// kept in sorted runs in one temporary file, which has no name from the start,
// so that nothing is left of it however the process ends. Records of one place
// keep the order in which they came. It is for one goroutine.
type sorter struct {
	memory int
	folder string
	pieces [][]byte // of records, filled one after the other
	piece  int      // that is being filled
	held   int      // bytes of records in memory
	list   []sortEntry
	file   *os.File
	size   int64
	runs   []int64 // where each run of the file begins
}

type sortEntry struct {
	sortKey
	size int32
	at   int // the piece and the place in it: their order is that of coming
}

// pieceSize is the bytes of a piece of memory. A longer record has one of its
// own.
const pieceSize = 1 << 20

// newSorter keeps what does not fit beside the output of that name.
func newSorter(out string, memory int) *sorter {
	s := &sorter{memory: memory, folder: filepath.Dir(out)}
	if out == object.Standard || strings.Contains(out, "://") {
		s.folder = os.TempDir()
	}
	return s
}

// add takes a record: the parts one behind the other.
func (s *sorter) add(k sortKey, parts ...[]byte) error {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	if len(s.list) > 0 && s.held+n+(len(s.list)+1)*24 > s.memory {
		if err := s.spill(); err != nil {
			return err
		}
	}
	for s.piece < len(s.pieces) && len(s.pieces[s.piece])+n > cap(s.pieces[s.piece]) {
		s.piece++
	}
	if s.piece == len(s.pieces) {
		s.pieces = append(s.pieces, make([]byte, 0, max(n, min(pieceSize, s.memory))))
	}
	piece := &s.pieces[s.piece]
	s.list = append(s.list, sortEntry{k, int32(n), s.piece<<32 | len(*piece)})
	for _, p := range parts {
		*piece = append(*piece, p...)
	}
	s.held += n
	return nil
}

// record is the bytes of an entry.
func (s *sorter) record(e *sortEntry) []byte {
	at := e.at & (1<<32 - 1)
	return s.pieces[e.at>>32][at : at+int(e.size)]
}

func (s *sorter) sort() {
	if slices.IsSortedFunc(s.list, func(a, b sortEntry) int { return a.compare(b.sortKey) }) {
		return // as most files are
	}
	slices.SortFunc(s.list, func(a, b sortEntry) int { return cmp.Or(a.compare(b.sortKey), cmp.Compare(a.at, b.at)) })
}

// spill writes what is in memory as a run.
func (s *sorter) spill() (err error) {
	s.sort()
	if s.file == nil {
		if s.file, err = os.CreateTemp(s.folder, ".gx-sort-*.tmp"); err != nil {
			return err
		}
		if err := os.Remove(s.file.Name()); err != nil { // the open file stays
			return err
		}
	}
	s.runs = append(s.runs, s.size)
	w, err := tfrecord.NewWriter(s, tfrecord.Options{})
	if err != nil {
		return err
	}
	var b []byte
	for i := range s.list {
		e := &s.list[i]
		b = binary.LittleEndian.AppendUint32(b[:0], uint32(e.contig))
		b = binary.LittleEndian.AppendUint32(b, uint32(e.start))
		b = binary.LittleEndian.AppendUint32(b, uint32(e.end))
		b = append(b, s.record(e)...)
		if err := w.Write(b); err != nil {
			return err
		}
	}
	for i := range s.pieces {
		s.pieces[i] = s.pieces[i][:0]
	}
	s.piece, s.held, s.list = 0, 0, s.list[:0]
	return w.Close()
}

// Write appends to the temporary file.
func (s *sorter) Write(b []byte) (int, error) {
	n, err := s.file.Write(b)
	s.size += int64(n)
	return n, err
}

// close gives the temporary file back.
func (s *sorter) close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

// placed is a record with its place. The data is valid until the next one, or,
// where it is kept in memory, for good.
type placed struct {
	sortKey
	data []byte
	kept bool
}

// all gives the records in order, once, after the last add.
func (s *sorter) all() iter.Seq2[placed, error] {
	if s.file == nil {
		return s.inMemory()
	}
	return func(yield func(placed, error) bool) {
		if err := s.spill(); err != nil {
			yield(placed{}, err)
			return
		}
		s.pieces, s.list = nil, nil
		var h runHeap
		for i, from := range s.runs {
			to := s.size
			if i+1 < len(s.runs) {
				to = s.runs[i+1]
			}
			r, err := tfrecord.NewReader(io.NewSectionReader(s.file, from, to-from), "temporary file in "+s.folder)
			if err != nil {
				yield(placed{}, err)
				return
			}
			defer r.Close()
			h = append(h, &sortRun{r: r, number: i})
		}
		mergeRuns(h, yield)
	}
}

func (s *sorter) inMemory() iter.Seq2[placed, error] {
	return func(yield func(placed, error) bool) {
		s.sort()
		for i := range s.list {
			if e := &s.list[i]; !yield(placed{e.sortKey, s.record(e), true}, nil) {
				return
			}
		}
	}
}

func mergeRuns(h runHeap, yield func(placed, error) bool) {
	live := h[:0]
	for _, r := range h {
		more, err := r.next()
		if err != nil {
			yield(placed{}, err)
			return
		}
		if more {
			live = append(live, r)
		}
	}
	h = live
	heap.Init(&h)
	for len(h) > 0 {
		if !yield(h[0].placed, nil) {
			return
		}
		more, err := h[0].next()
		switch {
		case err != nil:
			yield(placed{}, err)
			return
		case more:
			heap.Fix(&h, 0)
		default:
			heap.Pop(&h)
		}
	}
}

// sortRun is a run that is read back.
type sortRun struct {
	placed
	number int
	r      *tfrecord.Reader
}

var errSpilled = errors.New("a record of the temporary file is damaged")

func (r *sortRun) next() (bool, error) {
	b, err := r.r.Read()
	if err == io.EOF {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if len(b) < 12 {
		return false, errSpilled
	}
	word := func(i int) int32 { return int32(binary.LittleEndian.Uint32(b[4*i:])) }
	r.placed = placed{sortKey: sortKey{word(0), word(1), word(2)}, data: b[12:]}
	return true, nil
}

// runHeap has the run with the first record on top.
type runHeap []*sortRun

func (h runHeap) Len() int { return len(h) }
func (h runHeap) Less(i, j int) bool {
	return cmp.Or(h[i].compare(h[j].sortKey), cmp.Compare(h[i].number, h[j].number)) < 0
}
func (h runHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *runHeap) Push(x any)   { *h = append(*h, x.(*sortRun)) }
func (h *runHeap) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
