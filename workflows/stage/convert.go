package stage

import (
	"context"
	"errors"
	"fmt"

	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/io/genotype"
	"github.com/gx-genomics/gx/io/source"
)

// ConvertPlan is a run of `gx convert`: genotypes of one format in another.
type ConvertPlan struct {
	In   string
	Open genotype.Options
	// Choice is which variants are written; Keep and Remove are lists of people,
	// empty for all and for none.
	Choice       VariantChoice
	Keep, Remove string
	Out          string // .bed or .pgen
	Write        genotype.WriteOptions
}

// convertRows is how many rows are held at once.
const convertRows = 256

// Convert writes genotypes in another format, and says how many rows of how
// many samples.
func Convert(ctx context.Context, env *Env, plan ConvertPlan) (string, error) {
	if err := checkOutputs(env, append(plan.Choice.inputs(), plan.In, plan.Keep, plan.Remove), []string{plan.Out}); err != nil {
		return "", err
	}
	plan.Open.Store, plan.Write.Store = env.Store, env.Store
	f, err := genotype.Open(ctx, plan.In, plan.Open)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if f, err = plan.Choice.choose(ctx, env, f); err != nil {
		return "", err
	}
	if f, err = plan.people(f); err != nil {
		return "", err
	}
	rows, err := genotype.Write(ctx, plan.Out, f.Samples(), f.Blocks(ctx, 0, -1, convertRows), plan.Write)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s: %d variants of %d samples", plan.Out, rows, len(f.Samples())), nil
}

// people gives a view of the people who are kept.
func (p *ConvertPlan) people(f *genotype.File) (*genotype.File, error) {
	if p.Keep == "" && p.Remove == "" {
		return f, nil
	}
	var lists [2][]pheno.Sample
	for k, path := range []string{p.Keep, p.Remove} {
		if path == "" {
			continue
		}
		var err error
		if lists[k], err = readSampleList(path); err != nil {
			return nil, err
		}
	}
	var genotyped []pheno.Sample
	for _, s := range f.Samples() {
		genotyped = append(genotyped, pheno.Sample{FID: s.FID, IID: s.IID})
	}
	kept, err := pheno.Listed(genotyped, lists[0], lists[1])
	if err != nil {
		return nil, err
	}
	if len(kept) == 0 {
		return nil, source.At(f.Path(), errors.New("nobody is left by the lists of people: want FID and IID as in the table of samples, or IID alone"))
	}
	return f.Select(kept)
}
