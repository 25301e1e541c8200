package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/variant/stats"
)

// Calls is what is reported of a file of calls.
type Calls struct {
	File       string         `json:"file"`
	Samples    []string       `json:"samples"`
	Records    int            `json:"records"` // without reference blocks
	Blocks     int            `json:"reference_blocks"`
	Kinds      map[string]int `json:"kinds"`
	Filters    map[string]int `json:"filters"`
	Models     map[string]int `json:"models,omitempty"` // who decided, of the first sample
	FirstPass  number         `json:"first_pass_share"`
	AllRecords Variants       `json:"all_records"` // as bcftools stats counts
	Variants   Variants       `json:"variants"`    // that pass, carried by a sample
	Balance    number         `json:"het_snp_alternate_share"`
	Human      bool           `json:"human_contigs"`
	Odd        []string       `json:"remarks"`
	PerSample  []SampleCalls  `json:"per_sample"`
	PerContig  []ContigCalls  `json:"per_contig"`

	from *stats.Calls
}

// Variants is counts of records and of their alleles.
type Variants struct {
	Records      int    `json:"records"`
	SNPs         int    `json:"snps"`
	MNPs         int    `json:"mnps"`
	Indels       int    `json:"indels"`
	Others       int    `json:"others"`
	Multiallelic int    `json:"multiallelic"`
	Ti           int    `json:"transitions"`
	Tv           int    `json:"transversions"`
	TiTv         number `json:"ti_tv"`
	Insertions   int    `json:"insertion_alleles"`
	Deletions    int    `json:"deletion_alleles"`
	MeanGQ       number `json:"mean_gq"`
	MeanDepth    number `json:"mean_depth"`
}

// SampleCalls is a sample's part of the variants.
type SampleCalls struct {
	Sample    string `json:"sample"`
	HetSNPs   int    `json:"het_snps"`
	HomSNPs   int    `json:"hom_snps"`
	HetHom    number `json:"het_hom"`
	TiTv      number `json:"ti_tv"`
	Indels    int    `json:"indels"`
	Singleton int    `json:"singletons"`
	Missing   int    `json:"missing"` // of all records
	MeanDepth number `json:"mean_depth"`
}

// ContigCalls is a contig's part.
type ContigCalls struct {
	Contig    string `json:"contig"`
	Length    int    `json:"length"`
	Records   int    `json:"records"`
	SNPs      int    `json:"snps"`
	Indels    int    `json:"indels"`
	TiTv      number `json:"ti_tv"`
	HetHom    number `json:"het_hom"`
	Covered   int    `json:"bases_covered,omitempty"` // of a gVCF: in records with a genotype
	Confident int    `json:"bases_confident,omitempty"`
}

func variantsOf(s *stats.Stats) Variants {
	v := Variants{Records: s.Records, SNPs: s.Class[stats.SNP], MNPs: s.Class[stats.MNP], Indels: s.Class[stats.Indel], Others: s.Class[stats.Other],
		Multiallelic: s.Multiallelic, Ti: s.Ti, Tv: s.Tv, TiTv: number(ratio(s.Ti, s.Tv)), MeanGQ: number(mean(s.GQ[:])), MeanDepth: number(math.NaN())}
	for i := range s.Lengths {
		if n := i - len(s.Lengths)/2; n > 0 {
			v.Insertions += s.Lengths[i].Sites
		} else if n < 0 {
			v.Deletions += s.Lengths[i].Sites
		}
	}
	depth, n := 0.0, 0
	for i := range s.Sample {
		if d := s.Sample[i].MeanDepth(); d > 0 {
			depth, n = depth+d, n+1
		}
	}
	if n > 0 {
		v.MeanDepth = number(depth / float64(n))
	}
	return v
}

// mean is that of a histogram of whole numbers.
func mean(h []int) float64 {
	sum, n := 0.0, 0
	for x, k := range h {
		sum, n = sum+float64(x*k), n+k
	}
	return sum / float64(n)
}

// NewCalls takes the counts of a file, which is named without folders.
func NewCalls(file string, c *stats.Calls) *Calls {
	balance, _ := c.HetBalance()
	first, told := c.FirstPass()
	out := &Calls{File: file, Samples: append([]string{}, c.All.Samples...), Records: c.All.Records, Blocks: c.Blocks, Kinds: map[string]int{}, Filters: c.All.Filters, Models: c.Models,
		FirstPass: number(ratio(first, told)), AllRecords: variantsOf(c.All), Variants: variantsOf(c.Variant), Balance: number(balance), Human: human(c), from: c}
	for k, n := range c.Kind {
		out.Kinds[stats.Kind(k).String()] = n
	}
	for i, name := range c.All.Samples {
		p := &c.Variant.Sample[i]
		out.PerSample = append(out.PerSample, SampleCalls{name, p.Het, p.AltHom, number(ratio(p.Het, p.AltHom)), number(ratio(p.Ti, p.Tv)), p.Indels, p.Singletons, c.All.Sample[i].Missing, number(p.MeanDepth())})
	}
	for i := range c.Contigs {
		k := &c.Contigs[i]
		x := ContigCalls{Contig: k.Name, Length: k.Length, Records: k.Records, SNPs: k.SNPs, Indels: k.Indels, TiTv: number(ratio(k.Ti, k.Tv)), HetHom: number(ratio(k.Het, k.Hom))}
		if c.Blocks > 0 {
			x.Covered, x.Confident = k.Covered, k.Confident
		}
		out.PerContig = append(out.PerContig, x)
	}
	out.Odd = out.remarks()
	return out
}

// humanLengths are those of human chromosomes 1 and 20, of builds 37, 38 and CHM13.
var humanLengths = []int{249_250_621, 248_956_422, 248_387_328, 63_025_520, 64_444_167, 66_210_255}

// human says whether a contig has the length of a human chromosome.
func human(c *stats.Calls) bool {
	return slices.ContainsFunc(c.Contigs, func(k stats.ContigCalls) bool { return slices.Contains(humanLengths, k.Length) })
}

func (c *Calls) write(p *page, at int) {
	s, v := c.from, &c.Variants
	p.f("<section>\n<h2>Calls: %s</h2>\n", esc(c.File))
	p.f("<p class=\"quiet\">%s. A variant is a record that passes and whose alternate allele a sample carries; where it says all records, every one counts, as in bcftools stats.</p>\n", esc(c.what()))
	list := []card{{"variants", whole(v.Records), "of " + whole(c.Records) + " records"}, {"SNPs", whole(v.SNPs), ""}, {"indels", whole(v.Indels), ""},
		{"Ti/Tv", decimals(float64(v.TiTv), 3), whole(v.Ti) + " / " + whole(v.Tv)}}
	if len(c.PerSample) > 0 {
		x := c.PerSample[0]
		note := whole(x.HetSNPs) + " / " + whole(x.HomSNPs)
		if len(c.PerSample) > 1 {
			note += ", of " + x.Sample
		}
		list = append(list, card{"het/hom, SNPs", decimals(float64(x.HetHom), 3), note})
	}
	list = append(list, card{"multiallelic", percent(v.Multiallelic, v.Records), whole(v.Multiallelic)})
	if c.Variants.MeanDepth > 0 {
		list = append(list, card{"mean depth", decimals(float64(v.MeanDepth), 1), "at variants"})
	}
	if v.MeanGQ > 0 {
		list = append(list, card{"mean GQ", decimals(float64(v.MeanGQ), 1), "of variants"})
	}
	if first, told := s.FirstPass(); told > 0 {
		list = append(list, card{"first pass", percent(first, told), "settled by the quick model"})
	}
	p.cards(list)
	none := "Nothing remarkable: every figure that has a usual range and enough variants lies in it."
	if !c.Human {
		none = "No remark. Usual ranges are those of human genomes; no contig has the length of a human chromosome 1 or 20, so these calls are not held against them."
	}
	p.say(c.Odd, none)
	p.f("<div class=\"grid\">\n<div>")
	var kinds []count
	for k, n := range s.Kind {
		if n > 0 {
			kinds = append(kinds, count{stats.Kind(k).String(), n})
		}
	}
	p.bars("Kinds of records", "all records", kinds)
	p.f("</div><div>")
	p.bars("Filters", "all records", few(sortedCounts(c.Filters), 12))
	if len(c.Models) > 0 {
		p.bars("Which model decided", "FORMAT/MID, first sample", few(sortedCounts(c.Models), 8))
	}
	p.f("</div>\n</div>\n")
	c.pictures(p, fmt.Sprintf("c%d", at))
	c.contigTable(p)
	c.sampleTable(p)
	p.f("</section>\n")
}

func (c *Calls) what() string {
	const most = 5
	names := strings.Join(c.Samples[:min(len(c.Samples), most)], ", ")
	if len(c.Samples) > most {
		names += ", ..."
	}
	switch n := len(c.Samples); n {
	case 0:
		names = "No genotypes"
	case 1:
		names = "Sample " + names
	default:
		names = whole(n) + " samples: " + names
	}
	if c.Blocks > 0 {
		return fmt.Sprintf("%s, %s records and %s reference blocks", names, whole(c.Records), whole(c.Blocks))
	}
	return fmt.Sprintf("%s, %s records", names, whole(c.Records))
}

// mostRows is the most rows that a table of the page has of contigs or samples.
const mostRows = 120

func (c *Calls) contigTable(p *page) {
	gvcf := c.Blocks > 0
	head := []string{"contig", "length", "records", "SNPs", "indels", "SNPs per Mb", "Ti/Tv", "het/hom"}
	caption := "SNPs, indels, Ti/Tv and het/hom are of variants, het/hom of their genotypes of any kind."
	if gvcf {
		head = append(head, "bases with a genotype", "share", "GQ ≥ 20")
		caption += " Completeness is of the first sample; bases that the reference itself lacks (N) count as missing."
	}
	var rows [][]string
	empty, cut := 0, 0
	for i := range c.PerContig {
		k := &c.PerContig[i]
		if k.Records == 0 && k.Covered == 0 {
			empty++
			continue
		}
		if len(rows) == mostRows {
			cut++
			continue
		}
		length, perMb := "–", "–"
		if k.Length > 0 {
			length, perMb = whole(k.Length), decimals(1e6*float64(k.SNPs)/float64(k.Length), 0)
		}
		r := []string{k.Contig, length, whole(k.Records), whole(k.SNPs), whole(k.Indels), perMb, decimals(float64(k.TiTv), 2), decimals(float64(k.HetHom), 2)}
		if gvcf {
			r = append(r, whole(k.Covered), percent(k.Covered, k.Length), percent(k.Confident, k.Length))
		}
		rows = append(rows, r)
	}
	p.f("<h3>Contigs</h3>\n<p class=\"quiet\">%s</p>\n", esc(caption))
	p.grid("", head, rows)
	if empty > 0 {
		p.f("<p class=\"quiet\">Contigs of the header without a record: %s.</p>\n", whole(empty))
	}
	if cut > 0 {
		p.f("<p class=\"quiet\">%s more are in the JSON summary.</p>\n", whole(cut))
	}
}

func (c *Calls) sampleTable(p *page) {
	if len(c.PerSample) == 0 {
		return
	}
	var rows [][]string
	for i := range c.PerSample[:min(len(c.PerSample), mostRows)] {
		x := &c.PerSample[i]
		rows = append(rows, []string{x.Sample, whole(x.HetSNPs), whole(x.HomSNPs), decimals(float64(x.HetHom), 3), decimals(float64(x.TiTv), 3), whole(x.Indels), whole(x.Singleton), whole(x.Missing), decimals(float64(x.MeanDepth), 1)})
	}
	p.f("<h3>Samples</h3>\n<p class=\"quiet\">Of variants; missing genotypes of all records. A singleton is an allele that one genotype carries once.</p>\n")
	p.grid("", []string{"sample", "het SNPs", "hom SNPs", "het/hom", "Ti/Tv", "indels", "singletons", "missing", "mean depth"}, rows)
	if n := len(c.PerSample) - mostRows; n > 0 {
		p.f("<p class=\"quiet\">%s more are in the JSON summary.</p>\n", whole(n))
	}
}
