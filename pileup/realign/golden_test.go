package realign_test

import (
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
	"github.com/gx-genomics/gx/pileup/realign"
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

// TestGoldenCandidates: with its reads realigned, every candidate of
// DeepVariant comes out with its alleles, counts and the reads behind each.
func TestGoldenCandidates(t *testing.T) {
	region := locus.Region{Contig: "chr20", Start: 9_999_999, End: 10_010_000}
	s := na12878(t, region)
	for _, k := range []struct {
		folder  string
		version realign.Version
	}{{"testdata", realign.V19}, {"testdata_v1.5", realign.V15}} {
		t.Run(k.folder, func(t *testing.T) {
			want := readCandidates(t, "deepvariant/"+k.folder+"/golden.calling_candidates.tfrecord.gz")
			o := realign.Defaults(k.version)
			o.ByPartition = true
			var scratch realign.Scratch
			counter := count.Counter{Options: count.Defaults()}
			sel := candidate.Selector{Options: candidate.Defaults()}
			got := map[string]string{}
			for cell := range pileup.Partitions([]locus.Region{region}, pileup.CellSize) {
				in := scratch.Realign(s.over(cell.Region), s.ref, cell.Region, &o)
				for _, c := range sel.Append(nil, counter.Count(in, s.ref, cell.Region, nil)) {
					got[locus.Region{Contig: c.Contig, Start: c.Start, End: c.End}.String()] = describe(&c, in)
				}
			}
			if len(want) != 78 || len(got) != len(want) {
				t.Errorf("%d candidates, want %d, which should be 78", len(got), len(want))
			}
			for place, text := range want {
				if got[place] != text {
					t.Errorf("%s:\n got %s\nwant %s", place, got[place], text)
				}
			}
		})
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
		lists := map[string][]string{}
		for _, a := range c.SupportExt {
			for _, r := range a.Reads {
				lists[a.Allele] = append(lists[a.Allele], fmt.Sprintf("%s %v", r.Read, r.Low))
			}
		}
		place := locus.Region{Contig: site.Contig, Start: site.Start, End: site.End}
		out[place.String()] = text(fmt.Sprint(site), lists)
	}
	return out
}
