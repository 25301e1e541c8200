// Package metrics counts, and writes what was counted in the text format of
// Prometheus, version 0.0.4: families one after the other, each with its HELP
// and TYPE once.
package metrics

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// ContentType is that of the text over HTTP.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// Kinds of families.
const (
	Counter   = "counter"
	Gauge     = "gauge"
	histogram = "histogram"
)

// Label is the name of a label and its value.
type Label struct{ Name, Value string }

// A Writer writes families. The first error stays, see Err.
type Writer struct {
	w   io.Writer
	err error
}

// NewWriter writes to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Err is the first error of writing.
func (w *Writer) Err() error { return w.err }

func (w *Writer) printf(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.w, format, args...)
	}
}

var helpText = strings.NewReplacer(`\`, `\\`, "\n", `\n`)

// Family begins a family.
func (w *Writer) Family(name, kind, help string) {
	w.printf("# HELP %s %s\n# TYPE %s %s\n", name, helpText.Replace(help), name, kind)
}

// Sample writes a sample of the family that was begun last.
func (w *Writer) Sample(name string, v float64, labels ...Label) {
	w.printf("%s%s %s\n", name, labelText(labels), number(v))
}

func number(v float64) string {
	switch {
	case math.IsInf(v, 1):
		return "+Inf"
	case math.IsInf(v, -1):
		return "-Inf"
	case math.IsNaN(v):
		return "NaN"
	case v == math.Trunc(v) && math.Abs(v) < 1<<53:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

var labelValue = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func labelText(labels []Label) string {
	if len(labels) == 0 {
		return ""
	}
	var b strings.Builder
	for i, l := range labels {
		sep := ","
		if i == 0 {
			sep = "{"
		}
		fmt.Fprintf(&b, `%s%s="%s"`, sep, l.Name, labelValue.Replace(strings.ToValidUTF8(l.Value, "\uFFFD")))
	}
	b.WriteByte('}')
	return b.String()
}

// Count is a number that only grows. It is safe for concurrent use.
type Count struct{ n atomic.Int64 }

// Add adds to it; n is 0 or more.
func (c *Count) Add(n int) { c.n.Add(int64(n)) }

// Value is what was counted.
func (c *Count) Value() float64 { return float64(c.n.Load()) }

// Histogram counts observations by size. It is safe for concurrent use. Make it
// by NewHistogram.
type Histogram struct {
	tops []float64 // of the buckets, ascending

	mu  sync.Mutex
	n   []int64 // by bucket, and behind them of what is larger
	sum float64
}

// NewHistogram makes one with buckets up to tops, which ascend.
func NewHistogram(tops ...float64) *Histogram {
	return &Histogram{tops: tops, n: make([]int64, len(tops)+1)}
}

// Observe counts an observation.
func (h *Histogram) Observe(x float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	k := 0
	for k < len(h.tops) && x > h.tops[k] {
		k++
	}
	h.n[k]++
	h.sum += x
}

// Write writes the histogram as a family.
func (h *Histogram) Write(w *Writer, name, help string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w.Family(name, histogram, help)
	total := int64(0)
	for k, n := range h.n {
		total += n
		top := math.Inf(1)
		if k < len(h.tops) {
			top = h.tops[k]
		}
		w.Sample(name+"_bucket", float64(total), Label{"le", number(top)})
	}
	w.Sample(name+"_sum", h.sum)
	w.Sample(name+"_count", float64(total))
}
