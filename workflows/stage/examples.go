package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/gx-genomics/gx/internal/parallel"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/gvcf"
	"github.com/gx-genomics/gx/variant/locus"
)

// ExamplesSummary counts what was written.
type ExamplesSummary struct {
	Examples, Candidates, Blocks int
	Labels                       []int // examples of label 0, 1, ...
	Spent                        Spent
}

// String says what was done in one line.
func (s *ExamplesSummary) String() string {
	text := fmt.Sprintf("%d examples of %d candidates", s.Examples, s.Candidates)
	for label, n := range s.Labels {
		text += fmt.Sprintf(", %d of label %d", n, label)
	}
	if s.Labels != nil {
		return text
	}
	return fmt.Sprintf("%s, %d reference blocks", text, s.Blocks)
}

// Examples makes tf.Examples of the candidates, as DeepVariant's networks take
// them.
func Examples(ctx context.Context, env *Env, plan ExamplesPlan) (*ExamplesSummary, error) {
	w, err := openExamples(ctx, env, &plan)
	if err != nil {
		return nil, err
	}
	defer w.close()
	env.begin(locus.NewSet(w.in.regions...).Bases())
	err = w.write(ctx, env, func(emit func(*exampleCell) error) error {
		return w.make(ctx, env, w.cells(), 0, emit)
	})
	if err != nil {
		return nil, err
	}
	return &w.summary, nil
}

// openExamples opens the inputs of a plan and makes all checks that come before
// the work.
func openExamples(ctx context.Context, env *Env, plan *ExamplesPlan) (w *exampleWork, err error) {
	plan.Options.GVCF = plan.Blocks != ""
	plan.Options.Model = ModelCounts // nothing is decided here
	if err := plan.Validate(); err != nil {
		return nil, err
	}
	if err := checkOutputs(env, plan.inputs(), plan.files()); err != nil {
		return nil, err
	}
	in, err := openCall(ctx, env, plan.Ref, plan.Reads, &plan.Options)
	if err != nil {
		return nil, err
	}
	training, err := openTraining(env, in, plan)
	if err != nil {
		in.close()
		return nil, err
	}
	w = &exampleWork{plan: plan, training: training}
	if err := w.begin(ctx, env, in); err != nil {
		in.close()
		training.close()
		w.population.close()
		return nil, err
	}
	return w, nil
}

// begin makes ready the work on open inputs.
func (w *exampleWork) begin(ctx context.Context, env *Env, in *callInputs) (err error) {
	plan := w.plan
	if w.population, err = openPopulation(plan.Population); err != nil {
		return err
	}
	if w.callWork, err = newCallWork(ctx, env, in, &plan.Options); err != nil {
		return err
	}
	plan.edit(&w.pileup)
	if w.given, err = w.partitions(ctx, env.Store); err != nil {
		return err
	}
	if w.pileup.Count.MinMapQ < plan.Image.MinMapQ {
		return fmt.Errorf("images want reads of mapping quality %d, the reads are taken from %d on", plan.Image.MinMapQ, w.pileup.Count.MinMapQ)
	}
	return w.open()
}

// files are the names of all outputs, but those of shapes.
func (p *ExamplesPlan) files() (outs []string) {
	for _, name := range p.outputs() {
		if name == "" {
			continue
		}
		if n, err := tfrecord.ParseName(name); err == nil {
			for i := range min(n.Len(), maxFiles) {
				outs = append(outs, n.Path(i))
			}
		}
	}
	return append(outs, p.Training.Labels)
}

func (w *exampleWork) close() {
	w.in.close()
	w.training.close()
	w.population.close()
}

// exampleWork is the work of making examples, and its outputs.
type exampleWork struct {
	*callWork
	plan     *ExamplesPlan
	training *training
	population
	outputs []*sharded // by kind; nil for those not wanted
	labels  *vcf.Writer
	joiner  *gvcf.Joiner
	cell    int       // the cell that is being written
	infos   []runInfo // per file of examples, where they are wanted
	summary ExamplesSummary
}

// The kinds of outputs that are sets of files.
const (
	toExamples = iota
	toCandidates
	toBlocks
	toSweep
	toRuntimes
	outputKinds
)

// outputs are the names of the outputs by kind.
func (p *ExamplesPlan) outputs() []string {
	return []string{toExamples: p.Out, toCandidates: p.Candidates, toBlocks: p.Blocks, toSweep: p.Sweep, toRuntimes: p.Runtimes}
}

// inputs are the files that are read.
func (p *ExamplesPlan) inputs() []string {
	list := append([]string{p.Ref, p.Training.Truth, p.Training.Confident, p.Training.Denovo, p.Proposed}, p.Reads...)
	return append(append(list, p.Population...), bedNames(p.Options.Regions, p.Options.Exclude)...)
}

func (w *exampleWork) open() error {
	w.outputs = make([]*sharded, outputKinds)
	shards := -1
	for k, name := range w.plan.outputs() {
		if name == "" {
			continue
		}
		n, err := tfrecord.ParseName(name)
		if err != nil {
			return err
		}
		if shards >= 0 && n.Len() != shards {
			return fmt.Errorf("%s: %d files, the other outputs have %d; all must have the same number", name, n.Len(), shards)
		}
		if shards = n.Len(); shards > maxFiles {
			return fmt.Errorf("%s: %d files, want at most %d, for all are open at once", name, shards, maxFiles)
		}
		w.outputs[k] = &sharded{name: n, plain: k == toSweep || k == toRuntimes}
	}
	if out := w.outputs[toRuntimes]; out != nil {
		out.first = runtimesHeader
	}
	if w.plan.RunInfo {
		w.infos = make([]runInfo, w.outputs[toExamples].name.Len())
	}
	if shards < 0 {
		return errors.New("no output is wanted")
	}
	if w.blocks != nil {
		w.joiner = w.blocks.NewJoiner(w.block)
	}
	return nil
}

// exampleSpan is cells that are made together, and the number of the first one
// among all.
type exampleSpan struct {
	cells []pileup.GridCell
	first int
}

// maxFiles is the most files of an output.
const maxFiles = 500

// exampleCell is what a cell gives, encoded.
type exampleCell struct {
	bases      int
	sites      int // candidates
	examples   [][]byte
	labels     []int // of the examples, where they are labelled
	truth      []labelledSite
	info       runInfo
	candidates [][]byte
	runs       []gvcf.Run
	sweep      []byte
	runtimes   []byte
	spent      Spent
}

// drawnLen is the most cells of a span whose candidates are drawn: fewer than
// where they are called, for pictures wait in memory until they are written.
func (w *exampleWork) drawnLen(n int) int { return min(w.spanLen(n), max(50_000/w.pileup.CellSize, 4)) }

// make makes the examples of cells, of which the first has that number among
// all.
func (w *exampleWork) make(ctx context.Context, env *Env, cells iter.Seq[pileup.GridCell], first int, emit func(*exampleCell) error) error {
	spans := func(yield func(exampleSpan, error) bool) {
		for s := range pileup.Spans(cells, w.drawnLen(env.Threads)) {
			if !yield(exampleSpan{s, first}, nil) {
				return
			}
			first += len(s)
		}
	}
	newWorker := func() func(context.Context, exampleSpan) ([]exampleCell, error) { return newDrawer(w).span }
	return parallel.Ordered(ctx, spans, w.workers(env.Threads), newWorker, func(cells []exampleCell) error {
		for i := range cells {
			env.done(cells[i].bases)
			if err := emit(&cells[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// write writes all outputs of the cells that feed gives in order.
func (w *exampleWork) write(ctx context.Context, env *Env, feed func(func(*exampleCell) error) error) error {
	body := func() error {
		err := feed(w.emit)
		if err == nil && w.joiner != nil {
			err = w.joiner.Cut()
		}
		return err
	}
	for _, out := range w.outputs {
		if out != nil {
			inner := body
			body = func() error { return out.put(ctx, env, 0, inner) }
		}
	}
	if w.plan.Training.Labels != "" {
		inner := body
		body = func() error { return w.putLabels(ctx, env, inner) }
	}
	if err := body(); err != nil {
		return err
	}
	if w.outputs[toExamples] == nil {
		return nil
	}
	return w.writeInfo(ctx, env)
}

// shards is the number of files of each output.
func (w *exampleWork) shards() int {
	for _, out := range w.outputs {
		if out != nil {
			return out.name.Len()
		}
	}
	return 1
}

// emit writes what a cell gave to the files whose turn it is.
func (w *exampleWork) emit(c *exampleCell) error {
	w.summary.Candidates += c.sites
	w.summary.Examples += len(c.examples)
	for _, label := range c.labels {
		for label >= len(w.summary.Labels) {
			w.summary.Labels = append(w.summary.Labels, 0)
		}
		w.summary.Labels[label]++
	}
	w.summary.Spent.add(&c.spent)
	if w.infos != nil {
		w.infos[w.cell%len(w.infos)].add(&c.info)
	}
	if w.labels != nil {
		if err := w.writeLabels(c.truth); err != nil {
			return err
		}
	}
	for _, x := range []struct {
		to      int
		records [][]byte
	}{{toExamples, c.examples}, {toCandidates, c.candidates}} {
		if out := w.outputs[x.to]; out != nil {
			for _, r := range x.records {
				if err := out.write(w.cell, r); err != nil {
					return err
				}
			}
		}
	}
	for _, x := range []struct {
		to    int
		bytes []byte
	}{{toSweep, c.sweep}, {toRuntimes, c.runtimes}} {
		if out := w.outputs[x.to]; out != nil {
			if err := out.write(w.cell, x.bytes); err != nil {
				return err
			}
		}
	}
	if w.joiner != nil {
		if err := w.joiner.Add(c.runs); err != nil {
			return err
		}
		if w.pileup.Compat != pileup.Default {
			if err := w.joiner.Cut(); err != nil {
				return err
			}
		}
	}
	w.cell++
	return nil
}

// block writes a reference block.
func (w *exampleWork) block(b *variant.Block) error {
	w.summary.Blocks++
	return w.outputs[toBlocks].write(w.cell, blockVariant(b, w.in.sample, w.o.MedDP).Append(nil))
}

// blockVariant is a block as a Variant message.
func blockVariant(b *variant.Block, sample string, median bool) *example.Variant {
	v := &example.Variant{Contig: b.Contig, Start: b.Start, End: b.End, Ref: string(b.Ref), Alts: []string{variant.AnyAllele}}
	call := example.VariantCall{Sample: sample, Genotype: []int{b.GT.A, b.GT.B}, Likelihoods: b.GL[:]}
	call.Info.Set("GQ", example.IntValue(b.GQ))
	if median {
		call.Info.Set("MED_DP", example.IntValue(b.MedDP))
	}
	call.Info.Set("MIN_DP", example.IntValue(b.MinDP))
	v.Calls = []example.VariantCall{call}
	return v
}

// writeInfo writes the shape of the examples beside each file, and what it holds
// where that is wanted.
func (w *exampleWork) writeInfo(ctx context.Context, env *Env) error {
	info := example.ShapeInfo{Version: "gx " + Version, Shape: w.plan.Image.Shape()}
	for _, c := range w.plan.Image.Drawn() {
		info.Channels = append(info.Channels, int(c))
	}
	name := w.outputs[toExamples].name
	for i := range name.Len() {
		err := env.Store.Put(ctx, name.Path(i)+example.InfoSuffix, func(f io.Writer) error {
			_, err := f.Write(info.Append(nil))
			return err
		})
		if err == nil && w.infos != nil {
			err = w.writeRunInfo(ctx, env, name.Path(i)+runInfoSuffix, &w.infos[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}
