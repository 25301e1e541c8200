//go:build verify

package stage

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/gwas/simulate"
	"github.com/gx-genomics/gx/internal/verify"
)

// What the long checks of null models measure
// (TestVerifyNullModelTypeOne, TestVerifyNullModelPower), and how docs/validation.md and docs/nullmodel.svg show it.

var nullLevels = [...]float64{1e-2, 1e-3, 1e-4}

var nullModes = [2]string{"covariates alone", "with the prediction"}

// nullCases are traits that no variant has to do with.
var nullCases = []struct {
	name     string
	scenario simulate.Scenario
	binary   bool
	// wrong says that the test beside covariates alone has no bar: the logistic
	// model of a nonlinear effect has another variance than it says.
	wrong bool
}{{name: "linear effects", scenario: simulate.Linear}, {name: "nonlinear effects", scenario: simulate.Null},
	{name: "nonlinear effects, binary", scenario: simulate.Null, binary: true, wrong: true}}

// powerCase is traits of 50 causal variants each; shares are of the variance.
type powerCase struct {
	name              string
	scenario          simulate.Scenario
	linear, nonlinear float64
}

var powerCases = []powerCase{{"linear", simulate.Linear, 0.45, 0}, {"smooth", simulate.Smooth, 0.15, 0.30},
	{"thresholds", simulate.Thresholds, 0.15, 0.30}, {"weak", simulate.Weak, 0.15, 0.05}}

const powerTraits = 4 // of 50 causal variants

// theory is the ratio of the variances that are left by the covariates and by
// a perfect null model.
func (c powerCase) theory() float64 { return (1 - c.linear) / (1 - c.linear - c.nonlinear) }

// typeOneBound is how far the share of p below a level may be from the level in
// a million tests: 99.9 % of binomial draws are nearer.
func typeOneBound(level float64) float64 { return 3.29 * math.Sqrt((1-level)/(level*1e6)) }

func typeOneName(name, mode string, level float64) string {
	return fmt.Sprintf("%s, %s: p below %g over what is expected", name, mode, level)
}

func powerName(name, what string) string { return name + ": " + what }

// byName are the values of figures.
func byName(figures []verify.Figure) func(string) float64 {
	m := map[string]float64{}
	for _, f := range figures {
		m[f.Name] = f.Value
	}
	return func(name string) float64 {
		v, ok := m[name]
		if !ok {
			return math.NaN()
		}
		return v
	}
}

func nullTable(figures []verify.Figure) string {
	at := byName(figures)
	var b strings.Builder
	fmt.Fprintf(&b, `Traits of simulated cohorts of 10,000 people and 8 covariates, tested as `+"`gx gwas`"+` does without and with `+"`--null deepnull`"+`. Written from
docs/verify/nullmodel-type-one.tsv and nullmodel-power.tsv by `+"`make verify`"+`, which measures them.

Where no variant has an effect: share of p below a level, over the level, in a million tests each. 99.9 %% of binomial draws lie within the
last row. A logistic model of covariates alone is wrong where their effects are not linear, and its variance is not that of the score: it finds too little.
With the prediction it is right; on the scale of the probability, DeepNull's, the prediction leaves it a little wrong (1.051 at 0.01 in these tests), hence the logit.

| trait | model | 0.01 | 0.001 | 0.0001 |
|---|---|---|---|---|
`)
	for _, c := range nullCases {
		for _, mode := range nullModes {
			fmt.Fprintf(&b, "| %s | %s |", c.name, mode)
			for _, level := range nullLevels {
				fmt.Fprintf(&b, " %.3f |", at(typeOneName(c.name, mode, level)))
			}
			b.WriteByte('\n')
		}
	}
	b.WriteString("| bounds | |")
	for _, level := range nullLevels {
		fmt.Fprintf(&b, " 1 +- %.3f |", typeOneBound(level))
	}
	fmt.Fprintf(&b, `

200 causal variants of 4 traits, 0.1 %% of the variance each: the mean chi-square, how much it grows (less 1, which chance gives), how much theory says it
can grow (the variance that linear covariates leave over what a perfect null model leaves), variants found, and how well the covariates predict
the trait out of fold.

| effects of covariates | chi-square alone | with the prediction | ratio | most possible | p < 1e-5 | p < 5e-8 | R2 of least squares | of gx | most possible |
|---|---|---|---|---|---|---|---|---|---|
`)
	for _, c := range powerCases {
		v := func(what string) float64 { return at(powerName(c.name, what)) }
		fmt.Fprintf(&b, "| %s | %.2f | %.2f | %.3f | %.3f | %.0f -> %.0f | %.0f -> %.0f | %.3f | %.3f | %.2f |\n", c.name,
			v("mean chi-square of causal variants, covariates alone"), v("mean chi-square of causal variants, with the prediction"),
			v("ratio of chi-square less 1"), c.theory(), v("causal variants below 1e-5, covariates alone"), v("causal variants below 1e-5, with the prediction"),
			v("causal variants below 5e-8, covariates alone"), v("causal variants below 5e-8, with the prediction"),
			v("R2 out of fold, least squares"), v("R2 out of fold, gx"), c.linear+c.nonlinear)
	}
	b.WriteString("\n![Type I error and power with and without the prediction](nullmodel.svg)\n")
	return b.String()
}

// nullFigure draws the same: on the left shares over levels in their binomial
// bounds, on the right chi-squares beside what is possible.
func nullFigure(figures []verify.Figure) []byte {
	at := byName(figures)
	const height, top, bottom = 300.0, 40.0, 250.0
	colours := [2]string{"#888888", "#1f6fb4"}
	var b bytes.Buffer
	put := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	text := func(x, y float64, anchor, s string) {
		put(`<text x="%.1f" y="%.1f" text-anchor="%s">%s</text>`, x, y, anchor, s)
	}
	put(`<svg xmlns="http://www.w3.org/2000/svg" width="760" height="%.0f" viewBox="0 0 760 %.0f" font-family="sans-serif" font-size="11">`, height, height)
	put(`<rect width="760" height="%.0f" fill="white"/>`, height)
	text(190, 20, "middle", "Type I error: observed over expected")
	rate := func(v float64) float64 { return bottom - (v-0.5)*(bottom-top) }
	for _, v := range []float64{0.5, 0.75, 1, 1.25, 1.5} {
		put(`<line x1="50" x2="350" y1="%.1f" y2="%.1f" stroke="#dddddd"/>`, rate(v), rate(v))
		text(44, rate(v)+4, "end", fmt.Sprintf("%.2f", v))
	}
	for j, level := range nullLevels {
		x := 100 + 100*float64(j)
		put(`<rect x="%.1f" y="%.1f" width="80" height="%.1f" fill="#eef3f8"/>`, x-40, rate(1+typeOneBound(level)), rate(1-typeOneBound(level))-rate(1+typeOneBound(level)))
		text(x, bottom+16, "middle", fmt.Sprintf("p &lt; %g", level))
		for k, c := range nullCases {
			for m, mode := range nullModes {
				put(`<circle cx="%.1f" cy="%.1f" r="3.5" fill="%s"><title>%s, %s</title></circle>`, x-25+20*float64(k)+8*float64(m), rate(at(typeOneName(c.name, mode, level))), colours[m], c.name, mode)
			}
		}
	}
	text(200, bottom+34, "middle", "in each column: linear, nonlinear, nonlinear binary; shaded: 99.9 % binomial bounds")
	text(580, 20, "middle", "Mean chi-square of causal variants")
	chi := func(v float64) float64 { return bottom - v/22*(bottom-top) }
	for v := 0.0; v <= 20; v += 5 {
		put(`<line x1="420" x2="740" y1="%.1f" y2="%.1f" stroke="#dddddd"/>`, chi(v), chi(v))
		text(414, chi(v)+4, "end", fmt.Sprintf("%.0f", v))
	}
	for k, c := range powerCases {
		x := 460 + 80*float64(k)
		alone := at(powerName(c.name, "mean chi-square of causal variants, covariates alone"))
		for m, v := range []float64{alone, at(powerName(c.name, "mean chi-square of causal variants, with the prediction"))} {
			put(`<rect x="%.1f" y="%.1f" width="24" height="%.1f" fill="%s"/>`, x-26+26*float64(m), chi(v), bottom-chi(v), colours[m])
		}
		most := chi(1 + (alone-1)*c.theory())
		put(`<line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" stroke="black" stroke-dasharray="3 2"/>`, x-2, x+26, most, most)
		text(x, bottom+16, "middle", c.name)
	}
	for m, mode := range nullModes {
		put(`<rect x="%.1f" y="%.1f" width="10" height="10" fill="%s"/>`, 430+130*float64(m), bottom+26, colours[m])
		text(444+130*float64(m), bottom+35, "start", mode)
	}
	text(692, bottom+35, "start", "- - possible")
	put(`</svg>`)
	return b.Bytes()
}

// writeNullDocs writes the section of docs/validation.md on null models, and its
// figure, from the stored results of both checks, where both are there.
func writeNullDocs(t *testing.T) {
	t.Helper()
	const page, picture, before = "../../docs/validation.md", "../../docs/nullmodel.svg", "## Time of association\n"
	begin, end := "<!-- begin null model -->\n", "<!-- end null model -->\n"
	var figures []verify.Figure
	for _, c := range []verify.Check{verify.NullModelTypeOne, verify.NullModelPower} {
		part, err := verify.Stored("../..", c)
		if errors.Is(err, os.ErrNotExist) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		figures = append(figures, part...)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(text), begin)
	_, tail, whole := strings.Cut(rest, end)
	if !found {
		if head, tail, whole = strings.Cut(string(text), before); whole {
			head, tail = head+"## Null model\n", "\n"+before+tail
		}
	}
	if !whole {
		t.Fatalf("%s has no place for the section on null models", page)
	}
	table := nullTable(figures)
	if strings.Contains(table, "NaN") {
		t.Error("a figure of the table is missing from the stored results")
	}
	if err := os.WriteFile(page, []byte(head+begin+table+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(picture, nullFigure(figures), 0o644); err != nil {
		t.Fatal(err)
	}
}
