//go:build s3

package s3

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"gocloud.dev/blob"
	"gocloud.dev/blob/s3blob"
	"gocloud.dev/gcerrors"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/object/ranged"
)

// Scheme begins the names of this store.
const Scheme = "s3://"

// Store is a client. Make it by New.
type Store struct {
	client *s3.Client
	o      Options

	mu      sync.Mutex
	buckets map[string]*blob.Bucket
}

// Options are those of a Store; the zero value is the default.
type Options struct {
	// Endpoint is where requests go; empty for that of the environment
	// (AWS_ENDPOINT_URL), or Amazon's. With one, buckets stand in paths, not in
	// names of hosts.
	Endpoint string
	// Pause is the first wait before an operation is repeated; each further one is
	// twice as long.
	Pause time.Duration
	// HTTP sends the requests; nil for a client of the library's.
	HTTP *http.Client
}

// rounds is how often an operation is tried, each request of it up to three
// times by the library.
const rounds = 5

// New connects: credentials and region are those of the environment, as the
// library finds them.
func New(ctx context.Context, o Options) (*Store, error) {
	if o.Pause <= 0 {
		o.Pause = 500 * time.Millisecond
	}
	with := []func(*config.LoadOptions) error{config.WithRetryer(func() aws.Retryer {
		return retry.NewStandard(func(x *retry.StandardOptions) { x.MaxBackoff = 8 * o.Pause })
	})}
	if o.HTTP != nil {
		with = append(with, config.WithHTTPClient(o.HTTP))
	}
	c, err := config.LoadDefaultConfig(ctx, with...)
	if err != nil {
		return nil, fmt.Errorf("s3://: no access: %w; remedy: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, or aws configure", err)
	}
	if c.Region == "" {
		c.Region = "us-east-1" // of the global endpoint, and of stores that have no regions
	}
	client := s3.NewFromConfig(c, func(x *s3.Options) {
		if o.Endpoint != "" {
			x.BaseEndpoint = &o.Endpoint
		}
		x.UsePathStyle = o.Endpoint != "" || c.BaseEndpoint != nil
	})
	return &Store{client: client, o: o, buckets: map[string]*blob.Bucket{}}, nil
}

// Close ends the connections.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, b := range s.buckets {
		errs = append(errs, b.Close())
	}
	clear(s.buckets)
	return errors.Join(errs...)
}

// at takes a name apart, and gives its bucket.
func (s *Store) at(ctx context.Context, name string, object bool) (*blob.Bucket, string, error) {
	rest, ok := strings.CutPrefix(name, Scheme)
	bucket, key, _ := strings.Cut(rest, "/")
	switch {
	case !ok || bucket == "":
		return nil, "", fmt.Errorf("%s: want s3://bucket/name", name)
	case object && key == "":
		return nil, "", fmt.Errorf("%s: is a bucket, want an object", name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[bucket]
	if b == nil {
		var err error
		if b, err = s3blob.OpenBucket(ctx, s.client, bucket, nil); err != nil {
			return nil, "", fmt.Errorf("%s: %w", name, err)
		}
		s.buckets[bucket] = b
	}
	return b, key, nil
}

// plain says in our words what went wrong with an object.
func plain(name string, err error) error {
	var answer *awshttp.ResponseError
	status := 0
	if errors.As(err, &answer) {
		status = answer.HTTPStatusCode()
	}
	rest, _ := strings.CutPrefix(name, Scheme)
	bucket, _, _ := strings.Cut(rest, "/")
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errReplaced):
		return fmt.Errorf("%s: %w", name, err)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case strings.Contains(err.Error(), "NoSuchBucket"):
		return fmt.Errorf("%s: there is no bucket %s: %w", name, bucket, object.ErrNotExist)
	case gcerrors.Code(err) == gcerrors.NotFound, status == http.StatusNotFound:
		return fmt.Errorf("%s: %w", name, object.ErrNotExist)
	case gcerrors.Code(err) == gcerrors.PermissionDenied, status == http.StatusForbidden, status == http.StatusUnauthorized:
		return fmt.Errorf("%s: no permission (%d); remedy: s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket on bucket %s, and credentials in the environment", name, status, bucket)
	case status >= 300 && status < 500 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout && status != http.StatusConflict:
		return fmt.Errorf("%s: %w", name, err)
	}
	return fmt.Errorf("%s: %w: %w", name, object.ErrTemporary, err)
}

// again does what may be repeated until it is done, or fails for good.
func (s *Store) again(ctx context.Context, name string, f func() error) error {
	pause := s.o.Pause
	for k := 1; ; k++ {
		err := plain(name, f())
		if !errors.Is(err, object.ErrTemporary) || k == rounds || errors.Is(err, errReplaced) {
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

var errReplaced = errors.New("it was replaced while it was read")

// Stat looks at an object; the version is its ETag.
func (s *Store) Stat(ctx context.Context, name string) (object.Info, error) {
	b, key, err := s.at(ctx, name, true)
	if err != nil {
		return object.Info{}, err
	}
	var info object.Info
	err = s.again(ctx, name, func() error {
		a, err := b.Attributes(ctx, key)
		if err == nil {
			info = object.Info{Name: name, Size: a.Size, Version: a.ETag}
		}
		return err
	})
	return info, err
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
	info, err := s.Stat(ctx, name)
	if err != nil {
		return nil, err
	}
	b, key, err := s.at(ctx, name, true)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	fetch := func(ctx context.Context, off int64, n int) (data []byte, err error) {
		err = s.again(ctx, name, func() error {
			data = make([]byte, n)
			return readRange(ctx, b, key, info.Version, off, data)
		})
		return data, err
	}
	return &opened{ranged.New(ctx, info.Size, fetch), info, stop}, nil
}

// readRange fills data from the version of an object.
func readRange(ctx context.Context, b *blob.Bucket, key, version string, off int64, data []byte) error {
	r, err := b.NewRangeReader(ctx, key, off, int64(len(data)), &blob.ReaderOptions{BeforeRead: func(as func(any) bool) error {
		var in *s3.GetObjectInput
		if as(&in) {
			in.IfMatch = aws.String(version)
		}
		return nil
	}})
	if gcerrors.Code(err) == gcerrors.FailedPrecondition {
		return fmt.Errorf("%w: %w", errReplaced, object.ErrTemporary)
	}
	if err != nil {
		return err
	}
	defer r.Close()
	if _, err = io.ReadFull(r, data); err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// chunk is what is sent at once of a large object.
const chunk = 8 << 20

// Put sends an object when it is written to its end.
func (s *Store) Put(ctx context.Context, name string, write func(io.Writer) error) error {
	b, key, err := s.at(ctx, name, true)
	if err != nil {
		return err
	}
	spool := &object.Spool{}
	defer spool.Close()
	if err := write(spool); err != nil {
		return err
	}
	return s.again(ctx, name, func() error {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel() // an upload that is not closed leaves nothing
		w, err := b.NewWriter(ctx, key, &blob.WriterOptions{BufferSize: chunk, MaxConcurrency: 1, ContentType: "application/octet-stream"})
		if err != nil {
			return err
		}
		if _, err := io.Copy(w, io.NewSectionReader(spool, 0, spool.Size)); err != nil {
			cancel()
			return errors.Join(err, w.Close())
		}
		return w.Close()
	})
}

// List lists the objects whose names begin with prefix.
func (s *Store) List(ctx context.Context, prefix string) ([]object.Info, error) {
	b, key, err := s.at(ctx, prefix, false)
	if err != nil {
		return nil, err
	}
	bucket := strings.TrimSuffix(prefix, key)
	var out []object.Info
	err = s.again(ctx, prefix, func() error {
		out = nil
		it := b.List(&blob.ListOptions{Prefix: key})
		for {
			o, err := it.Next(ctx)
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			tag := ""
			if x := (types.Object{}); o.As(&x) {
				tag = aws.ToString(x.ETag)
			}
			out = append(out, object.Info{Name: bucket + o.Key, Size: o.Size, Version: tag})
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
	b, key, err := s.at(ctx, name, true)
	if err != nil {
		return err
	}
	err = s.again(ctx, name, func() error { return b.Delete(ctx, key) })
	if errors.Is(err, object.ErrNotExist) {
		return nil
	}
	return err
}

// Probe says whether Put could write under a name. Only the name is looked at:
// what may be written there only writing shows.
func (s *Store) Probe(name string) error {
	_, _, err := s.at(context.Background(), name, true)
	return err
}
