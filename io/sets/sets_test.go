package sets

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/io/text"
)

func reader(t testing.TB, s string) *text.Reader {
	t.Helper()
	r, err := text.New("x", strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAnnotations(t *testing.T) {
	a, err := ReadAnnotations(reader(t, "v1\tG1\tLoF\n\nv2 G1 missense\nv1\tG2 missense\r\nv1 G1 LoF\n"))
	if err != nil {
		t.Fatal(err)
	}
	if a.Len() != 3 || !slices.Equal(a.Categories, []string{"LoF", "missense"}) || a.Domains != nil {
		t.Errorf("%d annotations, categories %v, domains %v", a.Len(), a.Categories, a.Domains)
	}
	for _, c := range []struct {
		variant, set string
		want         int
		ok           bool
	}{{"v1", "G1", 0, true}, {"v1", "G2", 1, true}, {"v2", "G1", 1, true}, {"v2", "G2", 0, false}, {"v1 G1", "", 0, false}} {
		if got, d, ok := a.Find(c.variant, c.set); ok != c.ok || ok && got != c.want || d != -1 {
			t.Errorf("%s of %s: %d, domain %d, %v", c.variant, c.set, got, d, ok)
		}
	}
	a, err = ReadAnnotations(reader(t, "v1 G1 head LoF\nv2 G1 tail LoF\n"))
	if err != nil {
		t.Fatal(err)
	}
	if c, d, ok := a.Find("v2", "G1"); !ok || c != 0 || d != 1 || !slices.Equal(a.Domains, []string{"head", "tail"}) {
		t.Errorf("with domains: %d %d %v of %v", c, d, ok, a.Domains)
	}
}

func TestMasks(t *testing.T) {
	m, err := ReadMasks(reader(t, "M1 LoF\nM2\tLoF,missense, LoF\n"))
	if err != nil || len(m) != 2 || m[1].Name != "M2" || !slices.Equal(m[1].Categories, []string{"LoF", "missense"}) {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestSetList(t *testing.T) {
	var got []string
	err := ReadSetList(reader(t, "G1 1 100 a,b,,a\nG2\tX\t0\tc d,e\n"), func(s *Set) error {
		got = append(got, fmt.Sprintf("%s %s %d %v", s.Name, s.Chrom, s.Pos, s.Variants))
		return nil
	})
	if want := []string{"G1 1 100 [a b]", "G2 X 0 [c d e]"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
}

func TestFrequencies(t *testing.T) {
	var got []string
	see := func(v string, q Frequency) error { got = append(got, fmt.Sprint(v, q)); return nil }
	if err := ReadFrequencies(reader(t, "a 1e-5\nb 0.5\n"), see); err != nil {
		t.Fatal(err)
	}
	if err := ReadFrequencies(reader(t, "a 0 1\nb 1 0\n"), see); err != nil {
		t.Fatal(err)
	}
	if want := "[a{1e-05 -1} b{0.5 -1} a{0 1} b{1 0}]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
}

// TestBad: one clear error that names the line.
func TestBad(t *testing.T) {
	annotations := func(s string) error { _, err := ReadAnnotations(reader(t, s)); return err }
	masks := func(s string) error { _, err := ReadMasks(reader(t, s)); return err }
	list := func(s string) error { return ReadSetList(reader(t, s), func(*Set) error { return nil }) }
	freq := func(s string) error {
		return ReadFrequencies(reader(t, s), func(string, Frequency) error { return nil })
	}
	names := func(s string) error { _, err := ReadNames(reader(t, s)); return err }
	many := "G 1 1 " + strings.Repeat("v,", 3)
	var long strings.Builder
	long.WriteString("G 1 1 ")
	for i := range mostVariants + 1 {
		fmt.Fprintf(&long, "v%d,", i)
	}
	for _, c := range []struct {
		name, text string
		read       func(string) error
		want       string
	}{
		{"no annotation", "\n", annotations, "x: empty"},
		{"annotation of two fields", "v G\n", annotations, "x:1: 2 fields"},
		{"annotations not alike", "v G d LoF\nv G LoF\n", annotations, "x:2: 3 fields"},
		{"annotated twice", "v G LoF\nw G LoF\nv G missense\n", annotations, "x:3: variant v of set G is annotated twice"},
		{"two domains", "v G d LoF\nv G e LoF\n", annotations, "x:2: variant v of set G is annotated twice"},
		{"no mask", "", masks, "x: no mask"},
		{"mask of nothing", "M1 LoF\nM2\n", masks, "x:2: mask M2 names no annotation"},
		{"mask of commas", "M2 ,,\n", masks, "x:1: mask M2 names no annotation"},
		{"mask twice", "M1 LoF\nM1 missense\n", masks, "x:2: mask M1 stands twice"},
		{"no set", "\n\n", list, "x: no set"},
		{"set without variants", "G 1 1\n", list, "x:1: 3 fields"},
		{"set of commas", "G 1 1 ,,\n", list, "x:1: set G has no variants"},
		{"set twice", many + "\nH 1 1 v\nG 2 1 v\n", list, "x:3: set G stands in line 1"},
		{"no position", "G 1 one v\n", list, "x:1: set G: position \"one\""},
		{"negative position", "G 1 -4 v\n", list, "x:1: set G: position \"-4\""},
		{"huge set", long.String(), list, "want at most 65535"},
		{"no frequency", "", freq, "x: empty"},
		{"frequency of one field", "v\n", freq, "x:1: 1 fields"},
		{"frequency above 1", "v 0.1\nw 1.1\n", freq, "x:2: variant w: allele frequency \"1.1\""},
		{"frequency NaN", "v NaN\n", freq, "x:1: variant v: allele frequency"},
		{"singleton 2", "v 0.1 2\n", freq, "x:1: variant v: \"2\""},
		{"some singletons", "v 0.1 1\nw 0.1\n", freq, "x:2: 2 fields"},
		{"two names", "a\nb c\n", names, "x:2: 2 fields"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.read(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func FuzzReaders(f *testing.F) {
	for _, s := range []string{"v G LoF\n", "v G d LoF\nw G d e\n", "M LoF,missense\n", "G 1 100 a,b,c\nH X 5 d e\n", "v 1e-5 1\n", "\x1f\x8b", "a\n\n,\t,\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		open := func() *text.Reader {
			r, err := text.New("x", strings.NewReader(string(b)))
			if err != nil {
				t.Skip()
			}
			return r
		}
		if a, err := ReadAnnotations(open()); err == nil && (a.Len() == 0 || len(a.Categories) == 0) {
			t.Error("annotations without any")
		}
		if m, err := ReadMasks(open()); err == nil {
			for _, x := range m {
				if x.Name == "" || len(x.Categories) == 0 {
					t.Errorf("mask %+v", x)
				}
			}
		}
		_ = ReadSetList(open(), func(s *Set) error {
			if s.Name == "" || s.Chrom == "" || s.Pos < 0 || len(s.Variants) == 0 {
				t.Errorf("set %+v", s)
			}
			return nil
		})
		_ = ReadFrequencies(open(), func(v string, q Frequency) error {
			if v == "" || !(q.Freq >= 0 && q.Freq <= 1) {
				t.Errorf("%s %+v", v, q)
			}
			return nil
		})
		_, _ = ReadNames(open())
	})
}
