package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"runtime/trace"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/internal/kern"
)

// profileFlags let users see where a run of theirs spends its time and memory;
// they stand before the command.
func profileFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "cpuprofile", Usage: "write a CPU profile to `FILE` (go tool pprof)"},
		&cli.StringFlag{Name: "memprofile", Usage: "write a heap profile to `FILE` at the end"},
		&cli.StringFlag{Name: "trace", Usage: "write an execution trace to `FILE` (go tool trace)"},
	}
}

// profiler is the profiles of a run.
type profiler struct{ stop []func() error }

func (p *profiler) start(c *cli.Context) error {
	if err := kern.CheckOverride(); err != nil {
		return fmt.Errorf("%w: %w", app.ErrUsage, err)
	}
	begin := func(flag string, start func(io.Writer) error, stop func()) error {
		name := c.String(flag)
		if name == "" {
			return nil
		}
		f, err := os.Create(name)
		if err != nil {
			return err
		}
		if err := start(f); err != nil {
			return errors.Join(err, f.Close())
		}
		p.stop = append(p.stop, func() error { stop(); return f.Close() })
		return nil
	}
	if err := begin("cpuprofile", pprof.StartCPUProfile, pprof.StopCPUProfile); err != nil {
		return err
	}
	if err := begin("trace", trace.Start, trace.Stop); err != nil {
		return err
	}
	if name := c.String("memprofile"); name != "" {
		p.stop = append(p.stop, func() error { return writeHeap(name) })
	}
	return nil
}

func writeHeap(name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	runtime.GC()
	return errors.Join(pprof.WriteHeapProfile(f), f.Close())
}

func (p *profiler) end(*cli.Context) error {
	var errs []error
	for _, stop := range p.stop {
		errs = append(errs, stop())
	}
	return errors.Join(errs...)
}
