package stage

import (
	"context"
	"fmt"
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
	plan.Image = plan.pictures()
	w = &exampleWork{plan: plan, callWork: &callWork{}, training: &training{}}
	if w.in, err = openCall(ctx, env, plan.Ref, plan.Reads, &plan.Options); err != nil {
		return nil, err
	}
	if err = w.gather(ctx, env); err == nil {
		if w.training, err = openTraining(env, w.in, plan, w.main().sample); err == nil {
			err = w.begin(ctx, env, w.in)
		} else {
			w.training = &training{}
		}
	}
	if err != nil {
		w.close()
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
	work, err := newCallWork(ctx, env, in, &plan.Options)
	if err != nil {
		return err
	}
	w.callWork = work
	plan.edit(&w.pileup)
	if err := w.settle(); err != nil {
		return err
	}
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
	for _, role := range p.written() {
		for _, name := range p.outputsOf(role) {
			if name == "" {
				continue
			}
			if n, err := tfrecord.ParseName(name); err == nil {
				for i := range min(n.Len(), maxFiles) {
					outs = append(outs, n.Path(i))
				}
			}
		}
	}
	return append(outs, p.Training.Labels)
}

func (w *exampleWork) close() {
	w.in.close()
	w.closeFamily()
	w.training.close()
	w.population.close()
}

// exampleWork is the work of making examples, and its outputs.
type exampleWork struct {
	*callWork
	plan     *ExamplesPlan
	training *training
	population
	family  []*sampleWork // all samples, by their places in pictures
	writes  []*sampleWork // those of which something is written
	labels  *vcf.Writer
	cell    int // the cell that is being written
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
	for _, parent := range p.Trio.Parents {
		list = append(append(list, parent.Proposed), parent.Reads...)
	}
	return append(append(list, p.Population...), bedNames(p.Options.Regions, p.Options.Exclude)...)
}

func (w *exampleWork) open() error {
	shards := -1
	for _, r := range w.writes {
		if err := r.open(w, &shards); err != nil {
			return err
		}
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
	kin        []exampleCell // of the further samples of which something is written
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
		for _, r := range w.writes {
			if err == nil && r.joiner != nil {
				err = r.joiner.Cut()
			}
		}
		return err
	}
	for _, r := range w.writes {
		for _, out := range r.outputs {
			if out != nil {
				inner := body
				body = func() error { return out.put(ctx, env, 0, inner) }
			}
		}
	}
	if w.plan.Training.Labels != "" {
		inner := body
		body = func() error { return w.putLabels(ctx, env, inner) }
	}
	if err := body(); err != nil {
		return err
	}
	for _, r := range w.writes {
		if err := r.writeInfo(ctx, env, w); err != nil {
			return err
		}
	}
	return nil
}

// shards is the number of files of each output.
func (w *exampleWork) shards() int {
	for _, out := range w.main().outputs {
		if out != nil {
			return out.name.Len()
		}
	}
	return 1
}

// emit writes what a cell gave to the files whose turn it is.
func (w *exampleWork) emit(c *exampleCell) error {
	w.summary.Spent.add(&c.spent)
	if w.labels != nil {
		if err := w.writeLabels(c.truth); err != nil {
			return err
		}
	}
	if err := w.main().emit(w, c); err != nil {
		return err
	}
	for k, r := range w.writes[1:] {
		of := &exampleCell{}
		if k < len(c.kin) {
			of = &c.kin[k]
		}
		if err := r.emit(w, of); err != nil {
			return err
		}
	}
	w.cell++
	return nil
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
