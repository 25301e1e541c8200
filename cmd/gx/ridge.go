package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/gwas/ridge"
	"github.com/gx-genomics/gx/nullmodel"
	"github.com/gx-genomics/gx/workflows/stage"
)

func ridgeCommand() *cli.Command {
	plan := stage.RidgePlan{Data: stage.AssocPlan{Study: pheno.Defaults(), NullModel: nullmodel.Defaults()}, Filter: stage.DefaultVariantFilter(), Ridge: ridge.Defaults()}
	data, filter := &plan.Data, &plan.Filter
	study := studyFlags{data: data}
	return &cli.Command{
		Name:      "ridge",
		Usage:     "predict traits from the whole genome, for gx gwas --loco",
		UsageText: "gx ridge --genotypes array.bed --pheno traits.tsv --covar covar.tsv --out step1\ngx gwas --genotypes imputed.pgen --pheno traits.tsv --covar covar.tsv --loco step1_pred.list --out result",
		Description: "Whole-genome regression in two levels, regenie's step 1: relatives and what other chromosomes explain are taken out of a test.\n" +
			"Writes OUT_k.loco for trait k and OUT_pred.list, which regenie reads too, and OUT_cv.tsv, how well each shrinkage predicts.\n" +
			"The covariates, and --null, must be those of the test. Genotypes are a few hundred thousand common variants.\n\n" +
			"Exit status: 0 done, 1 failed, 2 wrong usage, 3 finished but a trait could not be predicted, 130 interrupted.",
		Flags: slices.Concat(study.inputs(), []cli.Flag{
			&cli.IntFlag{Name: "block", Usage: "variants of a block", Value: plan.Ridge.Block, Destination: &plan.Ridge.Block},
			&cli.IntFlag{Name: "folds", Usage: "parts of the people that are predicted from the others", Value: plan.Ridge.Folds, Destination: &plan.Ridge.Folds},
			&cli.BoolFlag{Name: "loocv", Usage: "predict everyone from all others instead; so it is for binary traits of fewer than 5000 people", Destination: &plan.Ridge.LOO},
		}, study.people(), variantFlags(&data.Choice), []cli.Flag{
			&cli.Float64Flag{Name: "min-mac", Usage: "smallest count of the rarer allele", Value: filter.MinMAC, Destination: &filter.MinMAC},
			&cli.Float64Flag{Name: "min-maf", Usage: "smallest frequency of the rarer allele; 0.01 is usual", Value: filter.MinMAF, Destination: &filter.MinMAF},
			&cli.Float64Flag{Name: "max-missing", Usage: "largest share of missing genotypes; 0.1 is usual", Value: filter.MaxMissing, Destination: &filter.MaxMissing},
			&cli.Float64Flag{Name: "min-hwe", Usage: "smallest p of Hardy-Weinberg proportions; 1e-15 is usual", Value: filter.MinHWE, Destination: &filter.MinHWE},
		}, commonFlags()),
		Action: func(c *cli.Context) error {
			errs := study.set(c)
			if err := errors.Join(append(errs, plan.Ridge.Validate(), filter.Validate())...); err != nil {
				return fmt.Errorf("%w: %w", app.ErrUsage, err)
			}
			env, end := newEnv(c)
			defer end()
			list, err := stage.Ridge(c.Context, env, plan)
			if err != nil {
				return err
			}
			failed := 0
			for i := range list {
				if list[i].Err != nil {
					failed++
				}
			}
			if n := len(data.Study.Traits); failed > 0 || n > len(list) {
				return fmt.Errorf("%d traits were not predicted: %w", failed+max(n-len(list), 0), app.ErrSkipped)
			}
			return nil
		},
	}
}
