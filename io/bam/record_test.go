package bam

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// TestLongCigar writes and reads an alignment of more operations than a record
// has room for: they go through the tag CG, which no reader of gx sees.
func TestLongCigar(t *testing.T) {
	h := testHeader(t)
	r := align.Read{Name: "ultra", Contig: 0, Start: 7, MapQ: 60, MateContig: -1, MateStart: -1, Aux: []byte("NMC\x05")}
	for range 40_000 {
		r.Cigar = append(r.Cigar, align.MakeOp(align.M, 2), align.MakeOp(align.D, 1))
		r.Bases = append(r.Bases, "AC"...)
		r.Quals = append(r.Quals, 20, 30)
	}
	next := align.Read{Name: "next", Contig: 0, Start: 8, MateContig: -1, MateStart: -1, Cigar: align.Cigar{align.MakeOp(align.M, 1)}, Bases: []byte("T"), Quals: []byte{9}, Aux: []byte("CGBI\x00\x00\x00\x00NMC\x01")}
	f := open(t, written(t, h, []align.Read{r, next}, WriterOptions{}), Options{})
	for range 2 { // the second time from the same block
		i := 0
		for got, err := range f.Reads(t.Context(), locus.Region{Contig: "chr1", Start: 0, End: 200_000}) {
			if err != nil {
				t.Fatal(err)
			}
			if want := []align.Read{r, next}[i]; fmt.Sprint(*got) != fmt.Sprint(want) {
				t.Errorf("read %d, %s, differs: %d operations, %d optional bytes", i, got.Name, len(got.Cigar), len(got.Aux))
			}
			i++
		}
		if i != 2 {
			t.Errorf("%d reads, want 2", i)
		}
	}
}

// TestReadsAllocateNothing counts what a query allocates once buffers are warm:
// some for the query, nothing per read.
func TestReadsAllocateNothing(t *testing.T) {
	h := testHeader(t)
	f := open(t, written(t, h, sample(h, 3000), WriterOptions{}), Options{})
	n := 0
	query := func() {
		for _, err := range f.Reads(t.Context(), locus.Region{Contig: "chr1", Start: 0, End: 3_000_000}) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
	}
	query()
	if n < 500 {
		t.Fatalf("only %d reads", n)
	}
	if got := testing.AllocsPerRun(10, query); got > 20 {
		t.Errorf("%v allocations for a query of %d reads, want at most 20", got, n)
	}
}

// TestStream reads a file that cannot be sought in, by several goroutines.
func TestStream(t *testing.T) {
	h := testHeader(t)
	reads := sample(h, 2000)
	var b bytes.Buffer
	w, err := NewWriter(&b, h, WriterOptions{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	for i := range reads {
		if err := w.Write(&reads[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := NewStream("-", &b, Options{Threads: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	i := 0
	for r, err := range f.All() {
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(*r) != fmt.Sprint(reads[i]) {
			t.Fatalf("read %d differs", i)
		}
		i++
	}
	if i != len(reads) {
		t.Errorf("%d reads, want %d", i, len(reads))
	}
	for _, err := range f.Reads(t.Context(), locus.Region{Contig: "chr1", Start: 0, End: 9}) {
		if err == nil {
			t.Error("a region of a stream: no error")
		}
	}
}

func TestWriterRefuses(t *testing.T) {
	h := testHeader(t)
	good := align.Read{Name: "r", Contig: 0, Start: 5, MateContig: -1, MateStart: -1, Cigar: align.Cigar{align.MakeOp(align.M, 2)}, Bases: []byte("AC"), Quals: []byte{1, 2}}
	for name, change := range map[string]func(*align.Read){
		"name":    func(r *align.Read) { r.Name = "" },
		"quals":   func(r *align.Read) { r.Quals = r.Quals[:1] },
		"cigar":   func(r *align.Read) { r.Cigar = align.Cigar{align.MakeOp(align.M, 3)} },
		"contig":  func(r *align.Read) { r.Contig = 3 },
		"start":   func(r *align.Read) { r.Start = 1 << 31 },
		"base":    func(r *align.Read) { r.Bases = []byte("A?") },
		"lower":   func(r *align.Read) { r.Bases = []byte("ac") },
		"tlen":    func(r *align.Read) { r.TemplateLen = 1 << 40 },
		"order":   func(r *align.Read) { r.Start = 4 },
		"matepos": func(r *align.Read) { r.MateStart = -2 },
	} {
		w, err := NewWriter(&bytes.Buffer{}, h, WriterOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Write(&good); err != nil {
			t.Fatal(err)
		}
		bad := good
		change(&bad)
		if err := w.Write(&bad); err == nil {
			t.Errorf("%s: no error", name)
		}
		if err := w.WriteIndex(&bytes.Buffer{}); err == nil {
			t.Errorf("%s: an index before Close", name)
		}
	}
}
