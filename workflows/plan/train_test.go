package plan

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/variant/locus"
	variants "github.com/gx-genomics/gx/variant/simulate"
	"github.com/gx-genomics/gx/workflows/stage"
)

const trainText = `
work: $(dir)/work
values: {dir: .}
steps:
  - stage: train
    ref: $(dir)/s.fa
    reads: $(dir)/s.bam
    truth: $(dir)/s.vcf.gz
    out: $(dir)/m.safetensors
    steps: 2
    byte-steps: 1
    light-steps: 1
    batch: 4
    held: 20
`

// callText calls with the model that the plan trains. It stands before the step
// that it waits for.
var callText = strings.Replace(trainText, "steps:\n", `steps:
  - stage: call
    ref: $(dir)/s.fa
    reads: $(dir)/s.bam
    regions: ["chr12:348000-352000"]
    model: $(dir)/m.safetensors
    out: $(dir)/c.vcf.gz
    shards: 2
`, 1)

// TestTrainStep: a plan trains the model that the command does, and does it
// again only where something has changed.
func TestTrainStep(t *testing.T) {
	dir := t.TempDir()
	env := &stage.Env{Store: object.Files{}, Threads: 2}
	prefix := filepath.Join(dir, "s")
	g := stage.GenomePlan{Prefix: prefix, Sample: "s", Reference: variants.DefaultReference(), Truth: variants.DefaultTruth()}
	g.Reference.Contigs = []locus.Contig{{Name: "chr12", Length: 353_000}}
	g.Truth.SNP = 0.01
	if err := stage.SimulateGenome(t.Context(), env, g); err != nil {
		t.Fatal(err)
	}
	r := stage.ReadsPlan{Ref: prefix + ".fa", Truth: prefix + ".vcf.gz", Prefix: prefix, Sample: "s", BAM: true, Regions: []string{"chr12:348000-352000"}, Reads: variants.DefaultReads()}
	r.Reads.Depth = 12 // on both sides of where a held-out locus begins
	if _, err := stage.SimulateReads(t.Context(), env, r); err != nil {
		t.Fatal(err)
	}
	run := func(text string) int {
		t.Helper()
		p, err := Parse("train.yaml", []byte(text), stage.Kinds(), map[string][]string{"dir": {dir}})
		if err != nil {
			t.Fatal(err)
		}
		s, err := (&Runner{Store: object.Files{}, Workers: 1, Threads: 2}).Run(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		return s.Tasks
	}
	if n := run(trainText); n != 1 {
		t.Errorf("%d tasks were run, want 1", n)
	}
	got, err := os.ReadFile(filepath.Join(dir, "m.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if n := run(trainText); n != 0 {
		t.Errorf("%d tasks were run again", n)
	}
	if n := run(strings.Replace(trainText, "batch: 4", "batch: 5", 1)); n != 1 {
		t.Errorf("another batch: %d tasks were run, want 1", n)
	}

	p := stage.DefaultTrainPlan()
	s := stage.DefaultTrainSet()
	s.Ref, s.Reads, s.Truth = prefix+".fa", []string{prefix + ".bam"}, prefix+".vcf.gz"
	p.Sets, p.Out, p.Cache = []stage.TrainSet{s}, filepath.Join(dir, "want.safetensors"), dir+"/cache-"
	p.Train.Steps, p.Train.Bytes, p.Train.Light, p.Train.Batch, p.Train.Held = 2, 1, 1, 4, 20
	if _, err := stage.Train(t.Context(), env, p); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(p.Out)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("the plan makes another model than the command, %v", err)
	}
	checkTrainedCalls(t, env, dir, run)

	for name, text := range map[string]string{
		"gx: steps 0":                        strings.Replace(trainText, "steps: 2", "steps: 0", 1),
		"want ref, reads and truth, or sets": strings.Replace(trainText, "    truth: $(dir)/s.vcf.gz\n", "", 1),
		`unknown key "bach" of the stage`:    strings.Replace(trainText, "batch: 4", "bach: 4", 1),
		"shards":                             trainText + "    shards: 3\n",
		"slices of a batch 17: want 1 to 16": trainText + "    slices: 17\n",
		`init "nobody": want`:                trainText + "    init: nobody\n",
	} {
		if _, err := Parse("train.yaml", []byte(text), stage.Kinds(), map[string][]string{"dir": {dir}}); err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(name, "gx: ")) {
			t.Errorf("%v: no word of %q", err, name)
		}
	}
}

// checkTrainedCalls: calls by a model of the same plan are those of the commands one
// after the other, and are made again where the training changes, but not where
// the model lies elsewhere or shards are others.
func checkTrainedCalls(t *testing.T, env *stage.Env, dir string, run func(string) int) {
	t.Helper()
	for _, k := range []struct {
		what, text string
		tasks      int
	}{
		{"the model is made anew, then two shards and their join", callText, 4},
		{"nothing has changed", callText, 0},
		{"another number of shards", strings.Replace(callText, "shards: 2", "shards: 3", 1), 0},
		{"another training, so other calls", strings.Replace(callText, "batch: 4", "batch: 6", 1), 4},
		{"back again", callText, 4},
	} {
		if n := run(k.text); n != k.tasks {
			t.Errorf("%s: %d tasks were run, want %d", k.what, n, k.tasks)
		}
	}
	calls := stage.CallPlan{Ref: dir + "/s.fa", Reads: []string{dir + "/s.bam"}, Out: dir + "/want/c.vcf.gz", Options: stage.DefaultCallOptions(), Shards: 1}
	calls.Options.Model, calls.Options.Regions = dir+"/want/m.safetensors", []string{"chr12:348000-352000"}
	if err := os.MkdirAll(dir+"/want", 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(dir+"/want.safetensors", calls.Options.Model); err != nil {
		t.Fatal(err)
	}
	if _, err := stage.Call(t.Context(), env, calls); err != nil {
		t.Fatal(err)
	}
	got, want := files(t, dir)["c.vcf.gz"], files(t, dir)["want/c.vcf.gz"]
	if got != want || got == "" {
		t.Errorf("the plan has %d bytes of calls, the commands %d, or others", len(got), len(want))
	}
	manifest := files(t, dir)["work/manifest.json"]
	if !strings.Contains(manifest, `"role": "model"`) {
		t.Errorf("the manifest does not say which step made the model:\n%s", manifest)
	}
}
