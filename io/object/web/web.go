// Package web is the Store of http:// and https:// addresses. They can only be
// read, by ranges: a server that does not serve them is refused, for every look
// at a part would fetch the whole. An object is pinned to its size and version
// (ETag, or the time of its last change) when it is opened: should the server
// answer with others later, reading is an error, not a mixture.
package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/object/ranged"
)

// Is says whether a name is of this store.
func Is(name string) bool {
	return strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://")
}

// Options are those of a Store; the zero value is the default.
type Options struct {
	// Pause is the first wait before a request is repeated; each further one is
	// about twice as long, and as long as the server asks for.
	Pause time.Duration
	// Attempts is how often a request is made in all.
	Attempts int
	// Stall is how long an answer may make no progress.
	Stall time.Duration
	// HTTP sends the requests; nil for one that takes proxies from the environment.
	HTTP *http.Client
}

// Store reads from web servers. Make it by New.
type Store struct {
	o Options

	mu   sync.Mutex
	read map[string]int64 // bytes that were fetched, by name
}

// New makes a Store.
func New(o Options) *Store {
	if o.Pause <= 0 {
		o.Pause = 500 * time.Millisecond
	}
	if o.Attempts <= 0 {
		o.Attempts = 6
	}
	if o.Stall <= 0 {
		o.Stall = time.Minute
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{}
	}
	return &Store{o: o, read: map[string]int64{}}
}

// BytesRead is how many bytes of an object were fetched until now.
func (s *Store) BytesRead(name string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.read[name]
}

func (s *Store) count(name string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.read[name] += int64(n)
}

// check refuses what is no plain address. Of one with a query, what lies beside
// it could not be named, and one with a password would stand in outputs.
func check(name string) error {
	u, err := url.Parse(name)
	switch {
	case err != nil:
		var bad *url.Error
		if errors.As(err, &bad) {
			err = bad.Err
		}
		return fmt.Errorf("%s: %w", plainName(name), err)
	case u.User != nil:
		return fmt.Errorf("%s: an address with a password, which outputs would tell; want one without", plainName(name))
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return fmt.Errorf("%s: an address with a query (as signed ones have), beside which no index can be named; download the file, or use gs://", plainName(name))
	case u.Host == "" || strings.Trim(u.Path, "/") == "":
		return fmt.Errorf("%s: want %s://host/path", plainName(name), u.Scheme)
	}
	return nil
}

// plainName is a name without what may be secret.
func plainName(name string) string {
	name, _, _ = strings.Cut(name, "#")
	name, _, _ = strings.Cut(name, "?")
	scheme, rest, _ := strings.Cut(name, "://")
	host, path, _ := strings.Cut(rest, "/")
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		host = host[at+1:]
	}
	return scheme + "://" + host + "/" + path
}

// piece is an answer to a request for a range.
type piece struct {
	data    []byte
	size    int64 // of the whole object
	version string
}

// once asks for a range.
func (s *Store) once(ctx context.Context, name string, off int64, n int) (p piece, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stall := time.AfterFunc(s.o.Stall, func() { cancel(errStall) })
	defer stall.Stop()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, name, nil)
	if err != nil {
		return p, err
	}
	r.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", off, off+int64(n)-1))
	r.Header.Set("Accept-Encoding", "identity") // bytes of what is packed are not those of the object
	resp, err := s.o.HTTP.Do(r)
	if err != nil {
		return p, whyStopped(ctx, err)
	}
	defer resp.Body.Close()
	if p, err = s.head(resp, off, n); err != nil || p.size <= off {
		return p, err
	}
	want := min(int64(n), p.size-off)
	p.data = make([]byte, want)
	for at := 0; at < len(p.data); {
		stall.Reset(s.o.Stall)
		k, err := resp.Body.Read(p.data[at:])
		at += k
		s.count(name, k)
		if err != nil && at < len(p.data) {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return p, fmt.Errorf("%w after %d of %d bytes", whyStopped(ctx, err), at, want)
		}
	}
	return p, nil
}

var errStall = errors.New("the server fell silent")

// whyStopped tells a silent server from other ends of a request.
func whyStopped(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, errStall) {
		return temporary(cause)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var u *url.Error
	if errors.As(err, &u) { // its text has the address, which is said already
		err = u.Err
	}
	return temporary(err)
}

func temporary(err error) error { return &again{err: err} }

// again is an error of an attempt that is worth another.
type again struct {
	err   error
	after time.Duration // the server asks to wait so long
}

func (e *again) Error() string   { return e.err.Error() }
func (e *again) Unwrap() []error { return []error{e.err, object.ErrTemporary} }

// head reads what an answer says of itself.
func (s *Store) head(resp *http.Response, off int64, n int) (p piece, err error) {
	if tag := resp.Header.Get("ETag"); tag != "" {
		p.version = strings.TrimPrefix(tag, "W/")
	} else {
		p.version = resp.Header.Get("Last-Modified")
	}
	switch code := resp.StatusCode; {
	case code == http.StatusPartialContent:
		var first, last int64
		if _, err := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes %d-%d/%d", &first, &last, &p.size); err != nil {
			return p, fmt.Errorf("the server tells no size (Content-Range: %.60q); download the file", resp.Header.Get("Content-Range"))
		}
		if first != off || p.size <= off || last != min(off+int64(n), p.size)-1 {
			return p, temporary(fmt.Errorf("bytes %d-%d of %d in place of those from %d", first, last, p.size, off))
		}
		if e := resp.Header.Get("Content-Encoding"); e != "" && e != "identity" {
			return p, fmt.Errorf("the server sends it packed (Content-Encoding: %.40s), so that ranges are not those of the file; download the file", e)
		}
		return p, nil
	case code == http.StatusRequestedRangeNotSatisfiable:
		if _, err := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes */%d", &p.size); err != nil || p.size > off {
			return p, temporary(fmt.Errorf("status 416 to a request for bytes from %d", off))
		}
		return p, nil // an empty object, or one that has become shorter
	case code == http.StatusOK && resp.ContentLength == 0:
		return p, nil
	case code == http.StatusOK:
		return p, errors.New("the server does not serve ranges of files: download the file, or put it on one that does (nginx, Apache, a bucket)")
	case code == http.StatusNotFound, code == http.StatusGone:
		return p, object.ErrNotExist
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return p, fmt.Errorf("no permission (%d); remedy: a public address, or download the file", code)
	case code == http.StatusRequestTimeout, code == http.StatusTooManyRequests, code >= 500 && code != http.StatusNotImplemented:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		return p, &again{fmt.Errorf("status %d", code), time.Duration(max(seconds, 0)) * time.Second}
	default:
		return p, fmt.Errorf("status %d", code)
	}
}

// longestPause is the longest wait between two attempts.
const longestPause = 30 * time.Second

// fetch asks for a range until it is there, or fails for good.
func (s *Store) fetch(ctx context.Context, name string, off int64, n int) (piece, error) {
	pause := s.o.Pause
	for k := 1; ; k++ {
		p, err := s.once(ctx, name, off, n)
		var more *again
		switch {
		case err == nil:
			return p, nil
		case ctx.Err() != nil:
			return p, ctx.Err()
		case !errors.As(err, &more):
			return p, fmt.Errorf("%s: %w", name, err)
		case k == s.o.Attempts:
			return p, fmt.Errorf("%s: %w, %d times", name, err, k)
		}
		wait := max(pause/2+rand.N(pause), more.after)
		select {
		case <-ctx.Done():
			return p, ctx.Err()
		case <-time.After(min(wait, longestPause)):
		}
		pause = min(2*pause, longestPause)
	}
}

// look asks for the first page, and what it is a page of.
func (s *Store) look(ctx context.Context, name string) (piece, object.Info, error) {
	if err := check(name); err != nil {
		return piece{}, object.Info{}, err
	}
	p, err := s.fetch(ctx, name, 0, ranged.Page)
	return p, object.Info{Name: name, Size: p.size, Version: fmt.Sprintf("%d %s", p.size, p.version)}, err
}

// Stat looks at an object. Its version is its size with its ETag or the time of
// its last change.
func (s *Store) Stat(ctx context.Context, name string) (object.Info, error) {
	_, info, err := s.look(ctx, name)
	if err != nil {
		return object.Info{}, err
	}
	return info, nil
}

type opened struct {
	*ranged.Reader
	info object.Info
	stop context.CancelFunc
}

func (o *opened) Info() object.Info { return o.info }
func (o *opened) Close() error      { o.stop(); return nil }

// Open opens an object as it is now.
func (s *Store) Open(ctx context.Context, name string) (object.Object, error) {
	first, info, err := s.look(ctx, name)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	fetch := func(ctx context.Context, off int64, n int) ([]byte, error) {
		if off == 0 && n <= len(first.data) { // which is there already
			return first.data[:n], nil
		}
		p, err := s.fetch(ctx, name, off, n)
		if err != nil {
			return nil, err
		}
		if p.size != first.size || p.version != first.version {
			return nil, fmt.Errorf("%s: it was replaced while it was read: %d bytes, version %s, after %d bytes, version %s: %w",
				name, p.size, versionText(p.version), first.size, versionText(first.version), object.ErrTemporary)
		}
		return p.data, nil
	}
	return &opened{ranged.New(ctx, info.Size, fetch), info, stop}, nil
}

func versionText(v string) string {
	if v == "" {
		return "unknown"
	}
	return v
}

var errReadOnly = errors.New("a web server can only be read from: want a path or gs://bucket/name")

func readOnly(name string) error { return fmt.Errorf("%s: %w", plainName(name), errReadOnly) }

// Put is an error: nothing can be written.
func (s *Store) Put(_ context.Context, name string, _ func(io.Writer) error) error {
	return readOnly(name)
}

// Remove is an error.
func (s *Store) Remove(_ context.Context, name string) error { return readOnly(name) }

// List is an error: a web server has no list of what is there.
func (s *Store) List(_ context.Context, prefix string) ([]object.Info, error) {
	return nil, readOnly(prefix)
}

// Probe says that nothing can be written.
func (s *Store) Probe(name string) error { return readOnly(name) }
