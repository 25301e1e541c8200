package bam

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// sample makes n reads in the order of coordinates with all that a record can
// hold, the last ones without a place.
func sample(h *Header, n int) []align.Read {
	r := rand.New(rand.NewPCG(7, uint64(n)))
	letters := "=ACMGRSVTWYHKDBN"
	reads := make([]align.Read, 0, n)
	for i := range n {
		k := 1 + r.IntN(200)
		x := align.Read{
			Name: fmt.Sprintf("read:%d", i), Flag: align.Flag(r.IntN(0x1000)) &^ align.Unmapped, Contig: r.IntN(h.Contigs.Len()),
			MapQ: byte(r.IntN(256)), MateContig: -1, MateStart: -1, TemplateLen: r.IntN(2000) - 1000,
			Aux: []byte("NMC\x03RGZg1\x00"),
		}
		for range k {
			x.Bases = append(x.Bases, letters[r.IntN(16)])
			x.Quals = append(x.Quals, byte(r.IntN(94)))
		}
		if i%17 == 0 {
			x.Quals = bytes.Repeat([]byte{0xff}, k)
		}
		span := k
		if x.Cigar = (align.Cigar{align.MakeOp(align.M, k)}); k > 20 {
			skip := r.IntN(40000)
			x.Cigar = align.Cigar{align.MakeOp(align.S, 3), align.MakeOp(align.M, 5), align.MakeOp(align.N, skip), align.MakeOp(align.I, 2), align.MakeOp(align.Eq, k-10)}
			span = k - 5 + skip
		}
		x.Start = r.IntN(h.Contigs.At(x.Contig).Length - span)
		if i%5 == 0 {
			x.MateContig, x.MateStart = r.IntN(h.Contigs.Len()), r.IntN(1000)
		}
		if i > n-n/20-1 {
			x.Contig, x.Start, x.Flag, x.Cigar = -1, -1, x.Flag|align.Unmapped, nil
		}
		reads = append(reads, x)
	}
	slices.SortStableFunc(reads, func(a, b align.Read) int {
		return cmp.Or(cmp.Compare(uint(a.Contig), uint(b.Contig)), cmp.Compare(a.Start, b.Start)) // no contig comes last
	})
	return reads
}

func testHeader(t testing.TB, contigs ...locus.Contig) *Header {
	t.Helper()
	if contigs == nil {
		contigs = []locus.Contig{{Name: "chr1", Length: 3_000_000}, {Name: "chr2", Length: 900_000}, {Name: "chrM", Length: 60_000}}
	}
	list, err := locus.NewContigs(contigs)
	if err != nil {
		t.Fatal(err)
	}
	h, err := NewHeader(list, "coordinate", []ReadGroup{{ID: "g1", Sample: "S1", Platform: "ILLUMINA"}, {ID: "g2", Sample: "S2"}}, []Program{{ID: "gx", Name: "gx", CommandLine: "gx simulate reads"}})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// written writes reads to a file with its index and gives the path.
func written(t testing.TB, h *Header, reads []align.Read, o WriterOptions) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.bam")
	var b, x bytes.Buffer
	w, err := NewWriter(&b, h, o)
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
	name := path + ".bai"
	if err := w.WriteIndex(&x); err != nil {
		t.Fatal(err)
	}
	if w.index.tooLong() {
		name = path + ".csi"
	}
	for p, c := range map[string][]byte{path: b.Bytes(), name: x.Bytes()} {
		if err := os.WriteFile(p, c, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestRoundTrip(t *testing.T) {
	h := testHeader(t)
	reads := sample(h, 4000)
	path := written(t, h, reads, WriterOptions{})
	f := open(t, path, Options{})
	if f.Header().Text != h.Text || !slices.Equal(f.Header().Contigs.List(), h.Contigs.List()) || !slices.Equal(f.Header().Samples, []string{"S1", "S2"}) || f.Header().SortOrder != "coordinate" {
		t.Errorf("header %+v", f.Header())
	}
	i := 0
	for r, err := range f.All() {
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprint(reads[i]); fmt.Sprint(*r) != want {
			t.Fatalf("read %d:\n got %v\nwant %v", i, *r, want)
		}
		i++
	}
	if i != len(reads) {
		t.Errorf("%d reads, want %d", i, len(reads))
	}
}

// TestBytesDoNotDependOnThreads writes the same reads with different numbers of
// goroutines.
func TestBytesDoNotDependOnThreads(t *testing.T) {
	h := testHeader(t)
	reads := sample(h, 4000)
	want, err := os.ReadFile(written(t, h, reads, WriterOptions{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{2, 3, 7} {
		got, err := os.ReadFile(written(t, h, reads, WriterOptions{Threads: n}))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d threads: %v, %d bytes, want %d", n, err, len(got), len(want))
		}
	}
}
