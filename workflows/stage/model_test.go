package stage

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/workflows/models"
)

// Long reads are no matter for networks of short ones, and the message names the
// way out.
func TestModelRefusesLongReads(t *testing.T) {
	plan := realPlan(t, t.TempDir())
	plan.Ref = shared.Path(t, testdata+"input/grch38.chr20_and_21_10M.fa.gz")
	plan.Reads = []string{shared.Path(t, testdata+"input/test_pacbio.chr20_100kbp_at_9mb.bam")}
	plan.Options.Regions = []string{"chr20:9000000-9010000"}
	env := &Env{Store: object.Files{}, Threads: 1}
	plan.Options.Model = models.WGS
	if _, err := Call(t.Context(), env, plan); err == nil || !strings.Contains(err.Error(), "--model counts") || !strings.Contains(err.Error(), "bases on average") {
		t.Errorf("%v", err)
	}
	if list, err := os.ReadDir(filepath.Dir(plan.Out)); err != nil || len(list) > 0 {
		t.Errorf("%v, %v: something is left", list, err)
	}
	plan.Options.Model = ModelCounts
	if _, err := Call(t.Context(), env, plan); err != nil {
		t.Error(err)
	}
}

// TestModelSameBytes: neither threads nor shards change a byte of what the
// networks decide, and both decide.
func TestModelSameBytes(t *testing.T) {
	plan := realPlan(t, t.TempDir())
	plan.Options.Model = models.WGS
	call(t, plan, 1)
	want := outputs(t, filepath.Dir(plan.Out))
	deciders := map[string]int{}
	for _, r := range records(t, plan.Out) {
		for _, name := range []string{":" + models.WGS + ":", ":" + models.WGS + "-first:"} {
			if strings.Contains(r, name) {
				deciders[name]++
			}
		}
	}
	if len(deciders) != 2 {
		t.Errorf("decided by %v: want both networks", deciders)
	}
	for _, k := range []struct{ threads, shards int }{{3, 1}, {2, 4}} {
		plan.Shards = k.shards
		call(t, plan, k.threads)
		sameOutputs(t, outputs(t, filepath.Dir(plan.Out)), want)
	}
}

func TestModelRefuses(t *testing.T) {
	dir := t.TempDir()
	plan := realPlan(t, dir)
	bad := filepath.Join(t.TempDir(), "bad.safetensors")
	for _, k := range []struct{ name, text, want string }{
		{bad, "hello", "bad.safetensors"},
		{bad, "\x02\x00\x00\x00\x00\x00\x00\x00{}", "no model of gx"},
		{filepath.Join(dir, "none.safetensors"), "", "none.safetensors"},
		{"what", "", "want counts, wgs, wes"},
	} {
		if k.text != "" {
			if err := os.WriteFile(k.name, []byte(k.text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		plan.Options.Model = k.name
		if _, err := Call(t.Context(), &Env{Store: object.Files{}, Threads: 1}, plan); err == nil || !strings.Contains(err.Error(), k.want) {
			t.Errorf("model %s: %v, want %q", k.name, err, k.want)
		}
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) > 0 {
		t.Errorf("%v, %v: something is left", list, err)
	}
}
