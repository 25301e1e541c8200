package merge

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gx-genomics/gx/variant"
)

// Unknown is a number that is missing: of GQ, depth, or within a list.
const Unknown = -1

// Record is a line of the gVCF of one sample: a call, or a reference block.
type Record struct {
	Start, End int
	Ref        string   // the first base of a block
	Alts       []string // without the symbolic allele; none in a block
	Any        bool     // the symbolic allele stands behind Alts
	Qual       float64  // 0 where missing
	Pass       bool     // FILTER is PASS or missing
	Ploidy     int      // alleles of GT: 1 or 2
	GT         variant.Genotype
	GQ         int     // Unknown where missing
	Depth      int     // DP, of a block the smallest; Unknown where missing
	AD         []int32 // reads per allele, REF first and the symbolic one last; nil where missing
	PL         []int32 // Phred-scaled likelihoods in VCF's order; nil where missing

	trimmed int // bases that Check took off in front
}

// ErrCounts is in the chain of errors about lists of a length that does not fit
// the alleles.
var ErrCounts = errors.New("the file breaks its own header; the program that wrote it must be asked, or bcftools annotate -x takes the field out")

// alleles is the number of alleles, the symbolic one among them.
func (r *Record) alleles() int {
	n := 1 + len(r.Alts)
	if r.Any {
		n++
	}
	return n
}

// likelihoods is how many likelihoods there are of n alleles.
func likelihoods(n, ploidy int) int {
	if ploidy == 1 {
		return n
	}
	return variant.Genotypes(n)
}

func (r *Record) noCall() bool { return r.GT.A < 0 || r.Ploidy == 2 && r.GT.B < 0 }

// empty says whether no read was seen.
func (r *Record) empty() bool {
	if r.Depth >= 0 || r.AD == nil {
		return r.Depth == 0
	}
	sum := int32(0)
	for _, n := range r.AD {
		sum += max(n, 0)
	}
	return sum == 0
}

// unspelled says whether allele a is one of Alts without bases: *, <DEL>.
func (r *Record) unspelled(a int) bool { return 1 <= a && a <= len(r.Alts) && !plain(r.Alts[a-1]) }

// Check holds a record against the rules. Lists of the wrong length are an
// error, but in a no-call, where DeepVariant up to 1.10 writes such, they
// become missing. Alleles that all begin with the same bases lose them but for
// one.
func (r *Record) Check() error {
	if r.Start < 0 || r.End <= r.Start || r.Ref == "" {
		return fmt.Errorf("a record from %d to %d (0-based)", r.Start, r.End)
	}
	if r.Ploidy != 1 && r.Ploidy != 2 {
		return fmt.Errorf("a genotype of %d alleles, want 1 or 2", r.Ploidy)
	}
	n := r.alleles()
	if want := likelihoods(n, r.Ploidy); r.PL != nil && len(r.PL) != want {
		if !r.noCall() {
			return fmt.Errorf("FORMAT/PL has %d values, want %d for %d alleles: %w", len(r.PL), want, n, ErrCounts)
		}
		r.PL = nil
	}
	if r.AD != nil && len(r.AD) != n {
		if !r.noCall() {
			return fmt.Errorf("FORMAT/AD has %d values, want %d: %w", len(r.AD), n, ErrCounts)
		}
		r.AD = nil
	}
	if r.GT.A >= n || r.GT.B >= n {
		return fmt.Errorf("genotype %d/%d of %d alleles", r.GT.A, r.GT.B, n)
	}
	r.trim()
	return nil
}

// trim takes off what all alleles begin with, but for one base.
func (r *Record) trim() {
	if len(r.Alts) == 0 {
		return
	}
	same := len(r.Ref) - 1
	for _, a := range r.Alts {
		k := 0
		for k < min(same, len(a)-1) && a[k] == r.Ref[k] {
			k++
		}
		same = k
	}
	if same == 0 {
		return
	}
	r.Ref, r.Start, r.trimmed = r.Ref[same:], r.Start+same, r.trimmed+same
	for i := range r.Alts {
		r.Alts[i] = r.Alts[i][same:]
	}
}

// Symbolic says whether an allele stands for every allele not listed.
func Symbolic(allele string) bool { return allele == variant.AnyAllele || allele == variant.NonRef }

// plain says whether an allele is spelled out in bases.
func plain(allele string) bool { return strings.Trim(allele, "ACGTNacgtn") == "" && allele != "" }

// called says whether a genotype has an alternate allele that is spelled out.
func (r *Record) called() bool {
	n := len(r.Alts)
	return 1 <= r.GT.A && r.GT.A <= n || r.Ploidy == 2 && 1 <= r.GT.B && r.GT.B <= n
}

// changes says whether allele a of the record changes the reference base at
// pos.
func (r *Record) changes(a, pos int) bool {
	if a <= 0 || a > len(r.Alts) || !plain(r.Alts[a-1]) {
		return a > 0
	}
	alt, ref := r.Alts[a-1], r.Ref
	from, to := 0, len(ref)
	for to > 1 && len(alt) > 1 && ref[to-1] == alt[len(alt)-1] {
		to, alt = to-1, alt[:len(alt)-1]
	}
	for from < to && from < len(alt) && ref[from] == alt[from] {
		from++
	}
	return r.Start+from <= pos && pos < r.Start+to
}

// support is the Phred quality of an allele's being in the sample: how much
// likelier the best genotype with it is than the best without it.
func (r *Record) support(a int) int {
	if r.PL == nil || r.Ploidy == 1 && len(r.PL) != r.alleles() {
		if r.GT.A == a || r.Ploidy == 2 && r.GT.B == a {
			return max(r.GQ, 0)
		}
		return 0
	}
	const far = 1 << 30
	with, without := int32(far), int32(far)
	n := r.alleles()
	eachGenotype(n, r.Ploidy, func(k, x, y int) {
		switch p := r.PL[k]; {
		case p < 0:
		case x == a || y == a:
			with = min(with, p)
		default:
			without = min(without, p)
		}
	})
	if with == far || without == far {
		return 0
	}
	return int(without - with)
}

// eachGenotype calls f with the place and alleles of all genotypes of n
// alleles; y is Unknown in haploid ones.
func eachGenotype(n, ploidy int, f func(k, x, y int)) {
	k := 0
	for y := range n {
		if ploidy == 1 {
			f(y, y, Unknown)
			continue
		}
		for x := 0; x <= y; x++ {
			f(k, x, y)
			k++
		}
	}
}
