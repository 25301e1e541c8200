package classify_test

import (
	"iter"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/bam"
	"github.com/gx-genomics/gx/io/bed"
	"github.com/gx-genomics/gx/io/fasta"
	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/classify"
	"github.com/gx-genomics/gx/variant/compare"
	"github.com/gx-genomics/gx/variant/genotype"
	"github.com/gx-genomics/gx/variant/locus"
)

// window is real reads with a truth set. Nothing of the model comes from them.
type window struct {
	ref, reads, truth string
	region            locus.Region
}

var na12878 = window{
	ref:    "deepvariant/testdata/input/ucsc.hg19.chr20.unittest.fasta.gz",
	reads:  "deepvariant/testdata/input/NA12878_S1.chr20.10_10p1mb.bam",
	truth:  "deepvariant/testdata/input/test_nist.b37_chr20_100kbp_at_10mb.vcf.gz",
	region: locus.Region{Contig: "chr20", Start: 10_000_000, End: 10_100_000},
}

var hg002 = window{
	ref:    "reference/GRCh37.chr20.windows.fa.gz",
	reads:  "reads/HG002-hiseqx-20-20.16/reads.bam",
	truth:  "reads/HG002-hiseqx-20-20.16/truth.vcf.gz",
	region: locus.Region{Contig: "20", Start: 20_156_207, End: 20_234_556},
}

// TestAccuracy calls real windows and compares the genotypes with the truth by
// haplotype. The bars are the best of bcftools, freebayes and GATK on the same
// reads, or better; they are no target to tune to.
func TestAccuracy(t *testing.T) {
	type bar struct{ fn, fp int }
	called := map[string][]compare.Record{}
	for _, k := range []struct {
		name       string
		w          window
		confident  string
		snp, indel bar
	}{
		{"NA12878, confident", na12878, "deepvariant/testdata/input/ref_class1_class2.chr20_100kbp_at_10mb.bed", bar{1, 2}, bar{1, 3}},
		{"NA12878, everywhere", na12878, "", bar{1, 15}, bar{4, 18}},
		{"HG002, hard library", hg002, "reads/HG002-hiseqx-20-20.16/truth.bed", bar{1, 1}, bar{2, 2}},
	} {
		t.Run(k.name, func(t *testing.T) {
			w := k.w
			if testing.Short() {
				w.region.End = w.region.Start + 4_000
			}
			ref := open(t, w.ref)
			got, done := called[w.reads]
			if !done {
				got = callWindow(t, w, ref)
				called[w.reads] = got
			}
			in := compare.Input{Reference: ref, Contigs: ref.Contigs(), Confident: locus.NewSet(w.region),
				Truth: records(truth(t, w)), Queries: []compare.Query{{Name: "counts", Calls: records(got)}}}
			if k.confident != "" {
				in.Confident = in.Confident.Intersect(regions(t, k.confident, w.region.Contig))
			}
			results, err := compare.Run(t.Context(), in, 1, nil)
			if err != nil {
				t.Fatal(err)
			}
			for kind, bar := range map[compare.Type]bar{compare.SNP: k.snp, compare.Indel: k.indel} {
				c := results[0].Counts[kind][compare.Pass]
				t.Logf("%v: truth %d, FN %d, FP %d", kind, c.Truth, c.FN, c.FP)
				if c.FN > bar.fn || c.FP > bar.fp || c.Truth == 0 && !testing.Short() {
					t.Errorf("%v: FN %d FP %d of %d, want at most %d and %d", kind, c.FN, c.FP, c.Truth, bar.fn, bar.fp)
				}
			}
		})
	}
}

func open(t *testing.T, name string) *fasta.File {
	t.Helper()
	f, err := fasta.Open(shared.Path(t, name), fasta.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func records(list []compare.Record) iter.Seq2[compare.Record, error] {
	return func(yield func(compare.Record, error) bool) {
		for _, r := range list {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func regions(t *testing.T, name, contig string) *locus.Set {
	t.Helper()
	list, err := bed.Read(shared.Path(t, name), bed.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out []locus.Region
	for _, x := range list {
		out = append(out, locus.Region{Contig: contig, Start: x.Start, End: x.End})
	}
	return locus.NewSet(out...)
}

func truth(t *testing.T, w window) (list []compare.Record) {
	t.Helper()
	r, err := vcf.Open(shared.Path(t, w.truth))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for rec, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		gt, err := rec.Genotype(0)
		if err != nil {
			t.Fatal(err)
		}
		v := rec.Clone().Variant()
		v.Contig = w.region.Contig
		list = append(list, compare.Record{Variant: v, GT: gt})
	}
	return list
}

// callWindow is the whole way from reads to records, a thousand bases at a
// time.
func callWindow(t *testing.T, w window, ref *fasta.File) (list []compare.Record) {
	t.Helper()
	file, err := bam.Open(shared.Path(t, w.reads), bam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	stream, err := genotype.NewStream(genotype.Defaults(), ref.Contigs(), func(c *variant.Call) error {
		list = append(list, compare.Record{Variant: c.Variant, GT: c.GT, Filtered: !genotype.Passed(c)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c := caller{t: t, ref: ref, file: file, counter: count.Counter{Options: count.Defaults()},
		selector: candidate.Selector{Options: candidate.Defaults()}, options: realign.Defaults(realign.V19),
		evidence: pileup.Evidence{MinMapQ: count.Defaults().MinMapQ, MinBaseQ: count.Defaults().MinBaseQ}}
	model := counts(t)
	for start := w.region.Start; start < w.region.End; start += 1000 {
		sites := c.cell(locus.Region{Contig: w.region.Contig, Start: start, End: min(start+1000, w.region.End)})
		err := model.Classify(t.Context(), sites, func(i int, sets []variant.Likelihoods) error {
			return stream.Push(&genotype.Input{Site: sites[i].Site, Sets: sets})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.Flush(); err != nil {
		t.Fatal(err)
	}
	return list
}

type caller struct {
	t            *testing.T
	ref          *fasta.File
	file         *bam.File
	counter      count.Counter
	selector     candidate.Selector
	options      realign.Options
	scratch      realign.Scratch
	evidence     pileup.Evidence
	observations []candidate.Observation
}

func (c *caller) cell(cell locus.Region) (sites []*classify.Evidence) {
	c.t.Helper()
	contig, _ := c.ref.Contigs().Find(cell.Contig)
	wide := locus.Region{Contig: cell.Contig, Start: max(0, cell.Start-c.options.Margin()), End: min(contig.Length, cell.End+c.options.Margin())}
	var batch align.Batch
	filter := pileup.DefaultFilter()
	for r, err := range c.file.Reads(c.t.Context(), wide) {
		if err != nil {
			c.t.Fatal(err)
		}
		if filter.Keep(r) {
			batch.Add(r)
		}
	}
	bases, err := c.ref.Bases(nil, wide)
	if err != nil {
		c.t.Fatal(err)
	}
	window := count.Window{Start: wide.Start, Bases: bases}
	reads := c.scratch.Realign(batch.Reads, window, cell, &c.options)
	counts := c.counter.Count(reads, window, cell, nil)
	for _, found := range c.selector.Append(nil, counts) {
		from, to := found.Start-wide.Start, found.End-wide.Start
		e := &classify.Evidence{Site: found.Site, RefStart: wide.Start + max(0, from-150)}
		e.Ref = bases[max(0, from-150):min(to+150, len(bases))]
		c.observations = c.evidence.Append(c.observations[:0], &found, reads)
		e.Observe(c.observations, reads)
		sites = append(sites, e)
	}
	return sites
}
