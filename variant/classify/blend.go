package classify

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/gx-genomics/gx/variant"
)

// Blend joins what several classifiers say: the logarithms of their
// probabilities, each with its weight, add up. Where they make different errors
// that is right more often than any one of them. Of a site of which a member, not
// the first, says nothing - it hands on no alt sets - the weight of that member is
// the others'. It is a Classifier.
type Blend struct {
	Called  string // its name
	Members []Classifier
	Weights []float64 // of the members, sum 1
}

// leastBlended is added to a probability before its logarithm is taken: nobody
// rules a genotype out alone.
const leastBlended = 1e-9

// Validate reports what is wrong with the weights.
func (b *Blend) Validate() error {
	if len(b.Members) == 0 || len(b.Weights) != len(b.Members) {
		return errors.New("a blend wants classifiers and a weight for each")
	}
	return checkWeights(b.Weights)
}

func checkWeights(weights []float64) error {
	sum := 0.0
	for _, w := range weights {
		if !(w >= 0 && w <= 1) {
			return fmt.Errorf("weight %v in a blend: want 0 to 1", w)
		}
		sum += w
	}
	if math.Abs(sum-1) > 1e-9 {
		return fmt.Errorf("weights of a blend that sum to %v: want 1", sum)
	}
	return nil
}

// Name implements Classifier.
func (b *Blend) Name() string { return b.Called }

// Classify implements Classifier.
func (b *Blend) Classify(ctx context.Context, sites []*Evidence, emit func(int, []variant.Likelihoods) error) error {
	all := make([][][]variant.Likelihoods, len(b.Members)) // by member and site
	for k, m := range b.Members {
		all[k] = make([][]variant.Likelihoods, len(sites))
		err := m.Classify(ctx, sites, func(i int, sets []variant.Likelihoods) error {
			all[k][i] = sets
			return nil
		})
		if err != nil {
			return err
		}
	}
	var weights []float64
	var said [][Copies]float64
	for i := range sites {
		sets := all[0][i]
		for j := range sets {
			weights, said = weights[:0], said[:0]
			for k := range all {
				if sets := all[k][i]; len(sets) > 0 {
					weights, said = append(weights, b.Weights[k]), append(said, sets[j].P)
				}
			}
			sets[j].P, sets[j].Model = Blended(weights, said...), b.Called
		}
		if err := emit(i, sets); err != nil {
			return err
		}
	}
	return nil
}

// add makes weighted logarithms of probabilities.
func add(p *[Copies]float64, w float64) {
	for i, x := range p {
		p[i] = w * math.Log(x+leastBlended)
	}
}

// normalise makes probabilities of logarithms.
func normalise(p *[Copies]float64) {
	top := max(p[0], p[1], p[2])
	sum := 0.0
	for i, x := range p {
		p[i] = math.Exp(x - top)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
}

// Blended joins probabilities of classifiers as Blend does: by their shares of
// the weights given.
func Blended(weights []float64, ps ...[Copies]float64) (out [Copies]float64) {
	total := 0.0
	for k, p := range ps {
		add(&p, weights[k])
		for i := range out {
			out[i] += p[i]
		}
		total += weights[k]
	}
	for i := range out {
		out[i] /= total
	}
	normalise(&out)
	return out
}
