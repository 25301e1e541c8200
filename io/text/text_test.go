package text

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/io/bgzf"
)

func packed(t testing.TB, s string) map[Kind]string {
	t.Helper()
	var g, b bytes.Buffer
	z := gzip.NewWriter(&g)
	if _, err := z.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	w, err := bgzf.NewWriter(&b, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return map[Kind]string{Plain: s, Gzip: g.String(), BGZF: b.String()}
}

func all(r *Reader) (list []string, err error) {
	for {
		line, err := r.Line()
		if err != nil {
			return list, err
		}
		list = append(list, string(line))
	}
}

func TestLines(t *testing.T) {
	long := strings.Repeat("x", 300_000)
	for name, want := range map[string][]string{
		"one": {"a"}, "empty lines": {"", "", "b", ""}, "long": {"a", long, "b", long + long, ""},
	} {
		for _, end := range []string{"\n", ""} {
			content := strings.Join(want, "\n") + end
			lines := want
			if end == "" && want[len(want)-1] == "" {
				lines = want[:len(want)-1] // what is behind the last newline is no line
			}
			for kind, bytes := range packed(t, content) {
				r, err := New("x", strings.NewReader(bytes))
				if err != nil {
					t.Fatal(err)
				}
				got, err := all(r)
				if err != io.EOF || !slices.Equal(got, lines) || r.Kind() != kind || r.Number() != int64(len(lines)) {
					t.Errorf("%s as %s: %d lines of kind %s, %v", name, kind, len(got), r.Kind(), err)
				}
				if want := end == "" && lines[len(lines)-1] != "" && len(lines) == len(want); r.Unfinished() != want {
					t.Errorf("%s as %s: Unfinished = %v", name, kind, r.Unfinished())
				}
			}
		}
	}
}

func TestPeekAndRead(t *testing.T) {
	r, err := New("x", strings.NewReader("abc\ndef"))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := r.Peek(2); err != nil || string(b) != "ab" {
		t.Errorf("Peek: %q, %v", b, err)
	}
	if b, err := r.Line(); err != nil || string(b) != "abc" {
		t.Errorf("Line: %q, %v", b, err)
	}
	if b, err := r.Peek(9); err != nil || string(b) != "def" {
		t.Errorf("Peek: %q, %v", b, err)
	}
	if b, err := io.ReadAll(r); err != nil || string(b) != "def" {
		t.Errorf("Read: %q, %v", b, err)
	}
}

func TestLongLine(t *testing.T) {
	r, err := New("x", strings.NewReader("short\n"+strings.Repeat("x", 300_000)))
	if err != nil {
		t.Fatal(err)
	}
	r.limit = 1000
	got, err := all(r)
	if err == nil || err.Error() != "x:2: line of more than 1000 bytes" || len(got) != 1 || len(r.buf) > 1<<17 {
		t.Errorf("%d lines, %v, buffer of %d bytes", len(got), err, len(r.buf))
	}
}

func TestOpenParallel(t *testing.T) {
	want := strings.Repeat("some line\n", 50_000)
	for kind, b := range packed(t, want) {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, []byte(b), 0o644); err != nil {
			t.Fatal(err)
		}
		r, err := OpenParallel(path, 3)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != want {
			t.Errorf("%s: %d bytes, %v", kind, len(got), err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestCutShort(t *testing.T) {
	for kind, whole := range packed(t, strings.Repeat("line\n", 100)) {
		if kind == Plain {
			continue
		}
		for n := SniffLen; n < len(whole); n++ {
			r, err := New("x.gz", strings.NewReader(whole[:n]))
			if err == nil {
				_, err = all(r)
			}
			if !errors.Is(err, bgzf.ErrTruncated) && !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix(err.Error(), "x.gz:") {
				t.Fatalf("%s cut at byte %d of %d: %v", kind, n, len(whole), err)
			}
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir); err == nil || err.Error() != dir+": is a folder, want a file" {
		t.Errorf("a folder: %v", err)
	}
	if _, err := Open(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) || strings.Count(err.Error(), dir) != 1 {
		t.Errorf("no file: %v", err)
	}
}

func FuzzLines(f *testing.F) {
	for _, s := range packed(f, "a\n\nbc\r\nd") {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := New("x", bytes.NewReader(b))
		if err != nil {
			return
		}
		got, err := all(r)
		if r.Kind() != Plain || err != io.EOF {
			return
		}
		want := strings.Split(string(b), "\n")
		if n := len(want); want[n-1] == "" {
			want = want[:n-1]
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%q gives %q", b, got)
		}
	})
}
