package stage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/io/object"
)

const testdata = "deepvariant/testdata/"

// realBases is how much of the real reads a test calls, less one.
func realBases() int {
	if testing.Short() {
		return 3_000
	}
	return 20_000
}

// realPlan calls some of the real NA12878 reads.
func realPlan(t testing.TB, dir string) CallPlan {
	o := DefaultCallOptions()
	o.Regions = []string{fmt.Sprintf("chr20:10000000-%d", 10_000_000+realBases())}
	return CallPlan{
		Ref:     shared.Path(t, testdata+"input/ucsc.hg19.chr20.unittest.fasta.gz"),
		Reads:   []string{shared.Path(t, testdata+"input/NA12878_S1.chr20.10_10p1mb.bam")},
		Out:     filepath.Join(dir, "o.vcf.gz"),
		GVCF:    filepath.Join(dir, "o.g.vcf.gz"),
		Options: o, Shards: 1,
	}
}

func call(t testing.TB, plan CallPlan, threads int) *CallSummary {
	t.Helper()
	s, err := Call(t.Context(), &Env{Store: object.Files{}, Threads: threads}, plan)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// outputs is the bytes of all files that a plan left, by name.
func outputs(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if f.IsDir() {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name()] = string(b)
	}
	return out
}

func sameOutputs(t *testing.T, got, want map[string]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d files, want %d", len(got), len(want))
	}
	for name, b := range want {
		if got[name] != b {
			t.Errorf("%s: %d bytes differ from the %d of one thread and one shard", name, len(got[name]), len(b))
		}
	}
}

// TestCallSameBytes: neither threads nor shards change a byte of any output,
// in gx's own mode and in a compatible one.
func TestCallSameBytes(t *testing.T) {
	for _, compat := range []string{"", "1.9"} {
		t.Run("compat "+compat, func(t *testing.T) {
			dir := t.TempDir()
			plan := realPlan(t, dir)
			plan.Options.Compat = compat
			s := call(t, plan, 1)
			if s.Passed < 10 || s.Bases != realBases()+1 {
				t.Errorf("summary %v: want 10 or more calls in %d bases", s, realBases()+1)
			}
			want := outputs(t, dir)
			if len(want) != 4 {
				t.Fatalf("%d files, want the VCF, the gVCF and their indexes", len(want))
			}
			for _, k := range []struct{ threads, shards int }{{2, 1}, {7, 1}, {1, 3}, {2, 7}} {
				t.Run(fmt.Sprintf("%d threads %d shards", k.threads, k.shards), func(t *testing.T) {
					dir := t.TempDir()
					plan := realPlan(t, dir)
					plan.Options.Compat, plan.Shards = compat, k.shards
					call(t, plan, k.threads)
					sameOutputs(t, outputs(t, dir), want)
				})
			}
		})
	}
}

// records is the lines of a bgzip VCF without the header.
func records(t testing.TB, path string) []string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := bgzf.NewReader(f, 1)
	defer z.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(z); err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(b.String()) {
		if !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

// TestCallSplitRegions: the records of a region are those of its pieces,
// wherever it is cut. Overlapping records are left unsettled here, for a cut
// may fall between two of them.
func TestCallSplitRegions(t *testing.T) {
	const from, to = 10_000_001, 10_012_000 // 1-based, inclusive
	splits := 50
	if testing.Short() {
		splits = 5
	}
	dir := t.TempDir()
	plan := realPlan(t, dir)
	plan.GVCF, plan.Options.NoResolution = "", true
	plan.Options.Regions = []string{fmt.Sprintf("chr20:%d-%d", from, to)}
	call(t, plan, 2)
	want := records(t, plan.Out)
	rng := rand.New(rand.NewPCG(8, 50))
	for range splits {
		var cuts []int
		for range 1 + rng.IntN(3) {
			cuts = append(cuts, from+1+rng.IntN(to-from))
		}
		slices.Sort(cuts)
		cuts = slices.Compact(cuts)
		var got []string
		start := from
		for _, cut := range append(cuts, to+1) {
			piece := plan
			piece.Out = filepath.Join(dir, "piece.vcf.gz")
			piece.Options.Regions = []string{fmt.Sprintf("chr20:%d-%d", start, cut-1)}
			call(t, piece, 1)
			got = append(got, records(t, piece.Out)...)
			start = cut
		}
		if !slices.Equal(got, want) {
			t.Fatalf("cut at %d: %d records, want the %d of one region", cuts, len(got), len(want))
		}
	}
}

// faultyStore fails the k-th operation, then works again.
type faultyStore struct {
	object.Store
	n, fail int
}

var errInjected = errors.New("injected fault")

func (s *faultyStore) Put(ctx context.Context, name string, write func(io.Writer) error) error {
	s.n++
	if s.n == s.fail {
		return errInjected
	}
	return s.Store.Put(ctx, name, write)
}

func parts(t *testing.T, dir string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "o.vcf.gz.part-*"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestCallGoesOn: whatever write fails, the next run of the same command ends
// with the same bytes, and does not repeat the shards that were stored.
func TestCallGoesOn(t *testing.T) {
	dir := t.TempDir()
	plan := realPlan(t, dir)
	call(t, plan, 2)
	want := outputs(t, dir)
	for fail := 1; fail <= 7; fail++ { // three parts, two outputs, two indexes
		dir := t.TempDir()
		plan := realPlan(t, dir)
		plan.Shards = 3
		store := &faultyStore{Store: object.Files{}, fail: fail}
		if _, err := Call(t.Context(), &Env{Store: store, Threads: 2}, plan); !errors.Is(err, errInjected) {
			t.Fatalf("write %d: %v", fail, err)
		}
		stored := len(parts(t, dir))
		if want := min(fail-1, 3); stored != want {
			t.Errorf("write %d failed: %d parts are stored, want %d", fail, stored, want)
		}
		bases := 0
		again := &faultyStore{Store: object.Files{}}
		if _, err := Call(t.Context(), &Env{Store: again, Threads: 2, Done: func(n int) { bases += n }}, plan); err != nil {
			t.Fatal(err)
		}
		if again.n != 7-stored {
			t.Errorf("write %d failed: the second run wrote %d objects, want %d", fail, again.n, 7-stored)
		}
		sameOutputs(t, outputs(t, dir), want)
	}
}

// TestDamagedPart: a flipped byte in a stored part makes that shard run again.
func TestDamagedPart(t *testing.T) {
	dir := t.TempDir()
	plan := realPlan(t, dir)
	plan.Options.Regions = []string{"chr20:10,000,000-10,008,000"}
	call(t, plan, 2)
	want := outputs(t, dir)
	plan.Shards = 2
	store := &faultyStore{Store: object.Files{}, fail: 3}
	if _, err := Call(t.Context(), &Env{Store: store, Threads: 2}, plan); !errors.Is(err, errInjected) {
		t.Fatal(err)
	}
	stored := parts(t, dir)
	if len(stored) != 2 {
		t.Fatalf("parts %v, want 2", stored)
	}
	b, err := os.ReadFile(stored[0])
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 0x10
	if err := os.WriteFile(stored[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	again := &faultyStore{Store: object.Files{}}
	if _, err := Call(t.Context(), &Env{Store: again, Threads: 2}, plan); err != nil {
		t.Fatal(err)
	}
	if again.n != 5 {
		t.Errorf("%d objects written, want 5: one part, two outputs, two indexes", again.n)
	}
	sameOutputs(t, outputs(t, dir), want)
}
