package stage

import (
	"context"
	"fmt"

	"github.com/gx-genomics/gx/io/genotype"
)

// ConvertPlan is a run of `gx convert`: genotypes of one format in another.
type ConvertPlan struct {
	In    string
	Open  genotype.Options
	Out   string // .bed or .pgen
	Write genotype.WriteOptions
}

// convertRows is how many rows are held at once.
const convertRows = 256

// Convert writes genotypes in another format, and says how many rows of how
// many samples.
func Convert(ctx context.Context, env *Env, plan ConvertPlan) (string, error) {
	if err := checkOutputs(env, []string{plan.In}, []string{plan.Out}); err != nil {
		return "", err
	}
	plan.Open.Store, plan.Write.Store = env.Store, env.Store
	f, err := genotype.Open(ctx, plan.In, plan.Open)
	if err != nil {
		return "", err
	}
	defer f.Close()
	rows, err := genotype.Write(ctx, plan.Out, f.Samples(), f.Blocks(ctx, 0, -1, convertRows), plan.Write)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s: %d variants of %d samples", plan.Out, rows, len(f.Samples())), nil
}
