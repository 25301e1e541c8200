package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/variant/locus"
	"github.com/gx-genomics/gx/variant/simulate"
	"github.com/gx-genomics/gx/workflows/plan"
	"github.com/gx-genomics/gx/workflows/stage"
)

// The tests start this program again as a worker.
const childKind = "GX_WORKER_TEST"

func TestMain(m *testing.M) {
	for _, k := range stage.Kinds() {
		if os.Getenv(childKind) != k.Worker {
			continue
		}
		if step := killAt(os.Getenv(childKill)); step != nil {
			os.Exit(app.Main(k.Worker, os.Stderr, func(ctx context.Context) error {
				return Run(ctx, k, object.Files{Step: step}, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
			}, Status))
		}
		os.Exit(Main(k))
	}
	os.Exit(m.Run())
}

// start runs a worker in a process of its own and gives its exit status.
func start(t *testing.T, worker string, env []string, args ...string) (status int, stderr string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(append(os.Environ(), childKind+"="+worker), env...)
	var b bytes.Buffer
	cmd.Stderr = &b
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), b.String()
}

const callPlan = `
work: $(dir)/work
values: {dir: .}
steps:
  - stage: call
    ref: $(dir)/s.fa
    reads: $(dir)/s.bam
    out: $(dir)/o.vcf.gz
    gvcf: $(dir)/o.g.vcf.gz
    shards: 3
`

// rendered makes a sample in a folder, and the tasks of calling it.
func rendered(t *testing.T, dir string) (p *plan.Plan, tasks string) {
	t.Helper()
	env := &stage.Env{Store: object.Files{}, Threads: 2}
	prefix := filepath.Join(dir, "s")
	g := stage.GenomePlan{Prefix: prefix, Sample: "s", Reference: simulate.DefaultReference(), Truth: simulate.DefaultTruth()}
	g.Reference.Contigs = []locus.Contig{{Name: "c1", Length: 6_000}}
	if err := stage.SimulateGenome(t.Context(), env, g); err != nil {
		t.Fatal(err)
	}
	r := stage.ReadsPlan{Ref: prefix + ".fa", Truth: prefix + ".vcf.gz", Prefix: prefix, Sample: "s", BAM: true, Reads: simulate.DefaultReads()}
	r.Reads.Depth = 12
	if _, err := stage.SimulateReads(t.Context(), env, r); err != nil {
		t.Fatal(err)
	}
	p, err := plan.Parse("p.yaml", []byte(callPlan), stage.Kinds(), map[string][]string{"dir": {dir}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "work"), 0o777); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := (&plan.Runner{Store: object.Files{}}).Render(t.Context(), p, &b); err != nil {
		t.Fatal(err)
	}
	tasks = filepath.Join(dir, "tasks.json")
	if err := os.WriteFile(tasks, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return p, tasks
}

// TestWorkersDoAPlan: the rendered tasks, each in a process of its own, leave
// nothing for the plan to do, and the bytes that it would have left.
func TestWorkersDoAPlan(t *testing.T) {
	dir := t.TempDir()
	p, tasks := rendered(t, dir)
	for i := range 4 {
		env, args := []string{indexVariables[i%2] + "=" + strconv.Itoa(i)}, []string{"-task", tasks}
		if i == 3 { // twice at once, which harms nobody
			done := make(chan int)
			go func() {
				status, _ := start(t, "gx-call", env, args...)
				done <- status
			}()
			defer func() {
				if status := <-done; status != 0 {
					t.Errorf("the twin ended with %d", status)
				}
			}()
		}
		if status, stderr := start(t, "gx-call", env, args...); status != 0 {
			t.Fatalf("task %d: status %d, %s", i, status, stderr)
		}
	}
	r := &plan.Runner{Store: object.Files{}, Keep: true}
	s, err := r.Run(t.Context(), p)
	if err != nil || s.Tasks != 0 {
		t.Errorf("the plan ran %+v after its workers, %v", s, err)
	}
	out := t.TempDir()
	o := stage.CallPlan{Ref: filepath.Join(dir, "s.fa"), Reads: []string{filepath.Join(dir, "s.bam")}, Out: filepath.Join(out, "o.vcf.gz"), GVCF: filepath.Join(out, "o.g.vcf.gz"),
		Options: stage.DefaultCallOptions(), Shards: 1}
	if _, err := stage.Call(t.Context(), &stage.Env{Store: object.Files{}, Threads: 1}, o); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"o.vcf.gz", "o.vcf.gz.tbi", "o.g.vcf.gz", "o.g.vcf.gz.tbi"} {
		want, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, want the %d of the command (%v)", name, len(got), len(want), err)
		}
	}
}

func TestExitStatus(t *testing.T) {
	dir := t.TempDir()
	_, tasks := rendered(t, dir)
	var l list
	b, err := os.ReadFile(tasks)
	if err == nil {
		err = json.Unmarshal(b, &l)
	}
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, edit func(*stage.Task)) string {
		task := *l.Tasks[0].Task
		edit(&task)
		b, err := json.Marshal(&task)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, name)
	}
	text := func(name, text string) string {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, name)
	}
	input := func(role, name string) func(*stage.Task) {
		return func(t *stage.Task) {
			t.In = map[string][]string{"ref": t.In["ref"], "reads": t.In["reads"], role: {name}}
		}
	}
	cases := []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{"no task", nil, 64, "want -task FILE"},
		{"unknown flag", []string{"-tasks", "x"}, 64, "usage"},
		{"task is not there", []string{"-task", filepath.Join(dir, "nowhere")}, 66, "no such file"},
		{"not JSON", []string{"-task", text("x.json", "{")}, 64, "not a task"},
		{"unknown field", []string{"-task", text("y.json", `{"stage":"call","shred":1}`)}, 64, `unknown field "shred"`},
		{"of another stage", []string{"-task", write("merge.json", func(t *stage.Task) { t.Stage = "merge" })}, 64, `stage "merge", want call`},
		{"shard beyond the last", []string{"-task", write("shard.json", func(t *stage.Task) { t.Shard = 3 })}, 64, "shard 3 of 3"},
		{"a list without an index", []string{"-task", tasks}, 64, "neither -index nor"},
		{"an index beyond the last", []string{"-task", tasks, "-index", "4"}, 64, "task 4 of 4"},
		{"reads are missing", []string{"-task", write("missing.json", input("reads", filepath.Join(dir, "no.bam")))}, 66, "no.bam"},
		{"reads are no BAM", []string{"-task", write("bad.json", input("reads", text("bad.bam", "this is no BAM")))}, 65, "bad.bam"},
		{"done", []string{"-task", write("good.json", func(*stage.Task) {}), "-quiet"}, 0, ""},
		{"done before", []string{"-task", filepath.Join(dir, "good.json")}, 0, ""},
		{"version", []string{"-version"}, 0, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			status, stderr := start(t, "gx-call", nil, c.args...)
			if status != c.status || !strings.Contains(stderr, c.want) {
				t.Errorf("status %d, want %d; stderr %q, want %q", status, c.status, stderr, c.want)
			}
			if status != 0 && c.name != "unknown flag" && strings.Count(strings.TrimSpace(stderr), "\n") > 0 {
				t.Errorf("more than a line: %q", stderr)
			}
		})
	}
}

// TestStop: a worker that is told to stop ends with the status of one to be
// started again, leaves nothing half-written, and the next one ends the task.
func TestStop(t *testing.T) {
	dir := t.TempDir()
	_, tasks := rendered(t, dir)
	told := false
	store := object.Files{Step: func(step, name string) {
		if step == object.StepCreated && strings.HasSuffix(name, ".part") && !told {
			told = true
			if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
				t.Error(err)
			}
		}
	}}
	args := []string{"-task", tasks, "-index", "1"}
	var stderr bytes.Buffer
	status := app.Main("gx-call", &stderr, func(ctx context.Context) error {
		wait := object.Files{Step: func(step, name string) {
			store.Step(step, name)
			if step == object.StepCreated && told {
				<-ctx.Done()
			}
		}}
		return Run(ctx, stage.CallKind(), wait, args, nil, io.Discard, &stderr)
	}, Status)
	if status != app.WorkerTryAgain || !strings.Contains(stderr.String(), "interrupted") {
		t.Errorf("status %d, %s", status, &stderr)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "work", "*")); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	if err := Run(t.Context(), stage.CallKind(), object.Files{}, args, nil, io.Discard, io.Discard); err != nil {
		t.Error(err)
	}
}

func TestMemoryLimit(t *testing.T) {
	for _, c := range []struct {
		name, file, text string
		want             int64
	}{
		{"version 2", "memory.max", "536870912\n", 512 << 20},
		{"version 2 without", "memory.max", "max\n", 0},
		{"version 1", "memory/memory.limit_in_bytes", "1073741824\n", 1 << 30},
		{"version 1 without", "memory/memory.limit_in_bytes", "9223372036854771712\n", 0},
		{"none", "other", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := memoryLimit(fstest.MapFS{c.file: {Data: []byte(c.text)}}); got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
}

func FuzzTask(f *testing.F) {
	f.Add([]byte(`{"stage":"call","step":"shard","shard":0,"shards":1,"in":{"ref":["r"],"reads":["b"]},"out":{"part":"p"},"want":{"out":"o"}}`))
	f.Add([]byte(`{"tasks":[{"worker":"gx-call","task":{"stage":"call"}}],"index":[[0]]}`))
	f.Add([]byte(`{"tasks":[null]}`))
	k := stage.CallKind()
	f.Fuzz(func(t *testing.T, b []byte) {
		tasks, err := parse(k, b, 0)
		if err != nil {
			return
		}
		for _, task := range tasks {
			if k.Check(task) == nil && (task.Stage != "call" || task.MarkerName() == ".done") {
				t.Errorf("%q is taken for a task", b)
			}
		}
	})
}
