package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
)

// interspersed gives the arguments of a command that takes files, and sets the
// flags that stand between and behind them, as in gx merge a b --out c: the
// flag library stops at the first argument. Behind -- all are files.
func interspersed(c *cli.Context) (files []string, err error) {
	args := c.Args().Slice()
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "--" {
			return append(files, args[i+1:]...), nil
		}
		if len(a) < 2 || a[0] != '-' {
			files = append(files, a)
			continue
		}
		name, value, given := strings.Cut(strings.TrimLeft(a, "-"), "=")
		k := slices.IndexFunc(c.Command.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), name) })
		if k < 0 {
			return nil, fmt.Errorf("%w: %s%s%s", app.ErrUsage, undefined, name, nearFlag(c.Command.Flags, name))
		}
		if _, isBool := c.Command.Flags[k].(*cli.BoolFlag); !given && isBool {
			value, given = "true", true
		}
		if !given {
			if i++; i == len(args) {
				return nil, fmt.Errorf("%w: flag needs an argument: -%s", app.ErrUsage, name)
			}
			value = args[i]
		}
		if err := c.Set(name, value); err != nil {
			return nil, fmt.Errorf("%w: invalid value %q for flag -%s: %w", app.ErrUsage, value, name, err)
		}
	}
	return files, nil
}
