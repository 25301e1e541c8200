package stage

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/gx-genomics/gx/internal/parallel"
	"github.com/gx-genomics/gx/io/fasta"
	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/genotype"
	"github.com/gx-genomics/gx/variant/gvcf"
)

// GenotypePlan is a run of `gx genotype`. Names of inputs may have @N.
type GenotypePlan struct {
	Ref     string
	Calls   []string // CallVariantsOutputs
	Small   []string // those of a small first model; FORMAT/MID is declared where there are any
	Blocks  []string // reference blocks, for the gVCF
	Out     string   // VCF, bgzip where it ends in .gz
	GVCF    string   // empty for none
	Options GenotypeOptions
}

// GenotypeSummary counts what was written.
type GenotypeSummary struct{ Outputs, Records, Passed, Blocks int }

// String says what was done in one line.
func (s *GenotypeSummary) String() string {
	return fmt.Sprintf("%d records, %d of them PASS, of %d classified examples", s.Records, s.Passed, s.Outputs)
}

// Genotype makes records of classified examples. The examples may come in any
// order; memory is bounded by sorting in pieces.
func Genotype(ctx context.Context, env *Env, plan GenotypePlan) (*GenotypeSummary, error) {
	return genotypeWithin(ctx, env, plan, sortMemory)
}

func genotypeWithin(ctx context.Context, env *Env, plan GenotypePlan, memory int) (*GenotypeSummary, error) {
	if err := plan.validate(); err != nil {
		return nil, err
	}
	w := &genotypeWork{plan: &plan, sorter: newSorter(plan.Out, memory)}
	defer w.sorter.close()
	if err := w.open(ctx, env); err != nil {
		return nil, err
	}
	defer w.ref.Close()
	if w.blocks != nil {
		defer w.blocks.close()
	}
	if err := w.files.sort(ctx, env.Store, w.sorter); err != nil {
		return nil, err
	}
	w.summary.Outputs = w.files.records
	if err := w.name(env); err != nil {
		return nil, err
	}
	if err := w.write(ctx, env); err != nil {
		return nil, err
	}
	return &w.summary, nil
}

func (p *GenotypePlan) validate() error {
	errs := []error{p.Options.Validate()}
	if len(p.Calls)+len(p.Small) == 0 {
		errs = append(errs, errors.New("no classified examples are given"))
	}
	if (p.GVCF == "") != (len(p.Blocks) == 0) {
		errs = append(errs, errors.New("a gVCF and reference blocks: want both or none"))
	}
	return errors.Join(errs...)
}

// genotypeWork is a run with its inputs open.
type genotypeWork struct {
	plan    *GenotypePlan
	ref     *fasta.File
	options genotype.Options
	files   outputFiles
	sorter  *sorter
	blocks  *blockFiles // nil without a gVCF
	sample  string
	style   vcf.CallStyle
	calls   *vcf.Writer
	gvcf    *vcf.Writer
	stream  *genotype.Stream
	merger  *gvcf.Merger
	mito    mitoNote
	summary GenotypeSummary
}

// open opens the inputs, the cheap checks first.
func (w *genotypeWork) open(ctx context.Context, env *Env) error {
	calls, err := shardPaths(ctx, env.Store, append(append([]string(nil), w.plan.Calls...), w.plan.Small...))
	if err != nil {
		return err
	}
	blocks, err := shardPaths(ctx, env.Store, w.plan.Blocks)
	if err != nil {
		return err
	}
	inputs := append(append([]string{w.plan.Ref, w.plan.Options.PARBed}, calls...), blocks...)
	if err := checkOutputs(env, inputs, []string{w.plan.Out, w.plan.GVCF}); err != nil {
		return err
	}
	if w.ref, err = openReference(ctx, env, w.plan.Ref); err != nil {
		return err
	}
	if err := w.prepare(ctx, env, calls, blocks); err != nil {
		w.ref.Close()
		return err
	}
	return nil
}

func (w *genotypeWork) prepare(ctx context.Context, env *Env, calls, blocks []string) (err error) {
	w.files = outputFiles{paths: calls, contigs: w.ref.Contigs()}
	if w.options, err = w.plan.Options.genotype(); err != nil {
		return err
	}
	names := append(append([]string{w.plan.Ref}, calls...), blocks...)
	said := w.plan.Options
	if w.options.Haploid, w.options.PAR, err = said.Ploidy.on(env, w.ref.Contigs(), true); err != nil {
		return err
	}
	if par := said.PARBed; par != "" {
		names = append(names, par)
		said.PARBed = filepath.Base(par)
	}
	var digests []Input
	for _, name := range names {
		d, err := digest(ctx, env.Store, name)
		if err != nil {
			return err
		}
		digests = append(digests, d)
	}
	command, err := canonical("genotype", digests, said, DefaultGenotypeOptions())
	if err != nil {
		return err
	}
	w.style = vcf.CallStyle{Version: said.Compat, Model: said.Compat == "" || len(w.plan.Small) > 0, Any: said.any(), Candidates: w.options.Candidates == genotype.Tell,
		Source: []string{"##source=gx " + Version, "##gxCommand=" + command}}
	if said.Compat == "deepvariant" {
		w.style.Version = "1.9"
	}
	if w.plan.GVCF != "" {
		w.blocks, err = openBlocks(ctx, env.Store, blocks, w.ref.Contigs())
	}
	return err
}

// name finds the sample's name: that of the calls, else of the blocks; an
// option goes before, but under compat only where the inputs have none.
func (w *genotypeWork) name(env *Env) error {
	given := w.plan.Options.Sample
	found := w.files.sample
	if w.blocks != nil && w.blocks.sample != "" {
		if found != "" && found != w.blocks.sample {
			return fmt.Errorf("%s is of sample %q, but %s of %q: files of two runs are mixed", w.files.from, found, w.blocks.from, w.blocks.sample)
		}
		found = w.blocks.sample
	}
	switch {
	case given != "" && found != "" && given != found && w.plan.Options.Compat != "":
		env.note("the inputs are of sample %s, which --compat keeps", found)
		w.sample = found
	case given != "":
		w.sample = given
	case found != "":
		w.sample = found
	default:
		w.sample = "default"
	}
	return nil
}

// write writes all outputs, the indexes of packed ones last.
func (w *genotypeWork) write(ctx context.Context, env *Env) error {
	var indexed []string
	var writers []*vcf.Writer
	put := func(name string, to **vcf.Writer, body func() error) error {
		style := w.style
		style.Blocks = to == &w.gvcf && w.plan.Options.Compat == ""
		h, err := vcf.NewCallHeader(style, w.ref.Contigs(), w.sample)
		if err != nil {
			return err
		}
		v, err := putRecords(ctx, env, name, h, func(v *vcf.Writer) error {
			*to = v
			return body()
		})
		if err == nil && vcf.Packed(name) {
			indexed, writers = append(indexed, name), append(writers, v)
		}
		return err
	}
	body := func() error { return w.body(ctx, env) }
	if w.plan.GVCF != "" {
		inner := body
		body = func() error { return put(w.plan.GVCF, &w.gvcf, inner) }
	}
	if err := put(w.plan.Out, &w.calls, body); err != nil {
		return err
	}
	for i, name := range indexed {
		if err := putIndex(ctx, env.Store, name, writers[i]); err != nil {
			return err
		}
	}
	return nil
}

func (w *genotypeWork) body(ctx context.Context, env *Env) (err error) {
	if w.stream, err = genotype.NewStream(w.options, w.ref.Contigs(), func(c *variant.Call) error { return w.call(ctx, env, c) }); err != nil {
		return err
	}
	if w.blocks != nil {
		w.merger = gvcf.NewMerger(w.ref.Contigs(), w.ref, w.style.Any, (*genotypeSink)(w))
	}
	newWorker := func() func(context.Context, *siteBatch) ([]variant.Call, error) {
		return (&siteWorker{files: &w.files, caller: genotype.NewCaller(w.options)}).batch
	}
	err = parallel.Ordered(ctx, batches(w.sorter.all(), w.plan.Options.Alone), env.Threads, newWorker, func(calls []variant.Call) error {
		for i := range calls {
			if err := w.stream.PushCall(&calls[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := w.stream.Flush(); err != nil {
		return err
	}
	if w.merger == nil {
		return nil
	}
	if err := w.blocksUntil(ctx, sortKey{contig: int32(w.ref.Contigs().Len())}); err != nil {
		return err
	}
	return w.merger.Close()
}

// call takes a settled record.
func (w *genotypeWork) call(ctx context.Context, env *Env, c *variant.Call) error {
	w.mito.call(env, c.Contig, w.options.Haploid)
	if genotype.Passed(c) || !w.plan.Options.OnlyPass {
		w.summary.Records++
		if genotype.Passed(c) {
			w.summary.Passed++
		}
		if err := w.calls.WriteCall(c, w.style); err != nil {
			return err
		}
	}
	if w.merger == nil {
		return nil
	}
	at := sortKey{contig: int32(w.ref.Contigs().Index(c.Contig)), start: int32(c.Start) + 1}
	if err := w.blocksUntil(ctx, at); err != nil {
		return err
	}
	return w.merger.AddCall(c)
}

// blocksUntil hands on the blocks that start before a place. No later call
// starts before any of them.
func (w *genotypeWork) blocksUntil(ctx context.Context, end sortKey) error {
	for b := w.blocks.head(); b != nil && b.key.compare(end) < 0; b = w.blocks.head() {
		if err := ctx.Err(); err != nil {
			return err
		}
		w.summary.Blocks++
		if err := w.merger.Reached(b.block.Contig, b.block.Start); err != nil {
			return err
		}
		if err := w.merger.AddBlock(&b.block); err != nil {
			return err
		}
		if err := w.blocks.pop(); err != nil {
			return err
		}
	}
	return nil
}

type genotypeSink genotypeWork

func (w *genotypeSink) Call(c *variant.Call) error   { return w.gvcf.WriteCall(c, w.style) }
func (w *genotypeSink) Block(b *variant.Block) error { return w.gvcf.WriteBlock(b, w.style) }
