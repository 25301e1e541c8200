package nullmodel

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// sized is n, or less under -short.
func sized(n, short int) int {
	if testing.Short() {
		return short
	}
	return n
}

func mustPredict(t *testing.T, table *Table, y *Trait, o Options) *Prediction {
	t.Helper()
	p, err := Predict(t.Context(), table, y, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// cases turns a phenotype into cases and controls.
func cases(y []float64, above float64) []float64 {
	out := make([]float64, len(y))
	for i, v := range y {
		out[i] = indicator(v > above)
	}
	return out
}

// same says whether two columns have the same bits.
func same(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
}

// TestThreads: any number of threads gives the same bits.
func TestThreads(t *testing.T) {
	table, y := simulate(scenarios[1], 260, 5)
	table.Covariates = table.Covariates[:4]
	for _, trait := range []*Trait{{Name: "y", Values: y}, {Name: "b", Values: cases(y, 0.5), Binary: true}} {
		o := Defaults()
		o.Diagnose, o.Networks = true, sized(2, 1)
		var want *Prediction
		for _, threads := range []int{1, 2, 8} {
			o.Threads = threads
			got := mustPredict(t, table, trait, o)
			if want == nil {
				want = got
			}
			if !same(got.Values, want.Values) || !same(got.OLS, want.OLS) || got.Effects[0].Importance != want.Effects[0].Importance {
				t.Errorf("trait %s: %d threads change the prediction", trait.Name, threads)
			}
		}
	}
}

// TestOrderOfRows: the order of the table changes nothing for anybody, even
// where identifiers are equal as numbers.
func TestOrderOfRows(t *testing.T) {
	table, y := simulate(scenarios[1], 400, 6)
	table.IDs[7] = "08" // with the 8 that is there
	n := len(y)
	order := rand.New(rand.NewPCG(1, 2)).Perm(n)
	moved := &Table{IDs: make([]string, n)}
	z := make([]float64, n)
	for k := range table.Covariates {
		moved.Covariates = append(moved.Covariates, Covariate{Name: table.Covariates[k].Name, Values: make([]float64, n)})
	}
	table.IDs[3] = "8.0"
	for to, from := range order {
		moved.IDs[to], z[to] = table.IDs[from], y[from]
		for k := range table.Covariates {
			moved.Covariates[k].Values[to] = table.Covariates[k].Values[from]
		}
	}
	a := mustPredict(t, table, &Trait{Name: "y", Values: y}, Defaults())
	b := mustPredict(t, moved, &Trait{Name: "y", Values: z}, Defaults())
	for to, from := range order {
		if a.Values[from] != b.Values[to] {
			t.Fatalf("individual %s: %v, in another order %v", moved.IDs[to], a.Values[from], b.Values[to])
		}
	}
}

// TestNobodySeesThemselves: another phenotype of one person changes the
// predictions of others, but not one bit of their own.
func TestNobodySeesThemselves(t *testing.T) {
	table, y := simulate(scenarios[1], 300, 7)
	before := mustPredict(t, table, &Trait{Name: "y", Values: y}, Defaults())
	for _, who := range []int{0, 123}[:sized(2, 1)] {
		z := slices.Clone(y)
		z[who] += 5
		after := mustPredict(t, table, &Trait{Name: "y", Values: z}, Defaults())
		if math.Float64bits(after.Values[who]) != math.Float64bits(before.Values[who]) {
			t.Errorf("individual %s: its own phenotype moves its prediction from %v to %v", table.IDs[who], before.Values[who], after.Values[who])
		}
		changed := 0
		for i := range y {
			if after.Values[i] != before.Values[i] {
				changed++
			}
		}
		if changed < len(y)/2 {
			t.Errorf("only %d of %d predictions depend on individual %s", changed, len(y), table.IDs[who])
		}
	}
}

// TestShuffledPhenotype: where covariates tell nothing, the prediction has
// nothing of the phenotype, by either recipe.
func TestShuffledPhenotype(t *testing.T) {
	n := sized(1200, 600)
	table, y := simulate(scenarios[1], n, 8)
	rand.New(rand.NewPCG(3, 4)).Shuffle(n, func(i, j int) { y[i], y[j] = y[j], y[i] })
	original := Defaults()
	original.Original, original.Members, original.Networks, original.epochs = true, []Member{Network}, 1, sized(20, 8)
	for name, o := range map[string]Options{"gx": Defaults(), "original": original} {
		p := mustPredict(t, table, &Trait{Name: "y", Values: y}, o)
		if r := Pearson(p.Values, y); !(math.Abs(r) <= 3/math.Sqrt(float64(n))) {
			t.Errorf("%s: correlation of prediction and shuffled phenotype %.4f, want 0 within %.4f", name, r, 3/math.Sqrt(float64(n)))
		}
	}
}

// TestGroups: a family is in one fold, and folds are about equal.
func TestGroups(t *testing.T) {
	table, y := simulate(scenarios[0], 600, 9)
	r := rand.New(rand.NewPCG(5, 6))
	table.Groups = make([]string, len(y))
	for i := range y {
		table.Groups[i] = strconv.Itoa(r.IntN(100))
	}
	o := Defaults()
	o.Members = []Member{Linear}
	p := mustPredict(t, table, &Trait{Name: "y", Values: y}, o)
	run, size := map[string]int{}, make([]int, o.Folds)
	for i, g := range table.Groups {
		if k, seen := run[g]; seen && k != p.Run[i] {
			t.Fatalf("family %s is predicted by runs %d and %d", g, k, p.Run[i])
		}
		run[g] = p.Run[i]
		size[p.Run[i]]++
	}
	if slices.Min(size) < 100 || slices.Max(size) > 140 {
		t.Errorf("folds of %v individuals, want about 120 each", size)
	}
	for i := range table.Groups {
		table.Groups[i] = "one"
	}
	if _, err := Predict(t.Context(), table, &Trait{Name: "y", Values: y}, o); err == nil || !strings.Contains(err.Error(), "too few groups for 5 folds") {
		t.Errorf("one family: %v", err)
	}
}

// TestFewCases: where cases are few they are dealt for themselves.
func TestFewCases(t *testing.T) {
	table, y := simulate(scenarios[0], 900, 10)
	b := &Trait{Name: "b", Values: cases(y, 1.8), Binary: true}
	o := Defaults()
	o.Members = []Member{Linear}
	p := mustPredict(t, table, b, o)
	inFold := make([]int, o.Folds)
	for i, v := range b.Values {
		inFold[p.Run[i]] += int(v)
	}
	if slices.Max(inFold)-slices.Min(inFold) > 1 {
		t.Errorf("cases by fold %v, want as equal as can be", inFold)
	}
}

// TestMissing: people without the trait or a covariate have no prediction,
// unless covariates are imputed; a covariate that is missing where the phenotype
// is high tells through its gaps.
func TestMissing(t *testing.T) {
	table, y := simulate(scenarios[0], 800, 11)
	y[4] = math.NaN()
	gaps := 0
	for i, v := range y {
		if v > 1 {
			table.Covariates[3].Values[i] = math.NaN()
			gaps++
		}
	}
	o := Defaults()
	o.Members = []Member{Linear, Boost}
	plain := mustPredict(t, table, &Trait{Name: "y", Values: y}, o)
	o.Impute = true
	imputed := mustPredict(t, table, &Trait{Name: "y", Values: y}, o)
	count := func(p *Prediction) (n int) {
		for i, v := range p.Values {
			if math.IsNaN(v) != (p.Run[i] < 0) {
				t.Fatalf("row %d: prediction %v by run %d", i, v, p.Run[i])
			}
			n += int(indicator(!math.IsNaN(v)))
		}
		return n
	}
	if a, b := count(plain), count(imputed); a != 799-gaps || b != 799 || gaps < 50 {
		t.Errorf("%d predicted, imputed %d; want %d and 799", a, b, 799-gaps)
	}
	if r := imputed.Report(&Trait{Name: "y", Values: y}); !(r.Score[0].R2.Value > 0.5) {
		t.Errorf("R2 %.3f although the gaps tell, want more than 0.5", r.Score[0].R2.Value)
	}
}

// TestCategories: a categorical covariate's levels act each for itself.
func TestCategories(t *testing.T) {
	n := 1000
	r := rand.New(rand.NewPCG(12, 1))
	table := &Table{IDs: make([]string, n), Covariates: []Covariate{
		{Name: "site", Levels: []string{"a", "b", "c", "unused"}, Values: make([]float64, n)}, {Name: "flat", Values: make([]float64, n)}}}
	y := make([]float64, n)
	for i := range n {
		table.IDs[i] = "s" + strconv.Itoa(i)
		l := r.IntN(3)
		table.Covariates[0].Values[i] = float64(l)
		y[i] = []float64{0, 2, -1}[l] + 0.5*r.NormFloat64()
	}
	o := Defaults()
	o.Members, o.Diagnose = []Member{Linear, Spline, Boost}, true
	p := mustPredict(t, table, &Trait{Name: "y", Values: y}, o)
	if got := R2(p.Values, y); !(got > 0.82) {
		t.Errorf("R2 %.3f, want 0.86 or so", got)
	}
	e := p.Effects[0]
	if !slices.Equal(e.Levels, []string{"a", "b", "c"}) || math.Abs(e.Mean[1]-2) > 0.2 || math.Abs(e.Mean[2]+1) > 0.2 || !(e.Importance > 1) {
		t.Errorf("effect of the site %+v", e)
	}
	if p.Effects[1].Importance != 0 {
		t.Errorf("a constant covariate has importance %v", p.Effects[1].Importance)
	}
}

// TestFaults: what cannot be worked with is refused with a reason.
func TestFaults(t *testing.T) {
	good := func() (*Table, *Trait, Options) {
		table, y := simulate(scenarios[0], 200, 13)
		return table, &Trait{Name: "y", Values: y}, Defaults()
	}
	for _, c := range []struct {
		name  string
		spoil func(*Table, *Trait, *Options)
		want  string
	}{
		{"folds", func(_ *Table, _ *Trait, o *Options) { o.Folds = 2 }, "folds 2: want 3 to 100"},
		{"member", func(_ *Table, _ *Trait, o *Options) { o.Members = []Member{"forest"} }, `member "forest": want`},
		{"member twice", func(_ *Table, _ *Trait, o *Options) { o.Members = []Member{Boost, Boost} }, "member boost stands twice"},
		{"seed", func(_ *Table, _ *Trait, o *Options) { o.Seed = -1 }, "seed -1: want 0 or more"},
		{"networks", func(_ *Table, _ *Trait, o *Options) { o.Networks = 0 }, "networks 0: want 1 to 100"},
		{"original with others", func(_ *Table, _ *Trait, o *Options) { o.Original = true }, "is one network"},
		{"identifier twice", func(x *Table, _ *Trait, _ *Options) { x.IDs[9] = "3" }, "individual 3 stands in rows 3 and 10"},
		{"no covariates", func(x *Table, _ *Trait, _ *Options) { x.Covariates = nil }, "no covariates to predict from"},
		{"trait among covariates", func(x *Table, y *Trait, _ *Options) { y.Name = "bmi" }, "trait bmi is among its own covariates"},
		{"covariate twice", func(x *Table, _ *Trait, _ *Options) { x.Covariates[1].Name = "age" }, "covariate age stands twice"},
		{"short column", func(x *Table, _ *Trait, _ *Options) { x.Covariates[2].Values = nil }, "covariate genotyping_array has 0 values for 200 individuals"},
		{"infinite", func(_ *Table, y *Trait, _ *Options) { y.Values[5] = math.Inf(1) }, "trait y: row 6 is infinite"},
		{"level beyond all", func(x *Table, _ *Trait, _ *Options) { x.Covariates[0].Levels = []string{"a"} }, "covariate age: row 1 is level"},
		{"binary that is not", func(_ *Table, y *Trait, _ *Options) { y.Binary = true }, "trait y is binary, but row 1 is"},
		{"constant", func(_ *Table, y *Trait, _ *Options) { y.Values = constant(200, 3) }, "trait y is 3 in all 200 individuals"},
		{"too few", func(_ *Table, y *Trait, _ *Options) { copy(y.Values, missing(101)) }, "trait y: 99 individuals have it and all covariates, want at least 100 for 5 folds"},
		{"too few cases", func(_ *Table, y *Trait, _ *Options) {
			y.Binary, y.Values = true, append(constant(176, 0), constant(24, 1)...)
		}, "trait y: 24 of the rarer of cases and controls, want at least 25"},
		{"nothing varies", func(x *Table, _ *Trait, _ *Options) {
			x.Covariates = []Covariate{{Name: "flat", Values: constant(200, 1)}}
		}, "trait y: no covariate differs between the 120 individuals that run"},
		{"groups", func(x *Table, _ *Trait, _ *Options) { x.Groups = []string{"a"} }, "1 groups for 200 individuals"},
	} {
		t.Run(c.name, func(t *testing.T) {
			table, y, o := good()
			c.spoil(table, y, &o)
			if _, err := Predict(t.Context(), table, y, o); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}
