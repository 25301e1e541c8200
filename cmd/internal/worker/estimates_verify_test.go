//go:build verify

package worker

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	cohorts "github.com/gx-genomics/gx/gwas/simulate"
	"github.com/gx-genomics/gx/internal/nn"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/weights"
	"github.com/gx-genomics/gx/variant/locus"
	"github.com/gx-genomics/gx/variant/simulate"
	"github.com/gx-genomics/gx/workflows/plan"
	"github.com/gx-genomics/gx/workflows/stage"
)

// estimated are the steps whose estimates are held against what they take, in
// an order in which each has its inputs.
var estimated = []struct{ what, step string }{
	{"1 Mb at 30x, wgs, gVCF", "stage: call, ref: $(dir)/s1.fa, reads: $(dir)/s1.bam, out: $(dir)/s1.vcf.gz, gvcf: $(dir)/s1.g.vcf.gz, shards: 2"},
	{"the same, counts, no gVCF", "stage: call, ref: $(dir)/s1.fa, reads: $(dir)/s1.bam, out: $(dir)/c1.vcf.gz, model: counts, shards: 2"},
	{"another sample, wgs, gVCF", "stage: call, ref: $(dir)/s1.fa, reads: $(dir)/s2.bam, out: $(dir)/s2.vcf.gz, gvcf: $(dir)/s2.g.vcf.gz, shards: 2"},
	{"1 Mb at 30x", "stage: examples, ref: $(dir)/s1.fa, reads: $(dir)/s1.bam, out: $(dir)/e@2.tfrecord.gz, blocks: $(dir)/b@2.tfrecord.gz, shards: 2"},
	{"these, 18 million multiplications each", "stage: classify, examples: $(dir)/e@2.tfrecord.gz, model: $(dir)/small.safetensors, scale: share, out: $(dir)/x@2.tfrecord.gz"},
	{"these, 56 million", "stage: classify, examples: $(dir)/e@2.tfrecord.gz, model: $(dir)/net.safetensors, scale: share, out: $(dir)/k@2.tfrecord.gz"},
	{"these, with gVCF", "stage: genotype, ref: $(dir)/s1.fa, calls: $(dir)/k@2.tfrecord.gz, blocks: $(dir)/b@2.tfrecord.gz, out: $(dir)/g.vcf.gz, gvcf: $(dir)/g.g.vcf.gz"},
	{"the gVCFs of 2 samples", "stage: merge, in: [$(dir)/s1.g.vcf.gz, $(dir)/s2.g.vcf.gz], out: $(dir)/m.vcf.gz"},
	{"5,000 people, 2 traits", "stage: nullmodel, pheno: $(dir)/cohort.tsv, traits: [y, b], out: $(dir)/null.tsv, shards: 2"},
	{"5,000 people, 10,000 variants, 2 traits", "stage: gwas, genotypes: $(dir)/cohort.bed, pheno: $(dir)/cohort.tsv, covar: $(dir)/cohort.tsv, traits: [y, b], null: $(dir)/null.tsv, out: $(dir)/assoc, shards: 2"},
}

// estimateInputs makes what these steps read.
func estimateInputs(t *testing.T, dir string) {
	t.Helper()
	env, in := &stage.Env{Store: object.Files{}, Threads: 2}, func(name string) string { return filepath.Join(dir, name) }
	ref := ""
	for k, sample := range []string{"s1", "s2"} {
		g := stage.GenomePlan{Ref: ref, Prefix: in(sample), Sample: sample, Reference: simulate.DefaultReference(), Truth: simulate.DefaultTruth()}
		g.Reference.Contigs, g.Truth.Seed = []locus.Contig{{Name: "c1", Length: 1_000_000}}, uint64(k+5)
		if err := stage.SimulateGenome(t.Context(), env, g); err != nil {
			t.Fatal(err)
		}
		ref = in("s1.fa")
		r := stage.ReadsPlan{Ref: ref, Truth: in(sample + ".vcf.gz"), Prefix: in(sample), Sample: sample, BAM: true, Reads: simulate.DefaultReads()}
		r.Reads.Depth, r.Reads.Seed = 30, uint64(k+1)
		if _, err := stage.SimulateReads(t.Context(), env, r); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(in(sample + ".vcf.gz")); err != nil {
			t.Fatal(err)
		}
	}
	o := cohorts.Defaults()
	o.Samples, o.Variants = 5000, 10_000
	if err := stage.SimulateCohort(t.Context(), env, stage.CohortPlan{Options: o, Prefix: in("cohort"), Out: in("cohort.bed")}); err != nil {
		t.Fatal(err)
	}
	for name, layers := range map[string][][5]int{
		"small.safetensors": {{32, 4, 4, 4, 4}, {48, 3, 3, 2, 2}, {64, 3, 3, 2, 2}, {96, 3, 3, 2, 2}, {128, 3, 3, 1, 1}},
		"net.safetensors":   {{32, 5, 5, 2, 3}, {48, 3, 3, 2, 2}, {64, 3, 3, 2, 2}, {96, 3, 3, 2, 2}, {128, 3, 3, 1, 1}, {192, 3, 3, 2, 2}},
	} {
		var b nn.Builder
		x := b.Input(nn.Shape{H: 100, W: 221, C: 7})
		for _, l := range layers {
			x = b.ReLU(b.Conv(x, l[0], l[1], l[2], l[3], l[4], [4]int{1, 1, 1, 1}))
		}
		s, err := b.SizeOf(x)
		if err != nil {
			t.Fatal(err)
		}
		b.Softmax(b.Dense(b.GlobalPool(x, s.H, s.W), 3))
		n, err := b.Network(1)
		if err != nil {
			t.Fatal(err)
		}
		macs, err := n.MACs()
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d multiplications", name, macs)
		f, err := weights.FromNetwork(n, nil)
		if err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if err := f.Write(&file); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(in(name), file.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// took is what the tasks of a step took.
type took struct {
	cpu          float64
	rss          int64
	parts, out   int64
	tasks, files int
}

// workersDo does all tasks of a plan, each by its worker with one thread.
func workersDo(t *testing.T, p *plan.Plan) (u took) {
	t.Helper()
	var text bytes.Buffer
	if err := (&plan.Runner{Store: object.Files{}}).Render(t.Context(), p, &text); err != nil {
		t.Fatal(err)
	}
	var l list
	if err := json.Unmarshal(text.Bytes(), &l); err != nil {
		t.Fatal(err)
	}
	for i, x := range l.Tasks {
		// By a shell between them, for the memory of who starts a program counts as its own.
		cmd := exec.Command("sh", "-c", `"$0" "$@"; exit $?`, os.Args[0], "-task", "-", "-index", fmt.Sprint(i), "-threads", "1", "-quiet")
		cmd.Env = append(os.Environ(), childKind+"="+x.Worker)
		cmd.Stdin = bytes.NewReader(text.Bytes())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", x.Worker, err, out)
		}
		r := cmd.ProcessState.SysUsage().(*syscall.Rusage)
		u.cpu += time.Duration(r.Utime.Nano() + r.Stime.Nano()).Seconds()
		var stats struct {
			MaxRSS int64 `json:"max_rss"`
		}
		text, err := os.ReadFile(strings.TrimSuffix(x.Task.MarkerName(), ".done") + ".stats")
		if err == nil {
			err = json.Unmarshal(text, &stats)
		}
		if err != nil {
			t.Fatal(err)
		}
		u.rss = max(u.rss, stats.MaxRSS)
		m, err := stage.ReadMarker(t.Context(), object.Files{}, x.Task.MarkerName())
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range m.Outputs {
			if x.Task.Step == stage.OneShard {
				u.parts += o.Size
			} else {
				u.out += o.Size
			}
		}
		u.tasks++
		u.files += len(m.Outputs) + 2 // with marker and stats
	}
	return u
}

const estimatesTable = "../../../docs/estimates.md"

// TestVerifyEstimates does a step of every stage by its workers, holds what that
// takes against the estimate, and writes the table.
func TestVerifyEstimates(t *testing.T) {
	dir := t.TempDir()
	estimateInputs(t, dir)
	var rows strings.Builder
	mb := func(n int64) string { return fmt.Sprintf("%.1f", float64(n)/1e6) }
	for i, x := range estimated {
		text := fmt.Sprintf("work: $(dir)/work%d\nvalues: {dir: .}\nsteps:\n  - {%s}\n", i, x.step)
		p, err := plan.Parse("p.yaml", []byte(text), stage.Kinds(), map[string][]string{"dir": {dir}})
		if err != nil {
			t.Fatal(err)
		}
		e, err := (&plan.Runner{Store: object.Files{}}).Estimate(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		u := workersDo(t, p)
		name, w := e.Steps[0].Step.Kind.Name, e.Steps[0].Work
		t.Logf("%s, %s: CPU %.2f of %.2f, memory %s of %s, parts %s of %s, outputs %s of %s MB", name, x.what, u.cpu, e.CPU, mb(u.rss), mb(e.Memory), mb(u.parts), mb(w.Disk), mb(u.out), mb(w.Out))
		fmt.Fprintf(&rows, "| `%s` | %s | %.1f | %.1f | %s | %s | %s | %s | %d | %d |\n", name, x.what, e.CPU, u.cpu, mb(e.Memory), mb(u.rss), mb(e.Disk), mb(u.parts+u.out), e.Objects, u.files)
		if r := e.CPU / u.cpu; r < 0.4 || r > 2.5 {
			t.Errorf("%s, %s: %.1f s of CPU were estimated, %.1f taken", name, x.what, e.CPU, u.cpu)
		}
		if e.Memory < u.rss {
			t.Errorf("%s, %s: %s MB of memory were estimated, %s taken", name, x.what, mb(e.Memory), mb(u.rss))
		}
		if d := float64(e.Disk) / float64(u.parts+u.out); d < 0.4 || d > 4 {
			t.Errorf("%s, %s: %s MB of disk were estimated, %s taken", name, x.what, mb(e.Disk), mb(u.parts+u.out))
		}
	}
	b, err := os.ReadFile(estimatesTable)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- estimates -->\n", "<!-- end of estimates -->\n"
	before, rest, ok := strings.Cut(string(b), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("docs/estimates.md has no place for the table")
	}
	head := "| stage | of | CPU s, estimated | taken | memory MB, estimated | taken | disk MB, estimated | taken | objects, estimated | left |\n|---|---|---|---|---|---|---|---|---|---|\n"
	if err := os.WriteFile(estimatesTable, []byte(before+begin+head+rows.String()+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
