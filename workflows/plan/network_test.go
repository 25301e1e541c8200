package plan

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fsouza/fake-gcs-server/fakestorage"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/object/gcs"
	"github.com/gx-genomics/gx/io/object/uri"
	"github.com/gx-genomics/gx/variant/locus"
	variants "github.com/gx-genomics/gx/variant/simulate"
	"github.com/gx-genomics/gx/workflows/stage"
)

// flaky fails one request in so many, before or after it was carried out.
type flaky struct {
	next  http.RoundTripper
	every int64
	n     atomic.Int64

	refuse func(*http.Request) bool // what is answered by 403; nil for nothing
}

func (f *flaky) RoundTrip(r *http.Request) (*http.Response, error) {
	n := f.n.Add(1)
	switch {
	case f.refuse != nil && f.refuse(r):
		return status(r, http.StatusForbidden), nil
	case f.every == 0 || n%f.every != 0:
		return f.next.RoundTrip(r)
	case n/f.every%2 == 0:
		if resp, err := f.next.RoundTrip(r); err == nil {
			resp.Body.Close()
		}
		return nil, &reset{}
	}
	return status(r, http.StatusServiceUnavailable), nil
}

// status is an answer that has no more than one.
func status(r *http.Request, code int) *http.Response {
	w := httptest.NewRecorder()
	w.WriteHeader(code)
	resp := w.Result()
	resp.Request = r
	return resp
}

type reset struct{}

func (*reset) Error() string { return "read: connection reset by peer" }

// network is a store of files and of an emulated gs://lab.
func network(t *testing.T, f *flaky) (*uri.Store, *gcs.Store) {
	t.Helper()
	server, err := fakestorage.NewServerWithOptions(fakestorage.Options{NoListener: true, Writer: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	server.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: "lab"})
	f.next = server.HTTPClient().Transport
	g, err := gcs.New(t.Context(), gcs.Options{Endpoint: "https://storage.googleapis.com/storage/v1/", HTTP: &http.Client{Transport: f}, Pause: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return &uri.Store{Network: g}, g
}

// upload puts files of a folder into gs://lab/in.
func upload(t *testing.T, s object.Store, dir string, keep func(name string) bool) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if !keep(f.Name()) {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err == nil {
			err = s.Put(t.Context(), "gs://lab/in/"+f.Name(), func(w io.Writer) error { _, err := w.Write(b); return err })
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestNetwork: a plan whose inputs, parts and outputs are objects of a network
// that often fails leaves the bytes of one on files.
func TestNetwork(t *testing.T) {
	want := inProcess(t, t.TempDir())
	f := &flaky{}
	s, g := network(t, f)
	upload(t, s, dataDir(t), func(name string) bool { return !strings.Contains(name, "truth") })
	f.every = 15
	p, err := parseIn(wholePlan, "gs://lab/in", "gs://lab/out", 3)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, p, Runner{Store: s, Workers: 2, Threads: 2}); err != nil {
		t.Fatal(err)
	}
	f.every = 0
	got := map[string]string{}
	list, err := g.List(t.Context(), "gs://lab/out/")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range list {
		b, err := object.ReadAll(t.Context(), g, o.Name, 1<<24)
		if err != nil {
			t.Fatal(err)
		}
		if name := strings.TrimPrefix(o.Name, "gs://lab/out/"); !strings.HasSuffix(name, ".stats") {
			got[name] = string(b)
		}
	}
	sameFiles(t, outputsOnly(got), want)
	if again, err := run(t, p, Runner{Store: s}); err != nil || len(again) != 0 {
		t.Errorf("the second run did %v, %v; want nothing", again, err)
	}
}

// TestShardReadsLittle: a shard of one in a hundred fetches at most three of a
// hundred bytes of the reads: what an index of places 16 kb apart adds, and what
// is looked at to see that index and reads belong together.
func TestShardReadsLittle(t *testing.T) {
	if testing.Short() {
		t.Skip("it simulates 8 Mb")
	}
	dir := t.TempDir()
	env, ctx := &stage.Env{Store: object.Files{}, Threads: 2}, context.Background()
	prefix := filepath.Join(dir, "s")
	g := stage.GenomePlan{Prefix: prefix, Sample: "s", Reference: variants.DefaultReference(), Truth: variants.DefaultTruth()}
	g.Reference.Contigs = []locus.Contig{{Name: "c1", Length: 8_000_000}}
	if err := stage.SimulateGenome(ctx, env, g); err != nil {
		t.Fatal(err)
	}
	r := stage.ReadsPlan{Ref: prefix + ".fa", Truth: prefix + ".vcf.gz", Prefix: prefix, Sample: "s", BAM: true, Reads: variants.DefaultReads()}
	r.Reads.Depth = 5
	if _, err := stage.SimulateReads(ctx, env, r); err != nil {
		t.Fatal(err)
	}
	s, net := network(t, &flaky{})
	upload(t, s, dir, func(name string) bool { return strings.HasPrefix(name, "s.fa") || strings.HasPrefix(name, "s.bam") })
	text := "steps: [{stage: call, ref: gs://lab/in/s.fa, reads: gs://lab/in/s.bam, out: gs://lab/out/s.vcf.gz}]\nwork: gs://lab/work\n"
	p, err := Parse("p.yaml", []byte(text), stage.Kinds(), nil)
	if err != nil {
		t.Fatal(err)
	}
	states, err := (&Runner{Store: s}).survey(t.Context(), p, false)
	if err != nil {
		t.Fatal(err)
	}
	size, err := net.Stat(t.Context(), "gs://lab/in/s.bam")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := states[0].measure(t.Context(), s); err != nil { // as a run does before it cuts a step
		t.Fatal(err)
	}
	const bam, ref = "gs://lab/in/s.bam", "gs://lab/in/s.fa"
	before, beforeRef := net.BytesRead(bam), net.BytesRead(ref)
	task := states[0].shards(p, 100)[50]
	if _, err := stage.Do(t.Context(), &stage.Env{Store: s, Threads: 1}, states[0].Kind, task); err != nil {
		t.Fatal(err)
	}
	fetched := net.BytesRead(bam) - before
	share := 100 * float64(fetched) / float64(size.Size)
	t.Logf("a shard of 1 %% fetched %d bytes of the reads, %.2f %% of %d; and %d of the reference", fetched, share, size.Size, net.BytesRead(ref)-beforeRef)
	if share > 3 {
		t.Errorf("%.2f %%, want at most 3", share)
	}
}
