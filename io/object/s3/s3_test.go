//go:build s3

package s3

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/object/storetest"
)

// service speaks the calls of S3 that the store makes, for the bucket lab.
type service struct {
	mu      sync.Mutex
	objects map[string][]byte
	parts   map[string]map[int][]byte // of uploads under way

	every  int64 // one answer in so many is spoilt; 0: none
	n      atomic.Int64
	faults atomic.Int64
	status int // of all answers; 0: as it should be
}

func fault(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, strings.ToLower(code))
}

func tagOf(b []byte) string { return fmt.Sprintf(`"%x"`, md5.Sum(b)) }

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if s.status != 0 {
		fault(w, s.status, map[int]string{403: "AccessDenied", 503: "SlowDown"}[s.status])
		return
	}
	if s.every > 0 && s.n.Add(1)%s.every == 0 {
		kind := s.faults.Add(1) % 4
		if r.Method == http.MethodHead { // which has no body to be cut
			kind %= 2
		}
		switch kind {
		case 0:
			fault(w, http.StatusServiceUnavailable, "SlowDown")
			return
		case 1:
			panic(http.ErrAbortHandler)
		case 2: // it is done, but the answer is lost
			s.answer(httptest.NewRecorder(), r, body)
			panic(http.ErrAbortHandler)
		case 3:
			rec := httptest.NewRecorder()
			s.answer(rec, r, body)
			for k, v := range rec.Header() {
				w.Header()[k] = v
			}
			w.Header().Set("Content-Length", strconv.Itoa(rec.Body.Len()))
			w.WriteHeader(rec.Code)
			w.Write(rec.Body.Bytes()[:rec.Body.Len()/2])
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
	}
	s.answer(w, r, body)
}

func (s *service) answer(w http.ResponseWriter, r *http.Request, body []byte) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	q := r.URL.Query()
	s.mu.Lock()
	defer s.mu.Unlock()
	if bucket != "lab" {
		fault(w, http.StatusNotFound, "NoSuchBucket")
		return
	}
	switch {
	case key == "" && r.Method == http.MethodGet:
		s.list(w, q.Get("prefix"))
	case r.Method == http.MethodGet, r.Method == http.MethodHead:
		b, ok := s.objects[key]
		switch {
		case !ok && r.Method == http.MethodHead:
			w.WriteHeader(http.StatusNotFound)
		case !ok:
			fault(w, http.StatusNotFound, "NoSuchKey")
		case r.Header.Get("If-Match") != "" && r.Header.Get("If-Match") != tagOf(b):
			fault(w, http.StatusPreconditionFailed, "PreconditionFailed")
		default:
			w.Header().Set("ETag", tagOf(b))
			http.ServeContent(w, r, "x", time.Unix(1e9, 0), bytes.NewReader(b))
		}
	case r.Method == http.MethodPost && q.Has("uploads"):
		id := fmt.Sprint("u", len(s.parts))
		s.parts[id] = map[int][]byte{}
		fmt.Fprintf(w, "<InitiateMultipartUploadResult><UploadId>%s</UploadId></InitiateMultipartUploadResult>", id)
	case r.Method == http.MethodPut && q.Has("partNumber"):
		k, err := strconv.Atoi(q.Get("partNumber"))
		if err != nil || s.parts[q.Get("uploadId")] == nil {
			fault(w, http.StatusNotFound, "NoSuchUpload")
			return
		}
		s.parts[q.Get("uploadId")][k] = body
		w.Header().Set("ETag", tagOf(body))
	case r.Method == http.MethodPost && q.Has("uploadId"):
		var whole []byte
		parts := s.parts[q.Get("uploadId")]
		for k := 1; k <= len(parts); k++ {
			whole = append(whole, parts[k]...)
		}
		s.objects[key] = whole
		fmt.Fprintf(w, "<CompleteMultipartUploadResult><ETag>%s</ETag></CompleteMultipartUploadResult>", strings.ReplaceAll(tagOf(whole), `"`, "&#34;"))
	case r.Method == http.MethodPut:
		s.objects[key] = body
		w.Header().Set("ETag", tagOf(body))
	case r.Method == http.MethodDelete:
		delete(s.objects, key)
		delete(s.parts, q.Get("uploadId"))
		w.WriteHeader(http.StatusNoContent)
	default:
		fault(w, http.StatusNotImplemented, "NotImplemented")
	}
}

func (s *service) list(w http.ResponseWriter, prefix string) {
	type content struct {
		Key, ETag, LastModified string
		Size                    int
	}
	var out struct {
		XMLName  xml.Name `xml:"ListBucketResult"`
		Contents []content
	}
	for key, b := range s.objects {
		if strings.HasPrefix(key, prefix) {
			out.Contents = append(out.Contents, content{key, tagOf(b), "2026-01-01T00:00:00Z", len(b)})
		}
	}
	slices.SortFunc(out.Contents, func(a, b content) int { return strings.Compare(a.Key, b.Key) })
	w.Header().Set("Content-Type", "application/xml")
	xml.NewEncoder(w).Encode(out)
}

// emulator starts a service, and a store that speaks to it.
func emulator(t *testing.T) (*service, *Store) {
	t.Helper()
	for k, v := range map[string]string{"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"} {
		t.Setenv(k, v)
	}
	f := &service{objects: map[string][]byte{}, parts: map[string]map[int][]byte{}}
	h := httptest.NewServer(f)
	t.Cleanup(h.Close)
	s, err := New(t.Context(), Options{Endpoint: h.URL, Pause: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return f, s
}

func name(s string) string { return Scheme + "lab/" + s }

func put(ctx context.Context, s *Store, to string, b []byte) error {
	return s.Put(ctx, to, func(w io.Writer) error { _, err := w.Write(b); return err })
}

func TestStore(t *testing.T) {
	_, s := emulator(t)
	storetest.Run(t, s, name)
}

// TestLarge: what is sent in parts is whole, and of what is read here and there
// little is fetched.
func TestLarge(t *testing.T) {
	_, s := emulator(t)
	b := make([]byte, 20<<20+5)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	if err := put(t.Context(), s, name("large"), b); err != nil {
		t.Fatal(err)
	}
	got, err := object.ReadAll(t.Context(), s, name("large"), 1<<30)
	if err != nil || !bytes.Equal(got, b) {
		t.Errorf("%d bytes of %d, %v", len(got), len(b), err)
	}
}

// TestFaults: with one answer in nine spoilt everything that is reported done is
// done, and every byte that is read is right.
func TestFaults(t *testing.T) {
	f, s := emulator(t)
	f.every = 9
	rng := rand.New(rand.NewPCG(4, 5))
	failed := 0
	for round := 0; f.faults.Load() < 60; round++ {
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
	t.Logf("%d faults, %d operations gave up, 0 wrong results", f.faults.Load(), failed)
	if failed > 3 {
		t.Errorf("%d operations gave up", failed)
	}
}

// TestReplaced: an object that is replaced while it is read is an error, not a
// mixture.
func TestReplaced(t *testing.T) {
	_, s := emulator(t)
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
	if n, err := o.ReadAt(p, 900_000); err == nil || !errors.Is(err, object.ErrTemporary) || !strings.HasPrefix(err.Error(), name("x")+": it was replaced while it was read") {
		t.Errorf("read %q, %v, after the object was replaced", p[:n], err)
	}
}

func TestMessages(t *testing.T) {
	f, s := emulator(t)
	if _, err := s.Open(t.Context(), "s3://nowhere/x"); !errors.Is(err, object.ErrNotExist) || !strings.HasPrefix(err.Error(), "s3://nowhere/x: ") {
		t.Errorf("missing bucket: %v", err)
	}
	if _, err := s.List(t.Context(), "s3://nowhere/"); err == nil || !strings.HasPrefix(err.Error(), "s3://nowhere/: there is no bucket nowhere: ") {
		t.Errorf("missing bucket: %v", err)
	}
	for _, bad := range []string{"s3://", "s3://bucket", "s3:///x", "x"} {
		if _, err := s.Stat(t.Context(), bad); err == nil || !strings.HasPrefix(err.Error(), bad+": ") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	second := func(_ any, err error) error { return err }
	f.status = http.StatusForbidden
	for _, err := range []error{put(t.Context(), s, name("x"), nil), second(s.Open(t.Context(), name("x"))), second(s.List(t.Context(), name("")))} {
		if err == nil || !strings.Contains(err.Error(), ": no permission (403); remedy: s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket on bucket lab") {
			t.Errorf("forbidden: %v", err)
		}
	}
	f.status = http.StatusServiceUnavailable
	if err := second(s.Stat(t.Context(), name("x"))); !errors.Is(err, object.ErrTemporary) {
		t.Errorf("a service that never answers: %v", err)
	}
}
