package pileup_test

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/biogo/hts/bam"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/fasta"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// input holds what DeepVariant's golden files were made from: reads of NA12878
// on chr20:10,000,000-10,100,000.
const input = "deepvariant/testdata/input/"

const goldenReads = "NA12878_S1.chr20.10_10p1mb.bam"

var goldenRegion = locus.Region{Contig: "chr20", Start: 9_999_999, End: 10_010_000}

// readBAM reads the alignments of one contig that pass the filter, in order.
func readBAM(t testing.TB, name, contig string) []align.Read {
	t.Helper()
	f, err := os.Open(shared.Path(t, input+name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	br, err := bam.NewReader(f, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer br.Close()
	keep := pileup.DefaultFilter()
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
			r.Cigar = append(r.Cigar, align.CigarOp(op)) // both are packed as in BAM
		}
		if rec.Ref.Name() == contig && keep.Keep(&r) {
			out = append(out, r)
		}
	}
}

// readRef reads a stretch of a reference.
func readRef(t testing.TB, name string, r locus.Region) count.Window {
	t.Helper()
	f, err := fasta.Open(shared.Path(t, input+name), fasta.Options{})
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

// golden is the reads and the reference that the golden files were made from.
func golden(t testing.TB) ([]align.Read, count.Window) {
	t.Helper()
	return readBAM(t, goldenReads, "chr20"),
		readRef(t, "ucsc.hg19.chr20.unittest.fasta.gz", locus.Region{Contig: "chr20", Start: 9_990_000, End: 10_110_000})
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

// TestCandidateSweep: the candidate positions of chr20:10,000,000-10,010,000 in
// reads as they were aligned, in one piece and in three shards.
func TestCandidateSweep(t *testing.T) {
	reads, ref := golden(t)
	counter := count.Counter{Options: count.Defaults()}
	sel := candidate.Selector{Options: candidate.Defaults()}
	var whole []byte
	shards := make([][]byte, 3)
	n := 0
	for cell := range pileup.Partitions([]locus.Region{goldenRegion}, pileup.CellSize) {
		starts := sel.AppendStarts(nil, counter.Count(overlapping(reads, cell.Region), ref, cell.Region, nil))
		whole = pileup.AppendSweep(whole, starts, cell.EndsRegion)
		shards[n%3] = pileup.AppendSweep(shards[n%3], starts, cell.EndsRegion)
		n++
	}
	for _, folder := range []string{"testdata", "testdata_v1.5"} {
		base := "deepvariant/" + folder + "/golden.candidate_positions"
		sameBytes(t, base, whole)
		for i, s := range shards {
			sameBytes(t, fmt.Sprintf("%s-%05d-of-00003", base, i), s)
		}
	}
}

func sameBytes(t *testing.T, name string, got []byte) {
	t.Helper()
	want, err := os.ReadFile(shared.Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	if len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("%s: %d bytes % x\nwant %d bytes % x", name, len(got), got, len(want), want)
	}
}

// realigner gives the reads of a partition their new alignments.
type realigner func(reads []align.Read, ref count.Window, partition locus.Region) []align.Read

// TestGoldenCandidates: every candidate with its record, counts and the reads
// behind each allele.
func TestGoldenCandidates(t *testing.T) {
	reads, ref := golden(t)
	for _, version := range []struct {
		folder  string
		realign realigner
		want    int // candidates that must be equal
	}{
		{"testdata", nil, 46},
		{"testdata_v1.5", nil, 46},
	} {
		t.Run(version.folder, func(t *testing.T) {
			want := readCandidates(t, "deepvariant/"+version.folder+"/golden.calling_candidates.tfrecord.gz")
			got := map[string]string{}
			counter := count.Counter{Options: count.Defaults()}
			sel := candidate.Selector{Options: candidate.Defaults()}
			for cell := range pileup.Partitions([]locus.Region{goldenRegion}, pileup.CellSize) {
				in := overlapping(reads, cell.Region)
				if version.realign != nil {
					in = version.realign(in, ref, cell.Region)
				}
				for _, c := range sel.Append(nil, counter.Count(in, ref, cell.Region, nil)) {
					got[placeOf(&c.Variant)] = describe(&c, in)
				}
			}
			equal := 0
			for place, text := range want {
				if got[place] == text {
					equal++
				} else if version.realign != nil {
					t.Errorf("%s:\n got %s\nwant %s", place, got[place], text)
				}
			}
			if equal < version.want || len(want) != 78 {
				t.Errorf("%d of %d candidates equal, want %d", equal, len(want), version.want)
			}
		})
	}
}

func placeOf(v *variant.Variant) string { return fmt.Sprintf("%s:%d", v.Contig, v.Start) }

// describe writes all of a candidate, the reads of an allele in order of their
// keys.
func describe(c *candidate.Candidate, reads []align.Read) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d-%d %s %v DP %d AD %v VAF %v", c.Start, c.End, c.Ref, c.Alts, c.Depth, c.AD, c.VAF)
	list := func(allele string, support []candidate.Support) {
		if len(support) == 0 {
			return
		}
		var keys []string
		for _, s := range support {
			r := &reads[s.Read]
			keys = append(keys, fmt.Sprintf("%s/%d low %v", r.Name, r.Number(), s.Low))
		}
		slices.Sort(keys)
		fmt.Fprintf(&b, "\n%s: %s", allele, strings.Join(keys, ", "))
	}
	for i, alt := range c.Alts {
		list(alt, c.Support[i])
	}
	list(example.Uncalled, c.Other)
	return b.String()
}

// readCandidates reads DeepVariantCall messages in the words of describe.
func readCandidates(t *testing.T, name string) map[string]string {
	t.Helper()
	f, err := os.Open(shared.Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in, err := tfrecord.NewReader(f, name)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out := map[string]string{}
	for rec, err := range in.All() {
		if err != nil {
			t.Fatal(err)
		}
		c, err := example.DecodeCandidate(rec)
		if err != nil {
			t.Fatal(err)
		}
		site, err := c.Variant.Site()
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		fmt.Fprintf(&b, "%d-%d %s %v DP %d AD %v VAF %v", site.Start, site.End, site.Ref, site.Alts, site.Depth, site.AD, site.VAF)
		slices.SortFunc(c.SupportExt, func(x, y example.AlleleReadsExt) int {
			return cmp.Or(boolCompare(x.Allele == example.Uncalled, y.Allele == example.Uncalled), strings.Compare(x.Allele, y.Allele))
		})
		for _, a := range c.SupportExt {
			var keys []string
			for _, r := range a.Reads {
				keys = append(keys, fmt.Sprintf("%s low %v", r.Read, r.Low))
			}
			slices.Sort(keys)
			fmt.Fprintf(&b, "\n%s: %s", a.Allele, strings.Join(keys, ", "))
		}
		out[placeOf(&site.Variant)] = b.String()
	}
	return out
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
