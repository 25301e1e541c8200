package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/variant/gvcf"
	"github.com/gx-genomics/gx/variant/locus"
)

// ExamplesKind is the stage that draws the candidates. Its shards are runs of
// cells, whatever the number of files.
func ExamplesKind() *Kind {
	return &Kind{
		Name:   "examples",
		Worker: "gx-examples",
		In: []Role{{Name: "ref", Direct: true}, {Name: "reads", Many: true, Direct: true}, {Name: "truth", Optional: true}, {Name: "confident", Optional: true},
			{Name: "proposed_variants", Optional: true}, {Name: "population_vcfs", Optional: true, Many: true}, {Name: "denovo_regions", Optional: true},
			{Name: "reads_parent1", Optional: true, Many: true, Direct: true}, {Name: "reads_parent2", Optional: true, Many: true, Direct: true},
			{Name: "proposed_variants_parent1", Optional: true}, {Name: "proposed_variants_parent2", Optional: true}},
		Out:     []Role{{Name: "out"}, {Name: "candidates", Optional: true}, {Name: "blocks", Optional: true}},
		Options: func() any { o := DefaultExamplesOptions(); return &o },
		Derived: []string{"gvcf"},
		Settle: func(options any, t *Task) error {
			p, err := options.(*ExamplesOptions).plan()
			p.name(t)
			return errors.Join(err, p.Validate())
		},
		Files: func(options any) []string {
			o := options.(*ExamplesOptions)
			return bedNames(o.Regions, o.Exclude)
		},
		Measure: measureExamples,
		Shard:   shardExamples,
		Join:    joinExamples,
	}
}

// CPU seconds of drawing, beside those of calling: per base of the genome, for
// a candidate in 500 bases.
const drawPerBase = 2.1e-6

func measureExamples(ctx context.Context, env *Env, t *Task) (*Work, error) {
	p, err := examplesTask(t)
	if err != nil {
		return nil, err
	}
	w, err := openExamples(ctx, env, &p)
	if err != nil {
		return nil, err
	}
	defer w.close()
	bases := int64(locus.NewSet(w.in.regions...).Bases())
	var bytes int64
	for c, weight := range w.weighed() {
		bytes += weight - weightOfBase*int64(c.Len())
	}
	images := bases / 500 * int64(p.Image.Size()) / 30 // as gzip packs them
	return &Work{CPU: (callPerBase+drawPerBase)*float64(bases) + callPerByte*float64(bytes), Memory: 250 << 20, Disk: images, Out: images, Pieces: w.total()}, nil
}

// A cell is stored as a frame of what it has few of, and then a frame for each
// of its records.
type storedCell struct {
	Contig               string
	Bases, Sites         int
	Examples, Candidates int // records that follow
	Labels               []int
	Runs                 []byte
}

const (
	frameCell      = 5
	frameExample   = 6
	frameCandidate = 7
)

func shardExamples(ctx context.Context, env *Env, t *Task) (*Report, error) {
	p, err := examplesTask(t)
	if err != nil {
		return nil, err
	}
	// The names of outputs say what is wanted of a cell; none of them is written.
	w, err := openExamples(ctx, env, wantedOf(&p, t))
	if err != nil {
		return nil, err
	}
	defer w.close()
	if w.inOrder() && t.Shards > 1 {
		return nil, errInOrder
	}
	first, _ := w.cut(t.Shard, t.Shards)
	var contigs []string
	for c := range w.shard(t.Shard, t.Shards) {
		contigs = append(contigs, c.Contig)
	}
	var counts contigCounts
	err = putPart(ctx, env, t.Out[partRole], func(part *partWriter) error {
		k := 0
		return w.make(ctx, env, w.shard(t.Shard, t.Shards), first, func(c *exampleCell) error {
			s := storedCell{Contig: contigs[k], Bases: c.bases, Sites: c.sites, Examples: len(c.examples), Candidates: len(c.candidates), Labels: c.labels}
			if c.runs != nil {
				s.Runs = gvcf.AppendRuns(nil, c.runs)
			}
			counts.add(contigs[k], c.bases, len(c.examples))
			k++
			if err := part.frame(frameCell, s); err != nil {
				return err
			}
			for _, x := range []struct {
				kind    byte
				records [][]byte
			}{{frameExample, c.examples}, {frameCandidate, c.candidates}} {
				for _, r := range x.records {
					if err := part.bytes(x.kind, r); err != nil {
						return err
					}
				}
			}
			return nil
		})
	})
	return counts.report(), err
}

// wantedOf makes the outputs of a plan those of the whole stage: a shard's own
// is its part.
func wantedOf(p *ExamplesPlan, t *Task) *ExamplesPlan {
	p.Out, p.Candidates, p.Blocks = t.Want["out"], t.Want["candidates"], t.Want["blocks"]
	return p
}

func joinExamples(ctx context.Context, env *Env, t *Task) (*Report, error) {
	p, err := examplesTask(t)
	if err != nil {
		return nil, err
	}
	w, err := openExamples(ctx, env, &p)
	if err != nil {
		return nil, err
	}
	defer w.close()
	var counts contigCounts
	err = w.write(ctx, env, func(emit func(*exampleCell) error) error {
		for _, name := range t.In[partsRole] {
			err := readCells(ctx, env.Store, name, func(contig string, c *exampleCell) error {
				counts.add(contig, c.bases, len(c.examples))
				return emit(c)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	env.note("%s: %s", p.Out, &w.summary)
	counts.want(w.in.regions)
	return counts.report(), nil
}

// readCells reads a part that shardExamples wrote.
func readCells(ctx context.Context, s object.Store, name string, emit func(contig string, c *exampleCell) error) error {
	var head *storedCell
	var cell exampleCell
	flush := func() error {
		if head == nil {
			return nil
		}
		if len(cell.examples) != head.Examples || len(cell.candidates) != head.Candidates {
			return fmt.Errorf("%s: %w: a cell without all of its records", name, errPart)
		}
		return emit(head.Contig, &cell)
	}
	err := openPart(ctx, s, name, func(kind byte, b []byte) error {
		switch {
		case kind == frameCell:
			if err := flush(); err != nil {
				return err
			}
			head = &storedCell{}
			if err := json.Unmarshal(b, head); err != nil {
				return fmt.Errorf("%w: %w", errPart, err)
			}
			cell = exampleCell{bases: head.Bases, sites: head.Sites, labels: head.Labels}
			if head.Runs != nil {
				runs, err := gvcf.DecodeRuns(head.Runs, head.Contig)
				if err != nil {
					return fmt.Errorf("%w: %w", errPart, err)
				}
				cell.runs = runs
			}
		case head != nil && kind == frameExample:
			cell.examples = append(cell.examples, append([]byte(nil), b...))
		case head != nil && kind == frameCandidate:
			cell.candidates = append(cell.candidates, append([]byte(nil), b...))
		default:
			return fmt.Errorf("%w: a frame of kind %d", errPart, kind)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}
