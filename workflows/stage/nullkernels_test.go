package stage

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/gx-genomics/gx/internal/kern"
	"github.com/gx-genomics/gx/nullmodel"
)

// TestNullModelKernels: all files of a run are the same bytes with every set of
// kernels that this machine has, each in a process of its own, and with other
// numbers of threads.
func TestNullModelKernels(t *testing.T) {
	const child = "GX_TEST_NULL_OUT"
	if out := os.Getenv(child); out != "" {
		dir := filepath.Dir(filepath.Dir(out))
		threads, err := strconv.Atoi(filepath.Base(filepath.Dir(out)))
		if err != nil {
			t.Fatal(err)
		}
		plan := NullModelPlan{Pheno: filepath.Join(dir, "p.tsv"), Covar: filepath.Join(dir, "c.txt"), Traits: []string{"y", "b"}, Out: out, Parquet: true, Options: nullmodel.Defaults()}
		plan.Options.Networks, plan.Options.Diagnose = 1, true
		env, _ := notes(threads)
		if _, err := RunNullModel(t.Context(), env, plan); err != nil {
			t.Fatal(err)
		}
		return
	}
	dir, ph, cov := nullTables(t, 140)
	writeLines(t, filepath.Join(dir, "p.tsv"), ph)
	writeLines(t, filepath.Join(dir, "c.txt"), cov)
	kernels := kern.Available()
	if testing.Short() && len(kernels) > 1 { // the portable kernels take minutes under the race detector
		kernels = kernels[1:]
	}
	var first string
	for i, k := range kernels {
		out := filepath.Join(dir, strconv.Itoa(i+1))
		if err := os.Mkdir(out, 0o777); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(os.Args[0], "-test.run=^TestNullModelKernels$")
		cmd.Env = append(os.Environ(), child+"="+filepath.Join(out, "n.tsv"), kern.Override+"="+k.Name())
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", k.Name(), err, text)
		}
		if first == "" {
			first = out
		}
		for _, name := range []string{"n.tsv", "n.json", "n.parquet"} {
			want, err := os.ReadFile(filepath.Join(first, name))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(filepath.Join(out, name)); err != nil || string(got) != string(want) {
				t.Errorf("%s with kernels %s is not that of %s (%v)", name, k.Name(), kernels[0].Name(), err)
			}
		}
	}
}
