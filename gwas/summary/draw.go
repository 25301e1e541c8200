package summary

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/gx-genomics/gx/internal/chart"
)

// mostLabels is how many loci a picture names.
const mostLabels = 12

// Manhattan is the picture of the whole genome: the tests by place and -log10 p,
// neighbouring chromosomes in two colours, the loci's leading variants as diamonds. id
// names it in a page.
func (t *Test) Manhattan(id, title string, width, height int) *chart.Chart {
	list := t.shape.sorted()
	offsets, total := layout(list)
	top := max(t.shape.most*1.06, t.hitAt+1)
	y := chart.Linear("−log₁₀ p", 0, top, 6, false)
	x := chart.Axis{Min: 0, Max: total, Label: "chromosome"}
	for i, c := range list {
		name := bare(c.name)
		if c.name == "" {
			name = "other"
		}
		x.Ticks = append(x.Ticks, chart.Tick{At: offsets[i] + float64(c.end)/2, Text: name})
	}
	if len(list) == 1 {
		x = chart.Linear("position on "+list[0].name+", Mb", float64(firstColumn(list[0])*t.shape.width)/1e6, float64(list[0].end)/1e6, 8, false)
		offsets, total = []float64{0}, 1
	}
	unit := 1.0
	if len(list) == 1 {
		unit = 1e-6
	}
	loci := t.Loci()
	c := chart.New(id, title, x, y)
	c.Width, c.Height = width, height
	c.Desc = fmt.Sprintf("%d tests by place in the genome and minus log10 p; the largest is %.2f. %s", t.Tests, t.shape.most, lociWords(loci))
	c.Legend("p = "+chart.Scientific(t.o.Hit), chart.Second, chart.Dashed)
	if len(loci) > 0 {
		c.Legend("leading variant of a locus", chart.Second, chart.Diamond)
	}
	inks := []chart.Ink{chart.First, chart.Quiet}
	for k, ink := range inks {
		cells := c.NewCells()
		for i := k; i < len(list); i += 2 {
			t.shape.fill(c, cells, list[i], offsets[i], unit)
		}
		c.DrawCells(cells, ink, 1.4)
	}
	c.Across(t.hitAt, chart.Second, "")
	t.markLoci(c, list, offsets, unit, loci)
	return c
}

// layout puts chromosomes one behind the other, a gap between them.
func layout(list []*chromShape) (offsets []float64, total float64) {
	sum := 0.0
	for _, c := range list {
		sum += float64(c.end)
	}
	gap := sum / 250
	if len(list) > 50 {
		gap = sum / 5 / float64(len(list))
	}
	for _, c := range list {
		offsets = append(offsets, total)
		total += float64(c.end) + gap
	}
	return offsets, max(total-gap, 1)
}

func firstColumn(c *chromShape) int {
	return max(slices.IndexFunc(c.columns, func(k []uint64) bool { return len(k) > 0 }), 0)
}

func (s *shape) fill(c *chart.Chart, cells *chart.Cells, of *chromShape, offset, unit float64) {
	for i, column := range of.columns {
		at := offset + min((float64(i)+0.5)*float64(s.width), float64(of.end))*unit
		for k, word := range column {
			for b := 0; word != 0; b, word = b+1, word>>1 {
				if word&1 != 0 {
					c.Set(cells, chart.Point{X: at, Y: heightAt(k*64 + b)})
				}
			}
		}
	}
}

// markLoci draws the leading variants, the smallest p named first.
func (t *Test) markLoci(c *chart.Chart, list []*chromShape, offsets []float64, unit float64, loci []Locus) {
	order := slices.Clone(loci)
	slices.SortStableFunc(order, func(a, b Locus) int { return a.Lead.compare(&b.Lead) })
	for k := range order {
		l := &order[k].Lead
		i := slices.Index(list, t.shape.names[l.Chrom])
		start := l.Start
		if list[i].name == "" {
			start = 0
		}
		p := chart.Point{X: offsets[i] + float64(start)*unit, Y: l.NegLog10P}
		const mostMarks = 500
		if k < mostMarks {
			c.Mark(p, chart.Diamond, chart.Second, l.Name()+", "+l.Place()+", −log₁₀ p "+strconv.FormatFloat(l.NegLog10P, 'f', 2, 64))
		}
		if k < mostLabels {
			c.Label(p, l.short())
		}
	}
}

// Place is chrom:pos, 1-based.
func (l *Lead) Place() string { return l.Chrom + ":" + strconv.Itoa(l.Start+1) }

// Name is the ID, or place and alleles where there is none.
func (l *Lead) Name() string {
	if l.ID == "" || l.ID == "." {
		return l.Place() + ":" + l.Ref + ":" + l.Alt
	}
	return l.ID
}

// short is a name short enough for a picture.
func (l *Lead) short() string {
	if n := l.Name(); len(n) <= 16 {
		return n
	}
	return l.Place()
}

func lociWords(loci []Locus) string {
	if len(loci) == 0 {
		return "No test is below the p of a hit."
	}
	best := slices.MinFunc(loci, func(a, b Locus) int { return cmp.Compare(-a.Lead.NegLog10P, -b.Lead.NegLog10P) })
	return fmt.Sprintf("Loci with hits: %d; the strongest is led by %s.", len(loci), best.Lead.Name())
}

// QQ is the quantiles of p against those expected where nothing is associated, with
// the band in which 95 % of each would lie then.
func (t *Test) QQ(id, title string, width, height int) *chart.Chart {
	list := t.Quantiles()
	most, expected := t.shape.most, 1.0
	for _, q := range list {
		most, expected = max(most, min(q.HighBand, 2*q.Expected+1)), max(expected, q.Expected)
	}
	c := chart.New(id, title, chart.Linear("expected −log₁₀ p", 0, expected*1.05, 6, false), chart.Linear("observed −log₁₀ p", 0, max(most*1.05, expected*1.05), 6, false))
	c.Width, c.Height = width, height
	c.Desc = fmt.Sprintf("Observed against expected minus log10 p of %d tests; genomic inflation %.3f.", t.Tests, t.Lambda())
	c.Legend("95 % band", chart.Shade, chart.Area)
	c.Legend("observed", chart.First, chart.Dot)
	var low, high, dots []chart.Point
	for k := len(list) - 1; k >= 0; k-- {
		q := &list[k]
		low = append(low, chart.Point{X: q.Expected, Y: q.LowBand})
		high = append(high, chart.Point{X: q.Expected, Y: min(q.HighBand, c.Y.Max)})
		dots = append(dots, chart.Point{X: q.Expected, Y: q.Observed})
	}
	c.Band(low, high, chart.Shade)
	end := min(c.X.Max, c.Y.Max)
	c.Line([]chart.Point{{X: 0, Y: 0}, {X: end, Y: end}}, chart.Quiet, true)
	c.Dots(dots, chart.First, 2)
	if l := t.Lambda(); !math.IsNaN(l) {
		c.Note("λ = " + strconv.FormatFloat(l, 'f', 3, 64))
	}
	return c
}
