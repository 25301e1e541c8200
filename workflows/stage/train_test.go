package stage

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/variant/classify"
	"github.com/gx-genomics/gx/variant/locus"
	"github.com/gx-genomics/gx/variant/simulate"
	"github.com/gx-genomics/gx/variant/train"
	"github.com/gx-genomics/gx/workflows/models"
)

// trainData makes, once, reads with a truth around the first locus that is held
// out.
var trainData = sync.OnceValues(func() (dir string, err error) {
	if dir, err = os.MkdirTemp("", "gx-train-*"); err != nil {
		return "", err
	}
	trainDir = dir
	env, ctx := &Env{Store: object.Files{}, Threads: 2}, context.Background()
	prefix := filepath.Join(dir, "s")
	g := GenomePlan{Prefix: prefix, Sample: "s", Reference: simulate.DefaultReference(), Truth: simulate.DefaultTruth()}
	g.Reference.Contigs = []locus.Contig{{Name: "chr12", Length: 380_000}}
	g.Truth.SNP, g.Truth.Indel = 0.01, 0.003
	if err := SimulateGenome(ctx, env, g); err != nil {
		return "", err
	}
	r := ReadsPlan{Ref: prefix + ".fa", Truth: prefix + ".vcf.gz", Prefix: prefix, Sample: "s", BAM: true, Regions: []string{"chr12:335000-362000"}, Reads: simulate.DefaultReads()}
	r.Reads.Depth = 15
	if _, err := SimulateReads(ctx, env, r); err != nil {
		return "", err
	}
	return dir, os.WriteFile(filepath.Join(dir, "c.bed"), []byte("chr12\t336000\t361000\n"), 0o600)
})

// trainDir is where they are, once they are made.
var trainDir string

// TestMain removes what tests share, or is a process that a test has started.
func TestMain(m *testing.M) {
	if role := os.Getenv(childRole); role != "" {
		os.Exit(trainChild(role))
	}
	code := m.Run()
	if trainDir != "" {
		os.RemoveAll(trainDir)
	}
	os.Exit(code)
}

// trainable is a plan to train on these a little, with its cache and output in a
// folder.
func trainable(t *testing.T, dir string) TrainPlan {
	t.Helper()
	data, err := trainData()
	if err != nil {
		t.Fatal(err)
	}
	return trainPlan(data, dir)
}

func trainPlan(data, dir string) TrainPlan {
	prefix := filepath.Join(data, "s")
	p := DefaultTrainPlan()
	p.Sets = []TrainSet{{Name: "s", Ref: prefix + ".fa", Reads: []string{prefix + ".bam"}, Truth: prefix + ".vcf.gz", Confident: filepath.Join(data, "c.bed"), Weight: 1, Unaligned: 0.5, Density: 2}}
	p.Out, p.Cache = filepath.Join(dir, "m.safetensors"), dir+"/"
	p.Train.Steps, p.Train.Bytes, p.Train.Batch, p.Train.Epoch, p.Train.Held = 6, 2, 8, 3, 60
	return p
}

func trained(t *testing.T, p TrainPlan, threads int) string {
	t.Helper()
	if _, err := Train(t.Context(), &Env{Store: object.Files{}, Threads: threads}, p); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(p.Out)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestTrainSameBytes: a model does not depend on threads, nor on whether its
// examples were made or found, nor on a checkpoint; and calls by it do not
// depend on threads and shards.
func TestTrainSameBytes(t *testing.T) {
	dir := t.TempDir()
	p := trainable(t, dir)
	want := trained(t, p, 1)
	spools, err := filepath.Glob(dir + "/*.spool")
	if err != nil || len(spools) != 1 {
		t.Fatalf("%v, %v: want one file of examples", spools, err)
	}
	first, err := os.ReadFile(spools[0])
	if err != nil {
		t.Fatal(err)
	}
	examplesOfSlips(t, spools[0])
	if trained(t, p, 2) != want {
		t.Error("two threads make another model")
	}
	if err := os.Remove(spools[0]); err != nil {
		t.Fatal(err)
	}
	p.Every = time.Nanosecond // a checkpoint after every step
	if trained(t, p, 3) != want {
		t.Error("three threads, with checkpoints, make another model")
	}
	if again, err := os.ReadFile(spools[0]); err != nil || string(again) != string(first) {
		t.Errorf("three threads make other examples, %v", err)
	}
	if left, err := filepath.Glob(dir + "/*.checkpoint"); err != nil || len(left) > 0 {
		t.Errorf("%v, %v: a checkpoint is left", left, err)
	}

	q := p
	q.Init, q.Out, q.Train.Steps, q.Train.Bytes = models.WGS, filepath.Join(dir, "tuned.safetensors"), 2, 0
	if tuned := trained(t, q, 1); tuned == want {
		t.Error("training that begins with other weights makes the same model")
	}
	q.Frozen, q.Out = true, filepath.Join(dir, "frozen.safetensors")
	trained(t, q, 1)
	q.Init, q.Out = q.Out, filepath.Join(dir, "on.safetensors")
	if _, err := Train(t.Context(), &Env{Store: object.Files{}, Threads: 1}, q); err == nil || !strings.Contains(err.Error(), "frozen.safetensors: no weights in floats") {
		t.Errorf("training on from a frozen model: %v", err)
	}

	out := filepath.Join(dir, "out")
	if err := os.Mkdir(out, 0o777); err != nil {
		t.Fatal(err)
	}
	s := p.Sets[0]
	plan := CallPlan{Ref: s.Ref, Reads: s.Reads, Out: filepath.Join(out, "o.vcf.gz"), GVCF: filepath.Join(out, "o.g.vcf.gz"), Options: DefaultCallOptions(), Shards: 1}
	plan.Options.Model, plan.Options.Regions = p.Out, []string{"chr12:340000-344000"}
	call(t, plan, 1)
	calls := outputs(t, out)
	if n := len(records(t, plan.Out)); n < 10 {
		t.Fatalf("%d records", n)
	}
	for _, k := range []struct{ threads, shards int }{{3, 1}, {2, 3}} {
		plan.Shards = k.shards
		call(t, plan, k.threads)
		sameOutputs(t, outputs(t, out), calls)
	}
}

// examplesOfSlips checks that examples of insertions and deletions in runs, and of
// nothing else, hold what classify.Slips says, which is right of most.
func examplesOfSlips(t *testing.T, path string) {
	t.Helper()
	src := &spoolSource{}
	defer src.close()
	if err := src.add(t.Context(), object.Files{}, path, 0, 1); err != nil {
		t.Fatal(err)
	}
	spoken, right := 0, 0
	numbers := make([]float32, train.Numbers)
	for i := range src.Len() {
		if err := src.Read(i, numbers, nil); err != nil {
			t.Fatal(err)
		}
		m, p := src.Meta(i), numbers[classify.Features:]
		sum := p[0] + p[1] + p[2]
		if sum == 0 {
			continue
		}
		if m.Kind == train.SNP || math.Abs(float64(sum)-1) > 1e-5 {
			t.Fatalf("example %d, %+v: slips of %v", i, m, p)
		}
		spoken++
		if slices.Index(p, slices.Max(p)) == int(m.Label) {
			right++
		}
	}
	if spoken == 0 || spoken == src.Len() || 3*right < 2*spoken {
		t.Fatalf("slips of %d of %d examples, %d right", spoken, src.Len(), right)
	}
}

// Training that cannot be done says so and leaves nothing.
func TestTrainRefuses(t *testing.T) {
	dir := t.TempDir()
	p := trainable(t, dir)
	env := &Env{Store: object.Files{}, Threads: 1}
	for _, k := range []struct {
		name string
		edit func(*TrainPlan)
		want string
	}{
		{"no set", func(p *TrainPlan) { p.Sets = nil }, "either sets of reads"},
		{"no truth", func(p *TrainPlan) { p.Sets[0].Truth = "" }, "want a reference, reads and a truth"},
		{"twice", func(p *TrainPlan) { p.Sets = append(p.Sets, p.Sets[0]) }, "named twice"},
		{"name", func(p *TrainPlan) { p.Name = "a b" }, "name of the model"},
		{"missing", func(p *TrainPlan) { p.Sets[0].Truth = dir + "/none.vcf.gz" }, "none.vcf.gz"},
		{"output is an input", func(p *TrainPlan) { p.Out = p.Sets[0].Truth }, "s.vcf.gz"},
		{"cache", func(p *TrainPlan) { p.CacheMB = 1 }, "--cache-mb"},
		{"init", func(p *TrainPlan) { p.Init = p.Sets[0].Confident }, "c.bed"},
	} {
		t.Run(k.name, func(t *testing.T) {
			q := p
			q.Sets = append([]TrainSet(nil), p.Sets...)
			k.edit(&q)
			if _, err := Train(t.Context(), env, q); err == nil || !strings.Contains(err.Error(), k.want) {
				t.Errorf("%v: no word of %q", err, k.want)
			}
			if left, err := filepath.Glob(dir + "/*.s*"); err == nil {
				for _, name := range left {
					if strings.HasSuffix(name, ".spool") || strings.HasSuffix(name, ".safetensors") {
						t.Errorf("%s is left", name)
					}
				}
			}
		})
	}
}

func TestReadTrainSets(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) string {
		path := filepath.Join(dir, "sets.tsv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	sets, err := ReadTrainSets(write("name\tdir\tweight\tnote\na\tx\t2\tfirst\n\nb\t/y\t-\t\n"))
	if err != nil || len(sets) != 2 || sets[0].Reads[0] != dir+"/x/reads.bam" || sets[0].Weight != 2 || sets[1].Truth != "/y/truth.vcf.gz" || sets[1].Weight != 1 {
		t.Errorf("%+v, %v", sets, err)
	}
	sets, err = ReadTrainSets(write("name\tref\treads\ttruth\tconfident\tnorealign\na\tr.fa\t1.bam,2.bam\tt.vcf.gz\t-\t0.5\n"))
	if err != nil || len(sets) != 1 || len(sets[0].Reads) != 2 || sets[0].Confident != "" || sets[0].Unaligned != 0.5 {
		t.Errorf("%+v, %v", sets, err)
	}
	for text, want := range map[string]string{
		"":                              "no set",
		"name\tdir\n":                   "no set",
		"name\tdir\na\n":                ":2: 1 columns",
		"name\tdir\na/b\tx\n":           ":2: name",
		"name\tdir\tweight\na\tx\t-2\n": ":2: weight",
	} {
		if _, err := ReadTrainSets(write(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// TestTrainExamples: labelled examples make a network of pictures alone, the
// same bytes for any number of threads and files, which gx classify takes.
func TestTrainExamples(t *testing.T) {
	dir := t.TempDir()
	p := trainable(t, dir)
	s := p.Sets[0]
	img := OwnImage()
	e := ExamplesPlan{Ref: s.Ref, Reads: s.Reads, Out: filepath.Join(dir, "e@2.tfrecord.gz"), Options: DefaultCallOptions(), Image: img,
		Training: TrainingPlan{Truth: s.Truth, Confident: s.Confident}}
	if _, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: 2}, e); err != nil {
		t.Fatal(err)
	}
	p.Sets, p.Examples = nil, e.Out
	want := trained(t, p, 1)
	p.Every = time.Nanosecond
	if trained(t, p, 2) != want {
		t.Error("two threads make another network")
	}
	c := ClassifyPlan{Examples: e.Out, Out: filepath.Join(dir, "c@2.tfrecord.gz"), Model: p.Out, Scale: scaleShare}
	if s, err := Classify(t.Context(), &Env{Store: object.Files{}, Threads: 1}, c); err != nil || s.Examples < 20 {
		t.Errorf("%v, %v", s, err)
	}
	p.Examples = filepath.Join(dir, "c@2.tfrecord.gz")
	p.Out = filepath.Join(dir, "n.safetensors")
	if _, err := Train(t.Context(), &Env{Store: object.Files{}, Threads: 1}, p); err == nil || !strings.Contains(err.Error(), "c-00000-of-00002") {
		t.Errorf("outputs in place of examples: %v", err)
	}
}
