package genotype

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/io/object"
)

// columns says where the fields of a table of variants stand: those of a .bim,
// or those of a .pvar by its header.
type columns struct {
	chrom, cm, pos, id, ref, alt int // 0-based; cm is -1 where there is none
	last                         int // the largest of them
	bim                          bool
}

// table is the variants of an input.
type table struct {
	*lines
	cols columns
}

var bimColumns = columns{chrom: 0, id: 1, cm: 2, pos: 3, alt: 4, ref: 5, last: 5, bim: true}

// pvarColumns reads the header of a .pvar, which without one has the columns of
// a .bim (PLINK 2 file formats, .pvar).
func pvarColumns(header []string, line []byte) (columns, error) {
	if len(header) == 0 {
		c := bimColumns
		if countFields(line) < 6 { // the .bim without centimorgans
			c = columns{chrom: 0, id: 1, cm: -1, pos: 2, alt: 3, ref: 4, last: 4, bim: true}
		}
		return c, nil
	}
	names := strings.Fields(strings.TrimPrefix(header[len(header)-1], "#"))
	find := func(name string) int { return slices.Index(names, name) }
	c := columns{chrom: find("CHROM"), cm: find("CM"), pos: find("POS"), id: find("ID"), ref: find("REF"), alt: find("ALT")}
	for i, name := range []string{"CHROM", "POS", "ID", "REF", "ALT"} {
		if []int{c.chrom, c.pos, c.id, c.ref, c.alt}[i] < 0 {
			return c, fmt.Errorf("header has no column %s: %q", name, header[len(header)-1])
		}
	}
	c.last = max(c.chrom, c.cm, c.pos, c.id, c.ref, c.alt)
	return c, nil
}

// field cuts the next field off a line: fields are apart by blanks and tabs.
func field[T string | []byte](s T) (f, rest T) {
	i := 0
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	j := i
	for j < len(s) && s[j] != ' ' && s[j] != '\t' {
		j++
	}
	return s[i:j], s[j:]
}

func countFields[T string | []byte](s T) int {
	n := 0
	for {
		f, rest := field(s)
		if len(f) == 0 {
			return n
		}
		s, n = rest, n+1
	}
}

// rowsOf is how many rows a line stands for, one for each alternate allele.
func rowsOf[T string | []byte](c *columns, line T) (int, error) {
	rows := 1
	var ref, alts T
	for i := 0; i <= c.last; i++ {
		f, rest := field(line)
		if len(f) == 0 {
			return 0, fmt.Errorf("%d columns, want %d", i, c.last+1)
		}
		switch i {
		case c.ref:
			ref = f
		case c.alt:
			alts = f
		}
		line = rest
	}
	for from, k := 0, 0; k <= len(alts); k++ {
		if k < len(alts) && (c.bim || alts[k] != ',') {
			continue
		}
		if alt := alts[from:k]; string(alt) == string(ref) && string(alt) != "." && string(alt) != "0" {
			return 0, fmt.Errorf("both alleles are %s: the other is unknown if it is written . (0 in a .bim)", ref)
		}
		if from = k + 1; k < len(alts) {
			rows++
		}
	}
	if rows > maxAlts {
		return 0, fmt.Errorf("%d alternate alleles, want at most %d", rows, maxAlts)
	}
	return rows, nil
}

// maxAlts is the most alternate alleles of a record.
const maxAlts = 1 << 16

// parse reads a line. The variant's Alt holds all alternate alleles, apart by
// commas; its texts are parts of line.
func (c *columns) parse(line string) (dosage.Variant, error) {
	v := dosage.Variant{Allele: 1, Alts: 1}
	pos := ""
	for i := 0; i <= c.last; i++ {
		f, rest := field(line)
		if f == "" {
			return v, fmt.Errorf("%d columns, want %d", i, c.last+1)
		}
		line = rest
		switch i {
		case c.chrom:
			v.Chrom = f
		case c.id:
			v.ID = f
		case c.pos:
			pos = f
		case c.ref:
			v.Ref = f
		case c.alt:
			v.Alt = f
		case c.cm:
			if f != "0" && f != "." {
				cm, err := strconv.ParseFloat(f, 64)
				if err != nil {
					return v, fmt.Errorf("centimorgans %q: want a number", f)
				}
				v.CM = cm
			}
		}
	}
	n, err := strconv.ParseInt(pos, 10, 32)
	if err != nil || n < 0 {
		return v, fmt.Errorf("position %q: want a number from 0 to 2147483647", pos)
	}
	v.Start = int(n) - 1
	if !c.bim {
		v.Alts = strings.Count(v.Alt, ",") + 1
	}
	return v, nil
}

// split gives the k-th alternate allele of a variant as parse gives it, k from
// 1 to v.Alts.
func split(v dosage.Variant, k int) dosage.Variant {
	v.Allele = k
	if v.Alts > 1 {
		for range k - 1 {
			_, v.Alt, _ = strings.Cut(v.Alt, ",")
		}
		v.Alt, _, _ = strings.Cut(v.Alt, ",")
	}
	return v
}

// readVariants scans a .bim or .pvar. A .bim has no header; of a .pvar it says
// what stands where.
func readVariants(ctx context.Context, o object.Object, path string) (*table, error) {
	t := &table{cols: bimColumns}
	known := strings.HasSuffix(path, ".bim")
	var err error
	t.lines, err = scanLines(ctx, o, path, func(header []string, line []byte) (int, error) {
		if !known {
			known = true
			if t.cols, err = pvarColumns(header, line); err != nil {
				return 0, err
			}
		}
		return rowsOf(&t.cols, line)
	})
	return t, err
}

// tableCursor reads variants in order.
type tableCursor struct {
	*lineCursor
	cols *columns
}

// at begins at the variant that has the given row; alt is which of its
// alternate alleles, from 1, that row is.
func (t *table) at(row int) (c *tableCursor, alt int, err error) {
	l, first, err := t.atRow(row, func(line string) int {
		n, _ := rowsOf(&t.cols, line)
		return max(n, 1) // lines were checked when they were counted
	})
	if err != nil {
		return nil, 0, err
	}
	return &tableCursor{l, &t.cols}, row - first + 1, nil
}

// next reads a variant, see parse.
func (c *tableCursor) next() (dosage.Variant, error) {
	line, err := c.peek()
	if err != nil {
		return dosage.Variant{}, err
	}
	v, err := c.cols.parse(line)
	if err != nil {
		return v, c.bad(err)
	}
	c.pass()
	return v, nil
}

// beside opens the first of the files that exists: given, where not empty, or
// the path with its suffix replaced by one of those wanted.
func beside(ctx context.Context, o Options, path, given string, suffixes ...string) (object.Object, string, error) {
	if given != "" {
		f, err := o.store().Open(ctx, given)
		return f, given, err
	}
	stem := path[:strings.LastIndexByte(path, '.')]
	for _, s := range suffixes {
		f, err := o.store().Open(ctx, stem+s)
		if err == nil {
			return f, stem + s, nil
		}
		if !errors.Is(err, object.ErrNotExist) {
			return nil, stem + s, err
		}
	}
	return nil, stem, fmt.Errorf("%s%s beside it: %w", base(stem), strings.Join(suffixes, " or "), object.ErrNotExist)
}

// base is the last element of a path.
func base(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }
