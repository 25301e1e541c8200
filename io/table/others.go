package table

import (
	"strconv"

	"github.com/gx-genomics/gx/gwas/result"
)

// place writes chromosome, position, reference and alternate allele, each with its
// tab.
func place(dst []byte, r *result.Row) []byte {
	dst = append(append(dst, r.Chrom...), '\t')
	dst = append(strconv.AppendInt(dst, int64(r.Start)+1, 10), '\t')
	dst = append(append(dst, r.Ref...), '\t')
	return append(append(dst, r.Alt...), '\t')
}

// locusZoom writes the columns that LocusZoom's parser knows by name; its p is
// -log10, which does not underflow.
func locusZoom(dst []byte, r *result.Row) []byte {
	dst = place(dst, r)
	dst = append(number(dst, r.NegLog10P, ownDigits), '\t')
	dst = append(number(dst, r.Beta, ownDigits), '\t')
	dst = append(number(dst, r.SE, ownDigits), '\t')
	return append(number(dst, r.EAF, ownDigits), '\n')
}

// pheWeb writes PheWeb's columns; p is text, so that one below 1e-308 stays what it
// is.
func (c Columns) pheWeb(dst []byte, r *result.Row) []byte {
	dst = place(dst, r)
	dst = append(probability(dst, r.NegLog10P, ownDigits), '\t')
	dst = append(number(dst, r.Beta, ownDigits), '\t')
	dst = append(number(dst, r.SE, ownDigits), '\t')
	dst = append(number(dst, r.EAF, ownDigits), '\t')
	dst = count(dst, r.N)
	if c.Binary {
		dst = count(append(dst, '\t'), r.Cases)
		dst = count(append(dst, '\t'), r.Controls)
	}
	return append(dst, '\n')
}

// metal writes a table for METAL, whose A1 is the effect allele; a variant without
// an ID is named by its place.
func metal(dst []byte, r *result.Row) []byte {
	if r.ID == "." || r.ID == "" {
		dst = append(append(dst, r.Chrom...), ':')
		dst = append(strconv.AppendInt(dst, int64(r.Start)+1, 10), ':')
		dst = append(append(dst, r.Ref...), ':')
		dst = append(append(dst, r.Alt...), '\t')
	} else {
		dst = append(append(dst, r.ID...), '\t')
	}
	dst = append(append(dst, r.Alt...), '\t')
	dst = append(append(dst, r.Ref...), '\t')
	dst = append(number(dst, r.EAF, ownDigits), '\t')
	dst = append(number(dst, r.Beta, ownDigits), '\t')
	dst = append(number(dst, r.SE, ownDigits), '\t')
	dst = append(probability(dst, r.NegLog10P, ownDigits), '\t')
	return append(count(dst, r.N), '\n')
}
