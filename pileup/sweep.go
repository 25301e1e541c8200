package pileup

import (
	"encoding/binary"
	"fmt"

	"github.com/gx-genomics/gx/variant/locus"
)

// A candidate sweep lists where candidates start, so that a later run can cut
// its partitions to equal work. It is a sequence of 32-bit little-endian
// numbers: the starts of a partition, then endOfPartition, then endOfRegion
// where a calling region ends.
const (
	endOfPartition = -2
	endOfRegion    = -1
)

// AppendSweep appends the starts of a partition's candidates, 0-based and in
// order, in the form of a sweep file.
func AppendSweep(dst []byte, starts []int, endsRegion bool) []byte {
	put := func(v int) { dst = binary.LittleEndian.AppendUint32(dst, uint32(int32(v))) }
	for _, p := range starts {
		put(p)
	}
	put(endOfPartition)
	if endsRegion {
		put(endOfRegion)
	}
	return dst
}

// MergeSweeps joins the sweeps of all shards of a run, whose partitions were
// dealt to the shards in turn, to one list: the starts of each region followed
// by a -1.
func MergeSweeps(shards [][]byte) ([]int, error) {
	var out []int
	left := make([][]byte, len(shards))
	for i, s := range shards {
		if len(s)%4 != 0 {
			return nil, fmt.Errorf("candidate positions of shard %d: %d bytes, want a multiple of 4", i, len(s))
		}
		left[i] = s
	}
	for more := true; more; {
		more = false
		for i := range left {
			if len(left[i]) == 0 {
				continue
			}
			more = true
			var err error
			if out, left[i], err = mergePartition(out, left[i]); err != nil {
				return nil, fmt.Errorf("candidate positions of shard %d: %w", i, err)
			}
		}
	}
	return out, nil
}

// mergePartition moves one partition of a shard to out.
func mergePartition(out []int, b []byte) ([]int, []byte, error) {
	get := func() int { return int(int32(binary.LittleEndian.Uint32(b))) }
	for len(b) > 0 {
		v := get()
		b = b[4:]
		switch {
		case v == endOfPartition:
			if len(b) > 0 && get() == endOfRegion {
				out, b = append(out, endOfRegion), b[4:]
			}
			return out, b, nil
		case v < 0:
			return nil, nil, fmt.Errorf("found %d, want a position or the end of a partition", v)
		case len(out) > 0 && v <= out[len(out)-1]:
			return nil, nil, fmt.Errorf("position %d stands behind %d", v, out[len(out)-1])
		}
		out = append(out, v)
	}
	return out, b, nil
}

// The bounds of a partition cut by candidates.
const (
	sweepCandidates = 200
	sweepLength     = 1_000_000
)

// PartitionsBySweep cuts the regions into partitions of at most 200 candidates
// and 1,000,000 bases. starts is what MergeSweeps gives and belongs to the same
// regions. (As in DeepVariant, the candidate at which a partition is found to
// be full is in the next one but not counted there.)
func PartitionsBySweep(regions []locus.Region, starts []int) ([]GridCell, error) {
	var out []GridCell
	for _, r := range regions {
		cut := func(from, to int) {
			for p := from; p < to; p += sweepLength {
				out = append(out, partition(locus.Region{Contig: r.Contig, Start: p, End: min(p+sweepLength, to)}, r.End))
			}
		}
		from, to, n := r.Start, r.Start, 0
		for len(starts) > 0 && r.Contains(starts[0]) {
			if n == sweepCandidates || to-from >= sweepLength {
				cut(from, to)
				from, to, n = to, to+1, 0
			} else {
				to = starts[0] + 1
				n++
			}
			starts = starts[1:]
		}
		if len(starts) == 0 || starts[0] != endOfRegion {
			return nil, fmt.Errorf("candidate positions end before region %s does: they were made for other regions", r)
		}
		starts = starts[1:]
		cut(from, r.End)
	}
	if len(starts) > 0 {
		return nil, fmt.Errorf("candidate positions go on behind the last region: they were made for other regions")
	}
	return out, nil
}
