package main

import (
	"errors"
	"fmt"
	"path"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/workflows/stage"
)

func notebookCommand() *cli.Command {
	plan := stage.DefaultNotebookPlan()
	o := &plan.Options
	var traits cli.StringSlice
	return &cli.Command{
		Name:      "notebook",
		Usage:     "make a Jupyter notebook of results, which opens in Colab",
		UsageText: "gx notebook assoc --out assoc.ipynb --embed\ngx notebook assoc --out assoc.ipynb --repo lab/study --path results/assoc.ipynb\ngx notebook calls.vcf.gz --out calls.ipynb",
		Description: "RESULTS is a VCF of calls, the prefix of gx gwas or gx compare, a folder that has one such, or a table of associations in any\n" +
			"format that gx writes. The notebook reads, counts and draws them with pandas and matplotlib, from Parquet where it lies beside\n" +
			"the table; what its cells put out is saved in it, so that it shows all before it is run. It looks for the files in itself\n" +
			"(--embed, for up to 1 MB), where --data says, beside itself, and in the repository that --repo names. docs/notebook.md tells more.\n\n" +
			"Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "`NAME.ipynb` to write", Destination: &plan.Out},
			&cli.BoolFlag{Name: "embed", Usage: "put the files into the notebook, so that it needs no other", Destination: &plan.Embed},
			&cli.StringFlag{Name: "data", Usage: "where the notebook finds the files: a `FOLDER`, https://... or gs://...; default: beside itself", Destination: &o.Data},
			&cli.StringFlag{Name: "repo", Usage: "`OWNER/REPO` on GitHub where the notebook will lie, for its link to Colab", Destination: &o.Repo},
			&cli.StringFlag{Name: "branch", Usage: "branch of the repository", Value: o.Branch, Destination: &o.Branch},
			&cli.StringFlag{Name: "path", Usage: "`PATH` of the notebook in the repository; default: the name of --out", Destination: &o.Path},
			&cli.StringFlag{Name: "title", Usage: "title of the notebook", Destination: &o.Title},
			&cli.StringSliceFlag{Name: "traits", Usage: "traits to show, by comma; default: all", Destination: &traits},
			&cli.Float64Flag{Name: "hit", Usage: "p below which a test is a hit", Value: plan.Summary.Hit, Destination: &plan.Summary.Hit},
			&cli.IntFlag{Name: "window", Usage: "bases: hits no further apart are one locus, and so far to either side a region is drawn", Value: plan.Summary.Window, Destination: &plan.Summary.Window},
		}, commonFlags()...),
		Action: func(c *cli.Context) error {
			args, err := interspersed(c)
			if err != nil {
				return err
			}
			plan.Traits = split(traits.Value())
			plan.Summary.Suggestive = max(plan.Summary.Suggestive, plan.Summary.Hit)
			errs := append(missingFlags("out", plan.Out), plan.Validate())
			if len(args) != 1 {
				errs = append(errs, fmt.Errorf("%d results, want one: gx notebook RESULTS --out NAME.ipynb", len(args)))
			}
			if err := errors.Join(errs...); err != nil {
				return fmt.Errorf("%w: %w", app.ErrUsage, err)
			}
			plan.Results = args[0]
			env, end := newEnv(c)
			defer end()
			if err := stage.Notebook(c.Context, env, plan); err != nil {
				return err
			}
			if o.Repo == "" {
				env.Note("%s: no link to Colab without --repo OWNER/REPO; it can be uploaded at https://colab.research.google.com", plan.Out)
			} else {
				env.Note("%s: once it lies in %s as %s, %s opens it", plan.Out, o.Repo, path.Clean(plan.Options.Path), plan.Options.Colab())
			}
			return nil
		},
	}
}
