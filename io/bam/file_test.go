package bam

import (
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

const wgs = "deepvariant/testdata/input/NA12878_S1.chr20.10_10p1mb.bam"

func open(t testing.TB, path string, o Options) *File {
	t.Helper()
	f, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// key is all of a read that tells it from others.
type key struct {
	name   string
	flag   align.Flag
	contig int
	start  int
}

// TestReadsEqualsAScan compares every kind of query with a filtered walk over
// the whole file.
func TestReadsEqualsAScan(t *testing.T) {
	f := open(t, shared.Path(t, wgs), Options{Threads: 2, Warn: func(err error) { t.Log(err) }})
	type placed struct {
		key
		end int
	}
	var all []placed
	for r, err := range f.All() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, placed{key{string([]byte(r.Name)), r.Flag, r.Contig, r.Start}, max(r.End(), r.Start+1)})
	}
	contig := f.Header().Contigs.Index("chr20")
	for _, q := range [][2]int{{0, 64444167}, {9999999, 10010000}, {10010000, 10010001}, {10050000, 10051000}, {20000000, 30000000}, {10099999, 10100500}} {
		var got, want []key
		for _, p := range all {
			if p.contig == contig && p.start < q[1] && p.end > q[0] {
				want = append(want, p.key)
			}
		}
		for r, err := range f.Reads(t.Context(), locus.Region{Contig: "chr20", Start: q[0], End: q[1]}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, key{string([]byte(r.Name)), r.Flag, r.Contig, r.Start})
		}
		if len(got) != len(want) {
			t.Errorf("%v: %d reads, want %d", q, len(got), len(want))
			continue
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%v: read %d is %v, want %v", q, i, got[i], want[i])
				break
			}
		}
	}
	if len(all) < 1000 {
		t.Errorf("%d reads in the file", len(all))
	}
}
