package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
)

// TestTrioPlan: a step of a plan, in three pieces, writes of one of a family
// what the command writes of it.
func TestTrioPlan(t *testing.T) {
	dir := t.TempDir()
	ref, reads := shared.Path(t, "reference/GRCh37.chr20.windows.fa.gz"), filepath.Dir(shared.Path(t, "reads/CEU-trio-20-10.00/README.md"))
	must := func(args ...string) {
		t.Helper()
		if status, _, stderr := run(t, args...); status != 0 {
			t.Fatalf("%v: status %d: %s", args, status, stderr)
		}
	}
	must("examples", "--ref", ref, "--reads", reads+"/HG001.bam", "--reads-parent1", reads+"/NA12891.bam", "--reads-parent2", reads+"/NA12892.bam",
		"--regions", "20:10,004,001-10,006,000", "--pileup-image-height-child", "60", "--create-complex-alleles", "--track-ref-reads",
		"--out", filepath.Join(dir, "e.tfrecord"), "--blocks", filepath.Join(dir, "b.tfrecord"))
	for _, role := range []string{"child", "parent2"} {
		plan := fmt.Sprintf(`
work: %[1]s/work
steps:
  - stage: examples
    ref: %[2]s
    reads: %[3]s/HG001.bam
    reads-parent1: [%[3]s/NA12891.bam]
    reads-parent2: [%[3]s/NA12892.bam]
    role: %[4]s
    regions: ["20:10,004,001-10,006,000"]
    pileup-image-height-child: 60
    create-complex-alleles: true
    track-ref-reads: true
    out: %[1]s/p.tfrecord
    blocks: %[1]s/q.tfrecord
    shards: 3
`, dir, ref, reads, role)
		path := filepath.Join(dir, role+".yaml")
		if err := os.WriteFile(path, []byte(plan), 0o600); err != nil {
			t.Fatal(err)
		}
		must("run", path)
		for _, x := range [][2]string{{"p.tfrecord", "e_" + role + ".tfrecord"}, {"q.tfrecord", "b_" + role + ".tfrecord"}} {
			got, err := os.ReadFile(filepath.Join(dir, x[0]))
			want, errWant := os.ReadFile(filepath.Join(dir, x[1]))
			if err != nil || errWant != nil || len(got) < 1000 || !bytes.Equal(got, want) {
				t.Errorf("%s: %d bytes, want the %d of %s; %v, %v", x[0], len(got), len(want), x[1], err, errWant)
			}
		}
	}
}
