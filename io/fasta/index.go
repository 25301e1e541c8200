package fasta

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/text"
	"github.com/gx-genomics/gx/variant/locus"
)

// entry is a line of a .fai file: where a sequence lies in the text and how
// its lines are laid out.
type entry struct {
	name      string
	length    int   // bases
	start     int64 // offset of the first base
	lineBases int   // bases of a line, at least 1 where length > 0
	lineWidth int   // bytes of a line with its end
}

// offset is the place in the text of a base, counted from 0.
func (e *entry) offset(base int) int64 {
	if e.lineBases == 0 {
		return e.start
	}
	return e.start + int64(base/e.lineBases)*int64(e.lineWidth) + int64(base%e.lineBases)
}

// end is the offset behind the last base.
func (e *entry) end() int64 {
	if e.length == 0 {
		return e.start
	}
	return e.offset(e.length-1) + 1
}

// ErrStale is in the chain of errors about an index that does not belong to
// its file.
var ErrStale = errors.New("the index does not belong to this file")

func (f *File) stale(what string) error {
	return &source.Error{Path: f.path, Err: fmt.Errorf("%w (%s); remedy: delete %s.fai and .gzi and run again, or samtools faidx %s", ErrStale, what, f.path, f.path)}
}

// maxIndex is the largest index that is read, in bytes: of 2 million sequences,
// or of 250 GB of text.
const maxIndex = 1 << 26

// readIndex gives the content and age of an index file, nil where there is
// none.
func readIndex(path string) ([]byte, time.Time, error) {
	st, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, time.Time{}, nil
	}
	if err == nil && st.Size() > maxIndex {
		err = fmt.Errorf("index of %d bytes, want at most %d", st.Size(), maxIndex)
	}
	if err != nil {
		return nil, time.Time{}, source.At(path, err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, time.Time{}, source.At(path, err)
	}
	return b, st.ModTime(), nil
}

// parseIndex reads the text of a .fai file.
func parseIndex(path string, b []byte) ([]entry, error) {
	var index []entry
	line := int64(0)
	for text := range bytes.Lines(b) {
		line++
		bad := func(format string, args ...any) error {
			return &source.Error{Path: path, Line: line, Err: fmt.Errorf(format, args...)}
		}
		col := strings.Split(strings.TrimRight(string(text), "\r\n"), "\t")
		if len(col) != 5 {
			return nil, bad("%d columns, want the 5 of samtools faidx", len(col))
		}
		var v [4]int64
		for i, name := range []string{"length", "offset", "bases of a line", "bytes of a line"} {
			n, err := strconv.ParseInt(col[i+1], 10, 64)
			if err != nil || n < 0 {
				return nil, bad("%s %q, want a number from 0", name, col[i+1])
			}
			v[i] = n
		}
		e := entry{name: col[0], start: v[1]}
		switch {
		case e.name == "":
			return nil, bad("sequence without a name")
		case v[0] > locus.MaxLength:
			return nil, bad("sequence of %d bases, want at most %d", v[0], locus.MaxLength)
		case v[1] > 1<<50:
			return nil, bad("offset %d, want at most %d", v[1], int64(1)<<50)
		case v[2] > locus.MaxLength || v[3] > locus.MaxLength+2:
			return nil, bad("line of %d bases in %d bytes, want at most %d", v[2], v[3], locus.MaxLength)
		case v[0] > 0 && v[2] == 0:
			return nil, bad("sequence of %d bases in lines of 0 bases", v[0])
		case v[3] < v[2] || v[3] > v[2]+2:
			return nil, bad("line of %d bases in %d bytes, want 0 to 2 bytes more", v[2], v[3])
		}
		e.length, e.lineBases, e.lineWidth = int(v[0]), int(v[2]), int(v[3])
		index = append(index, e)
	}
	if len(index) == 0 {
		return nil, &source.Error{Path: path, Err: errors.New("index without a sequence; remedy: delete it and run again")}
	}
	return index, nil
}

// formatIndex is the text of a .fai file.
func formatIndex(index []entry) []byte {
	var b []byte
	for _, e := range index {
		b = fmt.Appendf(b, "%s\t%d\t%d\t%d\t%d\n", e.name, e.length, e.start, e.lineBases, e.lineWidth)
	}
	return b
}

// maxGap is the most bytes between two sequences, most of them the name line.
const maxGap = 1 << 16

// verify checks an index against the text: from the end of each sequence to
// the start of the next there is the name line of the next and nothing else.
// What it leaves open, the line ends inside a sequence, Bases checks.
func (f *File) verify(index []entry) error {
	order := slices.Clone(index)
	slices.SortFunc(order, func(a, b entry) int { return cmp.Compare(a.start, b.start) })
	at := int64(0)
	buf := make([]byte, maxGap)
	for _, e := range order {
		n := e.start - at
		if n < 2 || n > int64(len(buf)) {
			return f.stale("no name line before " + e.name)
		}
		if k, err := f.data.ReadAt(buf[:n], at); int64(k) < n {
			if err == io.EOF {
				err = f.stale(e.name + " lies behind the end of the file")
			}
			return err
		}
		head := bytes.TrimLeft(buf[:n], "\r\n")
		end := bytes.IndexByte(head, '\n')
		if end < 0 && e.length == 0 { // the file may end in a name
			end = len(head) - 1
		}
		if len(head) < 2 || head[0] != '>' || end != len(head)-1 || nameOf(head) != e.name {
			return f.stale("no name line of " + e.name + " before its start")
		}
		at = e.end()
	}
	n, err := f.data.ReadAt(buf[:64], at)
	if err != nil && err != io.EOF {
		return err
	}
	if rest := bytes.TrimLeft(buf[:n], "\r\n"); len(rest) > 0 {
		return f.stale("the file goes on behind the last sequence")
	}
	if n == 0 && at > 0 {
		if k, _ := f.data.ReadAt(buf[:1], at-1); k == 0 {
			return f.stale("the file ends before its last sequence")
		}
	}
	return nil
}

// nameOf is the name in a line that begins with >: all up to white space.
func nameOf(line []byte) string {
	line = line[1:]
	if i := bytes.IndexAny(line, " \t\r\n\v\f"); i >= 0 {
		line = line[:i]
	}
	return string(line)
}

// scan makes the index from the text.
func (f *File) scan() ([]entry, error) {
	r, err := text.New(f.path, io.NewSectionReader(f.src, 0, f.size))
	if err != nil {
		return nil, err
	}
	var index []entry
	seen := map[string]bool{}
	offset := int64(0)
	short := false // the last line was shorter than those before it: no other may follow
	for {
		line, err := r.Line()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		bad := func(format string, args ...any) error {
			return &source.Error{Path: f.path, Line: r.Number(), Err: fmt.Errorf(format, args...)}
		}
		width := len(line) + 1
		if r.Unfinished() {
			width--
		}
		bases := len(bytes.TrimRight(line, "\r"))
		switch {
		case bases > 0 && line[0] == '>':
			name := nameOf(line)
			if name == "" {
				return nil, bad("sequence without a name")
			}
			if seen[name] {
				return nil, bad("sequence %s stands twice", name)
			}
			seen[name] = true
			end := int64(0)
			if n := len(index); n > 0 {
				end = index[n-1].end()
			}
			if offset+int64(width)-end > maxGap {
				return nil, bad("more than %d bytes between two sequences", maxGap)
			}
			index = append(index, entry{name: name, start: offset + int64(width)})
			short = false
		case len(index) == 0 && bases > 0:
			return nil, bad("text before the first name line, which begins with >")
		case len(index) > 0 && bases == 0:
			short = true
		case len(index) > 0:
			e := &index[len(index)-1]
			if e.lineBases == 0 && !short {
				e.lineBases, e.lineWidth = bases, width
				if r.Unfinished() {
					e.lineWidth++
				}
			}
			if width > bases+2 {
				return nil, bad("%d bytes of line end, want at most 2", width-bases)
			}
			if short || bases > e.lineBases {
				return nil, bad("lines of different length in sequence %s; remedy: seqkit seq -w 60, or any tool that folds lines evenly", e.name)
			}
			short = bases < e.lineBases || width != e.lineWidth
			if e.length += bases; e.length > locus.MaxLength {
				return nil, bad("sequence %s has more than %d bases", e.name, locus.MaxLength)
			}
		}
		offset += int64(width)
	}
	if len(index) == 0 {
		return nil, errors.New("no sequence in the file")
	}
	return index, nil
}

// keep writes an index beside its file and says what became of it.
func keep(path string, b []byte) string {
	if err := writeWhole(path, b); err != nil {
		return "index made and kept in memory, for " + path + " cannot be written"
	}
	return "index made and written to " + path
}

// writeWhole writes a file that is there whole or not at all.
func writeWhole(path string, b []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".gx-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(b)
	if err == nil {
		err = tmp.Chmod(0o644)
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}
