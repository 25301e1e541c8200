package nullmodel

import (
	"cmp"
	"math"
	"slices"
)

// sample is the columns and the phenotypes of some people, feature-major.
type sample struct {
	x [][]float64
	y []float64
}

// loss is what members are stopped and weighed by: the mean squared error of
// scores, or the mean cross-entropy of logits for a binary trait.
func loss(score, y []float64, binary bool) float64 {
	sum := 0.0
	for i, s := range score {
		if binary {
			sum += softplus(s) - float64(y[i]*s)
			continue
		}
		d := s - y[i]
		sum += float64(d * d)
	}
	return sum / float64(len(y))
}

// softplus is log(1+e^x).
func softplus(x float64) float64 {
	if x > 0 {
		return x + math.Log1p(math.Exp(-x))
	}
	return math.Log1p(math.Exp(x))
}

// R2 is 1 - residual / total sum of squares of a prediction; it is negative
// where the mean alone predicts better. NaN where y does not vary.
func R2(pred, y []float64) float64 {
	mean := 0.0
	for _, v := range y {
		mean += v
	}
	mean /= float64(len(y))
	var res, tot float64
	for i, v := range y {
		res += float64((v - pred[i]) * (v - pred[i]))
		tot += float64((v - mean) * (v - mean))
	}
	return 1 - res/tot
}

// AUC is the probability that a case has a higher prediction than a control,
// ties counting half. NaN without both.
func AUC(pred, y []float64) float64 {
	order := make([]int, len(pred))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(pred[a], pred[b]) })
	var cases, rankSum float64
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && pred[order[j]] == pred[order[i]] {
			j++
		}
		rank := float64(i+j+1) / 2 // of all that tie, from 1
		for ; i < j; i++ {
			if y[order[i]] > 0.5 {
				cases++
				rankSum += rank
			}
		}
	}
	controls := float64(len(y)) - cases
	return (rankSum - cases*(cases+1)/2) / (cases * controls)
}

// Brier is the mean squared difference of a probability and the outcome.
func Brier(pred, y []float64) float64 { return loss(pred, y, false) }

// LogLoss is the mean cross-entropy of probabilities, kept within 1e-7 of 0
// and 1 as DeepNull does.
func LogLoss(pred, y []float64) float64 {
	sum := 0.0
	for i, p := range pred {
		p = min(max(p, 1e-7), 1-1e-7)
		sum -= float64(y[i]*math.Log(p)) + float64((1-y[i])*math.Log(1-p))
	}
	return sum / float64(len(y))
}

// Pearson is the correlation of two columns, NaN where one does not vary.
func Pearson(a, b []float64) float64 {
	ma, sa := moments(a)
	mb, sb := moments(b)
	if sa <= 1e-300 || sb <= 1e-300 {
		return math.NaN()
	}
	sum := 0.0
	for i, v := range a {
		sum += float64((v - ma) / sa * ((b[i] - mb) / sb))
	}
	return sum / float64(len(a))
}
