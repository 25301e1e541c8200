package notebook

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/internal/chart"
)

// Comparison is what gx compare found.
type Comparison struct {
	Summary Sheet
	Strata  *Sheet // nil where it is missing
}

// Sheet is a table of texts with commas between them.
type Sheet struct {
	Source
	head []string
	rows [][]string
}

// ParseSheet reads a table and checks that it has the columns wanted.
func ParseSheet(source Source, data []byte, columns ...string) (*Sheet, error) {
	r := csv.NewReader(bytes.NewReader(data))
	s := &Sheet{Source: source}
	var err error
	if s.head, err = r.Read(); err != nil {
		if err == io.EOF {
			err = fmt.Errorf("it is empty, want a line of names of columns")
		}
		return nil, err
	}
	for _, c := range columns {
		if !slices.Contains(s.head, c) {
			return nil, fmt.Errorf("line 1: no column %s; is it of gx compare?", c)
		}
	}
	s.rows, err = r.ReadAll()
	return s, err
}

// cell is a text by row and name of a column.
func (s *Sheet) cell(row int, column string) string {
	return s.rows[row][slices.Index(s.head, column)]
}

// SummaryColumns and StrataColumns are those that notebooks show.
var (
	SummaryColumns = []string{"Type", "Filter", "TRUTH.TOTAL", "TRUTH.TP", "TRUTH.FN", "QUERY.TOTAL", "QUERY.FP", "FP.gt", "METRIC.Recall", "METRIC.Precision", "METRIC.F1_Score"}
	StrataColumns  = []string{"Type", "Filter", "Subtype", "Context", "METRIC.Recall", "Recall.Low", "Recall.High", "METRIC.Precision", "Precision.Low", "Precision.High"}
)

// OfComparison are the cells of a notebook about calls judged by the truth.
func OfComparison(c *Comparison, inside []Embedded, o *Options) ([]Cell, error) {
	sources, own := []Source{c.Summary.Source}, []param{{"COMPARISON", quoted(c.Summary.Name), ""}}
	if c.Strata != nil {
		sources, own = append(sources, c.Strata.Source), append(own, param{"STRATA", quoted(c.Strata.Name), ""})
	}
	t := Table{}
	for _, name := range SummaryColumns {
		t.Head = append(t.Head, strings.TrimPrefix(name, "METRIC."))
	}
	for i := range c.Summary.rows {
		var row []string
		for _, name := range SummaryColumns {
			row = append(row, c.Summary.cell(i, name))
		}
		t.Rows = append(t.Rows, row)
	}
	cells := append(o.head("Calls judged by the truth: "+strings.TrimSuffix(c.Summary.Name, ".summary.csv"), sources, inside, own),
		text("## Found and missed"), code("compare_summary", t.output()))
	if c.Strata == nil {
		return cells, nil
	}
	pictures, err := c.Strata.pictures()
	if err != nil {
		return nil, err
	}
	return append(cells, text("## By where variants lie", "", "Bars are 95 % intervals: few variants make long ones."), code("compare_strata", pictures...)), nil
}

// mostWidth bounds a picture, in pixels.
const mostWidth = 6000

// pictures are recall and precision of what passes, by kind and context.
func (s *Sheet) pictures() ([]Output, error) {
	var rows []int
	for i := range s.rows {
		if s.cell(i, "Filter") == "PASS" && s.cell(i, "Subtype") == "*" {
			rows = append(rows, i)
		}
	}
	var out []Output
	for _, measure := range []string{"Recall", "Precision"} {
		x := chart.Axis{Min: 0, Max: max(float64(len(rows)), 1)}
		least := 1.0
		values := make([][3]float64, len(rows))
		for k, i := range rows {
			for j, column := range []string{"METRIC." + measure, measure + ".Low", measure + ".High"} {
				text := s.cell(i, column)
				if text == "" { // nothing to judge
					values[k] = [3]float64{-1, -1, -1}
					break
				}
				v, err := strconv.ParseFloat(text, 64)
				if err != nil {
					return nil, fmt.Errorf("line %d: %s %q: want a number", i+2, column, text)
				}
				values[k][j], least = v, min(least, v)
			}
			x.Ticks = append(x.Ticks, chart.Tick{At: float64(k) + 0.5, Text: s.cell(i, "Type") + " " + s.cell(i, "Context")})
		}
		c := chart.New(strings.ToLower(measure), measure+" of what passes, with 95 % intervals", x, chart.Linear(strings.ToLower(measure), max(least-0.02, 0), 1, 5, true))
		c.Width, c.Height = min(max(figureWidth, 110*len(rows)), mostWidth), figureHeight
		c.Desc = fmt.Sprintf("%d kinds of variants and contexts, the lowest end of an interval %.4f.", len(rows), least)
		for k, v := range values {
			if v[0] < 0 {
				continue
			}
			at := float64(k) + 0.5
			c.Line([]chart.Point{{X: at, Y: v[1]}, {X: at, Y: v[2]}}, chart.First, false)
			c.Mark(chart.Point{X: at, Y: v[0]}, chart.Dot, chart.First, fmt.Sprintf("%s: %.4f", x.Ticks[k].Text, v[0]))
		}
		out = append(out, drawn(c))
	}
	return out, nil
}
