package bam

import (
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/variant/locus"
)

// cpu is the processor time of this process, or of its children that ended.
func cpu(b *testing.B, who int) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkReads is the processor time of reading 150 bp reads by region, in
// seconds per million reads. Bar: 1.3; goal: 0.6.
func BenchmarkReads(b *testing.B) {
	f := open(b, shared.Path(b, wgs), Options{})
	b.SetBytes(f.size)
	b.ReportAllocs()
	reads, start := 0, cpu(b, syscall.RUSAGE_SELF)
	for b.Loop() {
		for _, err := range f.Reads(b.Context(), locus.Region{Contig: "chr20", Start: 0, End: 64444167}) {
			if err != nil {
				b.Fatal(err)
			}
			reads++
		}
	}
	b.ReportMetric((cpu(b, syscall.RUSAGE_SELF)-start).Seconds()/float64(reads)*1e6, "cpu-s/M")
}

// BenchmarkSamtools is the same work done by samtools view -c, where that is
// installed: what BenchmarkReads is compared with.
func BenchmarkSamtools(b *testing.B) {
	samtools, err := exec.LookPath("samtools")
	if err != nil {
		b.Skip("samtools is not installed")
	}
	path := shared.Path(b, wgs)
	start := cpu(b, syscall.RUSAGE_CHILDREN)
	n := 0
	for b.Loop() {
		if err := exec.Command(samtools, "view", "-c", path, "chr20").Run(); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric((cpu(b, syscall.RUSAGE_CHILDREN)-start).Seconds()/float64(n)/52035*1e6, "cpu-s/M")
}
