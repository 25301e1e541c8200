package stage

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/nn"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/weights"
	"github.com/gx-genomics/gx/pileup/image"
)

// pictureNetwork writes a network of pictures of a shape, with random weights.
func pictureNetwork(t *testing.T, path string, h, w, c, outputs int) {
	t.Helper()
	var b nn.Builder
	x := b.Input(nn.Shape{H: h, W: w, C: c})
	x = b.ReLU(b.Conv(x, 8, 4, 4, 4, 4, [4]int{}))
	s, err := b.SizeOf(x)
	if err != nil {
		t.Fatal(err)
	}
	b.Softmax(b.Dense(b.GlobalPool(x, s.H, s.W), outputs))
	n, err := b.Network(3)
	if err != nil {
		t.Fatal(err)
	}
	f, err := weights.FromNetwork(n, nil)
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := f.Write(out); err != nil {
		t.Fatal(err)
	}
}

// examplesOf makes examples of a made-up sample in n files.
func examplesOf(t *testing.T, dir, name string) (plan ExamplesPlan) {
	t.Helper()
	c := acrocentric(t, dir)
	plan = ExamplesPlan{Ref: c.Ref, Reads: c.Reads, Out: filepath.Join(dir, name), Options: DefaultCallOptions(), Image: image.Defaults(image.Own)}
	if _, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan); err != nil {
		t.Fatal(err)
	}
	return plan
}

// TestClassifySameBytes: threads change nothing, and gx genotype takes what is
// written.
func TestClassifySameBytes(t *testing.T) {
	dir := t.TempDir()
	e := examplesOf(t, dir, "e@2.tfrecord.gz")
	model := filepath.Join(dir, "n.safetensors")
	pictureNetwork(t, model, 100, 221, 7, 3)
	out := filepath.Join(dir, "c")
	if err := os.Mkdir(out, 0o777); err != nil {
		t.Fatal(err)
	}
	plan := ClassifyPlan{Examples: e.Out, Out: filepath.Join(out, "c@2.tfrecord.gz"), Model: model, Scale: DefaultScale}
	run := func(threads int) *ClassifySummary {
		s, err := Classify(t.Context(), &Env{Store: object.Files{}, Threads: threads}, plan)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if s := run(1); s.Files != 2 || s.Examples < 20 {
		t.Fatalf("%s", s)
	}
	want := outputs(t, out)
	run(4)
	sameOutputs(t, outputs(t, out), want)
	plan.Scale = "share"
	run(1)
	if got := outputs(t, out); got["c-00000-of-00002.tfrecord.gz"] == want["c-00000-of-00002.tfrecord.gz"] {
		t.Error("another scale gives the same probabilities")
	}
	g := GenotypePlan{Ref: e.Ref, Calls: []string{plan.Out}, Out: filepath.Join(dir, "o.vcf.gz"), Options: DefaultGenotypeOptions()}
	s, err := Genotype(t.Context(), &Env{Store: object.Files{}, Threads: 1}, g)
	if err != nil || s.Records < 10 {
		t.Errorf("%v, %v", s, err)
	}
}

func TestClassifyRefuses(t *testing.T) {
	dir := t.TempDir()
	e := examplesOf(t, dir, "e.tfrecord")
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, small, two := filepath.Join(dir, "n.safetensors"), filepath.Join(dir, "s.safetensors"), filepath.Join(dir, "two.safetensors")
	pictureNetwork(t, good, 100, 221, 7, 3)
	pictureNetwork(t, small, 60, 221, 7, 3)
	pictureNetwork(t, two, 100, 221, 7, 2)
	damaged, err := os.ReadFile(e.Out)
	if err != nil {
		t.Fatal(err)
	}
	ok := ClassifyPlan{Examples: e.Out, Out: filepath.Join(dir, "c.tfrecord"), Model: good, Scale: DefaultScale}
	for _, k := range []struct {
		name string
		edit func(*ClassifyPlan)
		want string
	}{
		{"counts", func(p *ClassifyPlan) { p.Model = ModelCounts }, "files of examples do not hold"},
		{"scale", func(p *ClassifyPlan) { p.Scale = "big" }, "scale \"big\""},
		{"shards", func(p *ClassifyPlan) { p.Out = dir + "/c@2.tfrecord" }, "1 files of examples and 2"},
		{"no examples", func(p *ClassifyPlan) { p.Examples = dir + "/none.tfrecord" }, "none.tfrecord"},
		{"no model", func(p *ClassifyPlan) { p.Model = dir + "/none.onnx" }, "none.onnx"},
		{"not a model", func(p *ClassifyPlan) { p.Model = file("x.onnx", "hello") }, "x.onnx"},
		{"shape", func(p *ClassifyPlan) { p.Model = small }, "wants [60 221 7]"},
		{"outputs", func(p *ClassifyPlan) { p.Model = two }, "2 outputs, want 3"},
		{"cut off", func(p *ClassifyPlan) { p.Examples = file("cut.tfrecord", string(damaged[:len(damaged)-5])) }, "cut.tfrecord"},
		{"output is input", func(p *ClassifyPlan) { p.Out = e.Out }, "e.tfrecord"},
		{"channels", func(p *ClassifyPlan) {
			file("n.safetensors.example_info.json", `{"version": "1", "shape": [100, 221, 7], "channels": [1, 2, 3, 4, 5, 6, 20]}`)
		}, "channels [1 2 3 4 5 6 19], but"},
	} {
		t.Run(k.name, func(t *testing.T) {
			p := ok
			k.edit(&p)
			if _, err := Classify(t.Context(), &Env{Store: object.Files{}, Threads: 1}, p); err == nil || !strings.Contains(err.Error(), k.want) {
				t.Errorf("%v: no word of %q", err, k.want)
			}
			if _, err := os.Stat(ok.Out); err == nil {
				t.Error("something was written")
			}
		})
	}
}
