package bam

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// FuzzBAM reads the uncompressed bytes of a BAM file; what is read must be
// usable without looking twice, and survive being written.
func FuzzBAM(f *testing.F) {
	h := testHeader(f)
	reads := sample(h, 12)
	f.Add(unpacked(f, written(f, h, reads, WriterOptions{})))
	f.Add([]byte("BAM\x01\x00\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00a\x00\x09\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, plain []byte) {
		file, err := NewStream("x", bytes.NewReader(stored(plain)), Options{Warn: func(error) {}})
		if err != nil {
			return
		}
		defer file.Close()
		for r, err := range file.All() {
			if err != nil {
				return
			}
			usable(t, r, file.Header())
		}
	})
}

// stored packs bytes into BGZF without compressing, which costs little.
func stored(plain []byte) []byte {
	var b bytes.Buffer
	z, err := bgzf.NewWriter(&b, 0, 1)
	if err == nil {
		_, err = z.Write(plain)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic(err) // a buffer takes all
	}
	return b.Bytes()
}

// usable checks what consumers of reads rely on.
func usable(t *testing.T, r *align.Read, h *Header) {
	t.Helper()
	if len(r.Quals) != len(r.Bases) {
		t.Fatalf("%d qualities for %d bases", len(r.Quals), len(r.Bases))
	}
	if len(r.Cigar) > 0 && len(r.Bases) > 0 && r.Cigar.ReadLen() != len(r.Bases) {
		t.Fatalf("CIGAR of %d bases for %d", r.Cigar.ReadLen(), len(r.Bases))
	}
	if r.Contig < -1 || r.Contig >= h.Contigs.Len() || r.MateContig < -1 || r.MateContig >= h.Contigs.Len() {
		t.Fatalf("contigs %d and %d of %d", r.Contig, r.MateContig, h.Contigs.Len())
	}
	if r.Contig >= 0 && (r.Start < -1 || r.Start >= h.Contigs.At(r.Contig).Length || r.Flag&align.Unmapped == 0 && r.End() > h.Contigs.At(r.Contig).Length) {
		t.Fatalf("%d-%d lies not on contig %d", r.Start, r.End(), r.Contig)
	}
	for _, c := range r.Bases {
		if !strings.ContainsRune("=ACMGRSVTWYHKDBN", rune(c)) {
			t.Fatalf("base %q", c)
		}
	}
	r.Tag("ZZ") // walks all
}

func FuzzText(f *testing.F) {
	h := testHeader(f)
	f.Add([]byte(samText(h, sample(h, 10))))
	f.Add([]byte(samHead + "r1\t0\tchr1\t11\t60\t4M\t=\t5\t0\tACGT\tIIII\tXF:f:1.5e-3\tXB:B:s,-1,2\tXH:H:0A\tXA:A:c\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := NewText("x", bytes.NewReader(text), Options{})
		if err != nil {
			return
		}
		defer s.Close()
		var b bytes.Buffer
		w, err := NewWriter(&b, s.Header(), WriterOptions{Level: 1})
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for r, err := range s.All() {
			if err != nil {
				return
			}
			usable(t, r, s.Header())
			if err := w.Write(r); err != nil {
				t.Fatalf("a read of text cannot be written: %v", err)
			}
			want = append(want, fmt.Sprint(*r))
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		back, err := NewStream("x", &b, Options{})
		if err != nil {
			t.Fatalf("a header of text cannot be read again: %v", err)
		}
		for r, err := range back.All() {
			if err != nil || fmt.Sprint(*r) != want[0] {
				t.Fatalf("%v, %v, want %s", r, err, want[0])
			}
			want = want[1:]
		}
		if len(want) > 0 {
			t.Fatalf("%d reads are missing", len(want))
		}
	})
}

// FuzzIndex reads the bytes of an index and asks it: chunks come in order and
// apart.
func FuzzIndex(f *testing.F) {
	h := testHeader(f)
	x := newIndexBuilder(h.Contigs.List())
	for i, r := range sample(h, 40) {
		x.add(&r, bgzf.MakeOffset(int64(i), 0), bgzf.MakeOffset(int64(i), 9))
	}
	same := func(o bgzf.Offset) bgzf.Offset { return o }
	var bai, csi bytes.Buffer
	if err := x.write(&bai, false, same); err != nil {
		f.Fatal(err)
	}
	if err := x.write(&csi, true, same); err != nil {
		f.Fatal(err)
	}
	plain, err := io.ReadAll(bgzf.NewReader(&csi, 1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(bai.Bytes())
	f.Add(plain)
	f.Fuzz(func(t *testing.T, b []byte) {
		at := 4 // where the number of contigs stands, in a CSI without auxiliary data 12 on
		if bytes.HasPrefix(b, []byte(csiMagic)) {
			at = 16
		}
		if len(b) < at+4 {
			return
		}
		x, err := parseIndex(b, int(min(binary.LittleEndian.Uint32(b[at:]), 1000)))
		if err != nil {
			return
		}
		for contig := range x.refs {
			for _, q := range [][2]int{{0, 1 << 40}, {5, 5}, {100, 200}, {locus.MaxLength - 1, locus.MaxLength}} {
				var last bgzf.Offset
				for _, c := range x.query(contig, q[0], q[1]) {
					if c.from >= c.to || c.from < last {
						t.Fatalf("chunk %v behind %v", c, last)
					}
					last = c.to
				}
			}
		}
		x.last()
	})
}

// FuzzFile opens any bytes as a file with any index.
func FuzzFile(f *testing.F) {
	h := testHeader(f)
	reads := sample(h, 20)
	var b, x bytes.Buffer
	w, err := NewWriter(&b, h, WriterOptions{Level: 1})
	if err != nil {
		f.Fatal(err)
	}
	for i := range reads {
		if err := w.Write(&reads[i]); err != nil {
			f.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		f.Fatal(err)
	}
	if err := w.WriteIndex(&x); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes(), x.Bytes())
	f.Fuzz(func(t *testing.T, data, index []byte) {
		file, err := NewFile("x", bytes.NewReader(data), int64(len(data)), func() ([]byte, error) { return index, nil }, Options{})
		if err != nil {
			return
		}
		for i, c := range file.Header().Contigs.List() {
			if i == 3 {
				break
			}
			for r, err := range file.Reads(context.Background(), locus.Region{Contig: c.Name, Start: 100, End: 200_000}) {
				if err != nil {
					break
				}
				usable(t, r, file.Header())
			}
		}
	})
}
