package stage

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/gx-genomics/gx/io/bam"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/gvcf"
)

// sampleWork is a sample of the work: the only one, or one of a family.
type sampleWork struct {
	role    int      // its place in pictures
	member  int      // its place among those with reads
	reads   *bam.Set // of a parent; the child's are those of the work
	sample  string
	options pileup.Options
	order   []int // the samples of pictures about it, from top to bottom

	proposed *vcf.Indexed // the candidates, where they are given

	// What is written of it, by kind; nil for what is not wanted.
	outputs []*sharded
	joiner  *gvcf.Joiner
	infos   []runInfo // per file of examples, where they are wanted
}

// main is the sample whose outputs come first.
func (w *exampleWork) main() *sampleWork { return w.writes[0] }

// wants says whether outputs of a kind are written.
func (w *exampleWork) wants(kind int) bool { return w.main().outputs[kind] != nil }

// alone makes the work that of one sample.
func (w *exampleWork) alone() {
	only := &sampleWork{sample: w.in.sample, order: []int{0}, outputs: make([]*sharded, outputKinds)}
	w.family, w.writes = []*sampleWork{only}, []*sampleWork{only}
}

// gather opens what belongs to parents.
func (w *exampleWork) gather(ctx context.Context, env *Env) (err error) {
	plan := w.plan
	if w.alone(); !plan.Trio.Wanted() {
		return w.propose(plan.Proposed, w.main())
	}
	w.family, w.writes = nil, nil
	members := 0
	for role := range roleNames {
		r := &sampleWork{role: role, member: -1, order: orderOf(role), sample: w.in.sample}
		w.family = append(w.family, r)
		if len(plan.reads(role)) == 0 {
			continue
		}
		r.member = members
		members++
		if parent := plan.Trio.parent(role); parent != nil {
			if err := w.openParent(ctx, env, r, parent); err != nil {
				return err
			}
		}
		if err := w.propose(plan.proposed(role), r); err != nil {
			return err
		}
	}
	for _, role := range plan.written() {
		w.writes = append(w.writes, w.family[role])
	}
	return nil
}

// propose opens the candidates of a sample, where they are given.
func (w *exampleWork) propose(path string, r *sampleWork) (err error) {
	if path != "" {
		r.proposed, err = vcf.OpenIndexed(path)
	}
	return err
}

// openParent opens the reads of a parent and makes the checks that are made of
// the child's.
func (w *exampleWork) openParent(ctx context.Context, env *Env, r *sampleWork, p *ParentPlan) (err error) {
	compat := w.plan.Options.Compat != ""
	if r.reads, err = openReads(ctx, env, p.Reads, bam.Options{Merge: !compat}); err != nil {
		return err
	}
	if err := r.reads.CheckIndex(); err != nil {
		return err
	}
	if r.sample, err = readsSample(env, r.reads.Header().Samples, p.Reads, p.Sample, "sample-name-"+roleNames[r.role], compat); err != nil {
		return err
	}
	if r.sample == w.in.sample {
		return fmt.Errorf("%s: the reads of %s are of sample %s, as the child's are; want another, or a name for it by --sample-name-%s",
			p.Reads[0], roleNames[r.role], r.sample, roleNames[r.role])
	}
	last := ""
	for _, region := range w.in.regions {
		if region.Contig == last {
			continue
		}
		last = region.Contig
		want, _ := w.in.contigs.Find(last)
		if got, ok := r.reads.Header().Contigs.Find(last); !ok || got.Length != want.Length {
			return fmt.Errorf("%s: its header has contig %s of %d bases, the child's reads and the reference of %d; want reads of one reference", p.Reads[0], last, got.Length, want.Length)
		}
	}
	return nil
}

// settle gives each sample its options of pileups.
func (w *exampleWork) settle() error {
	for _, r := range w.family {
		r.options = w.pileup
		if !w.plan.Trio.Wanted() {
			continue
		}
		if r.options.Downsample = w.plan.Trio.DownsampleParents; r.role == child {
			r.options.Downsample = w.plan.Trio.DownsampleChild
		}
		if n := len(w.plan.reads(r.role)); w.o.Compat != "" && r.options.Downsample > 0 && n > 1 {
			return fmt.Errorf("downsampling under --compat: want one file of reads of %s, for DeepVariant draws for each file by itself", roleNames[r.role])
		}
	}
	return nil
}

// inOrder says whether one goroutine must do all.
func (w *exampleWork) inOrder() bool {
	for _, r := range w.family {
		if r.options.InOrder() {
			return true
		}
	}
	return false
}

// workers is how many goroutines may work at once where n are wanted.
func (w *exampleWork) workers(n int) int {
	if w.inOrder() {
		return 1
	}
	return n
}

// group makes the processors of all samples; child is that of the child.
func (w *exampleWork) group(only *pileup.Processor) *pileup.Group {
	if len(w.family) == 1 {
		return pileup.NewGroup(false, only)
	}
	var members []*pileup.Processor
	for _, r := range w.family {
		if r.member < 0 {
			continue
		}
		reads := r.reads
		if r.role == child {
			reads = w.in.reads
		}
		members = append(members, pileup.NewProcessor(reads, w.in.ref, w.in.contigs, r.options))
	}
	return pileup.NewGroup(w.plan.Trio.Joint, members...)
}

func (w *exampleWork) closeFamily() {
	for _, r := range w.family {
		if r.reads != nil {
			r.reads.Close() // it was only read
		}
		if r.proposed != nil {
			r.proposed.Close()
		}
	}
}

// open makes ready the outputs of a sample.
func (r *sampleWork) open(w *exampleWork, shards *int) error {
	r.outputs = make([]*sharded, outputKinds)
	for k, name := range w.plan.outputsOf(r.role) {
		if name == "" {
			continue
		}
		n, err := tfrecord.ParseName(name)
		if err != nil {
			return err
		}
		if *shards >= 0 && n.Len() != *shards {
			return fmt.Errorf("%s: %d files, the other outputs have %d; all must have the same number", name, n.Len(), *shards)
		}
		if *shards = n.Len(); *shards > maxFiles {
			return fmt.Errorf("%s: %d files, want at most %d, for all are open at once", name, *shards, maxFiles)
		}
		r.outputs[k] = &sharded{name: n, plain: k == toSweep || k == toRuntimes}
	}
	if *shards < 0 {
		return errors.New("no output is wanted")
	}
	if out := r.outputs[toRuntimes]; out != nil {
		out.first = runtimesHeader
	}
	if w.plan.RunInfo {
		r.infos = make([]runInfo, r.outputs[toExamples].name.Len())
	}
	if w.blocks != nil {
		r.joiner = w.blocks.NewJoiner(func(b *variant.Block) error {
			w.summary.Blocks++
			return r.outputs[toBlocks].write(w.cell, blockVariant(b, r.sample, w.o.MedDP).Append(nil))
		})
	}
	return nil
}

// emit writes what a cell gave of a sample to the files whose turn it is.
func (r *sampleWork) emit(w *exampleWork, c *exampleCell) error {
	w.summary.Candidates += c.sites
	w.summary.Examples += len(c.examples)
	for _, label := range c.labels {
		for label >= len(w.summary.Labels) {
			w.summary.Labels = append(w.summary.Labels, 0)
		}
		w.summary.Labels[label]++
	}
	if r.infos != nil {
		r.infos[w.cell%len(r.infos)].add(&c.info)
	}
	for _, x := range []struct {
		to      int
		records [][]byte
	}{{toExamples, c.examples}, {toCandidates, c.candidates}} {
		if out := r.outputs[x.to]; out != nil {
			for _, b := range x.records {
				if err := out.write(w.cell, b); err != nil {
					return err
				}
			}
		}
	}
	for _, x := range []struct {
		to    int
		bytes []byte
	}{{toSweep, c.sweep}, {toRuntimes, c.runtimes}} {
		if out := r.outputs[x.to]; out != nil {
			if err := out.write(w.cell, x.bytes); err != nil {
				return err
			}
		}
	}
	if r.joiner == nil {
		return nil
	}
	if err := r.joiner.Add(c.runs); err != nil || w.pileup.Compat == pileup.Default {
		return err
	}
	return r.joiner.Cut()
}

// writeInfo writes the shape of the examples beside each file, and what it holds
// where that is wanted.
func (r *sampleWork) writeInfo(ctx context.Context, env *Env, w *exampleWork) error {
	if r.outputs[toExamples] == nil {
		return nil
	}
	info := example.ShapeInfo{Version: "gx " + Version, Shape: w.plan.Image.Shape()}
	for _, c := range w.plan.Image.Drawn() {
		info.Channels = append(info.Channels, int(c))
	}
	name := r.outputs[toExamples].name
	for i := range name.Len() {
		err := env.Store.Put(ctx, name.Path(i)+example.InfoSuffix, func(f io.Writer) error {
			_, err := f.Write(info.Append(nil))
			return err
		})
		if err == nil && r.infos != nil {
			err = w.writeRunInfo(ctx, env, name.Path(i)+runInfoSuffix, &r.infos[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}
