package simulate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// collect gives copies of all aligned reads.
func collect(t testing.TB, g Genome, p *Profile, o ReadOptions, threads int) []align.Read {
	t.Helper()
	var b align.Batch
	if err := Aligned(t.Context(), g, p, o, threads, func(r *align.Read) error { b.Add(r); return nil }); err != nil {
		t.Fatal(err)
	}
	return b.Reads
}

// plainReads is options without anything that is not in the profile.
func plainReads() ReadOptions {
	o := DefaultReads()
	o.Chimeras, o.HotSpots, o.Slippage, o.Dispersion = 0, 0, 0, 0
	return o
}

// donorless is a sequence sequenced as it stands.
func donorless(s Sequence) InMemory { return InMemory{{Sequence: s, Donors: []Donor{{Share: 1}}}} }

// TestSameReadsForAnyGoroutines compares whole streams, and the reads of a
// contig with those of the same contig beside another.
func TestSameReadsForAnyGoroutines(t *testing.T) {
	g := append(testGenome(t, "chr1", 60_000), testGenome(t, "chr2", 40_000)...)
	o := DefaultReads()
	o.Depth, o.ReadGroup = 20, "rg"
	text := func(g Genome, threads int, contig string) string {
		var b strings.Builder
		for _, r := range collect(t, g, DefaultProfile(), o, threads) {
			if name := g.Contigs()[r.Contig].Name; contig == "" || name == contig {
				fmt.Fprintf(&b, "%s %d %s %d %d %s %d %d %s %x %x\n", r.Name, r.Flag, name, r.Start, r.MapQ, r.Cigar, r.MateStart, r.TemplateLen, r.Bases, r.Quals, r.Aux)
			}
		}
		return b.String()
	}
	one := text(g, 1, "")
	if one != text(g, 4, "") {
		t.Error("four goroutines give other reads than one")
	}
	if text(g, 2, "chr2") != text(g[1:], 1, "chr2") {
		t.Error("alone, chr2 has other reads than beside chr1")
	}
	o.Seed++
	if one == text(g, 1, "") {
		t.Error("another seed gives the same reads")
	}
}

// TestAlignedReads checks what a file of reads must hold, read by read.
func TestAlignedReads(t *testing.T) {
	g := testGenome(t, "chr1", 150_000)
	o := DefaultReads()
	o.ReadGroup, o.Duplicates, o.Chimeras = "rg", 0.1, 0.02
	reads := collect(t, g, DefaultProfile(), o, 2)
	ref := g[0].Bases
	type end struct{ first, second *align.Read }
	ends := map[string]*end{}
	last, duplicates, clipped, lowQ := 0, 0, 0, 0
	for i := range reads {
		r := &reads[i]
		if r.Start < last {
			t.Fatalf("%s at %d behind one at %d", r.Name, r.Start, last)
		}
		last = r.Start
		if len(r.Bases) != o.Length || len(r.Quals) != o.Length || r.Contig != 0 || r.MateContig != 0 {
			t.Fatalf("%+v", r)
		}
		e := ends[r.Name]
		if e == nil {
			e = &end{}
			ends[r.Name] = e
		}
		if r.Flag&align.FirstOfPair != 0 {
			e.first = r
		} else {
			e.second = r
		}
		if r.Flag&align.Duplicate != 0 {
			duplicates++
		}
		if rg, ok := r.StringTag("RG"); !ok || string(rg) != "rg" {
			t.Fatalf("%s: RG %q", r.Name, rg)
		}
		if r.Flag&align.Unmapped != 0 {
			continue
		}
		if r.Cigar.ReadLen() != o.Length || r.Start < 0 || r.End() > len(ref) {
			t.Fatalf("%s: %s at %d", r.Name, r.Cigar, r.Start)
		}
		if nm, _ := r.IntTag("NM"); nm != editDistance(r.Bases, ref, r.Start, r.Cigar) {
			t.Fatalf("%s: NM %d, want %d", r.Name, nm, editDistance(r.Bases, ref, r.Start, r.Cigar))
		}
		if r.Cigar[0].Op() == align.S || r.Cigar[len(r.Cigar)-1].Op() == align.S {
			clipped++
		}
		if r.MapQ < 30 {
			lowQ++
		}
	}
	for name, e := range ends {
		a, b := e.first, e.second
		if a == nil || b == nil {
			t.Fatalf("%s: a read has no mate", name)
		}
		if a.MateStart != b.Start || b.MateStart != a.Start || a.TemplateLen != -b.TemplateLen {
			t.Fatalf("%s: starts %d %d, mates %d %d, lengths %d %d", name, a.Start, b.Start, a.MateStart, b.MateStart, a.TemplateLen, b.TemplateLen)
		}
		if (a.Flag&align.Reverse != 0) != (b.Flag&align.MateReverse != 0) || (a.Flag&align.Unmapped != 0) != (b.Flag&align.MateUnmapped != 0) || a.Flag&align.Reverse == b.Flag&align.Reverse {
			t.Fatalf("%s: flags %x %x", name, a.Flag, b.Flag)
		}
	}
	n := float64(len(reads))
	if share := float64(duplicates) / n; math.Abs(share-0.1) > 0.015 {
		t.Errorf("%.3f duplicates, want 0.1", share)
	}
	if depth := n * float64(o.Length) / float64(len(ref)); math.Abs(depth-o.Depth) > 0.08*o.Depth {
		t.Errorf("depth %.2f, want %g", depth, o.Depth)
	}
	if share := float64(clipped) / n; share < 0.01 || share > 0.1 {
		t.Errorf("%.3f of the reads are clipped", share)
	}
	if lowQ == 0 {
		t.Error("no read of low mapping quality")
	}
}

// TestPairsAreTheAlignedReads compares the two ways to sequence.
func TestPairsAreTheAlignedReads(t *testing.T) {
	g := testGenome(t, "chr1", 50_000)
	o := DefaultReads()
	o.Depth = 10
	want := map[string]string{}
	for _, r := range collect(t, g, DefaultProfile(), o, 1) {
		b, q := bytes.Clone(r.Bases), bytes.Clone(r.Quals)
		if r.Flag&align.Reverse != 0 {
			reverseComplement(b)
			for i, j := 0, len(q)-1; i < j; i, j = i+1, j-1 {
				q[i], q[j] = q[j], q[i]
			}
		}
		want[fmt.Sprint(r.Name, r.Number())] = string(b) + string(q)
	}
	n := 0
	err := Pairs(t.Context(), g, DefaultProfile(), o, 2, func(p *Pair) error {
		for k := range 2 {
			if w, ok := want[fmt.Sprint(p.Name, k)]; ok {
				n++
				if w != string(p.Bases[k])+string(p.Quals[k]) {
					return fmt.Errorf("read %d of %s differs", k+1, p.Name)
				}
			}
		}
		return nil
	})
	if err != nil || n != len(want) {
		t.Errorf("%v; %d reads of %d", err, n, len(want))
	}
}

// depthIn is the mean depth of placed bases in [from, to).
func depthIn(reads []align.Read, from, to int) float64 {
	n := 0
	for i := range reads {
		n += max(0, min(reads[i].End(), to)-max(reads[i].Start, from))
	}
	return float64(n) / float64(to-from)
}

func TestTargetsRegionsPloidyAndDonors(t *testing.T) {
	ref := testReference(t, "X", 120_000)
	for i := 60_000; i < 62_000; i++ {
		ref.Bases[i] = 'N'
	}
	region := func(from, to int) *locus.Set {
		return locus.NewSet(locus.Region{Contig: "X", Start: from, End: to})
	}
	p, o := DefaultProfile(), plainReads()
	p.GC = [21]float64{}
	for i := range p.GC {
		p.GC[i] = 1
	}
	t.Run("targets", func(t *testing.T) {
		o := o
		o.Targets, o.Depth, o.OffTarget = region(20_000, 20_200), 400, 0.01
		reads := collect(t, donorless(ref), p, o, 1)
		on, off := depthIn(reads, 20_050, 20_150), depthIn(reads, 40_000, 60_000)
		if on < 100 || on > 1000 || math.Abs(off-4) > 1 {
			t.Errorf("depth %.1f on the target, %.2f off it", on, off)
		}
	})
	t.Run("regions", func(t *testing.T) {
		o := o
		o.Regions = region(30_000, 50_000)
		reads := collect(t, donorless(ref), p, o, 1)
		if in, out := depthIn(reads, 32_000, 49_000), depthIn(reads, 52_000, 120_000); math.Abs(in-30) > 2 || out > 0 || depthIn(reads, 0, 29_000) > 0 {
			t.Errorf("depth %.1f in the region, %.2f behind it", in, out)
		}
	})
	t.Run("unknown bases", func(t *testing.T) {
		reads := collect(t, donorless(ref), p, o, 1)
		if d := depthIn(reads, 60_010, 61_990); d > 0 {
			t.Errorf("depth %.2f where the reference is unknown", d)
		}
	})
	t.Run("one copy and none", func(t *testing.T) {
		g := InMemory{{Sequence: ref, Donors: []Donor{{Share: 1, Haploid: region(0, 50_000), Absent: region(70_000, 90_000)}}}}
		reads := collect(t, g, p, o, 1)
		if one, none, two := depthIn(reads, 1000, 49_000), depthIn(reads, 71_500, 89_500), depthIn(reads, 95_000, 119_000); math.Abs(one-15) > 1.5 || none > 0 || math.Abs(two-30) > 2 {
			t.Errorf("depth %.1f of one copy, %.1f of none, %.1f of two", one, none, two)
		}
	})
	t.Run("contamination", func(t *testing.T) {
		var list []Record
		for p := 1000; p < 50_000; p += 500 {
			b := ref.Bases[p]
			list = append(list, Record{Variant: variant.Variant{Contig: "X", Start: p, End: p + 1, Ref: string(b), Alts: []string{string(letters[codes[b]^2])}},
				GT: variant.Genotype{A: 1, B: 1, Phased: true}, Ploidy: 2})
		}
		g := InMemory{{Sequence: ref, Donors: []Donor{{Share: 0.9}, {Share: 0.1, Records: list}}}}
		alt, all := 0, 0
		for _, r := range collect(t, g, p, o, 1) {
			for _, v := range list {
				if i := v.Start - r.Start; len(r.Cigar) == 1 && i >= 0 && i < len(r.Bases) {
					if all++; r.Bases[i] == v.Alts[0][0] {
						alt++
					}
				}
			}
		}
		if share := float64(alt) / float64(all); math.Abs(share-0.1) > 0.025 {
			t.Errorf("%.3f of %d bases are the contaminant's, want 0.1", share, all)
		}
	})
}

func TestReadLengths(t *testing.T) {
	ref := testReference(t, "c", 30_000)
	for _, n := range []int{36, 76, 250} {
		o := DefaultReads()
		o.Length = n
		reads := collect(t, donorless(ref), DefaultProfile(), o, 1)
		placed := 0
		for i := range reads {
			if len(reads[i].Bases) != n {
				t.Fatalf("a read of %d, want %d", len(reads[i].Bases), n)
			}
			if reads[i].Flag&align.Unmapped == 0 {
				placed++
			}
		}
		if placed < len(reads)*97/100 || len(reads) < 30_000*25/n {
			t.Errorf("2x%d: %d of %d placed", n, placed, len(reads))
		}
	}
}

// TestCopies sequences a contig that holds a stretch twice, once on the other
// strand, with a variant in the first: reads of both places are set on either,
// with mapping quality 0.
func TestCopies(t *testing.T) {
	ref := testReference(t, "c", 60_000)
	copy(ref.Bases[40_000:44_000], ref.Bases[10_000:14_000])
	reverseComplement(ref.Bases[40_000:44_000])
	list := twins(ref.Bases)
	var found *twin
	for i := range list {
		if list[i].start <= 10_000 && list[i].end >= 14_000 {
			found = &list[i]
		}
		for _, pos := range []int{list[i].start, list[i].end - 1} {
			if p := list[i].partner(pos); p < 0 || p >= len(ref.Bases) {
				t.Fatalf("%+v: partner of %d is %d", list[i], pos, p)
			}
		}
	}
	if found == nil || !found.reverse || found.partner(10_000) != 43_999 {
		t.Fatalf("twins %+v", list)
	}
	const site = 12_000
	b := ref.Bases[site]
	alt := letters[codes[b]^2]
	g := InMemory{{Sequence: ref, Donors: []Donor{{Share: 1, Records: []Record{{
		Variant: variant.Variant{Contig: "c", Start: site, End: site + 1, Ref: string(b), Alts: []string{string(alt)}},
		GT:      variant.Genotype{A: 1, B: 1, Phased: true}, Ploidy: 2}}}}}}
	o := plainReads()
	o.Depth = 120
	seen := [2][2]int{} // by place: all reads, those with the alternate base of that strand
	for _, r := range collect(t, g, DefaultProfile(), o, 2) {
		for k, pos := range []int{site, found.partner(site)} {
			i := pos - r.Start
			if len(r.Cigar) != 1 || i < 0 || i >= len(r.Bases) {
				continue
			}
			want := alt
			if k == 1 {
				want = complements[alt]
			}
			seen[k][0]++
			if r.Bases[i] == want {
				seen[k][1]++
			}
			if r.MapQ > 0 {
				t.Fatalf("a read within the copies has mapping quality %d", r.MapQ)
			}
		}
	}
	for k, s := range seen {
		if share := float64(s[1]) / float64(s[0]); math.Abs(share-0.5) > 0.2 || s[0] < 60 {
			t.Errorf("place %d: %.2f of %d reads have the variant of one of two copies", k, share, s[0])
		}
	}
}

// TestCopyWithADeletion: reads of a copy on the other strand that has lost some
// kilobases would stand far before the others; the order holds all the same.
func TestCopyWithADeletion(t *testing.T) {
	ref := testReference(t, "c", 120_000)
	copy(ref.Bases[80_000:100_000], ref.Bases[10_000:30_000])
	reverseComplement(ref.Bases[80_000:100_000])
	var records []Record
	for at := 12_000; at < 28_000; at += 3000 {
		records = append(records, Record{Variant: variant.Variant{Contig: "c", Start: at, End: at + 1501, Ref: string(ref.Bases[at : at+1501]), Alts: []string{string(ref.Bases[at])}},
			GT: variant.Genotype{A: 1, B: 1, Phased: true}, Ploidy: 2})
	}
	o := plainReads()
	o.Depth = 150 // makes cells short
	last := 0
	for _, r := range collect(t, InMemory{{Sequence: ref, Donors: []Donor{{Share: 1, Records: records}}}}, DefaultProfile(), o, 2) {
		if r.Start < last {
			t.Fatalf("%s at %d behind one at %d", r.Name, r.Start, last)
		}
		last = r.Start
	}
}

// broken is a genome that cannot be loaded, or lies about its contig.
type broken struct {
	contig Contig
	err    error
}

func (b broken) Contigs() []locus.Contig     { return []locus.Contig{{Name: "c", Length: 100}} }
func (b broken) Contig(int) (*Contig, error) { return &b.contig, b.err }

func TestReadsRefuse(t *testing.T) {
	sequence := Sequence{"c", bytes.Repeat([]byte("ACGT"), 25)}
	lost := errors.New("lost")
	for _, k := range []struct {
		name   string
		genome Genome
		want   string
	}{
		{"genome is lost", broken{err: lost}, "lost"},
		{"another contig", broken{contig: Contig{Sequence: Sequence{"d", sequence.Bases}}}, "got d"},
		{"no donor", broken{contig: Contig{Sequence: sequence}}, "no donor"},
		{"shares", broken{contig: Contig{Sequence: sequence, Donors: []Donor{{Share: 0.4}}}}, "sum to 0.4"},
		{"negative share", broken{contig: Contig{Sequence: sequence, Donors: []Donor{{Share: 2}, {Share: -1}}}}, "share of -1"},
		{"bad record", broken{contig: Contig{Sequence: sequence, Donors: []Donor{{Share: 1, Records: []Record{{}}}}}}, "not on c"},
	} {
		err := Aligned(t.Context(), k.genome, DefaultProfile(), DefaultReads(), 2, func(*align.Read) error { return nil })
		if err == nil || !strings.Contains(err.Error(), k.want) {
			t.Errorf("%s: %v, want %q", k.name, err, k.want)
		}
	}
	o := DefaultReads()
	if n := len(readable(strings.Repeat("HLA@A", 200))); n > 100 || strings.Contains(readable("a@b"), "@") {
		t.Errorf("a long contig's name takes %d letters of a read's", n)
	}
	o.Length, o.Depth, o.Prefix = 5, -1, "a b"
	err := Pairs(t.Context(), donorless(sequence), DefaultProfile(), o, 1, func(*Pair) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "read length") || !strings.Contains(err.Error(), "depth") || !strings.Contains(err.Error(), "prefix") {
		t.Errorf("got %v, want three faults", err)
	}
	p := DefaultProfile()
	p.Insert, p.Mismatch[3] = nil, 2
	err = Pairs(t.Context(), donorless(sequence), p, DefaultReads(), 1, func(*Pair) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "insert sizes") || !strings.Contains(err.Error(), "quality 3") {
		t.Errorf("got %v, want two faults", err)
	}
	stop, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Aligned(stop, testGenome(t, "c", 50_000), DefaultProfile(), DefaultReads(), 1, func(*align.Read) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

// TestTemplates: fragments of a template share its slips, so that at a run of
// many bases whole multiples of a template's share of the reads have it longer
// or shorter; the chance of a slip stays what it is.
func TestTemplates(t *testing.T) {
	run := func(templates int) (slipped, fragments int, spread float64) {
		o := DefaultReads()
		o.Depth, o.Slippage, o.RunErrors, o.Spread, o.Chimeras, o.HotSpots = 60, 8, 0, 0, 0, 0
		o.Templates = templates
		var ref []byte
		r := newRandom(11)
		for len(ref) < 120_000 {
			for range 600 {
				ref = append(ref, letters[r.IntN(4)])
			}
			ref = append(ref, "CAAAAAAAAAAAAG"...)
		}
		g := InMemory{{Sequence: Sequence{"c", ref}, Donors: []Donor{{Share: 1}}}}
		with, all := map[int]int{}, map[int]int{}
		err := Aligned(t.Context(), g, DefaultProfile(), o, 2, func(r *align.Read) error {
			for site := 600; site < len(ref); site += 614 {
				if r.Start+20 < site && r.Start+r.Cigar.RefLen() > site+34 {
					all[site]++
					if len(r.Cigar) > 1 {
						with[site]++
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for site, n := range all {
			p := float64(with[site]) / float64(n)
			sum += p
			spread += p * p
			slipped, fragments = slipped+with[site], fragments+n
		}
		mean := sum / float64(len(all))
		return slipped, fragments, spread/float64(len(all)) - mean*mean
	}
	a, n, alone := run(0)
	b, m, shared := run(6)
	share, pooled := float64(a)/float64(n), float64(b)/float64(m)
	if share < 0.005 || math.Abs(share-pooled) > 0.5*share {
		t.Errorf("%.4f of the reads slipped alone, %.4f with templates, want about the same", share, pooled)
	}
	if shared < 2*alone {
		t.Errorf("variance of the share %.2g with templates, %.2g without, want several times as much", shared, alone)
	}
}
