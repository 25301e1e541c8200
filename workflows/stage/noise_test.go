package stage

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/noise"
)

// The HiSeq X misreads runs far more often than the HiSeq 2000; both sequenced
// PCR-free libraries. What is measured does not hang on the regions that are
// called.
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

// A task tells what was learnt of its library: a worker believes it, and refuses what
// no library has.
func TestTaskTellsNoise(t *testing.T) {
	dir := t.TempDir()
	plan := realPlan(t, dir)
	options, err := json.Marshal(plan.Options)
	if err != nil {
		t.Fatal(err)
	}
	task := &Task{Stage: CallName, In: map[string][]string{"ref": {plan.Ref}, "reads": plan.Reads}, Options: options, Out: map[string]string{"out": plan.Out}}
	env := &Env{Store: object.Files{}, Threads: 1}
	work, err := measureCall(t.Context(), env, task)
	if err != nil {
		t.Fatal(err)
	}
	open := func(learned string) (*noise.Noise, error) {
		task.Learned = json.RawMessage(learned)
		w, err := openCallTask(t.Context(), env, task)
		if err != nil {
			return nil, err
		}
		defer w.in.close()
		return w.noise, nil
	}
	own, err := open("")
	if err != nil {
		t.Fatal(err)
	}
	if told, err := open(string(work.Learned)); err != nil || *told != *own {
		t.Errorf("told %+v, measured %+v: %v", told, own, err)
	}
	other := `{"Across":[7,0,0,0],"Off":[3,0,0,0],"Lonely":2}`
	if told, err := open(other); err != nil || *told != (noise.Noise{Across: [noise.Classes]int{7}, Off: [noise.Classes]int{3}, Lonely: 2}) {
		t.Errorf("told %s: %+v, %v", other, told, err)
	}
	for _, bad := range []string{`{"Off":[1,0,0,0]}`, `{"Lonely":-1}`, `[]`, `{"Off":[1`} {
		if _, err := open(bad); err == nil || !strings.Contains(err.Error(), "what the task says of the library") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// In training every run of cells sees about half of the pieces of the library,
// another half than others, and the same one always.
func TestHalves(t *testing.T) {
	w := &trainSetWork{seed: 1}
	rng := rand.New(rand.NewPCG(1, 1))
	for range 96 {
		w.pieces = append(w.pieces, noise.Noise{Across: [noise.Classes]int{rng.IntN(1 << 40), 1}})
	}
	seen := map[noise.Noise]bool{}
	total := 0
	for i := range 100 {
		c := &pileup.GridCell{}
		c.Contig, c.Start = "c", i*10_000
		n := w.half(c)
		if *n != *w.half(c) {
			t.Fatalf("cell %d sees now %+v, then %+v", i, *n, *w.half(c))
		}
		seen[*n] = true
		total += n.Across[1]
	}
	if len(seen) < 100 || total < 96*45 || total > 96*55 {
		t.Errorf("100 runs of cells see %d different parts, of %d pieces of 96 in all", len(seen), total)
	}
}
