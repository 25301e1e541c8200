package genotype

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/source"
)

// Options are how an input is read. The zero value reads local files.
type Options struct {
	// Store holds the files; nil is the file system.
	Store object.Store
	// Variants is the path of the .bim or .pvar, Samples of the .fam, .psam or
	// .sample; empty for those beside the genotypes.
	Variants, Samples string
	// RefFirst says that the first allele of a BGEN, and of a .bim, is the
	// reference and the last is counted. Without it the first is counted, as
	// PLINK and regenie do.
	RefFirst bool
}

func (o Options) store() object.Store {
	if o.Store == nil {
		return object.Files{}
	}
	return o.Store
}

// Sample is one person of an input.
type Sample struct {
	// FID is "0" where a table of samples has none. BGEN and VCF without such
	// a table name a person by one text, which is the IID, or both joined by _:
	// then FID is empty.
	FID, IID string
	Father   string // IID within the family, "0" where unknown
	Mother   string
	Sex      Sex
}

// Sex as PLINK codes it.
type Sex uint8

// The codes of Sex.
const (
	Unknown Sex = iota
	Male
	Female
)

// File is an open input of genotypes. All methods but Close may be called from
// many goroutines at once.
type File struct {
	path    string
	samples []Sample   // those kept, in the order of blocks
	pick    *picker    // which of the file's samples; nil for all in order
	rows    *rowPicker // which of its rows; nil for all
	all     int        // samples in the file
	format  format
	close   func() error
}

// format is one kind of file behind File.
type format interface {
	// variants is how many rows the file gives; counting may need a pass.
	variants(ctx context.Context) (int, error)
	// open starts reading at row from; the cursor ends before row to, or at the
	// end of the file where to is negative.
	open(ctx context.Context, from, to int, pick *picker) (cursor, error)
	// imputed says whether the format states dosages rather than calls.
	imputed() bool
}

// cursor reads rows one after another.
type cursor interface {
	// next appends the next rows to b, at most n of them and at least one,
	// unless it is at the end: then io.EOF.
	next(b *dosage.Block, n int) error
	close()
}

// Open opens genotypes, whose format the suffix of the path tells: .bed,
// .pgen, .bgen, .vcf, .vcf.gz, .vcf.bgz or .bcf. The samples are read, and the
// sizes of the files compared with each other.
func Open(ctx context.Context, path string, o Options) (*File, error) {
	lower := strings.ToLower(path)
	for _, k := range []struct {
		suffix string
		open   func(context.Context, *parts) (*File, error)
	}{
		{".bed", openBed}, {".pgen", openPgen},
		{".bgen", openBgen}, {".vcf", openVCF}, {".vcf.gz", openVCF}, {".vcf.bgz", openVCF}, {".bcf", openVCF},
	} {
		if !strings.HasSuffix(lower, k.suffix) {
			continue
		}
		p, err := openParts(ctx, path, o)
		if err != nil {
			return nil, source.At(path, err)
		}
		f, err := k.open(ctx, p)
		if err != nil {
			p.close()
			return nil, source.At(path, err)
		}
		f.close = p.close
		return f, nil
	}
	return nil, source.At(path, errors.New("unknown kind of genotypes, want .bed, .pgen, .bgen, .vcf, .vcf.gz or .bcf"))
}

// Path is the path as it was given.
func (f *File) Path() string { return f.path }

// Samples are those of every block, in order; the caller does not change them.
func (f *File) Samples() []Sample { return f.samples }

// Imputed says whether the format states dosages or probabilities, so that the
// information of a row means something.
func (f *File) Imputed() bool { return f.format.imputed() }

// Variants is how many rows the input gives. In VCF and BCF the first call reads
// the file through.
func (f *File) Variants(ctx context.Context) (int, error) {
	if f.rows != nil {
		return f.rows.rows, nil
	}
	return f.format.variants(ctx)
}

// Select gives a view of the same open file that has only the samples of the
// given indices into Samples, in their order. Each may stand once. Closing
// either closes both.
func (f *File) Select(keep []int) (*File, error) {
	view := *f
	view.samples = make([]Sample, len(keep))
	index := make([]int32, len(keep))
	seen := make([]bool, len(f.samples))
	for i, k := range keep {
		if k < 0 || k >= len(f.samples) || seen[k] {
			return nil, source.At(f.path, fmt.Errorf("sample %d selected twice or not among %d", k, len(f.samples)))
		}
		seen[k] = true
		view.samples[i] = f.samples[k]
		index[i] = int32(k)
		if f.pick != nil {
			index[i] = f.pick.index[k]
		}
	}
	view.pick = newPicker(index, f.all)
	return &view, nil
}

// Close closes the files.
func (f *File) Close() error { return f.close() }

// Blocks reads the rows from..to-1, in blocks of size rows and a last one of
// fewer; to may be negative for all that follow. A block is valid until the
// next one is asked for. The first error ends the loop. Rows are counted from 0
// after the split of records with several alternate alleles.
func (f *File) Blocks(ctx context.Context, from, to, size int) iter.Seq2[*dosage.Block, error] {
	return func(yield func(*dosage.Block, error) bool) {
		if size < 1 || from < 0 {
			yield(nil, source.At(f.path, fmt.Errorf("rows from %d in blocks of %d: want 0 or more in blocks of 1 or more", from, size)))
			return
		}
		c, err := f.open(ctx, from, to)
		if err != nil {
			yield(nil, source.At(f.path, err))
			return
		}
		defer c.close()
		var b dosage.Block
		for at := from; to < 0 || at < to; at += len(b.Rows) {
			b.Reset(at, len(f.samples))
			if err := fill(ctx, c, &b, size, to-at, to >= 0); err != nil {
				yield(nil, source.At(f.path, err))
				return
			}
			if len(b.Rows) == 0 {
				return
			}
			if !yield(&b, nil) {
				return
			}
		}
	}
}

func (f *File) open(ctx context.Context, from, to int) (cursor, error) {
	if f.rows != nil {
		return f.openRows(ctx, from), nil
	}
	return f.format.open(ctx, from, to, f.pick)
}
