package report

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/gx-genomics/gx/internal/chart"
	"github.com/gx-genomics/gx/variant/stats"
)

// Sizes of the pictures of calls: two, or four, stand beside each other.
const (
	halfWide, halfHigh = 490, 260
)

// bin is a bin of a histogram of whole numbers, from one to another.
type bin struct{ from, to, n int }

// binned cuts counts of whole numbers, from 0, into at most n bins of equal width. The
// last one has all above the 99.9th hundredth.
func binned(counts []int, most int) (bins []bin, open bool) {
	total, last := 0, 0
	for x, n := range counts {
		if total += n; n > 0 {
			last = x
		}
	}
	cut, sum := last, 0
	for x, n := range counts {
		if sum += n; sum >= total-total/1000 {
			cut = x
			break
		}
	}
	width := max(int(chart.Step(float64(cut+1), most)), 1)
	for from := 0; from <= cut; from += width {
		bins = append(bins, bin{from: from, to: from + width})
	}
	for x, n := range counts {
		if len(bins) > 0 {
			bins[min(x/width, len(bins)-1)].n += n
		}
	}
	return bins, last/width >= len(bins)
}

// histogram is a picture of counts of whole numbers, with its table.
func histogram(p *page, id, title, xlabel, ylabel string, counts []int) {
	bins, open := binned(counts, 50)
	high, sum := 1, 0
	for _, b := range bins {
		high, sum = max(high, b.n), sum+b.n
	}
	if sum == 0 {
		return
	}
	end := float64(bins[len(bins)-1].to)
	c := chart.New(id, title, chart.Linear(xlabel, 0, end, 8, false), chart.Linear(ylabel, 0, float64(high), 5, true))
	c.Width, c.Height = halfWide, halfHigh
	var columns []chart.Column
	var rows [][]string
	for i, b := range bins {
		name := strconv.Itoa(b.from)
		if b.to > b.from+1 {
			name += " to " + strconv.Itoa(b.to-1)
		}
		if open && i == len(bins)-1 {
			name = strconv.Itoa(b.from) + " or more"
		}
		columns = append(columns, chart.Column{From: float64(b.from), To: float64(b.to), Height: float64(b.n), Note: name + ": " + whole(b.n)})
		rows = append(rows, []string{name, whole(b.n)})
	}
	most := slices.MaxFunc(bins, func(a, b bin) int { return a.n - b.n })
	c.Desc = fmt.Sprintf("Histogram of %s values; most are from %d to %d.", whole(sum), most.from, most.to-1)
	if open {
		c.Desc += " The last bar has all that are larger."
	}
	c.Columns(columns, chart.First)
	p.figure(c.SVG(), []string{xlabel, ylabel}, rows)
}

// pictures writes all pictures of a file.
func (c *Calls) pictures(p *page, id string) {
	s := c.from.Variant
	p.f("<h3>Quality and depth of variants</h3>\n<div class=\"grid\">\n")
	var quals []int
	for q, b := range s.Qual {
		if q >= 0 {
			for len(quals) <= q {
				quals = append(quals, 0)
			}
			quals[q] += b.SNPs + b.Indels
		}
	}
	histogram(p, id+"-qual", "QUAL", "QUAL, Phred", "alleles", quals)
	histogram(p, id+"-gq", "Genotype quality", "GQ, Phred", "genotypes", s.GQ[:])
	histogram(p, id+"-dp", "Depth", "reads (DP)", "genotypes", s.Depth[:])
	c.substitutions(p, id+"-st")
	p.f("</div>\n")
	c.balances(p, id)
	c.lengths(p, id)
}

// balances are the histograms of alternate reads, by genotype.
func (c *Calls) balances(p *page, id string) {
	any := false
	for z := range c.from.Balance {
		for _, n := range c.from.Balance[z] {
			any = any || n > 0
		}
	}
	if !any {
		return
	}
	p.f("<h3>Allele balance by genotype</h3>\n<p class=\"quiet\">Share of reads that show an alternate allele, of all records. The line is what the genotype says.</p>\n<div class=\"grid\">\n")
	for _, k := range []struct {
		z     stats.Zygosity
		lines []float64
	}{{stats.Het, []float64{0.5}}, {stats.HomAlt, []float64{1}}, {stats.HomRef, []float64{0}}, {stats.Mixed, []float64{1}}, {stats.NoCall, nil}} {
		bins := c.from.Balance[k.z]
		high, sum := 1, 0
		for _, n := range bins {
			high, sum = max(high, n), sum+n
		}
		if sum == 0 {
			continue
		}
		h := chart.New(fmt.Sprintf("%s-ab%d", id, k.z), k.z.String(), chart.Linear("alternate share of reads", 0, 1, 5, false), chart.Linear("genotypes", 0, float64(high), 4, true))
		h.Width, h.Height = halfWide, 210
		h.Desc = fmt.Sprintf("Histogram of %s genotypes by the share of their reads that show an alternate allele.", whole(sum))
		var columns []chart.Column
		var rows [][]string
		for i, n := range bins {
			from, to := float64(i)/stats.BalanceBins, float64(i+1)/stats.BalanceBins
			name := fmt.Sprintf("%.2f to %.2f", from, to)
			columns = append(columns, chart.Column{From: from, To: to, Height: float64(n), Note: name + ": " + whole(n)})
			if n > 0 {
				rows = append(rows, []string{name, whole(n)})
			}
		}
		h.Columns(columns, chart.First)
		for _, x := range k.lines {
			h.Down(x, chart.Second, "")
		}
		p.figure(h.SVG(), []string{"share", "genotypes"}, rows)
	}
	p.f("</div>\n")
}

// substitutions are the SNPs by their two bases.
func (c *Calls) substitutions(p *page, id string) {
	s := c.from.Variant
	high := 1
	x := chart.Axis{Min: 0, Max: 12, Label: "reference > alternate"}
	var ti, tv []chart.Column
	var rows [][]string
	k := 0
	for i, from := range "ACGT" {
		for j, to := range "ACGT" {
			if i == j {
				continue
			}
			n := s.Changes[i][j]
			high = max(high, n)
			name := string(from) + ">" + string(to)
			column := chart.Column{From: float64(k) + 0.12, To: float64(k) + 0.88, Height: float64(n), Note: name + ": " + whole(n)}
			kind := "transversion"
			if stats.Transition(byte(from), byte(to)) {
				kind = "transition"
				ti = append(ti, column)
			} else {
				tv = append(tv, column)
			}
			x.Ticks = append(x.Ticks, chart.Tick{At: float64(k) + 0.5, Text: name})
			rows = append(rows, []string{name, kind, whole(n)})
			k++
		}
	}
	h := chart.New(id, "Substitutions", x, chart.Linear("SNP alleles", 0, float64(high), 5, true))
	h.Width, h.Height = halfWide, halfHigh
	h.Desc = fmt.Sprintf("SNP alleles by base change: %s transitions, %s transversions.", whole(s.Ti), whole(s.Tv))
	h.Legend("transition", chart.First, chart.Bar)
	h.Legend("transversion", chart.Second, chart.Bar)
	h.Columns(ti, chart.First)
	h.Columns(tv, chart.Second)
	p.figure(h.SVG(), []string{"change", "<kind", "alleles"}, rows)
}

// lengths are the indels by length, on both scales.
func (c *Calls) lengths(p *page, id string) {
	s := c.from.Variant
	half := len(s.Lengths) / 2
	high, reach := 0, 5
	var del, ins []chart.Column
	var rows [][]string
	for i := range s.Lengths {
		n, k := s.Lengths[i].Sites, i-half
		if n == 0 {
			continue
		}
		high, reach = max(high, n), max(reach, k, -k)
		name := strconv.Itoa(k)
		if k == half || k == -half {
			name += " or longer"
		}
		column := chart.Column{From: float64(k) - 0.45, To: float64(k) + 0.45, Height: float64(n), Note: name + ": " + whole(n)}
		if k < 0 {
			del = append(del, column)
		} else {
			ins = append(ins, column)
		}
		rows = append(rows, []string{name, whole(n)})
	}
	if high == 0 {
		return
	}
	p.f("<h3>Indel lengths</h3>\n<div class=\"grid\">\n")
	for i, y := range []chart.Axis{chart.Linear("alleles", 0, float64(high), 5, true), chart.Log10("alleles, log scale", 0.5, float64(high))} {
		title := "Indel lengths"
		if y.Log {
			y.Min = 0.5 // so that one is seen
			title += ", log scale"
			y.Ticks = slices.DeleteFunc(y.Ticks, func(t chart.Tick) bool { return t.At < 1 })
		}
		h := chart.New(fmt.Sprintf("%s-len%d", id, i), title, chart.Linear("bases, deletions negative", float64(-reach)-1, float64(reach)+1, 8, false), y)
		h.Width, h.Height = halfWide, halfHigh
		h.Desc = fmt.Sprintf("Indel alleles by length: %s insertions, %s deletions.", whole(c.Variants.Insertions), whole(c.Variants.Deletions))
		h.Legend("deletion", chart.Second, chart.Bar)
		h.Legend("insertion", chart.First, chart.Bar)
		h.Columns(del, chart.Second)
		h.Columns(ins, chart.First)
		if i == 0 {
			p.figure(h.SVG(), []string{"length", "alleles"}, rows)
		} else {
			p.figure(h.SVG(), nil, nil)
		}
	}
	p.f("</div>\n")
}
