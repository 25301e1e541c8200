package stage

import (
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/io/table"
	"github.com/gx-genomics/gx/nullmodel"
)

// nullSheet is the diagnostics of a run in long form: one number a row, with
// what it is of. Columns that mean nothing to a row are NULL there.
type nullSheet struct {
	text   [5][]string  // trait, what, name, measure, level
	number [7][]float64 // run, part, x, value, low, high, n
}

// sheetRow is a row; run and part count from 0, x is a step of learning, a
// prediction or the value of a covariate.
type sheetRow struct {
	what, name, measure, level        string
	run, part, x, value, low, high, n float64
}

var none = math.NaN()

// blank is a row of which only the value is known.
func blank(what, name, measure string, value float64) sheetRow {
	return sheetRow{what: what, name: name, measure: measure, run: none, part: none, x: none, value: value, low: none, high: none, n: none}
}

func (s *nullSheet) add(trait string, r sheetRow) {
	for k, v := range []string{trait, r.what, r.name, r.measure, r.level} {
		s.text[k] = append(s.text[k], v)
	}
	for k, v := range []float64{r.run, r.part, r.x, r.value, r.low, r.high, r.n} {
		s.number[k] = append(s.number[k], v)
	}
}

func (s *nullSheet) estimate(trait, what, name, measure string, e *nullmodel.Estimate, n int) {
	if e == nil {
		return
	}
	r := blank(what, name, measure, e.Value)
	r.low, r.high, r.n = e.Low, e.High, float64(n)
	s.add(trait, r)
}

// take adds all that is known of a trait.
func (s *nullSheet) take(t *NullPrediction) {
	p, trait, rep := t.Model, t.Model.Trait, t.Report
	for _, sc := range rep.Score {
		for _, m := range []struct {
			name string
			e    *nullmodel.Estimate
		}{{"r2", sc.R2}, {"auc", sc.AUC}, {"log_loss", sc.LogLoss}, {"brier", sc.Brier}} {
			s.estimate(trait, "score", sc.Model, m.name, m.e, rep.N)
		}
	}
	s.estimate(trait, "gain", "mixture", strings.ToLower(strings.ReplaceAll(rep.GainMeasure, " ", "_")), &rep.Gain, rep.N)
	s.add(trait, blank("calibration", "mixture", "slope", rep.Slope))
	for _, b := range rep.Calibration {
		r := blank("calibration", "mixture", "mean", b.Observed)
		r.x, r.n = b.Predicted, float64(b.N)
		s.add(trait, r)
	}
	for k, run := range p.Runs {
		for m, w := range run.Weights {
			r := blank("weight", string(p.Members[m]), "weight", w)
			r.run = float64(k)
			s.add(trait, r)
		}
		for _, m := range []struct {
			name  string
			value float64
		}{{"loss", run.ValidLoss}, {"metric", run.ValidMetric}} {
			r := blank("validation", "mixture", m.name, m.value)
			r.run, r.n = float64(k), float64(run.Valid)
			s.add(trait, r)
		}
		for _, c := range run.Curves {
			for i, l := range c.Loss {
				r := blank("learning_curve", string(c.Member), "loss", l)
				r.run, r.part, r.x = float64(k), float64(c.Part), float64((i+1)*c.Every)
				if i == c.Kept {
					r.level = "kept"
				}
				s.add(trait, r)
			}
		}
	}
	for _, e := range p.Effects {
		r := blank("importance", e.Covariate, "loss", e.Importance)
		s.add(trait, r)
		s.add(trait, blank("importance", e.Covariate, "sd", e.SD))
		for i, mean := range e.Mean {
			r := blank("partial_dependence", e.Covariate, "mean", mean)
			if e.Levels != nil {
				r.level = e.Levels[i]
			} else {
				r.x = e.At[i]
			}
			s.add(trait, r)
		}
	}
}

// sheet writes the diagnostics of all traits as Parquet.
func (m *NullModel) sheet(w io.Writer, plan *NullModelPlan) error {
	var s nullSheet
	meta := []table.Pair{{Key: "gx.version", Value: Version}, {Key: "gx.model", Value: "deepnull"}, {Key: "gx.seed", Value: strconv.FormatInt(plan.Options.Seed, 10)}}
	for i := range m.Traits {
		s.take(&m.Traits[i])
		meta = append(meta, table.Pair{Key: "gx.sentence." + m.Traits[i].Model.Trait, Value: m.Traits[i].Report.Sentence})
	}
	var columns []table.SheetColumn
	for k, name := range []string{"trait", "what", "name", "measure", "level"} {
		columns = append(columns, table.SheetColumn{Name: name, Texts: append([]string{}, s.text[k]...)})
	}
	for k, name := range []string{"run", "part", "x", "value", "low", "high", "n"} {
		columns = append(columns, table.SheetColumn{Name: name, Numbers: s.number[k]})
	}
	return table.WriteSheet(w, "nullmodel", meta, columns)
}
