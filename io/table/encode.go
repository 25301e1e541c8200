package table

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/gwas/result"
)

// Format is a set of columns.
type Format uint8

// The formats of association tables.
const (
	GX        Format = iota // gx's own
	Regenie                 // regenie's step 2
	PLINK2                  // plink2 --glm
	SSF                     // GWAS-SSF 1.0
	LocusZoom               // LocusZoom's uploads
	PheWeb                  // PheWeb's association files
	METAL                   // METAL's, in the columns that GCTA-COJO reads too
)

var formats = [...]string{"gx", "regenie", "plink2", "gwas-ssf", "locuszoom", "pheweb", "metal"}

// FormatNames are the names of all formats.
func FormatNames() []string { return formats[:] }

func (f Format) String() string { return formats[f] }

// ParseFormat finds a format by its name.
func ParseFormat(name string) (Format, error) {
	for i, s := range formats {
		if s == name {
			return Format(i), nil
		}
	}
	return 0, fmt.Errorf("format %q: want %s", name, strings.Join(formats[:], ", "))
}

// Columns says how the rows of one trait are written.
type Columns struct {
	Format Format
	Binary bool // the trait has cases and controls
	Info   bool // the genotypes are imputed: regenie's column INFO
	ByCase bool // regenie: frequencies and numbers of cases and controls
	// Reference says that plink2's A1 is always the alternate allele (its
	// omit-ref), rather than the rarer one.
	Reference bool
	// Conditional says that other variants are covariates of the test: regenie
	// names it so.
	Conditional bool
}

// Header is the first line.
func (c Columns) Header() string {
	switch c.Format {
	case Regenie:
		h := "CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ"
		if c.Binary && c.ByCase {
			h += " A1FREQ_CASES A1FREQ_CONTROLS"
		}
		if c.Info {
			h += " INFO"
		}
		h += " N"
		if c.Binary && c.ByCase {
			h += " N_CASES N_CONTROLS"
		}
		return h + " TEST BETA SE CHISQ LOG10P EXTRA\n"
	case PLINK2:
		h := "#CHROM\tPOS\tID\tREF\tALT\tA1\tA1_FREQ\t"
		if c.Binary {
			return h + "FIRTH?\tTEST\tOBS_CT\tOR\tLOG(OR)_SE\tZ_STAT\tP\tERRCODE\n"
		}
		return h + "TEST\tOBS_CT\tBETA\tSE\tT_STAT\tP\tERRCODE\n"
	case LocusZoom:
		return "chromosome\tposition\tref\talt\tneg_log_pvalue\tbeta\tstderr_beta\talt_allele_freq\n"
	case PheWeb:
		h := "chrom\tpos\tref\talt\tpval\tbeta\tsebeta\taf\tnum_samples"
		if c.Binary {
			h += "\tnum_cases\tnum_controls"
		}
		return h + "\n"
	case METAL:
		return "SNP\tA1\tA2\tfreq\tb\tse\tp\tN\n"
	case SSF:
		return "chromosome\tbase_pair_location\teffect_allele\tother_allele\tbeta\tstandard_error\teffect_allele_frequency\tneg_log_10_p_value\tvariant_id\trsid\tinfo\tref_allele\tn\n"
	}
	return "chrom\tpos\tid\tref\talt\teffect_allele\teaf\tn\tn_cases\tn_controls\tinfo\ttest\tbeta\tse\tstat\tneg_log10_p\tmethod\tflags\n"
}

// Holds says whether the format has a line for a row. GWAS-SSF and the formats of
// other programs have none for one without an effect or a p.
func (c Columns) Holds(r *result.Row) bool {
	switch c.Format {
	case SSF:
		return SSFHolds(r)
	case LocusZoom, PheWeb, METAL:
		return r.Beta == r.Beta && r.SE == r.SE && r.NegLog10P == r.NegLog10P
	}
	return true
}

// Placed says that the first columns are the chromosome and the position, so that
// a sorted table can have an index.
func (c Columns) Placed() bool { return c.Format == GX || c.Format == LocusZoom || c.Format == PheWeb }

// Append writes a row as a line. A row that the format does not hold is left out.
func (c Columns) Append(dst []byte, r *result.Row) []byte {
	if !c.Holds(r) {
		return dst
	}
	switch c.Format {
	case LocusZoom:
		return locusZoom(dst, r)
	case PheWeb:
		return c.pheWeb(dst, r)
	case METAL:
		return metal(dst, r)
	case Regenie:
		return c.regenie(dst, r)
	case PLINK2:
		return c.plink2(dst, r)
	case SSF:
		return ssf(dst, r)
	}
	return gx(dst, r)
}

// digits of a number: gx's own keep what a double of a test is worth, the
// others print as their programs do.
const (
	ownDigits  = 9
	peerDigits = 6
)

func number(dst []byte, v float64, digits int) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(dst, "NA"...)
	}
	return strconv.AppendFloat(dst, v, 'g', digits, 64)
}

func count(dst []byte, n int) []byte {
	if n < 0 {
		return append(dst, "NA"...)
	}
	return strconv.AppendInt(dst, int64(n), 10)
}

func gx(dst []byte, r *result.Row) []byte {
	dst = append(append(dst, r.Chrom...), '\t')
	dst = append(strconv.AppendInt(dst, int64(r.Start)+1, 10), '\t')
	dst = append(append(dst, r.ID...), '\t')
	dst = append(append(dst, r.Ref...), '\t')
	dst = append(append(dst, r.Alt...), '\t')
	dst = append(append(dst, r.Alt...), '\t')
	dst = append(number(dst, r.EAF, ownDigits), '\t')
	dst = append(count(dst, r.N), '\t')
	dst = append(count(dst, r.Cases), '\t')
	dst = append(count(dst, r.Controls), '\t')
	dst = append(number(dst, r.Info, ownDigits), '\t')
	dst = append(append(dst, r.Test...), '\t')
	dst = append(number(dst, r.Beta, ownDigits), '\t')
	dst = append(number(dst, r.SE, ownDigits), '\t')
	dst = append(number(dst, r.Stat, ownDigits), '\t')
	dst = append(number(dst, r.NegLog10P, ownDigits), '\t')
	dst = append(append(dst, r.Method.String()...), '\t')
	return append(r.Flags.Append(dst), '\n')
}

func (c Columns) regenie(dst []byte, r *result.Row) []byte {
	dst = append(append(dst, r.Chrom...), ' ')
	dst = append(strconv.AppendInt(dst, int64(r.Start)+1, 10), ' ')
	dst = append(append(dst, r.ID...), ' ')
	dst = append(append(dst, r.Ref...), ' ')
	dst = append(append(dst, r.Alt...), ' ')
	dst = append(number(dst, r.EAF, peerDigits), ' ')
	if c.Binary && c.ByCase {
		dst = append(number(dst, r.EAFCases, peerDigits), ' ')
		dst = append(number(dst, r.EAFControls, peerDigits), ' ')
	}
	if c.Info {
		dst = append(number(dst, r.Info, peerDigits), ' ')
	}
	dst = append(count(dst, r.N), ' ')
	if c.Binary && c.ByCase {
		dst = append(count(dst, r.Cases), ' ')
		dst = append(count(dst, r.Controls), ' ')
	}
	dst = append(dst, r.Test...)
	if c.Conditional {
		dst = append(dst, "-CONDTL"...)
	}
	dst = append(number(append(dst, ' '), r.Beta, peerDigits), ' ')
	dst = append(number(dst, r.SE, peerDigits), ' ')
	dst = append(number(dst, r.Chisq(), peerDigits), ' ')
	dst = append(number(dst, r.NegLog10P, peerDigits), ' ')
	switch {
	case r.Flags&result.TestFailed != 0:
		dst = append(dst, "TEST_FAIL"...)
	case r.DF > 1:
		dst = strconv.AppendInt(append(dst, "DF="...), int64(r.DF), 10)
	default:
		dst = append(dst, "NA"...)
	}
	return append(dst, '\n')
}

// errorCodes are plink2's names for why there is no result.
var errorCodes = map[result.Flags]string{
	result.TooFew: "SAMPLE_CT<=PREDICTOR_CT", result.Constant: "CONST_ALLELE", result.Collinear: "VIF_TOO_HIGH",
	result.NotConverged: "FIRTH_CONVERGE_FAIL", result.ConstantTrait: "INVALID_RESULT",
	result.AllMissing: "SAMPLE_CT<=PREDICTOR_CT",
}

func (c Columns) plink2(dst []byte, r *result.Row) []byte {
	sign, freq, a1 := 1.0, r.EAF, r.Alt
	if !c.Reference && freq > 0.5 {
		sign, freq, a1 = -1, 1-freq, r.Ref
	}
	dst = append(append(dst, r.Chrom...), '\t')
	dst = append(strconv.AppendInt(dst, int64(r.Start)+1, 10), '\t')
	dst = append(append(dst, r.ID...), '\t')
	dst = append(append(dst, r.Ref...), '\t')
	dst = append(append(dst, r.Alt...), '\t')
	dst = append(append(dst, a1...), '\t')
	dst = append(number(dst, freq, peerDigits), '\t')
	effect := float64(sign * r.Beta)
	if c.Binary {
		firth := byte('N')
		if r.Method == result.FirthWald || r.Method == result.FirthLRT || r.Method == result.FirthApprox || r.Method == result.FirthSPA {
			firth = 'Y'
		}
		dst = append(dst, firth, '\t')
		effect = math.Exp(effect)
	}
	dst = append(append(dst, r.Test...), '\t')
	dst = append(count(dst, r.N), '\t')
	dst = append(number(dst, effect, peerDigits), '\t')
	dst = append(number(dst, r.SE, peerDigits), '\t')
	dst = append(number(dst, float64(sign*r.Stat), peerDigits), '\t')
	dst = append(probability(dst, r.NegLog10P, peerDigits), '\t')
	code := "."
	if r.Skipped() {
		code = "UNFINISHED"
		for f := range result.NumFlags {
			if r.Flags>>f&1 != 0 {
				if s, ok := errorCodes[1<<f]; ok {
					code = s
				} else {
					code = result.Name(f)
				}
				break
			}
		}
	}
	return append(append(dst, code...), '\n')
}

// probability writes 10^-l, also where a double would underflow.
func probability(dst []byte, l float64, digits int) []byte {
	if math.IsNaN(l) || l < 300 {
		return number(dst, math.Pow(10, -l), digits)
	}
	whole := math.Ceil(l)
	mantissa := math.Pow(10, whole-l)
	if mantissa >= 9.9999995 { // rounds to 10
		mantissa, whole = 1, whole-1
	}
	dst = strconv.AppendFloat(dst, mantissa, 'g', digits, 64)
	dst = append(dst, "e-"...)
	return strconv.AppendInt(dst, int64(whole), 10)
}
