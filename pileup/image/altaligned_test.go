package image_test

import (
	"slices"
	"testing"

	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/align"
)

// longReads are two reads over the hand-drawn window, long enough to be
// trimmed, the second of them with the insertion GG behind position 15.
func longReads(t testing.TB) []align.Read {
	a := align.Read{Name: "a", Start: 2, MapQ: 60, Cigar: cigar(t, "26M"), Bases: handRef.Bases[2:28], Quals: quals(26, 30)}
	b := align.Read{Name: "b", Start: 3, MapQ: 30, Cigar: cigar(t, "13M2I12M"), Quals: quals(27, 40)}
	b.Bases = slices.Concat(handRef.Bases[3:16], []byte("GG"), handRef.Bases[16:28])
	return []align.Read{a, b}
}

// asked is what an aligner was given, and what it answers: every read matches
// from the start of the haplotype on, but b has no alignment if drop is set.
type asked struct {
	haps   []string
	starts []int
	ends   [][2]int
	reads  []string
	drop   bool
}

func (a *asked) align(hap count.Window, prefix, suffix int, reads []align.Read, kept []bool) {
	a.haps = append(a.haps, string(hap.Bases))
	a.starts = append(a.starts, hap.Start)
	a.ends = append(a.ends, [2]int{prefix, suffix})
	for i := range reads {
		r := &reads[i]
		a.reads = append(a.reads, string(r.Bases)+" "+r.Cigar.String())
		r.Start = hap.Start
		r.Cigar = align.Cigar{align.MakeOp(align.M, len(r.Bases))}
		kept[i] = !a.drop || r.Name != "b"
	}
}

func indel() *candidate.Candidate {
	return &candidate.Candidate{
		Site:  variant.Site{Variant: variant.Variant{Contig: "1", Start: 15, End: 16, Ref: "G", Alts: []string{"GGG", "T"}}},
		Shown: candidate.Shown{Support: [][]candidate.Support{{{Read: 1}}, {}}},
	}
}

// wide is options with 17 columns, so that reads keep 15 bases of the window.
func wide(way image.AltAligned, v image.Version) image.Options {
	o := handOptions(image.Base()...)
	o.Width, o.AltAligned, o.Version = 17, way, v
	return o
}

func plane(img []byte, o image.Options, row, channel int) []byte {
	s := o.Shape()
	var out []byte
	for c := range s[1] {
		out = append(out, img[(row*s[1]+c)*s[2]+channel])
	}
	return out
}

func TestAltAligned(t *testing.T) {
	// The haplotype of GGG: 8 bases, the allele, 8 bases; the picture has the
	// first 17 letters of it.
	const hap = "TAAACCCG" + "GGG" + "GTTTACGT"
	for _, v := range []image.Version{image.V15, image.V19} {
		var a asked
		o := wide(image.AltDiff, v)
		p, err := image.NewPainter(o, a.align)
		if err != nil {
			t.Fatal(err)
		}
		p.Region(longReads(t), handRef, nil)
		img := make([]byte, o.Size())
		if !p.Draw(img, image.Subject{Candidate: indel(), AltSet: []int{0}}) {
			t.Fatal("no picture")
		}
		if len(a.haps) != 1 || a.haps[0] != hap || a.starts[0] != 7 {
			t.Errorf("version %d: haplotypes %v at %v", v, a.haps, a.starts)
		}
		// The window [7, 24): the first read keeps 17 bases, the second 19.
		if want := []string{"TAAACCCGGGTTTACGT 17M", "TAAACCCGGGGGTTTACGT 9M2I8M"}; !slices.Equal(a.reads, want) {
			t.Errorf("version %d: reads %q, want %q", v, a.reads, want)
		}
		if want := [2]int{0, 0}; a.ends[0] != want {
			t.Errorf("version %d: ends %v", v, a.ends)
		}
		// Both reads begin at the haplotype: the second fits it all along, the
		// first no longer behind the allele's first letter.
		letters := hap[:17]
		want := make([]byte, 17)
		for c := range want {
			want[c] = 50
			if "TAAACCCGGGTTTACGT"[c] != letters[c] {
				want[c] = 254
			}
		}
		if got := plane(img, o, 5, 6); !slices.Equal(got, want) {
			t.Errorf("version %d: first read on the haplotype %v, want %v", v, got, want)
		}
		if got := plane(img, o, 6, 6); !slices.Equal(got, slices.Repeat([]byte{50}, 17)) {
			t.Errorf("version %d: second read on the haplotype %v", v, got)
		}
		for row := range 10 {
			if !slices.Equal(plane(img, o, row, 6), plane(img, o, row, 7)) {
				t.Errorf("version %d: row %d of a single alternate allele is not repeated", v, row)
			}
		}
	}
}

// TestAltAlignedDrops: a read without an alignment has no row on its haplotype.
func TestAltAlignedDrops(t *testing.T) {
	a := asked{drop: true}
	o := wide(image.AltRows, image.V19)
	p, err := image.NewPainter(o, a.align)
	if err != nil {
		t.Fatal(err)
	}
	p.Region(longReads(t), handRef, nil)
	img := make([]byte, o.Size())
	p.Draw(img, image.Subject{Candidate: indel(), AltSet: []int{0, 1}})
	if len(a.haps) != 2 {
		t.Fatalf("%d haplotypes of two alleles", len(a.haps))
	}
	rows := func(part int) (n int) {
		for i := image.RefRows; i < o.Height; i++ {
			if slices.Max(plane(img, o, part*o.Height+i, 2)) > 0 {
				n++
			}
		}
		return n
	}
	if rows(0) != 2 || rows(1) != 1 || rows(2) != 1 {
		t.Errorf("%d, %d, %d rows, want 2, 1, 1", rows(0), rows(1), rows(2))
	}
	// With one allele the third part is empty in 1.9, the second again in 1.5.
	for v, want := range map[image.Version]int{image.V19: 0, image.V15: 1} {
		o.Version = v
		p, err := image.NewPainter(o, a.align)
		if err != nil {
			t.Fatal(err)
		}
		p.Region(longReads(t), handRef, nil)
		p.Draw(img, image.Subject{Candidate: indel(), AltSet: []int{0}})
		if rows(1) != 1 || rows(2) != want {
			t.Errorf("version %d: %d and %d rows of alternate alleles, want 1 and %d", v, rows(1), rows(2), want)
		}
	}
}

// TestAltAlignedOnlyIndels: a SNP is aligned to its alternate allele only where
// all types are.
func TestAltAlignedOnlyIndels(t *testing.T) {
	for _, all := range []bool{false, true} {
		var a asked
		o := wide(image.AltBase, image.V19)
		o.AltAlignAll = all
		p, err := image.NewPainter(o, a.align)
		if err != nil {
			t.Fatal(err)
		}
		p.Region(longReads(t), handRef, nil)
		img := make([]byte, o.Size())
		c := handCandidate()
		c.Support = nil
		p.Draw(img, image.Subject{Candidate: c, AltSet: []int{0}})
		if (len(a.haps) > 0) != all || (slices.Max(plane(img, o, 5, 6)) > 0) != all {
			t.Errorf("all %v: %d haplotypes, row %v", all, len(a.haps), plane(img, o, 5, 6))
		}
	}
}

// TestShortHaplotype: near the end of the contig a haplotype can be shorter
// than the picture, which then has nothing of it, or in 1.5 is none.
func TestShortHaplotype(t *testing.T) {
	c := indel()
	c.Alts = []string{"G", "T"}
	c.Ref, c.End = "GGT", 18
	for v, want := range map[image.Version]bool{image.V19: true, image.V15: false} {
		var a asked
		o := wide(image.AltDiff, v)
		p, err := image.NewPainter(o, a.align)
		if err != nil {
			t.Fatal(err)
		}
		p.Region(longReads(t), count.Window{Bases: handRef.Bases[:25]}, nil)
		img := make([]byte, o.Size())
		if got := p.Draw(img, image.Subject{Candidate: c, AltSet: []int{0}}); got != want {
			t.Errorf("version %d: picture %v, want %v", v, got, want)
		}
		if len(a.haps) != 0 || want && slices.Max(plane(img, o, 0, 6)) != 0 {
			t.Errorf("version %d: a haplotype of %v was drawn", v, a.haps)
		}
	}
}

// TestTrimmedReads: trimming changes what is said of the whole read, not its
// place among the rows.
func TestTrimmedReads(t *testing.T) {
	reads := longReads(t)
	reads[0].Start, reads[1].Start = 3, 2 // b lies farther to the left and comes first
	reads[1].Bases = slices.Concat(handRef.Bases[2:15], []byte("GG"), handRef.Bases[15:27])
	c := handCandidate()
	c.Support = nil
	o := wide(image.NoAlt, image.V19)
	o.Channels = []image.Channel{image.MappingQuality, image.GCContent}
	// G and C in b: 15 of 27 letters, 10 of the 19 in the window.
	for trim, want := range map[bool]byte{false: 139, true: 132} {
		o.TrimReads = trim
		img := draw(t, o, reads, handRef, image.Subject{Candidate: c, AltSet: []int{0}})
		if got := plane(img, o, 5, 0)[8]; got != 127 {
			t.Errorf("trim %v: first row has mapping quality %d, want that of b", trim, got)
		}
		if got := plane(img, o, 5, 1)[8]; got != want {
			t.Errorf("trim %v: colour %d of G and C, want %d", trim, got, want)
		}
	}
	o.Spanning = true
	reads[0].Cigar, reads[0].Bases, reads[0].Quals = cigar(t, "16M"), reads[0].Bases[:16], reads[0].Quals[:16]
	img := draw(t, o, reads, handRef, image.Subject{Candidate: c, AltSet: []int{0}})
	if got := column(o, img, 8); len(got) != 1 || got[0] != 127 {
		t.Errorf("rows %v, want only the read that spans the window", got)
	}
}
