package gvcf

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// letters is a reference whose base at pos is known.
type letters struct{}

func (letters) Bases(dst []byte, r locus.Region) ([]byte, error) {
	if r.End > 1<<20 {
		return nil, errors.New("beyond the end")
	}
	for pos := r.Start; pos < r.End; pos++ {
		dst = append(dst, "ACGT"[pos%4])
	}
	return dst, nil
}

// sink writes records as short text.
type sink struct{ lines []string }

func (s *sink) Call(c *variant.Call) error {
	s.lines = append(s.lines, fmt.Sprintf("call %s:%d-%d %s", c.Contig, c.Start, c.End, strings.Join(c.Alts, ",")))
	return nil
}

func (s *sink) Block(b *variant.Block) error {
	s.lines = append(s.lines, fmt.Sprintf("block %s:%d-%d %c %d", b.Contig, b.Start, b.End, b.Ref, b.GQ))
	return nil
}

func call(contig string, start, length int, alts ...string) *variant.Call {
	if len(alts) == 0 {
		alts = []string{"C"}
	}
	n := len(alts)
	return &variant.Call{Site: variant.Site{Variant: variant.Variant{Contig: contig, Start: start, End: start + length, Ref: strings.Repeat("A", length), Alts: alts},
		AD: make([]int, n+1), VAF: make([]float64, n)}, GL: make([]float64, variant.Genotypes(n+1))}
}

func block(contig string, start, end int, ref byte, gq int) *variant.Block {
	return &variant.Block{Contig: contig, Start: start, End: end, Ref: ref, GQ: gq}
}

func contigs(t testing.TB) *locus.Contigs {
	t.Helper()
	c, err := locus.NewContigs([]locus.Contig{{Name: "chr20", Length: 1 << 20}, {Name: "chr3", Length: 1 << 20}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// feed pushes calls and blocks, whichever kind first where pick says so.
func feed(t testing.TB, calls []*variant.Call, blocks []*variant.Block, pick func() bool, m *Merger) {
	t.Helper()
	for len(calls) > 0 || len(blocks) > 0 {
		var err error
		if len(calls) > 0 && (len(blocks) == 0 || pick()) {
			err = m.AddCall(calls[0])
			calls = calls[1:]
		} else {
			err = m.AddBlock(blocks[0])
			blocks = blocks[1:]
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
}

// The stretch of the 1.9 golden where a call swallows four whole blocks.
func TestMergeVector(t *testing.T) {
	calls := []*variant.Call{call("chr20", 8920, 1), call("chr20", 8947, 2), call("chr20", 8951, 12, "C", "CC")}
	var list []*variant.Block
	for _, b := range []struct {
		start, end int
		ref        byte
		gq         int
	}{{8914, 8920, 'C', 48}, {8920, 8921, 'C', 0}, {8921, 8947, 'A', 50}, {8947, 8948, 'T', 0}, {8948, 8949, 'A', 1}, {8949, 8951, 'A', 50},
		{8951, 8952, 'C', 0}, {8952, 8953, 'A', 1}, {8953, 8954, 'C', 45}, {8954, 8999, 'A', 50}} {
		list = append(list, block("chr20", b.start, b.end, b.ref, b.gq))
	}
	want := []string{"block chr20:8914-8920 C 48", "call chr20:8920-8921 C,<*>", "block chr20:8921-8947 A 50", "call chr20:8947-8949 C,<*>",
		"block chr20:8949-8951 A 50", "call chr20:8951-8963 C,CC,<*>", "block chr20:8963-8999 T 50"}
	for name, pick := range map[string]func() bool{"calls first": func() bool { return true }, "blocks first": func() bool { return false }} {
		s := &sink{}
		feed(t, calls, list, pick, NewMerger(contigs(t), letters{}, variant.AnyAllele, s))
		if !slices.Equal(s.lines, want) {
			t.Errorf("%s:\n got %s\nwant %s", name, strings.Join(s.lines, "\n     "), strings.Join(want, "\n     "))
		}
	}
}

// randomStreams is calls, some overlapping, and blocks, with gaps, of two
// contigs.
func randomStreams(rng *rand.Rand, n int) (calls []*variant.Call, list []*variant.Block) {
	for _, contig := range []string{"chr20", "chr3"} {
		at := rng.IntN(20)
		for range n {
			calls = append(calls, call(contig, at, 1+rng.IntN(1+rng.IntN(9))))
			at += 1 + rng.IntN(30)
		}
		at = rng.IntN(20)
		for range n {
			end := at + 1 + rng.IntN(25)
			list = append(list, block(contig, at, end, "ACGT"[at%4], rng.IntN(50)))
			at = end
			if rng.IntN(4) == 0 {
				at += rng.IntN(10)
			}
		}
	}
	return calls, list
}

// Whatever the order in which calls and blocks arrive, the output is the same;
// every base of the blocks is covered once, by a piece or by calls.
func TestMergeProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 2))
	for range 200 {
		calls, list := randomStreams(rng, 30)
		var first []string
		for round := range 3 {
			s := &sink{}
			feed(t, calls, list, func() bool { return rng.IntN(2) == 0 }, NewMerger(contigs(t), letters{}, variant.AnyAllele, s))
			if round == 0 {
				first = s.lines
			} else if !slices.Equal(s.lines, first) {
				t.Fatal("another order of arrival, another output")
			}
		}
		inBlock := map[string]int{}
		for _, line := range first {
			var contig string
			var start, end, gq int
			var ref byte
			f := strings.Fields(line)
			contig, pos, _ := strings.Cut(f[1], ":")
			if _, err := fmt.Sscanf(pos, "%d-%d", &start, &end); err != nil {
				t.Fatal(err)
			}
			if f[0] == "call" {
				continue
			}
			ref = f[2][0]
			if _, err := fmt.Sscan(f[3], &gq); err != nil {
				t.Fatal(err)
			}
			if ref != "ACGT"[start%4] || start >= end {
				t.Fatalf("%s: want reference %c", line, "ACGT"[start%4])
			}
			for i := start; i < end; i++ {
				inBlock[fmt.Sprint(contig, i)]++
			}
		}
		for _, b := range list {
			for i := b.Start; i < b.End; i++ {
				want := 1
				for _, c := range calls {
					if c.Contig == b.Contig && c.Start <= i && i < c.End {
						want = 0
					}
				}
				if got := inBlock[fmt.Sprint(b.Contig, i)]; got != want {
					t.Fatalf("%s:%d is in %d blocks, want %d", b.Contig, i, got, want)
				}
			}
		}
		if n := strings.Count(strings.Join(first, "\n"), "call"); n != len(calls) {
			t.Fatalf("%d calls of %d", n, len(calls))
		}
	}
}

// Where neither a call nor a block spans, the stretches may be merged apart.
func TestMergeSplitAtGaps(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	calls, list := randomStreams(rng, 400)
	whole := &sink{}
	feed(t, calls, list, func() bool { return rng.IntN(2) == 0 }, NewMerger(contigs(t), letters{}, variant.AnyAllele, whole))
	parts := &sink{}
	pieces := 0
	for len(calls) > 0 || len(list) > 0 {
		i, j := span(calls, list)
		feed(t, calls[:i], list[:j], func() bool { return true }, NewMerger(contigs(t), letters{}, variant.AnyAllele, parts))
		calls, list = calls[i:], list[j:]
		pieces++
	}
	if pieces < 20 || !slices.Equal(whole.lines, parts.lines) {
		t.Errorf("in %d pieces the output differs", pieces)
	}
}

// span is the calls and blocks up to the first gap.
func span(calls []*variant.Call, list []*variant.Block) (i, j int) {
	contig, end := "", 0
	for {
		switch {
		case i < len(calls) && (contig == "" || calls[i].Contig == contig && calls[i].Start < end) && (j == len(list) || contig != "" || calls[i].Contig != list[j].Contig || calls[i].Start <= list[j].Start):
			contig, end = calls[i].Contig, max(end, calls[i].End)
			i++
		case j < len(list) && (contig == "" && (i == len(calls) || list[j].Contig == calls[i].Contig || list[j].Contig == "chr20") || list[j].Contig == contig && list[j].Start < end):
			contig, end = list[j].Contig, max(end, list[j].End)
			j++
		default:
			return i, j
		}
	}
}

// Told how far its inputs are, a Merger holds nothing back for long.
func TestMergerIsBounded(t *testing.T) {
	s := &sink{}
	m := NewMerger(contigs(t), letters{}, variant.AnyAllele, s)
	for i := range 10000 {
		if err := m.AddBlock(block("chr20", 10*i, 10*i+10, 'A', 50)); err != nil {
			t.Fatal(err)
		}
		if err := m.Reached("chr20", 10*i+10); err != nil {
			t.Fatal(err)
		}
		if len(s.lines) != i+1 {
			t.Fatalf("%d blocks written of %d", len(s.lines), i+1)
		}
	}
	if n := cap(m.blocks.list); n > 1000 {
		t.Errorf("memory for %d blocks", n)
	}
	if err := m.AddCall(call("chr20", 5, 1)); !errors.Is(err, ErrOrder) {
		t.Errorf("a call before what was reached: %v", err)
	}
	if err := m.AddBlock(block("chrZ", 5, 9, 'A', 1)); !errors.Is(err, locus.ErrUnknownContig) {
		t.Errorf("unknown contig: %v", err)
	}
	if err := m.AddBlock(block("chr3", 1<<20-5, 1<<20+5, 'A', 1)); err != nil {
		t.Fatal(err)
	}
	if err := m.AddCall(call("chr3", 1<<20-1, 1)); err == nil || !strings.Contains(err.Error(), "beyond the end") {
		t.Errorf("error of the reference: %v", err)
	}
}

func TestExtend(t *testing.T) {
	c := call("chr20", 5, 1, "C", "G")
	c.GL = []float64{-3, -2, -1, -.5, -4, -5}
	c.AD, c.VAF = []int{1, 2, 3}, []float64{.2, .3}
	e := Extend(c, variant.NonRef)
	want := []float64{-2.5, -1.5, -.5, 0, -3.5, -4.5, -99, -99, -99, -99}
	for i := range max(len(want), len(e.GL)) {
		if math.Abs(e.GL[i]-want[i]) > 1e-12 {
			t.Fatalf("GL %v, want %v", e.GL, want)
		}
	}
	if !slices.Equal(e.Alts, []string{"C", "G", "<NON_REF>"}) || !slices.Equal(e.AD, []int{1, 2, 3, 0}) || !slices.Equal(e.VAF, []float64{.2, .3, 0}) {
		t.Errorf("%v %v %v", e.Alts, e.AD, e.VAF)
	}
	if len(c.Alts) != 2 || len(c.AD) != 3 || c.GL[0] != -3 {
		t.Errorf("the call itself was changed: %+v", c)
	}
	if again := Extend(&e, variant.NonRef); len(again.Alts) != 3 || len(again.GL) != 10 {
		t.Errorf("extended twice: %v", again.Alts)
	}
}
