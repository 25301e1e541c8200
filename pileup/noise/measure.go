package noise

import (
	"context"
	"iter"

	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// Source is the reads of a library and its reference. Both are as package
// pileup has them; Bytes is the compressed size of the reads of a region.
type Source struct {
	Reads func(ctx context.Context, r locus.Region) iter.Seq2[*align.Read, error]
	Bases func(dst []byte, r locus.Region) ([]byte, error)
	Bytes func(r locus.Region) int64
}

const (
	window = 1 << 14 // bases of a piece: an index knows no finer places
	pieces = 96      // as many as are looked at: 1.6 Mb

	mostReads = 20_000 // of a piece, enough for a depth of 180
)

// Measure looks at pieces of the library of a source, on some contigs. It
// depends on nothing but the files.
func Measure(ctx context.Context, s Source, contigs *locus.Contigs) (list []Noise, _ error) {
	var m meter
	for _, r := range chosen(s.Bytes, contigs) {
		if err := m.open(s.Bases, r); err != nil {
			return nil, err
		}
		for read, err := range s.Reads(ctx, r) {
			if err != nil {
				return nil, err
			}
			if !m.read(read) {
				break
			}
		}
		list = append(list, m.close())
	}
	return list, nil
}

// chosen is the pieces in which each of as many equal shares of the reads has its
// middle, in order.
func chosen(size func(locus.Region) int64, contigs *locus.Contigs) (list []locus.Region) {
	var total int64
	for _, n := range sized(size, contigs) {
		total += n
	}
	var before int64
	k := int64(0)
	for r, n := range sized(size, contigs) {
		before += n
		taken := false
		for k < pieces && before*2*pieces > total*(2*k+1) {
			k++
			taken = true
		}
		if taken {
			list = append(list, r)
		}
	}
	return list
}

// sized is all pieces with the size of their reads, but those without.
func sized(size func(locus.Region) int64, contigs *locus.Contigs) iter.Seq2[locus.Region, int64] {
	return func(yield func(locus.Region, int64) bool) {
		for _, c := range contigs.List() {
			for at := 0; at < c.Length; at += window {
				r := locus.Region{Contig: c.Name, Start: at, End: min(at+window, c.Length)}
				if n := size(r); n > 0 && !yield(r, n) {
					return
				}
			}
		}
	}
}
