package stage

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/gx-genomics/gx/internal/parallel"
	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/pileup/noise"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/classify"
	"github.com/gx-genomics/gx/variant/genotype"
	"github.com/gx-genomics/gx/variant/gvcf"
	"github.com/gx-genomics/gx/variant/locus"
)

// found is what calling found in a span of cells: the records of its sites, not
// yet settled among each other, and the runs of reference bases of each cell,
// not yet joined.
type found struct {
	Contig string
	End    int // of the last cell
	Bases  int // of the genome that were looked at
	Calls  []variant.Call
	Runs   [][]gvcf.Run
}

// callWork is the work of calling on open inputs, without what comes before
// and after it.
type callWork struct {
	in         *callInputs
	o          *CallOptions
	pileup     pileup.Options
	genotype   genotype.Options
	blocks     *gvcf.Maker // nil where no gVCF is wanted
	classifier classify.Classifier
	image      *image.Options    // of the pictures that the classifier looks at; nil where it looks at none
	noise      *noise.Noise      // of the library; nil where no network asks for it
	given      []pileup.GridCell // the cells, where they are given
	cellCount  int               // see total
}

func newCallWork(ctx context.Context, env *Env, in *callInputs, o *CallOptions) (*callWork, error) {
	w := &callWork{in: in, o: o}
	var err error
	if w.pileup, err = o.pileup(); err != nil {
		return nil, err
	}
	if w.genotype, err = o.genotype(); err != nil {
		return nil, err
	}
	if o.Compat != "" && o.Downsample > 0 && len(in.reads.Files()) > 1 {
		return nil, fmt.Errorf("downsample-fraction %v under --compat: want one file of reads, for DeepVariant draws for each file by itself", o.Downsample)
	}
	w.genotype.Haploid, w.genotype.PAR = in.haploid, in.par
	if o.GVCF {
		b := o.blocks()
		b.Haploid, b.PAR = in.haploid, in.par
		if w.blocks, err = gvcf.NewMaker(b); err != nil {
			return nil, err
		}
	}
	err = w.openModel(ctx, env)
	return w, err
}

// cells is the cells of the regions.
func (w *callWork) cells() iter.Seq[pileup.GridCell] {
	if w.given != nil {
		return slices.Values(w.given)
	}
	if w.pileup.Compat != pileup.Default {
		return pileup.Partitions(w.in.regions, w.pileup.CellSize)
	}
	return pileup.Cells(w.in.contigs, w.in.regions, w.pileup.CellSize)
}

// cut gives the numbers of the cells of shard i of n, from the first to before
// the last: all cells in n runs of equal work, by the estimate of weighed. A
// shard may be empty.
func (w *callWork) cut(i, n int) (from, to int) {
	var total, before int64
	for _, weight := range w.weighed() {
		total += weight
	}
	border := func(k int) int64 { // total k / n, without overflow
		return total/int64(n)*int64(k) + total%int64(n)*int64(k)/int64(n)
	}
	for _, weight := range w.weighed() {
		middle := before + weight/2
		before += weight
		if middle < border(i) {
			from++
		}
		if middle < border(i+1) || i == n-1 {
			to++
		}
	}
	return from, to
}

// shard is the cells of shard i of n.
func (w *callWork) shard(i, n int) iter.Seq[pileup.GridCell] {
	from, to := w.cut(i, n)
	return func(yield func(pileup.GridCell) bool) {
		k := 0
		for c := range w.cells() {
			if k >= to || k >= from && !yield(c) {
				return
			}
			k++
		}
	}
}

// Work of a cell, in bytes of compressed reads: those that an index says lie
// there, and what a cell costs without any.
const (
	weightWindow = 1 << 14 // bases; a BAI knows no finer places
	weightOfBase = 1       // per base of the cell
)

// weighed is the cells with the estimate of their work.
func (w *callWork) weighed() iter.Seq2[pileup.GridCell, int64] {
	return func(yield func(pileup.GridCell, int64) bool) {
		window := locus.Region{}
		var bytes int64 // of the window
		for c := range w.cells() {
			if at := c.Start / weightWindow * weightWindow; c.Contig != window.Contig || at != window.Start || window.End == 0 {
				window = locus.Region{Contig: c.Contig, Start: at, End: at + weightWindow}
				bytes = w.in.reads.Bytes(window)
			}
			size := int64(c.Len())
			if !yield(c, bytes*size/weightWindow+weightOfBase*size) {
				return
			}
		}
	}
}

// run calls the cells in n goroutines and emits what was found in order.
func (w *callWork) run(ctx context.Context, cells iter.Seq[pileup.GridCell], n int, emit func(*found) error) error {
	spans := func(yield func([]pileup.GridCell, error) bool) {
		for s := range pileup.Spans(cells, w.spanLen(n)) {
			if !yield(s, nil) {
				return
			}
		}
	}
	newWorker := func() func(context.Context, []pileup.GridCell) (*found, error) {
		return newCaller(w).span
	}
	return parallel.Ordered(ctx, spans, w.workers(n), newWorker, emit)
}

// errInOrder is the fault of shards where all cells must be worked on in order.
var errInOrder = errors.New("downsample-fraction and training-random-emit-ref-sites under --compat: want one shard, for DeepVariant draws read after read, site after site")

// workers is how many goroutines may work at once where n are wanted.
func (w *callWork) workers(n int) int {
	if w.pileup.InOrder() {
		return 1
	}
	return n
}

// spanLen is the most cells of a span: fewer where there would be too few spans
// for all goroutines.
func (w *callWork) spanLen(n int) int {
	most := max(pileup.SpanBases/w.pileup.CellSize, 1)
	return min(max(w.total()/(4*max(n, 1)), min(10, most)), most)
}

// total is the number of cells.
func (w *callWork) total() int {
	if w.cellCount == 0 {
		for range w.cells() {
			w.cellCount++
		}
	}
	return w.cellCount
}

// reference makes the runs of reference blocks of a pileup.
func (c *caller) reference(p *pileup.Pileup, out *found) error {
	var runs []gvcf.Run
	for _, r := range p.Emit {
		c.positions = appendPositions(c.positions[:0], p.Counts, r.Start, r.End)
		var err error
		if runs, err = c.w.blocks.Runs(runs, p.Contig, r.Start, c.positions); err != nil {
			return err
		}
	}
	out.Runs = append(out.Runs, runs)
	return nil
}

func appendPositions(dst []gvcf.Position, k *count.Counts, start, end int) []gvcf.Position {
	for pos := start; pos < end; pos++ {
		i := pos - k.Region.Start
		dst = append(dst, gvcf.Position{Ref: k.RefBase(i), RefCount: k.RefSupport[i], Total: k.Total[i]})
	}
	return dst
}
