package stage

import (
	"context"
	"fmt"

	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/genotype"
	"github.com/gx-genomics/gx/variant/gvcf"
)

// CallSummary counts what `gx call` wrote.
type CallSummary struct {
	Records int // of the VCF
	Passed  int // of them with FILTER PASS
	Bases   int // of the genome that were looked at
	Contigs []ContigCount
}

// callOutput settles what was found into records and writes them. It takes
// spans in order and holds what may still change at their borders.
type callOutput struct {
	w       *callWork
	env     *Env
	mito    mitoNote
	style   vcf.CallStyle
	calls   *vcf.Writer
	gvcf    *vcf.Writer // nil where no gVCF is wanted
	stream  *genotype.Stream
	joiner  *gvcf.Joiner
	merger  *gvcf.Merger
	contig  string // of the last span
	counts  contigCounts
	summary CallSummary
}

// write writes all outputs of a run: each fed by feed, whole under its name or
// not at all, the indexes of .gz files last.
func (w *callWork) write(ctx context.Context, env *Env, out, gvcfName string, feed func(func(*found) error) error) (*CallSummary, error) {
	o := &callOutput{w: w, env: env}
	command, err := canonical(CallName, w.in.digests, w.in.said, DefaultCallOptions())
	if err != nil {
		return nil, err
	}
	o.style = vcf.CallStyle{Version: w.o.Compat, Model: w.o.Compat == "", Candidates: w.genotype.Candidates == genotype.Tell, Source: []string{"##source=gx " + Version, "##gxCommand=" + command}}
	if w.o.GVCFStyle == "gatk" {
		o.style.Any = variant.NonRef
	}
	var indexes []func() error
	body := func() error { return o.body(feed) }
	if gvcfName != "" {
		inner := body
		body = func() error {
			return o.put(ctx, env, gvcfName, &o.gvcf, &indexes, inner)
		}
	}
	if err := o.put(ctx, env, out, &o.calls, &indexes, body); err != nil {
		return nil, err
	}
	for _, write := range indexes {
		if err := write(); err != nil {
			return nil, err
		}
	}
	o.summary.Contigs = o.counts.list
	return &o.summary, nil
}

// put opens a writer on an output, runs body, and commits the output.
func (o *callOutput) put(ctx context.Context, env *Env, name string, to **vcf.Writer, indexes *[]func() error, body func() error) error {
	style := o.style
	style.Blocks = to == &o.gvcf && o.w.o.Compat == ""
	h, err := vcf.NewCallHeader(style, o.w.in.ref.Contigs(), o.w.in.sample)
	if err != nil {
		return err
	}
	w, err := putRecords(ctx, env, name, h, func(w *vcf.Writer) error {
		*to = w
		return body()
	})
	if err == nil && vcf.Packed(name) {
		*indexes = append(*indexes, func() error { return putIndex(ctx, env.Store, name, w) })
	}
	return err
}

// body feeds the spans through to the writers.
func (o *callOutput) body(feed func(func(*found) error) error) error {
	var err error
	if o.stream, err = genotype.NewStream(o.w.genotype, o.w.in.contigs, o.call); err != nil {
		return err
	}
	if o.gvcf != nil {
		any := o.style.Any
		if any == "" {
			any = variant.AnyAllele
		}
		o.merger = gvcf.NewMerger(o.w.in.contigs, o.w.in.ref, any, (*gvcfSink)(o))
		o.joiner = o.w.blocks.NewJoiner(o.merger.AddBlock)
	}
	if err := feed(o.span); err != nil {
		return err
	}
	if err := o.stream.Flush(); err != nil {
		return err
	}
	if o.merger == nil {
		return nil
	}
	if err := o.joiner.Cut(); err != nil {
		return err
	}
	return o.merger.Close()
}

func (o *callOutput) span(f *found) error {
	o.summary.Bases += f.Bases
	if f.Contig != o.contig { // nothing spans two contigs
		o.contig = f.Contig
		if err := o.stream.Flush(); err != nil {
			return err
		}
		if o.joiner != nil {
			if err := o.joiner.Cut(); err != nil {
				return err
			}
		}
	}
	o.counts.add(f.Contig, f.Bases, 0)
	for i := range f.Calls {
		if err := o.stream.PushCall(&f.Calls[i]); err != nil {
			return err
		}
	}
	if err := o.stream.Reached(f.Contig, f.End); err != nil {
		return err
	}
	if o.merger == nil {
		return nil
	}
	for _, runs := range f.Runs {
		if err := o.joiner.Add(runs); err != nil {
			return err
		}
		if o.w.o.Compat != "" { // blocks end at the borders of partitions
			if err := o.joiner.Cut(); err != nil {
				return err
			}
		}
	}
	// Nothing that comes later starts before what is still held back.
	reached := f.End
	if start, ok := o.stream.Held(); ok {
		reached = min(reached, start)
	}
	if start, ok := o.joiner.Open(); ok {
		reached = min(reached, start)
	}
	return o.merger.Reached(f.Contig, reached)
}

// call takes a settled record.
func (o *callOutput) call(c *variant.Call) error {
	o.mito.call(o.env, c.Contig, o.w.in.haploid)
	if genotype.Passed(c) || !o.w.o.OnlyPass {
		o.summary.Records++
		o.counts.add(c.Contig, 0, 1)
		if genotype.Passed(c) {
			o.summary.Passed++
		}
		if err := o.calls.WriteCall(c, o.style); err != nil {
			return err
		}
	}
	if o.merger == nil {
		return nil
	}
	return o.merger.AddCall(c)
}

type gvcfSink callOutput

func (o *gvcfSink) Call(c *variant.Call) error   { return o.gvcf.WriteCall(c, o.style) }
func (o *gvcfSink) Block(b *variant.Block) error { return o.gvcf.WriteBlock(b, o.style) }

// String says what was done in one line.
func (s *CallSummary) String() string {
	return fmt.Sprintf("%d records, %d of them PASS, in %.3f Mb", s.Records, s.Passed, float64(s.Bases)/1e6)
}
