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
	data, study, filter := &plan.Data, &plan.Data.Study, &plan.Filter
	var traits, covariates, categorical, binary, quantitative, missing cli.StringSlice
	return &cli.Command{
		Name:      "ridge",
		Usage:     "predict traits from the whole genome, for gx gwas --loco",
		UsageText: "gx ridge --genotypes array.bed --pheno traits.tsv --covar covar.tsv --out step1\ngx gwas --genotypes imputed.pgen --pheno traits.tsv --covar covar.tsv --loco step1_pred.list --out result",
		Description: "Whole-genome regression in two levels, regenie's step 1: relatives and what other chromosomes explain are taken out of a test.\n" +
			"Writes OUT_k.loco for trait k and OUT_pred.list, which regenie reads too, and OUT_cv.tsv, how well each shrinkage predicts.\n" +
			"The covariates, and --null, must be those of the test. Genotypes are a few hundred thousand common variants.\n\n" +
			"Exit status: 0 done, 1 failed, 2 wrong usage, 3 finished but a trait could not be predicted, 130 interrupted.",
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "genotypes", Usage: "`FILE` of genotypes", Destination: &data.Genotypes},
			&cli.StringFlag{Name: "pheno", Usage: "`TABLE` of phenotypes", Destination: &data.Pheno},
			&cli.StringSliceFlag{Name: "traits", Usage: "its columns to predict; default: all", Destination: &traits},
			&cli.StringFlag{Name: "covar", Usage: "`TABLE` of covariates; may be the same as --pheno", Destination: &data.Covar},
			&cli.StringSliceFlag{Name: "covar-names", Usage: "its columns to use", Destination: &covariates},
			&cli.StringSliceFlag{Name: "categorical", Usage: "covariates that are categories although they look like numbers", Destination: &categorical},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "`PREFIX` of what is written", Destination: &data.Prefix},
			&cli.StringFlag{Name: "null", Usage: "deepnull: predict each trait from the covariates, out of fold, as one more covariate (OUT.nullmodel.tsv is for gx gwas --null); or a TABLE of predictions", Destination: &data.Null},
			&cli.Int64Flag{Name: "seed", Usage: "of the null model", Value: data.NullModel.Seed, Destination: &data.NullModel.Seed},
			&cli.IntFlag{Name: "block", Usage: "variants of a block", Value: plan.Ridge.Block, Destination: &plan.Ridge.Block},
			&cli.IntFlag{Name: "folds", Usage: "parts of the people that are predicted from the others", Value: plan.Ridge.Folds, Destination: &plan.Ridge.Folds},
			&cli.BoolFlag{Name: "loocv", Usage: "predict everyone from all others instead; so it is for binary traits of fewer than 5000 people", Destination: &plan.Ridge.LOO},
			&cli.StringSliceFlag{Name: "binary", Usage: "traits that are binary", Destination: &binary},
			&cli.StringSliceFlag{Name: "quantitative", Usage: "traits that are quantitative though they have two values", Destination: &quantitative},
			&cli.StringSliceFlag{Name: "missing", Usage: "codes of a missing value; default: NA, NaN, nan and .", Destination: &missing},
			&cli.BoolFlag{Name: "rank-normal", Usage: "quantitative traits become normal quantiles of their ranks", Destination: &study.RankNormal},
			&cli.BoolFlag{Name: "strict", Usage: "analyse only people who have all traits", Destination: &study.Strict},
			&cli.IntFlag{Name: "min-cases", Usage: "fewest cases, and controls, of a binary trait", Value: study.MinCases, Destination: &study.MinCases},
			&cli.StringFlag{Name: "keep", Usage: "`LIST` of people to analyse", Destination: &data.Keep},
			&cli.StringFlag{Name: "remove", Usage: "`LIST` of people to leave out", Destination: &data.Remove},
		}, variantFlags(&data.Choice), []cli.Flag{
			&cli.BoolFlag{Name: "ref-first", Usage: "the first allele of .bim and BGEN is the reference", Destination: &data.Open.RefFirst},
			&cli.Float64Flag{Name: "min-mac", Usage: "smallest count of the rarer allele", Value: filter.MinMAC, Destination: &filter.MinMAC},
			&cli.Float64Flag{Name: "min-maf", Usage: "smallest frequency of the rarer allele; 0.01 is usual", Value: filter.MinMAF, Destination: &filter.MinMAF},
			&cli.Float64Flag{Name: "max-missing", Usage: "largest share of missing genotypes; 0.1 is usual", Value: filter.MaxMissing, Destination: &filter.MaxMissing},
			&cli.Float64Flag{Name: "min-hwe", Usage: "smallest p of Hardy-Weinberg proportions; 1e-15 is usual", Value: filter.MinHWE, Destination: &filter.MinHWE},
		}, commonFlags()),
		Action: func(c *cli.Context) error {
			study.Traits, study.Covariates, study.Categorical = split(traits.Value()), split(covariates.Value()), split(categorical.Value())
			study.Binary, study.Quantitative, study.Missing = split(binary.Value()), split(quantitative.Value()), split(missing.Value())
			data.Choice.Regions = splitRegions(c.StringSlice("regions"))
			errs := missingFlags("genotypes", data.Genotypes, "pheno", data.Pheno, "out", data.Prefix)
			if data.Null == "none" {
				data.Null = ""
			}
			if data.Null == "deepnull" && data.Covar == "" && len(study.Covariates) == 0 {
				errs = append(errs, errors.New("--null deepnull wants covariates to predict from: --covar"))
			}
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
			if n := len(study.Traits); failed > 0 || n > len(list) {
				return fmt.Errorf("%d traits were not predicted: %w", failed+max(n-len(list), 0), app.ErrSkipped)
			}
			return nil
		},
	}
}
