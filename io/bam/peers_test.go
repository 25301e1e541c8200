package bam

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestSamtoolsReadsWhatWeWrite has samtools check and print files of ours, with
// each kind of index. It needs samtools; GX_PEERS=1 makes its absence a failure.
func TestSamtoolsReadsWhatWeWrite(t *testing.T) {
	samtools, err := exec.LookPath("samtools")
	if err != nil {
		if os.Getenv("GX_PEERS") == "1" {
			t.Fatal("samtools is not installed, but GX_PEERS=1 wants it")
		}
		t.Skip("samtools is not installed")
	}
	run := func(args ...string) string {
		t.Helper()
		out, err := exec.Command(samtools, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("samtools %s: %v: %s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	h := testHeader(t)
	reads := sample(h, 2000)
	path := written(t, h, reads, WriterOptions{Threads: 2})
	run("quickcheck", "-v", path)
	if got, want := strings.Split(run("view", "--no-PG", "-h", path), "\n"), strings.Split(samText(h, reads), "\n"); len(got) != len(want) {
		t.Errorf("%d lines, want %d", len(got), len(want))
	} else {
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("line %d:\n got %s\nwant %s", i+1, got[i], want[i])
			}
		}
	}
	f := open(t, path, Options{})
	for _, region := range []string{"chr1", "chr1:100000-200000", "chr2:899000-900000", "chrM:1-1"} {
		r, err := h.Contigs.Parse(region)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, err := range f.Reads(t.Context(), r) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		var want []string
		if out := strings.TrimSpace(run("view", path, region)); out != "" {
			want = strings.Split(out, "\n")
		}
		if n != len(want) {
			t.Errorf("%s: %d reads, samtools finds %d", region, n, len(want))
		}
	}
	if got := run("index", "-c", path); got != "" {
		t.Errorf("samtools index: %s", got)
	}
	checkQueries(t, open(t, path, Options{Index: path + ".csi"}))
}
