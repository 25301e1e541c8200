package merge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// list is a source made of lines: 1-based first (or first-last of a block) REF
// ALT GT GQ DP AD PL, <*> written as *.
type list struct {
	name    string
	records []Record
}

func (l *list) Name() string { return l.name }

func (l *list) Read() (int, Record, error) {
	if len(l.records) == 0 {
		return 0, Record{}, io.EOF
	}
	r := l.records[0]
	l.records = l.records[1:]
	err := r.Check()
	return 0, r, err
}

func parse(t testing.TB, name, text string) *list {
	t.Helper()
	l := &list{name: name}
	for line := range strings.SplitSeq(text, "\n") {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		if len(f) != 8 {
			t.Fatalf("%q has %d columns", line, len(f))
		}
		from, to, block := strings.Cut(f[0], "-")
		r := Record{Start: number(from) - 1, Ref: f[1], Pass: true, Qual: 30, Ploidy: 2, GQ: number(f[4]), Depth: number(f[5]), AD: numbers(f[6]), PL: numbers(f[7])}
		r.End = r.Start + len(r.Ref)
		if block {
			r.End = number(to)
		}
		for a := range strings.SplitSeq(f[2], ",") {
			if a == "*" {
				r.Any = true
			} else {
				r.Alts = append(r.Alts, a)
			}
		}
		a, b, diploid := strings.Cut(f[3], "/")
		r.GT = variant.Genotype{A: number(a), B: Unknown}
		if r.Ploidy = 1; diploid {
			r.Ploidy, r.GT.B = 2, number(b)
		}
		l.records = append(l.records, r)
	}
	return l
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return Unknown
	}
	return n
}

func numbers(s string) (out []int32) {
	if s == "." {
		return nil
	}
	for x := range strings.SplitSeq(s, ",") {
		out = append(out, int32(number(x)))
	}
	return out
}

func text(v []int32) string {
	if v == nil {
		return "."
	}
	var s []string
	for _, n := range v {
		if n < 0 {
			s = append(s, ".")
		} else {
			s = append(s, strconv.Itoa(int(n)))
		}
	}
	return strings.Join(s, ",")
}

func (s *Site) line() string {
	out := fmt.Sprintf("%d %s %s AC=%v AN=%d", s.Start+1, s.Ref, strings.Join(s.Alts, ","), s.AC, s.AN)
	allele := func(n int) string { return text([]int32{int32(n)}) }
	for _, x := range s.Samples {
		gt := allele(x.GT.A)
		if x.Ploidy == 2 {
			gt += "/" + allele(x.GT.B)
		}
		out += " | " + strings.Join([]string{gt, allele(x.GQ), allele(x.Depth), text(x.AD), text(x.PL)}, ":")
	}
	return out
}

func contigs(t testing.TB) *locus.Contigs {
	t.Helper()
	c, err := locus.NewContigs([]locus.Contig{{Name: "c", Length: 1_000_000}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func merged(t testing.TB, o Options, n int, samples ...*list) ([]string, error) {
	t.Helper()
	var sources []Source
	for _, s := range samples {
		copied := *s
		copied.records = slices.Clone(s.records)
		for i := range copied.records { // Check changes them
			copied.records[i].Alts = slices.Clone(copied.records[i].Alts)
		}
		sources = append(sources, &copied)
	}
	var out []string
	err := Merge(context.Background(), contigs(t), sources, n, o, func(s *Site) error {
		out = append(out, s.line())
		return nil
	})
	return out, err
}

func TestMerge(t *testing.T) {
	cases := []struct {
		name string
		a, b string
		want []string
	}{
		{"a call and a reference block", "100 A G,* 0/1 30 20 10,10,0 30,0,40,99,99,99", "50-200 C * 0/0 40 18 . 0,54,500",
			[]string{"100 A G AC=[1] AN=4 | 0/1:30:20:10,10:30,0,40 | 0/0:40:18:.:0,54,500"}},
		{"nothing of the second sample", "100 A G,* 0/1 30 20 10,10,0 30,0,40,99,99,99", "",
			[]string{"100 A G AC=[1] AN=2 | 0/1:30:20:10,10:30,0,40 | ./.:.:.:.:."}},
		{"a block without depth is not reference", "100 A G,* 0/1 30 20 10,10,0 30,0,40,99,99,99", "50-200 C * 0/0 0 0 . 0,0,0",
			[]string{"100 A G AC=[1] AN=2 | 0/1:30:20:10,10:30,0,40 | ./.:.:0:.:."}},
		{"nor is a record without depth", "100 A G,* 0/1 30 20 10,10,0 30,0,40,99,99,99", "100 A G,* 0/0 0 0 0,0,0 0,0,0,99,99,99",
			[]string{"100 A G AC=[1] AN=2 | 0/1:30:20:10,10:30,0,40 | ./.:0:0:0,0:0,0,0"}},
		{"nor one whose counts are all 0", "100 A G,* 0/1 30 20 10,10,0 30,0,40,99,99,99", "100 A G,* 0/0 9 . 0,0,0 .",
			[]string{"100 A G AC=[1] AN=2 | 0/1:30:20:10,10:30,0,40 | ./.:9:.:0,0:."}},
		{"a block that is a no-call", "100 A G,* 0/1 30 20 10,10,0 30,0,40,99,99,99", "100-100 A * ./. 3 5 . 3,0,50",
			[]string{"100 A G AC=[1] AN=2 | 0/1:30:20:10,10:30,0,40 | ./.:.:5:.:."}},
		{"two alternate alleles, numbers and likelihoods", "100 A G,* 0/1 30 20 10,10,0 30,0,40,90,91,92", "100 A T,* 0/1 25 18 9,9,0 25,0,50,93,94,95",
			[]string{"100 A G,T AC=[1 1] AN=4 | 0/1:30:20:10,10,0:30,0,40,90,91,92 | 0/2:25:18:9,0,9:25,93,95,0,94,50"}},
		{"no symbolic allele: what is not told is missing", "100 A G 0/1 30 20 10,10 30,0,40", "100 A T,* 0/1 25 18 9,9,0 25,0,50,93,94,95",
			[]string{"100 A G,T AC=[1 1] AN=4 | 0/1:30:20:10,10,.:30,0,40,.,.,. | 0/2:25:18:9,0,9:25,93,95,0,94,50"}},
		{"the more common allele comes first", "100 A T,* 0/1 30 20 10,10,0 30,0,40,90,91,92", "100 A G,* 1/1 25 18 0,18,0 50,25,0,93,94,95",
			[]string{"100 A G,T AC=[2 1] AN=4 | 0/2:30:20:10,0,10:30,90,92,0,91,40 | 1/1:25:18:0,18,0:50,25,0,93,94,95"}},
		{"a deletion and a SNP of one base", "100 ATT A,* 0/1 30 20 10,10,0 30,0,40,90,91,92", "100 A G,* 0/1 25 18 9,9,0 25,0,60,93,94,95\n101-103 T * 0/0 40 18 . 0,54,500",
			[]string{"100 ATT A,GTT AC=[1 1] AN=4 | 0/1:30:20:10,10,0:30,0,40,90,91,92 | 0/2:25:18:9,0,9:25,93,95,0,94,60"}},
		{"a reference sample needs all of REF", "100 ATT A,* 0/1 30 20 10,10,0 30,0,40,90,91,92", "90-101 A * 0/0 40 18 . 0,54,500",
			[]string{"100 ATT A AC=[1] AN=2 | 0/1:30:20:10,10:30,0,40 | ./.:.:.:.:."}},
		{"of several blocks the weakest", "100 ATT A,* 0/1 30 20 10,10,0 30,0,40,90,91,92", "90-100 A * 0/0 40 18 . 0,54,500\n101-101 A * 0/0 20 7 . 0,21,200\n102-110 A * 0/0 50 30 . 0,90,900",
			[]string{"100 ATT A AC=[1] AN=4 | 0/1:30:20:10,10:30,0,40 | 0/0:20:7:.:0,21,200"}},
		{"a base that the sample has deleted", "101 T C,* 0/1 30 20 10,10,0 30,0,40,90,91,92", "100 ATT A,* 0/1 25 18 9,9,0 25,0,60,93,94,95",
			[]string{"100 ATT A AC=[1] AN=2 | ./.:.:.:.:. | 0/1:25:18:9,9:25,0,60", "101 T C AC=[1] AN=2 | 0/1:30:20:10,10:30,0,40 | ./.:.:18:.:."}},
		{"behind a longer REF that a call leaves as it is", "102 T C,* 0/1 30 20 10,10,0 30,0,40,90,91,92", "100 ATT GTT,A,* 0/1 25 18 9,9,0,0 25,0,60,93,94,95,99,99,99,99",
			[]string{"100 A G AC=[1] AN=2 | ./.:.:.:.:. | 0/1:25:18:9,9:25,0,60", "102 T C AC=[1] AN=4 | 0/1:30:20:10,10:30,0,40 | 0/0:25:18:.:."}},
		{"a reference call over the site", "101 T C,* 0/1 30 20 10,10,0 30,0,40,90,91,92", "100 ATT A,* 0/0 25 18 18,0,0 0,25,60,93,94,95",
			[]string{"101 T C AC=[1] AN=4 | 0/1:30:20:10,10:30,0,40 | 0/0:25:18:.:."}},
		{"a SNP within a deletion of another sample", "100 ATT A,* 0/1 30 20 10,10,0 30,0,40,90,91,92", "90-100 A * 0/0 40 18 . 0,54,500\n101 T C,* 0/1 20 15 8,7,0 20,0,60,99,99,99\n102-110 T * 0/0 40 18 . 0,54,500",
			[]string{"100 ATT A AC=[1] AN=4 | 0/1:30:20:10,10:30,0,40 | 0/0:20:15:.:.", "101 T C AC=[1] AN=2 | ./.:.:20:.:. | 0/1:20:15:8,7:20,0,60"}},
		{"an allele without support goes, the genotype follows", "100 A G,C,* 0/2 5 20 10,5,5,0 5,12,40,0,11,30,90,90,90,90", "100 A G,* 0/1 25 18 9,9,0 25,0,60,93,94,95",
			[]string{"100 A G AC=[1] AN=4 | 0/0:7:20:10,5:0,7,35 | 0/1:25:18:9,9:25,0,60"}},
		{"no allele has support", "100 A G,* 0/1 5 20 10,5,0 5,0,40,90,90,90", "90-100 A * 0/0 40 18 . 0,54,500", nil},
		{"common first bases", "100 ATT ATC,* 0/1 30 20 10,10,0 30,0,40,90,91,92", "102 T C,* 1/1 25 18 0,18,0 50,25,0,93,94,95",
			[]string{"102 T C AC=[3] AN=4 | 0/1:30:20:10,10:30,0,40 | 1/1:25:18:0,18:50,25,0"}},
		{"other spellings of one insertion", "100 AT ATGT,* 0/1 30 20 10,10,0 30,0,40,90,91,92", "101 T TGT,* 1/1 25 18 0,18,0 50,25,0,93,94,95",
			[]string{"101 T TGT AC=[3] AN=4 | 0/1:30:20:10,10:30,0,40 | 1/1:25:18:0,18:50,25,0"}},
		{"haploid", "100 A G,* 1 30 20 0,20,0 30,0,90", "90-100 A * 0 40 18 . 0,54",
			[]string{"100 A G AC=[1] AN=2 | 1:30:20:0,20:30,0 | 0:40:18:.:0,54"}},
		{"a no-call with too few likelihoods", "100 A G,* 0/1 30 20 10,10,0 30,0,40,90,91,92", "100 A G,* ./. 0 0 0,0,0 0,0,99,99,99",
			[]string{"100 A G AC=[1] AN=2 | 0/1:30:20:10,10:30,0,40 | ./.:0:0:0,0:."}},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			a, b := parse(t, "a", k.a), parse(t, "b", k.b)
			got, err := merged(t, Defaults(), 1, a, b)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, k.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(k.want, "\n"))
			}
		})
	}
}

func TestMergeErrors(t *testing.T) {
	good := "100 A G,* 0/1 30 20 10,10,0 30,0,40,90,91,92"
	cases := []struct{ name, a, b, second, want string }{
		{"PL", good, "100 A G,* 0/1 30 20 10,10,0 30,0,40", "b", "FORMAT/PL has 3 values, want 6"},
		{"AD", good, "100 A G,* 0/1 30 20 10,10 30,0,40,90,91,92", "b", "FORMAT/AD has 2 values, want 3"},
		{"PL of a haploid", good, "100 A G,* 1 30 20 0,20,0 30,0,40,90,91,92", "b", "FORMAT/PL has 6 values, want 3"},
		{"REF", good, "100 C G,* 0/1 30 20 10,10,0 30,0,40,90,91,92", "b", "c:100: REF is A in sample a and C in sample b"},
		{"allele", good, "100 C G,* 0/3 30 20 10,10,0 30,0,40,90,91,92", "b", "genotype 0/3 of 3 alleles"},
		{"names", good, good, "a", `sample "a" is given twice`},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			_, err := merged(t, Defaults(), 1, parse(t, "a", k.a), parse(t, k.second, k.b))
			if err == nil || !strings.Contains(err.Error(), k.want) {
				t.Errorf("error %v, want %q", err, k.want)
			}
		})
	}
	bad := Options{MinAlleleQual: -1}
	if _, err := merged(t, bad, 1, parse(t, "a", good)); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("faults of options: %v, want three lines", err)
	}
	stop := errors.New("stop")
	err := Merge(t.Context(), contigs(t), []Source{parse(t, "a", good)}, 2, Defaults(), func(*Site) error { return stop })
	if !errors.Is(err, stop) {
		t.Errorf("error of emit: %v", err)
	}
}

// random makes the gVCF of a sample: blocks, SNPs, deletions that may overlap
// what follows, gaps.
func random(r *rand.Rand, name string, end int) *list {
	l := &list{name: name}
	pl := func(n int, gt int) []int32 {
		out := make([]int32, variant.Genotypes(n))
		for i := range out {
			out[i] = 10 + int32(r.IntN(90))
		}
		out[gt] = 0
		return out
	}
	const base = "ACGT"
	for pos := r.IntN(5); pos < end; {
		switch r.IntN(4) {
		case 0:
			pos += r.IntN(4)
		case 1:
			n := 1 + r.IntN(30)
			l.records = append(l.records, Record{Start: pos, End: pos + n, Ref: base[pos%4 : pos%4+1], Any: true, Ploidy: 2, GQ: r.IntN(50), Depth: r.IntN(30), PL: pl(2, 0)})
			pos += n
		default:
			n := 1
			if r.IntN(3) == 0 {
				n += r.IntN(12)
			}
			ref := ""
			for i := range n {
				ref += base[(pos+i)%4 : (pos+i)%4+1]
			}
			x := Record{Start: pos, End: pos + n, Ref: ref, Any: true, Ploidy: 2, Pass: true, Depth: 1 + r.IntN(30), GQ: r.IntN(50)}
			x.Alts = []string{ref[:n-1] + base[(pos+n)%4:(pos+n)%4+1]} // its first bases are trimmed
			if n > 1 && r.IntN(2) == 0 {
				x.Alts = []string{ref[:1]}
			}
			k := r.IntN(3)
			x.GT.A, x.GT.B = k/2, (k+1)/2
			x.PL = pl(3, variant.Index(x.GT.A, x.GT.B))
			x.AD = []int32{int32(r.IntN(9)), 1, 0}
			l.records = append(l.records, x)
			pos += 1 + r.IntN(n)
		}
	}
	return l
}

// TestSameResult: neither the order of samples, nor goroutines, nor windows
// change anything.
func TestSameResult(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	var samples []*list
	for i := range 9 {
		samples = append(samples, random(r, fmt.Sprint("s", i), 3000))
	}
	want, err := merged(t, Defaults(), 1, samples...)
	if err != nil || len(want) < 500 {
		t.Fatalf("%d sites, %v", len(want), err)
	}
	for _, k := range []struct{ n, window int }{{1, 1}, {4, 7}, {2, 100}, {16, 1 << 20}} {
		r.Shuffle(len(samples), func(i, j int) { samples[i], samples[j] = samples[j], samples[i] })
		o := Defaults()
		o.Window = k.window
		got, err := merged(t, o, k.n, samples...)
		if err != nil {
			t.Fatal(err)
		}
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != want[i] {
				t.Fatalf("%+v: %d sites, want %d; site %d differs", k, len(got), len(want), i)
			}
		}
	}
}

// TestProperties: what holds of every site.
func TestProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	var sources []Source
	for i := range 6 {
		sources = append(sources, random(r, fmt.Sprint("s", i), 5000))
	}
	last := -1
	err := Merge(t.Context(), contigs(t), sources, 2, Defaults(), func(s *Site) error {
		if s.Start <= last {
			t.Errorf("site %d behind %d", s.Start, last)
		}
		last = s.Start
		an, n := 0, 1+len(s.Alts)
		for i, x := range s.Samples {
			if !x.missing() {
				an += x.Ploidy
				if x.Depth == 0 {
					t.Errorf("%s: sample %d has a genotype without depth", s.line(), i)
				}
			}
			if x.PL != nil && len(x.PL) != variant.Genotypes(n) || x.AD != nil && len(x.AD) != n {
				t.Errorf("%s: sample %d: counts", s.line(), i)
			}
			if x.GT.A > x.GT.B || x.GT.B >= n {
				t.Errorf("%s: sample %d: genotype", s.line(), i)
			}
			if x.PL != nil && !x.missing() && !slices.Contains(x.PL, Unknown) && slices.Min(x.PL) != 0 {
				t.Errorf("%s: sample %d: no likelihood is 0", s.line(), i)
			}
		}
		if an != s.AN {
			t.Errorf("%s: AN %d", s.line(), an)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
