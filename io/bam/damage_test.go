package bam

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// packed compresses the bytes of a BAM file.
func packed(t testing.TB, plain []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := bgzf.NewWriter(&b, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// unpacked is the uncompressed bytes of a file.
func unpacked(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(bgzf.NewReader(bytes.NewReader(b), 1))
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func saved(t testing.TB, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.bam")
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// readAll reads a file to its end.
func readAll(path string, o Options) (int, error) {
	f, err := Open(path, o)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	n := 0
	for _, err := range f.All() {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// TestEveryCutIsNamed cuts a file at many places: each is an error that says
// that the file is truncated, and where.
func TestEveryCutIsNamed(t *testing.T) {
	h := testHeader(t)
	whole, err := os.ReadFile(written(t, h, sample(h, 900), WriterOptions{}))
	if err != nil {
		t.Fatal(err)
	}
	var blocks []int // ends of blocks
	for at := 0; at < len(whole); {
		at += int(binary.LittleEndian.Uint16(whole[at+16:])) + 1
		blocks = append(blocks, at)
	}
	cuts := []int{0, 1, 2, 10, 17, 18, 20, len(whole) - 1, len(whole) - 27, len(whole) - 28, len(whole) - 29}
	for _, end := range blocks[:len(blocks)-1] {
		cuts = append(cuts, end, end-1, end+1, end+17, end-9)
	}
	if len(blocks) < 4 {
		t.Fatalf("only %d blocks", len(blocks))
	}
	for _, cut := range cuts {
		if cut >= len(whole) {
			continue
		}
		path := saved(t, whole[:cut])
		_, err := readAll(path, Options{})
		if !errors.Is(err, bgzf.ErrTruncated) || !strings.Contains(err.Error(), path) {
			t.Errorf("cut at %d of %d: %v", cut, len(whole), err)
		}
		f, err := NewStream("-", bytes.NewReader(whole[:cut]), Options{Threads: 2})
		if err == nil {
			for _, e := range f.All() {
				err = e
			}
			f.Close()
		}
		if !errors.Is(err, bgzf.ErrTruncated) {
			t.Errorf("stream cut at %d of %d: %v", cut, len(whole), err)
		}
		if r, err := Check(t.Context(), path, Options{}); err != nil || r.Verdict() != "error" || r.Problems[0].Kind != "truncated" {
			t.Errorf("check of a cut at %d: %v, %+v", cut, err, r)
		}
	}
}

// TestDamagedHeadersStaySmall overwrites lengths and random bytes of a header
// and of records: no panic, and no memory beyond what the file holds.
func TestDamagedHeadersStaySmall(t *testing.T) {
	h := testHeader(t)
	plain := unpacked(t, written(t, h, sample(h, 30), WriterOptions{}))
	text := int(binary.LittleEndian.Uint32(plain[4:]))
	contigs := 8 + text
	firstName := contigs + 4
	records := firstName
	for range h.Contigs.Len() {
		records += 4 + int(binary.LittleEndian.Uint32(plain[records:])) + 4
	}
	r := rand.New(rand.NewPCG(3, 3))
	type mutant struct {
		at    int
		value uint32
	}
	var mutants []mutant
	for _, at := range []int{4, contigs, firstName, firstName + 4, firstName + 9, records, records + 12, records + 16, records + 20} {
		for _, v := range []uint32{0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x10000000, 0x00ffffff, 31, 33} {
			mutants = append(mutants, mutant{at, v})
		}
	}
	more := 300
	if testing.Short() {
		more = 60
	}
	for range more {
		mutants = append(mutants, mutant{r.IntN(len(plain) - 4), r.Uint32() >> r.IntN(32)})
	}
	refused := 0
	for _, m := range mutants {
		b := bytes.Clone(plain)
		binary.LittleEndian.PutUint32(b[m.at:], m.value)
		path := saved(t, packed(t, b))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := readAll(path, Options{})
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
			t.Errorf("%+v: allocated %d bytes for a file of %d", m, used, len(b))
		}
		if err != nil {
			refused++
			var e *source.Error
			if !errors.As(err, &e) || e.Path != path {
				t.Errorf("%+v: %v does not name the file", m, err)
			}
		}
		if _, err := Check(t.Context(), path, Options{}); err != nil {
			t.Errorf("%+v: check: %v", m, err)
		}
	}
	if refused < 55 {
		t.Errorf("only %d of %d mutants refused", refused, len(mutants))
	}
}

// TestRecordFaults makes records inconsistent in one way each.
func TestRecordFaults(t *testing.T) {
	h := testHeader(t)
	one := func(change func(b []byte)) []byte {
		r := align.Read{Name: "bad", Contig: 0, Start: 100, Cigar: align.Cigar{align.MakeOp(align.M, 4)}, Bases: []byte("ACGT"), Quals: []byte{1, 2, 3, 4}, MateContig: -1, MateStart: -1}
		good := r
		good.Name = "good"
		b, err := appendRecord(nil, &r, h)
		if err != nil {
			t.Fatal(err)
		}
		change(b[4:])
		b, err = appendRecord(b, &good, h)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	put := func(at int, v uint32) func([]byte) {
		return func(b []byte) { binary.LittleEndian.PutUint32(b[at:], v) }
	}
	head := unpacked(t, written(t, h, nil, WriterOptions{}))
	for _, k := range []struct {
		name   string
		change func([]byte)
		want   string
	}{
		{"contig", put(0, 3), "contig number 3, the header has 3 contigs"},
		{"contig below", put(0, 0xfffffffe), "contig number -2"},
		{"mate contig", put(20, 77), "contig number 77 of its mate"},
		{"position below", put(4, 0xfffffff0), "position -15"},
		{"position beyond", put(4, 3_000_000), "position 3000001 lies beyond the end of chr1 (3000000 bases)"},
		{"end beyond", put(4, 2_999_998), "ends 2 bases beyond the end of chr1"},
		{"mate beyond", func(b []byte) { put(20, 2)(b); put(24, 60_000)(b) }, "position 60001 of its mate lies beyond the end of chrM"},
		{"operation", put(36, 4<<4|9), "CIGAR operation 9"},
		{"cigar length", put(36, 3<<4), "its CIGAR covers 3 bases, but it has 4"},
		{"name", func(b []byte) { b[8] = 200 }, "a read name of 200 bytes"},
		{"bases", put(16, 1000), "1 CIGAR operations and 1000 bases do not fit"},
		{"negative bases", put(16, 0xffffffff), "do not fit"},
		{"operations", func(b []byte) { b[13] = 99 }, "do not fit"},
	} {
		t.Run(k.name, func(t *testing.T) {
			path := saved(t, packed(t, append(bytes.Clone(head), one(k.change)...)))
			n, err := readAll(path, Options{})
			var e *source.Error
			if err == nil || n != 0 || !strings.Contains(err.Error(), k.want) || !errors.As(err, &e) || e.Offset == 0 || e.Path != path {
				t.Errorf("%d reads, %v; want one with %q, path and offset", n, err, k.want)
			}
			if k.name != "name" && e != nil && e.Record != "bad" {
				t.Errorf("record %q, want bad", e.Record)
			}
			var told []error
			n, err = readAll(path, Options{Warn: func(err error) { told = append(told, err) }})
			if n != 1 || err != nil || len(told) != 1 || !strings.Contains(told[0].Error(), k.want) {
				t.Errorf("leniently %d reads, %v, told %v", n, err, told)
			}
		})
	}
}

func TestUnsorted(t *testing.T) {
	h := testHeader(t)
	reads := sample(h, 200)
	text := strings.Replace(h.Text, "SO:coordinate", "SO:unsorted", 1)
	u, err := parseHeader(text, &findings{})
	if err != nil {
		t.Fatal(err)
	}
	reads[20], reads[30] = reads[30], reads[20]
	var b, x bytes.Buffer
	w, err := NewWriter(&b, u, WriterOptions{})
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
	if err := w.WriteIndex(&x); !errors.Is(err, ErrUnsorted) {
		t.Errorf("index of an unsorted file: %v", err)
	}
	path := saved(t, b.Bytes())
	if n, err := readAll(path, Options{}); n != len(reads) || err != nil {
		t.Errorf("a file that does not claim to be sorted: %d reads, %v", n, err)
	}
	plain := unpacked(t, path)
	claims := append([]byte("BAM\x01"), binary.LittleEndian.AppendUint32(nil, uint32(len(h.Text)))...)
	claims = append(append(claims, h.Text...), plain[8+len(text):]...)
	path = saved(t, packed(t, claims))
	_, err = readAll(path, Options{})
	if !errors.Is(err, ErrUnsorted) || !strings.Contains(err.Error(), "samtools sort") || !strings.Contains(err.Error(), reads[21].Name) {
		t.Errorf("a file that claims to be sorted: %v", err)
	}
	r, err := Check(t.Context(), path, Options{})
	if err != nil || r.Verdict() != "error" || r.Problems[0].Kind != "unsorted" {
		t.Errorf("check: %v, %+v", err, r)
	}
}

// TestWrongIndexes gives files indexes that are missing, old, cut, of other
// files.
func TestWrongIndexes(t *testing.T) {
	h := testHeader(t)
	reads := sample(h, 2000)
	path := written(t, h, reads, WriterOptions{})
	bai, err := os.ReadFile(path + ".bai")
	if err != nil {
		t.Fatal(err)
	}
	other := sample(h, 1500)
	foreign, err := os.ReadFile(written(t, h, other, WriterOptions{}) + ".bai")
	if err != nil {
		t.Fatal(err)
	}
	few := testHeader(t, locus.Contig{Name: "chr1", Length: 3_000_000})
	fewIndex, err := os.ReadFile(written(t, few, sample(few, 100), WriterOptions{}) + ".bai")
	if err != nil {
		t.Fatal(err)
	}
	region := locus.Region{Contig: "chr1", Start: 0, End: 3_000_000}
	ask := func(o Options) error {
		f, err := Open(path, o)
		if err != nil {
			return err
		}
		defer f.Close()
		for _, err := range f.Reads(t.Context(), region) {
			if err != nil {
				return err
			}
		}
		return nil
	}
	if err := ask(Options{}); err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		name  string
		index []byte
		want  string
	}{
		{"foreign", foreign, "the index is of another file"},
		{"of other contigs", fewIndex, "it has 1 contigs, the header 3"},
		{"cut", bai[:len(bai)/2], "truncated"},
		{"empty", nil, "truncated"},
		{"text", []byte("not an index at all"), "not a BAI or CSI index"},
		{"missing", nil, "make it by `samtools index " + path},
	} {
		t.Run(k.name, func(t *testing.T) {
			if err := os.WriteFile(path+".bai", k.index, 0o644); err != nil {
				t.Fatal(err)
			}
			if k.name == "missing" {
				os.Remove(path + ".bai")
			}
			err := ask(Options{})
			if err == nil || !strings.Contains(err.Error(), k.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("%v, want %q", err, k.want)
			}
			r, err := Check(t.Context(), path, Options{})
			if want := map[bool]string{true: "no-index", false: "wrong-index"}[k.name == "missing"]; err != nil || r.Problems[0].Kind != want {
				t.Errorf("check: %v, %+v, want %s", err, r.Problems, want)
			}
		})
	}
	if err := os.WriteFile(strings.TrimSuffix(path, ".bam")+".bai", bai, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := ask(Options{}); err != nil {
		t.Errorf("index beside X.bam as X.bai: %v", err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(strings.TrimSuffix(path, ".bam")+".bai", old, old); err != nil {
		t.Fatal(err)
	}
	if err := ask(Options{}); !errors.Is(err, ErrStaleIndex) || !strings.Contains(err.Error(), "samtools index") {
		t.Errorf("index older than the data: %v", err)
	}
	told := 0
	if err := ask(Options{Warn: func(error) { told++ }}); err != nil || told != 1 {
		t.Errorf("leniently: %v, told %d times", err, told)
	}
}
