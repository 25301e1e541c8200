package image_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/biogo/hts/bam"
	"github.com/biogo/hts/sam"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/fasta"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

const data = "deepvariant/"

// The region of most golden files, chr20:10,000,000-10,010,000.
var goldenRegion = locus.Region{Contig: "chr20", Start: 9_999_999, End: 10_010_000}

var letters = map[sam.CigarOpType]align.Op{
	sam.CigarMatch: align.M, sam.CigarInsertion: align.I, sam.CigarDeletion: align.D, sam.CigarSkipped: align.N, sam.CigarSoftClipped: align.S,
	sam.CigarHardClipped: align.H, sam.CigarPadded: align.P, sam.CigarEqual: align.Eq, sam.CigarMismatch: align.X,
}

// readBAM reads the alignments of a file that pass the filter, in order.
func readBAM(t testing.TB, name string, keep pileup.Filter) []align.Read {
	t.Helper()
	f, err := os.Open(shared.Path(t, data+"testdata/input/"+name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	br, err := bam.NewReader(f, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer br.Close()
	var out []align.Read
	for {
		rec, err := br.Read()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		r := align.Read{
			Name: rec.Name, Flag: align.Flag(rec.Flags), Contig: rec.Ref.ID(), Start: rec.Pos, MapQ: rec.MapQ,
			Bases: rec.Seq.Expand(), Quals: rec.Qual, MateContig: rec.MateRef.ID(), MateStart: rec.MatePos, TemplateLen: rec.TempLen,
		}
		for _, op := range rec.Cigar {
			r.Cigar = append(r.Cigar, align.MakeOp(letters[op.Type()], op.Len()))
		}
		if keep.Keep(&r) {
			out = append(out, r)
		}
	}
}

func readRef(t testing.TB, name string, r locus.Region) count.Window {
	t.Helper()
	f, err := fasta.Open(shared.Path(t, data+"testdata/input/"+name), fasta.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := f.Bases(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	return count.Window{Start: r.Start, Bases: b}
}

func records(t testing.TB, name string) [][]byte {
	t.Helper()
	f, err := os.Open(shared.Path(t, data+name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := tfrecord.NewReader(f, name)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for b, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, bytes.Clone(b))
	}
	return all
}

// overlapping is the reads that overlap a region, in order.
func overlapping(reads []align.Read, r locus.Region) []align.Read {
	var out []align.Read
	for i := range reads {
		if reads[i].Start < r.End && reads[i].End() > r.Start {
			out = append(out, reads[i])
		}
	}
	return out
}

// goldenSupport is the support sets of a file of candidates, by site.
func goldenSupport(t testing.TB, name string) map[string]map[string][]string {
	t.Helper()
	all := map[string]map[string][]string{}
	for _, b := range records(t, name) {
		c, err := example.DecodeCandidate(b)
		if err != nil {
			t.Fatal(err)
		}
		of := map[string][]string{}
		for _, s := range c.Support {
			of[s.Allele] = s.Reads
		}
		all[c.Variant.Place()] = of
	}
	return all
}

// supported makes a candidate of a golden site and the reads that support it.
func supported(v *example.Variant, support map[string][]string, reads []align.Read) *candidate.Candidate {
	site, err := v.Site()
	if err != nil {
		panic(err)
	}
	c := &candidate.Candidate{Site: site, Support: make([][]candidate.Support, len(site.Alts))}
	index := map[string]int{}
	for i := range reads {
		index[fmt.Sprintf("%s/%d", reads[i].Name, reads[i].Number())] = i
	}
	for i, alt := range site.Alts {
		for _, key := range support[alt] {
			if k, ok := index[key]; ok {
				c.Support[i] = append(c.Support[i], candidate.Support{Read: int32(k)})
			}
		}
	}
	return c
}

// firstDifference says where two pictures differ first, and how often.
func firstDifference(got, want []byte, shape [3]int) string {
	n, first := 0, -1
	for i := range got {
		if got[i] != want[i] {
			n++
			if first < 0 {
				first = i
			}
		}
	}
	if n == 0 {
		return ""
	}
	w, c := shape[1], shape[2]
	return fmt.Sprintf("%d bytes differ, first at row %d, column %d, channel %d: %d, want %d", n, first/(w*c), first/c%w, first%c, got[first], want[first])
}

func TestGoldenCalling(t *testing.T) {
	reads := readBAM(t, "NA12878_S1.chr20.10_10p1mb.bam", pileup.DefaultFilter())
	ref := readRef(t, "ucsc.hg19.chr20.unittest.fasta.gz", locus.Region{Contig: "chr20", Start: 9_998_000, End: 10_012_000})
	for _, k := range []struct {
		folder  string
		version image.Version
	}{{"testdata", image.V19}, {"testdata_v1.5", image.V15}} {
		t.Run(k.folder, func(t *testing.T) {
			support := goldenSupport(t, k.folder+"/golden.calling_candidates.tfrecord.gz")
			p, err := image.NewPainter(image.Defaults(k.version), nil)
			if err != nil {
				t.Fatal(err)
			}
			o := p.Options()
			img := make([]byte, o.Size())
			equal, all := 0, 0
			for _, b := range records(t, k.folder+"/golden.calling_examples.tfrecord.gz") {
				var e example.Example
				if err := e.Decode(b); err != nil {
					t.Fatal(err)
				}
				v, err := example.DecodeVariant(e.Variant)
				if err != nil {
					t.Fatal(err)
				}
				n := (v.Start - goldenRegion.Start) / 1000
				part := locus.Region{Contig: "chr20", Start: goldenRegion.Start + 1000*n, End: min(goldenRegion.Start+1000*(n+1), goldenRegion.End)}
				list := overlapping(reads, part)
				p.Region(list, ref, nil)
				c := supported(v, support[v.Place()], list)
				if !p.Draw(img, image.Subject{Candidate: c, AltSet: e.AltIndices}) {
					t.Errorf("%s: no picture", v.Place())
					continue
				}
				all++
				if d := firstDifference(img, e.Image, e.Shape); d == "" {
					equal++
				} else {
					t.Logf("%s: %s", v.Place(), d)
				}
			}
			t.Logf("%d of %d", equal, all)
		})
	}
}
