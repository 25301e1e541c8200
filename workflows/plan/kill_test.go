package plan

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gx-genomics/gx/io/object"
)

// The child of a test of kills is this program itself, told by its environment:
// it does wholePlan in a folder, and may end itself at a named point.
const (
	childIn   = "GX_PLAN_TEST_IN"
	childOut  = "GX_PLAN_TEST_OUT"
	childFail = "GX_PLAN_TEST_FAIL"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childOut); dir != "" {
		os.Exit(child(os.Getenv(childIn), dir, os.Getenv(childFail)))
	}
	code := m.Run()
	if dir, err := inputs(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

const killShards = 3

func child(in, dir, fail string) int {
	p, err := parseIn(wholePlan, in, dir, killShards)
	if err == nil {
		r := Runner{Store: object.Files{Step: killAt(fail)}, Workers: 2, Threads: 2, Keep: true}
		_, err = r.Run(context.Background(), p)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// killAt ends the process, as kill -9 does, at the n-th time that a step of
// storing is made with objects of a class: "part synced 1".
func killAt(fail string) func(step, name string) {
	f := strings.Fields(fail)
	if len(f) != 3 {
		return nil
	}
	n, err := strconv.Atoi(f[2])
	if err != nil {
		return nil
	}
	var seen atomic.Int64
	return func(step, name string) {
		if step == f[1] && class(name) == f[0] && seen.Add(1) == int64(n) {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			time.Sleep(time.Hour)
		}
	}
}

// class is what kind of object a name is of.
func class(name string) string {
	base := filepath.Base(name)
	for _, x := range []struct{ suffix, class string }{
		{".part.done", "part-marker"}, {".part.stats", "part-stats"}, {".part", "part"}, {".done", "marker"}, {".stats", "stats"},
		{".g.vcf.gz.tbi", "gvcf-index"}, {".g.vcf.gz", "gvcf"}, {".vcf.gz.tbi", "vcf-index"}, {".vcf.gz", "vcf"},
		{"manifest.json", "manifest"}, {".json", "report"}, {"completeness.tsv", "completeness"}, {".tsv.gz", "rows"}, {".tsv", "table"},
	} {
		if strings.HasSuffix(base, x.suffix) {
			return x.class
		}
	}
	return "other"
}

// failpoints are the points at which the process is ended.
func failpoints(all bool) (list []string) {
	steps := []string{object.StepCreated, object.StepWritten, object.StepSynced, object.StepRenamed, object.StepPut}
	for k, class := range []string{"part", "part-stats", "part-marker", "vcf", "gvcf", "vcf-index", "gvcf-index", "stats", "marker", "table", "report", "rows", "completeness", "manifest"} {
		for i, step := range steps {
			if all || class == "part" || !testing.Short() && (class == "marker" || (i+k)%len(steps) == 0) {
				list = append(list, class+" "+step+" 1")
			}
		}
	}
	return append(list, "part synced 7", "marker renamed 3")
}

// spawn runs the child; kill, if not 0, ends it after that time.
func spawn(t testing.TB, dir, fail string, kill time.Duration) (killed bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childIn+"="+dataDir(t), childOut+"="+dir, childFail+"="+fail)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if kill > 0 {
		timer := time.AfterFunc(kill, func() { cmd.Process.Kill() })
		defer timer.Stop()
	}
	err := cmd.Wait()
	if err == nil {
		return false
	}
	if w, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && w.Signaled() && w.Signal() == syscall.SIGKILL {
		return true
	}
	t.Fatalf("the child failed: %v\n%s", err, &stderr)
	return false
}

// undisturbed is what a run leaves that nobody stops.
func undisturbed(t testing.TB) map[string]string {
	t.Helper()
	dir := t.TempDir()
	if spawn(t, dir, "", 0) {
		t.Fatal("the child was killed by another hand")
	}
	return files(t, dir)
}

// nothingHalf checks that all that stands under a final name is what the
// undisturbed run left, and that markers stand beside whole outputs.
func nothingHalf(t testing.TB, got, want map[string]string) {
	t.Helper()
	for name, b := range got {
		if want[name] != b {
			t.Errorf("%s: %d bytes, in the undisturbed run %d others", name, len(b), len(want[name]))
		}
		if out, ok := strings.CutSuffix(name, ".part.done"); ok && got[out+".part"] == "" {
			t.Errorf("%s stands without its part", name)
		}
	}
}

var markerName = regexp.MustCompile(`\.done$`)

func markers(got map[string]string) map[string]bool {
	out := map[string]bool{}
	for name := range got {
		if markerName.MatchString(name) {
			out[name] = true
		}
	}
	return out
}

// goOn ends a killed run, and checks that nothing which had its marker was done
// again.
func goOn(t testing.TB, dir string, want map[string]string) {
	t.Helper()
	before := files(t, dir)
	nothingHalf(t, before, want)
	tasks, err := run(t, planIn(t, wholePlan, dir, killShards), Runner{Keep: true, Workers: 2, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(markers(want)) - len(markers(before)); len(tasks) != n {
		t.Errorf("%d tasks were run, but %d were missing: %v", len(tasks), n, tasks)
	}
	sameFiles(t, files(t, dir), want)
	left, err := filepath.Glob(filepath.Join(dir, "work", ".*.part.gx-part-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("unfinished files were left: %v, %v", left, err)
	}
}

// TestKilledAtPoints: whatever the process was about to do when it was killed,
// the next run ends with the same bytes.
func TestKilledAtPoints(t *testing.T) {
	want := undisturbed(t)
	for _, fail := range failpoints(false) {
		t.Run(fail, func(t *testing.T) {
			dir := t.TempDir()
			if !spawn(t, dir, fail, 0) {
				t.Fatal("the point was not reached")
			}
			goOn(t, dir, want)
		})
	}
}

// TestKilledAtRandom: a run that is killed again and again, at random moments,
// goes on each time where it was, and ends with the same bytes.
func TestKilledAtRandom(t *testing.T) { killAtRandom(t, sized(20, 5), undisturbed(t)) }

func killAtRandom(t *testing.T, kills int, want map[string]string) {
	rng := rand.New(rand.NewPCG(1, uint64(kills)))
	dir := t.TempDir()
	longest := 300 * time.Millisecond
	for done := 0; done < kills; {
		before := markers(files(t, dir))
		killed := spawn(t, dir, "", time.Duration(rng.Int64N(int64(longest)))+20*time.Millisecond)
		after := files(t, dir)
		nothingHalf(t, after, want)
		now := markers(after)
		for name := range before {
			if !now[name] {
				t.Errorf("%s was done, and is not after a kill", name)
			}
		}
		if killed {
			done++
			continue
		}
		sameFiles(t, after, want) // it came through: the next one begins anew
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	goOn(t, dir, want)
}

// faultyStore fails its k-th operation, then works again. Every call is an
// operation, and so is every commit of a Put.
type faultyStore struct {
	object.Files
	n    *atomic.Int64
	fail int64
}

type injected struct{ op string }

func (e *injected) Error() string { return "injected fault: " + e.op }

func (s *faultyStore) op(what, name string) error {
	if s.n.Add(1) == s.fail {
		return &injected{what + " " + filepath.Base(name)}
	}
	return nil
}

func (s *faultyStore) Open(ctx context.Context, name string) (object.Object, error) {
	if err := s.op("open", name); err != nil {
		return nil, err
	}
	return s.Files.Open(ctx, name)
}

func (s *faultyStore) Stat(ctx context.Context, name string) (object.Info, error) {
	if err := s.op("stat", name); err != nil {
		return object.Info{}, err
	}
	return s.Files.Stat(ctx, name)
}

func (s *faultyStore) List(ctx context.Context, prefix string) ([]object.Info, error) {
	if err := s.op("list", prefix); err != nil {
		return nil, err
	}
	return s.Files.List(ctx, prefix)
}

func (s *faultyStore) Remove(ctx context.Context, name string) error {
	if err := s.op("remove", name); err != nil {
		return err
	}
	return s.Files.Remove(ctx, name)
}

func (s *faultyStore) Put(ctx context.Context, name string, write func(io.Writer) error) error {
	if err := s.op("put", name); err != nil {
		return err
	}
	return s.Files.Put(ctx, name, func(w io.Writer) error {
		if err := write(w); err != nil {
			return err
		}
		return s.op("commit", name)
	})
}

// storeFaults runs the plan with the k-th operation of the store failing, for
// every stride-th k, and then again without.
func storeFaults(t *testing.T, stride int64) (operations int64) {
	want := undisturbed(t)
	var total atomic.Int64
	if _, err := run(t, planIn(t, wholePlan, t.TempDir(), killShards), Runner{Store: &faultyStore{n: &total}, Keep: true}); err != nil {
		t.Fatal(err)
	}
	failed := 0
	for k := int64(1); k <= total.Load(); k += stride {
		dir := t.TempDir()
		var n atomic.Int64
		_, err := run(t, planIn(t, wholePlan, dir, killShards), Runner{Store: &faultyStore{n: &n, fail: k}, Keep: true})
		if err != nil {
			failed++
			if !strings.Contains(err.Error(), "injected fault") {
				t.Errorf("operation %d: %v", k, err)
			}
		}
		goOn(t, dir, want)
		if t.Failed() {
			t.Fatalf("operation %d of %d: %v", k, total.Load(), err)
		}
	}
	t.Logf("%d operations, every %d. failed in turn: %d runs ended with its error", total.Load(), stride, failed)
	return total.Load()
}

// TestStoreFails: whichever operation of the store fails, the run says so, and
// the next one ends with the same bytes.
func TestStoreFails(t *testing.T) { storeFaults(t, int64(sized(29, 97))) }

// sized is a size, or a smaller one where tests are to be short.
func sized(n, short int) int {
	if testing.Short() {
		return short
	}
	return n
}
