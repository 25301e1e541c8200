// Package classify says how probable the genotypes of a candidate site are.
//
// # The classifier counts
//
// Counts is a closed model of what reads show at a site. It knows nothing of
// pictures, is trained on nothing, and takes microseconds.
//
// A read shows one allele of the site. Given the allele h of the molecule it
// comes from, it shows allele o with probability P(o|h): 1 minus all errors for
// o = h, and for another allele the rate of the error that would make it of h.
// Where o and h have one length that is the base quality, no better than a
// ceiling; where they differ in length it is the rate of indel errors in the
// tandem repeat around the site, which grows tenfold with every few copies of
// the unit. Reads near whose end the site lies may be aligned wrongly, and with
// the probability of its mapping quality a read comes from somewhere else and
// says nothing: both move P(o|h) towards the same value for every h.
//
// At indels the alignment is not the last word on what a read shows. An aligner
// leaves out an insertion when too little of the read lies behind it, and a
// read that ends in a repeat cannot tell how long that is. There the bases of
// the read around the site are compared with the sequence of each allele, held
// at the one end and at the other (Observe), and P(read|h) is the sum over o of
// P(o|h) times how well the read fits o. Variants beside the site that several
// reads show are left out of that comparison.
//
// The reads of a site are independent given the shares f of the alleles among
// its molecules (MAQ: Li, Ruan, Durbin, Genome Research 18, 2008; Li,
// Bioinformatics 27, 2011, for this way to write it):
//
//	L(f) = product over reads of sum over alleles h of f(h) P(read|h)
//
// A genotype is a distribution of f. Two things make it more than a point.
// The share of one allele of a heterozygous site varies more than by chance:
// it is Beta(m/2, m/2) about one half, which gives the counts the
// beta-binomial distribution. And errors come in company: a paralogous copy
// aligned here, a motif at which polymerase slips, puts the same wrong allele
// into many reads at a time. With a small probability a site has such a
// systematic error, a false allele at a share of Beta(1, b), either the same
// on both strands or a different one on each; with a small probability again it
// has two. The likelihood of a genotype is therefore
//
//	(1 - sum of a(c)) L(genotype) + sum over other alleles c of
//	    a(c) [ 1/2 integral L(share of c) + 1/2 product over strands of integral L(share of c) ]
//	+ the same over pairs of other alleles
//
// so that ten reads with a wrong base of quality 40 do not prove a variant as
// ten independent errors of 1 in 10,000 would, and so that an allele on one
// strand alone needs far more reads. The integrals are sums over a few fixed
// shares.
//
// Posterior probabilities of all diploid genotypes of the site, added up by
// copies of each alt set, are what Counts gives.
//
// # Its numbers
//
// They are taken from the literature; none is the result of a fit. What the model
// accounts for was decided with an eye on errors in simulated reads and in the
// real windows of the tests, so accuracy there is that of development data.
// Heterozygous SNPs stand at 1e-3 per base, indels
// at 1.25e-4 (1000 Genomes Project, Nature 526, 2015: a genome has 4 to 5
// million differences, one in eight of them an indel), half as many homozygous
// ones as heterozygous ones, two alternate alleles at once at least at a
// hundredth of the rarer one's rate. In tandem repeats indels are the more
// frequent the more copies there are (Montgomery et al., Genome Research 23,
// 2013), up to the heterozygosity of a microsatellite that mutates once in
// 100,000 generations, about one in four: 1 - 1/sqrt(1 + 8 N u) with N = 10,000
// (Ohta and Kimura, Genetical Research 22, 1973). Before any filter callers make
// one error in 10 to 15 kb (Li, Bioinformatics 30, 2014): that is the rate of
// systematic errors. Sequencers make indel errors in 3 of 100,000 sites outside
// repeats and in more than 1 of 10 in runs of 20 bases (Ross et al., Genome
// Biology 14, 2013; Laehnemann et al., Briefings in Bioinformatics 17, 2016).
//
// # Slips
//
// While a library is amplified the polymerase now and then drops or adds a base of
// a run, and all reads of that molecule show it: taken one by one they look like a
// variant. Slips knows the process. Each haplotype of length h has T templates at
// the place; a template becomes a base shorter or longer with the rate r(h), 65
// times in 100 shorter, which package noise measures in the library; and reads show
// the lengths k of the templates with their shares:
//
//	L(a, b) = sum over what the 2T templates of lengths a and b may have become of
//	    P(that | r(a), r(b)) product over k of max(share(k), e)^reads(k)
//
// with e a thousandth, or a tenth of the rate where that is more: slips of two
// bases (of the real runs looked at one in ten of the slips) and those after the
// templates. How many templates there were nobody knows, nor how much more or less
// than others of its length a run slips: L is averaged over 4 and 12 templates and
// over rates of a quarter to four times the measured one. The prior of the lengths
// is that of gx simulate: runs of six bases differ from the reference in one person
// of 500, twice as many per base more, up to a third. Only the alleles of the site
// are weighed. The rates were chosen by hand, not fitted; how much of the last word
// Slips has is fitted with the model (package train).
//
// # The networks
//
// A Net asks a network of package nn about each alt set: about its features (the
// numbers that Featurer makes of reads, repeat and counts model), its picture,
// or both. A Model is two of them: First, on features alone, settles the sites
// whose every alt set it is sure of; where it is not, First, the counts model
// and Then, on features and picture, are joined by a Blend, and Slips where that
// says anything. Sites that First settles are never drawn. Package train makes the weights.
//
// That pictures and numbers of a site are looked at together is the idea of
// DeepVariant's small model (from version 1.8 on) taken further: Poplin et al.,
// Nature Biotechnology 36, 2018, for the pictures.
package classify
