package table

import (
	"io"

	"github.com/gx-genomics/gx/io/bgzf"
)

// Name is the file of one trait, as the programs of the format name theirs.
func (c Columns) Name(prefix, trait string, compressed bool) string {
	gz := ""
	if compressed {
		gz = ".gz"
	}
	switch c.Format {
	case Regenie:
		return prefix + "_" + trait + ".regenie" + gz
	case PLINK2:
		if c.Binary {
			return prefix + "." + trait + ".glm.logistic.hybrid" + gz
		}
		return prefix + "." + trait + ".glm.linear" + gz
	}
	return prefix + "." + trait + ".tsv" + gz
}

// Writer writes the lines of one trait, behind the header.
type Writer struct {
	w      io.Writer
	packed *bgzf.Writer // w, unless plain
}

// Level is that of the BGZF blocks of results: fast, as they are written once and
// large.
const Level = 1

// NewWriter begins a table; compressed ones are BGZF, made by so many threads.
// The bytes do not depend on the threads. Close does not close w.
func NewWriter(w io.Writer, c Columns, compressed bool, threads int) (*Writer, error) {
	out := &Writer{w: w}
	if compressed {
		p, err := bgzf.NewWriter(w, Level, threads)
		if err != nil {
			return nil, err
		}
		out.w, out.packed = p, p
	}
	return out, out.Write([]byte(c.Header()))
}

// Write writes lines made by Columns.Append.
func (w *Writer) Write(lines []byte) error {
	_, err := w.w.Write(lines)
	return err
}

// Close ends the table.
func (w *Writer) Close() error {
	if w.packed == nil {
		return nil
	}
	return w.packed.Close()
}
