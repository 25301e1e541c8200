package genotype

import (
	"context"
	"errors"
	"io"
	"math"
	"slices"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/io/source"
)

// rowPicker is which rows of a file a view has.
type rowPicker struct {
	runs []rowRun // ascending, apart from each other
	rows int
}

// rowRun is rows from..to-1 of the file; before is how many the view has before
// them.
type rowRun struct{ from, to, before int32 }

// SelectRows gives a view of the same open file that has only the rows that keep
// says yes to, numbered anew from 0. The names of all rows are read once; a
// variant is valid within the call. Closing either closes both.
func (f *File) SelectRows(ctx context.Context, keep func(*dosage.Variant) bool) (*File, error) {
	p := &rowPicker{}
	row := int32(0)
	for v, err := range f.whole().Names(ctx) {
		if err != nil {
			return nil, err
		}
		if row == math.MaxInt32 {
			return nil, source.At(f.path, errors.New("has more than 2147483647 rows to select from"))
		}
		if f.rows.has(row) && keep(v) {
			p.add(row)
		}
		row++
	}
	view := *f
	view.rows = p
	return &view, nil
}

// whole is the view with all rows.
func (f *File) whole() *File {
	all := *f
	all.rows = nil
	return &all
}

func (p *rowPicker) add(row int32) {
	if n := len(p.runs); n > 0 && p.runs[n-1].to == row {
		p.runs[n-1].to++
	} else {
		p.runs = append(p.runs, rowRun{row, row + 1, int32(p.rows)})
	}
	p.rows++
}

// has says whether a row of the file is in the view; a nil picker has all.
func (p *rowPicker) has(row int32) bool {
	if p == nil {
		return true
	}
	k, _ := slices.BinarySearchFunc(p.runs, row, func(r rowRun, row int32) int { return int(r.to) - 1 - int(row) })
	return k < len(p.runs) && p.runs[k].from <= row
}

// nearRows is how far a cursor reads on over rows that are not wanted, rather
// than to begin anew behind them.
const nearRows = 1024

// rowCursor reads the rows of a view.
type rowCursor struct {
	f    *File
	ctx  context.Context
	runs []rowRun // those not yet read; the first may be read in part
	at   int32    // row of the file that cur gives next
	cur  cursor   // nil before the first row
	lost dosage.Block
}

// openRows begins at row from of the view.
func (f *File) openRows(ctx context.Context, from int) *rowCursor {
	c := &rowCursor{f: f, ctx: ctx}
	if from >= f.rows.rows {
		return c
	}
	k, found := slices.BinarySearchFunc(f.rows.runs, from, func(r rowRun, from int) int { return int(r.before) - from })
	if !found {
		k--
	}
	c.runs = slices.Clone(f.rows.runs[k : k+1])
	c.runs[0].from += int32(from) - c.runs[0].before
	c.runs = append(c.runs, f.rows.runs[k+1:]...)
	return c
}

func (c *rowCursor) close() {
	if c.cur != nil {
		c.cur.close()
	}
}

func (c *rowCursor) next(b *dosage.Block, n int) error {
	if len(c.runs) == 0 {
		return io.EOF
	}
	run := &c.runs[0]
	if err := c.seek(run.from); err != nil {
		return err
	}
	before := len(b.Rows)
	if err := c.cur.next(b, min(n, int(run.to-run.from))); err != nil {
		return short(err)
	}
	got := int32(len(b.Rows) - before)
	c.at += got
	if run.from += got; run.from == run.to {
		c.runs = c.runs[1:]
	}
	return nil
}

// seek brings the cursor to a row.
func (c *rowCursor) seek(row int32) (err error) {
	if c.cur == nil || row-c.at > nearRows {
		c.close()
		if c.cur, err = c.f.format.open(c.ctx, int(row), -1, c.f.pick); err != nil {
			return err
		}
		c.at = row
	}
	for c.at < row {
		c.lost.Reset(0, len(c.f.samples))
		if err := c.cur.next(&c.lost, int(row-c.at)); err != nil {
			return short(err)
		}
		c.at += int32(len(c.lost.Rows))
	}
	return nil
}

// short is the end of a file that had more rows when its names were read.
func short(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
