package gwas_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/gwas/result"
	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/genotype"
	"github.com/gx-genomics/gx/io/table"
)

// input is a scan of files, paths below the shared data.
type input struct {
	genotypes, pheno, covar, null, remove string
	refFirst                              bool
	study                                 pheno.Options
	scan                                  gwas.Options
	offsets                               map[string]string // trait to file of predictions
}

func readSamples(t testing.TB, name string) *pheno.Table {
	t.Helper()
	if name == "" {
		return nil
	}
	s, err := table.OpenSamples(shared.Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	p := pheno.Table(*s)
	return &p
}

// open matches the files of the input.
func (in *input) open(t testing.TB) (*genotype.File, *pheno.Study) {
	t.Helper()
	f, err := genotype.Open(t.Context(), shared.Path(t, in.genotypes), genotype.Options{RefFirst: in.refFirst})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	var samples []pheno.Sample
	for _, s := range f.Samples() {
		samples = append(samples, pheno.Sample{FID: s.FID, IID: s.IID, Sex: uint8(s.Sex)})
	}
	o := in.study
	o.MaxLevels, o.MinCases = 10, 10
	o.Null = readSamples(t, in.null)
	if in.remove != "" {
		text, err := os.ReadFile(shared.Path(t, in.remove))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if f := strings.Fields(line); len(f) == 2 {
				o.Remove = append(o.Remove, pheno.Sample{FID: f[0], IID: f[1]})
			}
		}
	}
	study, err := pheno.NewStudy(samples, readSamples(t, in.pheno), readSamples(t, in.covar), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(study.Genotyped) < len(samples) {
		if f, err = f.Select(study.Genotyped); err != nil {
			t.Fatal(err)
		}
	}
	return f, study
}

// shortRows is how many variants are compared under -short, where the race
// detector makes all slower.
const shortRows = 150

// source is a file, under -short only its beginning.
type source struct{ *genotype.File }

func (s source) Variants(ctx context.Context) (int, error) {
	n, err := s.File.Variants(ctx)
	if testing.Short() {
		n = min(n, shortRows)
	}
	return n, err
}

func (s source) Blocks(ctx context.Context, from, to, size int) iter.Seq2[*dosage.Block, error] {
	if testing.Short() && to < 0 {
		to = shortRows
	}
	return s.File.Blocks(ctx, from, to, size)
}

// run scans the input; rows are by trait and ID of the variant.
func (in *input) run(t testing.TB) map[string][]result.Row {
	t.Helper()
	f, study := in.open(t)
	o := in.scan
	for trait, name := range in.offsets {
		l, err := table.OpenLOCO(shared.Path(t, name))
		if err != nil {
			t.Fatal(err)
		}
		if o.Offsets == nil {
			o.Offsets = map[string]*gwas.Offsets{}
		}
		offsets := gwas.Offsets(*l)
		o.Offsets[trait] = &offsets
	}
	rows := map[string][]result.Row{}
	_, err := gwas.Scan(t.Context(), source{f}, study, o, func(b *gwas.Batch) error {
		for k, r := range b.Rows {
			name := study.Traits[k].Name
			rows[name] = append(rows[name], r...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// peerRow is a line of a peer's table by the names of its columns.
type peerRow map[string]string

func (p peerRow) float(t testing.TB, name string) float64 {
	t.Helper()
	s, ok := p[name]
	if !ok {
		t.Fatalf("no column %s", name)
	}
	if s == "NA" || s == "." {
		return math.NaN()
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func readPeer(t testing.TB, name string) []peerRow {
	t.Helper()
	f, err := os.Open(shared.Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var header []string
	var rows []peerRow
	s := bufio.NewScanner(f)
	for s.Scan() {
		if strings.HasPrefix(s.Text(), "##") {
			continue
		}
		fields := strings.Fields(s.Text())
		if header == nil {
			header = fields
			header[0] = strings.TrimPrefix(header[0], "#")
			continue
		}
		p := peerRow{}
		for i, v := range fields {
			p[header[i]] = v
		}
		rows = append(rows, p)
	}
	if s.Err() != nil || len(rows) == 0 {
		t.Fatalf("%s: %d rows, %v", name, len(rows), s.Err())
	}
	return rows
}

// worst keeps the largest difference of a quantity.
type worst struct {
	name  string
	bar   float64
	value float64
	where string
}

func (w *worst) see(diff float64, where string) {
	if diff > w.value || math.IsNaN(diff) {
		w.value, w.where = diff, where
	}
}

// differ is how far apart two values are; both must be there or neither.
func differ(got, want float64) float64 {
	if math.IsNaN(got) && math.IsNaN(want) {
		return 0
	}
	d := math.Abs(got - want)
	if math.IsNaN(d) {
		return math.Inf(1)
	}
	return d
}

// comparison is a peer's table against the rows of gx.
type comparison struct {
	peer   string // its file
	trait  string
	plink  bool
	binary bool
	beta   float64 // largest difference of beta, of max(1, |beta|)
	se     float64 // of SE
	relSE  bool
	stat   float64 // of chi-square, relative
	log10p float64 // of -log10 p, relative
	in     input
	// whole says that the peer's penalised null model counts samples without the
	// trait too, at weight 1 (regenie 4.1.2): what stands on it is compared only
	// roughly.
	whole bool
}

func (c *comparison) check(t *testing.T, rows []result.Row) []*worst {
	t.Helper()
	byID := map[string]*result.Row{}
	for i := range rows {
		byID[rows[i].ID] = &rows[i]
	}
	beta, se := &worst{name: "beta", bar: c.beta}, &worst{name: "se", bar: c.se}
	chisq, log10p := &worst{name: "chisq", bar: c.stat}, &worst{name: "log10p", bar: c.log10p}
	rough := &worst{name: "rough", bar: 2e-2}
	method := &worst{name: "method", bar: 0.5}
	for k, p := range readPeer(t, c.peer) {
		if testing.Short() && k == shortRows {
			break
		}
		r := byID[p["ID"]]
		if r == nil {
			t.Fatalf("%s: no row for variant %s", c.peer, p["ID"])
		}
		sign := 1.0
		var pb, ps, pc, pp float64
		if c.plink {
			if p["A1"] != r.Alt {
				sign = -1
			}
			if c.binary {
				pb, ps = math.Log(p.float(t, "OR")), p.float(t, "LOG(OR)_SE")
				z := p.float(t, "Z_STAT")
				pc = z * z
				if f, ok := p["FIRTH?"]; ok && (f == "Y") != (r.Method == result.FirthWald) {
					method.see(1, r.ID)
				}
			} else {
				pb, ps = p.float(t, "BETA"), p.float(t, "SE")
				z := p.float(t, "T_STAT")
				pc = z * z
			}
			pp = -math.Log10(p.float(t, "P"))
		} else {
			if p["ALLELE1"] != r.Alt {
				t.Fatalf("%s: variant %s has allele %s, here %s", c.peer, r.ID, p["ALLELE1"], r.Alt)
			}
			pb, ps, pc, pp = p.float(t, "BETA"), p.float(t, "SE"), p.float(t, "CHISQ"), p.float(t, "LOG10P")
		}
		n := "N"
		if c.plink {
			n = "OBS_CT"
		}
		if p[n] != strconv.Itoa(r.N) {
			t.Errorf("%s: variant %s has %s samples, here %d", c.peer, r.ID, p[n], r.N)
		}
		if c.whole && r.Method == result.FirthApprox {
			rough.see(differ(r.Beta, pb)/max(1, math.Abs(pb)), r.ID)
			continue
		}
		beta.see(differ(sign*r.Beta, pb)/max(1, math.Abs(pb)), r.ID)
		scale := 1.0
		if c.relSE {
			scale = ps
		}
		se.see(differ(r.SE, ps)/scale, r.ID)
		chisq.see(differ(r.Chisq(), pc)/max(1e-2, pc), r.ID)
		log10p.see(differ(r.NegLog10P, pp)/max(1e-2, pp), r.ID)
	}
	list := []*worst{beta, se, chisq, log10p, method, rough}
	for _, w := range list {
		if !(w.value <= w.bar) {
			t.Errorf("%s: %s differs by %.3g at variant %s, want at most %g", c.peer, w.name, w.value, w.where, w.bar)
		}
	}
	return list
}

const (
	example = "gwas/regenie-example/"
	cohort  = "gwas/cohortA/"
	plinkX  = "gwas/expected/plink2-example/"
	regX    = "gwas/expected/regenie-example/"
	threeX  = "gwas/expected/regenie-3chr/"
)

// firthBeta is the bar of regenie's Firth: it stops where the penalised score
// is below 2.5e-4, which moves beta by that times the square of its SE.
const firthBeta = 3e-5

// spaTail is the bar of regenie's saddlepoint: it takes a root as found within
// 1.2e-4, and the tail follows.
const spaTail = 1e-3

// plinkFirth is the bar of plink2 a3.5's Firth, which iterates in float32 and
// stops early; its logistic regression keeps 1e-4.
const plinkFirth = 2.5e-4

func comparisons() []comparison {
	covar := example + "covariates.txt"
	ols := gwas.Defaults()
	ols.MinMAC = 0
	score := ols
	score.Form = gwas.ScoreForm
	second := func(s gwas.Second, threshold float64) gwas.Options {
		o := score
		o.Second, o.Threshold = s, threshold
		return o
	}
	var list []comparison
	linear := func(peer, trait string, in input) {
		list = append(list, comparison{peer: peer, trait: trait, plink: true, beta: 1e-5, se: 1e-5, relSE: true, stat: 1e-3, log10p: 1e-3, in: in})
	}
	for _, y := range []string{"Y1", "Y2"} {
		linear(plinkX+"qt."+y+".glm.linear", y, input{genotypes: example + "example.pgen", pheno: example + "phenotype.txt", covar: covar, scan: ols})
		list = append(list, comparison{peer: regX + "qt_" + y + ".regenie", trait: y, beta: 1e-5, se: 1e-5, stat: 1e-4, log10p: 1e-4,
			in: input{genotypes: example + "example.bed", pheno: example + "phenotype.txt", covar: covar, scan: score}})
		for _, m := range []struct {
			name   string
			second gwas.Second
		}{{"firth_approx", gwas.FirthApprox}, {"firth_exact", gwas.FirthLRT}, {"spa", gwas.SPA}} {
			beta, tail := firthBeta, 1e-4
			if m.second == gwas.SPA {
				beta, tail = spaTail, spaTail
			}
			list = append(list, comparison{peer: regX + "bt_" + m.name + "_" + y + ".regenie", trait: y, binary: true, beta: beta, se: 2e-5, stat: tail, log10p: tail,
				in: input{genotypes: example + "example.bgen", pheno: example + "phenotype_bin.txt", covar: covar, remove: example + "fid_iid_to_remove.txt",
					scan: second(m.second, 0.01)}})
		}
		for _, m := range []struct {
			name   string
			pheno  string
			second gwas.Second
		}{{"bt_hybrid." + y + ".glm.logistic.hybrid", "phenotype_bin.txt", gwas.Logistic}, {"bt_firth." + y + ".glm.firth", "phenotype_bin.txt", gwas.FirthWald},
			{"bt_wNA." + y + ".glm.logistic.hybrid", "phenotype_bin_wNA.txt", gwas.Logistic}} {
			bar, tail := 1e-4, 1e-3
			if m.second == gwas.FirthWald {
				bar, tail = plinkFirth, 2e-2
			}
			list = append(list, comparison{peer: plinkX + m.name, trait: y, plink: true, binary: true, beta: bar, se: 1e-4, stat: tail, log10p: tail,
				in: input{genotypes: example + "example.pgen", pheno: example + m.pheno, covar: covar, scan: second(m.second, 1)}})
		}
		list = append(list, comparison{peer: plinkX + "3chr_bt." + y + ".glm.logistic.hybrid", trait: y, plink: true, binary: true, beta: 1e-4, se: 1e-4, stat: 1e-3, log10p: 1e-3,
			in: input{genotypes: example + "example_3chr.bed", pheno: example + "phenotype_bin.txt", covar: covar, scan: second(gwas.Logistic, 1)}})
	}
	for _, y := range []string{"Y1", "Y2"} {
		list = append(list, comparison{peer: threeX + "s2_qt_" + y + ".regenie", trait: y, beta: 1e-5, se: 1e-5, stat: 1e-4, log10p: 1e-4,
			in: input{genotypes: example + "example_3chr.bgen", refFirst: true, pheno: example + "phenotype.txt", covar: covar, scan: score,
				offsets: map[string]string{"Y1": threeX + "qt_1.loco", "Y2": threeX + "qt_2.loco"}}})
	}
	for k, y := range []string{"Y1", "Y2"} {
		list = append(list, comparison{peer: threeX + "s2_bt_wNA_" + y + ".regenie", trait: y, binary: true, beta: firthBeta, se: 2e-5, stat: 1e-4, log10p: 1e-4, whole: y == "Y1",
			in: input{genotypes: example + "example_3chr.bgen", pheno: example + "phenotype_bin_wNA.txt", covar: covar, scan: second(gwas.FirthApprox, 0.05),
				offsets: map[string]string{y: fmt.Sprintf("%sbt_wNA_loocv_%d.loco", threeX, k+1)}}})
	}
	base := pheno.Options{Traits: []string{"y_nl", "y_lin"}, Covariates: []string{"age", "sex", "genotyping_array", "bmi", "PC1", "PC2", "PC3", "PC4"}}
	whole := input{genotypes: cohort + "cohortA.bed", pheno: cohort + "cohortA.tsv", covar: cohort + "cohortA.tsv", study: base, scan: ols}
	linear(cohort+"plink2_y_nl_base.glm.linear", "y_nl", whole)
	linear(cohort+"plink2_y_lin_base.glm.linear", "y_lin", whole)
	for _, null := range []string{"deepnull", "xgboost"} {
		in := whole
		in.study.Traits, in.null = []string{"y_nl"}, cohort+null+"_y_nl.pred.tsv"
		linear(cohort+"plink2_y_nl_plus_"+null+".glm.linear", "y_nl", in)
	}
	reg := whole
	reg.scan = score
	reg.offsets = map[string]string{"y_nl": cohort + "regenie_qt_1.loco.gz", "y_lin": cohort + "regenie_qt_2.loco.gz"}
	for _, y := range []string{"y_nl", "y_lin"} {
		list = append(list, comparison{peer: cohort + "regenie_" + y + ".regenie", trait: y, beta: 1e-5, se: 1e-5, stat: 1e-4, log10p: 1e-4, in: reg})
	}
	bt := whole
	bt.study.Traits = []string{"b_nl"}
	hybrid := bt
	hybrid.scan = second(gwas.Logistic, 1)
	list = append(list, comparison{peer: cohort + "plink2_b_nl_base.glm.logistic.hybrid", trait: "b_nl", plink: true, binary: true, beta: 1e-4, se: 1e-4, stat: 1e-3, log10p: 1e-3, in: hybrid})
	hybrid.null = cohort + "deepnull_b_nl.pred.tsv"
	list = append(list, comparison{peer: cohort + "plink2_b_nl_plus_deepnull.glm.logistic.hybrid", trait: "b_nl", plink: true, binary: true, beta: 1e-4, se: 1e-4, stat: 1e-3, log10p: 1e-3, in: hybrid})
	bt.offsets = map[string]string{"b_nl": cohort + "regenie_bt_1.loco.gz"}
	for _, m := range []struct {
		name   string
		second gwas.Second
	}{{"firth_approx", gwas.FirthApprox}, {"firth_exact", gwas.FirthLRT}, {"spa", gwas.SPA}} {
		in := bt
		in.scan = second(m.second, 0.05)
		list = append(list, comparison{peer: cohort + "regenie_b_nl_" + m.name + ".regenie", trait: "b_nl", binary: true, beta: firthBeta, se: 2e-5, stat: 1e-4, log10p: 1e-4, in: in})
	}
	return list
}

var update = flag.Bool("update", false, "rewrite the table of validation")

// TestPeers compares whole tables of plink2 and regenie, and keeps the largest
// differences in docs/validation.md.
func TestPeers(t *testing.T) {
	var b strings.Builder
	b.WriteString("Largest differences of `gx gwas` from tables of plink2 2.00a3.5 and regenie 4.1.2 on the same input, each with its bar. Beta is relative\n" +
		"where it is above 1; chi-square and -log10 p are relative, and SE for plink2's linear regression. In s2_bt_wNA_Y1 what Firth's null\n" +
		"model decides is left out: regenie counts samples without the trait in its penalty. Written by `go test ./gwas -update`.\n\n" +
		"| table of the peer | tests | beta | se | chi-square | -log10 p |\n|---|---|---|---|---|---|\n")
	ran := 0
	for _, c := range comparisons() {
		name := strings.TrimPrefix(strings.TrimPrefix(c.peer, "gwas/"), "expected/")
		t.Run(name, func(t *testing.T) {
			rows := c.in.run(t)[c.trait]
			fmt.Fprintf(&b, "| %s | %d |", name, len(rows))
			for _, w := range c.check(t, rows)[:4] {
				fmt.Fprintf(&b, " %.0e of %.0e |", w.value, w.bar)
			}
			b.WriteString("\n")
			ran++
		})
	}
	if testing.Short() || t.Failed() || ran < len(comparisons()) {
		return
	}
	validation(t, "association", b.String())
}

// validation keeps a section of docs/validation.md, between two marks.
func validation(t *testing.T, section, want string) {
	t.Helper()
	const path = "../docs/validation.md"
	begin, end := "<!-- begin "+section+" -->\n", "<!-- end "+section+" -->\n"
	text, err := os.ReadFile(path)
	if err != nil && (!*update || !errors.Is(err, os.ErrNotExist)) {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(text), begin)
	got, tail, _ := strings.Cut(rest, end)
	if *update {
		if !found {
			head, tail = strings.TrimRight(head, "\n")+"\n\n## "+strings.ToUpper(section[:1])+section[1:]+"\n", ""
			if len(text) == 0 {
				head = "# Validation\n" + head
			}
		}
		if err := os.WriteFile(path, []byte(head+begin+want+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != want {
		t.Errorf("%s: the section %s is not what this test finds; run go test ./gwas -update\nfound\n%s", path, section, want)
	}
}
