//go:build verify

package stage

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/gx-genomics/gx/internal/verify"
)

// TestVerifyCallMemory measures the memory of gx call on 2 and 20 Mb of
// simulated 30x reads, as a process of its own.
func TestVerifyCallMemory(t *testing.T) {
	dir := t.TempDir()
	gx := filepath.Join(dir, "gx")
	if out, err := exec.Command("go", "build", "-o", gx, "../../cmd/gx").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	rss := func(args ...string) float64 {
		cmd := exec.Command(gx, args...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("gx %v: %v: %s", args, err, out)
		}
		return float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1000 // MB; the system tells kB
	}
	var figures []verify.Figure
	for _, mb := range []int{2, 20} {
		prefix := filepath.Join(dir, fmt.Sprintf("s%d", mb))
		rss("simulate", "genome", "--length", fmt.Sprint(mb*1_000_000), "--out", prefix)
		rss("simulate", "reads", "--ref", prefix+".fa", "--truth", prefix+".vcf.gz", "--out", prefix)
		for _, threads := range []int{1, 2, 4} {
			got := rss("call", "--ref", prefix+".fa", "--reads", prefix+".bam", "--out", prefix+".c.vcf.gz", "--gvcf", prefix+".g.vcf.gz", "--threads", fmt.Sprint(threads))
			name := fmt.Sprintf("memory of gx call, %d Mb at 30x, %d threads", mb, threads)
			figures = append(figures, verify.Figure{Name: name, Value: got, Unit: "MB", Bar: float64(1000 + 250*threads), Most: true})
		}
	}
	if err := verify.Write("../..", verify.CallMemory, figures); err != nil {
		t.Fatal(err)
	}
}
