package plan

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/nullmodel"
	"github.com/gx-genomics/gx/workflows/stage"
)

// resultsPlan goes on from associations to what people look at. Its first step
// waits for the last.
const resultsPlan = `
name: results
work: $(out)/work
values: {in: ., out: .}
steps:
  - stage: notebook
    results: $(out)/assoc
    embed: true
    title: A study
    out: $(out)/assoc.ipynb
  - stage: notebook
    results: $(in)/s1.vcf.gz
    repo: lab/study
    path: results/calls.ipynb
    out: $(out)/calls.ipynb
  - stage: report
    results: [$(out)/assoc, $(in)/s1.vcf.gz]
    hit: 1e-6
    out: $(out)/page.html
    json: $(out)/page.json
  - stage: gwas
    genotypes: $(in)/cohort.bed
    pheno: $(in)/cohort.tsv
    covar: $(in)/cohort.tsv
    traits: [y, b]
    parquet: true
    out: $(out)/assoc
    shards: SHARDS
`

// resultsInProcess does with the functions behind the commands what the plan asks
// for.
func resultsInProcess(t *testing.T, dir string) {
	t.Helper()
	env, ctx := &stage.Env{Store: object.Files{}, Threads: 2}, t.Context()
	in := func(name string) string { return filepath.Join(dataDir(t), name) }
	a := stage.AssocPlan{Genotypes: in("cohort.bed"), Pheno: in("cohort.tsv"), Covar: in("cohort.tsv"), Prefix: dir + "/assoc", Parquet: true,
		Study: pheno.Defaults(), NullModel: nullmodel.Defaults(), Scan: gwas.Defaults()}
	a.Study.Traits = []string{"y", "b"}
	if _, err := stage.Assoc(ctx, env, a); err != nil {
		t.Fatal(err)
	}
	n := stage.DefaultNotebookPlan()
	n.Results, n.Out, n.Embed, n.Options.Title = dir+"/assoc", dir+"/assoc.ipynb", true, "A study"
	if err := stage.Notebook(ctx, env, n); err != nil {
		t.Fatal(err)
	}
	n = stage.DefaultNotebookPlan()
	n.Results, n.Out, n.Options.Repo, n.Options.Path = in("s1.vcf.gz"), dir+"/calls.ipynb", "lab/study", "results/calls.ipynb"
	if err := stage.Notebook(ctx, env, n); err != nil {
		t.Fatal(err)
	}
	r := stage.DefaultReportPlan()
	r.Results, r.Out, r.JSON, r.Summary.Hit = []string{dir + "/assoc", in("s1.vcf.gz")}, dir+"/page.html", dir+"/page.json", 1e-6
	if err := stage.MakeReport(ctx, env, r); err != nil {
		t.Fatal(err)
	}
}

// TestResultsSameBytes: Parquet, notebooks and pages of a plan are those of the commands,
// for any number of shards and workers.
func TestResultsSameBytes(t *testing.T) {
	whole := t.TempDir()
	resultsInProcess(t, whole)
	want := files(t, whole)
	for _, name := range []string{"assoc.y.parquet", "assoc.b.parquet", "assoc.y.tsv.gz", "assoc.ipynb", "calls.ipynb", "page.html", "page.json"} {
		if want[name] == "" {
			t.Fatalf("no %s among %d files", name, len(want))
		}
	}
	for _, k := range []struct{ shards, workers int }{{1, 1}, {2, 4}, {7, 4}} {
		t.Run(fmt.Sprintf("%d shards %d workers", k.shards, k.workers), func(t *testing.T) {
			dir := t.TempDir()
			tasks, err := run(t, planIn(t, resultsPlan, dir, k.shards), Runner{Workers: k.workers, Threads: k.workers})
			if err != nil {
				t.Fatal(err)
			}
			if n := k.shards + 4; len(tasks) != n {
				t.Errorf("%d tasks, want %d: %v", len(tasks), n, tasks)
			}
			sameFiles(t, outputsOnly(files(t, dir)), want)
			page := stage.DefaultReportPlan()
			page.Results, page.Out = []string{dir + "/work/manifest.json"}, filepath.Join(t.TempDir(), "run.html")
			if err := stage.MakeReport(t.Context(), &stage.Env{Store: object.Files{}, Threads: 1}, page); err != nil {
				t.Error(err)
			} else if b, err := os.ReadFile(page.Out); err != nil || !strings.Contains(string(b), "calls.ipynb") {
				t.Errorf("a page of the run without its outputs, %v", err)
			}
			if again, err := run(t, planIn(t, resultsPlan, dir, k.shards), Runner{}); err != nil || len(again) != 0 {
				t.Errorf("the second run did %v, %v; want nothing", again, err)
			}
		})
	}
}

// TestPrefixAsInput: results that no step makes are an input like any other, each of
// their files: one that changes makes the notebook again, one that is missing is
// told before anything is done.
func TestPrefixAsInput(t *testing.T) {
	in, dir := t.TempDir(), t.TempDir()
	resultsInProcess(t, in)
	const text = `
work: $(out)/work
values: {in: ., out: .}
steps:
  - stage: notebook
    results: $(in)/assoc
    out: $(out)/n.ipynb
`
	tasks := func() int {
		t.Helper()
		p, err := parseIn(text, in, dir, 1)
		if err != nil {
			t.Fatal(err)
		}
		list, err := run(t, p, Runner{})
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if first, again := tasks(), tasks(); first != 1 || again != 0 {
		t.Errorf("%d tasks, then %d, want 1 and none", first, again)
	}
	marker := files(t, dir)["n.ipynb.done"]
	for _, name := range []string{"assoc.summary.json", "assoc.y.tsv.gz", "assoc.b.parquet"} {
		if !strings.Contains(marker, name) {
			t.Errorf("the marker does not name the input %s:\n%s", name, marker)
		}
	}
	other, err := os.ReadFile(in + "/assoc.b.tsv.gz")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(in+"/assoc.y.tsv.gz", other, 0o600); err != nil {
		t.Fatal(err)
	}
	if n := tasks(); n != 1 {
		t.Errorf("a table has changed: %d tasks, want 1", n)
	}
	for _, name := range []string{"assoc.y.tsv.gz", "assoc.y.parquet"} {
		if err := os.Remove(filepath.Join(in, name)); err != nil {
			t.Fatal(err)
		}
	}
	p, err := parseIn(text, in, dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	before := maps.Clone(files(t, dir))
	if list, err := run(t, p, Runner{}); err == nil || len(list) != 0 || !strings.Contains(err.Error(), "test.yaml:5") || !strings.Contains(err.Error(), "assoc.y.tsv.gz") {
		t.Errorf("a table is missing: %v, %v", list, err)
	}
	sameFiles(t, files(t, dir), before)
}
