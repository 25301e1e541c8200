package label

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// 0         1         2         3         4         5         6         7
const contig = genome("ACGTTGCATCAAAAAACGTGACTGATCTCTCTCGGATACCAGTTACGATCCATGGTACGATTACGCATGACT")

func hom(v variant.Variant) Truth { return Truth{Variant: v, GT: variant.Genotype{A: 1, B: 1}} }
func het(v variant.Variant) Truth { return Truth{Variant: v, GT: variant.Genotype{A: 0, B: 1}} }
func gt(v variant.Variant, a, b int) Truth {
	return Truth{Variant: v, GT: variant.Genotype{A: a, B: b}}
}

// text writes labels as genotypes, ? where nothing is known.
func text(labels []Label) string {
	var out []string
	for i := range labels {
		s := fmt.Sprintf("%d/%d", labels[i].GT.A, labels[i].GT.B)
		if !labels[i].Known {
			s = "?"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestHaplotype(t *testing.T) {
	g := contig
	for _, k := range []struct {
		name       string
		candidates []variant.Variant
		truths     []Truth
		want       string
	}{
		{"the same record", []variant.Variant{g.at(5, 1, "T")}, []Truth{het(g.at(5, 1, "T"))}, "0/1"},
		{"two copies", []variant.Variant{g.at(5, 1, "T")}, []Truth{hom(g.at(5, 1, "T"))}, "1/1"},
		{"phase does not matter", []variant.Variant{g.at(5, 1, "T")}, []Truth{gt(g.at(5, 1, "T"), 1, 0)}, "0/1"},
		{"no truth", []variant.Variant{g.at(5, 1, "T")}, nil, "0/0"},
		{"another base", []variant.Variant{g.at(5, 1, "T")}, []Truth{het(g.at(5, 1, "A"))}, "0/0"},
		{"a deletion spelled further right", []variant.Variant{g.at(9, 2, "C")}, []Truth{het(g.at(12, 2, "A"))}, "0/1"},
		{"a SNP and an insertion for a longer change", []variant.Variant{g.at(5, 1, "T"), g.at(6, 1, "CA")},
			[]Truth{hom(g.at(5, 2, "TCA"))}, "1/1 1/1"},
		{"one allele of two", []variant.Variant{g.at(5, 1, "A", "T")}, []Truth{het(g.at(5, 1, "T"))}, "0/2"},
		{"both alleles", []variant.Variant{g.at(5, 1, "A", "T")}, []Truth{gt(g.at(5, 1, "T", "A"), 1, 2)}, "1/2"},
		{"half of what is true", []variant.Variant{g.at(5, 1, "A")}, []Truth{gt(g.at(5, 1, "T", "A"), 1, 2)}, "0/1"},
		{"a true and a false one", []variant.Variant{g.at(5, 1, "T"), g.at(7, 1, "G")}, []Truth{het(g.at(7, 1, "G"))}, "0/0 0/1"},
		{"far apart", []variant.Variant{g.at(5, 1, "T"), g.at(60, 1, "G")}, []Truth{hom(g.at(5, 1, "T")), het(g.at(60, 1, "G"))}, "1/1 0/1"},
		{"missing alleles of the truth do not count", []variant.Variant{g.at(5, 1, "T")}, []Truth{gt(g.at(5, 1, "T"), -1, 1)}, "0/0"},
		{"nor do symbolic ones", []variant.Variant{g.at(5, 1, "T")}, []Truth{het(g.at(5, 1, "<DEL>"))}, "0/0"},
		{"nor does the reference", []variant.Variant{g.at(5, 1, "T")}, []Truth{gt(g.at(5, 1, "T"), 0, 0)}, "0/0"},
		{"nor what is longer than a read", []variant.Variant{g.at(5, 1, "T")}, []Truth{het(g.at(5, 1, "T"+strings.Repeat("A", maxAllele)))}, "0/0"},
	} {
		t.Run(k.name, func(t *testing.T) {
			got, err := g.labeler(t).Label(nil, k.candidates, k.truths)
			if err != nil || text(got) != k.want {
				t.Errorf("%s, %v, want %s", text(got), err, k.want)
			}
		})
	}
}

func TestConfident(t *testing.T) {
	g := contig
	h := g.labeler(t, locus.Region{Contig: "c", Start: 6, End: 20})
	// Only starts decide: the first candidate reaches into the region.
	candidates := []variant.Variant{g.at(5, 3, "G"), g.at(12, 1, "T"), g.at(19, 3, "G"), g.at(20, 1, "C")}
	truths := []Truth{het(g.at(5, 3, "G")), het(g.at(12, 1, "T")), hom(g.at(19, 3, "G"))}
	got, err := h.Label(nil, candidates, truths)
	if err != nil || text(got) != "? 0/1 1/1 ?" {
		t.Errorf("%s, %v", text(got), err)
	}
	for name, l := range map[string]Labeler{"positional": &Positional{h.Confident}, "classes": &Classes{h.Confident, []string{""}}} {
		got, err := l.Label(nil, candidates, truths)
		if err != nil || got[0].Known || !got[1].Known || !got[2].Known || got[3].Known {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestWrongReference(t *testing.T) {
	v := contig.at(5, 1, "T")
	v.Ref = "C"
	_, err := contig.labeler(t).Label(nil, []variant.Variant{contig.at(5, 1, "T")}, []Truth{het(v)})
	if err == nil || err.Error() != "c:6: REF is C, but the reference has G there; use the reference that the truth was made on" {
		t.Errorf("got %v", err)
	}
	long := variant.Variant{Contig: "c", Start: len(contig) - 2, End: len(contig) + 2, Ref: "CTAA", Alts: []string{"C"}}
	if _, err := contig.labeler(t).Label(nil, []variant.Variant{contig.at(len(contig)-1, 1, "A")}, []Truth{het(long)}); err == nil || !strings.Contains(err.Error(), "within the 72 of the contig") {
		t.Errorf("got %v", err)
	}
}

// TestManyVariants: more records than a group holds, and more in one group than
// can be tried in all combinations.
func TestManyVariants(t *testing.T) {
	g := genome(strings.Repeat("ACGTTGCA", 40))
	var candidates []variant.Variant
	var truths []Truth
	want := ""
	for i := range 40 {
		v := g.at(8+4*i, 1, "N")
		candidates = append(candidates, v)
		switch i % 3 {
		case 0:
			truths = append(truths, het(v))
			want += " 0/1"
		case 1:
			truths = append(truths, hom(v))
			want += " 1/1"
		default:
			want += " 0/0"
		}
	}
	got, err := g.labeler(t).Label(nil, candidates, truths)
	if err != nil || text(got) != want[1:] {
		t.Errorf("%s, %v", text(got), err)
	}

	// Each of these deletions ends where the others do, so all are one group.
	var nested []variant.Variant
	for i := range 30 {
		nested = append(nested, g.at(20+i, 60-i, g[20+i:21+i].text()))
	}
	at := time.Now()
	got, err = g.labeler(t).Label(nil, nested, []Truth{het(nested[4]), het(nested[17])})
	if took := time.Since(at); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	genotypes := strings.Fields(text(got))
	if err != nil || len(genotypes) != 30 || genotypes[4] != "0/1" || genotypes[17] != "0/1" || strings.Count(text(got), "1") != 2 {
		t.Errorf("%v, %v", genotypes, err)
	}

	// And so many true ones that nobody can list their haplotypes.
	var all []Truth
	for _, v := range nested {
		all = append(all, het(v))
	}
	if got, err = g.labeler(t).Label(nil, nested, all); err != nil || strings.Trim(text(got), "? ") != "" {
		t.Errorf("%s, %v", text(got), err)
	}
}

func (g genome) text() string { return string(g) }

func TestGroups(t *testing.T) {
	g := genome(strings.Repeat("ACGTTGCA", 40))
	snps := func(starts ...int) (out []variant.Variant) {
		for _, s := range starts {
			out = append(out, g.at(s, 1, "N"))
		}
		return out
	}
	truths := func(vs []variant.Variant) (out []Truth) {
		for _, v := range vs {
			out = append(out, het(v))
		}
		return out
	}
	for _, k := range []struct {
		name       string
		candidates []variant.Variant
		truths     []variant.Variant
		want       string
	}{
		{"near", snps(10, 40), nil, "c10 c40"},
		{"one base too far", snps(10, 41), nil, "c10|c41"},
		{"a chain", snps(10, 40, 70, 100, 131), nil, "c10 c40 c70 c100|c131"},
		{"near the long one before the last", append([]variant.Variant{g.at(10, 50, "A")}, snps(12, 80)...), nil, "c10 c12 c80"},
		{"eight of a kind", snps(10, 11, 12, 13, 14, 15, 16, 17, 18), nil, "c10 c11 c12 c13 c14 c15 c16 c17|c18"},
		{"eight of each kind", snps(10, 12, 14, 16, 18), snps(11, 13), "c10 t11 c12 t13 c14 c16 c18"},
		{"candidate before truth", snps(10, 11), snps(10, 11), "c10 t10 c11 t11"},
		{"ninth that ends with the one before", snps(10, 11, 12, 13, 14, 15, 16, 17), snps(17), "c10 c11 c12 c13 c14 c15 c16 c17 t17"},
		{"ninth that ends before the one before", append(snps(10, 11, 12, 13, 14, 15, 16), g.at(17, 9, "A"), g.at(18, 1, "N")), nil, "c10 c11 c12 c13 c14 c15 c16 c17 c18"},
		{"too many genotypes", []variant.Variant{g.at(10, 1, "N", "R", "Y"), g.at(11, 1, "N", "R", "Y"), g.at(12, 1, "N", "R", "Y"), g.at(13, 1, "N", "R", "Y"), g.at(14, 1, "N", "R", "Y")},
			nil, "c10 c11 c12 c13|c14"},
	} {
		t.Run(k.name, func(t *testing.T) {
			var got []string
			for _, group := range groups(k.candidates, truths(k.truths)) {
				var names []string
				for _, m := range group {
					names = append(names, fmt.Sprintf("%c%d", "ct"[btoi(m.truth)], m.Start))
				}
				got = append(got, strings.Join(names, " "))
			}
			if strings.Join(got, "|") != k.want {
				t.Errorf("%s, want %s", strings.Join(got, "|"), k.want)
			}
		})
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestLabelOf(t *testing.T) {
	l := Label{Known: true, GT: variant.Genotype{A: 1, B: 2}}
	for _, k := range []struct {
		set  []int
		want int
	}{{[]int{0}, 1}, {[]int{1}, 1}, {[]int{2}, 0}, {[]int{0, 1}, 2}, {[]int{1, 2}, 1}} {
		if got := l.Of(k.set); got != k.want {
			t.Errorf("%v of 1/2: %d, want %d", k.set, got, k.want)
		}
	}
	double := Label{GT: variant.Genotype{A: 2, B: 2}}
	if a, b := double.Of([]int{1}), double.Of([]int{0}); a != 2 || b != 0 {
		t.Errorf("2/2: %d, %d", a, b)
	}
}

func TestPositional(t *testing.T) {
	g := contig
	for _, k := range []struct {
		name      string
		candidate variant.Variant
		truths    []Truth
		want      string
	}{
		{"the same record", g.at(5, 1, "T"), []Truth{het(g.at(5, 1, "T"))}, "0/1"},
		{"another position", g.at(9, 2, "C"), []Truth{het(g.at(10, 2, "A"))}, "0/0"},
		{"a longer spelling", g.at(25, 3, "T", "TCTCT"), []Truth{hom(g.at(25, 1, "TCT"))}, "2/2"},
		{"an allele that the candidate lacks", g.at(5, 1, "T"), []Truth{gt(g.at(5, 1, "T", "A"), 1, 2)}, "0/1"},
		{"the record of equal alleles is preferred", g.at(5, 1, "T"), []Truth{hom(g.at(5, 1, "A")), het(g.at(5, 1, "T"))}, "0/1"},
		{"the last of these", g.at(5, 1, "T"), []Truth{hom(g.at(5, 1, "T")), het(g.at(5, 1, "T"))}, "0/1"},
		{"else the first", g.at(5, 1, "T"), []Truth{hom(g.at(5, 1, "A")), het(g.at(5, 1, "C"))}, "0/0"},
		{"a missing genotype", g.at(5, 1, "T"), []Truth{gt(g.at(5, 1, "T"), -1, -1)}, "0/0"},
	} {
		t.Run(k.name, func(t *testing.T) {
			got, err := new(Positional).Label(nil, []variant.Variant{k.candidate}, k.truths)
			if err != nil || text(got) != k.want {
				t.Errorf("%s, %v, want %s", text(got), err, k.want)
			}
		})
	}
}

func TestClasses(t *testing.T) {
	g := contig
	l := &Classes{Names: []string{"ref", "mosaic", "germline"}}
	of := func(truth Truth, class string) []Truth { truth.Class = class; return []Truth{truth} }
	for _, k := range []struct {
		name      string
		candidate variant.Variant
		truths    []Truth
		want      [3]int // of {0}, {1} and {0,1}
	}{
		{"of a class", g.at(5, 1, "T"), of(het(g.at(5, 1, "T")), "germline"), [3]int{2, 0, 2}},
		{"the second allele", g.at(5, 1, "A", "T"), of(hom(g.at(5, 1, "T")), "mosaic"), [3]int{0, 1, 1}},
		{"no truth", g.at(5, 1, "T"), nil, [3]int{}},
		{"another allele", g.at(5, 1, "T"), of(het(g.at(5, 1, "A")), "mosaic"), [3]int{}},
		{"another reference", g.at(5, 1, "T"), of(het(g.at(5, 2, "TC")), "mosaic"), [3]int{}},
		{"the truth is the reference", g.at(5, 1, "T"), of(gt(g.at(5, 1, "T"), 0, 0), ""), [3]int{}},
	} {
		t.Run(k.name, func(t *testing.T) {
			got, err := l.Label(nil, []variant.Variant{k.candidate}, k.truths)
			if err != nil {
				t.Fatal(err)
			}
			if x := [3]int{got[0].Of([]int{0}), got[0].Of([]int{1}), got[0].Of([]int{0, 1})}; x != k.want || got[0].GT != variant.NoCall {
				t.Errorf("%v %v, want %v", x, got[0].GT, k.want)
			}
		})
	}
	_, err := l.Label(nil, []variant.Variant{g.at(5, 1, "T")}, of(het(g.at(5, 1, "T")), "new"))
	if err == nil || err.Error() != `c:6 G: class "new" of the truth, want one of ref, mosaic, germline` {
		t.Errorf("got %v", err)
	}
}

// TestOrder: the order of CPython's list({(a, b) for b in range(n+1) for a in
// range(b+1)}).
func TestOrder(t *testing.T) {
	for n, want := range map[int]string{
		1: "01 11 00", 2: "01 12 00 11 02 22", 3: "01 12 00 11 03 23 02 33 22 13",
		4: "01 44 24 12 04 34 00 11 03 14 23 02 33 22 13",
		5: "34 02 05 22 25 13 45 33 01 24 12 04 15 35 44 55 00 11 03 14 23",
		6: "34 46 02 05 22 16 25 13 45 33 56 36 01 24 12 04 15 35 44 55 00 11 03 14 06 23 26 66",
	} {
		var got []string
		for _, g := range genotypes(n) {
			got = append(got, fmt.Sprintf("%d%d", g[0], g[1]))
		}
		if !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%d alternate alleles: %v, want %s", n, got, want)
		}
	}
}
