package main

import (
	"fmt"
	"runtime"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/io/object/uri"
	"github.com/gx-genomics/gx/workflows/stage"
)

// commonFlags are the flags of every command that does long work.
func commonFlags() []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{Name: "threads", Aliases: []string{"t"}, Usage: "goroutines that work at once; default: all cores", Value: runtime.GOMAXPROCS(0), EnvVars: []string{"GX_THREADS"}},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "say nothing but errors"},
	}
}

// newEnv is where a command's stages run: files, words and progress to stderr.
// end takes the progress line away.
func newEnv(c *cli.Context) (env *stage.Env, end func()) { return newEnvOf(c, "Mb", 1e6) }

// newEnvOf is newEnv of a stage whose progress is not in bases, but in so many
// to a unit of another kind.
func newEnvOf(c *cli.Context, unit string, each float64) (env *stage.Env, end func()) {
	quiet := c.Bool("quiet")
	var line *app.Progress
	env = &stage.Env{
		Store: &uri.Store{}, Threads: max(c.Int("threads"), 1),
		Note: func(format string, args ...any) {
			if !quiet {
				line.Clear()
				fmt.Fprintf(c.App.ErrWriter, "gx: "+format+"\n", args...)
			}
		},
		Begin: func(bases int) { line = app.NewProgress(unit, float64(bases)/each, quiet) },
		Done:  func(bases int) { line.Add(float64(bases) / each) },
	}
	return env, func() { line.Clear() }
}
