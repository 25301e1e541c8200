package main

import (
	"errors"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/workflows/stage"
)

// studyFlags are the flags of commands that analyse traits of genotyped people: who
// and what.
type studyFlags struct {
	data                                                           *stage.AssocPlan
	traits, covariates, categorical, binary, quantitative, missing cli.StringSlice
}

// inputs are the tables, what is written, and the null model.
func (f *studyFlags) inputs() []cli.Flag {
	d := f.data
	return []cli.Flag{
		&cli.StringFlag{Name: "genotypes", Usage: "`FILE` of genotypes", Destination: &d.Genotypes},
		&cli.StringFlag{Name: "pheno", Usage: "`TABLE` of phenotypes", Destination: &d.Pheno},
		&cli.StringSliceFlag{Name: "traits", Usage: "its columns to analyse; default: all", Destination: &f.traits},
		&cli.StringFlag{Name: "covar", Usage: "`TABLE` of covariates; may be the same as --pheno", Destination: &d.Covar},
		&cli.StringSliceFlag{Name: "covar-names", Usage: "its columns to use", Destination: &f.covariates},
		&cli.StringSliceFlag{Name: "categorical", Usage: "covariates that are categories although they look like numbers", Destination: &f.categorical},
		&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "`PREFIX` of what is written", Destination: &d.Prefix},
		&cli.StringFlag{Name: "null", Usage: "deepnull: predict each trait from the covariates, out of fold, as one more covariate (and write OUT.nullmodel.tsv); or a TABLE of predictions", Destination: &d.Null},
		&cli.Int64Flag{Name: "seed", Usage: "of the null model", Value: d.NullModel.Seed, Destination: &d.NullModel.Seed},
	}
}

// people says who is analysed and how traits are read.
func (f *studyFlags) people() []cli.Flag {
	d, study := f.data, &f.data.Study
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "binary", Usage: "traits that are binary", Destination: &f.binary},
		&cli.StringSliceFlag{Name: "quantitative", Usage: "traits that are quantitative though they have two values", Destination: &f.quantitative},
		&cli.StringSliceFlag{Name: "missing", Usage: "codes of a missing value; default: NA, NaN, nan and .", Destination: &f.missing},
		&cli.BoolFlag{Name: "rank-normal", Usage: "quantitative traits become normal quantiles of their ranks", Destination: &study.RankNormal},
		&cli.IntFlag{Name: "min-cases", Usage: "fewest cases, and controls, of a binary trait", Value: study.MinCases, Destination: &study.MinCases},
		&cli.StringFlag{Name: "keep", Usage: "`LIST` of people to analyse", Destination: &d.Keep},
		&cli.StringFlag{Name: "remove", Usage: "`LIST` of people to leave out", Destination: &d.Remove},
		&cli.BoolFlag{Name: "strict", Usage: "analyse only people who have all traits", Destination: &study.Strict},
		&cli.BoolFlag{Name: "ref-first", Usage: "the first allele of .bim and BGEN is the reference", Destination: &d.Open.RefFirst},
	}
}

// set takes the lists over, and says what is wrong.
func (f *studyFlags) set(c *cli.Context) []error {
	d, study := f.data, &f.data.Study
	study.Traits, study.Covariates, study.Categorical = split(f.traits.Value()), split(f.covariates.Value()), split(f.categorical.Value())
	study.Binary, study.Quantitative, study.Missing = split(f.binary.Value()), split(f.quantitative.Value()), split(f.missing.Value())
	d.Choice.Regions = splitRegions(c.StringSlice("regions"))
	errs := missingFlags("genotypes", d.Genotypes, "pheno", d.Pheno, "out", d.Prefix)
	if d.Null == "none" {
		d.Null = ""
	}
	if d.Null == "deepnull" && d.Covar == "" && len(study.Covariates) == 0 {
		errs = append(errs, errors.New("--null deepnull wants covariates to predict from: --covar"))
	}
	return errs
}
