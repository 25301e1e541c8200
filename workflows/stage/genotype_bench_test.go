package stage

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/io/object"
)

// BenchmarkGenotype makes records of 100,000 sites on one core, from plain files
// to plain text and from gzip to bgzip with its index.
func BenchmarkGenotype(b *testing.B) {
	const sites = 100_000
	c := newOutputs(sites)
	for _, packed := range []bool{false, true} {
		b.Run(fmt.Sprintf("packed=%v", packed), func(b *testing.B) {
			dir := b.TempDir()
			plan := c.plan(b, dir)
			path := filepath.Join(dir, "c.tfrecord")
			if packed {
				path, plan.Out = path+".gz", plan.Out+".gz"
			}
			writeRecords(b, path, func(emit func([]byte)) {
				for _, x := range c.list {
					emit(x.Append(nil))
				}
			})
			plan.Calls = []string{path}
			b.ReportAllocs()
			from := cpu()
			for b.Loop() {
				if s, err := Genotype(b.Context(), &Env{Store: object.Files{}, Threads: 1}, plan); err != nil || s.Records != sites {
					b.Fatal(s, err)
				}
			}
			b.ReportMetric(float64(sites)*float64(b.N)/(cpu()-from).Seconds(), "records/core-s")
			b.ReportMetric(float64(len(c.list))*float64(b.N)/(cpu()-from).Seconds(), "examples/core-s")
		})
	}
}

// TestGenotypeMemory: the records of a sorter beyond its memory lie in its file.
func TestGenotypeMemory(t *testing.T) {
	s := newSorter(filepath.Join(t.TempDir(), "o"), 10_000)
	defer s.close()
	const n = 5000
	for i := range n {
		if err := s.add(sortKey{start: int32(i * 7919 % n), end: 1}, []byte(strings.Repeat("x", 40))); err != nil {
			t.Fatal(err)
		}
		if held := s.held + 24*len(s.list); held > 10_000+64 {
			t.Fatalf("%d bytes held, want at most 10,000", held)
		}
	}
	last := -1
	for r, err := range s.all() {
		if err != nil {
			t.Fatal(err)
		}
		if int(r.start) != last+1 || len(r.data) != 40 {
			t.Fatalf("%d after %d, %d bytes", r.start, last, len(r.data))
		}
		last = int(r.start)
	}
	if last != n-1 {
		t.Errorf("the last is %d, want %d", last, n-1)
	}
}
