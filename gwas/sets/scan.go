package sets

import (
	"context"
	"fmt"
	"iter"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/internal/parallel"
)

// Output is what came of one set.
type Output struct {
	gwas.Batch        // rows by trait, and as text where Options.Scan.Encode is set
	Set        string // its name
	Variants   int    // that were read and not left out
	Masks      []List // the masks that have a variant
}

// List is the variants of a mask.
type List struct {
	Mask     string
	Variants []string
}

// Outcome is what came of a run beside the rows.
type Outcome struct {
	Summaries []gwas.Summary
	Sets      int // with a mask
	Empty     int // without a variant in any mask
}

// Scan tests sets on all traits of the study and emits what comes of each, in
// their order. emit may keep it. Nothing depends on the number of threads.
func Scan(ctx context.Context, src gwas.Source, study *pheno.Study, list []Set, masks []Mask, o Options, emit func(*Output) error) (*Outcome, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	burden := o.Scan
	// Masks are filtered by what their genotypes are made of, and by their count of
	// alleles, which a mean over sites does not tell.
	burden.MinMAC, burden.MinInfo, burden.MaxMissing, burden.MinHWE = 0, 0, 1, 0
	burden.Encode = nil
	tests, err := gwas.NewTests(study, burden)
	if err != nil {
		return nil, err
	}
	tally := gwas.NewTally(study)
	out := &Outcome{}
	work := func() func(context.Context, *Set) (*Output, error) {
		w := newWorker(study, tests, masks, &o)
		return func(ctx context.Context, s *Set) (*Output, error) { return w.set(ctx, src, s) }
	}
	each := func(yield func(*Set, error) bool) {
		for i := range list {
			if !yield(&list[i], nil) {
				return
			}
		}
	}
	err = parallel.Ordered(ctx, iter.Seq2[*Set, error](each), o.Scan.Threads, work, func(b *Output) error {
		if len(b.Masks) > 0 {
			out.Sets++
		} else {
			out.Empty++
		}
		tally.Add(&b.Batch)
		if !o.Scan.KeepSkipped {
			b.Drop()
		}
		return emit(b)
	})
	if err != nil {
		return nil, err
	}
	tally.Fail(tests.Faults())
	out.Summaries = tally.Summaries()
	return out, nil
}

// near is how many rows that are not wanted are read through rather than leapt
// over.
const near = 64

// most is how many rows are read in one block.
const most = 128

// read gives the rows of a set in ascending order, each as its member.
func read(ctx context.Context, src gwas.Source, s *Set, f func(*Member, *dosage.Row) error) error {
	for i := 0; i < len(s.Members); {
		j := i + 1
		for j < len(s.Members) && s.Members[j].Row-s.Members[j-1].Row <= near {
			j++
		}
		first, last := int(s.Members[i].Row), int(s.Members[j-1].Row)
		for block, err := range src.Blocks(ctx, first, last+1, most) {
			if err != nil {
				return err
			}
			for k := range block.Rows {
				if i < j && int(s.Members[i].Row) == block.First+k {
					if err := f(&s.Members[i], &block.Rows[k]); err != nil {
						return err
					}
					i++
				}
			}
		}
		if i < j {
			return fmt.Errorf("set %s: row %d is not among the genotypes", s.Name, s.Members[i].Row)
		}
	}
	return ctx.Err()
}

// encode writes the rows as text.
func (b *Output) encode(o *gwas.Options) {
	if o.Encode == nil {
		return
	}
	b.Text = make([][]byte, len(b.Rows))
	for t, rows := range b.Rows {
		for i := range rows {
			if o.KeepSkipped || !rows[i].Skipped() {
				b.Text[t] = o.Encode(b.Text[t], &rows[i])
			}
		}
	}
}
