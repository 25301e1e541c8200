// Package ranged reads an object of which only ranges can be fetched, as over a
// network, at any place: it keeps pages that were fetched, and fetches ahead,
// the farther the longer a reader goes on in order. So a reader that jumps
// about costs little more than what it reads, and one that goes through asks
// seldom.
package ranged

import (
	"context"
	"errors"
	"io"
	"sync"
)

// A Fetch gives n bytes at off, all of them or an error. It is called from many
// goroutines at once.
type Fetch func(ctx context.Context, off int64, n int) ([]byte, error)

// Sizes of pages and of what is fetched at once.
const (
	Page      = 16 << 10
	mostAhead = 512  // pages
	kept      = 4096 // pages: 64 MB
)

// Reader is an io.ReaderAt over a Fetch. It is safe for concurrent use.
type Reader struct {
	ctx   context.Context // of the object: a ReaderAt has no other
	fetch Fetch
	size  int64

	mu     sync.Mutex
	pages  map[int64]*page
	oldest []int64       // pages in the order in which they came
	next   map[int64]int // where a reader that goes on would fetch next, and how many pages it has had
}

// page is a page that is there or on its way.
type page struct {
	ready chan struct{}
	data  []byte
	err   error
}

// New reads an object of that size. ctx bounds all fetches.
func New(ctx context.Context, size int64, fetch Fetch) *Reader {
	return &Reader{ctx: ctx, fetch: fetch, size: size, pages: map[int64]*page{}, next: map[int64]int{}}
}

// ReadAt reads as io.ReaderAt wants it.
func (r *Reader) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("a negative offset")
	}
	n := 0
	for n < len(p) && off < r.size {
		// All pages of a read are asked for at once.
		pg, err := r.page(off/Page, (off+int64(len(p)-n)-1)/Page)
		if err != nil {
			return n, err
		}
		k := copy(p[n:], pg[off%Page:])
		n, off = n+k, off+int64(k)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// page gives a page, and fetches it with those up to last, and with some ahead
// of them, where it is not there.
func (r *Reader) page(at, last int64) ([]byte, error) {
	r.mu.Lock()
	pg := r.pages[at]
	if pg == nil {
		pg = r.start(at, last)
	}
	r.mu.Unlock()
	select {
	case <-pg.ready:
		return pg.data, pg.err
	case <-r.ctx.Done():
		return nil, r.ctx.Err()
	}
}

// start begins to fetch the pages from at on. r.mu is held.
func (r *Reader) start(at, last int64) *page {
	want := int(last-at) + 1
	before := r.next[at]
	delete(r.next, at)
	want = max(want, min(before/2, mostAhead)) // so that a third at most is for nothing
	end := min(at+int64(want), (r.size+Page-1)/Page)
	for k := at + 1; k < end; k++ {
		if r.pages[k] != nil { // it is there: no byte is fetched twice
			end = k
		}
	}
	n := int(end - at)
	list := make([]*page, n)
	for i := range list {
		list[i] = &page{ready: make(chan struct{})}
		r.pages[at+int64(i)] = list[i]
	}
	if len(r.next) > kept {
		clear(r.next) // of readers that went elsewhere
	}
	r.next[end] = before + n
	go func() {
		b, err := r.fetch(r.ctx, at*Page, int(min(end*Page, r.size)-at*Page))
		r.take(at, list, b, err)
	}()
	return list[0]
}

// take hands out what was fetched.
func (r *Reader) take(at int64, list []*page, b []byte, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, pg := range list {
		k := at + int64(i)
		if pg.err = err; err == nil {
			pg.data = b[i*Page : min((i+1)*Page, len(b)) : min((i+1)*Page, len(b))]
			r.oldest = append(r.oldest, k)
		} else {
			delete(r.pages, k) // the next reader tries again
		}
		close(pg.ready)
	}
	for len(r.oldest) > kept {
		delete(r.pages, r.oldest[0])
		r.oldest = r.oldest[1:]
	}
}
