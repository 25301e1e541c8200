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
// the unit. Reads near whose end the site lies may be aligned wrongly, reads
// that do not span a repeat cannot tell its length, and with the probability
// of its mapping quality a read comes from somewhere else and says nothing:
// all of these move P(o|h) towards the same value for every h.
//
// The reads of a site are independent given the shares f of the alleles among
// its molecules (MAQ: Li, Ruan, Durbin 2008; Li 2011 for this way to write it):
//
//	L(f) = product over reads of sum over alleles h of f(h) P(o|h)
//
// A genotype is a distribution of f. Two things make it more than a point.
// The share of one allele of a heterozygous site varies more than by chance:
// it is Beta(m/2, m/2) about one half, which gives the counts the
// beta-binomial distribution. And errors come in company: a paralogous copy
// aligned here, a motif at which polymerase slips, puts the same wrong allele
// into many reads at a time. With a small probability a site has such a
// systematic error, a false allele at a share of Beta(1, b), either the same
// on both strands or a different one on each. The likelihood of a genotype is
// therefore
//
//	(1 - sum of a(c)) L(genotype) + sum over other alleles c of
//	    a(c) [ 1/2 integral L(share of c) + 1/2 product over strands of integral L(share of c) ]
//
// so that ten reads with a wrong base of quality 40 do not prove a variant as
// ten independent errors of 1 in 10,000 would, and so that an allele on one
// strand alone needs far more reads. The integrals are sums over a few fixed
// shares.
//
// Prior probabilities are those of population genetics: heterozygous SNPs at
// 1e-3 per base, indels at 1.25e-4 and more in tandem repeats (Montgomery et
// al. 2013), half as many homozygous ones, two alternate alleles at once rarer
// still. Posterior probabilities of all diploid genotypes of the site, added
// up by copies of each alt set, are what Counts gives.
//
// None of its numbers is fitted to a sample.
package classify
