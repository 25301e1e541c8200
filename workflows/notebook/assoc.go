package notebook

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/gwas/summary"
	"github.com/gx-genomics/gx/internal/chart"
)

// Association is a scan for a notebook.
type Association struct {
	Traits []Trait
	Null   *NullModel // nil for none
	Sets   bool       // rows are sets of variants, which make no loci
	Region Region     // around the smallest p
}

// Trait is a table of a scan.
type Trait struct {
	Name   string
	Source               // that the notebook reads
	Test   *summary.Test // the one that is shown: of the first row with a p; nil where none has
	Others []string      // tests of other rows
}

// Region is the tests around the smallest p of the traits that are drawn.
type Region struct {
	Trait  int // of Association.Traits; -1 for no test at all
	Lead   summary.Lead
	Window int // bases to either side
	Points []chart.Point
}

// MostFigures is of how many traits pictures are drawn.
const MostFigures = 12

const (
	figureWidth, figureHeight = 900, 340
	qqSize                    = 400
)

// Drawn are the places of the traits of which pictures are drawn.
func (a *Association) Drawn() []int {
	var list []int
	for i := range a.Traits {
		if a.Traits[i].Test != nil && len(list) < MostFigures {
			list = append(list, i)
		}
	}
	return list
}

// FindRegion sets the region around the smallest p, without its points.
func (a *Association) FindRegion(window int) {
	a.Region = Region{Trait: -1, Window: window}
	for _, i := range a.Drawn() {
		best := &a.Traits[i].Test.Best[0]
		if a.Region.Trait < 0 || best.NegLog10P > a.Region.Lead.NegLog10P {
			a.Region.Trait, a.Region.Lead = i, *best
		}
	}
}

// Add adds a test of the region's trait, if it lies there.
func (r *Region) Add(chrom, test string, start int, negLog10P float64) {
	if chrom != r.Lead.Chrom || test != r.Lead.Test || max(start-r.Lead.Start, r.Lead.Start-start) > r.Window || math.IsNaN(negLog10P) {
		return
	}
	r.Points = append(r.Points, chart.Point{X: float64(start+1) / 1e6, Y: negLog10P})
}

// OfAssociation are the cells of a notebook about a scan.
func OfAssociation(a *Association, options summary.Options, inside []Embedded, o *Options) []Cell {
	var names []string
	var sources []Source
	files := "{\n"
	for i := range a.Traits {
		t := &a.Traits[i]
		names = append(names, t.Name)
		sources = append(sources, t.Source)
		files += "    " + quoted(t.Name) + ": " + quoted(t.Source.Name) + ",\n"
	}
	own := []param{{"FILES", files + "}", ""}, {"HIT_P", short(options.Hit, 6), "p below which a test is a hit"},
		{"WINDOW", strconv.Itoa(options.Window), "bases: hits no further apart are one locus, and a region is so far drawn to either side"},
		{"MOST_FIGURES", strconv.Itoa(MostFigures), "traits of which figures are drawn"}, {"MOST_ROWS", strconv.Itoa(mostRows), "of a table of loci, for each trait"}}
	if a.Null != nil {
		sources = append(sources, a.Null.Source)
		own = append(own, param{"NULL_MODEL", quoted(a.Null.Source.Name), ""})
	}
	cells := o.head("Association of "+titled(names), sources, inside, own)
	cells = append(cells, text("## What was tested", "", a.words()), folded("assoc_read", "How tables are read and summed up"), code("assoc_table", a.table()))
	if len(a.Drawn()) == 0 {
		return append(cells, text("No test has a p."))
	}
	cells = append(cells,
		text("## Quantiles", "", "Where nothing is associated, dots lie on the line, and 95 % of each rank in the band. Many small effects and kinship lift the whole; the first dots alone are loci."),
		code("assoc_qq", a.each(func(k int, t *Trait) Output {
			return drawn(t.Test.QQ(fmt.Sprintf("qq-%d", k+1), t.Name, qqSize, qqSize))
		})...),
		text("## The genome"),
		code("assoc_manhattan", a.each(func(k int, t *Trait) Output {
			return drawn(t.Test.Manhattan(fmt.Sprintf("genome-%d", k+1), t.Name, figureWidth, figureHeight))
		})...))
	if !a.Sets {
		cells = append(cells, text("## Loci", "", fmt.Sprintf("Hits no further apart than %s bases are one locus, led by the smallest p; the MHC is one as well. Linkage is not looked at.", whole(options.Window))),
			code("assoc_loci", a.loci()))
	}
	cells = append(cells, text("## The smallest p"), code("assoc_best", a.each(best)...))
	if !a.Sets {
		cells = append(cells, text("## Around the strongest locus"), code("assoc_region", a.region()...))
	}
	cells = append(cells, text("## Questions", "", "A table is a query away: DuckDB reads Parquet in place and passes over what cannot match; without it, or of tables of text, pandas gives the same."),
		code("assoc_query", a.query()))
	if a.Null != nil {
		cells = append(cells, text("## The null model", "", "How well the covariates alone predict each trait in people whom the model has not seen. What they explain is noise that the tests are rid of."),
			code("assoc_null", a.Null.outputs()...))
	}
	return cells
}

// words say what the table is of.
func (a *Association) words() string {
	var others []string
	for i := range a.Traits {
		for _, name := range a.Traits[i].Others {
			if !slices.Contains(others, name) {
				others = append(others, name)
			}
		}
	}
	s := "A hit is a test whose p is below HIT_P. Lambda GC is the median chi-square over that of chance, from the tests' p."
	if len(others) > 0 {
		s += " The first test of each table is shown; its other rows are of " + markdown(strings.Join(others, ", ")) + "."
	}
	return s
}

// titled is a list of traits for a title.
func titled(names []string) string {
	const most = 6
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more traits", len(names)-most)
	}
	return strings.Join(names, ", ")
}

// each is an output of every trait that is drawn.
func (a *Association) each(f func(k int, t *Trait) Output) []Output {
	var list []Output
	for k, i := range a.Drawn() {
		list = append(list, f(k, &a.Traits[i]))
	}
	return list
}

// known is a count, NA where it is not told.
func known(n int) string {
	if n <= 0 {
		return "NA"
	}
	return whole(n)
}

func (a *Association) table() Output {
	t := Table{Head: []string{"trait", "test", "samples", "cases", "tests", "lambda GC", "hits", "best", "-log10 p"}}
	for i := range a.Traits {
		x := &a.Traits[i]
		if x.Test == nil {
			t.add(x.Name, "", "NA", "NA", "0", "NA", "0", "", "NA")
			continue
		}
		best := &x.Test.Best[0]
		cases := "NA"
		if x.Test.Cases >= 0 {
			cases = whole(x.Test.Cases)
		}
		t.add(x.Name, x.Test.Name, known(x.Test.MostN), cases, whole(x.Test.Tests), fixed(x.Test.Lambda(), 3), whole(x.Test.Hits), best.Name(), fixed(best.NegLog10P, 2))
	}
	return t.output()
}

func (a *Association) loci() Output {
	t := Table{Head: []string{"trait", "chrom", "from", "to", "hits", "lead", "position", "ref", "alt", "eaf", "beta", "se", "-log10 p"}}
	for i := range a.Traits {
		if a.Traits[i].Test == nil {
			continue
		}
		list := a.Traits[i].Test.Loci()
		slices.SortStableFunc(list, func(x, y summary.Locus) int { return cmp.Compare(y.Lead.NegLog10P, x.Lead.NegLog10P) })
		for _, x := range list[:min(len(list), mostRows)] {
			l := &x.Lead
			t.add(a.Traits[i].Name, x.Chrom, whole(x.From+1), whole(x.To+1), whole(x.Hits), l.Name(), whole(l.Start+1), l.Ref, l.Alt,
				fixed(l.EAF, 4), short(l.Beta, 4), short(l.SE, 4), fixed(l.NegLog10P, 2))
		}
	}
	return t.output()
}

// mostBest is how many of the smallest p a trait's table has.
const mostBest = 20

func best(_ int, x *Trait) Output {
	t := Table{Head: []string{"trait", "chrom", "position", "id", "ref", "alt", "eaf", "beta", "se", "-log10 p"}}
	list := x.Test.Best
	for k := range list[:min(len(list), mostBest)] {
		l := &list[k]
		t.add(x.Name, l.Chrom, whole(l.Start+1), l.Name(), l.Ref, l.Alt, fixed(l.EAF, 4), short(l.Beta, 4), short(l.SE, 4), fixed(l.NegLog10P, 2))
	}
	return t.output()
}

func (a *Association) region() []Output {
	r := &a.Region
	l := &r.Lead
	trait := a.Traits[r.Trait].Name
	at := float64(l.Start+1) / 1e6
	from, to := at, at
	top := -math.Log10(a.Traits[r.Trait].Test.Options().Hit)
	hit := top
	for _, p := range r.Points {
		from, to, top = min(from, p.X), max(to, p.X), max(top, p.Y)
	}
	c := chart.New("region", trait+", around "+l.Name(), chart.Linear("position on "+l.Chrom+", Mb", from, to, 8, false), chart.Linear("−log₁₀ p", 0, top*1.08, 6, false))
	c.Width, c.Height = figureWidth, figureHeight
	c.Desc = fmt.Sprintf("%d tests by place, the smallest p that of %s.", len(r.Points), l.Name())
	cells := c.NewCells()
	for _, p := range r.Points {
		c.Set(cells, p)
	}
	c.DrawCells(cells, chart.First, 2)
	c.Across(hit, chart.Second, "")
	c.Mark(chart.Point{X: at, Y: l.NegLog10P}, chart.Diamond, chart.Second, l.Name())
	return []Output{
		{Printed: true, Text: fmt.Sprintf("%s: %s at %s:%s, %s tests within %s bases\n", trait, l.Name(), l.Chrom, whole(l.Start+1), whole(len(r.Points)), whole(r.Window))},
		drawn(c)}
}

// queryAbove is the -log10 p of the query.
const queryAbove = 7.3

func (a *Association) query() Output {
	t := Table{Head: []string{"chrom", "pos", "id", "ref", "alt", "eaf", "beta", "se", "neg_log10_p"}}
	if x := a.Traits[0].Test; x != nil {
		for k := range x.Best[:min(len(x.Best), mostBest)] {
			if l := &x.Best[k]; l.NegLog10P > queryAbove {
				t.add(l.Chrom, whole(l.Start+1), l.ID, l.Ref, l.Alt, fixed(l.EAF, 4), short(l.Beta, 4), short(l.SE, 4), fixed(l.NegLog10P, 2))
			}
		}
	}
	return t.output()
}
