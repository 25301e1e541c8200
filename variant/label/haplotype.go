package label

import (
	"fmt"
	"strings"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// A Reference appends the bases of a region, upper case, to dst. It is asked
// for regions within the contigs only, from many goroutines at once.
type Reference interface {
	Bases(dst []byte, r locus.Region) ([]byte, error)
}

// Haplotype is the labeler that compares sequences (haplotype_labeler).
//
// Candidates and truths that lie near each other are taken together. A
// haplotype is what the contig reads where one allele of each record is put in;
// a record whose alternate allele begins inside one put in before is impossible
// there, and a record given its reference allele occupies its first base only.
// Wanted are genotypes of all candidates, and of the truths with any of their
// alleles left out as missed, that make the same two haplotypes. Of all such
// matches the best has the fewest missed alleles of the truth, then the fewest
// candidates without an alternate allele; of equal ones it is the first in
// DeepVariant's order of trying.
//
// DeepVariant tries all combinations. Here only the truth is tried in all ways
// (truthPairs); what candidates can spell each of its haplotypes is found by
// walking along the sequence (speller), which costs little for any number of
// candidates.
type Haplotype struct {
	Reference Reference
	Contigs   *locus.Contigs
	Confident *locus.Set // where the truth is known; nil: everywhere
}

// maxAllele is the longest allele of a truth that takes part. No caller of
// reads finds a longer one, and sequences of that length are held in memory.
const maxAllele = 1000

// Label labels the candidates. Records of the truth outside of the confident
// regions do not count, nor do those that miss an allele of their genotype, are
// homozygous for the reference, or carry alleles that are not written in bases
// or longer than 1,000 of them. A reference allele that differs from the
// reference is an error. Where so many records of the truth lie in one another
// that their haplotypes cannot be listed, the labels are not Known.
func (h *Haplotype) Label(dst []Label, candidates []variant.Variant, truths []Truth) ([]Label, error) {
	return h.LabelCounted(dst, new(Metrics), candidates, truths)
}

// LabelCounted is Label that adds to m what it finds.
func (h *Haplotype) LabelCounted(dst []Label, m *Metrics, candidates []variant.Variant, truths []Truth) ([]Label, error) {
	var in []Truth
	for i := range truths {
		if known(h.Confident, &truths[i].Variant) && truths[i].spellable() {
			in = append(in, truths[i])
		}
	}
	first := len(dst)
	for i := range candidates {
		dst = append(dst, Label{Known: known(h.Confident, &candidates[i])})
	}
	labels := dst[first:]
	for _, g := range groups(candidates, in) {
		var c, t []*variant.Variant
		var gt []variant.Genotype
		for _, m := range g {
			if m.truth {
				t, gt = append(t, m.Variant), append(gt, in[m.index].GT)
			} else {
				c = append(c, m.Variant)
			}
		}
		if len(c) == 0 || len(t) == 0 { // nothing to label, or nothing but the reference to match
			m.add(h.Confident, c, make([]genotype, len(c)), t, gt, make([]genotype, len(t)))
			continue
		}
		text, start, err := h.around(g)
		if err != nil {
			return nil, err
		}
		found, truth, ok := match(c, t, gt, text, start)
		if ok {
			m.add(h.Confident, c, found, t, gt, truth)
		}
		k := 0
		for _, m := range g {
			if m.truth {
				continue
			}
			if !ok {
				labels[m.index].Known = false
			} else {
				labels[m.index].GT = variant.Genotype{A: int(found[k][0]), B: int(found[k][1])}
			}
			k++
		}
	}
	return dst, nil
}

// spellable says whether a record of the truth can take part.
func (t *Truth) spellable() bool {
	if t.GT.A < 0 || t.GT.B < 0 || t.GT.A+t.GT.B == 0 || len(t.Ref) > maxAllele {
		return false
	}
	for _, a := range [2]int{t.GT.A, t.GT.B} {
		if a > 0 && (len(t.Alts[a-1]) > maxAllele || !spelled(t.Alts[a-1])) {
			return false
		}
	}
	return true
}

// around reads the reference of a group and checks its members against it.
func (h *Haplotype) around(g []member) (text string, start int, err error) {
	contig, ok := h.Contigs.Find(g[0].Contig)
	if !ok {
		return "", 0, h.Contigs.Unknown(g[0].Contig)
	}
	start, end := g[0].Start, 0
	for _, m := range g {
		if m.Start < 0 || m.Ref == "" || m.End != m.Start+len(m.Ref) || m.End > contig.Length {
			return "", 0, fmt.Errorf("%s:%d %.40s: bases %d to %d, want %d within the %d of the contig", m.Contig, m.Start+1, m.Ref, m.Start+1, m.End, len(m.Ref), contig.Length)
		}
		end = max(end, m.End)
	}
	start, end = max(start-beforeGroup, 0), min(end+behindGroup, contig.Length)
	b, err := h.Reference.Bases(nil, locus.Region{Contig: contig.Name, Start: start, End: end})
	if err != nil {
		return "", 0, err
	}
	text = string(b)
	for _, m := range g {
		if got := text[m.Start-start : m.End-start]; !Agrees(m.Ref, got) {
			return "", 0, fmt.Errorf("%s:%d: REF is %.40s, but the reference has %.40s there; use the reference that the truth was made on", m.Contig, m.Start+1, m.Ref, got)
		}
	}
	return text, start, nil
}

// Agrees says whether a reference allele is what the reference has, as long as
// it; codes that stand for several bases agree with any.
func Agrees(allele, reference string) bool {
	for i := range len(allele) {
		a, r := allele[i]&^0x20, reference[i]
		if a != r && strings.IndexByte("ACGT", a) >= 0 && strings.IndexByte("ACGT", r) >= 0 {
			return false
		}
	}
	return true
}

// match gives the genotypes of the candidates in the best match, and what it
// makes of those of the truths. It is false where the truth has too many
// haplotypes to be listed.
func match(candidates, truths []*variant.Variant, gt []variant.Genotype, text string, start int) (found, truth []genotype, ok bool) {
	pairs, ok := truthPairs(truths, gt, text, start)
	if !ok {
		return nil, nil, false
	}
	s := newSpeller(candidates, text, start)
	var best *spelling
	missed := 0
	for _, p := range pairs { // in order of what they miss of the truth
		if best != nil && p.missed > missed {
			break
		}
		if found := s.spell(p.haplotypes); found != nil && found.before(best) {
			best, missed, truth = found, p.missed, p.chosen
		}
	}
	return best.genotypes(s), truth, true // the reference twice is always among the pairs
}
