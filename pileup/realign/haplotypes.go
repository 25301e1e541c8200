package realign

import (
	"bytes"
	"slices"
)

// haplotypes holds the sequences of many windows in one block of memory.
type haplotypes struct {
	text  []byte
	spans []segment
}

func (h *haplotypes) reset() { h.text, h.spans = h.text[:0], h.spans[:0] }

// add copies a sequence to the end.
func (h *haplotypes) add(s []byte) {
	from := len(h.text)
	h.text = append(h.text, s...)
	h.spans = append(h.spans, segment{from, len(h.text)})
}

// cut takes back all sequences from the n-th on.
func (h *haplotypes) cut(n int) {
	if n < len(h.spans) {
		h.text, h.spans = h.text[:h.spans[n].from], h.spans[:n]
	}
}

func (h *haplotypes) at(i int) []byte { return h.text[h.spans[i].from:h.spans[i].to] }

// sort orders the sequences from the n-th on bytewise.
func (h *haplotypes) sort(n int) {
	slices.SortFunc(h.spans[n:], func(a, b segment) int {
		return bytes.Compare(h.text[a.from:a.to], h.text[b.from:b.to])
	})
}
