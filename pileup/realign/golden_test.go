package realign_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/bam"
	"github.com/gx-genomics/gx/io/fasta"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// sample is reads that passed the filter, in order, and their reference.
type sample struct {
	reads []align.Read
	ref   count.Window
	batch align.Batch
}

// load reads a region of a BAM file, and the reference far around it.
func load(t testing.TB, reads, ref string, r locus.Region) *sample {
	t.Helper()
	f, err := bam.Open(shared.Path(t, reads), bam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := &sample{}
	keep := pileup.DefaultFilter()
	for rec, err := range f.Reads(context.Background(), r) {
		if err != nil {
			t.Fatal(err)
		}
		if keep.Keep(rec) {
			s.batch.Add(rec)
		}
	}
	s.reads = s.batch.Reads
	fa, err := fasta.Open(shared.Path(t, ref), fasta.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer fa.Close()
	s.ref.Start = max(0, r.Start-10_000)
	if s.ref.Bases, err = fa.Bases(nil, locus.Region{Contig: r.Contig, Start: s.ref.Start, End: r.End + 10_000}); err != nil {
		t.Fatal(err)
	}
	return s
}

// over is the reads that overlap a region, in order.
func (s *sample) over(r locus.Region) []align.Read {
	var out []align.Read
	for i := range s.reads {
		if s.reads[i].Start < r.End && s.reads[i].End() > r.Start {
			out = append(out, s.reads[i])
		}
	}
	return out
}

const input = "deepvariant/testdata/input/"

// na12878 is the reads that DeepVariant's golden files were made from.
func na12878(t testing.TB, r locus.Region) *sample {
	t.Helper()
	return load(t, input+"NA12878_S1.chr20.10_10p1mb.bam", input+"ucsc.hg19.chr20.unittest.fasta.gz", r)
}

// run is what one set of DeepVariant's flags asks for.
type run struct {
	folder  string
	version realign.Version
	flags   bool // normalize_reads and keep_legacy_allele_counter_behavior
}

// found is a candidate with the reads of its partition.
type found struct {
	candidate.Candidate
	reads []align.Read
}

// candidates goes through the partitions of a region and hands each candidate
// with its realigned reads to f.
func (s *sample) candidates(region locus.Region, k run, f func(found)) {
	o := realign.Defaults(k.version)
	o.ByPartition = true
	o.Normalized = k.flags
	counter := count.Counter{Options: count.Defaults()}
	counter.Options.Legacy = k.flags
	sel := candidate.Selector{Options: candidate.Defaults()}
	for cell := range pileup.Partitions([]locus.Region{region}, pileup.CellSize) {
		var scratch realign.Scratch
		reads := scratch.Realign(s.over(cell.Region), s.ref, cell.Region, &o)
		counted := reads
		if k.flags {
			counted = slices.Clone(reads)
			for i := range counted {
				r := &counted[i]
				r.Cigar, r.Start, _ = count.Normalize(nil, r, s.ref)
				if !dissolved(reads[i].Cigar, r.Cigar) {
					reads[i] = *r
				}
			}
		}
		for _, c := range sel.Append(nil, counter.Count(counted, s.ref, cell.Region, nil)) {
			f(found{c, reads})
		}
	}
}

// dissolved says whether all that an alignment lost by being normalised is an
// indel at its start. DeepVariant counts the read without that, but does not
// take it as changed, and draws it as it was.
func dissolved(old, c align.Cigar) bool {
	if len(old) == 0 || len(c) == 0 {
		return false
	}
	switch old[0].Op() {
	case align.I:
		return slices.Equal(old[1:], c[1:]) && c[0] == align.MakeOp(align.M, old[0].Len())
	case align.D:
		return slices.Equal(old[1:], c)
	}
	return false
}

// golden is the region of most golden files; whole says that all of it is
// tested, not only its first partitions.
func golden() (r locus.Region, whole bool) {
	r = locus.Region{Contig: "chr20", Start: 9_999_999, End: 10_010_000}
	if testing.Short() {
		r.End = r.Start + 2000
		return r, false
	}
	return r, true
}

// TestGoldenCandidates: with its reads realigned, every candidate of
// DeepVariant comes out with its alleles, counts and the reads behind each.
func TestGoldenCandidates(t *testing.T) {
	region, whole := golden()
	s := na12878(t, region)
	for _, k := range []run{{"testdata", realign.V19, false}, {"testdata_v1.5", realign.V15, false}} {
		t.Run(k.folder, func(t *testing.T) {
			want := readCandidates(t, "deepvariant/"+k.folder+"/golden.calling_candidates.tfrecord.gz")
			got := map[string]string{}
			s.candidates(region, k, func(c found) { got[place(&c.Variant)] = describe(&c.Candidate, c.reads) })
			if len(want) != 78 || whole && len(got) != len(want) || len(got) == 0 {
				t.Errorf("%d candidates, want %d, which should be 78", len(got), len(want))
			}
			for at, text := range got {
				if text != want[at] {
					t.Errorf("%s:\n got %s\nwant %s", at, text, want[at])
				}
			}
		})
	}
}

func place(v *variant.Variant) string {
	return locus.Region{Contig: v.Contig, Start: v.Start, End: v.End}.String()
}

// TestGoldenImages: every picture of DeepVariant's golden files that shows
// realigned reads, alt-aligned ones among them, comes out byte for byte.
func TestGoldenImages(t *testing.T) {
	region, whole := golden()
	s := na12878(t, region)
	all := map[run][]found{}
	six := []image.Channel{image.ReadBase, image.BaseQuality, image.MappingQuality, image.Strand, image.ReadSupportsVariant, image.BaseDiffersFromRef}
	for _, k := range []struct {
		run
		file  string
		alt   image.AltAligned
		count int
	}{
		{run{"testdata", realign.V19, false}, "golden.calling_examples", image.NoAlt, 84},
		{run{"testdata_v1.5", realign.V15, false}, "golden.calling_examples", image.NoAlt, 84},
		{run{"testdata", realign.V19, true}, "golden.calling_examples.with_flags", image.NoAlt, 84},
		{run{"testdata", realign.V19, false}, "golden.training_examples", image.NoAlt, 49},
		{run{"testdata_v1.5", realign.V15, false}, "golden.training_examples", image.NoAlt, 49},
		{run{"testdata", realign.V19, false}, "golden.alt_aligned_pileup_rows_examples", image.AltRows, 49},
		{run{"testdata_v1.5", realign.V15, false}, "golden.alt_aligned_pileup_rows_examples", image.AltRows, 49},
		{run{"testdata", realign.V19, false}, "golden.alt_aligned_pileup_diff_channels_examples", image.AltDiff, 49},
		{run{"testdata_v1.5", realign.V15, false}, "golden.alt_aligned_pileup_diff_channels_examples", image.AltDiff, 49},
	} {
		t.Run(k.folder+"/"+k.file, func(t *testing.T) {
			want := readExamples(t, "deepvariant/"+k.folder+"/"+k.file+".tfrecord.gz")
			o := image.Defaults(image.Version(k.version))
			if o.AltAligned = k.alt; k.alt != image.NoAlt {
				o.Channels = six
			}
			var scratch realign.Scratch
			p, err := image.NewPainter(o, scratch.Forced(realign.Defaults(k.version)))
			if err != nil {
				t.Fatal(err)
			}
			img := make([]byte, o.Size())
			equal := 0
			if all[k.run] == nil {
				s.candidates(region, k.run, func(c found) { all[k.run] = append(all[k.run], c) })
			}
			for _, c := range all[k.run] {
				p.Region(c.reads, s.ref, nil)
				for _, set := range variant.AltSets(len(c.Alts)) {
					key := fmt.Sprint(place(&c.Variant), set)
					e, ok := want[key]
					if !ok {
						continue
					}
					if p.Draw(img, image.Subject{Candidate: &c.Candidate, AltSet: set}) && bytes.Equal(img, e) {
						equal++
					} else {
						t.Errorf("%s: another picture", key)
					}
				}
			}
			if whole && equal != k.count || len(want) != k.count || equal == 0 {
				t.Errorf("%d of %d pictures, want %d", equal, len(want), k.count)
			}
		})
	}
}

// readExamples reads the pictures of a file by site and alt set.
func readExamples(t *testing.T, name string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	records(t, name, func(b []byte) {
		var e example.Example
		if err := e.Decode(b); err != nil {
			t.Fatal(err)
		}
		v, err := example.DecodeVariant(e.Variant)
		if err != nil {
			t.Fatal(err)
		}
		at := locus.Region{Contig: "chr20", Start: v.Start, End: v.End}.String()
		out[fmt.Sprint(at, e.AltIndices)] = bytes.Clone(e.Image)
	})
	return out
}

// records hands every record of a TFRecord file to f.
func records(t *testing.T, name string, f func([]byte)) {
	t.Helper()
	file, err := os.Open(shared.Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	in, err := tfrecord.NewReader(file, name)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for rec, err := range in.All() {
		if err != nil {
			t.Fatal(err)
		}
		f(rec)
	}
}

// describe writes all of a candidate, the reads of an allele in order.
func describe(c *candidate.Candidate, reads []align.Read) string {
	lists := map[string][]string{}
	add := func(allele string, support []candidate.Support) {
		for _, s := range support {
			r := &reads[s.Read]
			lists[allele] = append(lists[allele], fmt.Sprintf("%s/%d %v", r.Name, r.Number(), s.Low))
		}
	}
	for i, alt := range c.Alts {
		add(alt, c.Support[i])
	}
	add(example.Uncalled, c.Other)
	return text(fmt.Sprint(c.Site), lists)
}

func text(site string, lists map[string][]string) string {
	var alleles []string
	for a, list := range lists {
		slices.Sort(list)
		alleles = append(alleles, a+": "+strings.Join(list, " "))
	}
	slices.Sort(alleles)
	return site + "\n" + strings.Join(alleles, "\n")
}

// readCandidates reads DeepVariantCall messages in the words of describe.
func readCandidates(t *testing.T, name string) map[string]string {
	t.Helper()
	out := map[string]string{}
	records(t, name, func(b []byte) {
		c, err := example.DecodeCandidate(b)
		if err != nil {
			t.Fatal(err)
		}
		site, err := c.Variant.Site()
		if err != nil {
			t.Fatal(err)
		}
		lists := map[string][]string{}
		for _, a := range c.SupportExt {
			for _, r := range a.Reads {
				lists[a.Allele] = append(lists[a.Allele], fmt.Sprintf("%s %v", r.Read, r.Low))
			}
		}
		out[place(&site.Variant)] = text(fmt.Sprint(site), lists)
	})
	return out
}
