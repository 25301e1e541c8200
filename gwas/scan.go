package gwas

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/exact"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/gwas/result"
	"github.com/gx-genomics/gx/internal/parallel"
)

// A Source yields genotypes of the samples of a study, in the order of
// Study.Genotyped. Its methods are called from many goroutines at once.
type Source interface {
	// Variants is how many rows there are.
	Variants(ctx context.Context) (int, error)
	// Blocks reads rows from..to-1, or to the end where to is negative, in blocks
	// of size. A block is valid until the next.
	Blocks(ctx context.Context, from, to, size int) iter.Seq2[*dosage.Block, error]
	// Imputed says that the input states dosages, so that the information of a row
	// of whole genotypes means something: it is 1.
	Imputed() bool
}

// Batch is the rows of a run of variants, by trait. All traits have the same
// variants.
type Batch struct {
	Rows [][]result.Row // Rows[t] are those of the study's trait t
	Text [][]byte       // Text[t] is what Options.Encode wrote of them; nil without
}

// Scan tests all variants of the source on all traits of the study and emits
// the rows in the order of the source, in batches that emit may keep. The rows
// do not depend on the number of threads. It gives a summary of each trait.
func Scan(ctx context.Context, src Source, study *pheno.Study, o Options, emit func(*Batch) error) ([]Summary, error) {
	t, err := ScanTally(ctx, src, study, o, emit)
	if err != nil {
		return nil, err
	}
	return t.Summaries(), nil
}

// ScanTally is Scan for a part of a run: what came of its traits is yet to be
// merged with that of the other parts.
func ScanTally(ctx context.Context, src Source, study *pheno.Study, o Options, emit func(*Batch) error) (*Tally, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	if len(study.Traits) == 0 {
		return nil, errors.New("no trait to test")
	}
	views := newViews(study, &o)
	if _, err := views.at(diploid); err != nil {
		return nil, err
	}
	joint, err := newJoint(study, &o)
	if err != nil {
		return nil, err
	}
	tally := NewTally(study)
	size := batchRows(len(study.Traits), len(study.Samples))
	collect := func(b *Batch) error {
		tally.Add(b)
		if !o.KeepSkipped {
			b.Drop()
		}
		return emit(b)
	}
	work := func() func(context.Context, span) (*Batch, error) {
		w := newWorker(study, views, joint, &o)
		w.imputed = src.Imputed()
		return func(ctx context.Context, s span) (*Batch, error) { return w.span(ctx, src, s) }
	}
	if o.Threads > 1 {
		n, err := src.Variants(ctx)
		if err != nil {
			return nil, err
		}
		if err := parallel.Ordered(ctx, spans(n, size), o.Threads, work, collect); err != nil {
			return nil, err
		}
		tally.Fail(views.faults())
		return tally, nil
	}
	// One goroutine reads the source once through, which suits one that has no
	// index.
	w := newWorker(study, views, joint, &o)
	w.imputed = src.Imputed()
	for block, err := range src.Blocks(ctx, 0, -1, size) {
		if err != nil {
			return nil, err
		}
		b, err := w.block(block)
		if err != nil {
			return nil, err
		}
		if err := collect(b); err != nil {
			return nil, err
		}
	}
	tally.Fail(views.faults())
	return tally, ctx.Err()
}

// span is a run of rows of the source.
type span struct{ from, to int }

func spans(n, size int) iter.Seq2[span, error] {
	return func(yield func(span, error) bool) {
		for from := 0; from < n; from += size {
			if !yield(span{from, min(from+size, n)}, nil) {
				return
			}
		}
	}
}

// Bounds of a batch: rows of all traits, and genotypes of a block at two bytes.
const (
	mostRows      = 1 << 16
	mostGenotypes = 1 << 25
)

// batchRows is how many variants a batch has.
func batchRows(traits, samples int) int {
	n := min(256, mostRows/max(traits, 1), mostGenotypes/max(samples, 1))
	return max(n/exact.BatchRows, 1) * exact.BatchRows
}

// span reads and tests a run. The source gives it as one block.
func (w *worker) span(ctx context.Context, src Source, s span) (*Batch, error) {
	var out *Batch
	for block, err := range src.Blocks(ctx, s.from, s.to, s.to-s.from) {
		if err != nil {
			return nil, err
		}
		if out != nil {
			return nil, fmt.Errorf("rows %d to %d come in more than one block", s.from, s.to)
		}
		if out, err = w.block(block); err != nil {
			return nil, err
		}
	}
	if out == nil {
		return nil, fmt.Errorf("rows %d to %d are not in the source", s.from, s.to)
	}
	return out, nil
}

func (w *worker) block(b *dosage.Block) (*Batch, error) {
	if b.Samples != len(w.study.Samples) {
		return nil, fmt.Errorf("genotypes of %d samples for a study of %d", b.Samples, len(w.study.Samples))
	}
	variants := make([]dosage.Variant, len(b.Rows))
	for i := range variants {
		variants[i] = b.Rows[i].Variant
	}
	out := &Batch{Rows: make([][]result.Row, len(w.study.Traits))}
	for t := range out.Rows {
		out.Rows[t] = make([]result.Row, len(b.Rows)*w.rowsPer())
	}
	if err := w.test(b, variants, out.Rows); err != nil {
		return nil, err
	}
	if w.o.Encode != nil {
		out.Text = make([][]byte, len(out.Rows))
		for t, rows := range out.Rows {
			text := make([]byte, 0, 128*len(rows))
			for i := range rows {
				if w.o.KeepSkipped || !rows[i].Skipped() {
					text = w.o.Encode(text, &rows[i])
				}
			}
			out.Text[t] = text
		}
	}
	return out, nil
}

// Drop leaves out the rows of variants that were not tested.
func (b *Batch) Drop() {
	for t, rows := range b.Rows {
		kept := rows[:0]
		for i := range rows {
			if !rows[i].Skipped() {
				kept = append(kept, rows[i])
			}
		}
		b.Rows[t] = kept
	}
}
