package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/nullmodel"
	"github.com/gx-genomics/gx/workflows/stage"
)

func nullmodelCommand() *cli.Command {
	plan := stage.NullModelPlan{Options: nullmodel.Defaults()}
	o := &plan.Options
	var traits, covariates, categorical, binary, quantitative, codes cli.StringSlice
	method, recipe, scale := "mix", "gx", ""
	noEffects := false
	return &cli.Command{
		Name:      "nullmodel",
		Usage:     "predict phenotypes from covariates, nonlinearly and out of fold (DeepNull)",
		UsageText: "gx nullmodel --pheno pheno.tsv --trait LDL,TG --covar covar.tsv --out null.tsv",
		Description: "The table FID IID Y_deepnull ... is given to the association test as further covariates, beside the original ones and one\n" +
			"for each trait: regenie --covarFile, plink2 --covar. Beside it null.json tells how well the predictions do, and why.\n" +
			"Tables begin FID IID (or #FID, #IID); NA and other spellings of it are missing; text columns are categories.\n" +
			"Nobody's prediction has seen their own phenotype. The same seed gives the same bytes for any --threads.",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "pheno", Usage: "`TABLE` of phenotypes", Destination: &plan.Pheno},
			&cli.StringSliceFlag{Name: "trait", Aliases: []string{"traits"}, Usage: "columns to predict; several by comma", Destination: &traits},
			&cli.StringFlag{Name: "covar", Usage: "`TABLE` of covariates; default: the phenotypes' own", Destination: &plan.Covar},
			&cli.StringSliceFlag{Name: "covar-names", Usage: "covariates; default: every column that is no trait and no prediction", Destination: &covariates},
			&cli.StringSliceFlag{Name: "categorical", Usage: "covariates that are categories although they are numbers", Destination: &categorical},
			&cli.StringSliceFlag{Name: "binary", Usage: "traits that are binary: 0 missing, 1 control, 2 case where a 2 occurs", Destination: &binary},
			&cli.StringSliceFlag{Name: "quantitative", Usage: "traits that are quantitative although they have two values", Destination: &quantitative},
			&cli.StringSliceFlag{Name: "missing", Usage: "further codes of a missing value, as -9; a number stands for all its spellings", Destination: &codes},
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "`TABLE` that is written, .gz too; - is stdout, without the .json", Destination: &plan.Out},
			&cli.StringFlag{Name: "method", Usage: "mix of linear, spline, network and boost, or one of them alone", Value: method, Destination: &method},
			&cli.StringFlag{Name: "recipe", Usage: "gx, or original: folds, network and schedule of DeepNull 0.2.2", Value: recipe, Destination: &recipe},
			&cli.IntFlag{Name: "folds", Value: o.Folds, Usage: "parts of the individuals, 3 or more", Destination: &o.Folds},
			&cli.Int64Flag{Name: "seed", Value: o.Seed, Usage: "decides the folds, as in DeepNull, and all random draws", Destination: &o.Seed},
			&cli.IntFlag{Name: "networks", Value: o.Networks, Usage: "networks that are averaged in every fold", Destination: &o.Networks},
			&cli.StringFlag{Name: "groups", Usage: "`COLUMN` of a table (FID: families) or FILE with FID IID GROUP: who must stay in one fold", Destination: &plan.Groups},
			&cli.BoolFlag{Name: "impute", Usage: "predict individuals with missing covariates too, from means of the training folds", Destination: &o.Impute},
			&cli.StringFlag{Name: "null-scale", Usage: "of a binary trait's prediction: logit or probability; default: logit, of the original recipe probability", Destination: &scale},
			&cli.BoolFlag{Name: "with-covariates", Usage: "write the covariates too, before the predictions: the one table that regenie, plink2 and BOLT-LMM read", Destination: &plan.WithCovariates},
			&cli.BoolFlag{Name: "parquet", Usage: "write the diagnostics as Parquet too, in long form, beside the table", Destination: &plan.Parquet},
			&cli.BoolFlag{Name: "no-effects", Usage: "leave out importance and partial dependence of covariates", Destination: &noEffects},
		}, commonFlags()...),
		Action: func(c *cli.Context) error {
			plan.Traits, plan.Covariates, plan.Categorical = split(traits.Value()), split(covariates.Value()), split(categorical.Value())
			plan.Binary, plan.Quantitative, plan.Missing = split(binary.Value()), split(quantitative.Value()), split(codes.Value())
			o.Diagnose = !noEffects
			errs := missingFlags("pheno", plan.Pheno, "trait", strings.Join(plan.Traits, ","), "out", plan.Out)
			if c.Args().Present() {
				errs = append(errs, fmt.Errorf("unexpected argument %q", c.Args().First()))
			}
			errs = append(errs, setMethod(o, method, recipe, c.IsSet("method"), c.IsSet("networks")))
			switch scale {
			case "", "logit":
				plan.Logit = scale != "" || recipe != "original"
			case "probability":
			default:
				errs = append(errs, fmt.Errorf("null-scale %q: want logit or probability", scale))
			}
			if err := errors.Join(append(errs, plan.Validate())...); err != nil {
				return fmt.Errorf("%w: %w", app.ErrUsage, err)
			}
			env, end := newEnv(c)
			defer end()
			_, err := stage.RunNullModel(c.Context, env, plan)
			return err
		},
	}
}

// setMethod turns --method and --recipe into members.
func setMethod(o *nullmodel.Options, method, recipe string, methodSet, networksSet bool) error {
	var errs []error
	switch {
	case method == "mix":
		o.Members = nullmodel.AllMembers()
	default:
		o.Members = []nullmodel.Member{nullmodel.Member(method)}
	}
	switch recipe {
	case "gx":
	case "original":
		if methodSet && method != "network" {
			errs = append(errs, fmt.Errorf("method %s: the original's recipe is its network alone", method))
		}
		o.Original, o.Members = true, []nullmodel.Member{nullmodel.Network}
		if !networksSet {
			o.Networks = 1
		}
	default:
		errs = append(errs, fmt.Errorf("recipe %q: want gx or original", recipe))
	}
	return errors.Join(errs...)
}
