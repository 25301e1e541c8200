package plan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/workflows/stage"
)

// twoCalls is a plan of two steps that do not need each other.
const twoCalls = `
name: two
work: $(out)/work
values: {in: ., out: ., sample: [s1, s2]}
steps:
  - stage: call
    each: sample
    ref: $(in)/s1.fa
    reads: $(in)/$(sample).bam
    out: $(out)/$(sample).vcf.gz
    model: counts
    regions: ["c1:1-2000"]
    shards: 2
`

// disk is files on a disk that is full for names that end in a suffix.
type disk struct {
	object.Files
	full string
}

type fullWriter struct{}

func (fullWriter) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func (d disk) Put(ctx context.Context, name string, write func(io.Writer) error) error {
	if !strings.HasSuffix(name, d.full) {
		return d.Files.Put(ctx, name, write)
	}
	return d.Files.Put(ctx, name, func(io.Writer) error {
		if err := write(fullWriter{}); err != nil && !errors.Is(err, syscall.ENOSPC) {
			return err
		}
		return fmt.Errorf("%s: writing: %w", name, syscall.ENOSPC)
	})
}

// keys16 are keys in the names of parts.
var keys16 = regexp.MustCompile(`[0-9a-f]{16}`)

// failed is the text of a run of which so many tasks failed.
func failed(n int, lines ...string) string {
	return fmt.Sprintf("test.yaml: %d tasks failed; what was finished is kept, and the next run goes on from there\n%s", n, strings.Join(lines, "\n"))
}

// TestBadPlaces: places that are not there, may not be used or have no room are
// told in one line, before any work where that can be known, and nothing
// half-written is left.
func TestBadPlaces(t *testing.T) {
	in := dataDir(t)
	refuse := func(method string) func(*http.Request) bool {
		return func(r *http.Request) bool { return method == "" || strings.Contains(r.Method, method) }
	}
	for _, k := range []struct {
		name    string
		in, out string                   // empty: folders
		refuse  func(*http.Request) bool // requests that are answered by 403
		full    string                   // suffix of names for which the disk has no room
		want    string                   // all of the message; IN and OUT stand for folders
	}{
		{"missing bucket of inputs", "gs://nowhere", "", nil, "",
			"test.yaml:6: call OUT/s1.vcf.gz: gs://nowhere/s1.fa: file does not exist\ntest.yaml:6: call OUT/s1.vcf.gz: gs://nowhere/s1.bam: file does not exist\ntest.yaml:6: call OUT/s2.vcf.gz: gs://nowhere/s2.bam: file does not exist"},
		{"missing bucket of outputs", "", "gs://nowhere", nil, "", "gs://nowhere/work/x: there is no bucket nowhere: file does not exist"},
		{"no permission to read", "gs://lab", "", refuse(""), "", "test.yaml:6: call OUT/s1.vcf.gz: gs://lab/s1.fa: no permission (403); remedy: the role Storage Object User on bucket lab\n" +
			"test.yaml:6: call OUT/s1.vcf.gz: gs://lab/s1.bam: no permission (403); remedy: the role Storage Object User on bucket lab\n" +
			"test.yaml:6: call OUT/s2.vcf.gz: gs://lab/s2.bam: no permission (403); remedy: the role Storage Object User on bucket lab"},
		{"no permission to list", "", "gs://lab", refuse(""), "", "gs://lab/work/x: no permission (403); remedy: the role Storage Object User on bucket lab"},
		{"no permission to write", "", "gs://lab", refuse("POST"), "", failed(4, "call gs://lab/s1.vcf.gz: gs://lab/work/call-KEY-00000-of-00002.part: no permission (403); remedy: the role Storage Object User on bucket lab",
			"call gs://lab/s1.vcf.gz: gs://lab/work/call-KEY-00001-of-00002.part: no permission (403); remedy: the role Storage Object User on bucket lab",
			"call gs://lab/s2.vcf.gz: gs://lab/work/call-KEY-00000-of-00002.part: no permission (403); remedy: the role Storage Object User on bucket lab",
			"call gs://lab/s2.vcf.gz: gs://lab/work/call-KEY-00001-of-00002.part: no permission (403); remedy: the role Storage Object User on bucket lab")},
		{"output below a file", "", "IN/s1.fa/x", nil, "", "mkdir IN/s1.fa: not a directory"},
		{"disk full, a part", "", "", nil, "-00001-of-00002.part", failed(2, "call OUT/s1.vcf.gz: OUT/work/call-KEY-00001-of-00002.part: writing: no space left on device",
			"call OUT/s2.vcf.gz: OUT/work/call-KEY-00001-of-00002.part: writing: no space left on device")},
		{"disk full, an output", "", "", nil, "s2.vcf.gz", failed(1, "call OUT/s2.vcf.gz: OUT/s2.vcf.gz: writing: no space left on device")},
		{"disk full, a marker", "", "", nil, "s2.vcf.gz.done", failed(1, "call OUT/s2.vcf.gz: OUT/s2.vcf.gz.done: writing: no space left on device")},
	} {
		t.Run(k.name, func(t *testing.T) {
			dir := t.TempDir()
			from, to := in, dir
			if k.in != "" {
				from = k.in
			}
			if k.out != "" {
				to = strings.ReplaceAll(k.out, "IN", in)
			}
			p, err := parseIn(twoCalls, from, to, 1)
			if err != nil {
				t.Fatal(err)
			}
			var store object.Store = disk{full: k.full}
			if k.full == "" {
				f := &flaky{}
				net, _ := network(t, f)
				f.refuse = k.refuse
				store = net
			}
			_, err = run(t, p, Runner{Store: store, Workers: 1})
			got := fmt.Sprint(err)
			got = keys16.ReplaceAllString(strings.ReplaceAll(strings.ReplaceAll(got, in, "IN"), dir, "OUT"), "KEY")
			if err == nil || got != k.want {
				t.Errorf("%s\nwant\n%s", got, k.want)
			}
		})
	}
}

// TestCorruptShard: a stored shard is damaged while a run goes on: the step that
// reads it fails at once, with one line that names it, the others are done, and
// the next run makes only that shard again and what is made of it.
func TestCorruptShard(t *testing.T) {
	dir := t.TempDir()
	p, err := parseIn(twoCalls, dataDir(t), dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	part := ""
	damage := func(ctx context.Context, env *stage.Env, k *stage.Kind, task *stage.Task) (*stage.Marker, error) {
		m, err := stage.Do(ctx, env, k, task)
		if err == nil && task.Step == stage.OneShard && task.Shard == 1 && strings.HasSuffix(task.Want["out"], "s2.vcf.gz") {
			part = task.Out["part"]
			b, err := os.ReadFile(part)
			if err != nil {
				return nil, err
			}
			b[len(b)/2] ^= 1
			if err := os.WriteFile(part, b, 0o600); err != nil {
				return nil, err
			}
		}
		return m, err
	}
	_, err = run(t, p, Runner{Workers: 1, Do: damage})
	want := failed(1, "call OUT/s2.vcf.gz: OUT/work/call-KEY-00001-of-00002.part: damaged or unfinished part: CRC check failed")
	if got := keys16.ReplaceAllString(strings.ReplaceAll(fmt.Sprint(err), dir, "OUT"), "KEY"); got != want || !errors.Is(err, ErrFailed) {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if _, err := os.Stat(filepath.Join(dir, "s1.vcf.gz.done")); err != nil {
		t.Errorf("the other step is not done: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "s2.vcf.gz")); err == nil {
		t.Error("something stands under the name of the output")
	}
	again, err := run(t, p, Runner{Workers: 1})
	if err != nil || !slices.Equal(again, []string{filepath.Base(part) + ".done", "s2.vcf.gz.done"}) {
		t.Errorf("the next run did %v, %v, want the shard %s and what is made of it", again, err, filepath.Base(part))
	}
}
