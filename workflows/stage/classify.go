package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"

	"github.com/gx-genomics/gx/internal/nn"
	"github.com/gx-genomics/gx/internal/parallel"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/variant/classify"
	"github.com/gx-genomics/gx/workflows/models"
)

// ClassifyPlan is a run of `gx classify`. Names may have @N, for as many files
// of outputs as of examples.
type ClassifyPlan struct {
	Examples string // tf.Examples
	Out      string // CallVariantsOutputs
	Model    string // a network of pictures: ONNX, or safetensors of kind network
	Scale    string // how bytes of pictures become numbers, see Scales
}

// Scales are the ways in which networks want the bytes of pictures: DeepVariant
// from 1.6 on and its older slim models, its Keras script of 1.5, and x/255.
var scales = map[string]func(byte) float32{
	"centred":  func(b byte) float32 { return (float32(b) - 128) / 128 },
	"keras":    func(b byte) float32 { return float32(b)/127.5 - 1 },
	scaleShare: func(b byte) float32 { return float32(b) / 255 },
}

// scaleShare is that of networks that gx trains.
const scaleShare = "share"

// DefaultScale is that of DeepVariant from 1.6 on.
const DefaultScale = "centred"

// Validate reports all faults at once.
func (p *ClassifyPlan) Validate() error {
	var errs []error
	if err := CheckScale(p.Scale); err != nil {
		errs = append(errs, err)
	}
	if _, ok := models.Embedded(p.Model); ok || p.Model == ModelCounts {
		errs = append(errs, fmt.Errorf("model %s looks at reads, which files of examples do not hold; call with gx call --model %s, or classify with a network of pictures alone (ONNX)", p.Model, p.Model))
	}
	in, err := tfrecord.ParseName(p.Examples)
	errs = append(errs, err)
	out, err2 := tfrecord.ParseName(p.Out)
	errs = append(errs, err2)
	if err == nil && err2 == nil && in.Len() != out.Len() {
		errs = append(errs, fmt.Errorf("%d files of examples and %d of outputs: want as many", in.Len(), out.Len()))
	}
	return errors.Join(errs...)
}

// ClassifySummary counts what was done.
type ClassifySummary struct{ Files, Examples int }

// String says what was done in one line.
func (s *ClassifySummary) String() string {
	return fmt.Sprintf("%d examples of %d files classified", s.Examples, s.Files)
}

// Classify runs a network on examples. The bytes of an output depend on its file
// of examples and the network alone.
func Classify(ctx context.Context, env *Env, plan ClassifyPlan) (*ClassifySummary, error) {
	if err := plan.Validate(); err != nil {
		return nil, err
	}
	in, err := tfrecord.ParseName(plan.Examples)
	if err != nil {
		return nil, err
	}
	out, err := tfrecord.ParseName(plan.Out)
	if err != nil {
		return nil, err
	}
	var ins, outs []string
	for i := range in.Len() {
		ins, outs = append(ins, in.Path(i)), append(outs, out.Path(i))
	}
	if err := checkOutputs(env, append(ins, plan.Model), outs); err != nil {
		return nil, err
	}
	w := &classifyWork{env: env}
	if err := w.open(ctx, plan); err != nil {
		return nil, err
	}
	for i := range ins {
		if err := w.checkInfo(ctx, ins[i]); err != nil {
			return nil, err
		}
	}
	for i := range ins {
		if err := w.file(ctx, ins[i], outs[i]); err != nil {
			return nil, err
		}
	}
	return &w.summary, nil
}

// classifyWork is a run with its network open.
type classifyWork struct {
	env      *Env
	pictures *Pictures
	model    string
	shape    nn.Shape
	info     *example.ShapeInfo // beside the model; nil where there is none
	summary  ClassifySummary
}

// modelInfo is the name of the file beside a model that tells its pictures, as
// DeepVariant writes it.
const modelInfo = "model.example_info.json"

func (w *classifyWork) open(ctx context.Context, plan ClassifyPlan) error {
	w.model = plan.Model
	var err error
	if w.pictures, err = openPictures(ctx, w.env.Store, plan.Model, plan.Scale); err != nil {
		return err
	}
	w.shape = w.pictures.Shape
	for _, name := range []string{plan.Model + example.InfoSuffix, filepath.Join(filepath.Dir(plan.Model), modelInfo)} {
		there, err := exists(ctx, w.env.Store, name)
		if err != nil {
			return err
		}
		if there {
			w.info, err = w.readInfo(ctx, name)
			return err
		}
	}
	return nil
}

// maxInfo bounds an example_info.json.
const maxInfo = 1 << 20

func (w *classifyWork) readInfo(ctx context.Context, name string) (*example.ShapeInfo, error) {
	b, err := object.ReadAll(ctx, w.env.Store, name, maxInfo)
	if err != nil {
		return nil, err
	}
	info, err := example.ParseShapeInfo(b)
	return info, source.At(name, err)
}

// checkInfo holds the file beside a file of examples against that beside the
// model: shape and channels must be the same.
func (w *classifyWork) checkInfo(ctx context.Context, path string) error {
	name := path + example.InfoSuffix
	there, err := exists(ctx, w.env.Store, name)
	if err != nil || !there {
		return err
	}
	info, err := w.readInfo(ctx, name)
	if err != nil {
		return err
	}
	if err := w.fits(info.Shape); err != nil {
		return source.At(name, err)
	}
	if w.info != nil && len(w.info.Channels) > 0 && len(info.Channels) > 0 && fmt.Sprint(w.info.Channels) != fmt.Sprint(info.Channels) {
		return source.At(name, fmt.Errorf("channels %v, but model %s wants %v", info.Channels, w.model, w.info.Channels))
	}
	return nil
}

func (w *classifyWork) fits(shape [3]int) error {
	if want := [3]int{w.shape.H, w.shape.W, w.shape.C}; shape != want {
		return fmt.Errorf("pictures of %v, but model %s wants %v", shape, w.model, want)
	}
	return nil
}

// classifyBatch is the number of examples that go through the network together.
const classifyBatch = 24

// exampleBatch is some examples of a file.
type exampleBatch struct {
	examples []example.Example
	first    int // the number of the first, from 1
}

// file classifies one file of examples.
func (w *classifyWork) file(ctx context.Context, in, out string) error {
	src, err := w.env.Store.Open(ctx, in)
	if err != nil {
		return err
	}
	defer src.Close()
	r, err := tfrecord.NewReader(io.NewSectionReader(src, 0, src.Info().Size), in)
	if err != nil {
		return err
	}
	defer r.Close()
	err = w.env.Store.Put(ctx, out, func(f io.Writer) error {
		dst, err := tfrecord.NewWriter(f, tfrecord.Options{Gzip: tfrecord.Gzipped(out)})
		if err != nil {
			return err
		}
		newWorker := func() func(context.Context, *exampleBatch) ([][]byte, error) {
			return func(_ context.Context, b *exampleBatch) ([][]byte, error) { return w.batch(in, b) }
		}
		err = parallel.Ordered(ctx, w.batches(r, in), w.env.Threads, newWorker, func(list [][]byte) error {
			for _, b := range list {
				if err := dst.Write(b); err != nil {
					return err
				}
			}
			w.summary.Examples += len(list)
			return nil
		})
		if err != nil {
			return err
		}
		return dst.Close()
	})
	w.summary.Files++
	return err
}

// batches reads the examples of a file.
func (w *classifyWork) batches(r *tfrecord.Reader, path string) func(yield func(*exampleBatch, error) bool) {
	return func(yield func(*exampleBatch, error) bool) {
		b, number := &exampleBatch{first: 1}, 0
		for rec, err := range r.All() {
			if err != nil {
				yield(nil, err)
				return
			}
			number++
			var e example.Example
			if err = e.Decode(append([]byte(nil), rec...)); err == nil {
				err = w.fits(e.Shape)
			}
			if err != nil {
				yield(nil, recordError(path, number, err))
				return
			}
			if b.examples = append(b.examples, e); len(b.examples) == classifyBatch {
				if !yield(b, nil) {
					return
				}
				b = &exampleBatch{first: number + 1}
			}
		}
		if len(b.examples) > 0 {
			yield(b, nil)
		}
	}
}

// batch classifies some examples.
func (w *classifyWork) batch(path string, b *exampleBatch) ([][]byte, error) {
	n := len(b.examples)
	images := make([]byte, 0, n*w.shape.Len())
	for i := range b.examples {
		images = append(images, b.examples[i].Image...)
	}
	p := make([][classify.Copies]float64, n)
	if bad, err := w.pictures.Probabilities(p, images, n); err != nil {
		return nil, recordError(path, b.first+bad, err)
	}
	out := make([][]byte, n)
	for i := range b.examples {
		e := &b.examples[i]
		out[i] = example.AppendCall(nil, e.Variant, e.AltIndices, p[i][:])
	}
	return out, nil
}

// roundedProbabilities rounds to ten decimals, as DeepVariant does: the first
// smallest takes up what is left to 1.
func roundedProbabilities(p []float32) ([]float64, bool) {
	sum := 0.0
	for _, x := range p {
		sum += float64(x)
	}
	if !(math.Abs(sum-1) <= 1e-3) { // what is left of it is rounding in float32
		return nil, false
	}
	out := make([]float64, len(p))
	least, rest := 0, 0.0
	for i, x := range p {
		out[i] = round10(float64(x) / sum)
		if out[i] < out[least] {
			least = i
		}
	}
	for i, x := range out {
		if i != least {
			rest += x
		}
	}
	out[least] = max(0, round10(1-rest))
	return out, true
}

func round10(x float64) float64 { return math.RoundToEven(x*1e10) / 1e10 }
