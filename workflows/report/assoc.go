package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/gx-genomics/gx/gwas/result"
	"github.com/gx-genomics/gx/gwas/summary"
	"github.com/gx-genomics/gx/internal/chart"
	"github.com/gx-genomics/gx/nullmodel"
)

// Trait is what is reported of a table of association.
type Trait struct {
	Trait      string       `json:"trait"`
	File       string       `json:"file"`
	Format     string       `json:"format"`
	Sets       bool         `json:"sets"` // its rows are sets of variants
	Covariates []string     `json:"covariates,omitempty"`
	Main       TestResult   `json:"main"`
	Others     []TestResult `json:"other_tests,omitempty"`
	Unread     int          `json:"rows_of_further_tests,omitempty"`
	Null       *Null        `json:"null_model,omitempty"`

	manhattan, qq []byte
	quantiles     []summary.Quantile
}

// TestResult is the sums of one test.
type TestResult struct {
	Test       string         `json:"test"`
	Rows       int            `json:"rows"`
	Tests      int            `json:"tests"`
	LeastN     int            `json:"n_least"`
	MostN      int            `json:"n"`
	Cases      *int           `json:"n_cases"`
	Controls   *int           `json:"n_controls"`
	Lambda     number         `json:"lambda_gc"`
	Lambda1000 number         `json:"lambda_1000"`
	Threshold  number         `json:"hit_threshold"`
	Hits       int            `json:"hits"`
	HitLoci    int            `json:"loci_of_hits"`
	Failed     int            `json:"tests_failed"`
	Zero       int            `json:"p_of_zero"`
	Skipped    map[string]int `json:"skipped"`
	Odd        []string       `json:"remarks"`
	Best       []Lead         `json:"best"`
	Loci       []Locus        `json:"loci"` // of hits and of suggestive rows
}

// Lead is a row that is named; the effect allele is the alternate one.
type Lead struct {
	Chrom     string `json:"chrom"`
	Pos       int    `json:"pos"` // 1-based
	ID        string `json:"id"`
	Ref       string `json:"ref"`
	Alt       string `json:"alt"`
	EAF       number `json:"eaf"`
	N         int    `json:"n"`
	Beta      number `json:"beta"`
	SE        number `json:"se"`
	NegLog10P number `json:"neg_log10_p"`
	Flags     string `json:"flags"`
}

// Locus is a locus led by a row.
type Locus struct {
	Lead  Lead `json:"lead"`
	First int  `json:"first"` // 1-based places of its first and last row
	Last  int  `json:"last"`
	Rows  int  `json:"rows"`
	Hit   bool `json:"hit"` // it has a row below the threshold of hits, else suggestive ones only
	Wide  bool `json:"wide"`
	One   bool `json:"one_region"`
}

// Null is how well the null model predicts the trait, out of fold.
type Null struct {
	Measure  string `json:"measure"` // R2 or AUC
	Value    number `json:"value"`
	Low      number `json:"low"`
	High     number `json:"high"`
	Linear   number `json:"linear"` // of the linear model
	N        int    `json:"n"`
	Sentence string `json:"sentence"`
}

func leadOf(l *summary.Lead) Lead {
	return Lead{l.Chrom, l.Start + 1, l.ID, l.Ref, l.Alt, number(l.EAF), l.N, number(l.Beta), number(l.SE), number(l.NegLog10P), l.Flags.String()}
}

// mac is the count of the rarer allele, infinite where the table does not tell.
func (l *Lead) mac() float64 {
	f := float64(l.EAF)
	if math.IsNaN(f) || l.N == 0 {
		return math.Inf(1)
	}
	return 2 * float64(l.N) * min(f, 1-f)
}

// mostLoci is how many loci the summary names of each test.
const mostLoci = 1000

func resultOf(t *summary.Test) TestResult {
	o := t.Options()
	r := TestResult{Test: t.Name, Rows: t.Rows, Tests: t.Tests, LeastN: t.LeastN, MostN: t.MostN, Lambda: number(t.Lambda()), Lambda1000: number(t.Lambda1000()),
		Threshold: number(o.Hit), Hits: t.Hits, Failed: t.Failed, Zero: t.Zero, Skipped: map[string]int{}, Best: []Lead{}, Loci: []Locus{}}
	if t.Cases >= 0 {
		r.Cases = &t.Cases
	}
	if t.Controls >= 0 {
		r.Controls = &t.Controls
	}
	for f, n := range t.Skipped {
		if n > 0 {
			r.Skipped[result.Name(f)] = n
		}
	}
	if t.Other > 0 {
		r.Skipped["no reason told"] = t.Other
	}
	for i := range t.Best {
		r.Best = append(r.Best, leadOf(&t.Best[i]))
	}
	hits, all := t.Loci(), t.Suggestive()
	r.HitLoci = len(hits)
	locus := func(l *summary.Locus, hit bool) {
		r.Loci = append(r.Loci, Locus{leadOf(&l.Lead), l.From + 1, l.To + 1, l.Hits, hit, l.Wide, l.One})
	}
	for i := range hits {
		locus(&hits[i], true)
	}
	for i := range all {
		if l := &all[i]; l.Lead.NegLog10P <= -math.Log10(o.Hit) {
			locus(l, false)
		}
	}
	slices.SortStableFunc(r.Loci, func(a, b Locus) int {
		switch {
		case a.Lead.NegLog10P > b.Lead.NegLog10P:
			return -1
		case a.Lead.NegLog10P < b.Lead.NegLog10P:
			return 1
		}
		return 0
	})
	r.Loci = r.Loci[:min(len(r.Loci), mostLoci)]
	r.Odd = r.remarks()
	return r
}

// Detail is how large the pictures of a trait are.
type Detail int

// The details: as large as a page, smaller, none.
const (
	Large Detail = iota
	Small
	Plain
)

// DetailFor is the detail that keeps a page of so many traits below a megabyte.
func DetailFor(traits int) Detail {
	const mostLarge = 6
	if traits <= mostLarge {
		return Large
	}
	return Small
}

// NewTrait takes the sums of a table, which are of no more use afterwards. The first
// test is the main one; id is unlike for every trait of a page.
func NewTrait(id, trait, file string, tests []*summary.Test, d Detail) *Trait {
	t := &Trait{Trait: trait, File: file, Main: resultOf(tests[0])}
	for _, o := range tests[1:] {
		t.Others = append(t.Others, resultOf(o))
	}
	m := tests[0]
	name := trait + ", " + m.Name
	switch d {
	case Large:
		t.manhattan = m.Manhattan(id+"-m", name, 1000, 320).SVG()
		t.qq = m.QQ(id+"-q", "QQ of "+name, 420, 340).SVG()
	case Small:
		t.manhattan = m.Manhattan(id+"-m", name, 620, 220).SVG()
		t.qq = m.QQ(id+"-q", "QQ", 320, 220).SVG()
	}
	t.quantiles = m.Quantiles()
	return t
}

// mostPictures is how many traits of a page have pictures.
const mostPictures = 20

// keepPictures takes the pictures of all but the traits with the smallest p.
func keepPictures(traits []*Trait) (left int) {
	if len(traits) <= mostPictures {
		return 0
	}
	order := slices.Clone(traits)
	slices.SortStableFunc(order, func(a, b *Trait) int {
		x, y := a.Main.top(), b.Main.top()
		switch {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	for _, t := range order[mostPictures:] {
		t.manhattan, t.qq, t.quantiles = nil, nil, nil
	}
	return len(traits) - mostPictures
}

func (r *TestResult) top() float64 {
	if len(r.Best) == 0 {
		return -1
	}
	return float64(r.Best[0].NegLog10P)
}

// pText writes 10^-l.
func pText(l number) string {
	x := float64(l)
	if math.IsNaN(x) {
		return "–"
	}
	if x < 3 {
		return strconv.FormatFloat(math.Pow(10, -x), 'g', 3, 64)
	}
	e := math.Ceil(x)
	m := math.Pow(10, e-x)
	if m >= 9.995 {
		m, e = 1, e-1
	}
	return strconv.FormatFloat(m, 'f', 2, 64) + "×10⁻" + chart.Raised(int(e))
}

func people(r *TestResult) string {
	s := whole(r.MostN)
	if r.Cases != nil && *r.Cases >= 0 {
		s += " (" + whole(*r.Cases) + " cases)"
	}
	return s
}

// mostTraits is how many traits the table of all has.
const mostTraits = 400

func writeTraits(p *page, traits []*Trait) {
	if len(traits) == 0 {
		return
	}
	left := keepPictures(traits)
	p.f("<section>\n<h2>Association</h2>\n")
	var rows [][]string
	for _, t := range traits[:min(len(traits), mostTraits)] {
		r := &t.Main
		null := "–"
		if t.Null != nil {
			null = t.Null.Measure + " " + decimals(float64(t.Null.Value), 4)
		}
		best, at := "–", "–"
		if len(r.Best) > 0 {
			best, at = pText(r.Best[0].NegLog10P), name(&r.Best[0])
		}
		rows = append(rows, []string{t.Trait, r.Test, people(r), whole(r.Tests), decimals(float64(r.Lambda), 3), whole(r.Hits), whole(r.HitLoci), best, at, null})
	}
	p.grid("", []string{"trait", "<test", "samples", "tests", "λ GC", "hits", "loci", "smallest p", "<at", "null model, out of fold"}, rows)
	if n := len(traits) - mostTraits; n > 0 {
		p.f("<p class=\"quiet\">%s more traits are in the JSON summary.</p>\n", whole(n))
	}
	o := traits[0].Main.Threshold
	p.f("<p class=\"quiet\">A hit has p below %s", chart.Scientific(float64(o)))
	for _, t := range traits {
		if t.Main.Threshold != o {
			p.f(" (of sets of variants below %s)", chart.Scientific(float64(t.Main.Threshold)))
			break
		}
	}
	p.f(". λ GC is the median χ² of the p over that of no association.")
	if left > 0 {
		p.f(" The %d traits with the smallest p have pictures; a report of the others alone shows theirs.", mostPictures)
	}
	p.f("</p>\n</section>\n")
	for _, t := range traits {
		if t.manhattan != nil {
			t.write(p)
		}
	}
}

// name of a row: its ID, or place and alleles.
func name(l *Lead) string {
	if l.ID == "" || l.ID == "." {
		return fmt.Sprintf("%s:%d:%s:%s", l.Chrom, l.Pos, cut(l.Ref), cut(l.Alt))
	}
	return cut(l.ID)
}

// cut shortens what would make a table too wide.
func cut(s string) string {
	const most = 28
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

func (t *Trait) write(p *page) {
	r := &t.Main
	p.f("<section>\n<h2>%s</h2>\n<p class=\"quiet\">%s, %s columns", esc(t.Trait), esc(t.File), esc(t.Format))
	if len(t.Covariates) > 0 {
		p.f("; covariates %s", esc(list(t.Covariates, 20)))
	}
	p.f("</p>\n")
	cards := []card{{"samples", whole(r.MostN), ""}}
	if r.Cases != nil && r.Controls != nil {
		cards[0].note = whole(*r.Cases) + " cases, " + whole(*r.Controls) + " controls"
	}
	rows := "tests"
	if t.Sets {
		rows = "sets"
	}
	cards = append(cards, card{rows, whole(r.Tests), "of " + whole(r.Rows) + " rows"}, card{"λ GC", decimals(float64(r.Lambda), 3), ""}, card{"hits", whole(r.Hits), "p < " + chart.Scientific(float64(r.Threshold))},
		card{"loci", whole(r.HitLoci), "of hits"})
	if x := float64(r.Lambda1000); !math.IsNaN(x) {
		cards[2].note = "λ₁₀₀₀ " + decimals(x, 3)
	}
	if n := t.Null; n != nil {
		cards = append(cards, card{"null model", n.Measure + " " + decimals(float64(n.Value), 4), fmt.Sprintf("95 %% %s to %s, linear %s", decimals(float64(n.Low), 4), decimals(float64(n.High), 4), decimals(float64(n.Linear), 4))})
	}
	p.cards(cards)
	p.say(r.Odd, "Nothing remarkable: λ is near 1, all tests gave a p, and no locus is led by a very rare allele.")
	if t.Null != nil && t.Null.Sentence != "" {
		p.f("<p class=\"quiet\">%s.</p>\n", esc(t.Null.Sentence))
	}
	p.figure(t.manhattan, nil, nil)
	t.lociTable(p)
	var quantiles [][]string
	for i := range t.quantiles {
		if q := &t.quantiles[i]; q.Rank <= 5 || i%20 == 19 || i == len(t.quantiles)-1 {
			quantiles = append(quantiles, []string{whole(q.Rank), decimals(q.Expected, 3), decimals(q.Observed, 3), decimals(q.LowBand, 3) + " to " + decimals(q.HighBand, 3)})
		}
	}
	p.figure(t.qq, []string{"rank of p", "expected −log₁₀ p", "observed", "95 % band"}, quantiles)
	t.rest(p)
	p.f("</section>\n")
}

func list(names []string, most int) string {
	s := ""
	for i, n := range names {
		if i == most {
			return s + ", and " + whole(len(names)-most) + " more"
		}
		if i > 0 {
			s += ", "
		}
		s += n
	}
	return s
}

// NewNull takes the report of a null model; nil where it has no score.
func NewNull(r *nullmodel.Report) *Null {
	if len(r.Score) == 0 {
		return nil
	}
	n := &Null{Measure: "R2", N: r.N, Sentence: r.Sentence, Linear: number(math.NaN())}
	of := func(s *nullmodel.Score) *nullmodel.Estimate { return s.R2 }
	if r.Score[0].AUC != nil {
		n.Measure, of = "AUC", func(s *nullmodel.Score) *nullmodel.Estimate { return s.AUC }
	}
	e := of(&r.Score[0])
	if e == nil {
		return nil
	}
	n.Value, n.Low, n.High = number(e.Value), number(e.Low), number(e.High)
	for i := range r.Score {
		if x := of(&r.Score[i]); r.Score[i].Model == "linear" && x != nil {
			n.Linear = number(x.Value)
		}
	}
	return n
}
