package pileup_test

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// halves parts reads into those of two samples, by their names.
func halves(reads []align.Read) (out [2]memoryReads) {
	for i := range reads {
		h := fnv.New32a()
		h.Write([]byte(reads[i].Name))
		k := h.Sum32() >> 7 & 1
		out[k] = append(out[k], reads[i])
	}
	return out
}

// groupCase is what the tests of groups work on.
type groupCase struct {
	all     memoryReads
	ref     memoryRef
	contigs *locus.Contigs
	cells   []pileup.GridCell
	options pileup.Options
}

func newGroupCase(t *testing.T, compat pileup.Compat) *groupCase {
	t.Helper()
	reads, ref := golden(t)
	region := locus.Region{Contig: "chr20", Start: 10_002_000, End: 10_005_000}
	contigs, err := locus.NewContigs([]locus.Contig{{Name: "chr20", Length: 63_025_520}})
	if err != nil {
		t.Fatal(err)
	}
	c := &groupCase{all: overlapping(reads, locus.Region{Contig: "chr20", Start: region.Start - 8000, End: region.End + 8000}),
		ref: memoryRef{ref}, contigs: contigs, options: pileup.DefaultOptions(compat)}
	if compat == pileup.Default {
		c.cells = slices.Collect(pileup.Cells(contigs, []locus.Region{region}, pileup.CellSize))
	} else {
		c.cells = slices.Collect(pileup.Partitions([]locus.Region{region}, pileup.CellSize))
	}
	return c
}

func (c *groupCase) processor(reads memoryReads) *pileup.Processor {
	return pileup.NewProcessor(reads, c.ref, c.contigs, c.options)
}

// placed is the reads of a pileup with their alignments, sorted.
func placed(all ...*pileup.Pileup) string {
	var out []string
	for _, p := range all {
		for _, r := range p.Reads {
			out = append(out, fmt.Sprintf("%s/%d %d %v", r.Name, r.Number(), r.Start, r.Cigar))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// TestJointRealignment: the reads of one sample, parted into those of two that
// are set anew together, come out as they do in one.
func TestJointRealignment(t *testing.T) {
	for _, compat := range []pileup.Compat{pileup.Default, pileup.V19} {
		c := newGroupCase(t, compat)
		want := map[int]string{}
		moved := 0
		if err := c.processor(c.all).Span(t.Context(), c.cells, func(p *pileup.Pileup) error {
			want[p.Start] = placed(p)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		parts := halves(c.all)
		g := pileup.NewGroup(true, c.processor(parts[0]), c.processor(parts[1]))
		if err := g.Span(t.Context(), c.cells, func(all []*pileup.Pileup) error {
			if got := placed(all...); got != want[all[0].Start] {
				t.Errorf("compat %q: at %d %d bytes of alignments, want %d", compat, all[0].Start, len(got), len(want[all[0].Start]))
			}
			for i := range all[0].Reads {
				if !slices.ContainsFunc(parts[0], func(r align.Read) bool { return r.Name == all[0].Reads[i].Name }) {
					t.Fatalf("%s is no read of the first sample", all[0].Reads[i].Name)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		apart := pileup.NewGroup(false, c.processor(parts[0]), c.processor(parts[1]))
		if err := apart.Span(t.Context(), c.cells, func(all []*pileup.Pileup) error {
			if placed(all...) != want[all[0].Start] {
				moved++
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if moved == 0 {
			t.Errorf("compat %q: reads set anew apart come out the same: the test shows nothing", compat)
		}
	}
}

// TestGroup: where other samples may not make candidates, those of a member are
// what it finds alone, with as many views as there are others; an error of visit
// ends the work.
func TestGroup(t *testing.T) {
	for _, compat := range []pileup.Compat{pileup.Default, pileup.V19} {
		c := newGroupCase(t, compat)
		c.options.TrackRef = true
		c.options.Candidate.FractionMultiplier = float32(math.Inf(1))
		list := func(found []candidate.Candidate) (out string) {
			for _, x := range found {
				x.Others = nil
				out += fmt.Sprintln(x)
			}
			return out
		}
		parts := halves(c.all)
		var want [2]map[int]string
		for i := range parts {
			want[i] = map[int]string{}
			if err := c.processor(parts[i]).Span(t.Context(), c.cells, func(p *pileup.Pileup) error {
				want[i][p.Start] = list(p.Candidates)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		n, seen := 0, 0
		g := pileup.NewGroup(false, c.processor(parts[0]), c.processor(parts[1]))
		visit := func(all []*pileup.Pileup) error {
			for i, p := range all {
				if got := list(p.Candidates); got != want[i][p.Start] {
					t.Errorf("compat %q, sample %d at %d:\n%s\nwant\n%s", compat, i, p.Start, got, want[i][p.Start])
				}
				for _, x := range p.Candidates {
					n++
					if len(x.Others) != 1 || len(x.Others[0].Support) != len(x.Alts) {
						t.Fatalf("views %+v", x.Others)
					}
					seen += len(x.Others[0].Support[0])
				}
			}
			return nil
		}
		if err := g.Span(t.Context(), c.cells, visit); err != nil || n < 20 || seen < 10*n/2 {
			t.Errorf("compat %q: %d candidates with %d reads of the other sample, %v", compat, n, seen, err)
		}
		if g.Spent().Reads == 0 {
			t.Error("no read was counted")
		}
		halt := errors.New("halt")
		if err := g.Span(t.Context(), c.cells, func([]*pileup.Pileup) error { return halt }); !errors.Is(err, halt) {
			t.Errorf("got %v", err)
		}
	}
}
