package stage

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/io/bam"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
	"github.com/gx-genomics/gx/variant/simulate"
)

// acrocentric makes a sample of three contigs whose reference begins and ends
// with unknown bases, as chromosomes do.
func acrocentric(t *testing.T, dir string) CallPlan {
	t.Helper()
	env := &Env{Store: object.Files{}, Threads: 2}
	prefix := filepath.Join(dir, "a")
	g := GenomePlan{Prefix: prefix, Sample: "s", Reference: simulate.DefaultReference(), Truth: simulate.DefaultTruth()}
	g.Reference.Contigs = []locus.Contig{{Name: "chr12", Length: 30_000}, {Name: "chr13", Length: 40_000}, {Name: "chrM", Length: 5_000}}
	r := ReadsPlan{Ref: prefix + ".fa", Truth: prefix + ".vcf.gz", Prefix: prefix, Sample: "s", BAM: true, Reads: simulate.DefaultReads()}
	if err := SimulateGenome(t.Context(), env, g); err != nil {
		t.Fatal(err)
	}
	if _, err := SimulateReads(t.Context(), env, r); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(prefix + ".fa")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(b), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ">") {
			for k := 1; k <= 200; k++ { // 12,000 bases, more than a run of cells
				if j := i + k; j < len(lines) && !strings.HasPrefix(lines[j], ">") {
					lines[j] = strings.Repeat("N", len(lines[j]))
				}
			}
		}
	}
	if err := os.WriteFile(prefix+".fa", []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	if err := os.Mkdir(out, 0o777); err != nil {
		t.Fatal(err)
	}
	return CallPlan{Ref: prefix + ".fa", Reads: []string{prefix + ".bam"}, Out: filepath.Join(out, "o.vcf.gz"), GVCF: filepath.Join(out, "o.g.vcf.gz"),
		Options: DefaultCallOptions(), Shards: 1}
}

// TestContigsWithUnknownEnds: blocks and records end with their contig, in
// every way to run.
func TestContigsWithUnknownEnds(t *testing.T) {
	plan := acrocentric(t, t.TempDir())
	call(t, plan, 1)
	want := outputs(t, filepath.Dir(plan.Out))
	if n := len(records(t, plan.GVCF)); n < 100 {
		t.Fatalf("%d records in the gVCF, want a hundred or more", n)
	}
	for _, k := range []struct{ threads, shards int }{{3, 1}, {2, 4}} {
		plan.Shards = k.shards
		call(t, plan, k.threads)
		sameOutputs(t, outputs(t, filepath.Dir(plan.Out)), want)
	}
	plan.Options.Compat, plan.Shards = "1.9", 1
	call(t, plan, 2)
}

// TestWorkersMakeTheSame: tasks run one by one, as workers run them, leave
// nothing for the command to do but to join.
func TestWorkersMakeTheSame(t *testing.T) {
	plan := acrocentric(t, t.TempDir())
	call(t, plan, 2)
	want := outputs(t, filepath.Dir(plan.Out))
	plan.Shards, plan.Options.GVCF = 3, true
	env := &Env{Store: object.Files{}, Threads: 1}
	in, err := openCall(t.Context(), env, plan.Ref, plan.Reads, &plan.Options)
	if err != nil {
		t.Fatal(err)
	}
	defer in.close()
	w, err := newCallWork(t.Context(), &Env{}, in, &plan.Options)
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := plan.tasks(t.Context(), env, w)
	if err != nil {
		t.Fatal(err)
	}
	for i := range tasks {
		text, err := json.Marshal(tasks[i])
		if err != nil {
			t.Fatal(err)
		}
		var told Task
		if err := json.Unmarshal(text, &told); err != nil {
			t.Fatal(err)
		}
		if _, err := RunCall(t.Context(), env, &told); err != nil {
			t.Fatal(err)
		}
	}
	store := &faultyStore{Store: object.Files{}}
	if _, err := Call(t.Context(), &Env{Store: store, Threads: 2}, plan); err != nil {
		t.Fatal(err)
	}
	if store.n != 4 {
		t.Errorf("the command wrote %d objects, want the two outputs and their indexes", store.n)
	}
	sameOutputs(t, outputs(t, filepath.Dir(plan.Out)), want)
}

// TestFarReads: reads that skip far along the contig are the same to every
// span, so that threads change no record.
func TestFarReads(t *testing.T) {
	dir := t.TempDir()
	env := &Env{Store: object.Files{}, Threads: 2}
	prefix := filepath.Join(dir, "f")
	g := GenomePlan{Prefix: prefix, Sample: "s", Reference: simulate.DefaultReference(), Truth: simulate.DefaultTruth()}
	g.Reference.Contigs = []locus.Contig{{Name: "c", Length: 250_000}}
	if err := SimulateGenome(t.Context(), env, g); err != nil {
		t.Fatal(err)
	}
	contigs, err := locus.NewContigs(g.Reference.Contigs)
	if err != nil {
		t.Fatal(err)
	}
	h, err := bam.NewHeader(contigs, "coordinate", []bam.ReadGroup{{ID: "s", Sample: "s"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(prefix + ".bam")
	if err != nil {
		t.Fatal(err)
	}
	w, err := bam.NewWriter(f, h, bam.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	skips := []int{0, 80_000, 99_000, 99_800, 99_801, 150_000}
	reads := 600
	if testing.Short() {
		reads = 150
	}
	for i := range reads {
		cigar := align.Cigar{align.MakeOp(align.M, 100), align.MakeOp(align.N, skips[i%len(skips)]), align.MakeOp(align.M, 100)}
		bases := []byte(strings.Repeat("ACGTTGCAAC", 20))
		err := w.Write(&align.Read{Name: fmt.Sprint(i), Start: 100 * i, MapQ: 60, Cigar: cigar, Bases: bases, Quals: []byte(strings.Repeat("\x23", 200)), MateContig: -1, MateStart: -1})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	index, err := os.Create(prefix + ".bam.bai")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteIndex(index); err != nil {
		t.Fatal(err)
	}
	if err := index.Close(); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, threads := range []int{1, 2, 8} {
		plan := CallPlan{Ref: prefix + ".fa", Reads: []string{prefix + ".bam"}, Out: filepath.Join(dir, "o.vcf.gz"), Options: DefaultCallOptions(), Shards: 1}
		call(t, plan, threads)
		got := records(t, plan.Out)
		if want == nil {
			want = got
		}
		if len(got) < 20 || strings.Join(got, "") != strings.Join(want, "") {
			t.Fatalf("%d threads: %d records, want the %d of one", threads, len(got), len(want))
		}
	}
}

// TestOutputsRefused: an output that is another one, or an input.
func TestOutputsRefused(t *testing.T) {
	plan := acrocentric(t, t.TempDir())
	for name, change := range map[string]func(*CallPlan){
		"the reads":             func(p *CallPlan) { p.Out = p.Reads[0] },
		"the reference":         func(p *CallPlan) { p.GVCF = p.Ref },
		"the index of the BAM":  func(p *CallPlan) { p.Out = p.Reads[0] + ".bai" },
		"one file twice":        func(p *CallPlan) { p.GVCF = filepath.Dir(p.Out) + "/./" + filepath.Base(p.Out) },
		"the index of another":  func(p *CallPlan) { p.GVCF = p.Out + ".tbi" },
		"standard output twice": func(p *CallPlan) { p.Out, p.GVCF = "-", "-" },
		"a folder that is not":  func(p *CallPlan) { p.GVCF = filepath.Join(filepath.Dir(p.Out), "no", "g.vcf") },
	} {
		p := plan
		change(&p)
		if _, err := Call(t.Context(), &Env{Store: object.Files{}, Threads: 1}, p); err == nil {
			t.Errorf("%s: no error", name)
		}
		if list := outputs(t, filepath.Dir(plan.Out)); len(list) > 0 {
			t.Errorf("%s: %d files were left", name, len(list))
		}
	}
}
