package main

import (
	"fmt"
	"runtime"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/workflows/stage"
)

// commonFlags are the flags of every command that does long work.
func commonFlags() []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{Name: "threads", Aliases: []string{"t"}, Usage: "goroutines that work at once; default: all cores", Value: runtime.GOMAXPROCS(0), EnvVars: []string{"GX_THREADS"}},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "say nothing but errors"},
	}
}

// newEnv is where a command's stages run: files, and words to stderr.
func newEnv(c *cli.Context) *stage.Env {
	env := &stage.Env{Store: object.Files{}, Threads: max(c.Int("threads"), 1)}
	quiet := c.Bool("quiet")
	env.Note = func(format string, args ...any) {
		if !quiet {
			fmt.Fprintf(c.App.ErrWriter, "gx: "+format+"\n", args...)
		}
	}
	return env
}
