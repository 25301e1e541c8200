package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gx-genomics/gx/io/object"
)

// site is a web server with one file, which may be spoilt.
type site struct {
	mu   sync.Mutex
	data []byte
	tag  string

	every  int64 // one answer in so many is a fault; 0: none
	n      atomic.Int64
	faults atomic.Int64
	before func(w http.ResponseWriter, r *http.Request) bool // answers in place of the server
}

const (
	unavailable = iota
	busy
	reset
	truncated
	wrongRange
	faultKinds
)

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.before != nil && s.before(w, r) {
		return
	}
	kind := int64(-1)
	if s.every > 0 && s.n.Add(1)%s.every == 0 {
		kind = (s.faults.Add(1) - 1) % faultKinds
	}
	s.mu.Lock()
	data, tag := s.data, s.tag
	s.mu.Unlock()
	switch kind {
	case unavailable:
		http.Error(w, "later", http.StatusServiceUnavailable)
		return
	case busy:
		w.Header().Set("Retry-After", "0")
		http.Error(w, "later", http.StatusTooManyRequests)
		return
	case reset:
		panic(http.ErrAbortHandler)
	case truncated:
		var first, last int
		fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &first, &last)
		last = min(last, len(data)-1)
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, last, len(data)))
		w.Header().Set("Content-Length", fmt.Sprint(last-first+1))
		w.Header().Set("ETag", tag)
		w.WriteHeader(http.StatusPartialContent)
		w.Write(data[first : first+(last-first)/2])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	case wrongRange:
		w.Header().Set("Content-Range", fmt.Sprintf("bytes 7-8/%d", len(data)))
		w.WriteHeader(http.StatusPartialContent)
		w.Write([]byte("xx"))
		return
	}
	w.Header().Set("ETag", tag)
	http.ServeContent(w, r, "x", time.Time{}, bytes.NewReader(data))
}

// serve starts a site with so many bytes, and a store that is quick to try again.
func serve(t *testing.T, n int) (*site, *Store, string) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	f := &site{data: make([]byte, n), tag: `"one"`}
	for i := range f.data {
		f.data[i] = byte(rng.Uint32())
	}
	h := httptest.NewServer(f)
	h.Config.ErrorLog = nil
	t.Cleanup(h.Close)
	return f, New(Options{Pause: time.Millisecond, Stall: 5 * time.Second}), h.URL + "/data/x.bam"
}

// TestReads: all sizes are read whole and in pieces, and what jumps about fetches
// little.
func TestReads(t *testing.T) {
	for _, n := range []int{0, 1, 16 << 10, 16<<10 + 1, 3 << 20} {
		f, s, name := serve(t, n)
		b, err := object.ReadAll(t.Context(), s, name, 1<<30)
		if err != nil || !bytes.Equal(b, f.data) {
			t.Errorf("%d bytes: %d, %v", n, len(b), err)
		}
		if info, err := s.Stat(t.Context(), name); err != nil || info.Size != int64(n) || info.Name != name || !strings.Contains(info.Version, "one") && n > 0 {
			t.Errorf("%+v, %v", info, err)
		}
	}
	f, s, name := serve(t, 8<<20)
	o, err := s.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	p := make([]byte, 100)
	for _, at := range []int64{5 << 20, 100, 7<<20 + 5} {
		if n, err := o.ReadAt(p, at); n != 100 || err != nil || !bytes.Equal(p, f.data[at:at+100]) {
			t.Errorf("at %d: %d, %v", at, n, err)
		}
	}
	if n := s.BytesRead(name); n > 200<<10 {
		t.Errorf("%d bytes were fetched for 300", n)
	}
}

// TestFaults: with one answer in three spoilt everything that is read is right.
func TestFaults(t *testing.T) {
	f, s, name := serve(t, 400_000)
	f.every = 3
	rng := rand.New(rand.NewPCG(5, 6))
	for f.faults.Load() < 100 {
		o, err := s.Open(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		for range 6 {
			at := rng.IntN(len(f.data) - 1)
			p := make([]byte, 1+rng.IntN(len(f.data)-at))
			if n, err := o.ReadAt(p, int64(at)); n != len(p) || err != nil && err != io.EOF || !bytes.Equal(p, f.data[at:at+n]) {
				t.Fatalf("%d bytes at %d: %d, %v", len(p), at, n, err)
			}
		}
		o.Close()
	}
	t.Logf("%d faults, 0 wrong results", f.faults.Load())
}

// TestReplaced: a file that becomes another while it is read is an error that
// says so, whether its tag tells or its length.
func TestReplaced(t *testing.T) {
	for _, k := range []struct {
		name string
		edit func(*site)
		want string
	}{
		{"tag", func(f *site) { f.data, f.tag = bytes.Clone(f.data), `"two"` }, `: it was replaced while it was read: 1000000 bytes, version "two", after 1000000 bytes, version "one"`},
		{"length", func(f *site) { f.data = f.data[:900_000] }, `900000 bytes, version "one", after 1000000 bytes`},
		{"shorter than what is asked for", func(f *site) { f.data = f.data[:10] }, `10 bytes, version unknown, after 1000000 bytes`},
		{"gone", func(f *site) {
			f.before = func(w http.ResponseWriter, r *http.Request) bool { http.NotFound(w, r); return true }
		}, "not exist"},
	} {
		t.Run(k.name, func(t *testing.T) {
			f, s, name := serve(t, 1_000_000)
			o, err := s.Open(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			defer o.Close()
			p := make([]byte, 10)
			if _, err := o.ReadAt(p, 5); err != nil {
				t.Fatal(err)
			}
			f.mu.Lock()
			k.edit(f)
			f.mu.Unlock()
			if n, err := o.ReadAt(p, 800_000); err == nil || !strings.HasPrefix(err.Error(), name+": ") || !strings.Contains(err.Error(), k.want) {
				t.Errorf("%d, %v, want %s", n, err, k.want)
			}
		})
	}
}

// TestMessages: one line with the address for everything that a server may say.
func TestMessages(t *testing.T) {
	status := func(code int) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(code); return true }
	}
	for _, k := range []struct {
		name      string
		before    func(http.ResponseWriter, *http.Request) bool
		want      string
		temporary bool
		missing   bool
	}{
		{"no ranges", func(w http.ResponseWriter, _ *http.Request) bool { w.Write([]byte("all of it")); return true },
			"the server does not serve ranges of files: download the file, or put it on one that does (nginx, Apache, a bucket)", false, false},
		{"missing", status(404), "file does not exist", false, true},
		{"forbidden", status(403), "no permission (403); remedy: a public address, or download the file", false, false},
		{"password", status(401), "no permission (401); remedy: a public address, or download the file", false, false},
		{"another status", status(418), "status 418", false, false},
		{"down", status(503), "status 503, 6 times", true, false},
		{"no size", func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Range", "bytes 0-9/*")
			w.WriteHeader(206)
			return true
		}, "the server tells no size (Content-Range: \"bytes 0-9/*\"); download the file", false, false},
		{"packed", func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Range", "bytes 0-8/9")
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(206)
			return true
		}, "the server sends it packed (Content-Encoding: gzip), so that ranges are not those of the file; download the file", false, false},
		{"silent", func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }, "the server fell silent, 2 times", true, false},
	} {
		t.Run(k.name, func(t *testing.T) {
			f, s, name := serve(t, 10)
			f.before = k.before
			if k.name == "silent" {
				s = New(Options{Pause: time.Millisecond, Attempts: 2, Stall: 50 * time.Millisecond})
			}
			_, err := s.Open(t.Context(), name)
			if err == nil || err.Error() != name+": "+k.want || errors.Is(err, object.ErrTemporary) != k.temporary || errors.Is(err, object.ErrNotExist) != k.missing {
				t.Errorf("%v, want %s: %s", err, name, k.want)
			}
		})
	}
	for name, want := range map[string]string{
		"http://u:secret@h/x":      "http://h/x: an address with a password, which outputs would tell; want one without",
		"https://h/x.bam?sig=abcd": "https://h/x.bam: an address with a query (as signed ones have), beside which no index can be named; download the file, or use gs://",
		"https://h/":               "https://h/: want https://host/path",
		"http:///x":                "http:///x: want http://host/path",
		"http://h:x/y":             `http://h:x/y: invalid port ":x" after host`,
	} {
		if _, err := New(Options{}).Stat(t.Context(), name); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, s, name := serve(t, 10)
	if _, err := s.Open(ctx, name); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	if _, err := s.List(t.Context(), name); err == nil {
		t.Error("a list of a web server")
	}
}
