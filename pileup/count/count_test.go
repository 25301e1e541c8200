package count

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// read makes a read of quality 30, mapping quality 60.
func read(t testing.TB, name string, start int, cigar, bases string, quals ...byte) align.Read {
	t.Helper()
	c, err := align.ParseCigar(cigar)
	if err != nil {
		t.Fatal(err)
	}
	if quals == nil {
		quals = slices.Repeat([]byte{30}, len(bases))
	}
	return align.Read{Name: name, Start: start, Cigar: c, Bases: []byte(bases), Quals: quals, MapQ: 60}
}

func region(start, end int) locus.Region { return locus.Region{Contig: "c", Start: start, End: end} }

// describe writes a position: its reference reads and total, then every allele
// with its type, and the reads that show it, low ones with a minus.
func describe(c *Counts, i int) string {
	var all []string
	for k := range c.At(i) {
		a := &c.At(i)[k]
		sign := ""
		if a.Low {
			sign = "-"
		}
		all = append(all, fmt.Sprintf("%s%s%c%d", sign, c.AppendBases(nil, i, a), ".RSIDC"[a.Type], a.Read))
	}
	return strings.TrimSpace(fmt.Sprintf("%d/%d %s", c.RefSupport[i], c.Total[i], strings.Join(all, " ")))
}

func TestAlleles(t *testing.T) {
	//                    0123456789
	const contig = "ACGTACGTNC"
	type at map[int]string
	legacy := Options{MinMapQ: 5, MinBaseQ: 10, Legacy: true}
	for _, k := range []struct {
		name  string
		reads []align.Read
		o     Options
		want  at // positions without reads are left out
	}{
		{name: "bases", reads: []align.Read{read(t, "a", 2, "3M", "GGA")},
			want: at{2: "1/1", 3: "0/1 GS0", 4: "1/1"}},
		{name: "sequence match and mismatch", reads: []align.Read{read(t, "a", 2, "1=1X1=", "GGA")},
			want: at{2: "1/1", 3: "0/1 GS0", 4: "1/1"}},
		{name: "a base on an N of the reference", reads: []align.Read{read(t, "a", 7, "3M", "TAC")},
			want: at{7: "1/1", 8: "0/1 AS0", 9: "1/1"}},
		{name: "an N in the read", reads: []align.Read{read(t, "a", 2, "3M", "GNA")},
			want: at{2: "1/1", 4: "1/1"}},
		{name: "low quality", reads: []align.Read{read(t, "a", 2, "3M", "GGA", 9, 9, 10)},
			want: at{3: "0/0 -GS0", 4: "1/1"}},
		{name: "insertion takes the place of its anchor", reads: []align.Read{read(t, "a", 2, "2M2I1M", "GTCCA")},
			want: at{2: "1/1", 3: "0/1 TCCI0", 4: "1/1"}},
		{name: "insertion behind another base than the reference's", reads: []align.Read{read(t, "a", 2, "2M1I1M", "GACA")},
			want: at{2: "1/1", 3: "0/1 ACI0", 4: "1/1"}},
		{name: "insertion of mean quality 10", reads: []align.Read{read(t, "a", 2, "2M2I1M", "GTCCA", 30, 30, 5, 15, 30)},
			want: at{2: "1/1", 3: "0/1 TCCI0", 4: "1/1"}},
		{name: "insertion of mean quality 9.5 is low and still replaces", reads: []align.Read{read(t, "a", 2, "2M2I1M", "GTCCA", 30, 30, 5, 14, 30)},
			want: at{2: "1/1", 3: "0/0 -TCCI0", 4: "1/1"}},
		{name: "legacy: a low base spoils an insertion, which replaces nothing", o: legacy, reads: []align.Read{read(t, "a", 2, "2M2I1M", "GTCCA", 30, 30, 5, 40, 30)},
			want: at{2: "1/1", 3: "1/1", 4: "1/1"}},
		{name: "legacy: a low base is not there", o: legacy, reads: []align.Read{read(t, "a", 2, "3M", "GGA", 9, 9, 10)},
			want: at{4: "1/1"}},
		{name: "an N in an insertion: it replaces nothing", reads: []align.Read{read(t, "a", 2, "2M2I1M", "GTCNA")},
			want: at{2: "1/1", 3: "1/1", 4: "1/1"}},
		{name: "insertion at the start of the read", reads: []align.Read{read(t, "a", 2, "1I2M", "CGT")},
			want: at{1: "0/1 CCI0", 2: "1/1", 3: "1/1"}},
		{name: "insertion at the start of the contig", reads: []align.Read{read(t, "a", 0, "1I2M", "CAC")},
			want: at{0: "1/1", 1: "1/1"}},
		{name: "soft clips", reads: []align.Read{read(t, "a", 2, "2S2M3S", "AAGTCCC")},
			want: at{1: "0/1 CAAC0", 2: "1/1", 3: "0/1 TCCCC0"}},
		{name: "hard clips are nothing", reads: []align.Read{read(t, "a", 2, "4H2M4H", "GT")},
			want: at{2: "1/1", 3: "1/1"}},
		{name: "deletion", reads: []align.Read{read(t, "a", 2, "2M2D1M", "GTG")},
			want: at{2: "1/1", 3: "0/1 TACD0", 6: "1/1"}},
		{name: "deletion of low bases around is not low", reads: []align.Read{read(t, "a", 2, "2M2D1M", "GTG", 2, 2, 2)},
			want: at{3: "0/1 TACD0"}},
		{name: "deletion at the start of the read", reads: []align.Read{read(t, "a", 2, "2D2M", "AC")},
			want: at{1: "0/1 CGTD0", 4: "1/1", 5: "1/1"}},
		{name: "deletion at the start of the contig", reads: []align.Read{read(t, "a", 0, "2D2M", "GT")},
			want: at{2: "1/1", 3: "1/1"}},
		{name: "deletion beyond the end of the contig replaces nothing", reads: []align.Read{read(t, "a", 6, "1M4D", "G")},
			want: at{6: "1/1"}},
		{name: "deletion of an N of the reference replaces nothing", reads: []align.Read{read(t, "a", 6, "2M1D1M", "GTC")},
			want: at{6: "1/1", 7: "1/1", 9: "1/1"}},
		{name: "skipped reference", reads: []align.Read{read(t, "a", 1, "2M3N2M", "CGGT")},
			want: at{1: "1/1", 2: "1/1", 6: "1/1", 7: "1/1"}},
		{name: "insertion behind skipped reference has the anchor before it", reads: []align.Read{read(t, "a", 1, "2M3N1I2M", "CGAGT")},
			want: at{1: "1/1", 2: "1/1", 5: "0/1 GAI0", 6: "1/1", 7: "1/1"}},
		{name: "of two events at one anchor the last counts", reads: []align.Read{read(t, "a", 2, "2M1I2D1M", "GTCG")},
			want: at{2: "1/1", 3: "0/1 CACD0", 6: "1/1"}},
		{name: "an event that cannot be used does not replace the one before", reads: []align.Read{read(t, "a", 2, "2M1I2S", "GTCNN")},
			want: at{2: "1/1", 3: "0/1 TCI0"}},
		{name: "deletion, then insertion", reads: []align.Read{read(t, "a", 2, "2M2D1I1M", "GTAG")},
			want: at{2: "1/1", 3: "0/1 TACD0", 5: "0/1 TAI0", 6: "1/1"}},
		{name: "the later read of a key counts, but reference counts stay", reads: []align.Read{
			read(t, "a", 2, "1M", "G"), read(t, "a", 2, "1M", "A"), read(t, "b", 2, "1M", "A"), read(t, "a", 2, "1M", "C")},
			want: at{2: "1/3 AS2 CS3"}},
		{name: "operations without bases are nothing", reads: []align.Read{read(t, "a", 2, "1M0I0D0M1M", "GT")},
			want: at{2: "1/1", 3: "1/1"}},
		{name: "bases, qualities and CIGAR that differ in length", reads: []align.Read{
			read(t, "a", 2, "3M", "GT"), read(t, "b", 2, "2M", "GT", 30), read(t, "c", 2, "2M", ""), read(t, "d", 2, "*", "GT")},
			want: at{}},
	} {
		t.Run(k.name, func(t *testing.T) {
			if k.o == (Options{}) {
				k.o = Defaults()
			}
			counter := Counter{Options: k.o}
			c := counter.Count(k.reads, Window{Bases: []byte(contig)}, region(0, len(contig)), nil)
			for i := range contig {
				want, ok := k.want[i]
				if !ok {
					want = "0/0"
				}
				if got := describe(c, i); got != want {
					t.Errorf("position %d: %s, want %s", i, got, want)
				}
			}
		})
	}
}

func TestMappingQualityAndMates(t *testing.T) {
	a, b, low := read(t, "a", 0, "1M", "C"), read(t, "a", 0, "1M", "C"), read(t, "b", 0, "1M", "C")
	a.Flag, b.Flag = align.Paired|align.FirstOfPair, align.Paired|align.SecondOfPair
	low.MapQ = 4
	counter := Counter{Options: Defaults()}
	c := counter.Count([]align.Read{a, low, b}, Window{Bases: []byte("A")}, region(0, 1), nil)
	if got := describe(c, 0); got != "0/2 CS0 CS2" {
		t.Errorf("both mates and not the read of quality 4: got %s", got)
	}
}

// TestBorders: a region counts what lies in it, and only that, wherever the
// reads start and end.
func TestBorders(t *testing.T) {
	const contig = "ACGTACGTACGTACGT"
	reads := []align.Read{
		read(t, "a", 0, "4S16M", "TTTTACGTACGTACGTACGT"), read(t, "b", 1, "3M2D4M2I5M", "CGTCGTAGGCGTAC"),
		read(t, "c", 3, "2M1I6M3S", "TACCGTACGGGG"), read(t, "d", 7, "4S9M", "CCCCTACGTACGT"),
	}
	counter := Counter{Options: Defaults()}
	whole := func() (all []string) {
		c := counter.Count(reads, Window{Bases: []byte(contig)}, region(0, len(contig)), nil)
		for i := range c.Len() {
			all = append(all, describe(c, i))
		}
		return all
	}()
	for start := range contig {
		for end := start; end <= len(contig); end++ {
			r := region(start, end)
			ref := Window{Start: start, Bases: []byte(contig)[start:Reach(reads, r)]}
			c := counter.Count(reads, ref, r, nil)
			for i := range c.Len() {
				if got := describe(c, i); got != whole[start+i] {
					t.Fatalf("%v, position %d: %s, want %s", r, start+i, got, whole[start+i])
				}
			}
		}
	}
}

func TestTrack(t *testing.T) {
	counter := Counter{Options: Defaults()}
	reads := []align.Read{read(t, "a", 0, "2M", "AC"), read(t, "b", 0, "2M", "AC", 5, 5), read(t, "c", 0, "2M", "AG")}
	c := counter.Count(reads, Window{Bases: []byte("AC")}, region(0, 2), []bool{false, true})
	for i, want := range []string{"2/2", "1/2 CR0 -CR1 GS2"} {
		if got := describe(c, i); got != want {
			t.Errorf("position %d: %s, want %s", i, got, want)
		}
	}
}

func TestSums(t *testing.T) {
	var reads []align.Read
	for i, x := range []struct{ cigar, bases string }{
		{"1M1I1M", "ATC"}, {"2M", "GC"}, {"1M1D1M", "AG"}, {"1M1S", "AT"}, {"1M1I1M", "AAC"}, {"2M", "GC"}, {"1M1I1M", "ATC"}, {"1M1I1M", "CTC"}, {"1M1D1M", "GG"},
	} {
		reads = append(reads, read(t, fmt.Sprint(i), 0, x.cigar, x.bases))
	}
	counter := Counter{Options: Defaults()}
	c := counter.Count(reads, Window{Bases: []byte("ACG")}, region(0, 1), nil)
	var got []string
	for _, s := range c.AppendSums(nil, 0) {
		got = append(got, fmt.Sprintf("%s%c%d", c.AppendBases(nil, 0, &s.First), ".RSIDC"[s.First.Type], s.N))
	}
	want := []string{"AAI1", "ACD1", "ATI2", "ATC1", "CTI1", "GS2", "GCD1"}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestAllocatesNothingOnceWarm(t *testing.T) {
	var reads []align.Read
	for i := range 200 {
		reads = append(reads, read(t, fmt.Sprint(i%150), i, "10S60M2I5D30M", strings.Repeat("ACGTTG", 17)))
	}
	counter := Counter{Options: Defaults()}
	ref := Window{Bases: []byte(strings.Repeat("ACGTTGA", 100))}
	if n := testing.AllocsPerRun(5, func() { counter.Count(reads, ref, region(0, 300), nil) }); n > 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func TestValidate(t *testing.T) {
	o := Defaults()
	if err := o.Validate(); err != nil {
		t.Error(err)
	}
	o = Options{MinMapQ: -1, MinBaseQ: 256}
	if err := o.Validate(); err == nil || !strings.Contains(err.Error(), "mapping-quality -1") || !strings.Contains(err.Error(), "base-quality 256") {
		t.Errorf("got %v, want both faults", err)
	}
}
