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
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/object/uri"
	"github.com/gx-genomics/gx/workflows/plan"
	"github.com/gx-genomics/gx/workflows/stage"
)

func runCommand() *cli.Command {
	planFlags := []cli.Flag{
		&cli.StringSliceFlag{Name: "set", Usage: "`NAME=VALUE[,VALUE]` in place of a value of the plan"},
	}
	runFlags := append([]cli.Flag{
		&cli.BoolFlag{Name: "local", Usage: "in this process, which is the default"},
		&cli.IntFlag{Name: "workers", Usage: "tasks at once; they share --threads", Value: 1},
		&cli.BoolFlag{Name: "keep", Usage: "leave the parts where they are when all is done"},
		&cli.BoolFlag{Name: "estimate", Usage: "only say what it will take"},
	}, append(planFlags, commonFlags()...)...)
	status := append([]cli.Flag{&cli.BoolFlag{Name: "verify", Usage: "compare every byte with its digest"}}, planFlags...)
	return &cli.Command{
		Name:      "run",
		Usage:     "do a plan of several stages, and go on where it was stopped",
		UsageText: "gx run plan.yaml --workers 4\ngx run status plan.yaml\ngx run resume plan.yaml\ngx run render plan.yaml > tasks.json",
		Description: "A plan lists steps: a stage, its inputs, its outputs, its options, all by the names of the command's flags. A step whose input\n" +
			"another step writes waits for it. What is stored decides what is left to do: a run that was killed goes on by being\n" +
			"started again, and a run that was changed does again what the change touches. The bytes of the outputs are those of the\n" +
			"commands, for any number of shards and workers. docs/plans.md explains plans.\n\n" +
			"Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.",
		Flags:  runFlags,
		Action: doRun,
		Subcommands: []*cli.Command{
			{Name: "resume", Usage: "the same as gx run: what is stored is not done again", UsageText: "gx run resume plan.yaml", Flags: slices.Clone(runFlags), Action: doRun},
			{Name: "status", Usage: "say which steps are done", UsageText: "gx run status plan.yaml [--verify]", Flags: status, Action: func(c *cli.Context) error {
				p, r, err := openPlan(c)
				if err != nil {
					return err
				}
				_, err = r.Status(c.Context, p, c.App.Writer, c.Bool("verify"))
				return err
			}},
			{Name: "render", Usage: "write the tasks as JSON, for other engines", UsageText: "gx run render plan.yaml > tasks.json", Flags: slices.Clone(planFlags), Action: func(c *cli.Context) error {
				p, r, err := openPlan(c)
				if err != nil {
					return err
				}
				return r.Render(c.Context, p, c.App.Writer)
			}},
		},
	}
}

// openPlan reads the plan that a command names, and what runs it.
func openPlan(c *cli.Context) (*plan.Plan, *plan.Runner, error) {
	files, err := interspersed(c)
	if err != nil {
		return nil, nil, err
	}
	if len(files) != 1 {
		return nil, nil, fmt.Errorf("%w: %d plans, want one: %s", app.ErrUsage, len(files), strings.SplitN(c.Command.UsageText, "\n", 2)[0])
	}
	set, last := map[string][]string{}, ""
	for _, s := range c.StringSlice("set") { // the library has cut them at commas
		name, value, ok := strings.Cut(s, "=")
		switch {
		case ok:
			last, set[name] = name, []string{value}
		case last != "":
			set[last] = append(set[last], s)
		default:
			return nil, nil, fmt.Errorf("%w: --set %q: want NAME=VALUE", app.ErrUsage, s)
		}
	}
	b, err := readPlan(c.Context, files[0])
	if err != nil {
		return nil, nil, err
	}
	p, err := plan.Parse(files[0], b, stage.Kinds(), set)
	if err != nil {
		return nil, nil, err
	}
	return p, &plan.Runner{Store: &uri.Store{}, Workers: 1, Threads: 1}, nil
}

// maxPlan is a bound of what is read; Parse has a lower one of its own.
const maxPlan = 1 << 24

func readPlan(ctx context.Context, name string) ([]byte, error) {
	if name != object.Standard {
		return object.ReadAll(ctx, &uri.Store{}, name, maxPlan)
	}
	return io.ReadAll(io.LimitReader(os.Stdin, maxPlan))
}

func doRun(c *cli.Context) error {
	p, r, err := openPlan(c)
	if err != nil {
		return err
	}
	if c.Int("workers") < 1 {
		return fmt.Errorf("%w: --workers %d: want 1 or more", app.ErrUsage, c.Int("workers"))
	}
	env, end := newEnv(c)
	defer end()
	r.Workers, r.Threads, r.Keep, r.Note = c.Int("workers"), env.Threads, c.Bool("keep"), env.Note
	e, err := r.Estimate(c.Context, p)
	if err != nil {
		return err
	}
	if e.Left() > 0 && !c.Bool("quiet") || c.Bool("estimate") {
		if err := e.Write(c.App.ErrWriter); err != nil {
			return err
		}
	}
	if c.Bool("estimate") {
		return nil
	}
	r.Finished = func(t *stage.Task, err error) {
		switch {
		case errors.Is(err, context.Canceled):
		case err != nil:
			env.Note("failed: %s: %v", taskName(t), err)
		default:
			env.Note("done: %s", taskName(t))
		}
	}
	s, err := r.Run(c.Context, p)
	if err != nil {
		return err
	}
	env.Note("%d steps, %d of them done before; %d tasks run", s.Steps, s.Done, s.Tasks)
	env.Note("%s tells what is there, %s how complete it is", p.ManifestName(), p.CompletenessName())
	return nil
}

func taskName(t *stage.Task) string {
	if t.Step == stage.OneShard {
		return fmt.Sprintf("%s %d of %d", t.Stage, t.Shard+1, t.Shards)
	}
	return t.Stage + " " + strings.TrimSuffix(t.MarkerName(), ".done")
}
