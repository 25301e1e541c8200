package train

import (
	"context"
	"math"
	"slices"

	"github.com/gx-genomics/gx/internal/kern"
	"github.com/gx-genomics/gx/internal/nn"
	"github.com/gx-genomics/gx/variant/classify"
)

// samples is the number of examples that the scales of bytes are taken from.
const samples = 2000

// tail is the share of activations that may not fit a byte.
const tail = 1e-4

// finish learns bytes, fits temperatures and thresholds, and measures all.
func (r *run) finish(ctx context.Context) (*Result, error) {
	out := &Result{Best: r.best}
	var first Metrics // measured again as it is used
	if err := r.measure(ctx, r.best, r.d.held, &first, &out.Floats, &out.Counts); err != nil {
		return nil, err
	}
	q, err := r.bytes(ctx)
	if err != nil {
		return nil, err
	}
	out.Model = &classify.Model{First: r.best.First, Then: q, Height: r.shape.Height, Width: r.shape.Width}
	return out, r.settle(ctx, out)
}

// bytes makes the second network one of bytes, which it learns to live with in
// some more steps of a low rate.
func (r *run) bytes(ctx context.Context) (*nn.Quantised, error) {
	q, err := r.quantise(r.best.Then)
	if err != nil || r.o.Bytes == 0 {
		return q, err
	}
	folded := r.best.Then.Fold()
	o := nn.TrainOptions{Threads: r.o.Threads, Batch: r.o.Batch, Adam: nn.DefaultAdam, Schedule: nn.Cosine(r.o.Rate/20, 0, r.o.Bytes), Average: 0.99, Fake: q.Scale, Shards: r.o.Slices}
	t, err := newStepper(r, folded, o)
	if err != nil {
		return nil, err
	}
	for t.Steps() < r.o.Bytes {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := t.begin(ctx)(new(float64)); err != nil {
			return nil, err
		}
		if r.h.Step != nil {
			r.h.Step(r.o.Steps+t.Steps(), r.o.Steps+r.o.Bytes)
		}
	}
	return r.quantise(t.Averaged())
}

// quantise takes the scales of bytes from the first training examples of each
// set.
func (r *run) quantise(n *nn.Network) (*nn.Quantised, error) {
	var list []int
	for k := 0; len(list) < samples; k++ {
		before := len(list)
		for _, set := range r.d.sets {
			if k < len(set) {
				list = append(list, set[int(uint64(k)*0x9e3779b1%uint64(len(set)))])
			}
		}
		if len(list) == before {
			break
		}
	}
	img := make([]byte, r.shape.size())
	var failed error
	q, err := nn.Quantise(n, nn.Samples{N: len(list), Read: func(i int, in [][]float32) {
		if err := r.src.Read(list[i], in[1], img); err != nil {
			failed = err
		}
		for k, b := range img {
			in[0][k] = float32(b) / 255
		}
	}}, tail)
	if failed != nil {
		err = failed
	}
	return q, err
}

// said is what the counts model, the first network, the second, and
// classify.Slips say of a held-out example; the last zeros where it says nothing.
// Once the blend is known it takes the place of the second.
type said struct {
	Meta
	counts, first, then, slips [classify.Copies]float64
}

// settle measures both networks as they are used, and fits what they do not
// learn: the weights of the blend, temperatures, and from which quality on the
// first settles a site.
func (r *run) settle(ctx context.Context, out *Result) error {
	f, err := nn.NewPredictor(out.Model.First, kern.Active())
	if err != nil {
		return err
	}
	t, err := nn.NewBytePredictor(out.Model.Then, kern.Active())
	if err != nil {
		return err
	}
	var all [2][]said // SNPs, others
	err = r.each(ctx, r.d.held, func(l *look) {
		features := l.features
		k := len(l.metas)
		var p, q [lookAt * classify.Copies]float32
		f.Predict(p[:], [][]float32{features}, k)
		t.Predict(q[:], []nn.Input{{U8: l.images}, {F32: features}}, k)
		for i, m := range l.metas {
			a, b := p[i*classify.Copies:][:classify.Copies], q[i*classify.Copies:][:classify.Copies]
			out.First.Add(m, a)
			out.Then.Add(m, b)
			s := said{Meta: m}
			for c := range s.first {
				s.first[c], s.then[c] = float64(a[c]), float64(b[c])
				s.counts[c] = float64(features[(i+1)*classify.Features-classify.Copies+c])
				s.slips[c] = float64(l.slips[i][c])
			}
			kind := 1
			if m.Kind == SNP {
				kind = 0
			}
			all[kind] = append(all[kind], s)
		}
	})
	if err != nil {
		return err
	}
	out.Model.Blend = blended(slices.Concat(all[0], all[1]))
	out.Model.Slips = slipsShare(all[1], out.Model.Blend)
	for _, list := range all {
		for i := range list {
			s := &list[i]
			s.then = s.blend(out.Model.Blend, out.Model.Slips)
			out.Blend.Add(s.Meta, []float32{float32(s.then[0]), float32(s.then[1]), float32(s.then[2])})
		}
	}
	thresholds := [2]*float64{&out.Model.SNP, &out.Model.Indel}
	for kind, list := range all {
		out.Model.Calibration.First[kind] = temperature(list, func(s *said) *[classify.Copies]float64 { return &s.first })
		out.Model.Calibration.Then[kind] = temperature(list, func(s *said) *[classify.Copies]float64 { return &s.then })
		*thresholds[kind], out.Settled[kind] = threshold(list, floors[kind])
	}
	return nil
}

// blendParts is how fine the weights of a blend are: multiples of one over it.
const blendParts = 10

// blended is the weights of the counts model and of the two networks, whose
// logarithms are added up where the first is not sure, of the least loss on
// examples of sites with one alternate allele. Of equals the first counts.
func blended(list []said) (best [3]float64) {
	least := math.Inf(1)
	for c := range blendParts + 1 {
		for f := range blendParts + 1 - c {
			w := [3]float64{float64(c) / blendParts, float64(f) / blendParts, float64(blendParts-c-f) / blendParts}
			sum := 0.0
			for i := range list {
				if s := &list[i]; !s.Multi {
					p := classify.Blended(w[:], s.counts, s.first, s.then)
					sum -= float64(s.Weight) * math.Log(max(p[s.Label], 1e-12))
				}
			}
			if sum < least {
				best, least = w, sum
			}
		}
	}
	return best
}

// slipsShare is the weight of classify.Slips beside that blend of the least loss
// on examples of sites with one alternate allele of which it says anything. Of
// equals the first counts.
func slipsShare(list []said, w [3]float64) (best float64) {
	least := math.Inf(1)
	for part := range blendParts {
		share, sum := float64(part)/blendParts, 0.0
		for i := range list {
			if s := &list[i]; !s.Multi && s.slips != [classify.Copies]float64{} {
				p := s.blend(w, share)
				sum -= float64(s.Weight) * math.Log(max(p[s.Label], 1e-12))
			}
		}
		if sum < least {
			best, least = share, sum
		}
	}
	return best
}

// blend is what the model says where the first network is not sure.
func (s *said) blend(w [3]float64, slips float64) [classify.Copies]float64 {
	if s.slips == [classify.Copies]float64{} {
		return classify.Blended(w[:], s.counts, s.first, s.then)
	}
	return classify.Blended(classify.WithSlips(w, slips), s.counts, s.first, s.then, s.slips)
}

// temperature is the one of the least loss on examples of sites with one
// alternate allele, by golden section.
func temperature(list []said, of func(*said) *[classify.Copies]float64) float64 {
	loss := func(logT float64) float64 {
		t, sum := math.Exp(logT), 0.0
		for i := range list {
			if list[i].Multi {
				continue
			}
			p := *of(&list[i])
			classify.Temper(p[:], t)
			sum -= float64(list[i].Weight) * math.Log(max(p[list[i].Label], 1e-12))
		}
		return sum
	}
	lo, hi := math.Log(0.5), math.Log(2.5)
	g := (math.Sqrt(5) - 1) / 2
	for hi-lo > 1e-3 {
		a, b := hi-g*(hi-lo), lo+g*(hi-lo)
		if loss(a) <= loss(b) {
			hi = b
		} else {
			lo = a
		}
	}
	return math.Round(1000*math.Exp((lo+hi)/2)) / 1000
}

// Share is how many examples were settled, and how many of these wrongly by the
// first network where the second is right.
type Share struct {
	N, Settled, Wrong, Lost int
	weight, lost            float64
}

// spoiled is the largest share of settled examples that the first network may
// get wrong where the second is right.
const spoiled = 1e-4

// floors are the lowest qualities from which SNPs and others are settled: few
// held-out examples are wrong above, too few to tell how many are.
var floors = [2]float64{25, 30}

// threshold is the lowest quality, in steps of 1, from which on the first network
// spoils no more than that share, and one more step for safety.
func threshold(list []said, least float64) (float64, Share) {
	const most = 60
	quality := func(p [classify.Copies]float64) float64 {
		return min(-10*math.Log10(max(1-slices.Max(p[:]), 0)), most)
	}
	best := func(p [classify.Copies]float64) int { return slices.Index(p[:], slices.Max(p[:])) }
	at := func(q float64) Share {
		s := Share{N: len(list)}
		for i := range list {
			x := &list[i]
			if quality(x.first) < q {
				continue
			}
			s.Settled++
			s.weight += float64(x.Weight)
			if best(x.first) != int(x.Label) {
				s.Wrong++
				if best(x.then) == int(x.Label) {
					s.Lost++
					s.lost += float64(x.Weight)
				}
			}
		}
		return s
	}
	q := float64(most)
	for q > least {
		if s := at(q - 1); s.lost > spoiled*s.weight {
			break
		}
		q--
	}
	q = min(q+1, most)
	return q, at(q)
}
