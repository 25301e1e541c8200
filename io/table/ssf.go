package table

import (
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/gwas/result"
)

// ssfChromosome is the number of a chromosome in GWAS-SSF: X 23, Y 24, MT 25.
func ssfChromosome(chrom string) (int, bool) {
	s := chrom
	if len(s) > 3 && strings.EqualFold(s[:3], "chr") {
		s = s[3:]
	}
	switch s {
	case "X", "XY", "PAR1", "PAR2":
		return 23, true
	case "Y":
		return 24, true
	case "M", "MT":
		return 25, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 1 && n <= 25
}

func acgt(s string) bool { return s != "" && strings.Trim(s, "ACGT") == "" }

// SSFHolds says whether GWAS-SSF can hold a row: a chromosome that has a number,
// alleles spelled out, and all of effect, error, frequency and p.
func SSFHolds(r *result.Row) bool {
	_, ok := ssfChromosome(r.Chrom)
	return ok && r.Start >= 0 && acgt(r.Ref) && acgt(r.Alt) && r.Beta == r.Beta && r.SE == r.SE && r.NegLog10P == r.NegLog10P
}

func ssf(dst []byte, r *result.Row) []byte {
	if !SSFHolds(r) {
		return dst
	}
	chrom, _ := ssfChromosome(r.Chrom)
	dst = append(strconv.AppendInt(dst, int64(chrom), 10), '\t')
	dst = append(strconv.AppendInt(dst, int64(r.Start)+1, 10), '\t')
	dst = append(append(dst, r.Alt...), '\t')
	dst = append(append(dst, r.Ref...), '\t')
	dst = append(number(dst, r.Beta, ownDigits), '\t')
	dst = append(number(dst, r.SE, ownDigits), '\t')
	dst = append(number(dst, r.EAF, ownDigits), '\t')
	dst = append(number(dst, r.NegLog10P, ownDigits), '\t')
	dst = append(strconv.AppendInt(dst, int64(chrom), 10), '_')
	dst = append(strconv.AppendInt(dst, int64(r.Start)+1, 10), '_')
	dst = append(append(append(append(dst, r.Ref...), '_'), r.Alt...), '\t')
	if strings.HasPrefix(r.ID, "rs") {
		dst = append(dst, r.ID...)
	} else {
		dst = append(dst, "#NA"...)
	}
	dst = append(dst, '\t')
	if r.Info == r.Info {
		dst = number(dst, r.Info, ownDigits)
	} else {
		dst = append(dst, "#NA"...)
	}
	dst = append(dst, "\tOA\t"...)
	return append(count(dst, r.N), '\n')
}
