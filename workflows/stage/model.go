package stage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/pileup/noise"
	"github.com/gx-genomics/gx/variant/classify"
	"github.com/gx-genomics/gx/workflows/models"
)

// ModelCounts is the model that looks at counts of reads alone.
const ModelCounts = "counts"

// modelIsFile says whether a model is a file rather than part of the program.
func modelIsFile(name string) bool {
	return strings.HasSuffix(name, ".safetensors")
}

// builtinModel is the digest of a model that is part of the program; empty for
// another.
func builtinModel(name string) string {
	data, ok := models.Embedded(name)
	if !ok {
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// checkModel is the fault of a name of a model.
func checkModel(name string) error {
	if _, ok := models.Embedded(name); ok || name == ModelCounts || modelIsFile(name) {
		return nil
	}
	return fmt.Errorf("model %q: want %s, or a file NAME.safetensors that gx train wrote", name, strings.Join(append([]string{ModelCounts}, models.Names()...), ", "))
}

// openModel opens what decides on genotypes.
func (w *callWork) openModel(ctx context.Context, env *Env) (err error) {
	if w.o.Model == ModelCounts {
		w.classifier, err = classify.NewCounts(classify.DefaultParams())
		return err
	}
	data, err := modelBytes(ctx, env.Store, w.o.Model)
	if err != nil {
		return err
	}
	m, err := models.Parse(w.o.Model, data)
	if err != nil {
		return err
	}
	o := OwnImage()
	o.Height, o.Width, o.Channels = m.Height, m.Width, nil
	o.MinMapQ, o.MinBaseQ = w.o.MinMapQ, w.o.MinBaseQ
	for _, c := range m.Channels {
		o.Channels = append(o.Channels, image.Channel(c))
	}
	if err := o.Validate(); err != nil {
		return fmt.Errorf("%s: %w", w.o.Model, err)
	}
	if w.classifier, err = m.Classifier(); err != nil {
		return fmt.Errorf("%s: %w", w.o.Model, err)
	}
	w.image, w.genotype.Calibrate = &o, m.Apply
	if err := w.checkLengths(ctx); err != nil {
		return err
	}
	if w.noise = w.in.noise; w.noise == nil {
		pieces, err := w.in.measureNoise(ctx)
		if err != nil {
			return err
		}
		w.noise = noise.Sum(pieces)
	}
	return nil
}

// measureNoise looks at pieces of the library.
func (in *callInputs) measureNoise(ctx context.Context) ([]noise.Noise, error) {
	return noise.Measure(ctx, noise.Source{Reads: in.reads.Reads, Bases: in.ref.Bases, Bytes: in.reads.Bytes}, in.contigs)
}

// The networks are trained on short reads: of the first lengthReads of a region
// the mean length may be no more than mostLength.
const (
	lengthReads = 1000
	mostLength  = 600
)

// checkLengths refuses long reads.
func (w *callWork) checkLengths(ctx context.Context) error {
	n, sum := 0, 0
	for _, r := range w.in.regions {
		for read, err := range w.in.reads.Reads(ctx, r) {
			if err != nil {
				return err
			}
			if n++; len(read.Bases) > 0 {
				sum += len(read.Bases)
			}
			if n == lengthReads {
				break
			}
		}
		if n == lengthReads {
			break
		}
	}
	if n > 0 && sum/n > mostLength {
		return fmt.Errorf("reads of %d bases on average, but model %s is trained on short reads; call long reads with --model %s, or with a network of your own by gx examples, gx classify and gx genotype",
			sum/n, w.o.Model, ModelCounts)
	}
	return nil
}
