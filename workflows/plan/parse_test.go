package plan

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/workflows/stage"
)

const callStep = "steps:\n  - stage: call\n    ref: r.fa\n    reads: x.bam\n    out: o.vcf.gz\n"

func TestParse(t *testing.T) {
	p, err := Parse("a/b.yaml", []byte("values:\n  s: [x, y]\n"+strings.ReplaceAll(callStep, "x.bam", "[$(s).bam, z.bam]")+"    shards: 3\n    min_mapping_quality: 10\n    compat: 1.5\n    haploid-contigs: chrX\n"), stage.Kinds(), nil)
	if err != nil {
		t.Fatal(err)
	}
	s := p.Steps[0]
	if got := fmt.Sprint(s.task.In["reads"]); got != "[x.bam y.bam z.bam]" {
		t.Errorf("reads %s", got)
	}
	if p.Name != "b" || p.Work != "b.gx" || s.Shards != 3 || s.Line != 4 {
		t.Errorf("%s in %s, %d shards, line %d", p.Name, p.Work, s.Shards, s.Line)
	}
	for _, want := range []string{`"min_mapping_quality":10`, `"compat":"1.5"`, `"haploid_contigs":["chrX"]`, `"vsc_min_count_snps":2`} {
		if !strings.Contains(string(s.task.Options), want) {
			t.Errorf("options %s, want %s", s.task.Options, want)
		}
	}
}

// TestParseFaults: what is wrong is told with line and column, and the nearest
// word that would be right.
func TestParseFaults(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"empty", "", "documents, want one"},
		{"no steps", "name: x\n", "no steps"},
		{"unknown key", "nam: x\n" + callStep, `p.yaml:1:1: unknown key "nam"; did you mean "name"?`},
		{"unknown key of a step", callStep + "    min-maping-quality: 3\n", `p.yaml:6:5: unknown key "min-maping-quality" of the stage call; did you mean "min-mapping-quality"?`},
		{"unknown stage", "steps:\n  - stage: cal\n", `p.yaml:2:12: stage "cal": want one of call,`},
		{"no reads", "steps:\n  - stage: call\n    ref: r.fa\n    out: o.vcf\n", `p.yaml:2:`},
		{"derived option", callStep + "    gvcf: ''\n", ""},
		{"not a number", callStep + "    min_mapping_quality: high\n", `p.yaml:6:26: min_mapping_quality "high": want a whole number`},
		{"not a bool", callStep + "    keep-duplicates: perhaps\n", `keep_duplicates "perhaps": want true or false`},
		{"infinite", callStep + "    qual-filter: .inf\n", "want"},
		{"bad option", callStep + "    gvcf-style: new\n", `gvcf-style "new": want deepvariant or gatk`},
		{"shards", callStep + "    shards: 0\n", `p.yaml:6:13: shards "0": want a number from 1`},
		{"shards of merge", "steps:\n  - stage: merge\n    in: a\n    out: b\n    shards: 2\n", "not done in shards"},
		{"alias", "values:\n  a: &x 1\n  b: *x\n" + callStep, "aliases are not taken"},
		{"tag", "name: !!str x\n" + callStep, "tags are not taken"},
		{"twice", "name: x\nname: y\n" + callStep, "p.yaml:2:1: not YAML"},
		{"tab", "steps:\n\t- stage: call\n", "p.yaml:2:1: not YAML"},
		{"two documents", callStep + "---\n" + callStep, "2 documents, want one"},
		{"deep", "name: " + strings.Repeat("[", 9) + "\n", "nested too deeply"},
		{"value", strings.Replace(callStep, "x.bam", "$(sampel).bam", 1), `no value "sampel"`},
		{"several values", "values: {s: [a, b]}\n" + strings.Replace(callStep, "o.vcf.gz", "$(s).vcf.gz", 1), "stands for 2 values, want one; `each:`"},
		{"each of nothing", "steps:\n  - stage: call\n    each: sample\n", `each: no value "sample"`},
		{"same output", callStep + strings.TrimPrefix(callStep, "steps:\n"), "o.vcf.gz is written by the step in line"},
		{"ring", "steps:\n  - {stage: merge, in: a, out: b}\n  - {stage: merge, in: b, out: a}\n", "the step waits for itself"},
		{"standard output", strings.Replace(callStep, "o.vcf.gz", `"-"`, 1), "a plan writes files"},
		{"deepnull", "steps:\n  - {stage: gwas, genotypes: a.bed, pheno: p.tsv, null: deepnull, out: o}\n", "make it by a step of the stage nullmodel"},
		{"large", strings.Repeat("# comment\n", 1<<17), "want a plan of at most"},
		{"mapping as text", callStep + "    sample: {a: b}\n", "want a text"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("p.yaml", []byte(c.text), stage.Kinds(), nil)
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if _, err := Parse("p.yaml", []byte(callStep), stage.Kinds(), map[string][]string{"in": nil}); err == nil || !strings.Contains(err.Error(), `no value "in" to set`) {
		t.Errorf("a value that is not there: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{wholePlan, examplesPlan, callStep, "a: &x [*x]", "? [a]\n: {b: }\n", "name: |\n  x\nsteps:\n- each: x", "steps: [{stage: merge, in: [a], out: $(", "%YAML 1.2\n---\n!!map {}", "<<: {}\nsteps: [[[]]]"} {
		f.Add([]byte(s))
	}
	kinds := stage.Kinds()
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Parse("p.yaml", b, kinds, nil)
		if err != nil {
			if strings.TrimSpace(err.Error()) == "" {
				t.Error("an error without words")
			}
			return
		}
		for _, s := range p.Steps {
			if s.Kind == nil || len(s.Outputs()) == 0 || len(s.task.Options) == 0 {
				t.Errorf("step %q of %q has no stage, outputs or options", s.Name, b)
			}
		}
	})
}

// TestBadRuns: what is wrong with a run is said in a line, and what does not
// depend on it is done all the same.
func TestBadRuns(t *testing.T) {
	in := dataDir(t)
	t.Run("missing inputs are all told at once", func(t *testing.T) {
		p, err := parseIn(wholePlan, t.TempDir(), t.TempDir(), 1)
		if err != nil {
			t.Fatal(err)
		}
		_, err = run(t, p, Runner{})
		if err == nil || strings.Count(err.Error(), "no such file") != 6 || !errors.Is(err, object.ErrNotExist) {
			t.Errorf("got %v, want the reference, two BAMs, a table, genotypes and a list", err)
		}
	})
	t.Run("output not writable", func(t *testing.T) {
		blocked := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(blocked, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := run(t, planIn(t, wholePlan, filepath.Join(blocked, "x"), 1), Runner{})
		if err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("got %v, want one line", err)
		}
	})
	t.Run("a bad input fails at once, the rest is done, and mending it reruns only that", func(t *testing.T) {
		mine, dir := t.TempDir(), t.TempDir()
		if err := os.CopyFS(mine, os.DirFS(in)); err != nil {
			t.Fatal(err)
		}
		bam := filepath.Join(mine, "s2.bam")
		good, err := os.ReadFile(bam)
		if err != nil {
			t.Fatal(err)
		}
		bad := bytes.Clone(good)
		for i := len(bad) / 2; i < len(bad)/2+20; i++ {
			bad[i] ^= 0xff
		}
		if err := os.WriteFile(bam, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := parseIn(wholePlan, mine, dir, 2)
		if err != nil {
			t.Fatal(err)
		}
		first, err := run(t, p, Runner{Keep: true, Workers: 2})
		if !errors.Is(err, ErrFailed) || !strings.Contains(err.Error(), "s2.bam") || !strings.Contains(err.Error(), "1 steps wait") {
			t.Fatalf("got %v", err)
		}
		for _, name := range []string{"s1.vcf.gz.done", "assoc.done", "null.tsv.done"} {
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				t.Errorf("the step without the fault is not done: %v", err)
			}
		}
		if err := os.WriteFile(bam, good, 0o600); err != nil {
			t.Fatal(err)
		}
		again, err := run(t, p, Runner{Keep: true, Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range again {
			if task != "s2.vcf.gz.done" && task != "cohort.vcf.gz.done" && !strings.HasPrefix(task, "call-") {
				t.Errorf("%s was run again; in all %v, after %v", task, again, first)
			}
		}
	})
}

func TestStatusAndRender(t *testing.T) {
	dir := t.TempDir()
	p := planIn(t, wholePlan, dir, 2)
	r := Runner{Store: object.Files{}}
	status := func(want string) {
		t.Helper()
		var b strings.Builder
		if _, err := r.Status(t.Context(), p, &b, true); err != nil || !strings.Contains(b.String(), want) {
			t.Errorf("%v\n%s\nwant %q", err, &b, want)
		}
	}
	status("0 of 6 steps are done")
	var b strings.Builder
	if err := r.Render(t.Context(), p, &b); err != nil || strings.Count(b.String(), `"worker": "gx-call"`) != 6 {
		t.Errorf("%v: %s", err, &b)
	}
	e, err := r.Estimate(t.Context(), p)
	if err != nil || e.Unknown != 3 || e.CPU <= 0 || e.Left() != 6 {
		t.Errorf("estimate %+v, %v", e, err)
	}
	var text strings.Builder
	if err := e.Write(&text); err != nil || !strings.Contains(text.String(), "and 3 steps whose inputs are yet to be made") {
		t.Errorf("%v: %s", err, &text)
	}
	if _, err := run(t, p, Runner{}); err != nil {
		t.Fatal(err)
	}
	status("6 of 6 steps are done")
	if left, _ := filepath.Glob(filepath.Join(dir, "work", "*.part*")); len(left) > 0 {
		t.Errorf("parts were left: %v", left)
	}
}
