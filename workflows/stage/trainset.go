package stage

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"math"

	"crypto/sha256"
	"encoding/hex"

	"github.com/gx-genomics/gx/internal/parallel"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/spool"
	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/pileup/noise"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/classify"
	"github.com/gx-genomics/gx/variant/label"
	"github.com/gx-genomics/gx/variant/train"
)

// TrainSet is one set of training data.
type TrainSet struct {
	Name      string
	Ref       string
	Reads     []string
	Truth     string
	Confident string  // empty: everywhere
	Weight    float64 // share of the draws
	Unaligned float64 // share of runs of cells in which reads are not realigned
	Density   float64 // how many times denser than in life its variants are
}

// heldBlock is the length of a locus; every heldEvery-th is held out, of all
// sets the same.
const (
	heldBlock = 50_000
	heldEvery = 10
	heldAt    = 7
)

func heldOut(pos int) bool { return pos/heldBlock%heldEvery == heldAt }

// trainCells is the most cells of a span: realignment is on or off for all of
// its cells.
const trainCells = 10

// tagOf packs what is known of an example without reading it.
func tagOf(m train.Meta) uint64 {
	t := uint64(m.Label) | uint64(m.Kind)<<2 | uint64(min(m.Depth, 4095))<<8 | uint64(min(m.AltAD, 4095))<<20
	if m.Multi {
		t |= 1 << 4
	}
	if m.Held {
		t |= 1 << 5
	}
	return t
}

func metaOf(tag uint64) train.Meta {
	return train.Meta{Label: uint8(tag & 3), Kind: train.Kind(tag >> 2 & 3), Multi: tag>>4&1 == 1, Held: tag>>5&1 == 1,
		Depth: uint16(tag >> 8 & 4095), AltAD: uint16(tag >> 20 & 4095)}
}

// trainSetName is the name of the file in the cache that holds the examples of
// a set: it tells all that decides them.
func (p *TrainPlan) trainSetName(ctx context.Context, env *Env, s *TrainSet) (string, error) {
	var digests []Input
	for _, name := range s.files() {
		d, err := digest(ctx, env.Store, name)
		if err != nil {
			return "", err
		}
		digests = append(digests, d)
	}
	text, err := json.Marshal(struct {
		Version, Features string
		Numbers           int
		Inputs            []Input
		Image             image.Options
		Unaligned         float64
		Seed              uint64
	}{Version, classify.FeatureVersion, train.Numbers, digests, p.Image, s.Unaligned, p.Train.Seed})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return p.Cache + s.Name + "-" + hex.EncodeToString(sum[:8]) + ".spool", nil
}

// collect makes the examples of a set, unless they lie in the cache already.
func (p *TrainPlan) collect(ctx context.Context, env *Env, s *TrainSet, room int64) (*object.Info, string, error) {
	name, err := p.trainSetName(ctx, env, s)
	if err != nil {
		return nil, "", err
	}
	if info, err := env.Store.Stat(ctx, name); err == nil {
		return &info, name, nil
	}
	w, err := p.openSet(ctx, env, s)
	if err != nil {
		return nil, "", err
	}
	defer w.close()
	err = env.Store.Put(ctx, name, func(f io.Writer) error {
		out, err := spool.NewWriter(f, spool.Shape{Features: train.Numbers, Rows: p.Image.Height, Row: p.Image.Size() / p.Image.Height})
		if err != nil {
			return err
		}
		err = w.run(ctx, env.Threads, func(list []trainExample) error {
			for i := range list {
				x := &list[i]
				if err := out.Write(tagOf(x.meta), x.numbers, x.image); err != nil {
					return err
				}
			}
			if out.Size() > room {
				return fmt.Errorf("%s: examples of more than the %d MB that the cache may have; allow it more with --cache-mb, or train on less", s.Name, p.CacheMB)
			}
			return nil
		})
		if err != nil {
			return err
		}
		env.note("%s: %d examples, %d MB", s.Name, out.Len(), out.Size()>>20)
		return out.Close()
	})
	if err != nil {
		return nil, "", err
	}
	info, err := env.Store.Stat(ctx, name)
	return &info, name, err
}

// trainSetWork is a set with its inputs open.
type trainSetWork struct {
	exampleWork
	set  *TrainSet
	off  pileup.Options // those without realignment
	seed uint64

	pieces []noise.Noise // of the library
}

func (p *TrainPlan) openSet(ctx context.Context, env *Env, s *TrainSet) (*trainSetWork, error) {
	plan := &ExamplesPlan{Ref: s.Ref, Reads: s.Reads, Image: p.Image, Options: DefaultCallOptions()}
	plan.Options.Model = ModelCounts
	plan.Training = TrainingPlan{Truth: s.Truth, Confident: s.Confident}
	quiet := *env
	quiet.Note = nil
	in, err := openCall(ctx, &quiet, s.Ref, s.Reads, &plan.Options)
	if err != nil {
		return nil, err
	}
	w := &trainSetWork{set: s, seed: p.Train.Seed}
	w.plan = plan
	if w.training, err = openTraining(&quiet, in, plan, in.sample); err != nil {
		in.close()
		return nil, err
	}
	if w.callWork, err = newCallWork(ctx, env, in, &plan.Options); err != nil {
		w.training.close()
		in.close()
		return nil, err
	}
	w.alone()
	w.callWork.image = &plan.Image
	w.off = w.pileup
	w.off.Realign = nil
	if w.pieces, err = in.measureNoise(ctx); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *trainSetWork) close() {
	w.training.close()
	w.in.close()
}

// trainExample is one example.
type trainExample struct {
	meta    train.Meta
	numbers []float32 // train.Numbers
	image   []byte
}

// run makes the examples of the set in order.
func (w *trainSetWork) run(ctx context.Context, threads int, emit func([]trainExample) error) error {
	spans := func(yield func([]pileup.GridCell, error) bool) {
		for s := range pileup.Spans(w.cells(), trainCells) {
			if !yield(s, nil) {
				return
			}
		}
	}
	newWorker := func() func(context.Context, []pileup.GridCell) ([]trainExample, error) { return w.worker() }
	return parallel.Ordered(ctx, spans, threads, newWorker, emit)
}

func (w *trainSetWork) worker() func(context.Context, []pileup.GridCell) ([]trainExample, error) {
	d := newDrawer(&w.exampleWork)
	f, err := classify.NewFeaturer()
	on := d.c.p
	off := pileup.NewProcessor(w.in.reads, w.in.ref, w.in.contigs, w.off)
	return func(ctx context.Context, cells []pileup.GridCell) (out []trainExample, _ error) {
		if err != nil {
			return nil, err
		}
		if d.failed != nil {
			return nil, d.failed
		}
		if err := d.records.load(w.training, w.writes, cells); err != nil {
			return nil, err
		}
		var busy []pileup.GridCell
		for i := range cells {
			if !d.idle(&cells[i]) {
				busy = append(busy, cells[i])
			}
		}
		d.c.noise = w.half(&cells[0])
		d.c.p = on
		if w.unaligned(&cells[0]) {
			d.c.p = off
		}
		err := d.c.p.Span(ctx, busy, func(p *pileup.Pileup) error {
			return d.labelled(p, f, &out)
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", cells[0].Contig, err)
		}
		return out, nil
	}
}

// unaligned says whether reads of the cells from this one on stay as they were
// aligned.
func (w *trainSetWork) unaligned(c *pileup.GridCell) bool {
	return float64(w.drawn(c)) < w.set.Unaligned*math.MaxUint64
}

// drawn is a random number of the cells from this one on.
func (w *trainSetWork) drawn(c *pileup.GridCell) uint64 {
	h := fnv.New64a()
	io.WriteString(h, c.Contig) // a hash takes everything
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:], uint64(c.Start))
	binary.LittleEndian.PutUint64(b[8:], w.seed)
	h.Write(b[:])
	return mixed(h.Sum64())
}

// half is the noise of about half of the pieces of the library that were looked
// at, other ones for each run of cells: were it the same number everywhere, a
// network could learn by it which set it is looking at.
func (w *trainSetWork) half(c *pileup.GridCell) *noise.Noise {
	x := w.drawn(c)
	var some []noise.Noise
	for i := range w.pieces {
		if x = mixed(x + uint64(i)); x&1 == 1 {
			some = append(some, w.pieces[i])
		}
	}
	return noise.Sum(some)
}

// mixed spreads what differs in a hash over all of its bits.
func mixed(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// labelled makes the examples of a pileup.
func (d *drawer) labelled(p *pileup.Pileup, f *classify.Featurer, out *[]trainExample) error {
	sites := p.Found
	if err := d.label(p, sites, new(label.Metrics)); err != nil {
		return err
	}
	d.c.shown = false
	for i := range sites {
		site := &sites[i]
		if !d.labels[i].Known || !p.Emits(site.Start) {
			continue
		}
		sum, err := f.Sum(d.c.evidenceOf(p, site))
		if err != nil {
			return err
		}
		for k, set := range variant.AltSets(len(site.Alts)) {
			x := trainExample{numbers: make([]float32, train.Numbers), meta: exampleMeta(site, set)}
			copy(x.numbers, sum.Features[k*classify.Features:(k+1)*classify.Features])
			if sum.Slips != nil {
				for c, p := range sum.Slips[k] {
					x.numbers[classify.Features+c] = float32(p)
				}
			}
			x.meta.Label = uint8(d.labels[i].Of(set))
			if x.image, err = d.c.draw(nil, p, site, set); err != nil {
				return err
			}
			*out = append(*out, x)
		}
	}
	return nil
}

func exampleMeta(site *candidate.Candidate, set []int) train.Meta {
	m := train.Meta{Multi: len(site.Alts) > 1, Held: heldOut(site.Start), Depth: uint16(min(site.Depth, math.MaxUint16))}
	for _, i := range set {
		m.AltAD += uint16(min(site.AD[i+1], 4095))
	}
	m.Kind = kindOf(&site.Variant, set)
	return m
}

// kindOf is the kind of an alt set: of several alleles a deletion comes first,
// then an insertion.
func kindOf(v *variant.Variant, set []int) train.Kind {
	kind := train.SNP
	for _, i := range set {
		if i >= len(v.Alts) {
			continue
		}
		switch d := len(v.Alts[i]) - len(v.Ref); {
		case d > 0 && kind == train.SNP:
			kind = train.Insertion
		case d < 0:
			kind = train.Deletion
		}
	}
	return kind
}
