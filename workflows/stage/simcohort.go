package stage

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/gx-genomics/gx/gwas/simulate"
	"github.com/gx-genomics/gx/io/genotype"
)

// CohortPlan is a run of `gx simulate cohort`.
type CohortPlan struct {
	Options simulate.Options
	Out     string // .bed or .pgen; Prefix.tsv and Prefix.causal.tsv beside it
	Prefix  string
}

// SimulateCohort writes genotypes, a table of traits and covariates, and the
// variants that are behind the traits.
func SimulateCohort(ctx context.Context, env *Env, plan CohortPlan) error {
	if err := plan.Options.Validate(); err != nil {
		return err
	}
	c, err := simulate.New(plan.Options)
	if err != nil {
		return err
	}
	t, err := c.Table(ctx)
	if err != nil {
		return err
	}
	var samples []genotype.Sample
	for _, p := range c.People() {
		s := genotype.Sample{FID: p.FID, IID: p.IID, Father: p.Father, Mother: p.Mother, Sex: genotype.Female}
		if p.Male {
			s.Sex = genotype.Male
		}
		samples = append(samples, s)
	}
	if _, err := genotype.Write(ctx, plan.Out, samples, c.Blocks(ctx, 0, -1, convertRows), genotype.WriteOptions{Store: env.Store}); err != nil {
		return err
	}
	err = env.Store.Put(ctx, plan.Prefix+".tsv", func(w io.Writer) error { return writeCohortTable(w, c.People(), t) })
	if err != nil {
		return err
	}
	return env.Store.Put(ctx, plan.Prefix+".causal.tsv", func(w io.Writer) error {
		if _, err := fmt.Fprintln(w, "trait\tID\tfreq\tbeta"); err != nil {
			return err
		}
		for _, x := range t.Causal {
			if _, err := fmt.Fprintf(w, "%s\t%s\t%.6g\t%.6g\n", x.Trait, x.ID, x.Freq, x.Beta); err != nil {
				return err
			}
		}
		return nil
	})
}

func writeCohortTable(w io.Writer, people []simulate.Person, t *simulate.Table) error {
	columns := append(append([]simulate.Column(nil), t.Traits...), t.Covariates...)
	line := []byte("FID\tIID")
	for _, c := range columns {
		line = append(append(line, '\t'), c.Name...)
	}
	for i, p := range people {
		line = append(line, '\n')
		line = append(append(append(line, p.FID...), '\t'), p.IID...)
		for _, c := range columns {
			line = append(line, '\t')
			switch v := c.Values[i]; {
			case math.IsNaN(v):
				line = append(line, "NA"...)
			case c.Whole:
				line = strconv.AppendInt(line, int64(v), 10)
			default:
				line = strconv.AppendFloat(line, v, 'g', 7, 64)
			}
		}
		if _, err := w.Write(line); err != nil {
			return err
		}
		line = line[:0]
	}
	_, err := w.Write([]byte{'\n'})
	return err
}
