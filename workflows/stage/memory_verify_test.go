//go:build verify

package stage

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/internal/verify"
	"github.com/gx-genomics/gx/io/bam"
)

// memoryOfGx builds gx in a folder and gives a function that runs it, as a
// process of its own, and tells its memory in MB.
func memoryOfGx(t *testing.T, dir string) func(args ...string) float64 {
	gx := filepath.Join(dir, "gx")
	if out, err := exec.Command("go", "build", "-o", gx, "../../cmd/gx").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return func(args ...string) float64 {
		t.Helper()
		cmd := exec.Command(gx, args...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("gx %v: %v: %s", args, err, out)
		}
		return float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1000 // the system tells kB
	}
}

// TestVerifyExamplesMemory measures the memory of gx examples where reads lie
// deep: 2 Mb of simulated 100x reads, the mitochondrial reads six times over
// under other names, 11,000x, and long reads in haplotypes.
func TestVerifyExamplesMemory(t *testing.T) {
	dir := t.TempDir()
	rss := memoryOfGx(t, dir)
	prefix := filepath.Join(dir, "s")
	rss("simulate", "genome", "--length", "2000000", "--out", prefix)
	rss("simulate", "reads", "--ref", prefix+".fa", "--truth", prefix+".vcf.gz", "--depth", "100", "--out", prefix)
	deep := filepath.Join(dir, "deep.bam")
	depth := copies(t, shared.Path(t, "reads/NA12878-chrM/reads.bam"), deep, 6)
	in := filepath.Dir(shared.Path(t, testdata+"input/grch38.chr20_and_21_10M.fa.gz"))
	var figures []verify.Figure
	for _, k := range []struct {
		name string
		args []string
	}{
		{"2 Mb at 100x", []string{"--ref", prefix + ".fa", "--reads", prefix + ".bam"}},
		{fmt.Sprintf("chrM:1-1000 at %.0fx", depth), []string{"--ref", shared.Path(t, "reads/NA12878-chrM/ref.fa"), "--reads", deep, "--regions", "chrM:1-1000"}},
		{fmt.Sprintf("chrM:1-1000 at %.0fx, --compat 1.9", depth), []string{"--ref", shared.Path(t, "reads/NA12878-chrM/ref.fa"), "--reads", deep, "--regions", "chrM:1-1000", "--compat", "1.9"}},
		{"100 kb of PacBio at 35x, in haplotypes", []string{"--ref", filepath.Join(in, "grch38.chr20_and_21_10M.fa.gz"), "--reads", filepath.Join(in, "test_pacbio.chr20_100kbp_at_9mb.bam"), "--regions", "chr20:9,000,001-9,100,000", "--preset", "pacbio"}},
	} {
		for _, threads := range []int{1, 4} {
			args := append([]string{"examples", "--out", filepath.Join(dir, "e.tfrecord.gz"), "--threads", fmt.Sprint(threads)}, k.args...)
			figures = append(figures, verify.Figure{Name: fmt.Sprintf("memory of gx examples, %s, %d threads", k.name, threads), Value: rss(args...), Unit: "MB", Bar: float64(250 * threads), Most: true})
		}
	}
	if err := verify.Write("../..", verify.ExamplesMemory, figures); err != nil {
		t.Fatal(err)
	}
}

// copies writes n copies of each read of a BAM file, each under a name of its
// own, with an index, and gives the mean depth of the first 1,000 bases.
func copies(t *testing.T, from, to string, n int) float64 {
	t.Helper()
	f, err := bam.Open(from, bam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	w, err := bam.NewWriter(out, f.Header(), bam.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	bases := 0
	for r, err := range f.All() {
		if err != nil {
			t.Fatal(err)
		}
		name := r.Name
		for i := range n {
			r.Name = fmt.Sprintf("%s.%d", name, i)
			if err := w.Write(r); err != nil {
				t.Fatal(err)
			}
			bases += max(min(r.End(), 1000)-r.Start, 0)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var index bytes.Buffer
	err = w.WriteIndex(&index)
	if err == nil {
		err = os.WriteFile(to+".bai", index.Bytes(), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return float64(bases) / 1000
}

// TestVerifyCallMemory measures the memory of gx call on 2 and 20 Mb of
// simulated 30x reads, as a process of its own.
func TestVerifyCallMemory(t *testing.T) {
	dir := t.TempDir()
	rss := memoryOfGx(t, dir)
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
