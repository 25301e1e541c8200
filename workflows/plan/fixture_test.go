package plan

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gx-genomics/gx/gwas/simulate"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/variant/locus"
	variants "github.com/gx-genomics/gx/variant/simulate"
	"github.com/gx-genomics/gx/workflows/stage"
)

// inputs makes small data of every kind once: a reference of two contigs, the
// reads of two people, a cohort.
var inputs = sync.OnceValues(func() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "gx-plan-*"); err != nil {
		return "", err
	}
	env, ctx := &stage.Env{Store: object.Files{}, Threads: 2}, context.Background()
	in := func(name string) string { return filepath.Join(dir, name) }
	ref := ""
	for k, sample := range []string{"s1", "s2"} {
		g := stage.GenomePlan{Ref: ref, Prefix: in(sample), Sample: sample, Reference: variants.DefaultReference(), Truth: variants.DefaultTruth()}
		g.Reference.Contigs = []locus.Contig{{Name: "c1", Length: 9_000}, {Name: "c2", Length: 4_500}}
		g.Truth.Seed = uint64(k + 5)
		if err := stage.SimulateGenome(ctx, env, g); err != nil {
			return "", err
		}
		ref = in("s1.fa")
		r := stage.ReadsPlan{Ref: ref, Truth: in(sample + ".vcf.gz"), Prefix: in(sample), Sample: sample, BAM: true, Reads: variants.DefaultReads()}
		r.Reads.Depth, r.Reads.Seed = 12, uint64(k+1)
		if _, err := stage.SimulateReads(ctx, env, r); err != nil {
			return "", err
		}
	}
	if err := os.WriteFile(in("left.txt"), []byte("rs7\nrs8\nrs150\nrs300\n"), 0o600); err != nil {
		return "", err
	}
	o := simulate.Defaults()
	o.Samples, o.Variants, o.Causal, o.Seed = 400, 300, 20, 3
	return dir, stage.SimulateCohort(ctx, env, stage.CohortPlan{Options: o, Prefix: in("cohort"), Out: in("cohort.bed")})
})

func dataDir(t testing.TB) string {
	t.Helper()
	dir, err := inputs()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// wholePlan has a step of every stage that needs no network, from reads to
// associations.
const wholePlan = `
name: whole
work: $(out)/work
values:
  in: .
  out: .
  sample: [s1, s2]
steps:
  - stage: merge
    in: $(out)/$(sample).g.vcf.gz
    out: $(out)/cohort.vcf.gz
  - stage: call
    each: sample
    ref: $(in)/s1.fa
    reads: [$(in)/$(sample).bam]
    out: $(out)/$(sample).vcf.gz
    gvcf: $(out)/$(sample).g.vcf.gz
    shards: SHARDS
  - stage: nullmodel
    pheno: $(in)/cohort.tsv
    traits: [y, b]
    method: linear
    out: $(out)/null.tsv
    shards: SHARDS
  - stage: ridge
    genotypes: $(in)/cohort.bed
    pheno: $(in)/cohort.tsv
    covar: $(in)/cohort.tsv
    traits: [y, b]
    null: $(out)/null.tsv
    block: 20
    out: $(out)/step1_pred.list
    shards: SHARDS
  - stage: gwas
    genotypes: $(in)/cohort.bed
    pheno: $(in)/cohort.tsv
    covar: $(in)/cohort.tsv
    traits: [y, b]
    null: $(out)/null.tsv
    exclude: $(in)/left.txt
    loco: $(out)/step1_pred.list
    out: $(out)/assoc
    shards: SHARDS
`

// examplesPlan adds a stage whose outputs are large.
const examplesPlan = `
name: examples
work: $(out)/work
values: {in: ., out: .}
steps:
  - stage: examples
    ref: $(in)/s1.fa
    reads: $(in)/s1.bam
    out: $(out)/e@3.tfrecord.gz
    candidates: $(out)/c@3.tfrecord.gz
    blocks: $(out)/b@3.tfrecord.gz
    regions: ["c1:1-4000", c2]
    shards: SHARDS
`

// planIn is a plan whose outputs go to dir.
func planIn(t testing.TB, text, dir string, shards int) *Plan {
	t.Helper()
	p, err := parseIn(text, dataDir(t), dir, shards)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func parseIn(text, in, dir string, shards int) (*Plan, error) {
	text = strings.ReplaceAll(text, "SHARDS", fmt.Sprint(shards))
	return Parse("test.yaml", []byte(text), stage.Kinds(), map[string][]string{"in": {in}, "out": {dir}})
}

// files is the content of everything below a folder that no clock has part in,
// by name.
func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".stats") || strings.Contains(path, ".gx-part-") {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		out[name] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func sameFiles(t testing.TB, got, want map[string]string) {
	t.Helper()
	for name, b := range want {
		if g, ok := got[name]; !ok {
			t.Errorf("%s is missing", name)
		} else if g != b {
			t.Errorf("%s: %d bytes that differ from the %d of the undisturbed run", name, len(g), len(b))
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s should not be there", name)
		}
	}
}

// run does a plan and gives the tasks that were run.
func run(t testing.TB, p *Plan, r Runner) (tasks []string, err error) {
	t.Helper()
	if r.Store == nil {
		r.Store = object.Files{}
	}
	r.Started = func(t *stage.Task) { tasks = append(tasks, filepath.Base(t.MarkerName())) }
	_, err = r.Run(t.Context(), p)
	return tasks, err
}
