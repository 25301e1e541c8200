package pileup

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/variant/locus"
)

func contigs(t testing.TB, list ...locus.Contig) *locus.Contigs {
	t.Helper()
	c, err := locus.NewContigs(list)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCells(t *testing.T) {
	c := contigs(t, locus.Contig{Name: "a", Length: 2500}, locus.Contig{Name: "b", Length: 10})
	text := func(x GridCell) string {
		s := fmt.Sprintf("%s %d-%d:", x.Contig, x.Start, x.End)
		for _, e := range x.Emit {
			s += fmt.Sprintf(" %d-%d", e.Start, e.End)
		}
		if x.EndsRegion {
			s += " end"
		}
		return s
	}
	for _, k := range []struct {
		name           string
		regions        []locus.Region
		grid, compared []string
	}{
		{"whole contigs", []locus.Region{{Contig: "a", End: 2500}, {Contig: "b", End: 10}},
			[]string{"a 0-1000: 0-1000", "a 1000-2000: 1000-2000", "a 2000-2500: 2000-2500 end", "b 0-10: 0-10 end"},
			[]string{"a 0-1000: 0-1000", "a 1000-2000: 1000-2000", "a 2000-2500: 2000-2500 end", "b 0-10: 0-10 end"}},
		{"a region that starts in a cell", []locus.Region{{Contig: "a", Start: 999, End: 2001}},
			[]string{"a 0-1000: 999-1000", "a 1000-2000: 1000-2000", "a 2000-2500: 2000-2001 end"},
			[]string{"a 999-1999: 999-1999", "a 1999-2001: 1999-2001 end"}},
		{"several in one cell", []locus.Region{{Contig: "a", Start: 5, End: 6}, {Contig: "a", Start: 8, End: 1001}, {Contig: "a", Start: 1500, End: 1501}},
			[]string{"a 0-1000: 5-6 8-1000", "a 1000-2000: 1000-1001 1500-1501 end"},
			[]string{"a 5-6: 5-6 end", "a 8-1001: 8-1001 end", "a 1500-1501: 1500-1501 end"}},
		{"none", nil, nil, nil},
	} {
		t.Run(k.name, func(t *testing.T) {
			var grid, compared []string
			for x := range Cells(c, k.regions, 1000) {
				grid = append(grid, text(x))
			}
			for x := range Partitions(k.regions, 1000) {
				compared = append(compared, text(x))
			}
			if !slices.Equal(grid, k.grid) {
				t.Errorf("cells %q, want %q", grid, k.grid)
			}
			if !slices.Equal(compared, k.compared) {
				t.Errorf("partitions %q, want %q", compared, k.compared)
			}
		})
	}
	for x := range Cells(c, []locus.Region{{Contig: "a", Start: 5, End: 6}, {Contig: "a", Start: 8, End: 9}}, 1000) {
		for pos, want := range map[int]bool{4: false, 5: true, 6: false, 7: false, 8: true, 9: false} {
			if x.Emits(pos) != want {
				t.Errorf("position %d is wanted: %v", pos, !want)
			}
		}
	}
	for range Cells(c, []locus.Region{{Contig: "a", End: 2500}}, 1000) {
		break // an early end must not be an error
	}
}

// TestExcluded: the names are DeepVariant's, neither more nor less.
func TestExcluded(t *testing.T) {
	text, err := os.ReadFile(shared.Path(t, "deepvariant/exclude_contigs.txt"))
	if err != nil {
		t.Fatal(err)
	}
	names := strings.Fields(string(text))
	for _, name := range names {
		if !Excluded(name) {
			t.Errorf("%s is not excluded", name)
		}
	}
	if len(names) != 3402 || len(excluded()) != len(names) {
		t.Errorf("%d names are excluded, want %d", len(excluded()), len(names))
	}
	for _, name := range []string{"chr1", "20", "chrM", "MT", "chrX", ""} {
		if Excluded(name) {
			t.Errorf("%q is excluded", name)
		}
	}
}

func TestUsable(t *testing.T) {
	ref := Named{"ref.fa", contigs(t, locus.Contig{Name: "chr1", Length: 900}, locus.Contig{Name: "chr2", Length: 100}, locus.Contig{Name: "chrEBV", Length: 5000})}
	for _, k := range []struct {
		name   string
		inputs [][]locus.Contig
		want   string // names, or a part of the error after a !
		note   string
	}{
		{"none", nil, "chr1 chr2", ""},
		{"the same in another order", [][]locus.Contig{{{Name: "chr2", Length: 100}, {Name: "chr1", Length: 900}}}, "chr1 chr2", ""},
		{"one in ten bases missing", [][]locus.Contig{{{Name: "chr1", Length: 900}}}, "chr1", "contig chr2 of ref.fa is not in 0.bam"},
		{"another length", [][]locus.Contig{{{Name: "chr1", Length: 900}, {Name: "chr2", Length: 99}}}, "chr1", "contig chr2 has 100 bases in ref.fa, 99 in 0.bam"},
		{"missing in the second", [][]locus.Contig{{{Name: "chr1", Length: 900}, {Name: "chr2", Length: 100}}, {{Name: "chr1", Length: 900}}}, "chr1", "contig chr2 of ref.fa is not in 1.bam"},
		{"too little", [][]locus.Contig{{{Name: "chr2", Length: 100}}}, "!ref.fa and 0.bam share 100 of 1000 bases in contigs of equal name and length, want 90%: contig chr1 of ref.fa is not in 0.bam", ""},
		{"other names", [][]locus.Contig{{{Name: "1", Length: 900}, {Name: "2", Length: 100}}}, "!contig chr1 of ref.fa is called 1 in 0.bam; contig chr2 of ref.fa is called 2 in 0.bam; use the reference", ""},
	} {
		t.Run(k.name, func(t *testing.T) {
			var in []Named
			for i, list := range k.inputs {
				in = append(in, Named{fmt.Sprintf("%d.bam", i), contigs(t, list...)})
			}
			got, notes, err := Usable(ref, in...)
			if part, bad := strings.CutPrefix(k.want, "!"); bad {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("%v, want an error with %q", err, part)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, c := range got.List() {
				names = append(names, c.Name)
			}
			if strings.Join(names, " ") != k.want || strings.Join(notes, "; ") != k.note {
				t.Errorf("%q with notes %q, want %q, %q", names, notes, k.want, k.note)
			}
		})
	}
	only := Named{"ebv.fa", contigs(t, locus.Contig{Name: "chrEBV", Length: 5000})}
	if _, _, err := Usable(only); err == nil || !strings.Contains(err.Error(), "no contig on which variants are called") {
		t.Errorf("a reference of nothing but excluded contigs: %v", err)
	}
}

func TestCallingRegions(t *testing.T) {
	c := contigs(t, locus.Contig{Name: "chr2", Length: 100}, locus.Contig{Name: "chr1", Length: 50})
	region := func(name string, start, end int) locus.Region {
		return locus.Region{Contig: name, Start: start, End: end}
	}
	for _, k := range []struct {
		name             string
		include, exclude *locus.Set
		want             []locus.Region
		err              string
	}{
		{"everything", nil, nil, []locus.Region{region("chr2", 0, 100), region("chr1", 0, 50)}, ""},
		{"merged, in the order of the reference", locus.NewSet(region("chr1", 5, 9), region("chr1", 9, 12), region("chr2", 8, 20), region("chr1", 45, 99)), nil,
			[]locus.Region{region("chr2", 8, 20), region("chr1", 5, 12), region("chr1", 45, 50)}, ""},
		{"cut out", locus.NewSet(region("chr1", 5, 20)), locus.NewSet(region("chr1", 7, 9)), []locus.Region{region("chr1", 5, 7), region("chr1", 9, 20)}, ""},
		{"nothing left", locus.NewSet(region("chr1", 5, 20)), locus.NewSet(region("chr1", 0, 50)), nil, "leave nothing"},
		{"excluded", locus.NewSet(region("chrEBV", 5, 20)), nil, nil, "chrEBV is one of the contigs"},
		{"the other name", locus.NewSet(region("2", 5, 20)), nil, nil, "2 is called chr2 here"},
		{"not usable", locus.NewSet(region("chr3", 5, 20)), nil, nil, "chr3 is not in all inputs"},
	} {
		t.Run(k.name, func(t *testing.T) {
			got, err := CallingRegions(c, k.include, k.exclude)
			if k.err != "" {
				if err == nil || !strings.Contains(err.Error(), k.err) {
					t.Fatalf("%v, want an error with %q", err, k.err)
				}
				return
			}
			if err != nil || !slices.Equal(got, k.want) {
				t.Errorf("%v, %v, want %v", got, err, k.want)
			}
		})
	}
}

func TestGaps(t *testing.T) {
	g := Gaps{Min: 3}
	g.Add("a", 0, []byte("NNACNN"))
	g.Add("a", 6, []byte("NRGNNN"))
	g.Add("b", 0, []byte("NNNNA"))
	got := g.Set()
	if a, b := got.On("a"), got.On("b"); len(a) != 2 || a[0].Start != 4 || a[0].End != 8 || a[1].Start != 9 || a[1].End != 12 || len(b) != 1 || b[0].End != 4 {
		t.Errorf("got %v %v", a, b)
	}
	g = Gaps{Min: 3} // two gaps with a piece between them that was not looked at
	g.Add("a", 0, []byte("ACNN"))
	g.Add("a", 100, []byte("NNACNNNN"))
	if a := g.Set().On("a"); len(a) != 1 || a[0].Start != 104 || a[0].End != 108 {
		t.Errorf("got %v, want 104 to 108", a)
	}
}
