package genotype_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/bam"
	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/genotype"
	"github.com/gx-genomics/gx/variant/gvcf"
	"github.com/gx-genomics/gx/variant/locus"
)

// TestGoldenFromReads makes the gVCF with median depths, of which only the text
// is known, from the reads themselves: every block, its likelihoods and depths,
// and every call between them.
func TestGoldenFromReads(t *testing.T) {
	for _, k := range []struct {
		name, dir, calls string
		version          realign.Version
		style            vcf.CallStyle
		records          int
	}{
		{"1.9", "deepvariant/testdata/", "golden.postprocess_single_site_input-00000-of-00001.tfrecord.gz", realign.V19, vcf.CallStyle{}, 228},
		{"1.5", "deepvariant/testdata_v1.5/", "golden.postprocess_single_site_input.tfrecord.gz", realign.V15, vcf.CallStyle{Version: "1.5"}, 226},
	} {
		t.Run(k.name, func(t *testing.T) {
			want := lines(t, k.dir+"golden.postprocess_gvcf_output.med_dp.g.vcf")
			o := genotype.Defaults()
			o.Compat = true
			contigs := headerContigs(t, []string{"##contig=<ID=chr20,length=63025520>"}) // the header of 1.5 names it 20
			w := &text{style: k.style}
			region := locus.Region{Contig: "chr20", Start: 9_999_999, End: 10_010_000}
			if testing.Short() {
				region.End = region.Start + 2000
			}
			calls := slices.DeleteFunc(callsOf(t, k.dir+k.calls, o, contigs), func(c *variant.Call) bool { return c.Start >= region.End })
			merge(t, calls, medianBlocks(t, k.version, region), contigs, w)
			want = slices.DeleteFunc(want, func(l string) bool {
				if strings.HasPrefix(l, "#") {
					return true
				}
				pos, err := strconv.Atoi(strings.Split(l, "\t")[1])
				return err != nil || pos > region.End
			})
			if testing.Short() {
				k.records = max(len(want), 20)
			}
			if n := compareLines(t, split(w.text), want); n != k.records {
				t.Errorf("%d records, want %d", n, k.records)
			}
		})
	}
}

func callsOf(t *testing.T, name string, o genotype.Options, contigs *locus.Contigs) (all []*variant.Call) {
	t.Helper()
	outputs, _ := readOutputs(t, name)
	genotype.Sort(outputs, contigs)
	s, err := genotype.NewStream(o, contigs, func(c *variant.Call) error {
		all = append(all, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for in, err := range genotype.Sites(each(outputs), false) {
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Push(in); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	return all
}

// medianBlocks is the reference blocks of a region in partitions of a thousand
// bases.
func medianBlocks(t *testing.T, version realign.Version, region locus.Region) (blocks []variant.Block) {
	t.Helper()
	file, err := bam.Open(shared.Path(t, "deepvariant/testdata/input/NA12878_S1.chr20.10_10p1mb.bam"), bam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	wide := locus.Region{Contig: "chr20", Start: region.Start - 5000, End: region.End + 5000}
	bases, err := reference(t).Bases(nil, wide)
	if err != nil {
		t.Fatal(err)
	}
	window := count.Window{Start: wide.Start, Bases: bases}
	o := gvcf.Defaults()
	o.MedDP, o.FirstGL = true, version == realign.V15
	maker, err := gvcf.NewMaker(o)
	if err != nil {
		t.Fatal(err)
	}
	joiner := maker.NewJoiner(func(b *variant.Block) error {
		blocks = append(blocks, *b)
		return nil
	})
	options := realign.Defaults(version)
	options.ByPartition = true
	filter := pileup.DefaultFilter()
	counter := count.Counter{Options: count.Defaults()}
	for start := region.Start; start < region.End; start += 1000 {
		cell := locus.Region{Contig: "chr20", Start: start, End: min(start+1000, region.End)}
		var batch align.Batch
		for r, err := range file.Reads(t.Context(), cell) {
			if err != nil {
				t.Fatal(err)
			}
			if filter.Keep(r) {
				batch.Add(r)
			}
		}
		var scratch realign.Scratch
		c := counter.Count(scratch.Realign(batch.Reads, window, cell, &options), window, cell, nil)
		positions := make([]gvcf.Position, c.Len())
		for i := range positions {
			positions[i] = gvcf.Position{Ref: c.RefBase(i), RefCount: c.RefSupport[i], Total: c.Total[i]}
		}
		runs, err := maker.Runs(nil, "chr20", start, positions)
		if err != nil {
			t.Fatal(err)
		}
		if err := joiner.Add(runs); err != nil {
			t.Fatal(err)
		}
		if err := joiner.Cut(); err != nil {
			t.Fatal(err)
		}
	}
	return blocks
}
