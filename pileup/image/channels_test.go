package image_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/align"
)

// tags packs optional fields in BAM's encoding: "HP:C:1", "MM:Z:text" and
// "ML:B:1,2,3".
func tags(t testing.TB, list ...string) []byte {
	t.Helper()
	var b []byte
	for _, s := range list {
		part := strings.SplitN(s, ":", 3)
		b = append(b, part[0]+part[1]...)
		switch part[1] {
		case "C":
			b = append(b, part[2][0]-'0')
		case "Z":
			b = append(append(b, part[2]...), 0)
		case "B":
			values := strings.Split(part[2], ",")
			b = binary.LittleEndian.AppendUint32(append(b, 'C'), uint32(len(values)))
			for _, v := range values {
				var n byte
				if _, err := fmt.Sscan(v, &n); err != nil {
					t.Fatal(err)
				}
				b = append(b, n)
			}
		}
	}
	return b
}

func quals(n int, q byte) []byte { return slices.Repeat([]byte{q}, n) }

func cigar(t testing.TB, s string) align.Cigar {
	t.Helper()
	c, err := align.ParseCigar(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The window of the hand-drawn pictures: a candidate at position 15, columns
// for 10 to 20.
//
//	column     0 1 2 3 4 5 6 7 8 9 10
//	reference  A C C C G G G T T T A
//	r1         A C C C G A G T T T A    13M from 8, two bases to the left
//	r3         A C C * . . A T T T A    4=2D1X4= from 10
//	r2         . . C C * G G T T . .    2S3M2I4M from 12, the insertion is GG
var handRef = count.Window{Bases: []byte("ACGTACGTAAACCCGGGTTTACGTACGTACGT")}

func handReads(t testing.TB) []align.Read {
	r1 := align.Read{Name: "r1", Start: 8, MapQ: 60, Cigar: cigar(t, "13M"), Bases: []byte("AAACCCGAGTTTA"), Quals: quals(13, 30), TemplateLen: 250,
		Aux: tags(t, "HP:C:1", "MM:Z:C+m,0,1;A+a?,3;", "ML:B:128,255,100")}
	r1.Quals[0] = 10
	r2 := align.Read{Name: "r2", Start: 12, MapQ: 30, Flag: align.Reverse, Cigar: cigar(t, "2S3M2I4M"), Bases: []byte("TTCCGGGGGTT"), Quals: quals(11, 40), TemplateLen: -2000,
		Aux: tags(t, "HP:C:2", "MM:Z:C+m,1;T-a,0;", "ML:B:51,9")}
	r3 := align.Read{Name: "r3", Start: 10, MapQ: 60, Cigar: cigar(t, "4=2D1X4="), Bases: []byte("ACCCATTTA"), Quals: quals(9, 20)}
	return []align.Read{r1, r2, r3}
}

func handCandidate() *candidate.Candidate {
	return &candidate.Candidate{
		Site:  variant.Site{Variant: variant.Variant{Contig: "1", Start: 15, End: 16, Ref: "G", Alts: []string{"A", "T"}}},
		Shown: candidate.Shown{Support: [][]candidate.Support{{{Read: 0}}, {{Read: 1, Low: true}}}},
	}
}

func handOptions(channels ...image.Channel) image.Options {
	o := image.Defaults(image.V19)
	o.Width, o.Height, o.Channels, o.MeanCoverage = 11, 75, channels, 2.7
	return o
}

func draw(t testing.TB, o image.Options, reads []align.Read, ref count.Window, s image.Subject) []byte {
	t.Helper()
	p, err := image.NewPainter(o, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.Region(reads, ref, nil)
	img := slices.Repeat([]byte{77}, o.Size()) // what was there before must not shine through
	if !p.Draw(img, s) {
		t.Fatal("no picture")
	}
	return img
}

func all(v byte) []byte { return slices.Repeat([]byte{v}, 11) }

// covered is v in the columns that a read covers, written as in the drawing.
func covered(columns string, v byte) []byte {
	row := make([]byte, len(columns))
	for i, c := range columns {
		if c != '.' {
			row[i] = v
		}
	}
	return row
}

// TestChannels: each channel of three reads, computed by hand.
func TestChannels(t *testing.T) {
	const c1, c3, c2 = "ACCCGAGTTTA", "ACC*..ATTTA", "..CC*GGTT.."
	for _, k := range []struct {
		channel         image.Channel
		ref, r1, r3, r2 []byte
	}{
		{image.ReadBase,
			[]byte{250, 30, 30, 30, 180, 180, 180, 100, 100, 100, 250},
			[]byte{250, 30, 30, 30, 180, 250, 180, 100, 100, 100, 250},
			[]byte{250, 30, 30, 0, 0, 0, 250, 100, 100, 100, 250},
			[]byte{0, 0, 30, 30, 0, 180, 180, 100, 100, 0, 0}},
		{image.BaseQuality, all(254), covered(c1, 190), covered(c3, 127), covered(c2, 254)},
		{image.MappingQuality, all(254), covered(c1, 254), covered(c3, 254), covered(c2, 127)},
		{image.Strand, all(70), covered(c1, 70), covered(c3, 70), covered(c2, 240)},
		{image.ReadSupportsVariant, all(152), covered(c1, 254), covered(c3, 152), covered(c2, 152)},
		{image.BaseDiffersFromRef, all(50),
			[]byte{50, 50, 50, 50, 50, 254, 50, 50, 50, 50, 50},
			[]byte{50, 50, 50, 254, 0, 0, 254, 50, 50, 50, 50},
			[]byte{0, 0, 50, 50, 254, 50, 50, 50, 50, 0, 0}},
		{image.HaplotypeTag, all(0), covered(c1, 127), all(0), covered(c2, 254)},
		{image.AlleleFrequency, all(0), covered(c1, 152), all(0), all(0)},                             // r1: (-5 - -2) / -5 of 254
		{image.ReadMappingPercent, all(254), covered(c1, 254), covered(c3, 223), covered(c2, 160)},    // 100, 88, 63 %
		{image.AvgBaseQuality, all(254), covered(c1, 76), covered(c3, 54), covered(c2, 109)},          // 28, 20, 40 of 93
		{image.Identity, all(254), covered(c1, 254), covered(c3, 223), covered(c2, 160)},              // 13/13, 8/9, 7/11
		{image.GapCompressedIdentity, all(254), covered(c1, 254), covered(c3, 203), covered(c2, 220)}, // 13/13, 8/10, 7/8
		{image.GCContent, all(137), covered(c1, 96), covered(c3, 83), covered(c2, 160)},               // 54, 38, 33, 63 %
		{image.IsHomopolymer,
			[]byte{0, 254, 254, 254, 254, 254, 254, 254, 254, 254, 0},
			[]byte{254, 254, 254, 254, 0, 0, 0, 254, 254, 254, 0},
			[]byte{0, 254, 254, 254, 0, 0, 0, 254, 254, 254, 0},
			[]byte{0, 0, 0, 0, 254, 254, 254, 0, 0, 0, 0}},
		{image.HomopolymerWeighted, // 1, 2, 3 and 5 of 30: 8, 16, 25, 42
			[]byte{8, 25, 25, 25, 25, 25, 25, 25, 25, 25, 8},
			[]byte{25, 25, 25, 25, 8, 8, 8, 25, 25, 25, 8},
			[]byte{8, 25, 25, 25, 0, 0, 8, 25, 25, 25, 8},
			[]byte{0, 0, 16, 16, 42, 42, 42, 16, 16, 0, 0}},
		{image.Blank, all(0), all(0), all(0), all(0)},
		{image.InsertSize, all(254), covered(c1, 63), all(0), covered(c2, 254)}, // 250, 0, at least 1000 of 1000
		{image.MeanCoverage, all(255), all(200), all(200), all(0)},              // two rows
		{image.BaseMethylation, all(0), // r1: C+m,0,1 are the first and the third C; r2: the second G from the right
			[]byte{0, 127, 0, 254, 0, 0, 0, 0, 0, 0, 0}, all(0),
			[]byte{0, 0, 0, 0, 0, 50, 0, 0, 0, 0, 0}},
		{image.Base6mA, all(0), // r1: A+a?,3 is the fourth A; r2 has no A for its T-a
			[]byte{0, 0, 0, 0, 0, 99, 0, 0, 0, 0, 0}, all(0), all(0)},
	} {
		t.Run(k.channel.String(), func(t *testing.T) {
			o := handOptions(image.Blank, k.channel, image.Strand)
			at := 1
			if k.channel == image.Blank || k.channel == image.Strand {
				o.Channels, at = []image.Channel{k.channel}, 0
			}
			img := draw(t, o, handReads(t), handRef, image.Subject{Candidate: handCandidate(), AltSet: []int{0}, Frequency: []float32{0.01, 0.5}})
			n := len(o.Channels)
			for i := range 75 {
				want := all(0)
				switch {
				case i < image.RefRows:
					want = k.ref
				case i == 5:
					want = k.r1
				case i == 6:
					want = k.r3
				case i == 7:
					want = k.r2
				}
				row := make([]byte, 11)
				for c := range row {
					row[c] = img[(i*11+c)*n+at]
				}
				if !slices.Equal(row, want) {
					t.Errorf("row %d: %d, want %d", i, row, want)
				}
			}
		})
	}
}

// column is the first channel of a column of a picture from its first row of
// reads down to the first empty one.
func column(o image.Options, img []byte, c int) []byte {
	var v []byte
	for i := image.RefRows; i < o.Height; i++ {
		x := img[(i*o.Width+c)*len(o.Channels)]
		if x == 0 {
			break
		}
		v = append(v, x)
	}
	return v
}

// TestSupportColors: what the alt set makes of the reads r1 (first allele), r3
// (none) and r2 (second allele), in this order of rows.
func TestSupportColors(t *testing.T) {
	for _, k := range []struct {
		set   []int
		other bool
		want  []byte
	}{
		{[]int{0}, false, []byte{254, 152, 152}},
		{[]int{0}, true, []byte{254, 152, 76}},
		{[]int{1}, false, []byte{152, 152, 254}},
		{[]int{0, 1}, true, []byte{254, 152, 254}},
	} {
		o := handOptions(image.ReadSupportsVariant)
		o.OtherAltColor = k.other
		img := draw(t, o, handReads(t), handRef, image.Subject{Candidate: handCandidate(), AltSet: k.set})
		if got := column(o, img, 7); !slices.Equal(got, k.want) {
			t.Errorf("%v: %v, want %v", k, got, k.want)
		}
	}
}

// TestSameKey: support is by key, so that two alignments of one read share it,
// and drawing one picture leaves nothing behind for the next.
func TestSameKey(t *testing.T) {
	reads := handReads(t)
	reads = append(reads, reads[0])
	o := handOptions(image.ReadSupportsVariant)
	p, err := image.NewPainter(o, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.Region(reads, handRef, nil)
	img := make([]byte, o.Size())
	for _, k := range []struct {
		set  []int
		want []byte
	}{{[]int{0}, []byte{254, 254, 152, 152}}, {[]int{1}, []byte{152, 152, 152, 254}}} {
		p.Draw(img, image.Subject{Candidate: handCandidate(), AltSet: k.set})
		if got := column(o, img, 7); !slices.Equal(got, k.want) {
			t.Errorf("alt set %v: %v, want %v", k.set, got, k.want)
		}
	}
}

// TestRowsLeftOut: reads that have no row, and what brings them to have none.
func TestRowsLeftOut(t *testing.T) {
	for _, k := range []struct {
		name   string
		change func(r []align.Read)
		want   []byte // mapping qualities of the rows
	}{
		{"all", func([]align.Read) {}, []byte{254, 254, 127}},
		{"mapping quality", func(r []align.Read) { r[1].MapQ = 4 }, []byte{254, 254}},
		{"mapping quality just enough", func(r []align.Read) { r[1].MapQ = 5 }, []byte{254, 254, 21}},
		{"base at the site", func(r []align.Read) { r[0].Quals[7] = 9 }, []byte{254, 127}},
		{"base at the site just enough", func(r []align.Read) { r[0].Quals[7] = 10 }, []byte{254, 254, 127}},
		{"base beside the site", func(r []align.Read) { r[0].Quals[6] = 2 }, []byte{254, 254, 127}},
		{"nothing at the site", func(r []align.Read) { r[2].Quals[4] = 2 }, []byte{254, 254, 127}},
		{"first inserted base", func(r []align.Read) { r[1].Cigar = cigar(t, "2S4M2I3M"); r[1].Quals[6] = 9 }, []byte{254, 254}},
		{"second inserted base", func(r []align.Read) { r[1].Cigar = cigar(t, "2S4M2I3M"); r[1].Quals[7] = 9 }, []byte{254, 254, 127}},
		{"base before a deletion", func(r []align.Read) { r[2].Cigar = cigar(t, "6M2D3M"); r[2].Quals[5] = 9 }, []byte{254, 127}},
		{"too far to the left", func(r []align.Read) { r[0].Start = -3 }, []byte{254, 127}},
		{"just near enough on the left", func(r []align.Read) { r[0].Start, r[0].MapQ = -2, 30 }, []byte{127, 254, 127}},
		{"too far to the right", func(r []align.Read) { r[1].Start = 21 }, []byte{254, 254}},
	} {
		t.Run(k.name, func(t *testing.T) {
			reads := handReads(t)
			k.change(reads)
			o := handOptions(image.MappingQuality)
			img := draw(t, o, reads, handRef, image.Subject{Candidate: handCandidate(), AltSet: []int{0}})
			var got []byte
			for i := image.RefRows; i < o.Height; i++ {
				if row := img[i*o.Width : (i+1)*o.Width]; slices.Max(row) > 0 {
					got = append(got, slices.Max(row))
				}
			}
			if !slices.Equal(got, k.want) {
				t.Errorf("%v, want %v", got, k.want)
			}
		})
	}
}

// TestRowOrder: haplotypes first where asked for, the polished one on top, then
// positions; equal ones by name in 1.9 and as they came in 1.5.
func TestRowOrder(t *testing.T) {
	var reads []align.Read
	for i, k := range []struct {
		name  string
		start int
		hp    string
	}{{"d", 12, "HP:C:2"}, {"c", 12, "HP:C:1"}, {"b", 11, "HP:C:2"}, {"a", 12, ""}} {
		r := handReads(t)[0]
		r.Name, r.Start, r.Aux, r.MapQ = k.name, k.start, nil, byte(20+10*i)
		if k.hp != "" {
			r.Aux = tags(t, k.hp)
		}
		reads = append(reads, r)
	}
	const d, c, b, a = 84, 127, 169, 211 // colours of mapping qualities 20, 30, 40, 50
	for _, k := range []struct {
		name    string
		version image.Version
		sort    bool
		polish  int
		want    []byte
	}{
		{"1.9", image.V19, false, 0, []byte{b, a, c, d}},
		{"1.5", image.V15, false, 0, []byte{b, d, c, a}},
		{"1.9 by haplotype", image.V19, true, 0, []byte{a, c, b, d}},
		{"1.9 haplotype 2 polished", image.V19, true, 2, []byte{b, d, a, c}},
		{"polished without sorting", image.V19, false, 2, []byte{b, a, c, d}},
	} {
		o := handOptions(image.MappingQuality)
		o.Version, o.SortByHaplotypes, o.PolishHaplotype = k.version, k.sort, k.polish
		img := draw(t, o, reads, handRef, image.Subject{Candidate: handCandidate(), AltSet: []int{0}})
		if got := column(o, img, 5); !slices.Equal(got, k.want) {
			t.Errorf("%s: %v, want %v", k.name, got, k.want)
		}
	}
	o := handOptions(image.HaplotypeTag)
	o.PolishHaplotype = 2
	if img := draw(t, o, reads, handRef, image.Subject{Candidate: handCandidate(), AltSet: []int{0}}); img[5*11+5] != 127 {
		t.Errorf("haplotype 2, polished, has colour %d, want that of 1", img[5*11+5])
	}
}

// TestHaplotypesGiven: numbers given with the reads take the place of HP tags.
func TestHaplotypesGiven(t *testing.T) {
	o := handOptions(image.HaplotypeTag)
	p, err := image.NewPainter(o, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.Region(handReads(t), handRef, []int32{2, 1, 1})
	img := make([]byte, o.Size())
	p.Draw(img, image.Subject{Candidate: handCandidate(), AltSet: []int{0}})
	if got := column(o, img, 7); !slices.Equal(got, []byte{254, 127, 127}) {
		t.Errorf("%v", got)
	}
}

// TestTooManyReads: with more reads than rows, those that the shuffles choose
// stay: the orders of 97 numbers are those of NumPy and of libstdc++.
func TestTooManyReads(t *testing.T) {
	reads := make([]align.Read, 97)
	for i := range reads {
		reads[i] = handReads(t)[0]
		reads[i].Name = fmt.Sprintf("%03d", i)
		reads[i].MapQ = byte(60)
		reads[i].TemplateLen = 10 * (i + 1)
	}
	colors := map[byte]int{} // of the insert sizes; they repeat
	for i := range reads {
		colors[byte(float32(254)*(float32(10*(i+1))/1000))]++
	}
	o := handOptions(image.InsertSize)
	missing := func(v image.Version, order []align.Read) []int {
		o.Version, o.Height = v, 100
		img := draw(t, o, order, handRef, image.Subject{Candidate: handCandidate(), AltSet: []int{0}})
		seen := map[byte]int{}
		for _, c := range column(o, img, 5) {
			seen[c]++
		}
		var out []int
		for i := range reads {
			c := byte(float32(254) * (float32(10*(i+1)) / 1000))
			if seen[c] == 0 {
				out = append(out, i)
			}
			seen[c]--
		}
		return out
	}
	// The last two of the shuffled orders; see internal/mt for their first
	// twelve.
	for v, want := range map[image.Version][]int{image.V15: lastTwoNumPy(), image.V19: lastTwoStd()} {
		if got := missing(v, reads); !slices.Equal(got, want) {
			t.Errorf("version %d leaves out %v, want %v", v, got, want)
		}
	}
	own := missing(image.Own, reads)
	backwards := slices.Clone(reads)
	slices.Reverse(backwards)
	if again := missing(image.Own, backwards); len(own) != 2 || !slices.Equal(own, again) {
		t.Errorf("the order of the reads decides: %v and %v are left out", own, again)
	}
}

// TestMinPerAllele: alleles of few reads keep theirs where there are too many
// reads; the order of the reads decides nothing.
func TestMinPerAllele(t *testing.T) {
	reads := make([]align.Read, 300)
	for i := range reads {
		reads[i] = handReads(t)[0]
		reads[i].Name = fmt.Sprintf("%03d", i)
		reads[i].MapQ = 60
	}
	c := handCandidate()
	c.Support = [][]candidate.Support{{{Read: 3}, {Read: 299}, {Read: 150}, {Read: 151}, {Read: 152}}, {{Read: 7}}}
	c.Other = []candidate.Support{{Read: 20}, {Read: 21}}
	reads[151].MapQ, reads[20].MapQ = 30, 30
	reads[21].Quals = quals(13, 3) // has no row
	o := handOptions(image.ReadSupportsVariant, image.MappingQuality)
	o.OtherAltColor, o.MinPerAllele = true, 4
	img := draw(t, o, reads, handRef, image.Subject{Candidate: c, AltSet: []int{0}})
	seen := map[byte]int{}
	for _, v := range column(o, img, 5) {
		seen[v]++
	}
	if seen[254] < 4 || seen[76] != 1 || seen[254]+seen[76]+seen[152] != 70 {
		t.Errorf("%d reads of the first allele, %d of the second, %d others", seen[254], seen[76], seen[152])
	}
	if plane := img[1:]; !slices.Contains(plane, byte(127)) {
		t.Error("the read of an allele that is not called is left out")
	}
	backwards := slices.Clone(reads)
	slices.Reverse(backwards)
	turned := *c
	turn := func(list []candidate.Support) (out []candidate.Support) {
		for _, s := range list {
			out = append(out, candidate.Support{Read: 299 - s.Read})
		}
		return out
	}
	turned.Support = [][]candidate.Support{turn(c.Support[0]), turn(c.Support[1])}
	turned.Other = turn(c.Other)
	if again := draw(t, o, backwards, handRef, image.Subject{Candidate: &turned, AltSet: []int{0}}); !slices.Equal(again, img) {
		t.Error("the order of the reads decides")
	}
}

// TestEdges: beyond the ends of the contig there is N in 1.9 and no picture in
// 1.5.
func TestEdges(t *testing.T) {
	ref := count.Window{Bases: handRef.Bases[:18]}
	o := handOptions(image.ReadBase)
	img := draw(t, o, handReads(t), ref, image.Subject{Candidate: handCandidate(), AltSet: []int{0}})
	if want := []byte{250, 30, 30, 30, 180, 180, 180, 100, 0, 0, 0}; !slices.Equal(img[:11], want) {
		t.Errorf("reference row %v, want %v", img[:11], want)
	}
	if got := img[5*11 : 6*11]; got[10] != 250 {
		t.Errorf("the read is not drawn beyond the contig: %v", got)
	}
	o.Version = image.V15
	p, err := image.NewPainter(o, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.Region(handReads(t), ref, nil)
	if p.Draw(img, image.Subject{Candidate: handCandidate(), AltSet: []int{0}}) {
		t.Error("1.5 draws a picture beyond the contig")
	}
	c := handCandidate()
	c.Start, c.End, c.Support = 3, 4, nil
	o.Version = image.V19
	img = draw(t, o, nil, handRef, image.Subject{Candidate: c, AltSet: []int{0}})
	if want := []byte{0, 0, 250, 30, 180, 100, 250, 30, 180, 100, 250}; !slices.Equal(img[:11], want) {
		t.Errorf("reference row at the start %v, want %v", img[:11], want)
	}
}

// TestOddReads: alignments that promise more bases than there are do no harm.
func TestOddReads(t *testing.T) {
	for _, c := range []string{"*", "500M", "5I", "3D8M", "20S", "1M400I", "5M100N5M", "13M1000D", "4M2D2I5M", "3I10M"} {
		reads := handReads(t)
		for i := range reads {
			reads[i].Cigar = cigar(t, c)
			if i == 1 {
				reads[i].Bases, reads[i].Quals = nil, nil
			}
			if i == 2 {
				reads[i].Quals = reads[i].Quals[:3]
			}
		}
		o := handOptions(image.Base()...)
		o.Channels = append(o.Channels, image.AvgBaseQuality, image.GCContent, image.HomopolymerWeighted, image.Identity, image.GapCompressedIdentity, image.BaseMethylation)
		draw(t, o, reads, handRef, image.Subject{Candidate: handCandidate(), AltSet: []int{0}})
		o.TrimReads = true
		draw(t, o, reads, handRef, image.Subject{Candidate: handCandidate(), AltSet: []int{0}})
	}
}
