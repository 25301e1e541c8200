package worker

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gx-genomics/gx/internal/nn"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/io/weights"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/workflows/plan"
	"github.com/gx-genomics/gx/workflows/stage"
)

// childKill names a step of storing at which a child ends itself as kill -9
// does, and a part of the name that is stored.
const childKill = "GX_WORKER_TEST_KILL"

// killAt is the step of a store that ends the process; nil for none.
func killAt(text string) func(step, name string) {
	at, part, ok := strings.Cut(text, " ")
	if !ok {
		return nil
	}
	return func(step, name string) {
		if step == at && strings.Contains(name, part) {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			time.Sleep(time.Hour)
		}
	}
}

const classifyText = `
work: $(dir)/work
values: {dir: .}
steps:
  - {stage: classify, examples: $(dir)/e@2.tfrecord.gz, model: $(dir)/n.safetensors, scale: share, out: $(dir)/c@2.tfrecord.gz}
`

// classifyTask makes examples and a network in a folder, and the task of
// classifying them.
func classifyTask(t *testing.T, dir string) (tasks string) {
	t.Helper()
	const h, w, c = 20, 23, 7
	var b nn.Builder
	x := b.ReLU(b.Conv(b.Input(nn.Shape{H: h, W: w, C: c}), 8, 4, 4, 4, 4, [4]int{}))
	s, err := b.SizeOf(x)
	if err != nil {
		t.Fatal(err)
	}
	b.Softmax(b.Dense(b.GlobalPool(x, s.H, s.W), 3))
	n, err := b.Network(3)
	if err != nil {
		t.Fatal(err)
	}
	f, err := weights.FromNetwork(n, nil)
	if err != nil {
		t.Fatal(err)
	}
	put := func(name string, write func(*bytes.Buffer) error) {
		var text bytes.Buffer
		err := write(&text)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text.Bytes(), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	put("n.safetensors", func(to *bytes.Buffer) error { return f.Write(to) })
	rng := rand.New(rand.NewPCG(1, 2))
	for k := range 2 {
		put(fmt.Sprintf("e-%05d-of-00002.tfrecord.gz", k), func(to *bytes.Buffer) error {
			out, err := tfrecord.NewWriter(to, tfrecord.Options{Gzip: true})
			if err != nil {
				return err
			}
			for i := range 60 {
				image := make([]byte, h*w*c)
				for j := range image {
					image[j] = byte(rng.Uint32())
				}
				site := example.FromSite(&variant.Site{Variant: variant.Variant{Contig: "c1", Start: i, End: i + 1, Ref: "A", Alts: []string{"C"}}, AD: []int{1, 1}, VAF: []float64{0.5}, Depth: 2}, "s")
				if err := out.Write(example.New(site, []int{0}, image, [3]int{h, w, c}).Append(nil)); err != nil {
					return err
				}
			}
			return out.Close()
		})
	}
	p, err := plan.Parse("p.yaml", []byte(classifyText), stage.Kinds(), map[string][]string{"dir": {dir}})
	if err != nil {
		t.Fatal(err)
	}
	put("tasks.json", func(to *bytes.Buffer) error { return (&plan.Runner{Store: object.Files{}}).Render(t.Context(), p, to) })
	return filepath.Join(dir, "tasks.json")
}

// TestClassifyKilled: a worker that classifies is killed at every step of
// storing and at random moments, and started again each time; what it leaves in
// the end is what gx classify writes, and a further start does nothing.
func TestClassifyKilled(t *testing.T) {
	dir := t.TempDir()
	tasks := classifyTask(t, dir)
	out := t.TempDir()
	o := stage.ClassifyPlan{Examples: filepath.Join(dir, "e@2.tfrecord.gz"), Model: filepath.Join(dir, "n.safetensors"), Scale: "share", Out: filepath.Join(out, "c@2.tfrecord.gz")}
	if _, err := stage.Classify(t.Context(), &stage.Env{Store: object.Files{}, Threads: 1}, o); err != nil {
		t.Fatal(err)
	}
	names := []string{"c-00000-of-00002.tfrecord.gz", "c-00001-of-00002.tfrecord.gz"}
	want := map[string][]byte{}
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		want[name] = b
	}
	whole := func(when string) {
		for _, name := range names {
			if got, err := os.ReadFile(filepath.Join(dir, name)); err == nil && !bytes.Equal(got, want[name]) || err != nil && !os.IsNotExist(err) {
				t.Errorf("%s: %s has %d bytes that gx classify did not write (%v)", when, name, len(got), err)
			}
		}
	}
	args := []string{"-task", tasks, "-index", "0", "-quiet"}
	for _, step := range []string{object.StepCreated, object.StepWritten, object.StepSynced, object.StepRenamed, object.StepPut} {
		for _, part := range []string{"c-00000", "c-00001", ".stats", ".done"} {
			if step == object.StepPut && part == ".done" { // then it is done
				continue
			}
			if testing.Short() && (step != object.StepRenamed || part == ".stats") {
				continue
			}
			when := "killed at " + step + " " + part
			if status, stderr := start(t, "gx-classify", []string{childKill + "=" + step + " " + part}, args...); status != -1 {
				t.Fatalf("%s: it ended by itself with %d, %s", when, status, stderr)
			}
			whole(when)
			if part == ".done" && step == object.StepRenamed { // a crash may take the name back
				if err := os.Remove(filepath.Join(dir, "c@2.tfrecord.gz.done")); err != nil {
					t.Error(err)
				}
			}
		}
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for range 5 {
		cmd := exec.Command(os.Args[0], args...)
		cmd.Env = append(os.Environ(), childKind+"=gx-classify")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rng.IntN(60)) * time.Millisecond)
		cmd.Process.Kill()
		cmd.Wait() // it was killed, or had ended
		whole("killed at a random moment")
	}
	if status, stderr := start(t, "gx-classify", nil, args...); status != 0 {
		t.Fatalf("status %d, %s", status, stderr)
	}
	for _, name := range append(names, "c@2.tfrecord.gz.done") {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	whole("in the end")
	again := object.Files{Step: func(step, name string) { t.Errorf("done before, it still stores: %s %s", step, name) }}
	if err := Run(t.Context(), stage.ClassifyKind(), again, args, nil, nil, &bytes.Buffer{}); err != nil {
		t.Error(err)
	}
}
