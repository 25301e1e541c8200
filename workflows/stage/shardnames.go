package stage

import (
	"context"
	"fmt"
	"strings"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/tfrecord"
)

// InputFiles lists the files that the name of an input stands for: with @N it
// is a set of files.
func InputFiles(ctx context.Context, s object.Store, name string) ([]string, error) {
	if !strings.Contains(name, "@") {
		return []string{name}, nil
	}
	return shardPaths(ctx, s, []string{name})
}

// shardPaths lists the files that names stand for. A name may have @N; a file
// that is one shard of several, by its name, must come with all the others, and
// shards of two sets of one base are never taken together.
func shardPaths(ctx context.Context, s object.Store, names []string) ([]string, error) {
	var paths []string
	given := map[tfrecord.Name]map[int]bool{}
	shards := map[string]int{} // of a base
	for _, text := range names {
		name, err := tfrecord.ParseName(text)
		if err != nil {
			return nil, err
		}
		list, err := name.Paths(func(p string) (bool, error) { return exists(ctx, s, p) })
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			set, k, ok := tfrecord.ParsePath(p)
			if !ok {
				set = tfrecord.Name{Base: p}
			}
			if n, ok := shards[set.Base]; ok && n != set.Shards {
				return nil, fmt.Errorf("%s: a shard of %d, but another of %s is one of %d: shards of two runs are mixed", p, set.Shards, set.Base, n)
			}
			shards[set.Base] = set.Shards
			if given[set] == nil {
				given[set] = map[int]bool{}
			}
			if given[set][k] {
				return nil, fmt.Errorf("%s: given twice", p)
			}
			given[set][k] = true
			paths = append(paths, p)
		}
	}
	for _, p := range paths { // in the order given, so that the error is always the same
		set, _, _ := tfrecord.ParsePath(p)
		for k := range set.Shards {
			if !given[set][k] {
				return nil, fmt.Errorf("%s: a shard of %d, but shard %d is not given: %s; name the whole set as %s", p, set.Shards, k+1, set.Path(k), set)
			}
		}
	}
	return paths, nil
}
