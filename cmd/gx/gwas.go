package main

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/io/table"
	"github.com/gx-genomics/gx/nullmodel"
	"github.com/gx-genomics/gx/workflows/stage"
)

func gwasCommand() *cli.Command {
	plan := stage.AssocPlan{Study: pheno.Defaults(), NullModel: nullmodel.Defaults(), Scan: gwas.Defaults(), SSF: table.DefaultMeta()}
	setFlags := newSetFlags()
	scan := &plan.Scan
	study := studyFlags{data: &plan}
	words := stage.DefaultAssocWords()
	var firth, spa bool
	var condition cli.StringSlice
	return &cli.Command{
		Name:  "gwas",
		Usage: "test variants for association with traits",
		UsageText: "gx gwas --genotypes cohort.bed --pheno traits.tsv --traits bmi,t2d --covar covar.tsv --out result\ngx gwas ... --null deepnull\n" +
			"gx gwas ... --set-list genes.setlist --anno-file genes.annotations --mask-def masks.txt --vc-tests skato,acato",
		Description: "Genotypes: PLINK (.bed, .pgen), BGEN, VCF or BCF. Tables: a header FID IID ..., #FID IID or IID, NA for missing. Without\n" +
			"--covar-names every column of the covariate file but the traits is a covariate; text columns are categories.\n" +
			"Writes OUT.TRAIT.tsv.gz with its index, in the other formats the names and columns of the program they are of, and\n" +
			"OUT.summary.json. With --set-list sets of variants are tested instead of single ones: see docs/gene-sets.md.\n" +
			"Chromosome X is tested with sex as a covariate, Y in males, where the genotypes' table of samples states the sexes.\n\n" +
			"Exit status: 0 done, 1 failed, 2 wrong usage, 3 finished but a trait could not be analysed, 130 interrupted.",
		Flags: slices.Concat(study.inputs(), []cli.Flag{
			&cli.StringFlag{Name: "loco", Usage: "`LIST` of predictions of the whole genome (regenie's _pred.list)", Destination: &plan.LOCO},
			&cli.StringFlag{Name: "format", Usage: strings.Join(table.FormatNames(), ", "), Value: words.Format, Destination: &words.Format},
			&cli.BoolFlag{Name: "parquet", Usage: "write OUT.TRAIT.parquet beside the table, in gx's columns", Destination: &plan.Parquet},
			&cli.StringFlag{Name: "model", Usage: "additive, dominant, recessive or genotypic (additive and dominant beside each other, three rows)", Value: words.Model, Destination: &words.Model},
			&cli.StringFlag{Name: "interaction", Usage: "test the genotype's interaction with a `COVARIATE`, three rows", Destination: &words.Interaction},
			&cli.StringSliceFlag{Name: "condition", Usage: "variants to test beside, as covariates: IDs or CHROM:POS:REF:ALT", Destination: &condition},
			&cli.StringFlag{Name: "condition-list", Usage: "`FILE` of variants to test beside, one a line", Destination: &plan.ConditionList},
			&cli.BoolFlag{Name: "robust", Usage: "standard errors of least squares that allow a variance that is not the same for all (HC3)", Destination: &scan.Robust},
			&cli.StringFlag{Name: "x-model", Usage: "what males count on chromosome X: double (0 or 2), single (0 or 1); or skip it. Sex becomes a covariate there", Value: words.XModel, Destination: &words.XModel},
			&cli.StringFlag{Name: "par", Usage: "where males have chromosome X twice: b38, b37, b36 or none", Value: words.PAR, Destination: &words.PAR},
			&cli.StringFlag{Name: "quantitative-test", Usage: "ols (least squares) or score", Value: words.Form, Destination: &words.Form},
			&cli.StringFlag{Name: "binary-test", Usage: "score, firth-approx, firth-lrt, spa, firth-spa (estimates of firth-approx, p of spa), logistic (Firth where it fails) or firth-wald", Value: words.Second, Destination: &words.Second},
			&cli.BoolFlag{Name: "firth", Usage: "the same as --binary-test firth-approx", Destination: &firth},
			&cli.BoolFlag{Name: "spa", Usage: "the same as --binary-test spa", Destination: &spa},
			&cli.Float64Flag{Name: "p-threshold", Usage: "p of the score test below which Firth or the saddlepoint is used; default: 0.1 for spa and firth-spa, else 0.05", Destination: &scan.Threshold},
		}, study.people(), variantFlags(&plan.Choice), []cli.Flag{
			&cli.Float64Flag{Name: "min-mac", Usage: "smallest count of the rarer allele", Value: scan.MinMAC, Destination: &scan.MinMAC},
			&cli.Float64Flag{Name: "min-info", Usage: "smallest information of a dosage", Value: scan.MinInfo, Destination: &scan.MinInfo},
			&cli.Float64Flag{Name: "max-missing", Usage: "largest share of missing genotypes", Value: scan.MaxMissing, Destination: &scan.MaxMissing},
			&cli.Float64Flag{Name: "min-hwe", Usage: "smallest p of Hardy-Weinberg proportions, of a binary trait in its controls", Value: scan.MinHWE, Destination: &scan.MinHWE},
			&cli.BoolFlag{Name: "keep-skipped", Usage: "write rows of variants that are not tested, without numbers", Destination: &scan.KeepSkipped},
		}, ssfFlags(&plan.SSF), setFlags.flags(), commonFlags()),
		Action: func(c *cli.Context) error {
			errs := study.set(c)
			if firth && spa {
				errs = append(errs, errors.New("--firth and --spa exclude each other"))
			} else if firth {
				words.Second = "firth-approx"
			} else if spa {
				words.Second = "spa"
			}
			plan.Condition = split(condition.Value())
			errs = append(errs, plan.SetWords(words), scan.Validate())
			sets, err := setFlags.plan(c, &plan)
			plan.Sets = sets
			errs = append(errs, err, checkDate(plan.SSF.Date))
			if err := errors.Join(errs...); err != nil {
				return fmt.Errorf("%w: %w", app.ErrUsage, err)
			}
			return runGWAS(c, plan)
		},
	}
}

func runGWAS(c *cli.Context, plan stage.AssocPlan) error {
	// The tables are text, most of it garbage once they are matched: what a scan
	// of half a million people holds at its most is decided there.
	debug.SetGCPercent(25)
	env, end := newEnv(c)
	defer end()
	summaries, err := stage.Assoc(c.Context, env, plan)
	if err != nil {
		return err
	}
	for i := range summaries {
		env.Note("%s", &summaries[i])
	}
	if n := len(plan.Study.Traits); n > len(summaries) {
		return fmt.Errorf("%d of %d traits were not analysed: %w", n-len(summaries), n, app.ErrSkipped)
	}
	return nil
}

// choose sets a value to the place of a word in a list.
func choose[T ~uint8](flag, word string, to *T, list ...string) error {
	k := slices.Index(list, word)
	if k < 0 {
		return fmt.Errorf("%s %q: want %s", flag, word, strings.Join(list, ", "))
	}
	*to = T(k)
	return nil
}
