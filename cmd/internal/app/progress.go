package app

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// Progress is one line on a terminal that says how far a long run is, how fast
// it goes and how long it will take. In a pipe it prints nothing. A nil
// Progress is silent.
type Progress struct {
	w     io.Writer
	unit  string
	total float64
	start time.Time

	mu    sync.Mutex
	done  float64
	shown time.Time
}

// NewProgress makes the line for a run of total units, or nil where stderr is
// no terminal or quiet is set.
func NewProgress(unit string, total float64, quiet bool) *Progress {
	if quiet || !term.IsTerminal(int(os.Stderr.Fd())) {
		return nil
	}
	return newProgress(os.Stderr, unit, total, time.Now())
}

func newProgress(w io.Writer, unit string, total float64, now time.Time) *Progress {
	return &Progress{w: w, unit: unit, total: total, start: now}
}

// Add counts finished units. It may be called from many goroutines at once.
func (p *Progress) Add(n float64) {
	if p != nil {
		p.add(n, time.Now())
	}
}

func (p *Progress) add(n float64, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += n
	if now.Sub(p.shown) < 200*time.Millisecond {
		return
	}
	p.shown = now
	spent := now.Sub(p.start)
	rate := p.done / max(spent.Seconds(), 1e-3)
	left := time.Duration((p.total - p.done) / max(rate, 1e-9) * float64(time.Second))
	fmt.Fprintf(p.w, "\r%5.1f %%  %.2f of %.2f %s  %.2f %s/s  %s left\x1b[K", 100*p.done/max(p.total, 1e-9), p.done, p.total, p.unit, rate, p.unit, left.Round(time.Second))
}

// Clear takes the line off the terminal, for other words or at the end; the
// next Add brings it back.
func (p *Progress) Clear() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.shown.IsZero() {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
	p.shown = time.Time{}
}
