package pheno

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// table makes a table from lines of blank-separated fields, the first its header
// of column names after FID IID.
func table(path, s string) *Table {
	t := &Table{Path: path}
	for k, line := range strings.Split(strings.TrimSpace(s), "\n") {
		f := strings.Fields(line)
		if k == 0 {
			t.Names = f[2:]
			t.Columns = make([][]string, len(t.Names))
			continue
		}
		t.FID, t.IID = append(t.FID, f[0]), append(t.IID, f[1])
		for i, v := range f[2:] {
			t.Columns[i] = append(t.Columns[i], v)
		}
	}
	return t
}

func people(ids ...string) []Sample {
	var list []Sample
	for _, id := range ids {
		fid, iid, _ := strings.Cut(id, ":")
		list = append(list, Sample{FID: fid, IID: iid})
	}
	return list
}

func options() Options {
	o := Defaults()
	o.MinCases = 1
	return o
}

func TestMatching(t *testing.T) {
	pheno := table("p.tsv", `FID IID y z
f1 a 1.5 0
f1 b 2.5 1
f2 a NA 1
f2 c NA NA
f3 d 4.5 0
f3 e 5.5 1
f9 x 5 1`)
	covar := table("c.tsv", `FID IID age town
f1 a 30 north
f1 b 41 south
f2 a 52 east
f2 c 1 north
f3 e NA north
f9 x 7 south`)
	o := options()
	o.Remove = people("f1:zz")
	s, err := NewStudy(people("f3:e", "f2:a", "f1:b", "f1:a", "f2:c", "f3:d", "f4:q"), pheno, covar, o)
	if err != nil {
		t.Fatal(err)
	}
	if want := people("f1:a", "f1:b", "f2:a"); !slices.Equal(s.Samples, want) {
		t.Errorf("samples %v, want %v", s.Samples, want)
	}
	if !slices.Equal(s.Genotyped, []int{1, 2, 3}) || !slices.Equal(s.Column, []int{2, 1, 0}) {
		t.Errorf("genotypes %v, columns %v", s.Genotyped, s.Column)
	}
	want := "3 of 7 genotyped samples analysed; 1 without a row of phenotypes; 1 with all traits missing; 1 without a row of covariates; 1 with a covariate missing; 1 rows of phenotypes have no genotypes"
	if got := s.Account.String(); got != want {
		t.Errorf("account\n%s, want\n%s", got, want)
	}
	if len(s.Traits) != 2 || s.Traits[0].Binary || !s.Traits[1].Binary || s.Traits[0].N != 2 || s.Traits[1].Cases != 2 {
		t.Errorf("traits %+v", s.Traits)
	}
	var names []string
	for _, c := range s.Covariates {
		names = append(names, c.Name)
	}
	if !slices.Equal(names, []string{"age", "town=north", "town=south"}) {
		t.Errorf("covariates %v", names)
	}
}

func TestKeepAndIIDOnly(t *testing.T) {
	p := table("p.tsv", "FID IID y\n1 a 1\n2 b 2.5\n3 c 3")
	p.FID = nil
	o := options()
	o.Keep = people(":a", ":c")
	s, err := NewStudy(people("1:a", "2:b", "3:c"), p, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Samples) != 2 || s.Account.NotKept != 1 {
		t.Errorf("samples %v, account %s", s.Samples, &s.Account)
	}
	kept, err := Listed(people("1:a", "2:b", "3:c"), people(":c", ":b"), people(":b"))
	if err != nil || !slices.Equal(kept, []int{2}) {
		t.Errorf("kept %v (%v), want 2", kept, err)
	}
}

func TestStrict(t *testing.T) {
	p := table("p.tsv", "FID IID y z\n1 a 1 7\n2 b 2.5 NA\n3 c NA NA\n4 d 3 5.5\n5 e 4 2")
	o := options()
	o.Strict = true
	s, err := NewStudy(people("1:a", "2:b", "3:c", "4:d", "5:e"), p, nil, o)
	if err != nil {
		t.Fatal(err)
	}
	want := "3 of 5 genotyped samples analysed; 1 with all traits missing; 1 with a trait missing"
	if got := s.Account.String(); got != want || s.Traits[0].N != 3 {
		t.Errorf("account\n%s, want\n%s", got, want)
	}
}

func TestJoinedIDs(t *testing.T) {
	p := table("p.tsv", "FID IID y\n1 a 1\n2 b 2.5\n3 c 3")
	s, err := NewStudy(people("0:1_a", "0:3_c", "0:9_z"), p, nil, options())
	if err != nil {
		t.Fatal(err)
	}
	if want := people("1:a", "3:c"); !slices.Equal(s.Samples, want) {
		t.Errorf("samples %v, want %v", s.Samples, want)
	}
}

func TestKindOfTrait(t *testing.T) {
	for _, c := range []struct {
		name, values string
		kind         Kind
		binary       bool
		cases, n     int
		skipped      string
	}{
		{"0/1 with -9", "0 1 1 -9 NA 0", Detect, true, 2, 4, ""},
		{"1/2 with 0 declared", "1 2 2 0 -9 1", Binary, true, 2, 4, ""},
		{"1/2", "1 2 2 1 -9 1", Detect, true, 2, 5, ""},
		{"0/1/2", "1 2 2 0 1 1", Detect, false, 0, 6, ""},
		{"0/1 as numbers", "1 0 0 0 1 1", Quantitative, false, 0, 6, ""},
		{"-9 of a number", "1.5 0 0 -9 1 1", Detect, false, 0, 6, ""},
		{"missing", "NA NA . nan NaN NA", Detect, true, 0, 0, "is missing in all samples"},
		{"constant", "3 3 3 3 NA 3", Detect, false, 0, 5, "is 3 in all 5 samples that have it"},
		{"infinite", "3 Inf 3 3 NA 3", Detect, false, 0, 2, "has an infinite value"},
		{"one case", "0 1 0 0 0 0", Detect, true, 1, 6, "has 1 cases and 5 controls, fewer than 2 of one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tab := &Table{Path: "p", Names: []string{"y", "ok"}, Columns: [][]string{strings.Fields(c.values), strings.Fields("1 2 3 4 5 6.5")}}
			var samples []Sample
			for i := range 6 {
				id := string(rune('a' + i))
				tab.IID = append(tab.IID, id)
				samples = append(samples, Sample{IID: id})
			}
			o := options()
			o.MinCases = 2
			switch c.kind {
			case Binary:
				o.Binary = []string{"y"}
			case Quantitative:
				o.Quantitative = []string{"y"}
			}
			s, err := NewStudy(samples, tab, nil, o)
			if err != nil {
				t.Fatal(err)
			}
			if c.skipped != "" {
				if len(s.Skipped) != 1 || s.Skipped[0].Reason != c.skipped {
					t.Errorf("skipped %v, want %q", s.Skipped, c.skipped)
				}
				return
			}
			if y := s.Traits[0]; y.Binary != c.binary || y.Cases != c.cases || y.N != c.n {
				t.Errorf("got %+v", y)
			}
		})
	}
}

func TestFaults(t *testing.T) {
	good := "FID IID y\n1 a 1\n2 b 2.5\n3 c 3"
	many := "FID IID c"
	ids := []string{}
	for i := range 12 {
		id := string(rune('a' + i))
		many += "\n1 " + id + " x" + id
		ids = append(ids, "1:"+id)
	}
	for _, c := range []struct {
		name, pheno, covar string
		samples            []Sample
		o                  func(*Options)
		want               string
	}{
		{"twice", "FID IID y\n1 a 1\n1 a 2", "", people("1:a"), nil, "p.tsv: individual 1 a stands in rows 1 and 2"},
		{"genotyped twice", good, "", people("1:a", "1:a"), nil, "genotypes: individual 1 a stands in rows 1 and 2"},
		{"text", "FID IID y\n1 a 1\n2 b high", "", people("1:a"), nil, `p.tsv:3: b: trait y is "high", want a number or NA`},
		{"no such trait", good, "", people("1:a"), func(o *Options) { o.Traits = []string{"q"} }, "p.tsv: no column q, only y"},
		{"nobody", good, "", people("7:q"), nil, "p.tsv: no sample is left: 0 of 1 genotyped samples analysed; 1 without a row of phenotypes; 3 rows of phenotypes have no genotypes; the genotypes begin with sample 7 q, the phenotypes with 1 a"},
		{"covariate is a trait", good, good, people("1:a"), func(o *Options) { o.Covariates = []string{"y"} }, "y is both a trait and a covariate"},
		{"infinite covariate", good, "FID IID c\n1 a Inf\n", people("1:a"), nil, "c.tsv:2: a: covariate c is infinite"},
		{"levels", strings.ReplaceAll(many, "x", ""), many, people(ids...), nil, ""},
		{"not binary", good, "", people("1:a"), func(o *Options) { o.Binary = []string{"y"} }, "p.tsv: trait y: declared binary, but has values other than 0, 1, 2, -9 and missing"},
		{"no prediction", good, "", people("1:a"), func(o *Options) { o.Null = table("n.tsv", "FID IID z_deepnull\n1 a 1") }, "n.tsv: no column y_deepnull, only z_deepnull"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := options()
			if c.o != nil {
				c.o(&o)
			}
			var covar *Table
			if c.covar != "" {
				covar = table("c.tsv", c.covar)
			}
			pheno := table("p.tsv", c.pheno)
			if c.name == "levels" {
				for i := range pheno.Columns[0] {
					pheno.Columns[0][i] = strings.Repeat("1", i+1)
				}
				pheno.Names[0] = "y"
				c.want = "c.tsv: covariate c is categorical with 12 levels (xa, xb, ...), want at most 10"
			}
			_, err := NewStudy(c.samples, pheno, covar, o)
			if err == nil || err.Error() != c.want {
				t.Errorf("error %v\nwant %s", err, c.want)
			}
		})
	}
}

// TestPredictions: each trait has its own, and a sample without one lacks the
// trait.
func TestPredictions(t *testing.T) {
	p := table("p.tsv", "FID IID y z\n1 a 1 4\n2 b 2.5 5\n3 c 3 6.5\n4 d 9 7")
	c := table("c.tsv", "FID IID age y_deepnull z_deepnull w_deepnull\n1 a 3 0.5 1 1\n2 b 5 0.25 NA 1\n3 c 6 0.75 2 1\n4 d 8 0.1 3 1")
	s, err := NewStudy(people("1:a", "2:b", "3:c", "4:d"), p, c, options())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Covariates) != 1 || s.Covariates[0].Name != "age" {
		t.Errorf("covariates %v", s.Covariates)
	}
	y, z := s.Traits[0], s.Traits[1]
	if len(y.Own) != 1 || !slices.Equal(y.Own[0].Values, []float64{0.5, 0.25, 0.75, 0.1}) || y.N != 4 {
		t.Errorf("y has %+v", y.Own)
	}
	if len(z.Own) != 1 || z.N != 3 || !math.IsNaN(z.Values[1]) {
		t.Errorf("z has %+v, %d values", z.Own, z.N)
	}
}

func TestRankNormal(t *testing.T) {
	v := []float64{3, math.NaN(), 1, 1, 10}
	RankNormal(v)
	// ranks 3, -, 1.5, 1.5, 4 of 4
	want := []float64{0.299307, math.NaN(), -0.628904, -0.628904, 1.049131}
	for i := range v {
		if math.Abs(v[i]-want[i]) > 1e-5 || math.IsNaN(v[i]) != math.IsNaN(want[i]) {
			t.Errorf("value %d: %.6f, want %.6f", i, v[i], want[i])
		}
	}
}

// TestBasis: orthonormal on the mask, zero outside, and the dropped are named.
func TestBasis(t *testing.T) {
	const n = 200
	rng := rand.New(rand.NewPCG(5, 6))
	columns := make([]Covariate, 6)
	for k, name := range []string{"a", "b", "sum", "one", "big", "zero"} {
		columns[k] = Covariate{name, make([]float64, n)}
	}
	mask := make([]bool, n)
	for i := range n {
		mask[i] = i%3 != 0
		a, b := rng.NormFloat64(), rng.NormFloat64()
		for k, v := range []float64{a, b, 2*a - b + 5, 7, 1e9 + 1e5*rng.NormFloat64(), 0} {
			columns[k].Values[i] = v
		}
	}
	b := NewBasis(columns, mask, n)
	if b.Rank() != 4 {
		t.Errorf("rank %d, want 4", b.Rank())
	}
	want := []Dropped{{"sum", false}, {"one", true}, {"zero", true}}
	if !slices.Equal(b.Dropped, want) {
		t.Errorf("dropped %v, want %v", b.Dropped, want)
	}
	for j, x := range b.Q {
		for k, y := range b.Q {
			d := 0.0
			if j == k {
				d = 1
			}
			if math.Abs(Dot(x, y)-d) > 1e-12 {
				t.Errorf("columns %d and %d: %g", j, k, Dot(x, y))
			}
		}
		for i, v := range x {
			if !mask[i] && v != 0 {
				t.Fatalf("column %d is %g outside the mask", j, v)
			}
		}
	}
}
