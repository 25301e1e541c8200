package pileup_test

import (
	"context"
	"iter"

	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// memoryReads are reads in memory, in order.
type memoryReads []align.Read

func (m memoryReads) Reads(_ context.Context, r locus.Region) iter.Seq2[*align.Read, error] {
	return func(yield func(*align.Read, error) bool) {
		for i := range m {
			if m[i].Start < r.End && m[i].End() > r.Start && !yield(&m[i], nil) {
				return
			}
		}
	}
}

// memoryRef is the reference of one contig, as far as it is at hand.
type memoryRef struct{ window count.Window }

func (m memoryRef) Bases(dst []byte, r locus.Region) ([]byte, error) {
	w := m.window
	return append(dst, w.Bases[r.Start-w.Start:r.End-w.Start]...), nil
}
