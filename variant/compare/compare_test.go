package compare

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// 1234567890123456789012345678901234567890123456789012345678901234
const caseText = "TTACGTACCAGGGGGGCATCATCATCATGACTAAAAAAAACGTGTCAGTCCATGACGATTAGC"

// textRef is a reference of one or more contigs held as text.
type textRef map[string]string

func (r textRef) Bases(dst []byte, where locus.Region) ([]byte, error) {
	return append(dst, r[where.Contig][where.Start:where.End]...), nil
}

// lines reads records of contig c from "POS REF ALT GT[ FILTER[ GQ]]", separated by ";".
func lines(t testing.TB, s string) []Record {
	t.Helper()
	var out []Record
	for line := range strings.SplitSeq(s, ";") {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		pos, err := strconv.Atoi(f[0])
		if err != nil {
			t.Fatal(err)
		}
		r := Record{Variant: variant.Variant{Contig: "c", Start: pos - 1, End: pos - 1 + len(f[1]), Ref: f[1], Alts: strings.Split(f[2], ",")}, Ploidy: 2, GQ: -1}
		number := func(s string) int {
			if s == "." {
				return variant.Missing
			}
			n, err := strconv.Atoi(s)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		switch gt := strings.FieldsFunc(f[3], func(r rune) bool { return r == '/' || r == '|' }); {
		case f[3] == "-":
			r.GT = variant.NoCall
		case len(gt) == 1:
			r.GT, r.Ploidy = variant.Genotype{A: number(gt[0]), B: variant.Missing}, 1
		default:
			r.GT = variant.Genotype{A: number(gt[0]), B: number(gt[1]), Phased: strings.Contains(f[3], "|")}
		}
		r.Filtered = len(f) > 4 && f[4] != "PASS"
		if len(f) > 5 {
			r.GQ = float64(number(f[5]))
		}
		out = append(out, r)
	}
	return out
}

func stream(records []Record) Records {
	return func(yield func(Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func run(t testing.TB, text string, confident *locus.Set, truth []Record, queries ...[]Record) ([]Result, []Against) {
	t.Helper()
	contigs, err := locus.NewContigs([]locus.Contig{{Name: "c", Length: len(text)}})
	if err != nil {
		t.Fatal(err)
	}
	in := Input{Reference: textRef{"c": text}, Contigs: contigs, Confident: confident, Truth: stream(truth)}
	for i, q := range queries {
		in.Queries = append(in.Queries, Query{fmt.Sprintf("q%d", i), stream(q)})
	}
	all := make([]Against, len(queries))
	results, err := Run(context.Background(), in, 1, func(p *Place) error {
		for i, a := range p.Queries {
			all[i].Truth, all[i].Query = append(all[i].Truth, a.Truth...), append(all[i].Query, a.Query...)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return results, all
}

func verdicts(list []Judged) string {
	var out []string
	for _, r := range list {
		s := r.Decision.String()
		if r.Match != NoMatch {
			s += "/" + r.Match.String()
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestCases(t *testing.T) {
	for _, k := range []struct {
		name, truth, query   string
		wantTruth, wantQuery string
	}{
		{"same SNP", "5 G A 0/1", "5 G A 0/1", "TP/gm", "TP/gm"},
		{"het called hom", "5 G A 0/1", "5 G A 1/1", "FN/am", "FP/am"},
		{"another base", "5 G A 0/1", "5 G C 0/1", "FN", "FP"},
		{"missed and false far apart", "5 G A 0/1", "50 C G 0/1", "FN", "FP"},
		{"deletion at the other end of a run", "10 AG A 0/1", "15 GG G 0/1", "TP/gm", "TP/gm"},
		{"insertion at the other end of a repeat", "17 C CATC 0/1", "28 T TCAT 0/1", "TP/gm", "TP/gm"},
		{"insertion of another length", "17 C CATC 0/1", "28 T TCATCAT 0/1", "FN", "FP"},
		{"padded deletion", "31 CT C 1/1", "29 GACT GAC 1/1", "TP/gm", "TP/gm"},
		{"padded behind", "31 CT C 1/1", "31 CTA CA 1/1", "TP/gm", "TP/gm"},
		{"block against its SNPs", "30 AC GT 0/1", "30 A G 0/1; 31 C T 0/1", "TP/gm", "TP/gm TP/gm"},
		{"SNPs against their block", "30 A G 1/1; 31 C T 1/1", "30 AC GT 1/1", "TP/gm TP/gm", "TP/gm"},
		{"block against SNPs of other zygosity", "30 AC GT 0/1", "30 A G 1/1; 31 C T 0/1", "FN/am", "FP/am FP/am"},
		{"insertion and SNP against a block", "31 C CA 1/1; 32 T G 1/1", "31 CT CAG 1/1", "TP/gm TP/gm", "TP/gm"},
		{"block against a deletion and two SNPs", "42 GTG AC 0/1", "41 CG C 0/1; 43 T A 0/1; 44 G C 0/1", "TP/gm", "TP/gm TP/gm TP/gm"},
		{"deletion with a SNP before it", "31 CT A 0/1", "31 C A 0/1; 31 CT C 0/1", "TP/gm", "TP/gm TP/gm"},
		{"multi-allelic SNP split", "32 T A,G 1/2", "32 T A 0/1; 32 T G 0/1", "TP/gm", "TP/gm TP/gm"},
		{"multi-allelic split as half calls", "32 T A,G 1/2", "32 T A 1/.; 32 T G ./1", "TP/gm", "TP/gm TP/gm"},
		{"multi-allelic, one allele missed", "32 T A,G 1/2", "32 T A 0/1", "FN/am", "FP/am"},
		{"multi-allelic called hom", "32 T A,G 1/2", "32 T G 1/1", "FN/am", "FP/am"},
		{"multi-allelic in another order", "32 T A,G 1/2", "32 T G,A 2/1", "TP/gm", "TP/gm"},
		{"unused alternate allele", "32 T A 0/1", "32 T G,A 0/2", "TP/gm", "TP/gm"},
		{"multi-allelic indel with shared padding", "32 TAA TA,T 1/2", "32 TA T 0/1; 32 TAA T 0/1", "TP/gm", "TP/gm TP/gm"},
		{"overlapping deletions of both haplotypes in one record", "30 ACT A 0/1; 31 CTA C 0/1", "30 ACTA AA,AC 1/2", "TP/gm TP/gm", "TP/gm"},
		{"overlapping deletions of one haplotype", "30 ACT A 1/1", "30 ACT A 1/1; 31 CTA C 1/1", "TP/gm", "TP/gm FP"},
		{"allele * beside a SNP", "30 ACT A 0/1; 31 C *,G 1/2", "30 ACT A 0/1; 31 C G 0/1", "TP/gm TP/gm", "TP/gm TP/gm"},
		{"half call of a het", "5 G A 0/1", "5 G A ./1", "TP/gm", "TP/gm"},
		{"half call of a hom", "5 G A 1/1", "5 G A ./1", "FN/am", "FP/am"},
		{"hemizygous against diploid spelling", "5 G A 1", "5 G A 1/1", "TP/gm", "TP/gm"},
		{"hemizygous called het", "5 G A 1", "5 G A 0/1", "FN/am", "FP/am"},
		{"phase is ignored", "5 G A 0|1; 7 A C 1|0", "5 G A 1|0; 7 A C 1|0", "TP/gm TP/gm", "TP/gm TP/gm"},
		{"no-call", "5 G A 0/1", "5 G A ./.", "FN", "N"},
		{"haploid no-call", "5 G A 0/1", "5 G A .", "FN", "N"},
		{"called reference", "5 G A 0/1", "5 G A 0/0", "FN", "N"},
		{"reference in both", "5 G A 0/0", "5 G A 0/0", "N", "N"},
		{"missing GT in the query", "5 G A 0/1", "5 G A -", "FN", "N"},
		{"missing GT in the truth", "5 G A -", "5 G A 0/1", "N", "FP"},
		{"symbolic deletion", "10 AG A 0/1", "10 A <DEL> 0/1", "FN", "N"},
		{"symbolic allele that is not called", "5 G A 0/1", "5 G A,<*> 0/1", "TP/gm", "TP/gm"},
		{"breakend", "5 G A 0/1", "5 G G]c:50] 0/1", "FN", "N"},
		{"calls that cancel out", "", "10 AG A 1/1; 16 G GG 1/1", "", "FP FP"},
		{"calls that cancel out beside a true one", "8 C G 0/1", "8 C G 0/1; 10 AG A 1/1; 16 G GG 1/1", "TP/gm", "TP/gm FP FP"},
		{"the same call twice", "5 G A 0/1", "5 G A 0/1; 5 G A 0/1", "TP/gm", "TP/gm FP"},
		{"hom as two hets", "5 G A 1/1", "5 G A 0/1; 5 G A 0/1", "TP/gm", "TP/gm TP/gm"},
		{"two copies of a unit as two deletions", "16 GCATCAT G 0/1", "16 GCAT G 0/1; 25 TCAT T 0/1", "TP/gm", "TP/gm TP/gm"},
		{"het deletion called hom at the other end", "32 TA T 0/1", "39 AA A 1/1", "FN/am", "FP/am"},
		{"lower case", "5 G A 0/1", "5 g a 0/1", "TP/gm", "TP/gm"},
		{"alternate allele equal to the reference", "5 G A 0/1", "5 G G 0/1", "FN", "N"},
		{"deletion right before an insertion against a SNP", "45 TC T 0/1; 46 C CT 0/1", "46 C T 0/1", "TP/gm TP/gm", "TP/gm"},
	} {
		t.Run(k.name, func(t *testing.T) {
			results, all := run(t, caseText, nil, lines(t, k.truth), lines(t, k.query))
			if got := verdicts(all[0].Truth); got != k.wantTruth {
				t.Errorf("truth %q, want %q", got, k.wantTruth)
			}
			if got := verdicts(all[0].Query); got != k.wantQuery {
				t.Errorf("query %q, want %q", got, k.wantQuery)
			}
			// The two sides exchanged decide the same.
			_, turned := run(t, caseText, nil, lines(t, k.query), lines(t, k.truth))
			if got, want := verdicts(turned[0].Query), strings.ReplaceAll(k.wantTruth, "FN", "FP"); got != want {
				t.Errorf("exchanged: %q, want %q", got, want)
			}
			checkSums(t, &results[0], all[0])
		})
	}
}

// checkSums holds the counts against the verdicts.
func checkSums(t *testing.T, r *Result, a Against) {
	t.Helper()
	tp, fn, calls, fp := 0, 0, 0, 0
	for _, x := range a.Truth {
		switch x.Decision {
		case TP:
			tp++
		case FN:
			fn++
		}
	}
	for _, x := range a.Query {
		switch x.Decision {
		case TP, Unknown:
			calls++
		case FP:
			calls++
			fp++
		}
	}
	var c Counts
	for ty := range types {
		c.add(&r.Counts[ty][All])
	}
	if c.TP != tp || c.FN != fn || c.Truth != tp+fn || c.Query != calls || c.FP != fp || c.WrongAllele+c.WrongGenotype != fp {
		t.Errorf("counts %+v, want TP %d FN %d calls %d FP %d", c, tp, fn, calls, fp)
	}
}

func TestConfidentRegions(t *testing.T) {
	set := locus.NewSet(locus.Region{Contig: "c", Start: 9, End: 16}, locus.Region{Contig: "c", Start: 28, End: 40})
	for _, k := range []struct{ name, truth, query, wantTruth, wantQuery string }{
		{"inside and outside", "5 G A 0/1; 30 A G 0/1", "5 G A 0/1; 30 A G 0/1", "UNK/gm TP/gm", "UNK/gm TP/gm"},
		{"false outside", "30 A G 0/1", "5 G A 0/1; 30 A G 0/1", "TP/gm", "UNK TP/gm"},
		{"found by a spelling that lies outside", "11 G GG 0/1", "9 C CA 0/1; 10 A G 0/1", "TP/gm", "UNK/gm TP/gm"},
		{"deletion over the border", "39 AACG A 0/1", "39 AACG A 0/1", "UNK/gm", "UNK/gm"},
		{"insertion at the border", "40 A AC 0/1", "40 A AC 0/1", "UNK/gm", "UNK/gm"},
	} {
		t.Run(k.name, func(t *testing.T) {
			_, all := run(t, caseText, set, lines(t, k.truth), lines(t, k.query))
			if got := verdicts(all[0].Truth); got != k.wantTruth {
				t.Errorf("truth %q, want %q", got, k.wantTruth)
			}
			if got := verdicts(all[0].Query); got != k.wantQuery {
				t.Errorf("query %q, want %q", got, k.wantQuery)
			}
		})
	}
}

func TestFiltersQueriesAndCurve(t *testing.T) {
	truth := lines(t, "5 G A 0/1; 32 TA T 0/1; 50 C G 1/1; 56 C T 0/1")
	first := lines(t, "5 G A 0/1 LowQual 10; 32 TA T 0/1 PASS 20; 50 C G 1/1 PASS 40; 56 C G 0/1 PASS 30")
	second := lines(t, "5 G A 1/1 PASS 50")
	results, _ := run(t, caseText, nil, truth, first, second)
	c := results[0].Counts
	if c[SNP][All].TP != 2 || c[SNP][Pass].TP != 1 || c[SNP][Pass].FN != 2 || c[Indel][Pass].TP != 1 || c[SNP][All].Query != 3 || c[SNP][Pass].Query != 2 {
		t.Errorf("first: %+v", c)
	}
	if c := results[1].Counts[SNP][All]; c.TP != 0 || c.FN != 3 || c.FP != 1 || c.WrongGenotype != 1 || c.MissedGenotype != 1 || c.AlleleRecall() != 1./3 || c.AllelePrecision() != 1 {
		t.Errorf("second: %+v", c)
	}
	points := results[0].Curves[SNP].Points()
	want := []Point{
		{GQ: 0, Truth: 3, Found: 1, TP: 1, FP: 1, Recall: 1. / 3, Precision: 0.5, F1: 0.4},
		{GQ: 30, Truth: 3, Found: 1, TP: 1, FP: 1, Recall: 1. / 3, Precision: 0.5, F1: 0.4},
		{GQ: 40, Truth: 3, Found: 1, TP: 1, FP: 0, Recall: 1. / 3, Precision: 1, F1: 0.5},
	}
	if len(points) != len(want) {
		t.Fatalf("points %+v", points)
	}
	for i, p := range points {
		if p.GQ != want[i].GQ || p.Found != want[i].Found || p.TP != want[i].TP || p.FP != want[i].FP || math.Abs(p.F1-want[i].F1) > 1e-12 {
			t.Errorf("point %d: %+v, want %+v", i, p, want[i])
		}
	}
	rows := results[0].Summary()
	wantRows := []string{
		"INDEL,ALL,1,1,0,1,0,0,0,1.000000,1.000000,0.000000,1.000000,,,,",
		"INDEL,PASS,1,1,0,1,0,0,0,1.000000,1.000000,0.000000,1.000000,,,,",
		"SNP,ALL,3,2,1,3,1,0,0,0.666667,0.666667,0.000000,0.666667,2.000000,0.500000,2.000000,2.000000",
		"SNP,PASS,3,1,2,2,1,0,0,0.333333,0.500000,0.000000,0.400000,2.000000,0.000000,2.000000,1.000000",
	}
	for i, row := range rows {
		if got := strings.Join(row, ","); got != wantRows[i] || len(row) != len(SummaryHeader) {
			t.Errorf("row %d\n got %s\nwant %s", i, got, wantRows[i])
		}
	}
	if rows := results[0].CurveRows(); len(rows[0]) != len(CurveHeader) {
		t.Errorf("curve row %v", rows[0])
	}
	sum := 0
	for _, s := range results[0].Strata() {
		if len(s.Row()) != len(StrataHeader) {
			t.Errorf("stratum row %v", s.Row())
		}
		if s.Filter == All && s.Subtype == "*" && s.Context != "*" {
			sum += s.Counts.Truth
		}
		if s.Type == Indel && s.Subtype == "D1_5" && s.Context == "homopolymer_6_9" && s.Counts.TP != 1 {
			t.Errorf("deletion in the run of eight: %+v", s)
		}
	}
	if sum != len(truth) {
		t.Errorf("contexts hold %d records of the truth, want %d", sum, len(truth))
	}
}

func TestRunRefuses(t *testing.T) {
	contigs, _ := locus.NewContigs([]locus.Contig{{Name: "c", Length: len(caseText)}, {Name: "d", Length: 40}})
	on := func(contig string, list []Record) []Record {
		for i := range list {
			list[i].Contig = contig
		}
		return list
	}
	broken := errors.New("broken")
	for _, k := range []struct {
		name  string
		query Records
		want  string
	}{
		{"out of order", stream(lines(t, "9 C A 0/1; 5 G A 0/1")), "stands behind"},
		{"contigs out of order", stream(slices.Concat(on("d", lines(t, "9 C A 0/1")), lines(t, "5 G A 0/1"))), "stands behind"},
		{"unknown contig", stream(on("e", lines(t, "5 G A 0/1"))), "no such contig"},
		{"another reference", stream(lines(t, "5 T A 0/1")), "q.vcf: c:5: REF is T, but the reference has G"},
		{"beyond the end", stream(lines(t, "63 CCC A 0/1")), "beyond the contig"},
		{"stream breaks", func(yield func(Record, error) bool) { yield(Record{}, broken) }, "broken"},
	} {
		t.Run(k.name, func(t *testing.T) {
			in := Input{Reference: textRef{"c": caseText, "d": caseText[:40]}, Contigs: contigs, Truth: stream(lines(t, "5 G A 0/1")), Queries: []Query{{"q.vcf", k.query}}}
			if _, err := Run(context.Background(), in, 2, nil); err == nil || !strings.Contains(err.Error(), k.want) {
				t.Errorf("got %v, want %q", err, k.want)
			}
		})
	}
	if _, err := Run(context.Background(), Input{}, 1, nil); err == nil {
		t.Error("nothing to compare: no error")
	}
}

func TestWilson(t *testing.T) {
	// R: binom::binom.confint(k, n, methods = "wilson")
	for _, k := range []struct {
		k, n      int
		low, high float64
	}{{0, 10, 0, 0.2775328}, {8, 10, 0.4901625, 0.9433178}, {95, 100, 0.8882495, 0.9784560}, {0, 0, 0, 1}} {
		low, high := Wilson(k.k, k.n, 1.959964)
		if math.Abs(low-k.low) > 1e-6 || math.Abs(high-k.high) > 1e-6 {
			t.Errorf("%d of %d: %.7f %.7f, want %.7f %.7f", k.k, k.n, low, high, k.low, k.high)
		}
	}
}

// TestBlocksAndTelomeres: lines that no genotype of bases stands on, however
// long or wherever they say they are, are passed on and do not disturb the rest.
func TestBlocksAndTelomeres(t *testing.T) {
	query := lines(t, "0 N <DEL> 0/1; 1 T <*> 0/0; 5 G A 0/1; 6 T <*> 0/0; 7 A <*> 0/0; 9000 A <DUP> 0/1")
	query[1].End, query[3].End = 4, 6000
	results, all := run(t, caseText, nil, lines(t, "5 G A 0/1"), query)
	if got := verdicts(all[0].Query); got != "N N TP/gm N N N" {
		t.Errorf("query %q", got)
	}
	if c := results[0].Counts[SNP][All]; c.TP != 1 || c.Query != 1 {
		t.Errorf("%+v", c)
	}
	// A line at every base keeps places small.
	var every []Record
	for p := range 3000 {
		every = append(every, Record{Variant: variant.Variant{Contig: "c", Start: p, End: p + 1, Ref: "A", Alts: []string{"<*>"}}, GT: variant.Genotype{}, Ploidy: 2})
	}
	contigs, _ := locus.NewContigs([]locus.Contig{{Name: "c", Length: 4000}})
	places, lines := 0, 0
	in := Input{Reference: textRef{"c": strings.Repeat("A", 4000)}, Contigs: contigs, Truth: stream(nil), Queries: []Query{{"q", stream(every)}}}
	if _, err := Run(t.Context(), in, 1, func(p *Place) error {
		places++
		lines += len(p.Queries[0].Query)
		return nil
	}); err != nil || places < 50 || lines != len(every) {
		t.Errorf("%v; %d places with %d lines of %d", err, places, lines, len(every))
	}
}

// TestGoroutinesChangeNothing runs the same comparison in one and in four
// goroutines.
func TestGoroutinesChangeNothing(t *testing.T) {
	g := newGenome(5000)
	var want string
	for _, n := range []int{1, 4} {
		var b strings.Builder
		results, err := Run(t.Context(), g.input(t), n, func(p *Place) error {
			fmt.Fprintf(&b, "%s %+v\n", p.Contig, p.Queries)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%+v", results)
		if want == "" {
			want = b.String()
		} else if b.String() != want {
			t.Error("the results of four goroutines differ from those of one")
		}
		if c := results[0].Counts[SNP][All]; c.TP < 3000 || c.FN < 50 || c.FP < 50 {
			t.Errorf("counts %+v: the test compares too little", c)
		}
	}
}

// TestDensePlaces gives the search more than it can try out, many ways to slip
// along a repeat: it must end soon, say so, and still find what is equal.
func TestDensePlaces(t *testing.T) {
	n := 400
	if testing.Short() {
		n = 280
	}
	text := strings.Repeat("A", n)
	var truth, query []Record
	for p := 1; p < len(text)-8; p += 4 {
		n := 1 + p/4%5
		v := variant.Variant{Contig: "c", Start: p, End: p + 1, Ref: "A", Alts: []string{text[:n+1]}}
		if p%8 == 1 {
			v = variant.Variant{Contig: "c", Start: p, End: p + n + 1, Ref: text[:n+1], Alts: []string{"A"}}
		}
		truth = append(truth, Record{Variant: v, GT: variant.Genotype{A: 0, B: 1}, Ploidy: 2})
		v.Start, v.End = v.Start+1, v.End+1
		query = append(query, Record{Variant: v, GT: variant.Genotype{A: 1, B: 0}, Ploidy: 2})
	}
	results, _ := run(t, text, nil, truth, query)
	c := results[0].Counts[Indel][All]
	if results[0].Dense == 0 || c.TP < len(truth)*9/10 || c.TP+c.FN != len(truth) {
		t.Errorf("dense %d, counts %+v of %d", results[0].Dense, c, len(truth))
	}
}
