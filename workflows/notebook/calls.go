package notebook

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/gx-genomics/gx/variant/stats"
)

// Calls is a VCF for a notebook.
type Calls struct {
	Source
	Stats *stats.Stats // without stretches that have no variant
}

// mostRows is the most rows of a table.
const mostRows = 50

// OfCalls are the cells of a notebook about calls.
func OfCalls(c *Calls, inside []Embedded, o *Options) []Cell {
	cells := o.head("Variants of "+c.Name, []Source{c.Source}, inside, []param{
		{"CALLS", quoted(c.Name), ""}, {"MOST_ROWS", strconv.Itoa(mostRows), "of a table"}})
	s := c.Stats
	cells = append(cells,
		text("## What was called", "", "Alternate alleles are classified one by one, after their common ends are taken off; a record is of every class that an allele of it has.",
			"A ratio of transitions to transversions near 2.0 to 2.1 is usual for the whole genome of a human, near 3 for coding regions."),
		folded("calls_read", "How records are read and counted"), code("calls_count", callCounts(s)))
	if len(s.Samples) > 0 {
		cells = append(cells, text("## Samples"), code("calls_samples", callSamples(s)))
	}
	return append(cells,
		text("## Filters and contigs"), code("calls_filters", callFilters(s), callContigs(s)),
		text("## Qualities and depth", "", "Alleles of heterozygous genotypes are expected around 0.5, those of homozygous ones near 1."),
		code("calls_histograms", callPictures(s)...),
		text("## Substitutions, insertions and deletions"),
		code("calls_changes", changePictures(s)...))
}

func ratio(a, b, digits int) string {
	if b == 0 {
		return "NA"
	}
	return fixed(float64(a)/float64(b), digits)
}

func callCounts(s *stats.Stats) Output {
	t := Table{Head: []string{"what", "number"}}
	for _, k := range []struct {
		what string
		n    int
	}{{"records", s.Records}, {"that pass", s.Filters["PASS"]}, {"SNPs", s.Class[stats.SNP]}, {"MNPs", s.Class[stats.MNP]}, {"indels", s.Class[stats.Indel]},
		{"of other kinds", s.Class[stats.Other]}, {"with several alternate alleles", s.Multiallelic}, {"transitions", s.Ti}, {"transversions", s.Tv}} {
		t.add(k.what, whole(k.n))
	}
	t.add("Ti/Tv", ratio(s.Ti, s.Tv, 2))
	return t.output()
}

func callSamples(s *stats.Stats) Output {
	t := Table{Head: []string{"sample", "SNPs het", "SNPs hom", "het/hom", "indels het", "indels hom", "Ti/Tv", "mean depth", "not called"}}
	for i, name := range s.Samples[:min(len(s.Samples), mostRows)] {
		p := &s.Sample[i]
		t.add(name, whole(p.Het), whole(p.AltHom), ratio(p.Het, p.AltHom, 2), whole(p.IndelHet), whole(p.IndelHom), ratio(p.Ti, p.Tv, 2), fixed(p.MeanDepth(), 1), whole(p.Missing))
	}
	return t.output()
}

func callFilters(s *stats.Stats) Output {
	t := Table{Head: []string{"filter", "records"}}
	names := slices.SortedFunc(maps.Keys(s.Filters), func(a, b string) int {
		return cmp.Or(cmp.Compare(s.Filters[b], s.Filters[a]), cmp.Compare(a, b))
	})
	for _, name := range names[:min(len(names), mostRows)] {
		t.add(name, whole(s.Filters[name]))
	}
	return t.output()
}

func callContigs(s *stats.Stats) Output {
	t := Table{Head: []string{"contig", "records"}}
	for _, c := range s.Contigs[:min(len(s.Contigs), mostRows)] {
		t.add(c.Name, whole(c.Records))
	}
	return t.output()
}

// binned adds counts up in bins of a width from 0; what lies above the last is in it.
func binned(width, most int, each func(add func(value, n int))) []float64 {
	bins := make([]float64, most/width+1)
	each(func(value, n int) { bins[min(value/width, len(bins)-1)] += float64(n) })
	return bins
}

func listed(list []int) func(func(int, int)) {
	return func(add func(int, int)) {
		for v, n := range list {
			add(v, n)
		}
	}
}

func callPictures(s *stats.Stats) []Output {
	qual := binned(5, 100, func(add func(int, int)) {
		for q, b := range s.Qual {
			if q >= 0 {
				add(q, b.SNPs+b.Indels)
			}
		}
	})
	vaf := make([]float64, len(s.VAF))
	for i, n := range s.VAF {
		vaf[i] = float64(n)
	}
	return []Output{
		histogram("qual", "Quality", "QUAL (the last bar: and more)", "SNPs and indels", qual, 5),
		histogram("gq", "Genotype quality", "GQ (the last bar: and more)", "genotypes", binned(5, 100, listed(s.GQ[:])), 5),
		histogram("depth", "Depth", "DP (the last bar: and more)", "genotypes", binned(5, 150, listed(s.Depth[:])), 5),
		histogram("balance", "Allele balance", "share of the reads that show a called alternate allele", "alleles", vaf, 0.1),
	}
}

func changePictures(s *stats.Stats) []Output {
	lengths := make([]float64, len(s.Lengths))
	for i := range s.Lengths {
		lengths[i] = float64(s.Lengths[i].Sites)
	}
	var names []string
	var counts []float64
	var transitions []bool
	for i, from := range "ACGT" {
		for j, to := range "ACGT" {
			if i != j {
				names = append(names, string(from)+">"+string(to))
				counts = append(counts, float64(s.Changes[i][j]))
				transitions = append(transitions, stats.Transition(byte(from), byte(to)))
			}
		}
	}
	return []Output{named("changes", "Substitutions", "alternate alleles", names, counts, transitions),
		histogramFrom("lengths", "Insertions and deletions", "change of length (the outermost: and more)", "alternate alleles", lengths, 1, -math.Floor(float64(len(lengths))/2)-0.5)}
}
