package genotype

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/source"
)

// WriteOptions are how genotypes are written. The zero value writes local files.
type WriteOptions struct {
	// Store takes the files; nil is the file system.
	Store object.Store
	// HardCall is how far a dosage may lie from a whole number of copies and
	// still count as that call, at most 0.5; farther it is missing. 0 is 0.1, as
	// in PLINK 2. A .bed has nothing but calls, a .pgen keeps the dosage too.
	HardCall float64
	// Provisional marks the reference alleles of a .pgen as not to be trusted:
	// so are those of a .bed.
	Provisional bool
}

// Write writes genotypes with the tables beside them: .bed with .bim and .fam,
// or .pgen with .pvar and .psam, as the suffix of the path says. The rows of the
// blocks are of the given samples, in order. It gives the number of rows.
//
// The bytes written depend on the rows alone, not on the blocks they come in.
// Each file appears whole, at the end, and the genotypes last: where they are,
// the tables are. Names that blanks would break in a table are an error.
func Write(ctx context.Context, path string, samples []Sample, blocks iter.Seq2[*dosage.Block, error], o WriteOptions) (rows int, err error) {
	if o.Store == nil {
		o.Store = object.Files{}
	}
	if o.HardCall == 0 {
		o.HardCall = 0.1
	}
	if !(o.HardCall > 0 && o.HardCall <= 0.5) {
		return 0, fmt.Errorf("hard call distance %g, want above 0 and up to 0.5", o.HardCall)
	}
	if len(samples) == 0 {
		return 0, source.At(path, errors.New("no samples to write"))
	}
	for i := range samples {
		if s := &samples[i]; !cell(s.IID) || strings.HasPrefix(or(s.FID, s.IID), "#") || !cell(or(s.FID, "0"), or(s.Father, "0"), or(s.Mother, "0")) {
			return 0, source.At(path, fmt.Errorf("sample %d is named %q %q: want names without blanks, and no # before them", i+1, s.FID, s.IID))
		}
	}
	lower := strings.ToLower(path)
	w := rowWriter{path: path, samples: len(samples), threshold: o.HardCall}
	switch {
	case strings.HasSuffix(lower, ".bed"):
		err = w.write(ctx, o, blocks, tables{".fam", famText(samples), ".bim", bimLine}, &bedEncoder{})
	case strings.HasSuffix(lower, ".pgen"):
		e := &pgenEncoder{provisional: o.Provisional}
		err = w.write(ctx, o, blocks, tables{".psam", psamText(samples), ".pvar", pvarLine}, e)
	default:
		err = errors.New("cannot write this kind of genotypes, want .bed or .pgen")
	}
	return w.rows, source.At(path, err)
}

// encoder makes the bytes of the genotypes.
type encoder interface {
	// begin starts a file of so many samples.
	begin(w io.Writer, samples int) error
	// row takes the calls of a row, and its dosages in units of Scale where it
	// has any that are not whole.
	row(calls []uint64, units []uint16) error
	// end finishes the file.
	end() error
	// close frees what is not of the file.
	close() error
}

// tables is what stands beside the genotypes.
type tables struct {
	sampleSuffix, sampleText string
	variantSuffix            string
	line                     func(dst []byte, v *dosage.Variant, first bool) []byte
}

// rowWriter writes rows and their names at once.
type rowWriter struct {
	path      string
	samples   int
	threshold float64
	rows      int
	calls     []uint64
	units     []uint16
	line      []byte
}

func (w *rowWriter) write(ctx context.Context, o WriteOptions, blocks iter.Seq2[*dosage.Block, error], t tables, e encoder) error {
	stem := w.path[:strings.LastIndexByte(w.path, '.')]
	defer e.close()
	return o.Store.Put(ctx, w.path, func(main io.Writer) error {
		return o.Store.Put(ctx, stem+t.variantSuffix, func(names io.Writer) error {
			return o.Store.Put(ctx, stem+t.sampleSuffix, func(table io.Writer) error {
				if _, err := io.WriteString(table, t.sampleText); err != nil {
					return err
				}
				if err := w.all(ctx, blocks, main, names, t, e); err != nil {
					return err
				}
				return e.end()
			})
		})
	})
}

func (w *rowWriter) all(ctx context.Context, blocks iter.Seq2[*dosage.Block, error], main, names io.Writer, t tables, e encoder) error {
	if err := e.begin(main, w.samples); err != nil {
		return err
	}
	out := bufio.NewWriterSize(names, 1<<16)
	for b, err := range blocks {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if b.Samples != w.samples {
			return fmt.Errorf("rows of %d samples, want %d", b.Samples, w.samples)
		}
		for i := range b.Rows {
			r := &b.Rows[i]
			if !cell(r.Chrom, or(r.ID, "."), r.Ref, r.Alt) || r.Chrom[0] == '#' {
				return fmt.Errorf("variant %d is %q %q %q>%q: want names and alleles without blanks", w.rows+1, r.Chrom, r.ID, r.Ref, r.Alt)
			}
			w.line = t.line(w.line[:0], &r.Variant, w.rows == 0)
			if _, err := out.Write(w.line); err != nil {
				return err
			}
			calls, units := w.split(r)
			if err := e.row(calls, units); err != nil {
				return err
			}
			w.rows++
		}
	}
	if w.rows == 0 {
		return errors.New("no variants to write")
	}
	return out.Flush()
}

// split gives the calls of a row, and its dosages where any is not whole.
func (w *rowWriter) split(r *dosage.Row) (calls []uint64, units []uint16) {
	if r.Hard() {
		return r.Calls, nil
	}
	if w.calls == nil {
		w.calls, w.units = make([]uint64, dosage.Words(w.samples)), make([]uint16, w.samples)
	}
	clear(w.calls)
	allowed := int(math.Round(w.threshold * dosage.Scale))
	whole := true
	for i, u := range r.Units {
		call := uint64(dosage.Absent)
		if u != dosage.Missing {
			u = uint16(rescale(uint64(u), uint64(r.Scale), dosage.Scale))
			near := (int(u) + dosage.Scale/2) / dosage.Scale
			off := int(u) - near*dosage.Scale
			whole = whole && off == 0
			if max(off, -off) <= allowed {
				call = uint64(near)
			}
		}
		w.units[i] = u
		w.calls[i/dosage.WordSamples] |= call << (2 * (i % dosage.WordSamples))
	}
	if whole {
		return w.calls, nil
	}
	return w.calls, w.units
}

// cell says whether texts can stand in a table whose columns blanks part.
func cell(texts ...string) bool {
	for _, s := range texts {
		if s == "" || strings.ContainsAny(s, " \t\r\n") {
			return false
		}
	}
	return true
}

// or is s, or what stands for nothing.
func or(s, nothing string) string {
	if s == "" {
		return nothing
	}
	return s
}

func famText(samples []Sample) string {
	var b strings.Builder
	for _, s := range samples {
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%d\t-9\n", or(s.FID, "0"), s.IID, or(s.Father, "0"), or(s.Mother, "0"), s.Sex)
	}
	return b.String()
}

// psamText has the columns that tell something.
func psamText(samples []Sample) string {
	family, parents := false, false
	for _, s := range samples {
		family = family || or(s.FID, "0") != "0"
		parents = parents || or(s.Father, "0") != "0" || or(s.Mother, "0") != "0"
	}
	var b strings.Builder
	line := func(fid, iid, father, mother, sex string) {
		if family {
			b.WriteString(fid + "\t")
		}
		b.WriteString(iid)
		if parents {
			b.WriteString("\t" + father + "\t" + mother)
		}
		b.WriteString("\t" + sex + "\n")
	}
	b.WriteByte('#')
	line("FID", "IID", "PAT", "MAT", "SEX")
	for _, s := range samples {
		line(or(s.FID, "0"), s.IID, or(s.Father, "0"), or(s.Mother, "0"), [...]string{"NA", "1", "2"}[s.Sex%3])
	}
	return b.String()
}

// bimLine appends a line of a .bim: the counted allele is A1.
func bimLine(dst []byte, v *dosage.Variant, _ bool) []byte {
	dst = append(dst, v.Chrom...)
	dst = append(dst, '\t')
	dst = append(dst, or(v.ID, ".")...)
	dst = append(dst, '\t')
	dst = strconv.AppendFloat(dst, v.CM, 'g', -1, 64)
	dst = append(dst, '\t')
	dst = strconv.AppendInt(dst, int64(v.Start)+1, 10)
	dst = append(dst, '\t')
	dst = append(dst, v.Alt...)
	dst = append(dst, '\t')
	dst = append(dst, v.Ref...)
	return append(dst, '\n')
}

func pvarLine(dst []byte, v *dosage.Variant, first bool) []byte {
	if first {
		dst = append(dst, "#CHROM\tPOS\tID\tREF\tALT\n"...)
	}
	dst = append(dst, v.Chrom...)
	dst = append(dst, '\t')
	dst = strconv.AppendInt(dst, int64(v.Start)+1, 10)
	dst = append(dst, '\t')
	dst = append(dst, or(v.ID, ".")...)
	dst = append(dst, '\t')
	dst = append(dst, v.Ref...)
	dst = append(dst, '\t')
	dst = append(dst, v.Alt...)
	return append(dst, '\n')
}
