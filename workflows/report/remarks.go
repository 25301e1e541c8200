package report

import (
	"fmt"
	"math"
	"strconv"
)

// enough is the fewest SNPs from which a ratio is held against its usual range.
const enough = 1000

// Usual ranges of human germline calls. Ti/Tv is about 2.0 to 2.1 over a genome and
// about 2.8 to 3.3 in coding regions, 0.5 where changes are random (DePristo et al.,
// Nature Genetics 43:491, 2011). Heterozygous to homozygous SNPs are 1.3 to 2.0 by
// ancestry, from East Asian to African (Wang et al., Bioinformatics 31:318, 2015);
// below 1 speaks for consanguinity or lost alleles, far above 2 for contamination.
const (
	leastTiTv, mostTiTv       = 1.9, 3.5
	leastHetHom, mostHetHom   = 1.0, 2.6
	leastBalance, mostBalance = 0.42, 0.55
)

// remarks are what is out of the ordinary, in words.
func (c *Calls) remarks() []string {
	say := []string{}
	add := func(format string, args ...any) { say = append(say, fmt.Sprintf(format, args...)) }
	if !c.from.Sorted {
		add("Records are not sorted: a contig comes in several pieces. Completeness may be too low.")
	}
	if len(c.Samples) == 0 && c.Records > 0 {
		add("There are no genotypes: what is told of zygosity, depth and genotype quality is missing, and every record with an alternate allele counts as a variant.")
	}
	if c.Records == 0 {
		add("There is no record of a variant.")
	}
	v := &c.Variants
	if c.Human {
		c.ratios(add)
	}
	if c.Records > 0 && v.Records == 0 {
		add("No record passes its filters with an alternate allele that a sample carries.")
	}
	if n := c.from.Variant.NoAlts; n > 0 {
		add("%s records that pass have no alternate allele.", whole(n))
	}
	if told := v.Records; told >= enough && v.Multiallelic > told/10 && len(c.Samples) == 1 {
		add("%s of the variants of one sample have several alternate alleles, which is much (a few in a hundred of the indels are usual): contamination, or a region of high depth?", percent(v.Multiallelic, told))
	}
	for i := range c.PerSample {
		x := &c.PerSample[i]
		if n := x.Missing; c.Records >= enough && n > c.Records/10 {
			add("%s: %s of the genotypes are missing.", x.Sample, percent(n, c.Records))
		}
		if len(say) > 20 {
			say = append(say[:20], "and more of this kind, see the tables")
			break
		}
	}
	return say
}

// ratios are the remarks on what has a usual range in human genomes.
func (c *Calls) ratios(add func(string, ...any)) {
	v := &c.Variants
	out := func(x number, low, high float64) bool { return float64(x) < low || float64(x) > high }
	if v.Ti+v.Tv >= enough && out(v.TiTv, leastTiTv, mostTiTv) {
		add("Ti/Tv of the variants is %.2f. Human genomes have about 2.0 to 2.1, exomes about 2.8 to 3.3; chance would give 0.5, so false calls pull it down.", v.TiTv)
	}
	for i := range c.PerSample {
		x := &c.PerSample[i]
		if i < 10 && x.HetSNPs+x.HomSNPs >= enough && out(x.HetHom, leastHetHom, mostHetHom) {
			add("%s: %.2f heterozygous SNPs for a homozygous one. Human genomes have 1.3 to 2.0, by ancestry; more speaks for contamination or false calls, less for related parents, lost alleles or a haploid region.", x.Sample, x.HetHom)
		}
	}
	if _, n := c.from.HetBalance(); n >= enough && out(c.Balance, leastBalance, mostBalance) {
		add("Heterozygous SNPs show the alternate allele in %.1f %% of the reads on average; a little under 50 %% is usual. Contamination, reference bias, or another ploidy?", 100*c.Balance)
	}
	if n := v.Insertions + v.Deletions; n >= enough {
		if r := ratio(v.Insertions, v.Deletions); r < 0.5 || r > 1.6 {
			add("%.2f insertions for a deletion. Common ones are about as many of each.", r)
		}
	}
}

// remarks on a scan.
func (t *TestResult) remarks() []string {
	say := []string{}
	add := func(format string, args ...any) { say = append(say, fmt.Sprintf(format, args...)) }
	if t.Tests == 0 {
		add("No row has a p.")
		return say
	}
	l := float64(t.Lambda)
	// The median of M independent chi-squares has this standard error times 2.33
	// (its density at the median is 0.472).
	bound := max(0.05, 3*2.33/math.Sqrt(float64(t.Tests)))
	switch {
	case l > 1+bound:
		add("Genomic inflation λ is %.3f. Above about 1.05 it speaks for population structure or relatives that the covariates do not take out, or for many true effects in a large study, which the intercept of an LD score regression tells apart.", l)
	case l < 1-bound:
		add("Genomic inflation λ is %.3f. Below about 0.95 the tests are too careful: rare variants or few cases under a test of large samples, or a prediction of the trait that has seen it.", l)
	}
	if n := t.Zero; n > 0 {
		add("%s rows have a p of 0: it was below the smallest number that the program could write. They count as 5×10⁻³²⁴ here; tables of -log10 p (gx's, regenie's LOG10P, plink2's --glm log10) keep it.", whole(n))
	}
	if n := t.Failed; n > t.Tests/1000 && n > 10 {
		add("%s tests were made and gave no p.", whole(n))
	}
	if t.LeastN < t.MostN*9/10 {
		add("The number of samples differs from row to row, from %s to %s: missing genotypes, or several studies in one table.", whole(t.LeastN), whole(t.MostN))
	}
	rare := 0
	for i := range t.Loci {
		if m := t.Loci[i].Lead.mac(); t.Loci[i].Hit && m < 20 {
			rare++
		}
	}
	if rare > 0 {
		add("%s of the loci are led by a variant whose rarer allele was counted less than 20 times: the test's assumption of large samples may not hold there.", strconv.Itoa(rare))
	}
	return say
}
