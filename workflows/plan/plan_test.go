package plan

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/gwas/ridge"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/nullmodel"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/workflows/stage"
)

// inProcess does with the functions behind the commands what wholePlan asks
// for.
func inProcess(t *testing.T, dir string) map[string]string {
	t.Helper()
	env, ctx := &stage.Env{Store: object.Files{}, Threads: 2}, t.Context()
	in := func(name string) string { return filepath.Join(dataDir(t), name) }
	out := func(name string) string { return filepath.Join(dir, name) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []string{"s1", "s2"} {
		_, err := stage.Call(ctx, env, stage.CallPlan{Ref: in("s1.fa"), Reads: []string{in(s + ".bam")}, Out: out(s + ".vcf.gz"), GVCF: out(s + ".g.vcf.gz"),
			Options: stage.DefaultCallOptions(), Shards: 1})
		must(err)
	}
	_, err := stage.Merge(ctx, env, stage.MergePlan{Inputs: []string{out("s1.g.vcf.gz"), out("s2.g.vcf.gz")}, Out: out("cohort.vcf.gz"), Options: stage.DefaultMergeOptions()})
	must(err)
	n := stage.NullModelPlan{Pheno: in("cohort.tsv"), Traits: []string{"y", "b"}, Out: out("null.tsv"), Logit: true, Options: nullmodel.Defaults()}
	n.Options.Members, n.Options.Diagnose = []nullmodel.Member{nullmodel.Linear}, true
	_, err = stage.RunNullModel(ctx, env, n)
	must(err)
	r := stage.RidgePlan{Data: stage.AssocPlan{Genotypes: in("cohort.bed"), Pheno: in("cohort.tsv"), Covar: in("cohort.tsv"), Null: out("null.tsv"), Prefix: out("step1"),
		Study: pheno.Defaults()}, Filter: stage.DefaultVariantFilter(), Ridge: ridge.Defaults()}
	r.Data.Study.Traits, r.Ridge.Block = []string{"y", "b"}, 20
	_, err = stage.Ridge(ctx, env, r)
	must(err)
	a := stage.AssocPlan{Genotypes: in("cohort.bed"), Pheno: in("cohort.tsv"), Covar: in("cohort.tsv"), Null: out("null.tsv"), Prefix: out("assoc"),
		Study: pheno.Defaults(), NullModel: nullmodel.Defaults(), Scan: gwas.Defaults()}
	a.Study.Traits, a.Choice.Exclude, a.LOCO = []string{"y", "b"}, in("left.txt"), out("step1_pred.list")
	_, err = stage.Assoc(ctx, env, a)
	must(err)
	return files(t, dir)
}

// outputsOnly leaves out what the plan adds beside the outputs.
func outputsOnly(all map[string]string) map[string]string {
	out := maps.Clone(all)
	maps.DeleteFunc(out, func(name, _ string) bool {
		return strings.HasPrefix(name, "work/") || strings.HasSuffix(name, ".done")
	})
	return out
}

// TestSameBytes: a plan's outputs are those of the commands, its markers and
// its manifest the same for any number of shards and workers.
func TestSameBytes(t *testing.T) {
	want := inProcess(t, t.TempDir())
	var first map[string]string
	for _, k := range []struct{ shards, workers int }{{1, 1}, {2, 4}, {7, 1}, {7, 4}} {
		t.Run(fmt.Sprintf("%d shards %d workers", k.shards, k.workers), func(t *testing.T) {
			dir := t.TempDir()
			tasks, err := run(t, planIn(t, wholePlan, dir, k.shards), Runner{Workers: k.workers, Threads: k.workers})
			if err != nil {
				t.Fatal(err)
			}
			if n := 5*(k.shards+1) + 1; len(tasks) != n {
				t.Errorf("%d tasks, want %d: %v", len(tasks), n, tasks)
			}
			got := files(t, dir)
			sameFiles(t, outputsOnly(got), want)
			if first == nil {
				first = got
			}
			sameFiles(t, got, first)
			again, err := run(t, planIn(t, wholePlan, dir, k.shards), Runner{})
			if err != nil || len(again) != 0 {
				t.Errorf("the second run did %v, %v; want nothing", again, err)
			}
		})
	}
	if !strings.Contains(first["work/completeness.tsv"], "call s1.g.vcf.gz\tc2\t4500\t4500\t") && !strings.Contains(first["work/completeness.tsv"], "call s1.vcf.gz\tc2\t4500\t4500\t") {
		t.Errorf("completeness:\n%s", first["work/completeness.tsv"])
	}
}

// TestExamplesSameBytes: the same for files of many shards of another kind.
func TestExamplesSameBytes(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dataDir(t), name) }
	plan := stage.ExamplesPlan{Ref: in("s1.fa"), Reads: []string{in("s1.bam")}, Options: stage.DefaultCallOptions(), Image: image.Defaults(image.V19),
		Out: filepath.Join(dir, "e@3.tfrecord.gz"), Candidates: filepath.Join(dir, "c@3.tfrecord.gz"), Blocks: filepath.Join(dir, "b@3.tfrecord.gz")}
	plan.Options.Regions = []string{"c1:1-4000", "c2"}
	plan.Image.Version = image.Own
	s, err := stage.Examples(t.Context(), &stage.Env{Store: object.Files{}, Threads: 2}, plan)
	if err != nil || s.Examples == 0 {
		t.Fatal(s, err)
	}
	want := files(t, dir)
	for _, shards := range []int{1, 2, 7} {
		dir := t.TempDir()
		if _, err := run(t, planIn(t, examplesPlan, dir, shards), Runner{Workers: 2, Threads: 2}); err != nil {
			t.Fatal(err)
		}
		sameFiles(t, outputsOnly(files(t, dir)), want)
	}
}

// TestFlippedByte: one flipped byte in anything that is stored makes exactly the
// task that wrote it run again, and what was made of it.
func TestFlippedByte(t *testing.T) {
	dir := t.TempDir()
	p := planIn(t, wholePlan, dir, 2)
	if _, err := run(t, p, Runner{Keep: true, Workers: 2}); err != nil {
		t.Fatal(err)
	}
	want := files(t, dir)
	heirs := func(name string) []string {
		base := filepath.Base(name)
		switch {
		case strings.Contains(name, "ridge-"), strings.HasPrefix(base, "step1"):
			return []string{base, "step1_pred.list", "gwas part", "assoc"}
		case strings.Contains(name, "call-"), strings.HasPrefix(base, "s"):
			return []string{base, "s?.vcf.gz", "cohort.vcf.gz"}
		case strings.HasPrefix(base, "cohort"):
			return []string{"cohort.vcf.gz"}
		case strings.Contains(name, "nullmodel-"), strings.HasPrefix(base, "null"):
			return []string{base, "null.tsv", "ridge part", "step1_pred.list", "gwas part", "assoc"}
		}
		return []string{base, "assoc"}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if strings.HasSuffix(name, "manifest.json") || strings.HasSuffix(name, "completeness.tsv") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name)
			b := []byte(want[name])
			b[len(b)/2] ^= 0x04
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			tasks, err := run(t, p, Runner{Keep: true, Workers: 2})
			if err != nil {
				t.Fatal(err)
			}
			checkRerun(t, name, tasks, heirs(name))
			sameFiles(t, files(t, dir), want)
		})
	}
}

// checkRerun checks the tasks that were run after a flip in an object.
func checkRerun(t *testing.T, name string, tasks, heirs []string) {
	t.Helper()
	allowed := map[string]bool{}
	own := strings.TrimSuffix(filepath.Base(name), ".done")
	for _, task := range tasks {
		base := strings.TrimSuffix(task, ".done")
		ok := base == own
		for _, h := range heirs {
			switch {
			case h == "s?.vcf.gz":
				ok = ok || base == "s1.vcf.gz" || base == "s2.vcf.gz"
			case strings.HasSuffix(h, " part"):
				ok = ok || strings.HasPrefix(base, strings.TrimSuffix(h, " part")+"-") && strings.HasSuffix(base, ".part")
			default:
				ok = ok || base == h
			}
		}
		if !ok {
			t.Errorf("%s was flipped, but %s ran as well", name, base)
		}
		allowed[base] = true
	}
	last := heirs[len(heirs)-1]
	if !allowed[last] {
		t.Errorf("%s was flipped, but %s was not made again: %v", name, last, tasks)
	}
	if allowed["s1.vcf.gz"] && allowed["s2.vcf.gz"] {
		t.Errorf("%s was flipped, and both samples were joined again", name)
	}
	if strings.HasSuffix(own, ".part") && !allowed[own] {
		t.Errorf("%s was flipped, but its own task did not run: %v", name, tasks)
	}
}

// TestChange: an option that changes does again what it touches, and nothing
// else; a file that lies elsewhere changes nothing.
func TestChange(t *testing.T) {
	dir := t.TempDir()
	if _, err := run(t, planIn(t, wholePlan, dir, 2), Runner{}); err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(wholePlan, "    out: $(out)/assoc\n", "    out: $(out)/assoc\n    min-mac: 20\n", 1)
	tasks, err := run(t, planIn(t, changed, dir, 2), Runner{})
	if err != nil {
		t.Fatal(err)
	}
	if len(tasks) != 3 || tasks[2] != "assoc.done" {
		t.Errorf("tasks %v, want two shards and the join of the association", tasks)
	}
	other := t.TempDir()
	for _, f := range []string{"s1.fa", "s1.fa.fai", "s1.bam", "s1.bam.bai", "s2.bam", "s2.bam.bai", "cohort.tsv", "cohort.bed", "cohort.bim", "cohort.fam", "left.txt"} {
		b, err := os.ReadFile(filepath.Join(dataDir(t), f))
		if err == nil {
			err = os.WriteFile(filepath.Join(other, f), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	p, err := parseIn(changed, other, dir, 5)
	if err != nil {
		t.Fatal(err)
	}
	if tasks, err := run(t, p, Runner{}); err != nil || len(tasks) != 0 {
		t.Errorf("inputs that moved, and other shards: %v, %v", tasks, err)
	}
}

// TestBuiltinModel: a model that is part of the program stands in the key of
// a step by its bytes, for another build may hold other weights.
func TestBuiltinModel(t *testing.T) {
	dir := t.TempDir()
	key := func(change func(*Step)) string {
		p := planIn(t, strings.Replace(wholePlan, "    each: sample\n", "    each: sample\n    model: wgs\n", 1), dir, 1)
		i := slices.IndexFunc(p.Steps, func(s *Step) bool { return s.Kind.Name == stage.CallName })
		change(p.Steps[i])
		states, err := (&Runner{Store: object.Files{}}).survey(t.Context(), p, false)
		if err != nil {
			t.Fatal(err)
		}
		i = slices.IndexFunc(states, func(s *State) bool { return s.Step == p.Steps[i] })
		return states[i].Key
	}
	same := key(func(s *Step) {
		if s.Builtin == "" {
			t.Error("the model wgs has no digest")
		}
	})
	if other := key(func(s *Step) { s.Builtin = "other weights" }); other == same {
		t.Errorf("other weights have the key %s too", same)
	}
}
