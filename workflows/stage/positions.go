package stage

import (
	"context"
	"fmt"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/pileup"
)

// partitions are those that the positions of an earlier sweep make, nil where
// none are given.
func (w *exampleWork) partitions(ctx context.Context, s object.Store) ([]pileup.GridCell, error) {
	if w.plan.Positions == "" {
		return nil, nil
	}
	paths, err := shardPaths(ctx, s, []string{w.plan.Positions})
	if err != nil {
		return nil, err
	}
	var shards [][]byte
	for _, path := range paths {
		b, err := object.ReadAll(ctx, s, path, maxSweep)
		if err != nil {
			return nil, err
		}
		shards = append(shards, b)
	}
	starts, err := pileup.MergeSweeps(shards)
	var cells []pileup.GridCell
	if err == nil {
		cells, err = pileup.PartitionsBySweep(w.in.regions, starts)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", w.plan.Positions, err)
	}
	return cells, nil
}

// maxSweep bounds a file of positions: some thirty times those of a human genome.
const maxSweep = 1 << 30
