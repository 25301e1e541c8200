// Package gcs is the Store of Google Cloud Storage: names are gs://bucket/name.
// Objects are pinned to their generation when they are opened, so that what is
// read is of one object; what is written is sent with its checksum, and takes
// the place of nothing but what stood there when it was sent.
package gcs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cloud.google.com/go/storage"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/object/ranged"
)

// Scheme begins the names of this store.
const Scheme = "gs://"

// Store is a client. Make it by New.
type Store struct {
	client *storage.Client
	o      Options

	mu   sync.Mutex
	read map[string]int64 // bytes that were fetched, by name
}

// Options are those of a Store; the zero value is the default.
type Options struct {
	// Endpoint is where requests go, without credentials; empty for Google's, or
	// for that of STORAGE_EMULATOR_HOST.
	Endpoint string
	// Pause is the first wait before a request is repeated; each further one is
	// twice as long on average.
	Pause time.Duration
	// Attempts is how often a request is made in all.
	Attempts int
	// HTTP sends the requests; nil for a client of the library's.
	HTTP *http.Client
}

// New connects: credentials are those of the environment, as the library finds
// them.
func New(ctx context.Context, o Options) (*Store, error) {
	if o.Pause <= 0 {
		o.Pause = 500 * time.Millisecond
	}
	if o.Attempts <= 0 {
		o.Attempts = 5
	}
	var with []option.ClientOption
	if o.Endpoint != "" {
		with = append(with, option.WithEndpoint(o.Endpoint), option.WithoutAuthentication())
	}
	if o.HTTP != nil {
		with = append(with, option.WithHTTPClient(o.HTTP))
	}
	client, err := storage.NewClient(ctx, with...)
	if err != nil {
		return nil, fmt.Errorf("gs://: no access: %w; remedy: gcloud auth application-default login, or a service account", err)
	}
	client.SetRetry(storage.WithPolicy(storage.RetryIdempotent), storage.WithMaxAttempts(o.Attempts),
		storage.WithBackoff(gax.Backoff{Initial: o.Pause, Max: 30 * time.Second, Multiplier: 2}))
	return &Store{client: client, o: o, read: map[string]int64{}}, nil
}

// Close ends the connections.
func (s *Store) Close() error { return s.client.Close() }

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

// split takes a name apart.
func split(name string) (bucket, key string, err error) {
	rest, ok := strings.CutPrefix(name, Scheme)
	bucket, key, _ = strings.Cut(rest, "/")
	if !ok || bucket == "" {
		return "", "", fmt.Errorf("%s: want gs://bucket/name", name)
	}
	return bucket, key, nil
}

func (s *Store) handle(name string) (*storage.ObjectHandle, error) {
	bucket, key, err := split(name)
	if err == nil && key == "" {
		err = fmt.Errorf("%s: is a bucket, want an object", name)
	}
	if err != nil {
		return nil, err
	}
	return s.client.Bucket(bucket).Object(key).ReadCompressed(true), nil
}

// plain says in our words what went wrong with an object.
func plain(name string, err error) error {
	var status *googleapi.Error
	bucket, _, _ := split(name)
	switch {
	case err == nil, errors.Is(err, object.ErrNotExist):
		return err
	case errors.Is(err, storage.ErrBucketNotExist):
		return fmt.Errorf("%s: there is no bucket %s: %w", name, bucket, object.ErrNotExist)
	case errors.Is(err, storage.ErrObjectNotExist):
		return fmt.Errorf("%s: %w", name, object.ErrNotExist)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, &status) && (status.Code == http.StatusForbidden || status.Code == http.StatusUnauthorized):
		more := ""
		if status.Message != "" {
			more = ": " + status.Message
		}
		return fmt.Errorf("%s: no permission (%d)%s; remedy: the role Storage Object User on bucket %s", name, status.Code, more, bucket)
	case errors.As(err, &status) && status.Code == http.StatusNotFound:
		return fmt.Errorf("%s: %w (%s)", name, object.ErrNotExist, status.Message)
	case errors.As(err, &status) && status.Code < 500 && status.Code != http.StatusTooManyRequests && status.Code != http.StatusRequestTimeout:
		return fmt.Errorf("%s: %w", name, err)
	}
	return fmt.Errorf("%s: %w: %w", name, object.ErrTemporary, err)
}

// again does what may be repeated until it is done, or fails for good: the
// library repeats requests that fail, but not those whose answer is damaged.
func (s *Store) again(ctx context.Context, name string, f func() error) error {
	pause := s.o.Pause
	for k := 1; ; k++ {
		err := plain(name, f())
		if !errors.Is(err, object.ErrTemporary) || k == rounds {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause *= 2
	}
}

// rounds is how often an operation is tried, each with Options.Attempts of every
// request.
const rounds = 4

func info(name string, a *storage.ObjectAttrs) object.Info {
	return object.Info{Name: name, Size: a.Size, Version: strconv.FormatInt(a.Generation, 10)}
}

// Stat looks at an object; the version is its generation.
func (s *Store) Stat(ctx context.Context, name string) (object.Info, error) {
	a, err := s.attrs(ctx, name)
	if err != nil {
		return object.Info{}, err
	}
	return info(name, a), nil
}

func (s *Store) attrs(ctx context.Context, name string) (*storage.ObjectAttrs, error) {
	h, err := s.handle(name)
	if err != nil {
		return nil, err
	}
	var a *storage.ObjectAttrs
	err = s.again(ctx, name, func() (err error) {
		a, err = h.Attrs(ctx)
		return err
	})
	return a, err
}

// CRC32C is the checksum that the store keeps of an object: nothing is read.
func (s *Store) CRC32C(ctx context.Context, name string) (uint32, error) {
	a, err := s.attrs(ctx, name)
	if err != nil {
		return 0, err
	}
	return a.CRC32C, nil
}

type opened struct {
	*ranged.Reader
	info object.Info
	stop context.CancelFunc
}

func (o *opened) Info() object.Info { return o.info }
func (o *opened) Close() error      { o.stop(); return nil }

// Open opens an object as it is now: should it be replaced, reading it is an
// error.
func (s *Store) Open(ctx context.Context, name string) (object.Object, error) {
	h, err := s.handle(name)
	if err != nil {
		return nil, err
	}
	a, err := s.attrs(ctx, name)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	pinned := h.Generation(a.Generation)
	fetch := func(ctx context.Context, off int64, n int) ([]byte, error) {
		return s.fetch(ctx, name, pinned, a.Generation, off, n)
	}
	return &opened{ranged.New(ctx, a.Size, fetch), info(name, a), stop}, nil
}

// fetch gets a range. What comes short, or of another generation, is asked for
// again, as the library does with what fails.
func (s *Store) fetch(ctx context.Context, name string, h *storage.ObjectHandle, generation, off int64, n int) (b []byte, err error) {
	pause := s.o.Pause
	for range s.o.Attempts {
		b = make([]byte, n)
		if err = s.fetchOnce(ctx, name, h, generation, off, b); err == nil {
			return b, nil
		}
		if errors.Is(err, storage.ErrObjectNotExist) {
			return nil, fmt.Errorf("%s: it was replaced or removed while it was read: %w", name, object.ErrTemporary)
		}
		if !errors.Is(err, object.ErrTemporary) && !errors.Is(err, io.ErrUnexpectedEOF) && !storage.ShouldRetry(err) {
			break
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
		pause = min(2*pause, 30*time.Second)
	}
	return nil, plain(name, err)
}

func (s *Store) fetchOnce(ctx context.Context, name string, h *storage.ObjectHandle, generation, off int64, b []byte) error {
	r, err := h.NewRangeReader(ctx, off, int64(len(b)))
	if err != nil {
		return err
	}
	defer r.Close()
	if got := r.Attrs.Generation; got != 0 && got != generation {
		return fmt.Errorf("an answer of generation %d, asked for %d: %w", got, generation, object.ErrTemporary)
	}
	n, err := io.ReadFull(r, b)
	s.count(name, n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// Put sends an object when it is written to its end. It replaces only what
// stood there when it was sent; should another writer have been first, and have
// written the same bytes, that is as good.
func (s *Store) Put(ctx context.Context, name string, write func(io.Writer) error) error {
	h, err := s.handle(name)
	if err != nil {
		return err
	}
	spool := &object.Spool{}
	defer spool.Close()
	if err := write(spool); err != nil {
		return err
	}
	return s.again(ctx, name, func() error {
		for range races {
			err := s.replace(ctx, name, h, spool)
			if !lost(err) { // else it may be our own of a request whose answer was lost
				return err
			}
		}
		return fmt.Errorf("other writers were faster again and again: %w", object.ErrTemporary)
	})
}

// races is how many other writers may be faster.
const races = 20

// replace sends a spool in the place of what stands there, unless that is the
// same.
func (s *Store) replace(ctx context.Context, name string, h *storage.ObjectHandle, spool *object.Spool) error {
	a, err := h.Attrs(ctx)
	if err != nil && !errors.Is(err, storage.ErrObjectNotExist) {
		return err
	}
	only := storage.Conditions{DoesNotExist: true}
	if err == nil {
		if a.Size == spool.Size && a.CRC32C == spool.CRC32C && same(ctx, s, name, spool) {
			return nil
		}
		only = storage.Conditions{GenerationMatch: a.Generation}
	}
	return s.send(ctx, h.If(only), spool)
}

// smallest is how large an object is at least for its bytes to be trusted to be
// those of its checksum and size.
const smallest = 64

// same says whether the bytes that stand under a name are those of a spool,
// whose size and checksum are the same.
func same(ctx context.Context, s *Store, name string, spool *object.Spool) bool {
	if spool.Size >= smallest {
		return true
	}
	b, err := object.ReadAll(ctx, s, name, smallest)
	own := make([]byte, spool.Size)
	if n, _ := spool.ReadAt(own, 0); int64(n) != spool.Size {
		return false
	}
	return err == nil && string(b) == string(own)
}

// lost says whether a condition did not hold: another writer was faster.
func lost(err error) bool {
	var status *googleapi.Error
	return errors.As(err, &status) && status.Code == http.StatusPreconditionFailed
}

// chunk is what is sent at once of a large object; each is repeated by itself.
const chunk = 8 << 20

func (s *Store) send(ctx context.Context, h *storage.ObjectHandle, spool *object.Spool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // an upload that is not closed leaves nothing
	w := h.NewWriter(ctx)
	w.ChunkSize, w.ChunkRetryDeadline = chunk, 5*time.Minute
	w.CRC32C, w.SendCRC32C = spool.CRC32C, true // the service refuses what arrives damaged
	if spool.Size < chunk {
		w.ChunkSize = 0 // one request, which can be repeated: it has a condition
	}
	if _, err := io.Copy(w, io.NewSectionReader(spool, 0, spool.Size)); err != nil {
		cancel()
		w.Close()
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if got := w.Attrs(); got.Size != spool.Size || got.CRC32C != spool.CRC32C {
		return fmt.Errorf("%d bytes with checksum %08x arrived of %d with %08x: %w", got.Size, got.CRC32C, spool.Size, spool.CRC32C, object.ErrTemporary)
	}
	return nil
}

// List lists the objects whose names begin with prefix.
func (s *Store) List(ctx context.Context, prefix string) ([]object.Info, error) {
	bucket, key, err := split(prefix)
	if err != nil {
		return nil, err
	}
	var out []object.Info
	err = s.again(ctx, prefix, func() error {
		out = nil
		it := s.client.Bucket(bucket).Objects(ctx, &storage.Query{Prefix: key})
		for {
			a, err := it.Next()
			if errors.Is(err, iterator.Done) {
				return nil
			}
			if err != nil {
				return err
			}
			out = append(out, info(Scheme+bucket+"/"+a.Name, a))
		}
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b object.Info) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// Remove deletes an object; one that is not there is no error.
func (s *Store) Remove(ctx context.Context, name string) error {
	h, err := s.handle(name)
	if err != nil {
		return err
	}
	return s.again(ctx, name, func() error {
		// Deleting twice is deleting once: it may be repeated without a condition.
		err := h.Retryer(storage.WithPolicy(storage.RetryAlways)).Delete(ctx)
		if errors.Is(err, storage.ErrObjectNotExist) {
			return nil
		}
		return err
	})
}

// Probe says whether Put could write under a name. Only the bucket is looked
// at: what may be written there only writing shows.
func (s *Store) Probe(name string) error {
	_, err := s.handle(name)
	return err
}
