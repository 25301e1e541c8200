package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/workflows/stage"
)

// network is a store in which every input is of one kind, and nothing is
// written.
type network struct {
	object.Store
	content string
	err     error
	full    error // of writing
}

type content struct {
	*strings.Reader
	info object.Info
}

func (c content) Info() object.Info { return c.info }
func (c content) Close() error      { return nil }

func (n *network) Stat(ctx context.Context, name string) (object.Info, error) {
	switch {
	case ctx.Err() != nil:
		return object.Info{}, ctx.Err()
	case n.err != nil:
		return object.Info{}, fmt.Errorf("%s: %w", name, n.err)
	case strings.HasSuffix(name, ".done"), strings.HasSuffix(name, ".json"), strings.HasSuffix(name, ".gzi"): // not part of the task
		return object.Info{}, fmt.Errorf("%s: %w", name, object.ErrNotExist)
	}
	return object.Info{Name: name, Size: int64(len(n.content))}, nil
}

func (n *network) Open(ctx context.Context, name string) (object.Object, error) {
	info, err := n.Stat(ctx, name)
	if err != nil {
		return nil, err
	}
	return content{strings.NewReader(n.content), info}, nil
}

func (n *network) Put(_ context.Context, name string, write func(io.Writer) error) error {
	if n.full != nil {
		return fmt.Errorf("%s: writing: %w", name, n.full)
	}
	return write(io.Discard)
}

func (n *network) Remove(context.Context, string) error { return nil }

// taskOf is a task of a stage whose inputs lie on a network.
func taskOf(k *stage.Kind) *stage.Task {
	t := &stage.Task{Stage: k.Name, In: map[string][]string{}, Out: map[string]string{}, Key: "k"}
	suffix := map[string]string{"ref": ".fa", "reads": ".bam", "genotypes": ".vcf", "examples": ".tfrecord", "calls": ".tfrecord", "model": ".onnx", "in": ".g.vcf.gz", "results": ".vcf.gz"}
	for _, r := range k.In {
		if !r.Optional {
			t.In[r.Name] = []string{"gs://lab/" + r.Name + suffix[r.Name]}
		}
	}
	if k.Name == "train" { // which may have others in their place
		t.In = map[string][]string{"ref": {"gs://lab/ref.fa"}, "reads": {"gs://lab/reads.bam"}, "truth": {"gs://lab/truth.vcf.gz"}}
	}
	out := map[string]string{}
	for _, r := range k.Out {
		if !r.Optional {
			out[r.Name] = "gs://lab/out" + map[string]string{"classify": ".tfrecord", "examples": ".tfrecord", "nullmodel": ".tsv", "train": ".safetensors", "notebook": ".ipynb", "report": ".html"}[k.Name]
		}
	}
	if k.Name == "nullmodel" || k.Name == "gwas" {
		t.Options = json.RawMessage(`{"traits":["y"]}`)
	}
	t.Out = out
	if k.Sharded() {
		t.Step, t.Shards, t.Want, t.Out = stage.OneShard, 1, out, map[string]string{"part": "gs://lab/work/x.part"}
	}
	return t
}

// TestStatusOfEveryWorker: each kind of trouble has its exit status in every
// worker, and one line that tells what is wrong.
func TestStatusOfEveryWorker(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for _, k := range stage.Kinds() {
		for _, c := range []struct {
			name   string
			store  network
			ctx    context.Context
			edit   func(*stage.Task)
			args   []string
			status int
			want   string // part of the line
		}{
			{"wrong usage", network{}, nil, nil, []string{"-shard", "1"}, app.WorkerUsage, "flag provided but not defined"},
			{"of another stage", network{}, nil, func(t *stage.Task) { t.Stage = "other" }, nil, app.WorkerUsage, `stage "other", want ` + k.Name},
			{"an input is not named", network{}, nil, func(t *stage.Task) { t.In = nil }, nil, app.WorkerUsage, "is missing"},
			{"an unknown input", network{}, nil, func(t *stage.Task) { t.In["extra"] = []string{"x"} }, nil, app.WorkerUsage, `there is no input "extra"`},
			{"options of another kind", network{content: "x"}, nil, func(t *stage.Task) { t.Options = json.RawMessage(`[1]`) }, nil, app.WorkerBadInput, "options of the task: "},
			{"bad input", network{content: "this is no data\n\x00\x01\x02"}, nil, nil, nil, app.WorkerBadInput, "gs://lab/"},
			{"empty input", network{content: ""}, nil, nil, nil, app.WorkerBadInput, "gs://lab/"},
			{"input missing", network{err: object.ErrNotExist}, nil, nil, nil, app.WorkerNoInput, "gs://lab/"},
			{"the store is away", network{err: object.ErrTemporary}, nil, nil, nil, app.WorkerTryAgain, "gs://lab/"},
			{"a disk that fails", network{err: syscall.EIO}, nil, nil, nil, app.WorkerTryAgain, "gs://lab/"},
			{"told to stop", network{content: "x"}, stopped, nil, nil, app.WorkerTryAgain, ""},
		} {
			t.Run(k.Name+", "+c.name, func(t *testing.T) {
				task := taskOf(k)
				if c.edit != nil {
					c.edit(task)
				}
				b, err := json.Marshal(task)
				if err != nil {
					t.Fatal(err)
				}
				ctx := c.ctx
				if ctx == nil {
					ctx = t.Context()
				}
				var stderr bytes.Buffer
				err = Run(ctx, k, &c.store, append([]string{"-task", "-", "-quiet"}, c.args...), bytes.NewReader(b), io.Discard, &stderr)
				if got := Status(err); got != c.status || err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("status %d, %v; want %d, %q", got, err, c.status, c.want)
				}
				if err != nil && strings.Count(err.Error(), "\n") > 0 && c.name != "an input is not named" {
					t.Errorf("more than a line: %v", err)
				}
			})
		}
	}
}
