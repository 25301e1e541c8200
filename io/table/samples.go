package table

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/text"
)

// Samples is a table of text with one row per sample.
type Samples struct {
	Path    string
	FID     []string // nil where the table has no such column
	IID     []string
	Names   []string   // of the columns after the IDs
	Columns [][]string // Columns[k][i] is column k of row i
}

// maxCells bounds what a table may hold.
const maxCells = 1 << 31

// ReadSamples reads a table whose header begins FID IID, #FID IID, IID or #IID.
// Fields are parted by tabs if the header has one, else by blanks. Every row has
// as many fields as the header.
func ReadSamples(r *text.Reader) (*Samples, error) {
	t := &Samples{Path: r.Path()}
	var tabs, family bool
	width := 0
	for {
		line, err := r.Line()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		s := strings.TrimSuffix(string(line), "\r")
		if strings.HasPrefix(s, "##") || strings.TrimSpace(s) == "" {
			continue
		}
		if width == 0 {
			tabs = strings.Contains(s, "\t")
			f := split(s, tabs)
			if family, err = t.header(f); err != nil {
				return nil, &source.Error{Path: t.Path, Line: r.Number(), Err: err}
			}
			width = len(f)
			continue
		}
		f := split(s, tabs)
		if len(f) != width {
			return nil, &source.Error{Path: t.Path, Line: r.Number(), Record: f[0], Err: fmt.Errorf("%d fields, want %d as in the header", len(f), width)}
		}
		if (len(t.IID)+1)*width > maxCells {
			return nil, &source.Error{Path: t.Path, Line: r.Number(), Err: fmt.Errorf("more than %d fields", maxCells)}
		}
		if family {
			t.FID = append(t.FID, f[0])
			f = f[1:]
		}
		t.IID = append(t.IID, f[0])
		for k, v := range f[1:] {
			t.Columns[k] = append(t.Columns[k], v)
		}
	}
	if width == 0 {
		return nil, source.At(t.Path, errors.New("empty, want a header that begins FID IID"))
	}
	if len(t.IID) == 0 {
		return nil, source.At(t.Path, errors.New("a header, but no samples"))
	}
	return t, nil
}

func split(s string, tabs bool) []string {
	if !tabs {
		return strings.Fields(s)
	}
	f := strings.Split(s, "\t")
	for i := range f {
		f[i] = strings.TrimSpace(f[i])
	}
	return f
}

// header takes the names and says whether the first column is the FID.
func (t *Samples) header(f []string) (family bool, err error) {
	first := ""
	if len(f) > 0 {
		first = strings.TrimPrefix(f[0], "#")
	}
	switch {
	case strings.EqualFold(first, "FID") && len(f) > 1 && strings.EqualFold(f[1], "IID"):
		family = true
		t.Names = f[2:]
	case strings.EqualFold(first, "IID"):
		t.Names = f[1:]
	default:
		return false, fmt.Errorf("the header begins %q, want FID IID or IID", strings.Join(f[:min(2, len(f))], " "))
	}
	seen := map[string]bool{}
	for _, name := range t.Names {
		if name == "" || seen[name] {
			return false, fmt.Errorf("column %q has no name of its own", name)
		}
		seen[name] = true
	}
	t.Columns = make([][]string, len(t.Names))
	return family, nil
}

// OpenSamples reads the table of a file; "-" is standard input.
func OpenSamples(path string) (*Samples, error) {
	r, err := text.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return ReadSamples(r)
}
