// Package storetest holds the one suite that every object.Store passes.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/gx-genomics/gx/io/object"
)

// Run checks a Store. name turns a short name into one of the store's own.
func Run(t *testing.T, s object.Store, name func(string) string) {
	t.Run("put then read", func(t *testing.T) { putThenRead(t, s, name("a.txt")) })
	t.Run("whole or nothing", func(t *testing.T) { wholeOrNothing(t, s, name("b.txt")) })
	t.Run("absent", func(t *testing.T) { absent(t, s, name("absent")) })
	t.Run("list and remove", func(t *testing.T) { listAndRemove(t, s, name("dir-")) })
	t.Run("many writers", func(t *testing.T) { manyWriters(t, s, name("c.txt")) })
}

func put(t *testing.T, s object.Store, name, text string) {
	t.Helper()
	if err := s.Put(t.Context(), name, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
		t.Fatalf("Put(%s): %v", name, err)
	}
}

func want(t *testing.T, s object.Store, name, text string) {
	t.Helper()
	b, err := object.ReadAll(t.Context(), s, name, 1<<20)
	if err != nil || string(b) != text {
		t.Fatalf("%s holds %.40q, %v; want %.40q", name, b, err, text)
	}
}

func putThenRead(t *testing.T, s object.Store, name string) {
	put(t, s, name, "one")
	want(t, s, name, "one")
	before, err := s.Stat(t.Context(), name)
	if err != nil || before.Size != 3 {
		t.Fatalf("Stat: %+v, %v", before, err)
	}
	put(t, s, name, "second")
	want(t, s, name, "second")
	if after, err := s.Stat(t.Context(), name); err != nil || after.Version == before.Version {
		t.Errorf("version %q did not change with the content (%v)", after.Version, err)
	}
	o, err := s.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	part := make([]byte, 3)
	if n, err := o.ReadAt(part, 3); n != 3 || err != nil && err != io.EOF || string(part) != "ond" {
		t.Errorf("ReadAt = %q, %d, %v", part, n, err)
	}
	if _, err := object.ReadAll(t.Context(), s, name, 2); err == nil {
		t.Error("ReadAll ignores its limit")
	}
}

func wholeOrNothing(t *testing.T, s object.Store, name string) {
	boom := errors.New("boom")
	fail := func(w io.Writer) error {
		if _, err := w.Write(bytes.Repeat([]byte("x"), 1<<20)); err != nil {
			return err
		}
		return boom
	}
	if err := s.Put(t.Context(), name, fail); !errors.Is(err, boom) {
		t.Errorf("Put gave %v, want the error of its writer", err)
	}
	if _, err := s.Stat(t.Context(), name); !errors.Is(err, object.ErrNotExist) {
		t.Errorf("half an object stands under the final name (%v)", err)
	}
	put(t, s, name, "good")
	if err := s.Put(t.Context(), name, fail); !errors.Is(err, boom) {
		t.Errorf("Put gave %v", err)
	}
	want(t, s, name, "good")
	if list, err := s.List(t.Context(), name); err != nil || len(list) != 1 {
		t.Errorf("List shows %v, %v; want the one whole object", list, err)
	}
}

func absent(t *testing.T, s object.Store, name string) {
	if _, err := s.Open(t.Context(), name); !errors.Is(err, object.ErrNotExist) {
		t.Errorf("Open: %v", err)
	}
	if _, err := s.Stat(t.Context(), name); !errors.Is(err, object.ErrNotExist) {
		t.Errorf("Stat: %v", err)
	}
	if err := s.Remove(t.Context(), name); err != nil {
		t.Errorf("Remove: %v", err)
	}
}

func listAndRemove(t *testing.T, s object.Store, prefix string) {
	for _, k := range []string{"2", "1", "10"} {
		put(t, s, prefix+k, k)
	}
	names := func() (out string) {
		list, err := s.List(t.Context(), prefix)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range list {
			out += x.Name[len(prefix):] + " "
		}
		return out
	}
	if got := names(); got != "1 10 2 " {
		t.Errorf("List: %q", got)
	}
	if err := s.Remove(t.Context(), prefix+"10"); err != nil {
		t.Error(err)
	}
	if got := names(); got != "1 2 " {
		t.Errorf("List after Remove: %q", got)
	}
}

// manyWriters: the object is always one writer's whole text.
func manyWriters(t *testing.T, s object.Store, name string) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			text := bytes.Repeat([]byte{byte('a' + i)}, 10_000)
			if err := s.Put(context.Background(), name, func(w io.Writer) error { _, err := w.Write(text); return err }); err != nil {
				t.Error(fmt.Errorf("writer %d: %w", i, err))
			}
		})
	}
	wg.Wait()
	b, err := object.ReadAll(t.Context(), s, name, 1<<20)
	if err != nil || len(b) != 10_000 || !bytes.Equal(b, bytes.Repeat(b[:1], len(b))) {
		t.Errorf("a mixture of writers: %d bytes, %v", len(b), err)
	}
}
