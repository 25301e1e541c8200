package sets

import (
	"flag"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/mixture"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/genotype"
	files "github.com/gx-genomics/gx/io/sets"
	"github.com/gx-genomics/gx/io/table"
	"github.com/gx-genomics/gx/io/text"
)

const example = "gwas/regenie-example/"

func openExample(t *testing.T) (*genotype.File, *pheno.Study) {
	t.Helper()
	f, err := genotype.Open(t.Context(), shared.Path(t, example+"example_3chr.bed"), genotype.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	read := func(name string) *pheno.Table {
		s, err := table.OpenSamples(shared.Path(t, example+name))
		if err != nil {
			t.Fatal(err)
		}
		p := pheno.Table(*s)
		return &p
	}
	var samples []pheno.Sample
	for _, s := range f.Samples() {
		samples = append(samples, pheno.Sample{FID: s.FID, IID: s.IID})
	}
	o := pheno.Defaults()
	o.Traits, o.Quantitative = []string{"Y1"}, []string{"Y1"}
	study, err := pheno.NewStudy(samples, read("phenotype_bin.txt"), read("covariates.txt"), o)
	if err != nil {
		t.Fatal(err)
	}
	return f, study
}

// exampleSets puts the files of the example together.
func exampleSets(t *testing.T, f *genotype.File) ([]Set, []Mask) {
	t.Helper()
	open := func(name string) *text.Reader {
		r, err := text.Open(shared.Path(t, example+"example_3chr."+name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Close() })
		return r
	}
	a, err := files.ReadAnnotations(open("annotations"))
	if err != nil {
		t.Fatal(err)
	}
	row := map[string]int32{}
	for v, err := range f.Names(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		row[v.ID] = int32(len(row))
	}
	var list []Set
	err = files.ReadSetList(open("setlist"), func(s *files.Set) error {
		set := Set{Name: s.Name, Chrom: s.Chrom, Start: s.Pos - 1}
		for _, v := range s.Variants {
			if c, _, ok := a.Find(v, s.Name); ok {
				set.Members = append(set.Members, Member{Row: row[v], Category: uint16(c), Domain: -1, Freq: math.NaN(), Singleton: -1})
			}
		}
		list = append(list, set)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var masks []Mask
	for _, m := range []struct {
		name string
		of   []string
	}{{"M1", []string{"pLof"}}, {"M2", []string{"pLof", "missense"}}} {
		k := Mask{Name: m.name, Has: make([]bool, len(a.Categories))}
		for i, c := range a.Categories {
			for _, want := range m.of {
				k.Has[i] = k.Has[i] || c == want
			}
		}
		masks = append(masks, k)
	}
	return list, masks
}

// kuonen is the saddlepoint approximation of a mixture's tail (Kuonen 1999), which
// regenie falls back on where Davies' integral does not end: with one weight far
// above the others.
func kuonen(m *mixture.Mixture, q float64) float64 {
	w := m.Weights()
	lo, hi := -1e6, 1/(2*w[0])-1e-12
	slope := func(t float64) (s float64) {
		for _, v := range w {
			s += v / (1 - 2*t*v)
		}
		return s - q
	}
	for range 200 {
		if mid := (lo + hi) / 2; slope(mid) > 0 {
			hi = mid
		} else {
			lo = mid
		}
	}
	t, k, k2 := (lo+hi)/2, 0.0, 0.0
	for _, v := range w {
		k -= math.Log(1-2*t*v) / 2
		k2 += 2 * v * v / (1 - 2*t*v) / (1 - 2*t*v)
	}
	r := math.Copysign(math.Sqrt(2*(t*q-k)), t)
	u := t * math.Sqrt(k2)
	return -math.Log10(math.Erfc((r+math.Log(u/r)/r)/math.Sqrt2) / 2)
}

func peerTable(t *testing.T) map[string][]string {
	t.Helper()
	b, err := os.ReadFile(shared.Path(t, "gwas/expected/regenie-3chr/s2_sets_Y1.regenie"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) == 13 && f[0] != "CHROM" {
			out[f[2]+" "+f[7]] = f
		}
	}
	return out
}

// gather reads a set as a worker does.
func gather(t *testing.T, w *worker, src gwas.Source, s *Set) *gathered {
	t.Helper()
	g := w.gathered(s)
	if err := read(t.Context(), src, s, func(m *Member, r *dosage.Row) error { return w.take(g, m, r) }); err != nil {
		t.Fatal(err)
	}
	return g
}

// theirs gives the -log10 p of SKAT-O and ACAT-O of a set's part where the p at the
// largest rho is the saddlepoint's.
func theirs(w *worker, g *gathered, n *gwas.Null, part int) (skato, acato float64) {
	x := covariance(g.cols, n, w.work).scored(g.cols, n)
	list := g.in[part]
	s := &scores{x.weighted(g.cols, list), x.spectrum(g.cols, list, 1)}
	var weights, grid []float64
	for _, j := range list {
		weights = append(weights, g.cols[j].cauchy)
	}
	for _, r := range w.rhos {
		p := s.component(r)
		if r == largestRho {
			p = kuonen(s.lambdas(r), s.statistic(r))
		}
		grid = append(grid, p)
	}
	return s.skatO(w.rhos, grid), CombineCauchy(append([]float64{CombineCauchy(x.single(list), weights)}, grid...), nil)
}

var update = flag.Bool("update", false, "rewrite the table of validation")

// difference is that of a quantity to the peer's.
type difference struct {
	test            string
	n               int
	beta, se, exact float64 // largest differences; of -log10 p relative
	approximate     float64 // of -log10 p with the peer's saddlepoint; NaN where it has none
	approximated    int
}

const (
	betaBar = 1e-5
	tailBar = 1e-3
)

// TestPeer compares every row of regenie's table of the example, and keeps the
// largest differences in docs/validation.md.
func TestPeer(t *testing.T) {
	f, study := openExample(t)
	list, masks := exampleSets(t, f)
	o := Defaults()
	o.Bins, o.Kinds = []float64{0.2}, SKAT|SKATO|ACATV|ACATO
	o.Scan.Form, o.Scan.Threads = gwas.ScoreForm, 2
	peer := peerTable(t)
	tests, err := gwas.NewTests(study, o.Scan)
	if err != nil {
		t.Fatal(err)
	}
	place, err := tests.At("1", 0)
	if err != nil {
		t.Fatal(err)
	}
	nulls, err := place.Nulls()
	if err != nil {
		t.Fatal(err)
	}
	w := newWorker(study, tests, masks, &o)
	approximate := map[string]float64{}
	for i := range list {
		g := gather(t, w, f, &list[i])
		for k, m := range masks {
			if len(g.in[k]) > 0 {
				id := list[i].Name + "." + m.Name + ".all ADD-"
				approximate[id+"SKATO"], approximate[id+"ACATO"] = theirs(w, g, &nulls[0], k)
			}
		}
	}
	order := []string{"ADD", "ADD-SKAT", "ADD-ACATV", "ADD-SKATO", "ADD-ACATO"}
	worst := map[string]*difference{}
	for _, name := range order {
		worst[name] = &difference{test: name}
	}
	seen := 0
	_, err = Scan(t.Context(), f, study, list, masks, o, func(b *Output) error {
		for i := range b.Rows[0] {
			r := &b.Rows[0][i]
			key := r.ID + " " + r.Test
			p, ok := peer[key]
			if !ok {
				t.Errorf("the peer has no row %s", key)
				continue
			}
			seen++
			d := worst[r.Test]
			d.n++
			want := func(column int) float64 {
				v, err := strconv.ParseFloat(p[column], 64)
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
			if r.Test == "ADD" {
				d.beta, d.se = max(d.beta, math.Abs(r.Beta-want(8))), max(d.se, math.Abs(r.SE-want(9)))
				if p[5] != strconv.FormatFloat(r.EAF, 'g', 6, 64) {
					t.Errorf("%s: frequency %g, want %s", key, r.EAF, p[5])
				}
			}
			if p[6] != strconv.Itoa(r.N) || p[0] != r.Chrom || p[1] != strconv.Itoa(r.Start+1) || p[3] != r.Ref || p[4] != r.Alt {
				t.Errorf("%s: %s %d %s %s %d, want %v", key, r.Chrom, r.Start+1, r.Ref, r.Alt, r.N, p)
			}
			apart := math.Abs(r.NegLog10P-want(11)) / max(1e-2, want(11))
			d.exact = max(d.exact, apart)
			if l, ok := approximate[key]; ok && apart > tailBar {
				d.approximated++
				apart = math.Abs(l-want(11)) / max(1e-2, want(11))
				d.approximate = max(d.approximate, apart)
			}
			if !(apart <= tailBar) {
				t.Errorf("%s: -log10 p %.6g, want %s", key, r.NegLog10P, p[11])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen != len(peer) {
		t.Errorf("%d rows, the peer has %d", seen, len(peer))
	}
	var b strings.Builder
	b.WriteString("Largest differences of set tests from regenie 4.1.2's table of its example (two sets, two masks, 24 rows), each with its bar; -log10 p is\n" +
		"relative. Where regenie's Davies integral does not end, with one eigenvalue far above the others, regenie takes a saddlepoint approximation: the\n" +
		"rows counted last are those of SKAT-O and ACAT-O that stand on it, and their difference once the p at rho 0.999 is put to that approximation.\n" +
		"Written by `go test ./gwas/sets -update`.\n\n| test | rows | beta | se | -log10 p | rows on the approximation: -log10 p, then |\n|---|---|---|---|---|---|\n")
	for _, name := range order {
		d := worst[name]
		if d.n == 0 {
			t.Errorf("no row of %s", name)
		}
		fmt.Fprintf(&b, "| %s | %d |", name, d.n)
		if name == "ADD" {
			if !(d.beta <= betaBar && d.se <= betaBar) {
				t.Errorf("beta differs by %g, se by %g, want at most %g", d.beta, d.se, betaBar)
			}
			fmt.Fprintf(&b, " %.0e of %.0e | %.0e of %.0e |", d.beta, betaBar, d.se, betaBar)
		} else {
			b.WriteString(" | |")
		}
		fmt.Fprintf(&b, " %.0e of %.0e |", d.exact, tailBar)
		if d.approximated > 0 {
			fmt.Fprintf(&b, " %d: %.0e of %.0e", d.approximated, d.approximate, tailBar)
		}
		b.WriteString(" |\n")
	}
	if !t.Failed() {
		validation(t, "association of sets", b.String())
	}
}

// validation keeps a section of docs/validation.md, between two marks.
func validation(t *testing.T, section, want string) {
	t.Helper()
	const path = "../../docs/validation.md"
	begin, end := "<!-- begin "+section+" -->\n", "<!-- end "+section+" -->\n"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(b), begin)
	got, tail, _ := strings.Cut(rest, end)
	switch {
	case !found:
		t.Errorf("%s: no section %s", path, section)
	case *update:
		if err := os.WriteFile(path, []byte(head+begin+want+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	case got != want:
		t.Errorf("%s: the section %s is not what this test finds; run go test ./gwas/sets -update\nfound\n%s", path, section, want)
	}
}
