package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/internal/metrics"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/object/uri"
)

func probeCommand() *cli.Command {
	return &cli.Command{
		Name:      "probe",
		Usage:     "look at objects as a run would, and say how that went as Prometheus text",
		UsageText: "gx probe gs://bucket/sample.bam https://host/sample.bam ref.fa",
		ArgsUsage: "URI...",
		Description: "Of every name its state is asked for, and its first and last 64 kB are read. Counts and times go to standard output, what is wrong to\n" +
			"standard error.\n\nExit status: 0 all could be read, 1 some could not, 2 wrong usage.",
		Flags: []cli.Flag{&cli.DurationFlag{Name: "timeout", Usage: "of each name", Value: 30 * time.Second}},
		Action: func(c *cli.Context) error {
			names, err := interspersed(c)
			if err != nil {
				return err
			}
			if len(names) == 0 {
				return fmt.Errorf("%w: name the objects, as in gx probe gs://bucket/reads.bam", app.ErrUsage)
			}
			slices.Sort(names)
			names = slices.Compact(names) // a name has one sample
			store := &uri.Store{}
			var results []probeResult
			failed := 0
			for _, name := range names {
				r := probe(c.Context, store, name, c.Duration("timeout"))
				if r.err != nil {
					failed++
					fmt.Fprintf(c.App.ErrWriter, "gx: %v\n", r.err)
				}
				results = append(results, r)
			}
			if err := writeProbes(c.App.Writer, results); err != nil {
				return err
			}
			if failed > 0 {
				return fmt.Errorf("%d of %d objects could not be read", failed, len(names))
			}
			return nil
		},
	}
}

// probeResult is how one object was found.
type probeResult struct {
	name string
	took time.Duration
	size int64
	err  error
}

const probePiece = 64 << 10

func probe(ctx context.Context, store object.Store, name string, timeout time.Duration) (r probeResult) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	begin := time.Now()
	r.name = name
	defer func() { r.took = time.Since(begin) }()
	o, err := store.Open(ctx, name)
	if err != nil {
		r.err = err
		return r
	}
	defer o.Close()
	r.size = o.Info().Size
	b := make([]byte, min(probePiece, r.size))
	for _, at := range []int64{0, r.size - int64(len(b))} {
		if n, err := o.ReadAt(b, at); n < len(b) && err != nil && err != io.EOF {
			r.err = fmt.Errorf("%s: at byte %d: %w", name, at, err)
			return r
		}
	}
	return r
}

// writeProbes writes the metrics, a family after the other.
func writeProbes(w io.Writer, results []probeResult) error {
	families := []struct {
		name, kind, help string
		value            func(*probeResult) float64
	}{
		{"gx_probe_total", metrics.Counter, "probes made", func(*probeResult) float64 { return 1 }},
		{"gx_probe_success", metrics.Counter, "probes that could read", func(r *probeResult) float64 {
			if r.err != nil {
				return 0
			}
			return 1
		}},
		{"gx_probe_latency_microseconds", metrics.Counter, "time that they took", func(r *probeResult) float64 { return float64(r.took.Microseconds()) }},
		{"gx_probe_object_bytes", metrics.Gauge, "size of the object", func(r *probeResult) float64 { return float64(r.size) }},
	}
	text := metrics.NewWriter(w)
	for _, f := range families {
		text.Family(f.name, f.kind, f.help)
		for i := range results {
			text.Sample(f.name, f.value(&results[i]), metrics.Label{Name: "ptype", Value: "storage"}, metrics.Label{Name: "probe", Value: "read"},
				metrics.Label{Name: "dst", Value: results[i].name})
		}
	}
	return text.Err()
}
