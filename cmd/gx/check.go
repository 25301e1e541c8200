package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/workflows/stage"
)

func checkCommand() *cli.Command {
	return &cli.Command{
		Name:      "check",
		Usage:     "say all that is wrong with input files, before any work",
		UsageText: "gx check ref.fa sample.bam truth.vcf.gz regions.bed",
		Description: "Reads FASTA, BAM, SAM, VCF and BED files to their ends, and compares them with each other: contigs, lengths,\n" +
			"REF alleles against the reference. A line per file says what it holds, then every kind of fault with its first place.\n" +
			"Standard input (-) is not checked: files are read more than once.\n\n" +
			"Exit status: 0 nothing is wrong (warnings may be), 1 a file has errors, 2 wrong usage.",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "errors only"}},
		Action: func(c *cli.Context) error {
			paths, err := interspersed(c)
			switch {
			case err != nil:
				return err
			case len(paths) == 0:
				return fmt.Errorf("%w: no file to check", app.ErrUsage)
			case slices.Contains(paths, object.Standard):
				return fmt.Errorf("%w: -: standard input is not checked, for files are read more than once: from their start, by their index and beside each other; give a file", app.ErrUsage)
			}
			env, end := newEnv(c)
			defer end()
			files := 0
			faults, err := stage.Check(c.Context, env, paths, func(r *stage.Checked) error {
				if r.Errors > 0 {
					files++
				}
				return printChecked(c, r)
			})
			if err != nil {
				return err
			}
			if faults > 0 {
				return fmt.Errorf("%d errors in %d of %d files", faults, files, len(paths))
			}
			return nil
		},
	}
}

// printChecked prints what was found in a file to stdout.
func printChecked(c *cli.Context, r *stage.Checked) error {
	verdict := "ok"
	switch {
	case r.Errors > 0:
		verdict = fmt.Sprintf("%d errors", r.Errors)
	case r.Warnings > 0:
		verdict = fmt.Sprintf("ok, %d warnings", r.Warnings)
	}
	var errs []error
	say := func(format string, args ...any) {
		_, err := fmt.Fprintf(c.App.Writer, format+"\n", args...)
		errs = append(errs, err)
	}
	if r.Errors > 0 || !c.Bool("quiet") {
		say("%s: %s: %s (%s)", r.Path, r.Format, verdict, r.About)
		for _, f := range r.Findings {
			say("  %s", f)
		}
	}
	return errors.Join(errs...)
}
