// Command images builds the images of the workers: an OCI archive of two
// platforms for each, with what is in it (SPDX) and how it was made (in-toto)
// beside. It wants nothing but Go: no daemon, no base image, no network once the
// modules are there. Two runs on the same sources with the same Go give the same
// digests, in any folder of any machine.
//
//	go run ./cmd/internal/images -out out/images
//	go run ./cmd/internal/images -workers gx-call -platforms linux/arm64 -tags nogcs,tinygo
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/workflows/stage"
)

func main() {
	os.Exit(app.Main("images", os.Stderr, func(ctx context.Context) error {
		return run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	}, app.Status))
}

// options are those of the command.
type options struct {
	Out       string
	Source    string
	Workers   string
	Platforms string
	Tags      string
	Host      string
	Tag       string
	Shell     string
	Base      bool
}

// defaults is the only home of a default: the tags are those of docs/images.md.
func defaults() options {
	return options{Out: "out/images", Source: ".", Workers: "all", Platforms: "linux/amd64,linux/arm64",
		Tags: "disable_grpc_modules,grpcnotrace,tinygo", Host: "localhost", Tag: stage.Version}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o := defaults()
	fs := flag.NewFlagSet("images", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&o.Out, "out", o.Out, "`folder` to write to")
	fs.StringVar(&o.Source, "source", o.Source, "`folder` of the module")
	fs.StringVar(&o.Workers, "workers", o.Workers, "`names` of workers, gx-call,gx-assoc; all is every one")
	fs.StringVar(&o.Platforms, "platforms", o.Platforms, "what the images run on")
	fs.StringVar(&o.Tags, "tags", o.Tags, "`tags` of the build; nogcs,tinygo leaves out gs://")
	fs.StringVar(&o.Host, "host", o.Host, "registry and path before the `name` of an image")
	fs.StringVar(&o.Tag, "tag", o.Tag, "`tag` of the images; those with a shell have -shell behind it")
	fs.StringVar(&o.Shell, "shell", o.Shell, "`folder` with static shells, as testdata/shells.sh makes it: builds the images with a shell too")
	fs.BoolVar(&o.Base, "base", o.Base, "write base.tar too: the image below the workers, that ko puts them on")
	if err := fs.Parse(args); err != nil {
		return fmt.Errorf("%w: %w", app.ErrUsage, err)
	}
	if fs.NArg() > 0 {
		return fmt.Errorf("%w: unexpected %q", app.ErrUsage, fs.Args())
	}
	platforms, err := parsePlatforms(o.Platforms)
	if err != nil {
		return fmt.Errorf("%w: %w", app.ErrUsage, err)
	}
	workers, err := workers(ctx, o.Source, o.Workers)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.Out, 0o777); err != nil {
		return err
	}
	made, err := build(ctx, o, workers, platforms, stderr)
	if err != nil {
		return err
	}
	return write(ctx, o, made, stdout)
}

// write stores the archives, their documents and the list of digests, which it
// prints too.
func write(ctx context.Context, o options, made []*result, stdout io.Writer) error {
	from := describeSource(ctx, o)
	var list strings.Builder
	list.WriteString("image\tdigest\tplatforms\tbytes\n")
	for _, m := range made {
		if err := m.write(o, from); err != nil {
			return err
		}
		fmt.Fprintln(&list, m.line(o))
	}
	if err := store(o.Out, "digests.tsv", func(w io.Writer) error { _, err := io.WriteString(w, list.String()); return err }); err != nil {
		return err
	}
	_, err := io.WriteString(stdout, list.String())
	return err
}
