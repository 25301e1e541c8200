package notebook

import (
	"fmt"

	"github.com/gx-genomics/gx/internal/chart"
	"github.com/gx-genomics/gx/internal/raster"
)

// histogram is a picture of bins from 0.
func histogram(id, title, x, y string, bins []float64, width float64) Output {
	return histogramFrom(id, title, x, y, bins, width, 0)
}

// histogramFrom is one whose first bin begins elsewhere.
func histogramFrom(id, title, x, y string, bins []float64, width, from float64) Output {
	most, all := 0.0, 0.0
	columns := make([]chart.Column, len(bins))
	for i, n := range bins {
		at := from + float64(i)*width
		columns[i] = chart.Column{From: at, To: at + width, Height: n}
		most, all = max(most, n), all+n
	}
	c := chart.New(id, title, chart.Linear(x, from, from+width*float64(len(bins)), 10, false), chart.Linear(y, 0, most, 5, true))
	c.Desc = fmt.Sprintf("Bars of %.0f %s, the highest %.0f.", all, y, most)
	c.Columns(columns, chart.First)
	return drawn(c)
}

// named is a picture of bars that have names; those marked are told apart.
func named(id, title, y string, names []string, values []float64, marked []bool) Output {
	most := 0.0
	x := chart.Axis{Min: 0, Max: float64(len(names))}
	var plain, other []chart.Column
	for i, v := range values {
		x.Ticks = append(x.Ticks, chart.Tick{At: float64(i) + 0.5, Text: names[i]})
		bar := chart.Column{From: float64(i) + 0.1, To: float64(i) + 0.9, Height: v, Note: fmt.Sprintf("%s: %.0f", names[i], v)}
		if most = max(most, v); marked[i] {
			plain = append(plain, bar)
		} else {
			other = append(other, bar)
		}
	}
	c := chart.New(id, title, x, chart.Linear(y, 0, most, 5, true))
	c.Desc = fmt.Sprintf("Bars of %d kinds, the highest %.0f.", len(names), most)
	c.Legend("transitions", chart.First, chart.Bar)
	c.Legend("transversions", chart.Second, chart.Bar)
	c.Columns(plain, chart.First)
	c.Columns(other, chart.Second)
	return drawn(c)
}

// figureScale is halves of a pixel for each of a chart's: sharp enough, and small.
const figureScale = 3

// drawn is a picture as output; its words stand in where it cannot be shown, and
// where numbers are out of all proportion, which a chart then cannot hold.
func drawn(c *chart.Chart) Output {
	o := Output{Text: c.Title + ": " + c.Desc}
	if b, err := raster.PNG(c.SVG(), figureScale); err == nil {
		o.PNG = b
	}
	return o
}
