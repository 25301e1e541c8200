// Command gx goes from sequencing reads to variant calls and trait
// associations. `gx --help` lists what it does; each command has an example.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/io/text"
	"github.com/gx-genomics/gx/workflows/stage"
)

func main() {
	os.Exit(app.Main("gx", os.Stderr, func(ctx context.Context) error {
		return newApp(os.Stdout, os.Stderr).RunContext(ctx, os.Args)
	}, app.Status))
}

// newApp is the command line. Errors come back from RunContext: nothing below
// exits by itself.
func newApp(stdout, stderr io.Writer) *cli.App {
	var profiles profiler
	a := &cli.App{
		Name:                 "gx",
		Usage:                "from sequencing reads to variants, from genotypes to associations",
		HideVersion:          true, // its own flag below prints one plain line, as package managers want it
		Flags:                append([]cli.Flag{&cli.BoolFlag{Name: "version", Usage: "print the version"}}, profileFlags()...),
		Before:               profiles.start,
		After:                profiles.end,
		HideHelpCommand:      true,
		EnableBashCompletion: true,
		Suggest:              true,
		Writer:               stdout,
		ErrWriter:            stderr,
		ExitErrHandler:       func(*cli.Context, error) {},
		Description: "gx call --ref ref.fa --reads sample.bam --out sample.vcf.gz\n" +
			"gx check ref.fa sample.bam calls.vcf.gz regions.bed\n\n" +
			"Exit status: 0 done, 1 failed, 2 wrong usage, 3 finished but part of the input was skipped, 130 interrupted.",
		Commands: commands(),
		Action: func(c *cli.Context) error {
			if c.Bool("version") {
				_, err := fmt.Fprintln(stdout, "gx", stage.Version)
				return err
			}
			if name := c.Args().First(); name != "" {
				return fmt.Errorf("%w: no command %q.%s gx --help lists them", app.ErrUsage, name, near(c.App, name))
			}
			c.App.Writer = stderr
			if err := cli.ShowAppHelp(c); err != nil {
				return err
			}
			return fmt.Errorf("%w: which command?", app.ErrUsage)
		},
	}
	a.OnUsageError = onUsage(a.Flags)
	setUsage(a.Commands)
	return a
}

// onUsage turns a fault of flags into an error of usage, with the flag that was
// probably meant.
func onUsage(flags []cli.Flag) cli.OnUsageErrorFunc {
	return func(_ *cli.Context, err error, _ bool) error {
		name, _ := strings.CutPrefix(err.Error(), undefined)
		return fmt.Errorf("%w: %w%s", app.ErrUsage, err, nearFlag(flags, name))
	}
}

// undefined is what the flag library says before the name of a flag that a
// command does not have.
const undefined = "flag provided but not defined: -"

func setUsage(list []*cli.Command) {
	for _, c := range list {
		c.OnUsageError = onUsage(c.Flags)
		if c.Action != nil && len(c.Subcommands) == 0 {
			c.Action = checked(c)
		}
		setUsage(c.Subcommands)
	}
}

// takesFiles is the commands whose arguments are files; all others have flags
// only.
var takesFiles = []string{"check", "merge", "notebook", "probe", "resume", "status", "render", "report"}

// checked is a command's action behind the checks that all commands share.
func checked(c *cli.Command) cli.ActionFunc {
	action := c.Action
	return func(ctx *cli.Context) error {
		if ctx.Args().Present() && !slices.Contains(takesFiles, c.Name) {
			return fmt.Errorf("%w: unexpected argument %q", app.ErrUsage, ctx.Args().First())
		}
		if ctx.IsSet("threads") && ctx.Int("threads") < 1 {
			return fmt.Errorf("%w: --threads %d: want 1 or more", app.ErrUsage, ctx.Int("threads"))
		}
		for _, flag := range []string{"regions", "reads"} {
			if ctx.IsSet(flag) && strings.TrimSpace(strings.Join(ctx.StringSlice(flag), "")) == "" {
				return fmt.Errorf("%w: --%s is empty", app.ErrUsage, flag)
			}
		}
		err := action(ctx)
		if errors.Is(err, stage.ErrOutputs) {
			err = fmt.Errorf("%w: %w", app.ErrUsage, err)
		}
		return err
	}
}

// near names the command a misspelt one probably stands for: one that is at
// most two letters away.
func near(a *cli.App, name string) string {
	var names []string
	for _, c := range a.Commands {
		names = append(names, c.Name)
	}
	if found := text.Nearest(name, names, 2); found != "" {
		return fmt.Sprintf(" Did you mean %q?", found)
	}
	return ""
}

// nearFlag names the flag a misspelt one probably stands for.
func nearFlag(flags []cli.Flag, name string) string {
	var names []string
	for _, f := range flags {
		for _, n := range f.Names() {
			if len(n) > 1 {
				names = append(names, n)
			}
		}
	}
	if found := text.Nearest(name, names, min(2, len(name)-1)); found != "" {
		return fmt.Sprintf(". Did you mean --%s?", found)
	}
	return ""
}

func commands() []*cli.Command {
	return []*cli.Command{callCommand(), examplesCommand(), classifyCommand(), genotypeCommand(), mergeCommand(), showCommand(), gwasCommand(), ridgeCommand(), convertCommand(),
		nullmodelCommand(), trainCommand(), runCommand(), serveCommand(), probeCommand(), checkCommand(), compareCommand(), notebookCommand(), reportCommand(), simulateCommand(), versionCommand()}
}
