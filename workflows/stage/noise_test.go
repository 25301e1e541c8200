package stage

import (
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/pileup/noise"
)

// The HiSeq X misreads runs far more often than the HiSeq 2000; both sequenced
// PCR-free libraries. What is measured hangs neither on the
// regions that are called nor on the threads.
func TestNoiseOfRealLibraries(t *testing.T) {
	const hg002 = "reads/HG002-hiseqx-20-20.16/"
	measured := func(ref, reads string, regions ...string) *noise.Noise {
		t.Helper()
		o := DefaultCallOptions()
		o.Regions = regions
		env := &Env{Store: object.Files{}, Threads: 1}
		in, err := openCall(t.Context(), env, shared.Path(t, ref), []string{shared.Path(t, reads)}, &o)
		if err != nil {
			t.Fatal(err)
		}
		defer in.close()
		w, err := newCallWork(t.Context(), env, in, &o)
		if err != nil {
			t.Fatal(err)
		}
		return w.noise
	}
	x := measured(grch37, hg002+"reads.bam")
	old := measured(testdata+"input/ucsc.hg19.chr20.unittest.fasta.gz", testdata+"input/NA12878_S1.chr20.10_10p1mb.bam")
	for i, least := range []float64{0.5, 0.5, 0.3} {
		if d := x.Values()[i] - old.Values()[i]; d < least {
			t.Errorf("class %d: the HiSeq X has 10^%.2f times the errors of the HiSeq 2000, want 10^%.1f or more (%+v, %+v)", i, d, least, *x, *old)
		}
	}
	if part := measured(grch37, hg002+"reads.bam", "20:20160000-20165000"); *part != *x {
		t.Errorf("with a region %+v, else %+v", *part, *x)
	}
}
