package report

import (
	"strings"
)

// Rows of the table of loci: of hits, and of suggestive ones below them.
const (
	mostHitRows  = 40
	suggestRows  = 10
	mostRowsSets = 20
)

// lociTable writes the leading variants, of sets the best rows.
func (t *Trait) lociTable(p *page) {
	r := &t.Main
	if t.Sets {
		var rows [][]string
		for i := range r.Best[:min(len(r.Best), mostRowsSets)] {
			l := &r.Best[i]
			rows = append(rows, []string{name(l), l.Chrom, whole(l.Pos), whole(l.N), digits(float64(l.Beta), 4), digits(float64(l.SE), 3), pText(l.NegLog10P), decimals(float64(l.NegLog10P), 2)})
		}
		p.f("<h3>Sets with the smallest p</h3>\n")
		p.grid("", []string{"set", "chrom", "pos", "n", "beta", "se", "p", "−log₁₀ p"}, rows)
		return
	}
	var rows [][]string
	hits := 0
	for i := range r.Loci {
		l := &r.Loci[i]
		if l.Hit && len(rows) < mostHitRows || !l.Hit && i-hits < suggestRows {
			rows = append(rows, locusRow(l))
		}
		if l.Hit {
			hits++
		}
	}
	if len(rows) == 0 {
		p.f("<p>No row has a p below the suggestive threshold.</p>\n")
		return
	}
	p.f("<h3>Leading variants</h3>\n<p class=\"quiet\">The smallest p of each locus; the effect is of the alternate allele. Hits on a chromosome no further apart than the window are one locus, and linkage is not looked at. ")
	p.f("Wide: a locus longer than the window, a chain of hits, maybe of several signals. Region: it has hits of the region that counts as one (the MHC). Rare: the rarer allele was counted less than 20 times. Suggestive: no row below the threshold of hits.</p>\n")
	p.grid("", []string{"variant", "chrom", "pos", "<ref/alt", "EAF", "n", "beta", "se", "p", "−log₁₀ p", "locus, kb", "rows", "<remarks"}, rows)
	if n := r.HitLoci - mostHitRows; n > 0 {
		p.f("<p class=\"quiet\">%s more loci of hits are in the JSON summary.</p>\n", whole(n))
	}
}

func locusRow(l *Locus) []string {
	v := &l.Lead
	var remarks []string
	for _, x := range []struct {
		yes  bool
		word string
	}{{!l.Hit, "suggestive"}, {l.Wide, "wide"}, {l.One, "region"}, {v.mac() < 20, "rare"}, {v.Flags != ".", v.Flags}} {
		if x.yes {
			remarks = append(remarks, x.word)
		}
	}
	eaf := digits(float64(v.EAF), 3)
	return []string{name(v), v.Chrom, whole(v.Pos), cut(v.Ref) + "/" + cut(v.Alt), eaf, whole(v.N), digits(float64(v.Beta), 4), digits(float64(v.SE), 3),
		pText(v.NegLog10P), decimals(float64(v.NegLog10P), 2), decimals(float64(l.Last-l.First)/1000, 1), whole(l.Rows), strings.Join(remarks, ", ")}
}

// mostOthers is how many further tests of a table are listed.
const mostOthers = 12

// rest writes the other tests of the table, and why rows have no p.
func (t *Trait) rest(p *page) {
	if len(t.Others) > 0 {
		var rows [][]string
		for i := range t.Others[:min(len(t.Others), mostOthers)] {
			r := &t.Others[i]
			best, at := "–", "–"
			if len(r.Best) > 0 {
				best, at = pText(r.Best[0].NegLog10P), name(&r.Best[0])
			}
			rows = append(rows, []string{r.Test, whole(r.Tests), decimals(float64(r.Lambda), 3), whole(r.Hits), best, at})
		}
		p.f("<h3>Other tests in the table</h3>\n")
		p.grid("", []string{"test", "tests", "λ GC", "hits", "smallest p", "<at"}, rows)
	}
	if t.Unread > 0 {
		p.f("<p class=\"quiet\">%s rows are of further tests and are left out.</p>\n", whole(t.Unread))
	}
	r := &t.Main
	if r.Failed == 0 && len(r.Skipped) == 0 {
		return
	}
	rows := [][]string{}
	for _, c := range sortedCounts(r.Skipped) {
		rows = append(rows, []string{c.name, whole(c.n), percent(c.n, r.Rows)})
	}
	if r.Failed > 0 {
		rows = append(rows, []string{"test made, no p", whole(r.Failed), percent(r.Failed, r.Rows)})
	}
	p.f("<h3>Rows without a p</h3>\n")
	p.grid("", []string{"reason", "rows", "share"}, rows)
}
