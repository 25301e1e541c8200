package bgzf

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
)

// zipped writes data with a block border after each of the pieces.
func zipped(t testing.TB, level, threads int, pieces ...[]byte) ([]byte, *Writer) {
	t.Helper()
	var b bytes.Buffer
	z, err := NewWriter(&b, level, threads)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pieces {
		if n, err := z.Write(p); n != len(p) || err != nil {
			t.Fatalf("wrote %d of %d bytes: %v", n, len(p), err)
		}
		if err := z.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), z
}

// noise is n bytes that compress by about half.
func noise(n int) []byte {
	r := rand.New(rand.NewPCG(5, uint64(n)))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.IntN(16)) + 'a'
	}
	return b
}

func TestRoundTrip(t *testing.T) {
	data := noise(700_000)
	random := shapes()["random"]
	for _, pieces := range [][][]byte{nil, {data[:1]}, {data}, {data[:5], data[5:100_000], data[100_000:100_001]}, {random, random}} {
		want := bytes.Join(pieces, nil)
		for _, level := range []int{0, 1, 5, 9} {
			z, _ := zipped(t, level, 1, pieces...)
			for _, threads := range []int{1, 3} {
				if par, _ := zipped(t, level, threads, pieces...); !bytes.Equal(par, z) {
					t.Errorf("level %d: %d threads give other bytes", level, threads)
				}
				r := NewReader(iotest.HalfReader(bytes.NewReader(z)), threads)
				got, err := io.ReadAll(r)
				if err != nil || !bytes.Equal(got, want) {
					t.Errorf("level %d, %d threads: %d bytes, %v; want %d", level, threads, len(got), err, len(want))
				}
				if err := r.Close(); err != nil {
					t.Error(err)
				}
			}
			plain, err := gzip.NewReader(bytes.NewReader(z))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(plain); err != nil || !bytes.Equal(got, want) {
				t.Errorf("level %d by gzip: %d bytes, %v; want %d", level, len(got), err, len(want))
			}
		}
	}
}

// TestWritesOfAnySizeGiveTheSameBlocks checks that borders depend on content
// only.
func TestWritesOfAnySizeGiveTheSameBlocks(t *testing.T) {
	data := noise(300_000)
	want, _ := zipped(t, 1, 1, data)
	for _, size := range []int{1, 1000, 65280, 65281, 200_000} {
		var b bytes.Buffer
		z, err := NewWriter(&b, 1, 2)
		if err != nil {
			t.Fatal(err)
		}
		for rest := data; len(rest) > 0; rest = rest[min(size, len(rest)):] {
			if _, err := z.Write(rest[:min(size, len(rest))]); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil || !bytes.Equal(b.Bytes(), want) {
			t.Errorf("writes of %d bytes: %v, other bytes", size, err)
		}
	}
}

// TestSeek goes to virtual offsets in any order, also within the current block,
// and to the places that the writer gave.
func TestSeek(t *testing.T) {
	data := noise(500_000)
	var pieces [][]byte
	for i := 0; i < len(data); i += 31_000 {
		pieces = append(pieces, data[i:min(i+31_000, len(data))])
	}
	file, w := zipped(t, 1, 2, pieces...)
	r := NewReaderAt(bytes.NewReader(file), int64(len(file)))
	rnd := rand.New(rand.NewPCG(1, 1))
	for range 400 {
		at := rnd.IntN(len(data))
		o := w.Final(MakeOffset(int64(at/31_000), at%31_000))
		if err := r.Seek(o, o); err != nil {
			t.Fatal(err)
		}
		if r.Offset() != o {
			t.Fatalf("offset %s behind a seek to %s", r.Offset(), o)
		}
		n := rnd.IntN(min(90_000, len(data)-at))
		got, err := r.Next(n)
		if err != nil || !bytes.Equal(got, data[at:at+n]) {
			t.Fatalf("%d bytes at %d: %v", n, at, err)
		}
	}
	if _, err := r.Next(len(data) + 1); !errors.Is(err, io.ErrUnexpectedEOF) && err != io.EOF {
		t.Errorf("more bytes than there are: %v", err)
	}
	for _, o := range []Offset{MakeOffset(int64(len(file))+1, 0), MakeOffset(0, 40_000), MakeOffset(5, 0), MakeOffset(int64(len(file)), 7)} {
		err := r.Seek(o, o)
		if err == nil {
			_, err = r.Next(1)
		}
		if err == nil || err == io.EOF {
			t.Errorf("seek to %s: %v", o, err)
		}
	}
	if err := r.SkipTo(0); err == nil {
		t.Error("skipped backwards")
	}
	// From the end of the file back into its last block, and to the marker.
	last := (len(data) - 1) / 31_000
	for _, within := range []int{0, 7} {
		o := w.Final(MakeOffset(int64(last), within))
		for range 2 {
			if err := r.Seek(o, o); err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, data[last*31_000+within:]) {
				t.Errorf("the last block from %d: %d bytes, %v", within, len(got), err)
			}
		}
		end := MakeOffset(int64(len(file)-len(EOF)), 0)
		if err := r.Seek(end, end); err != nil {
			t.Error(err)
		}
		if _, err := r.Next(1); err != io.EOF {
			t.Errorf("at the marker: %v", err)
		}
	}
}

func TestSkipTo(t *testing.T) {
	data := noise(200_000)
	file, w := zipped(t, 1, 1, data[:70_000], data[70_000:])
	for _, at := range []int{0, 1, 65279, 65280, 65281, 70_000, 150_000} {
		block, within := at/BlockData, at%BlockData
		if at >= 70_000 {
			block, within = 2+(at-70_000)/BlockData, (at-70_000)%BlockData
		}
		for _, threads := range []int{1, 2} {
			r := NewReader(bytes.NewReader(file), threads)
			o := w.Final(MakeOffset(int64(block), within))
			if err := r.SkipTo(o); err != nil || r.Offset() != o {
				t.Errorf("skip to %d: %s, %v, want %s", at, r.Offset(), err, o)
			}
			if b, err := r.Next(10); err != nil || !bytes.Equal(b, data[at:at+10]) {
				t.Errorf("bytes at %d: %q, %v", at, b, err)
			}
			r.Close()
		}
	}
}

func TestFaults(t *testing.T) {
	good, _ := zipped(t, 5, 1, noise(100_000), noise(10))
	change := func(at int, v byte) []byte {
		b := bytes.Clone(good)
		b[at] ^= v
		return b
	}
	var plain bytes.Buffer
	g := gzip.NewWriter(&plain)
	fmt.Fprint(g, "some text")
	g.Close()
	first := int(good[16]) + int(good[17])<<8 + 1
	for _, k := range []struct {
		name  string
		file  []byte
		cause error
		want  string
	}{
		{"text", []byte("chr1\t5\n"), ErrNotBGZF, "not compressed by gzip"},
		{"gzip", plain.Bytes(), ErrNotBGZF, "re-compress with bgzip"},
		{"empty", nil, ErrTruncated, "no data"},
		{"no marker", good[:len(good)-len(EOF)], ErrTruncated, "end marker is missing"},
		{"cut block", good[:first-5], ErrTruncated, "last block"},
		{"data", change(500, 8), ErrDamaged, "at byte 0"},
		{"CRC", change(first-8, 1), ErrDamaged, "CRC-32"},
		{"size", change(first-4, 1), ErrDamaged, "at byte 0"},
		{"huge size", change(first-1, 0x80), ErrDamaged, "at most 65536"},
		{"block size", change(17, 0xff), nil, "at byte"},
		{"bytes behind", append(bytes.Clone(good), "text"...), ErrNotBGZF, "behind the end marker"},
		{"second block", change(first+1, 1), ErrNotBGZF, fmt.Sprintf("at byte %d", first)},
	} {
		for _, threads := range []int{1, 2} {
			r := NewReader(bytes.NewReader(k.file), threads)
			_, err := io.ReadAll(r)
			if err == nil || k.cause != nil && !errors.Is(err, k.cause) || !strings.Contains(err.Error(), k.want) {
				t.Errorf("%s, %d threads: %v, want %v with %q", k.name, threads, err, k.cause, k.want)
			}
			if _, again := r.Read(make([]byte, 1)); again == nil || again.Error() != err.Error() {
				t.Errorf("%s: read again: %v", k.name, again)
			}
			r.Close()
			if _, err := r.Read(make([]byte, 1)); err == nil {
				t.Errorf("%s: read from a closed reader", k.name)
			}
		}
	}
	r := NewReader(bytes.NewReader(good[:len(good)-len(EOF)]), 1)
	r.AllowNoMarker()
	if b, err := io.ReadAll(r); err != nil || len(b) != 100_010 {
		t.Errorf("without a marker, leniently: %d bytes, %v", len(b), err)
	}
	r = NewReader(iotest.ErrReader(errors.New("the wire broke")), 1)
	if _, err := io.ReadAll(r); err == nil || !strings.Contains(err.Error(), "the wire broke") {
		t.Errorf("a reader that fails: %v", err)
	}
	// Files that grow together by cat have markers within them.
	two, err := io.ReadAll(NewReader(bytes.NewReader(append(bytes.Clone(good), good...)), 2))
	if err != nil || len(two) != 200_020 {
		t.Errorf("two files: %d bytes, %v", len(two), err)
	}
}

func TestCloseEarly(t *testing.T) {
	file, _ := zipped(t, 1, 1, noise(3_000_000))
	for range 20 {
		r := NewReader(bytes.NewReader(file), 3)
		if _, err := r.Next(100_000); err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// failing takes n bytes, then no more.
type failing struct{ n int }

func (f *failing) Write(p []byte) (int, error) {
	if f.n -= len(p); f.n < 0 {
		return 0, errors.New("no space left")
	}
	return len(p), nil
}

func TestWriterTellsFaults(t *testing.T) {
	data := noise(3_000_000)
	for _, threads := range []int{1, 3} {
		for _, room := range []int{0, 100_000} {
			z, err := NewWriter(&failing{room}, 1, threads)
			if err != nil {
				t.Fatal(err)
			}
			_, err = z.Write(data)
			if closed := z.Close(); closed == nil || !strings.Contains(closed.Error(), "no space left") {
				t.Errorf("%d threads, room for %d: write %v, close %v", threads, room, err, closed)
			}
		}
	}
	if _, err := NewWriter(io.Discard, 10, 1); err == nil {
		t.Error("level 10: no error")
	}
	z, _ := NewWriter(io.Discard, 1, 1)
	if err := errors.Join(z.Close(), z.Close()); err != nil {
		t.Errorf("closed twice: %v", err)
	}
	if _, err := z.Write([]byte("x")); err == nil {
		t.Error("write to a closed writer: no error")
	}
}

func TestIndex(t *testing.T) {
	data := noise(400_000)
	file, w := zipped(t, 1, 2, data[:100], data[100:])
	var b bytes.Buffer
	if _, err := w.Index().WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	read, err := ReadIndex(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	built, err := BuildIndex(bytes.NewReader(file))
	if err != nil || fmt.Sprint(built) != fmt.Sprint(read) {
		t.Errorf("built %v, %v; want %v", built, err, read)
	}
	r := NewReaderAt(bytes.NewReader(file), int64(len(file)))
	for _, at := range []int{0, 99, 100, 65_379, 65_380, 300_000, 399_999} {
		o, err := read.Offset(int64(at))
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Seek(o, o); err != nil {
			t.Fatal(err)
		}
		if c, err := r.Next(1); err != nil || c[0] != data[at] {
			t.Errorf("byte %d by the index: %q, %v, want %q", at, c, err, data[at])
		}
	}
	if o, err := read.Offset(5_000_000); err == nil {
		t.Errorf("a byte behind the end: %s", o)
	}
	for name, bad := range map[string][]byte{
		"cut": b.Bytes()[:20], "empty": nil, "count": append([]byte{255, 255, 255, 255, 255, 255, 255, 127}, b.Bytes()[8:]...),
		"order": append(append([]byte{2, 0, 0, 0, 0, 0, 0, 0}, b.Bytes()[24:40]...), b.Bytes()[8:24]...),
	} {
		if _, err := ReadIndex(bytes.NewReader(bad)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzReader(f *testing.F) {
	small, _ := zipped(f, 5, 1, []byte("some bytes, some bytes"), []byte("more"))
	f.Add(small)
	f.Add([]byte(EOF))
	f.Fuzz(func(t *testing.T, file []byte) {
		one, oneErr := io.ReadAll(NewReader(bytes.NewReader(file), 1))
		at := NewReaderAt(bytes.NewReader(file), int64(len(file)))
		two, twoErr := io.ReadAll(at)
		if !bytes.Equal(one, two) || (oneErr == nil) != (twoErr == nil) {
			t.Fatalf("as a stream %d bytes, %v; by ReadAt %d bytes, %v", len(one), oneErr, len(two), twoErr)
		}
		x, err := BuildIndex(bytes.NewReader(file))
		if (err == nil) != (oneErr == nil) {
			t.Fatalf("index: %v; read: %v", err, oneErr)
		}
		if err != nil || len(one) == 0 {
			return
		}
		for _, i := range []int{0, len(one) / 2, len(one) - 1} {
			o, err := x.Offset(int64(i))
			if err != nil {
				t.Fatal(err)
			}
			if err := at.Seek(o, o); err != nil {
				t.Fatal(err)
			}
			if b, err := at.Next(1); err != nil || b[0] != one[i] {
				t.Fatalf("byte %d at %s: %q, %v", i, o, b, err)
			}
		}
	})
}

func FuzzReadIndex(f *testing.F) {
	f.Add([]byte("\x01\x00\x00\x00\x00\x00\x00\x00\x1b\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := ReadIndex(bytes.NewReader(b))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if _, err := x.WriteTo(&out); err != nil || !bytes.HasPrefix(b, out.Bytes()) {
			t.Fatalf("written again: %v, %x", err, out.Bytes())
		}
		if o, err := x.Offset(3); err == nil && o.File() < 0 {
			t.Fatal(o)
		}
	})
}

// TestSeekBehindAnError goes back into the block before a place that cannot be
// read: it is read again, and so is the fault.
func TestSeekBehindAnError(t *testing.T) {
	data := noise(5000)
	file, w := zipped(t, 1, 1, data[:3000], data[3000:])
	second := int(w.Final(MakeOffset(1, 0)).File())
	damaged := bytes.Clone(file)
	damaged[second+30] ^= 1
	for name, b := range map[string][]byte{"damaged": damaged, "cut": file[:second], "cut within": file[:second+30]} {
		r := NewReaderAt(bytes.NewReader(b), int64(len(b)))
		r.AllowNoMarker()
		for _, within := range []int{0, 7, 0} {
			o := MakeOffset(0, within)
			if err := r.Seek(o, o); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got, err := io.ReadAll(r)
			if !bytes.Equal(got, data[within:3000]) || (err == nil) != (name == "cut") {
				t.Errorf("%s: %d bytes from %d, %v", name, len(got), within, err)
			}
		}
	}
}
