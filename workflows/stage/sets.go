package stage

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/sets"
	"github.com/gx-genomics/gx/io/table"
)

// assocSets tests sets of variants.
func assocSets(ctx context.Context, env *Env, plan *AssocPlan, run *assocRun) ([]gwas.Summary, error) {
	files, err := readSets(ctx, run.view, plan.Sets)
	if err != nil {
		return nil, err
	}
	for _, n := range files.notes {
		env.note("%s", n)
	}
	o := plan.Sets.Options
	o.Scan = plan.Scan
	head := ""
	if plan.Columns.Format == table.Regenie {
		head = files.header
	}
	lists := func(body func(*bufio.Writer) error) error { return body(nil) }
	if plan.Sets.WriteLists {
		lists = func(body func(*bufio.Writer) error) error {
			return env.Store.Put(ctx, plan.Prefix+"_masks.snplist", func(f io.Writer) error {
				w := bufio.NewWriter(f)
				if err := body(w); err != nil {
					return err
				}
				return w.Flush()
			})
		}
	}
	return plan.test(ctx, env, run.study, head, func(emit func(*gwas.Batch) error) ([]gwas.Summary, error) {
		var out *sets.Outcome
		err := lists(func(w *bufio.Writer) (err error) {
			out, err = sets.Scan(ctx, run.view, run.study, files.sets, files.masks, o, func(b *sets.Output) error {
				if w != nil {
					for _, m := range b.Masks {
						if _, err := fmt.Fprintf(w, "%s\t%s\n", m.Mask, strings.Join(m.Variants, ",")); err != nil {
							return err
						}
					}
				}
				return emit(&b.Batch)
			})
			return err
		})
		if err != nil {
			return nil, err
		}
		env.note("%d sets have a mask that is tested, %d have none", out.Sets, out.Empty)
		return out.Summaries, nil
	})
}
