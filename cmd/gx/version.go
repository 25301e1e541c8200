package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/internal/kern"
	"github.com/gx-genomics/gx/workflows/stage"
)

func versionCommand() *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "say which gx this is, and on what it runs",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "json", Usage: "as JSON"}},
		Action: func(c *cli.Context) error {
			about := struct {
				Version  string `json:"version"`
				Commit   string `json:"commit"`
				Go       string `json:"go"`
				Platform string `json:"platform"`
				Kernels  string `json:"kernels"`
			}{stage.Version, commit(), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH, kern.Active().Name()}
			if c.Bool("json") {
				return json.NewEncoder(c.App.Writer).Encode(about)
			}
			_, err := fmt.Fprintf(c.App.Writer, "gx %s\ncommit %s\n%s %s, kernels %s\n", about.Version, about.Commit, about.Go, about.Platform, about.Kernels)
			return err
		},
	}
}

// commit is the revision the binary was built from, where the build knew it.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return "unknown"
}
