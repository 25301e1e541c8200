package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gx-genomics/gx/io/bam"
	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/io/fasta"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
	"github.com/gx-genomics/gx/variant/simulate"
	"github.com/gx-genomics/gx/workflows/stage"
)

// sample is a small simulated sample that tests spoil.
type sample struct {
	t              *testing.T
	dir            string
	ref, reads     string
	truth, regions string
}

func newSample(t *testing.T) *sample {
	t.Helper()
	s := &sample{t: t, dir: t.TempDir()}
	s.ref, s.reads, s.truth, s.regions = s.path("s.fa"), s.path("s.bam"), s.path("s.vcf.gz"), s.path("s.bed")
	env := &stage.Env{Store: object.Files{}, Threads: 2}
	g := stage.GenomePlan{Prefix: s.path("s"), Sample: "s", Reference: simulate.DefaultReference(), Truth: simulate.DefaultTruth()}
	g.Reference.Contigs = []locus.Contig{{Name: "chr20", Length: 12_000}}
	r := stage.ReadsPlan{Ref: s.ref, Truth: s.truth, Prefix: s.path("s"), Sample: "s", BAM: true, Reads: simulate.DefaultReads()}
	if err := stage.SimulateGenome(t.Context(), env, g); err != nil {
		t.Fatal(err)
	}
	if _, err := stage.SimulateReads(t.Context(), env, r); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *sample) path(name string) string { return filepath.Join(s.dir, name) }

func (s *sample) write(name, text string) string {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return s.path(name)
}

func (s *sample) read(name string) string {
	s.t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

// rewrite writes the reads again as change leaves them, in a file that says of
// itself that it is sorted, with the index of the old one; with other contigs
// if there are any.
func (s *sample) rewrite(contigs []locus.Contig, change func([]align.Read) []align.Read) string {
	s.t.Helper()
	f, err := bam.Open(s.reads, bam.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	var batch align.Batch
	for r, err := range f.All() {
		if err != nil {
			s.t.Fatal(err)
		}
		batch.Add(r)
	}
	h := *f.Header()
	h.SortOrder = "unknown" // so that the writer takes any order; the text still says coordinate
	if contigs != nil {
		changed, err := bam.NewHeader(contigsOf(s.t, contigs), "coordinate", h.ReadGroups, nil)
		if err != nil {
			s.t.Fatal(err)
		}
		h = *changed
	}
	var b bytes.Buffer
	w, err := bam.NewWriter(&b, &h, bam.WriterOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range change(batch.Reads) {
		if err := w.Write(&r); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		s.t.Fatal(err)
	}
	name := s.write("changed.bam", b.String())
	s.write("changed.bam.bai", s.read(s.reads+".bai"))
	return name
}

func contigsOf(t *testing.T, list []locus.Contig) *locus.Contigs {
	t.Helper()
	c, err := locus.NewContigs(list)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// spoil changes bytes of the inflated BAM.
func (s *sample) spoil(change func([]byte) []byte) string {
	s.t.Helper()
	z := bgzf.NewReader(strings.NewReader(s.read(s.reads)), 1)
	plain, err := io.ReadAll(z)
	if err != nil {
		s.t.Fatal(err)
	}
	var b bytes.Buffer
	w, err := bgzf.NewWriter(&b, bgzf.DefaultLevel, 1)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := w.Write(change(plain)); err != nil {
		s.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		s.t.Fatal(err)
	}
	name := s.write("spoilt.bam", b.String())
	s.write("spoilt.bam.bai", s.read(s.reads+".bai"))
	return name
}

// TestBadInput: one clear line that names the file, exit status 1, and nothing
// under the name of the output.
func TestBadInput(t *testing.T) {
	cases := []struct {
		name string
		want []string // parts of the message
		make func(s *sample) (ref, reads string, more []string)
	}{
		{"no such reads", []string{"nowhere.bam", "no such file"}, func(s *sample) (string, string, []string) { return s.ref, s.path("nowhere.bam"), nil }},
		{"no such reference", []string{"nowhere.fa", "no such file"}, func(s *sample) (string, string, []string) { return s.path("nowhere.fa"), s.reads, nil }},
		{"not a BAM file", []string{"x.bam", "BGZF"}, func(s *sample) (string, string, []string) { return s.ref, s.write("x.bam", "hello there"), nil }},
		{"SAM for BAM", []string{"x.sam", "SAM text", "samtools sort"}, func(s *sample) (string, string, []string) {
			return s.ref, s.write("x.sam", "@HD\tVN:1.6\n"), nil
		}},
		{"CRAM for BAM", []string{"x.cram", "CRAM", "samtools view"}, func(s *sample) (string, string, []string) {
			return s.ref, s.write("x.cram", "CRAM\x03\x00"), nil
		}},
		{"truncated BAM", []string{"cut.bam", "truncated"}, func(s *sample) (string, string, []string) {
			b := s.read(s.reads)
			s.write("cut.bam.bai", s.read(s.reads+".bai"))
			return s.ref, s.write("cut.bam", b[:2*len(b)/3]), nil
		}},
		{"no index", []string{"bare.bam", "no index", "samtools index"}, func(s *sample) (string, string, []string) {
			return s.ref, s.write("bare.bam", s.read(s.reads)), nil
		}},
		{"stale index", []string{"s.bam", "older than the data", "samtools index"}, func(s *sample) (string, string, []string) {
			old := time.Now().Add(-48 * time.Hour)
			if err := os.Chtimes(s.reads+".bai", old, old); err != nil {
				s.t.Fatal(err)
			}
			return s.ref, s.reads, nil
		}},
		{"names of contigs differ", []string{"other.fa", "chr20", "20", "use the reference that the reads were aligned to"}, func(s *sample) (string, string, []string) {
			return s.write("other.fa", strings.Replace(s.read(s.ref), ">chr20", ">20", 1)), s.reads, nil
		}},
		{"reference shorter than the reads", []string{"short.fa", "12000", "9960"}, func(s *sample) (string, string, []string) {
			lines := strings.SplitAfter(s.read(s.ref), "\n")
			return s.write("short.fa", strings.Join(lines[:167], "")), s.reads, nil
		}},
		{"unsorted reads", []string{"changed.bam", "sort", "samtools sort"}, func(s *sample) (string, string, []string) {
			return s.ref, s.rewrite(nil, func(r []align.Read) []align.Read {
				slices.Reverse(r[:len(r)/2])
				return append(r, r...) // large enough for the old index to fit by size
			}), nil
		}},
		{"CIGAR longer than the read", []string{"spoilt.bam", "CIGAR"}, func(s *sample) (string, string, []string) {
			return s.ref, s.spoil(func(b []byte) []byte {
				at := bytes.Index(b, []byte("gx:chr20:")) // the first record's name
				name := bytes.IndexByte(b[at:], 0)
				b[at+name+1] += 16 // one base more in the first operation
				return b
			}), nil
		}},
		{"unknown region", []string{`"20:1-5"`, "chr20"}, func(s *sample) (string, string, []string) { return s.ref, s.reads, []string{"--regions", "20:1-5"} }},
		{"empty region", []string{"chr20:12001-12001", "behind the end"}, func(s *sample) (string, string, []string) {
			return s.ref, s.reads, []string{"--regions", "chr20:12001-12001"}
		}},
		{"region that ends before it starts", []string{"chr20:50-40", "ends before it starts"}, func(s *sample) (string, string, []string) {
			return s.ref, s.reads, []string{"--regions", "chr20:50-40"}
		}},
		{"nothing left to call", []string{"no region to call"}, func(s *sample) (string, string, []string) {
			return s.ref, s.reads, []string{"--regions", "chr20:1-500", "--exclude-regions", "chr20"}
		}},
		{"BED that ends before it starts", []string{"bad.bed:2", "200", "100"}, func(s *sample) (string, string, []string) {
			return s.ref, s.reads, []string{"--regions", s.write("bad.bed", "chr20\t1\t50\nchr20\t200\t100\n")}
		}},
		{"lengths in the BAM differ", []string{"changed.bam", "13000", "12000"}, func(s *sample) (string, string, []string) {
			return s.ref, s.rewrite([]locus.Contig{{Name: "chr20", Length: 13_000}}, func(r []align.Read) []align.Read { return r }), nil
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := newSample(t)
			ref, reads, more := c.make(s)
			out := s.path("out.vcf.gz")
			status, _, stderr := run(t, append([]string{"call", "--ref", ref, "--reads", reads, "--out", out, "--gvcf", s.path("out.g.vcf.gz"), "--threads", "2"}, more...)...)
			lines := strings.Split(strings.TrimSpace(stderr), "\n")
			last := lines[len(lines)-1]
			if status != 1 {
				t.Errorf("exit status %d, want 1", status)
			}
			for _, w := range c.want {
				if !strings.Contains(last, w) {
					t.Errorf("the last line %q does not say %q", last, w)
				}
			}
			left, err := filepath.Glob(s.path("*out*"))
			if err != nil || len(left) > 0 {
				t.Errorf("left behind: %v %v", left, err)
			}
		})
	}
}

// TestFullDisk: a device without space gives one line and status 1.
func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full on this system")
	}
	s := newSample(t)
	status, _, stderr := run(t, "call", "--ref", s.ref, "--reads", s.reads, "--out", "/dev/full", "-q")
	if status != 1 || !strings.Contains(stderr, "/dev/full: writing: no space left on device") {
		t.Errorf("status %d, %q", status, stderr)
	}
}

// TestLowerCaseAndIUPAC: soft-masked bases are bases; at an IUPAC code no
// variant is called, and a gVCF has no block there.
func TestLowerCaseAndIUPAC(t *testing.T) {
	s := newSample(t)
	call := func(ref, out string) string {
		status, _, stderr := run(t, "call", "--ref", ref, "--reads", s.reads, "--out", s.path(out), "--gvcf", s.path("g."+out), "-q")
		if status != 0 {
			t.Fatalf("status %d: %s", status, stderr)
		}
		return body(s.read(s.path(out))) + body(s.read(s.path("g."+out)))
	}
	want := call(s.ref, "plain.vcf")
	head, bases, _ := strings.Cut(s.read(s.ref), "\n")
	if got := call(s.write("lower.fa", head+"\n"+strings.ToLower(bases)), "lower.vcf"); got != want {
		t.Error("a lower-case reference gives other records")
	}
	coded := []byte(bases)
	line := 61 * 50
	copy(coded[line:line+60], strings.Repeat("R", 60))
	got := call(s.write("iupac.fa", head+"\n"+string(coded)), "iupac.vcf")
	for row := range strings.Lines(got) {
		f := strings.Split(row, "\t")
		if f[1] > "3000" && f[1] <= "3060" && len(f[1]) == 4 {
			t.Errorf("a record where the reference has an IUPAC code: %s", row)
		}
	}
	if got == want || !strings.Contains(got, "\t3061\t") {
		t.Error("the IUPAC codes changed nothing, or no block begins behind them")
	}
}

// body is the lines of a VCF that are not of its header.
func body(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// TestReadsWithoutQualities: they are no evidence, which is said by the
// absence of calls and not by a crash.
func TestReadsWithoutQualities(t *testing.T) {
	s := newSample(t)
	reads := s.rewrite(nil, func(r []align.Read) []align.Read {
		for i := range r {
			r[i].Quals = bytes.Repeat([]byte{0xff}, len(r[i].Bases))
		}
		return r
	})
	writeIndexOf(t, reads)
	status, _, stderr := run(t, "call", "--ref", s.ref, "--reads", reads, "--out", s.path("o.vcf"), "-q")
	if status != 0 || !strings.HasPrefix(s.read(s.path("o.vcf")), "##fileformat=VCF") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

// writeIndexOf writes the index of a sorted file anew.
func writeIndexOf(t *testing.T, name string) {
	t.Helper()
	f, err := bam.Open(name, bam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := bam.NewWriter(io.Discard, f.Header(), bam.WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range f.All() {
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var index bytes.Buffer
	if err := w.WriteIndex(&index); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name+".bai", index.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestCheckSaysAllAtOnce: every file is looked at, and the exit status tells.
func TestCheckSaysAllAtOnce(t *testing.T) {
	s := newSample(t)
	status, stdout, stderr := run(t, "check", s.ref, s.reads, s.truth, s.regions)
	if status != 0 || strings.Count(stdout, ": ok") != 4 {
		t.Fatalf("good files: status %d\n%s%s", status, stdout, stderr)
	}
	headless := s.write("headless.vcf", body("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchr20\t5\t.\tA\tC\t.\t.\t.\n"))
	status, stdout, stderr = run(t, "check", headless, s.write("r.bed", "chr20\t9\t3\n"), s.write("r.sam", "@HD\tVN:1.6\nonly three\tfields\there\n"), s.reads)
	if status != 1 || !strings.Contains(stderr, "3 of 4 files") {
		t.Errorf("status %d, %q", status, stderr)
	}
	for _, want := range []string{"headless.vcf:1: no header", "r.bed:1", "r.sam:2"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
}

// TestIndexMade: the index of a reference is made where it is absent, and said.
func TestIndexMade(t *testing.T) {
	s := newSample(t)
	if err := os.Remove(s.ref + ".fai"); err != nil {
		t.Fatal(err)
	}
	_, _, stderr := run(t, "call", "--ref", s.ref, "--reads", s.reads, "--out", s.path("o.vcf"))
	if !strings.Contains(stderr, "s.fa.fai") {
		t.Errorf("nothing is said of the index: %q", stderr)
	}
	f, err := fasta.Open(s.ref, fasta.Options{Notice: func(text string) { t.Errorf("made again: %s", text) }})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// TestInterrupted: a cancelled run ends with 130 and leaves no output.
func TestInterrupted(t *testing.T) {
	s := newSample(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	plan := stage.CallPlan{Ref: s.ref, Reads: []string{s.reads}, Out: s.path("o.vcf.gz"), Options: stage.DefaultCallOptions(), Shards: 1}
	if _, err := stage.Call(ctx, &stage.Env{Store: object.Files{}, Threads: 2}, plan); err == nil {
		t.Error("a cancelled run gave no error")
	}
	if _, err := os.Stat(plan.Out); err == nil {
		t.Error("a cancelled run left its output")
	}
}
