package nullmodel

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Estimate is a figure with its 95 % interval, from the influence of each
// individual on it (for areas under the curve: DeLong et al., Biometrics
// 44:837, 1988), which takes the predictions as given.
type Estimate struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Score is how well one prediction does out of fold.
type Score struct {
	Model   string    `json:"model"` // a member, "linear" or "mixture"
	R2      *Estimate `json:"r2,omitempty"`
	AUC     *Estimate `json:"auc,omitempty"`
	LogLoss *Estimate `json:"log_loss,omitempty"`
	Brier   *Estimate `json:"brier,omitempty"`
}

// Bin is the individuals whose predictions lie in one part of their range, by
// their number equal parts.
type Bin struct {
	N         int     `json:"n"`
	Predicted float64 `json:"predicted"` // means
	Observed  float64 `json:"observed"`
}

// Report is how well a prediction does, all of it out of fold.
type Report struct {
	N     int     `json:"n"`
	Cases int     `json:"cases,omitempty"`
	Score []Score `json:"scores"`
	// Gain is the mixture over linear: in R2, or in log loss saved.
	Gain        Estimate `json:"gain"`
	GainMeasure string   `json:"gain_measure"`
	Calibration []Bin    `json:"calibration"`
	Slope       float64  `json:"calibration_slope"` // of the phenotype on the prediction, 1 where it is calibrated
	Acceptable  string   `json:"acceptance_warning,omitempty"`
	Sentence    string   `json:"sentence"`
}

const calibrationBins = 10

// Report measures a prediction against the phenotype it was made for.
func (p *Prediction) Report(y *Trait) *Report {
	var rows []int
	var target []float64
	for i, r := range p.Run {
		if r >= 0 {
			rows, target = append(rows, i), append(target, y.Values[i])
		}
	}
	of := func(v []float64) []float64 {
		out := make([]float64, len(rows))
		for i, r := range rows {
			out[i] = v[r]
		}
		return out
	}
	r := &Report{N: len(rows)}
	mixture, linear := of(p.Values), of(p.OLS)
	r.Score = append(r.Score, scoreOf("mixture", mixture, target, p.Binary))
	if !slices.Contains(p.Members, Linear) {
		r.Score = append(r.Score, scoreOf("linear", linear, target, p.Binary))
	}
	for m, name := range p.Members {
		r.Score = append(r.Score, scoreOf(string(name), of(p.ByMember[m]), target, p.Binary))
	}
	if p.Binary {
		for _, v := range target {
			r.Cases += int(v)
		}
		r.GainMeasure = "log loss"
		a, b := logLosses(linear, target), logLosses(mixture, target)
		for i := range a {
			a[i] -= b[i]
		}
		r.Gain = meanOf(a)
	} else {
		r.GainMeasure = "R2"
		r.Gain = r2Gain(mixture, linear, target)
	}
	r.Calibration, r.Slope = calibration(mixture, target)
	metric := make([]float64, len(p.Runs))
	for k := range p.Runs {
		metric[k] = p.Runs[k].ValidMetric
	}
	r.Acceptable = Acceptable(metric)
	r.Sentence = r.sentence(p.Trait)
	return r
}

func (r *Report) sentence(trait string) string {
	figure := fmt.Sprintf("%s %+.4f, 95 %% interval %+.4f to %+.4f", map[string]string{"R2": "R2", "log loss": "log loss saved"}[r.GainMeasure], r.Gain.Value, r.Gain.Low, r.Gain.High)
	switch {
	case r.Gain.Value <= 0:
		return fmt.Sprintf("trait %s: the linear model suffices (%s)", trait, figure)
	case r.Gain.Low <= 0:
		return fmt.Sprintf("trait %s: a nonlinear effect of the covariates is not certain; the linear model probably suffices (%s)", trait, figure)
	}
	return fmt.Sprintf("trait %s: the covariates act nonlinearly, and the prediction helps (%s)", trait, figure)
}

func scoreOf(name string, pred, y []float64, binary bool) Score {
	s := Score{Model: name}
	if !binary {
		e := r2Gain(pred, nil, y)
		s.R2 = &e
		return s
	}
	a, l, b := aucOf(pred, y), meanOf(logLosses(pred, y)), make([]float64, len(y))
	for i, v := range pred {
		b[i] = (v - y[i]) * (v - y[i])
	}
	e := meanOf(b)
	s.AUC, s.LogLoss, s.Brier = &a, &l, &e
	return s
}

// interval is 95 % around a value, from the influences of individuals, whose
// mean is 0.
func interval(value float64, influence []float64) Estimate {
	_, sd := moments(influence)
	half := distuv.UnitNormal.Quantile(0.975) * sd / math.Sqrt(float64(len(influence)))
	return Estimate{value, value - half, value + half}
}

func meanOf(v []float64) Estimate {
	mean, _ := moments(v)
	return interval(mean, v)
}

// r2Gain is the R2 of a less that of b; b is nil for the mean of y, whose R2 is
// 0.
func r2Gain(a, b, y []float64) Estimate {
	mean, sd := moments(y)
	v := sd * sd
	gain := R2(a, y)
	if b != nil {
		gain -= R2(b, y)
	}
	influence := make([]float64, len(y))
	for i, x := range y {
		total := (x - mean) * (x - mean)
		other := total
		if b != nil {
			other = (x - b[i]) * (x - b[i])
		}
		influence[i] = (other-(x-a[i])*(x-a[i]))/v - float64(gain*(total/v))
	}
	return interval(gain, influence)
}

func logLosses(pred, y []float64) []float64 {
	out := make([]float64, len(y))
	for i := range out {
		out[i] = LogLoss(pred[i:i+1], y[i:i+1])
	}
	return out
}

// aucOf is the area under the curve with DeLong's interval: the placement of a
// case is the share of controls below it, and the other way round.
func aucOf(pred, y []float64) Estimate {
	var group [2][]float64
	var at [2][]int
	for i, v := range y {
		k := 0
		if v > 0.5 {
			k = 1
		}
		group[k], at[k] = append(group[k], pred[i]), append(at[k], i)
	}
	all := ranks(pred)
	value := AUC(pred, y)
	variance := 0.0
	for k := range group {
		own := ranks(group[k])
		place := make([]float64, len(own))
		for i, r := range own {
			place[i] = (all[at[k][i]] - r) / float64(len(group[1-k]))
		}
		_, sd := moments(place)
		variance += sd * sd / float64(len(place))
	}
	half := distuv.UnitNormal.Quantile(0.975) * math.Sqrt(variance)
	return Estimate{value, value - half, value + half}
}

func calibration(pred, y []float64) (bins []Bin, slope float64) {
	order := make([]int, len(pred))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(pred[a], pred[b]) })
	for q := range calibrationBins {
		part := order[q*len(order)/calibrationBins : (q+1)*len(order)/calibrationBins]
		b := Bin{N: len(part)}
		for _, i := range part {
			b.Predicted += pred[i] / float64(len(part))
			b.Observed += y[i] / float64(len(part))
		}
		bins = append(bins, b)
	}
	_, sp := moments(pred)
	_, sy := moments(y)
	if r := Pearson(pred, y); !math.IsNaN(r) {
		slope = r * sy / sp
	}
	return bins, slope
}
