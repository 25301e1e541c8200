package stage

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/io/genotype"
	"github.com/gx-genomics/gx/io/source"
)

// VariantChoice is which variants of a file of genotypes are read.
type VariantChoice struct {
	Extract string   // list of those to read; empty for all
	Exclude string   // list of those to leave out
	Regions []string // CHROM or CHROM:FROM-TO; none for all
}

func (c *VariantChoice) all() bool {
	return c.Extract == "" && c.Exclude == "" && len(c.Regions) == 0
}

// variantList is a list of variants by ID or CHROM:POS:REF:ALT.
type variantList struct {
	path  string
	names map[string]bool // true once it was found
	found int
	key   []byte
}

// readVariantList reads the first column of a list, one variant a line.
func readVariantList(path string) (*variantList, error) {
	l := &variantList{path: path, names: map[string]bool{}}
	err := eachLine(path, func(f []string) { l.names[f[0]] = false })
	if err == nil && len(l.names) == 0 {
		err = source.At(path, errors.New("names no variant: want one a line, by ID or CHROM:POS:REF:ALT"))
	}
	return l, err
}

// has says whether the list names a variant.
func (l *variantList) has(v *dosage.Variant) bool {
	l.key = append(l.key[:0], v.ID...)
	seen, ok := l.names[string(l.key)]
	if !ok {
		l.key = variantKey(l.key[:0], v)
		if seen, ok = l.names[string(l.key)]; !ok {
			return false
		}
	}
	if !seen {
		l.names[string(l.key)] = true
		l.found++
	}
	return true
}

// variantKey appends CHROM:POS:REF:ALT.
func variantKey(dst []byte, v *dosage.Variant) []byte {
	dst = append(append(dst, v.Chrom...), ':')
	dst = strconv.AppendInt(dst, int64(v.Start)+1, 10)
	dst = append(append(dst, ':'), v.Ref...)
	return append(append(dst, ':'), v.Alt...)
}

// choose gives a view of the chosen variants of a file; the file itself where
// all are. A choice that leaves nothing is an error.
func (c *VariantChoice) choose(ctx context.Context, env *Env, f *genotype.File) (*genotype.File, error) {
	if c.all() {
		return f, nil
	}
	regions, err := looseRegions(c.Regions)
	if err != nil {
		return nil, err
	}
	var extract, exclude *variantList
	for _, x := range []struct {
		path string
		to   **variantList
	}{{c.Extract, &extract}, {c.Exclude, &exclude}} {
		if x.path == "" {
			continue
		}
		if *x.to, err = readVariantList(x.path); err != nil {
			return nil, err
		}
	}
	var inside, all int
	chrom := ""
	view, err := f.SelectRows(ctx, func(v *dosage.Variant) bool {
		all++
		if chrom == "" {
			chrom = strings.Clone(v.Chrom)
		}
		if regions != nil && !regions.Contains(v.Chrom, v.Start) {
			return false
		}
		inside++
		return (extract == nil || extract.has(v)) && (exclude == nil || !exclude.has(v))
	})
	if err != nil {
		return nil, err
	}
	for _, l := range []*variantList{extract, exclude} {
		if l != nil && l.found < len(l.names) {
			env.note("%s: %d of its %d variants are among those of %s", l.path, l.found, len(l.names), f.Path())
		}
	}
	n, err := view.Variants(ctx)
	switch {
	case err != nil || n > 0 || all == 0:
		return view, err
	case inside == 0:
		return nil, source.At(f.Path(), fmt.Errorf("no variant lies in %s; its first chromosome is named %s", strings.Join(c.Regions, ", "), chrom))
	case extract != nil && extract.found == 0:
		return nil, source.At(extract.path, fmt.Errorf("none of its variants is among those of %s: want IDs as there, or CHROM:POS:REF:ALT", f.Path()))
	}
	return nil, source.At(f.Path(), errors.New("no variant is left by the lists of variants"))
}

// inputs are the files of the choice.
func (c *VariantChoice) inputs() []string { return []string{c.Extract, c.Exclude} }
