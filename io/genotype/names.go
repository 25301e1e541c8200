package genotype

import (
	"context"
	"io"
	"iter"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/io/source"
)

// tabled is a format whose variants stand in a table of their own.
type tabled interface {
	// names reads the table; swap says that its second allele is the counted one.
	names() (t *table, swap bool)
}

func (b *bed) names() (*table, bool)  { return b.table, b.refFirst }
func (g *pgen) names() (*table, bool) { return g.table, false }

// Names gives the variants of all rows in order, without their genotypes where
// the format allows. A variant is valid until the next.
func (f *File) Names(ctx context.Context) iter.Seq2[*dosage.Variant, error] {
	t, ok := f.format.(tabled)
	if !ok {
		return f.namesOfBlocks(ctx)
	}
	if f.rows != nil {
		return f.namesOfRows(ctx)
	}
	return func(yield func(*dosage.Variant, error) bool) {
		table, swap := t.names()
		c, _, err := table.at(0)
		for row := 0; err == nil; row++ {
			var v dosage.Variant
			if v, err = c.next(); err != nil {
				break
			}
			if swap {
				v.Ref, v.Alt = v.Alt, v.Ref
			}
			for k := 1; k <= v.Alts; k++ {
				one := split(v, k)
				if !yield(&one, nil) {
					return
				}
			}
			if row%4096 == 0 {
				err = ctx.Err()
			}
		}
		if err != io.EOF {
			yield(nil, source.At(f.path, err))
		}
	}
}

// namesOfBlocks reads the genotypes of one person for the names beside them.
func (f *File) namesOfBlocks(ctx context.Context) iter.Seq2[*dosage.Variant, error] {
	return func(yield func(*dosage.Variant, error) bool) {
		one := f
		if len(f.samples) > 1 {
			var err error
			if one, err = f.Select([]int{0}); err != nil {
				yield(nil, err)
				return
			}
		}
		for b, err := range one.Blocks(ctx, 0, -1, 256) {
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range b.Rows {
				if !yield(&b.Rows[i].Variant, nil) {
					return
				}
			}
		}
	}
}

// namesOfRows gives the names of a view of some rows.
func (f *File) namesOfRows(ctx context.Context) iter.Seq2[*dosage.Variant, error] {
	return func(yield func(*dosage.Variant, error) bool) {
		row := int32(-1)
		for v, err := range f.whole().Names(ctx) {
			if row++; err == nil && !f.rows.has(row) {
				continue
			}
			if !yield(v, err) {
				return
			}
		}
	}
}
