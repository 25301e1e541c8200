package object_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/object/storetest"
)

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	storetest.Run(t, object.Files{}, func(s string) string { return filepath.Join(dir, s) })
}

func TestStandardOutput(t *testing.T) {
	var out bytes.Buffer
	s := object.Files{Stdout: &out}
	err := s.Put(t.Context(), object.Standard, func(w io.Writer) error { _, err := io.WriteString(w, "text"); return err })
	if err != nil || out.String() != "text" {
		t.Errorf("%q, %v", &out, err)
	}
}

func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full on this system")
	}
	err := object.Files{}.Put(t.Context(), "/dev/full", func(w io.Writer) error {
		for {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return errors.New("the caller's own words")
			}
		}
	})
	if !errors.Is(err, syscall.ENOSPC) || !strings.HasPrefix(err.Error(), "/dev/full: writing: no space left on device") {
		t.Errorf("got %v", err)
	}
}

func TestMessages(t *testing.T) {
	dir := t.TempDir()
	put := func(name string) error {
		return object.Files{}.Put(t.Context(), name, func(io.Writer) error { return nil })
	}
	_, open := object.Files{}.Open(t.Context(), dir)
	_, absent := object.Files{}.Open(t.Context(), "nowhere.bam")
	for want, err := range map[string]error{
		"is a folder, want a file name":          put(dir),
		"is a folder, want a file":               open,
		"nowhere.bam: no such file or directory": absent,
		"cannot write here: no such file":        put(filepath.Join(dir, "no", "such", "x.vcf")),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// TestPutRemovesWhatAKilledRunLeft: an unfinished file of a killed process goes
// away with the next Put of that name, and no other file does.
func TestPutRemovesWhatAKilledRunLeft(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "x[1].vcf")
	left, other := filepath.Join(dir, ".x[1].vcf.gx-part-77"), filepath.Join(dir, ".x1.vcf.gx-part-78")
	for _, p := range []string{left, other} {
		if err := os.WriteFile(p, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := (object.Files{}).Put(t.Context(), name, func(io.Writer) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); err == nil {
		t.Error("the unfinished file stayed")
	}
	if _, err := os.Stat(other); err != nil {
		t.Error("another file's unfinished write was removed")
	}
}
