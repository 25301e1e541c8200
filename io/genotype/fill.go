package genotype

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/gx-genomics/gx/gwas/dosage"
)

// fill reads up to size rows, and no more than left where limited. At the end
// of the input the block is short or empty.
func fill(ctx context.Context, c cursor, b *dosage.Block, size, left int, limited bool) error {
	if limited {
		size = min(size, left)
	}
	for len(b.Rows) < size {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := c.next(b, size-len(b.Rows)); errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

// readAt fills b from a place of the file. A file that ends before is damaged:
// its size was looked at when it was opened.
func readAt(src io.ReaderAt, b []byte, at int64) error {
	n, err := src.ReadAt(b, at)
	switch {
	case n == len(b):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return fmt.Errorf("truncated: %w at byte %d", io.ErrUnexpectedEOF, at+int64(n))
	}
	return err
}
