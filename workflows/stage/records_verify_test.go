//go:build verify

package stage

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gx-genomics/gx/internal/verify"
	"github.com/gx-genomics/gx/io/tfrecord"
)

// gxProcess is gx as a process of its own, whose memory and time are measured.
type gxProcess struct {
	path string
	dir  string
}

func buildGX(t *testing.T) *gxProcess {
	t.Helper()
	dir := t.TempDir()
	g := &gxProcess{filepath.Join(dir, "gx"), dir}
	if out, err := exec.Command("go", "build", "-o", g.path, "../../cmd/gx").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return g
}

func (g *gxProcess) file(name string) string { return filepath.Join(g.dir, name) }

// run gives the memory in MB and the CPU seconds of a run.
func (g *gxProcess) run(t *testing.T, args ...string) (mb, cpu float64) {
	t.Helper()
	cmd := exec.Command(g.path, args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("gx %v: %v: %s", args, err, out)
	}
	state := cmd.ProcessState
	return float64(state.SysUsage().(*syscall.Rusage).Maxrss) / 1000, (state.UserTime() + state.SystemTime()).Seconds()
}

// best is the least CPU time of three runs.
func (g *gxProcess) best(t *testing.T, args ...string) (cpu float64) {
	t.Helper()
	_, cpu = g.run(t, args...)
	for range 2 {
		_, x := g.run(t, args...)
		cpu = min(cpu, x)
	}
	return cpu
}

// TestVerifyRecords measures what a whole genome's records, or those of many
// samples, take in memory and time.
func TestVerifyRecords(t *testing.T) {
	g := buildGX(t)
	figures := append(g.compared(t, 5_000_000), g.genotyped(t, 5_000_000, 300_000)...)
	figures = append(append(figures, g.merged(t, 1000, 6000)...), g.simulated(t)...)
	runMerge(t, MergePlan{Inputs: calledTrio(t, g.dir), Out: g.file("trio.vcf"), Options: DefaultMergeOptions()}, 2)
	trio := genotypes(t, g.file("trio.vcf"))
	full, broken := mendel(trio, "HG001", "NA12891", "NA12892")
	figures = append(figures, verify.Figure{Name: fmt.Sprintf("trio from reads, %d sites with all genotypes: against Mendel's rule", full), Value: 100 * float64(broken) / float64(full), Unit: "%", Bar: 5, Most: true})
	if err := verify.Write("../..", verify.Records, figures); err != nil {
		t.Fatal(err)
	}
}

// compared is gx compare on so many records a side.
func (g *gxProcess) compared(t *testing.T, records int) []verify.Figure {
	const spacing = 100
	r := rand.New(rand.NewPCG(1, 1))
	text := make([]byte, 1<<20)
	for i := range text {
		text[i] = "ACGT"[r.IntN(4)]
	}
	length := records*spacing + spacing
	written(t, g.file("c.fa"), func(w *bufio.Writer) {
		fmt.Fprintln(w, ">c")
		for at := 0; at < length; {
			n := min(1<<20, length-at)
			w.Write(text[:n])
			w.WriteByte('\n')
			at += n
		}
	})
	for side, name := range []string{"truth.vcf", "query.vcf"} {
		shared, own := rand.New(rand.NewPCG(2, 2)), rand.New(rand.NewPCG(3, uint64(side)))
		written(t, g.file(name), func(w *bufio.Writer) {
			fmt.Fprintf(w, "##fileformat=VCFv4.2\n##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n##FORMAT=<ID=GQ,Number=1,Type=Integer,Description=\"Quality\">\n"+
				"##contig=<ID=c,length=%d>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ts\n", length)
			for i := range records {
				p := i*spacing + shared.IntN(spacing/2)
				at := p % (1 << 20)
				kind, het := shared.IntN(16), shared.IntN(2)
				if at > 1<<20-8 {
					at, p = at-8, p-8
				}
				ref, alt := string(text[at]), string("ACGTA"[codeOf(text[at])+1])
				switch kind {
				case 0:
					alt = ref + string(text[at+1:at+3])
				case 1:
					ref, alt = string(text[at:at+3]), ref
				}
				if own.IntN(100) < 2 {
					continue
				}
				if own.IntN(100) < 2 {
					het = 1 - het
				}
				fmt.Fprintf(w, "c\t%d\t.\t%s\t%s\t50\tPASS\t.\tGT:GQ\t%d/1:%d\n", p+1, ref, alt, het, own.IntN(60))
			}
		})
	}
	mb, cpu := g.run(t, "compare", "--ref", g.file("c.fa"), "--truth", g.file("truth.vcf"), "--query", g.file("query.vcf"), "--out", g.file("cmp"), "--threads", "2")
	name := fmt.Sprintf("gx compare, %d records a side", records)
	return []verify.Figure{
		{Name: name + ": memory", Value: mb, Unit: "MB", Bar: 500, Most: true},
		{Name: name + ": records per CPU second", Value: 2 * float64(records) / cpu, Bar: 100_000},
	}
}

func codeOf(b byte) int { return strings.IndexByte("ACGT", b) }

func written(t *testing.T, path string, body func(w *bufio.Writer)) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	body(w)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// genotyped is gx genotype on many sites, and the time that fewer take as plain
// text and packed.
func (g *gxProcess) genotyped(t *testing.T, many, few int) []verify.Figure {
	c := newOutputs(1000)
	outputs := func(path string, sites int) {
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		w, err := tfrecord.NewWriter(f, tfrecord.Options{Gzip: tfrecord.Gzipped(path), Level: 1})
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < sites; at += 1000 {
			for _, x := range c.list {
				y := *x
				v := *x.Variant
				v.Start, v.End = v.Start+20*at, v.End+20*at
				y.Variant = &v
				if err := w.Write(y.Append(nil)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	written(t, g.file("a.fa"), func(w *bufio.Writer) {
		fmt.Fprintln(w, ">"+c.contig)
		line := strings.Repeat("A", 1000) + "\n"
		for range many*20/1000 + 1 {
			io.WriteString(w, line)
		}
	})
	args := func(calls, out string) []string {
		return []string{"genotype", "--ref", g.file("a.fa"), "--calls", g.file(calls), "--out", g.file(out), "--threads", "1"}
	}
	outputs(g.file("many.tfrecord"), many)
	mb, _ := g.run(t, args("many.tfrecord", "many.vcf")...)
	os.Remove(g.file("many.tfrecord"))
	outputs(g.file("few.tfrecord"), few)
	outputs(g.file("few.tfrecord.gz"), few)
	plain, packed := g.best(t, args("few.tfrecord", "few.vcf")...), g.best(t, args("few.tfrecord.gz", "few.vcf.gz")...)
	return []verify.Figure{
		{Name: fmt.Sprintf("gx genotype, %d records: memory", many), Value: mb, Unit: "MB", Bar: 300, Most: true},
		{Name: "gx genotype, plain text: records per CPU second", Value: float64(few) / plain, Bar: 300_000},
		{Name: "gx genotype, gzip to bgzip with its index: records per CPU second", Value: float64(few) / packed, Bar: 80_000},
	}
}

// merged is gx merge of many samples, on a stretch of the genome that fills the
// queue of windows, and on one three times as long.
func (g *gxProcess) merged(t *testing.T, samples, sites int) []verify.Figure {
	var mb [2]float64
	for i, n := range []int{sites / 3, sites} {
		dir := g.file(fmt.Sprintf("m%d", n))
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		args := append([]string{"merge", "--out", filepath.Join(dir, "o.vcf.gz"), "--threads", "2"}, manyGVCFs(t, dir, samples, n)...)
		mb[i], _ = g.run(t, args...)
		os.RemoveAll(dir)
	}
	return []verify.Figure{
		{Name: fmt.Sprintf("gx merge, %d samples: memory", samples), Value: mb[1], Unit: "MB", Bar: 1000, Most: true},
		{Name: "the same, over the memory of a third of the sites", Value: mb[1] / mb[0], Bar: 1.5, Most: true},
	}
}

// simulated is gx simulate reads, aligned and written as BAM.
func (g *gxProcess) simulated(t *testing.T) []verify.Figure {
	const length, depth = 3_000_000, 30
	g.run(t, "simulate", "genome", "--length", fmt.Sprint(length), "--out", g.file("s"))
	cpu := g.best(t, "simulate", "reads", "--ref", g.file("s.fa"), "--truth", g.file("s.vcf.gz"), "--depth", fmt.Sprint(depth), "--out", g.file("s"), "--threads", "1")
	return []verify.Figure{{Name: "gx simulate reads, BAM with its index: reads per CPU second", Value: length * depth / 150 / cpu, Bar: 100_000}}
}
