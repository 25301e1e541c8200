package stage

import (
	"context"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/gx-genomics/gx/io/bam"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/variant/locus"
	"github.com/gx-genomics/gx/variant/simulate"
)

// simulated makes a sample of n bases at 30x in dir.
func simulated(b testing.TB, dir string, n int) CallPlan {
	b.Helper()
	env := &Env{Store: object.Files{}, Threads: 2}
	prefix := filepath.Join(dir, "s")
	g := GenomePlan{Prefix: prefix, Sample: "s", Reference: simulate.DefaultReference(), Truth: simulate.DefaultTruth()}
	g.Reference.Contigs = []locus.Contig{{Name: "sim1", Length: n}}
	r := ReadsPlan{Ref: prefix + ".fa", Truth: prefix + ".vcf.gz", Prefix: prefix, Sample: "s", BAM: true, Reads: simulate.DefaultReads()}
	if err := SimulateGenome(context.Background(), env, g); err != nil {
		b.Fatal(err)
	}
	if _, err := SimulateReads(context.Background(), env, r); err != nil {
		b.Fatal(err)
	}
	return CallPlan{Ref: prefix + ".fa", Reads: []string{prefix + ".bam"}, Out: prefix + ".calls.vcf.gz", GVCF: prefix + ".calls.g.vcf.gz", Options: DefaultCallOptions(), Shards: 1}
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkCall calls 2 Mb of simulated 30x reads and tells megabases per
// minute of one core, and where the CPU time goes: each stage is the run up to
// it less the run up to the one before.
func BenchmarkCall(b *testing.B) {
	const bases = 2_000_000
	plan := simulated(b, b.TempDir(), bases)
	ctx := context.Background()
	processed := func(o pileup.Options) func() error {
		return func() error {
			in, err := openCall(ctx, &Env{Store: object.Files{}, Threads: 1}, plan.Ref, plan.Reads, &plan.Options)
			if err != nil {
				return err
			}
			defer in.close()
			p := pileup.NewProcessor(in.reads, in.ref, in.contigs, o)
			for span := range pileup.Spans(pileup.Cells(in.contigs, in.regions, o.CellSize), pileup.SpanBases/o.CellSize) {
				if err := p.Span(ctx, span, func(*pileup.Pileup) error { return nil }); err != nil {
					return err
				}
			}
			return nil
		}
	}
	still, moved := pileup.DefaultOptions(pileup.Default), pileup.DefaultOptions(pileup.Default)
	still.Realign = nil
	steps := []struct {
		name string
		run  func() error
	}{
		{"read", func() error { return readAll(plan.Reads[0]) }},
		{"count", processed(still)},
		{"realign", processed(moved)},
		{"classify+write", func() error {
			_, err := Call(ctx, &Env{Store: object.Files{}, Threads: 1}, plan)
			return err
		}},
	}
	spent := make([]time.Duration, len(steps))
	for b.Loop() {
		for i, s := range steps {
			from := cpu()
			if err := s.run(); err != nil {
				b.Fatal(err)
			}
			spent[i] += cpu() - from
		}
	}
	n := float64(b.N)
	before := 0.0
	for i, s := range steps {
		seconds := spent[i].Seconds() / n
		b.ReportMetric(seconds-before, "s-"+s.name)
		before = seconds
	}
	b.ReportMetric(bases/1e6/(before/60), "Mb/core-minute")
}

func readAll(path string) error {
	f, err := bam.Open(path, bam.Options{})
	if err != nil {
		return err
	}
	defer f.Close()
	for _, err := range f.All() {
		if err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkExamples draws the candidates of 2 Mb of simulated 30x reads, writes
// nothing, and tells megabases per minute of one core and what each part of the
// work costs: its share of the time that passed, in CPU seconds, for the machine
// may be busy with other things.
func BenchmarkExamples(b *testing.B) {
	const bases = 2_000_000
	dir := b.TempDir()
	sim := simulated(b, dir, bases)
	plan := ExamplesPlan{Ref: sim.Ref, Reads: sim.Reads, Out: filepath.Join(dir, "e"), Options: sim.Options, Image: image.Defaults(image.Own)}
	w, err := openExamples(context.Background(), &Env{Store: object.Files{}, Threads: 1}, &plan)
	if err != nil {
		b.Fatal(err)
	}
	defer w.close()
	var s ExamplesSummary
	b.ReportAllocs()
	from := cpu()
	for b.Loop() {
		d := newDrawer(w)
		for span := range pileup.Spans(w.cells(), w.drawnLen(1)) {
			cells, err := d.span(context.Background(), exampleSpan{cells: span})
			if err != nil {
				b.Fatal(err)
			}
			for i := range cells {
				s.Spent.add(&cells[i].spent)
				s.Examples += len(cells[i].examples)
			}
		}
	}
	all, n := (cpu() - from).Seconds(), float64(b.N)
	busy := all / b.Elapsed().Seconds()
	for name, d := range map[string]time.Duration{"read": s.Spent.Read, "count": s.Spent.Count, "window": s.Spent.Window, "graph": s.Spent.Graph,
		"align": s.Spent.Align, "draw": s.Spent.Draw, "write": s.Spent.Write} {
		b.ReportMetric(busy*d.Seconds()/n, "s-"+name)
	}
	b.ReportMetric(float64(s.Examples)/(busy*s.Spent.Draw.Seconds()), "images/CPU-s")
	b.ReportMetric(float64(s.Examples)/n, "images")
	b.ReportMetric(float64(s.Spent.Reads)/n, "reads")
	b.ReportMetric(bases/1e6*n/(all/60), "Mb/core-minute")
}
