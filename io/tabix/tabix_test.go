package tabix

import (
	"bytes"
	"cmp"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/bgzf"
)

// TestBins compares the bins of a .tbi with the numbers in the SAM
// specification, section 5.1.1.
func TestBins(t *testing.T) {
	for _, k := range []struct{ start, end, bin int }{
		{0, 1, 4681}, {16383, 16384, 4681}, {16384, 16385, 4682}, {16383, 16385, 585}, {131071, 131073, 73}, {1<<20 - 1, 1<<20 + 1, 9},
		{1<<23 - 1, 1<<23 + 1, 1}, {1<<26 - 1, 1<<26 + 1, 0}, {1<<29 - 1, 1 << 29, 37448}, {5, 5, 4681},
	} {
		if got := binOf(k.start, k.end, shift, tbiDepth); got != k.bin {
			t.Errorf("[%d, %d): bin %d, want %d", k.start, k.end, got, k.bin)
		}
	}
}

type record struct {
	contig     string
	start, end int
	from, to   bgzf.Offset
}

// table makes n records on each of some contigs, at places of 10 bytes each,
// 6,000 to a block.
func table(n, length int) []record {
	rng := rand.New(rand.NewPCG(5, uint64(length)))
	var list []record
	for _, c := range []string{"a", "b"} {
		for range n {
			r := record{contig: c, start: rng.IntN(length)}
			r.end = min(length, r.start+1+rng.IntN(3)*rng.IntN(3)*rng.IntN(length/10))
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b record) int { return cmp.Or(strings.Compare(a.contig, b.contig), a.start-b.start) })
	place := func(i int) bgzf.Offset { return bgzf.MakeOffset(int64(i/600), i%600*10) }
	for i := range list {
		list[i].from, list[i].to = place(i), place(i+1)
	}
	return list
}

func final(p bgzf.Offset) bgzf.Offset { return bgzf.MakeOffset(p.File()*1000, p.Within()) }

// TestChunks: what overlaps a region lies in its chunks, and a chunk that holds
// nothing of use is rare.
func TestChunks(t *testing.T) {
	for name, k := range map[string]struct {
		csi    bool
		length int
	}{"tbi": {false, 1 << 29}, "csi": {true, 1<<31 - 1}, "csi of short contigs": {true, 1000}} {
		t.Run(name, func(t *testing.T) {
			list := table(3000, k.length)
			b := NewBuilder(VCF, k.csi, k.length)
			for _, r := range list {
				if err := b.Add(r.contig, r.start, r.end, r.from, r.to); err != nil {
					t.Fatal(err)
				}
			}
			file, err := b.Encode(final)
			if err != nil {
				t.Fatal(err)
			}
			x, err := Read(bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(x.Names, []string{"a", "b"}) || x.Layout != VCF || x.Records(0) != 3000 || x.End() != final(list[len(list)-1].to) {
				t.Errorf("names %v, layout %v, %d records, end %s", x.Names, x.Layout, x.Records(0), x.End())
			}
			rng := rand.New(rand.NewPCG(1, 1))
			read, wanted := 0, 0
			for range 300 {
				ref := rng.IntN(2)
				start := rng.IntN(k.length)
				end := min(k.length, start+1+rng.IntN(k.length/100+1))
				chunks := x.Chunks(ref, start, end)
				for i, c := range chunks {
					if c.Begin >= c.End || i > 0 && c.Begin <= chunks[i-1].End {
						t.Fatalf("chunks %v", chunks)
					}
				}
				for _, r := range list {
					in := slices.ContainsFunc(chunks, func(c Chunk) bool { return c.Begin <= final(r.from) && final(r.from) < c.End })
					over := r.contig == x.Names[ref] && r.start < end && start < r.end
					if over && !in {
						t.Fatalf("[%d, %d): the record at [%d, %d) is in no chunk of %v", start, end, r.start, r.end, chunks)
					}
					if in {
						read++
					}
					if over {
						wanted++
					}
				}
			}
			if read > 20*wanted+300*600 {
				t.Errorf("%d records in the chunks, for %d that are wanted", read, wanted)
			}
		})
	}
}

func TestAddRefuses(t *testing.T) {
	for name, k := range map[string]struct {
		contig string
		start  int
		want   string
	}{
		"not sorted":    {"b", 5, "not sorted: b:6 stands behind b:11"},
		"apart":         {"a", 5, "not sorted: records of a stand apart"},
		"behind 2^29":   {"b", 1 << 29, "b:536870913 lies behind base 2^29"},
		"on the border": {"b", 1<<29 - 1, ""},
	} {
		b := NewBuilder(VCF, false, 0)
		for _, c := range []string{"a", "b"} {
			if err := b.Add(c, 10, 11, 0, 1); err != nil {
				t.Fatal(err)
			}
		}
		err := b.Add(k.contig, k.start, k.start+1, 1, 2)
		if k.want == "" && err != nil || k.want != "" && (err == nil || !strings.HasPrefix(err.Error(), k.want)) {
			t.Errorf("%s: %v, want %q", name, err, k.want)
		}
	}
	b := NewBuilder(VCF, false, 0)
	if err := b.Add("a", 1<<29, 1<<29+1, 0, 1); !errors.Is(err, ErrTooLong) {
		t.Errorf("ErrTooLong is not reachable: %v", err)
	}
}

func TestOpenShared(t *testing.T) {
	for _, k := range []struct {
		name    string
		names   int
		records int64 // bcftools index -s
	}{
		{"population/HG002.GRCh38.chr20_train.truth.vcf.gz.tbi", 1, 15217},
		{"population/1000G.chr20_1-4M.panel300.bcf.csi", 0, 24990},
		{"deepvariant/testdata/golden.postprocess_empty_output.vcf.gz.tbi", 0, 0},
	} {
		x, err := Open(shared.Path(t, k.name))
		if err != nil {
			t.Fatal(err)
		}
		n := int64(0)
		for i := range x.refs {
			n += max(x.Records(i), 0)
		}
		if len(x.Names) != k.names || n != k.records {
			t.Errorf("%s: names %v, %d records, want %d", k.name, x.Names, n, k.records)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, csi := range []bool{false, true} {
		b := NewBuilder(VCF, csi, 1000)
		for i, r := range table(3, 1000) {
			if err := b.Add(r.contig, r.start, r.end, bgzf.Offset(i), bgzf.Offset(i+1)); err != nil {
				f.Fatal(err)
			}
		}
		file, err := b.Encode(final)
		if err != nil {
			f.Fatal(err)
		}
		var plain bytes.Buffer
		if _, err := plain.ReadFrom(bgzf.NewReader(bytes.NewReader(file), 1)); err != nil {
			f.Fatal(err)
		}
		f.Add(plain.Bytes())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := parse(b)
		if err != nil {
			return
		}
		for i := range x.refs {
			for _, c := range x.Chunks(i, 100, 20_000) {
				if c.End < c.Begin {
					t.Fatalf("chunk %v", c)
				}
			}
			x.Records(i)
		}
		x.End()
	})
}
