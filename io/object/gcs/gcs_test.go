package gcs

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

	"github.com/fsouza/fake-gcs-server/fakestorage"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/object/storetest"
)

const bucket = "lab"

// faulty stands before the emulator and spoils some of the answers.
type faulty struct {
	next  http.RoundTripper
	every int64 // one request in so many is spoilt; 0: none
	n     atomic.Int64
	done  atomic.Int64
}

// Kinds of faults.
const (
	serverError = iota
	reset
	resetLate // the request was carried out, but the answer is lost
	slow
	truncated
	wrongGeneration
	faultKinds
)

func (f *faulty) RoundTrip(r *http.Request) (*http.Response, error) {
	if f.every == 0 || f.n.Add(1)%f.every != 0 {
		return f.next.RoundTrip(r)
	}
	k := f.done.Add(1) - 1
	kind := k % faultKinds
	if kind == serverError {
		return answer(r, http.StatusServiceUnavailable, "try later"), nil
	}
	if kind == reset {
		return nil, &resetError{}
	}
	resp, err := f.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	switch kind {
	case resetLate:
		return nil, &resetError{}
	case slow:
		time.Sleep(20 * time.Millisecond)
	case truncated:
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:len(body)/2]), &brokenReader{}))
	case wrongGeneration:
		if resp.Header.Get("X-Goog-Generation") != "" {
			resp.Header.Set("X-Goog-Generation", "12345")
		}
	}
	return resp, nil
}

// resetError is what a connection that was reset gives.
type resetError struct{}

func (*resetError) Error() string   { return "read: connection reset by peer" }
func (*resetError) Timeout() bool   { return false }
func (*resetError) Temporary() bool { return true }

type brokenReader struct{}

func (*brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func answer(r *http.Request, code int, text string) *http.Response {
	w := httptest.NewRecorder()
	w.WriteHeader(code)
	w.WriteString(text)
	resp := w.Result()
	resp.Request = r
	return resp
}

// emulator starts a server, and a store that speaks to it through f.
func emulator(t testing.TB, f *faulty) *Store {
	t.Helper()
	server, err := fakestorage.NewServerWithOptions(fakestorage.Options{NoListener: true, Writer: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	server.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: bucket})
	f.next = server.HTTPClient().Transport
	s, err := New(t.Context(), Options{Endpoint: "https://storage.googleapis.com/storage/v1/", HTTP: &http.Client{Transport: f}, Pause: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func name(s string) string { return Scheme + bucket + "/" + s }

func TestStore(t *testing.T) {
	storetest.Run(t, emulator(t, &faulty{}), name)
}

func put(ctx context.Context, s *Store, to string, b []byte) error {
	return s.Put(ctx, to, func(w io.Writer) error { _, err := w.Write(b); return err })
}

// TestFaults: with one answer in three spoilt, 500 in all, everything that is
// reported done is done, and every byte that is read is right.
func TestFaults(t *testing.T) {
	want := 500
	if testing.Short() {
		want = 100
	}
	f := &faulty{}
	s := emulator(t, f)
	f.every = 3
	rng := rand.New(rand.NewPCG(4, 5))
	failed := 0
	for round := 0; f.done.Load() < int64(want); round++ {
		b := make([]byte, rng.IntN(200_000))
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		to := name(fmt.Sprintf("f-%d", round%7))
		if err := put(t.Context(), s, to, b); err != nil {
			failed++
			if !errors.Is(err, object.ErrTemporary) {
				t.Fatalf("round %d: %v", round, err)
			}
			continue
		}
		got, err := object.ReadAll(t.Context(), s, to, 1<<20)
		switch {
		case err != nil && !errors.Is(err, object.ErrTemporary):
			t.Fatalf("round %d: %v", round, err)
		case err != nil:
			failed++
		case !bytes.Equal(got, b):
			t.Fatalf("round %d: %d bytes that are not the %d which were put", round, len(got), len(b))
		}
		if list, err := s.List(t.Context(), name("f-")); err == nil && len(list) == 0 {
			t.Fatalf("round %d: nothing is listed", round)
		}
	}
	if failed > want/20 {
		t.Errorf("%d operations gave up under %d faults", failed, f.done.Load())
	}
	t.Logf("%d faults, %d operations gave up, 0 wrong results", f.done.Load(), failed)
}

// TestReplaced: an object that is replaced while it is read is an error, not a
// mixture.
func TestReplaced(t *testing.T) {
	s := emulator(t, &faulty{})
	if err := put(t.Context(), s, name("x"), bytes.Repeat([]byte("a"), 1<<20)); err != nil {
		t.Fatal(err)
	}
	o, err := s.Open(t.Context(), name("x"))
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	p := make([]byte, 10)
	if _, err := o.ReadAt(p, 0); err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), s, name("x"), bytes.Repeat([]byte("b"), 1<<20)); err != nil {
		t.Fatal(err)
	}
	if n, err := o.ReadAt(p, 900_000); err == nil || !errors.Is(err, object.ErrTemporary) {
		t.Errorf("read %q, %v, after the object was replaced", p[:n], err)
	}
}

// TestTwins: many writers of one content all succeed, and there is one
// generation of it.
func TestTwins(t *testing.T) {
	s := emulator(t, &faulty{})
	b := bytes.Repeat([]byte("same"), 1000)
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if err := put(t.Context(), s, name("twin"), b); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	first, err := s.Stat(t.Context(), name("twin"))
	if err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), s, name("twin"), b); err != nil {
		t.Error(err)
	}
	if again, err := s.Stat(t.Context(), name("twin")); err != nil || again.Version != first.Version {
		t.Errorf("generation %s became %s by the same bytes (%v)", first.Version, again.Version, err)
	}
}

func TestMessages(t *testing.T) {
	refuse := &faulty{}
	s := emulator(t, refuse)
	_, err := s.Open(t.Context(), "gs://nowhere/x")
	if err == nil || !errors.Is(err, object.ErrNotExist) || !strings.HasPrefix(err.Error(), "gs://nowhere/x: ") {
		t.Errorf("missing bucket: %v", err)
	}
	for _, bad := range []string{"gs://", "gs://bucket", "gs:///x", "x"} {
		if _, err := s.Stat(t.Context(), bad); err == nil || !strings.HasPrefix(err.Error(), bad+": ") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	refuse.next = roundTrip(func(r *http.Request) (*http.Response, error) {
		return answer(r, http.StatusForbidden, "not yours"), nil
	})
	for _, err := range []error{put(t.Context(), s, name("x"), nil), second(s.Open(t.Context(), name("x"))), second(s.List(t.Context(), name("")))} {
		if err == nil || !strings.Contains(err.Error(), "no permission (403)") || !strings.Contains(err.Error(), "Storage Object User on bucket lab") {
			t.Errorf("forbidden: %v", err)
		}
	}
	refuse.next = roundTrip(func(r *http.Request) (*http.Response, error) {
		return answer(r, http.StatusServiceUnavailable, "never"), nil
	})
	if err := second(s.Stat(t.Context(), name("x"))); !errors.Is(err, object.ErrTemporary) {
		t.Errorf("a service that never answers: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
