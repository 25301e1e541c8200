package genotype

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/io/vcf"
)

// fields says which of a record's FORMAT keys give its dosages: DS, else GP,
// else HDS, else GT. A sample whose dosage is missing has that of its GT.
type fields struct {
	ds, gp, hds, gt int // places among the keys, -1 where absent
	p               []float64
}

func (f *fields) of(r *vcf.Record) {
	f.ds, f.gp, f.hds, f.gt = r.Key("DS"), r.Key("GP"), r.Key("HDS"), r.Key("GT")
	if len(r.Alts) > 1 {
		f.hds = -1 // its order is nowhere defined for several alleles
	}
}

// hard says that the record has nothing but calls.
func (f *fields) hard() bool { return f.ds < 0 && f.gp < 0 && f.hds < 0 }

// call is the hard call of a sample: copies of the k-th alternate allele. A
// call with a missing allele is missing; a haploid allele counts two copies.
func (f *fields) call(r *vcf.Record, i, k int) (uint8, error) {
	gt, ok := r.Field(i, f.gt)
	if !ok || len(gt) == 0 {
		return dosage.Absent, nil
	}
	if len(gt) == 3 && (gt[1] == '/' || gt[1] == '|') { // nearly all are like 0/1
		a, b := int(gt[0])-'0', int(gt[2])-'0'
		if uint(a) <= 9 && uint(b) <= 9 && max(a, b) <= len(r.Alts) {
			return is(a, k) + is(b, k), nil
		}
	}
	if gt[0] == '|' || gt[0] == '/' { // VCF 4.4: a mark before the first allele
		gt = gt[1:]
	}
	copies, alleles, missing := uint8(0), 0, false
	for rest := gt; rest != nil; {
		var text []byte
		if j := bytes.IndexAny(rest, "/|"); j >= 0 {
			text, rest = rest[:j], rest[j+1:]
		} else {
			text, rest = rest, nil
		}
		alleles++
		if len(text) == 1 && text[0] == '.' {
			missing = true
			continue
		}
		a, err := strconv.ParseUint(string(text), 10, 31)
		if err != nil {
			return 0, fmt.Errorf("GT %q, want allele numbers parted by / or |", gt)
		}
		if int(a) > len(r.Alts) {
			return 0, fmt.Errorf("GT %q names allele %d, want at most %d", gt, a, len(r.Alts))
		}
		copies += is(int(a), k)
	}
	switch {
	case missing:
		return dosage.Absent, nil
	case alleles == 1:
		return 2 * copies, nil
	case alleles > 2:
		return 0, fmt.Errorf("GT %q: %w", gt, vcf.ErrPloidy)
	}
	return copies, nil
}

func is(a, k int) uint8 {
	if a == k {
		return 1
	}
	return 0
}

// haploid says whether the sample's GT is a single allele.
func (f *fields) haploid(r *vcf.Record, i int) bool {
	gt, _ := r.Field(i, f.gt)
	return len(gt) > 0 && bytes.IndexByte(gt, '/') < 0 && bytes.IndexByte(gt, '|') < 0 && gt[0] != '.'
}

// dosage is the units of a sample for the k-th alternate allele, and the
// variance of its genotype where probabilities are given.
func (f *fields) dosage(r *vcf.Record, i, k int) (units uint16, spread float64, err error) {
	if s, ok := r.Field(i, f.ds); ok {
		if f.p, err = floats(f.p[:0], s); err != nil {
			return 0, 0, fmt.Errorf("DS %w", err)
		}
		if want := max(1, len(r.Alts)); len(f.p) != want {
			return 0, 0, fmt.Errorf("DS has %d values, want %d", len(f.p), want)
		}
		x := f.p[k-1]
		if math.IsNaN(x) {
			return f.fromCall(r, i, k)
		}
		if f.haploid(r, i) {
			x *= 2
		}
		units, err = toUnits("DS", x)
		return units, 0, err
	}
	if s, ok := r.Field(i, f.gp); ok {
		if f.p, err = floats(f.p[:0], s); err != nil {
			return 0, 0, fmt.Errorf("GP %w", err)
		}
		e, e2, ok, err := moments(f.p, len(r.Alts), k)
		if err != nil {
			return 0, 0, err
		}
		if ok {
			units, err = toUnits("GP", e)
			return units, max(0, e2-float64(e*e)), err
		}
		return f.fromCall(r, i, k)
	}
	if s, ok := r.Field(i, f.hds); ok {
		if f.p, err = floats(f.p[:0], s); err != nil {
			return 0, 0, fmt.Errorf("HDS %w", err)
		}
		x := f.p[0]
		switch len(f.p) {
		case 1:
			x *= 2
		case 2:
			x += f.p[1]
		default:
			return 0, 0, fmt.Errorf("HDS has %d values, want 1 or 2", len(f.p))
		}
		if !math.IsNaN(x) {
			units, err = toUnits("HDS", x)
			return units, 0, err
		}
	}
	return f.fromCall(r, i, k)
}

func (f *fields) fromCall(r *vcf.Record, i, k int) (uint16, float64, error) {
	c, err := f.call(r, i, k)
	if c == dosage.Absent {
		return dosage.Missing, 0, err
	}
	return uint16(c) * dosage.Scale, 0, err
}

// moments is the mean and mean square of the copies of allele k under
// genotype probabilities in the order of VCF, of one allele or of two. They
// are taken relative to their sum, which rounding in the text moves off 1; ok
// is false where one is missing or all are 0.
func moments(p []float64, alts, k int) (e, e2 float64, ok bool, err error) {
	alleles := max(1, alts) + 1
	sum := 0.0
	add := func(x float64, copies int) {
		sum += x
		c := float64(copies)
		e += float64(x * c)
		e2 += float64(x * c * c)
	}
	switch len(p) {
	case alleles:
		for a, x := range p {
			add(x, 2*int(is(a, k)))
		}
	case alleles * (alleles + 1) / 2:
		n := 0
		for b := range alleles {
			for a := range b + 1 {
				add(p[n], int(is(a, k)+is(b, k)))
				n++
			}
		}
	default:
		return 0, 0, false, fmt.Errorf("GP has %d values, want %d or %d", len(p), alleles, alleles*(alleles+1)/2)
	}
	switch {
	case math.IsNaN(sum) || sum == 0:
		return 0, 0, false, nil
	case math.Abs(sum-1) > 0.1:
		return 0, 0, false, fmt.Errorf("GP adds up to %g, want 1", sum)
	}
	return e / sum, e2 / sum, true, nil
}

// toUnits rounds copies to units of Scale.
func toUnits(key string, x float64) (uint16, error) {
	if !(x > -0.01 && x < 2.01) { // a little beyond is rounding
		return 0, fmt.Errorf("%s gives %g copies, want 0 to 2", key, x)
	}
	return uint16(math.Round(min(max(x, 0), 2) * dosage.Scale)), nil
}

var errNumber = errors.New("want numbers parted by commas")

// floats appends the numbers of a list to dst, NaN for a missing one.
func floats(dst []float64, s []byte) ([]float64, error) {
	for {
		text := s
		j := bytes.IndexByte(s, ',')
		if j >= 0 {
			text = s[:j]
		}
		x, ok := decimal(text)
		if !ok {
			var err error
			if len(text) == 1 && text[0] == '.' {
				x = math.NaN()
			} else if x, err = strconv.ParseFloat(string(text), 64); err != nil || math.IsInf(x, 0) {
				return dst, fmt.Errorf("%q: %w", s, errNumber)
			}
		}
		dst = append(dst, x)
		if j < 0 {
			return dst, nil
		}
		s = s[j+1:]
	}
}

// decimal reads a plain decimal number of up to 15 digits exactly as ParseFloat
// does: the digits as an integer and the power of ten are exact, and dividing
// rounds once.
func decimal(s []byte) (float64, bool) {
	n, scale, point := 0, 1.0, false
	if len(s) == 0 || len(s) > 16 {
		return 0, false
	}
	digits := 0
	for _, c := range s {
		switch {
		case c == '.' && !point:
			point = true
			continue
		case c < '0' || c > '9':
			return 0, false
		}
		digits++
		n = 10*n + int(c-'0')
		if point {
			scale *= 10
		}
	}
	return float64(n) / scale, digits > 0 && digits <= 15
}
