package vcf

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// CallStyle says how calls and reference blocks are written.
type CallStyle struct {
	// Version is the DeepVariant version whose header is wanted, "1.5" or "1.9":
	// it decides which FORMAT fields are declared. Empty counts as "1.9".
	Version string
	// Model declares and writes FORMAT/MID: which model decided a record.
	Model bool
	// Any is the symbolic allele of reference blocks; empty is variant.AnyAllele.
	Any string
	// Blocks declares that allele, as a gVCF does that is not to be DeepVariant's
	// to the byte.
	Blocks bool
	// Candidates declares INFO/CANDIDATES.
	Candidates bool
	// Source is the lines between the fields and the contigs, such as
	// ##DeepVariant_version=1.9.0 or ##source=gx.
	Source []string
}

func (o *CallStyle) any() string {
	if o.Any == "" {
		return variant.AnyAllele
	}
	return o.Any
}

// CallHeader is the header of a file of calls or of a gVCF, its lines in
// DeepVariant's order, without line ends; the last is the #CHROM line.
func CallHeader(o CallStyle, contigs *locus.Contigs, sample string) []string {
	lines := []string{
		`##fileformat=VCFv4.2`,
		`##FILTER=<ID=PASS,Description="All filters passed">`,
		`##FILTER=<ID=RefCall,Description="Genotyping model thinks this site is reference.">`,
		`##FILTER=<ID=LowQual,Description="Confidence in this variant being real is below calling threshold.">`,
		`##FILTER=<ID=NoCall,Description="Site has depth=0 resulting in no call.">`,
		`##INFO=<ID=END,Number=1,Type=Integer,Description="End position (for use with symbolic alleles)">`,
	}
	if o.Blocks {
		lines = append(lines, fmt.Sprintf(`##ALT=<ID=%s,Description="Any allele that is not listed">`, strings.Trim(o.any(), "<>")))
	}
	if o.Candidates {
		lines = append(lines, `##INFO=<ID=CANDIDATES,Number=1,Type=String,Description="pipe-delimited candidate alleles.">`)
	}
	lines = append(lines,
		`##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">`,
		`##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Conditional genotype quality">`,
		`##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Read depth">`,
		`##FORMAT=<ID=MIN_DP,Number=1,Type=Integer,Description="Minimum DP observed within the GVCF block.">`,
		`##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Read depth for each allele">`,
		`##FORMAT=<ID=VAF,Number=A,Type=Float,Description="Variant allele fractions.">`,
		`##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Phred-scaled genotype likelihoods rounded to the closest integer">`)
	if o.Version != "1.5" {
		lines = append(lines,
			`##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">`,
			`##FORMAT=<ID=MF,Number=R,Type=Float,Description="Methylation fraction for each of the reference and alternate allele">`,
			`##FORMAT=<ID=MD,Number=R,Type=Integer,Description="Methylation depth for each of the reference and alternate allele">`,
			`##FORMAT=<ID=MT,Number=1,Type=String,Description="Methylation type: 0/0=Unmethylated, 0/1=Heterozygous, 1/1=Methylated">`)
	}
	lines = append(lines, `##FORMAT=<ID=MED_DP,Number=1,Type=Integer,Description="Median DP observed within the GVCF block rounded to the nearest integer.">`)
	if o.Model {
		lines = append(lines, `##FORMAT=<ID=MID,Number=1,Type=String,Description="Identifies which model called this variant.">`)
	}
	lines = append(lines, o.Source...)
	for _, c := range contigs.List() {
		lines = append(lines, fmt.Sprintf("##contig=<ID=%s,length=%d>", c.Name, c.Length))
	}
	return append(lines, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"+sample)
}

// AppendLabel appends the line of a candidate with its true genotype, with its
// line end: what the reads show, but no quality.
func AppendLabel(dst []byte, s *variant.Site, gt variant.Genotype) []byte {
	dst = appendSite(dst, s.Contig, s.Start)
	dst = append(append(dst, s.Ref...), '\t')
	dst = append(dst, strings.Join(s.Alts, ",")...)
	dst = append(dst, "\t0\t.\t.\tGT:DP:AD:VAF\t"...)
	dst = append(appendGT(dst, gt), ':')
	dst = appendReads(dst, s)
	return append(dst, '\n')
}

// appendReads appends depth, reads and fraction of each allele.
func appendReads(dst []byte, s *variant.Site) []byte {
	dst = strconv.AppendInt(dst, int64(s.Depth), 10)
	for i, n := range s.AD {
		dst = append(dst, separator(i))
		dst = strconv.AppendInt(dst, int64(n), 10)
	}
	for i, f := range s.VAF {
		dst = append(dst, separator(i))
		dst = appendFloat(dst, f)
	}
	return dst
}

// AppendCall appends the line of a call with its line end.
func AppendCall(dst []byte, c *variant.Call, o CallStyle) []byte {
	dst = appendSite(dst, c.Contig, c.Start)
	dst = append(dst, c.Ref...)
	dst = append(dst, '\t')
	for i, a := range c.Alts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, a...)
	}
	if len(c.Alts) == 0 {
		dst = append(dst, '.')
	}
	dst = append(dst, '\t')
	dst = appendQual(dst, c.Qual)
	dst = append(dst, '\t')
	if c.Filter == "" {
		dst = append(dst, '.')
	}
	dst = append(dst, c.Filter...)
	model := o.Model && c.Model != ""
	dst = append(dst, '\t')
	if c.Candidates == "" {
		dst = append(dst, '.')
	} else {
		dst = append(append(dst, "CANDIDATES="...), c.Candidates...)
	}
	dst = append(dst, "\tGT:GQ:DP:AD:VAF"...)
	if c.Phase != "" {
		dst = append(dst, ":PS"...)
	}
	if m := c.Methylation; m != nil {
		dst = append(dst, ":MF:MD"...)
		if m.Type != "" {
			dst = append(dst, ":MT"...)
		}
	}
	if model {
		dst = append(dst, ":MID"...)
	}
	dst = append(dst, ":PL\t"...)
	dst = appendGT(dst, c.GT)
	dst = append(dst, ':')
	dst = strconv.AppendInt(dst, int64(c.GQ), 10)
	dst = append(dst, ':')
	dst = appendReads(dst, &c.Site)
	if c.Phase != "" {
		dst = append(append(dst, ':'), c.Phase...)
	}
	if c.Methylation != nil {
		dst = appendMethylation(dst, c.Methylation)
	}
	if model {
		dst = append(append(dst, ':'), c.Model...)
	}
	dst = appendPL(dst, c.GL)
	return append(dst, '\n')
}

func appendMethylation(dst []byte, m *variant.Methylation) []byte {
	for i, f := range m.Fraction {
		dst = appendFloat(append(dst, separator(i)), f)
	}
	for i, n := range m.Depth {
		dst = strconv.AppendInt(append(dst, separator(i)), int64(n), 10)
	}
	if m.Type != "" {
		dst = append(append(dst, ':'), m.Type...)
	}
	return dst
}

// AppendBlock appends the line of a reference block with its line end.
func AppendBlock(dst []byte, b *variant.Block, o CallStyle) []byte {
	dst = appendSite(dst, b.Contig, b.Start)
	dst = append(dst, b.Ref, '\t')
	dst = append(dst, o.any()...)
	dst = append(dst, "\t0\t.\tEND="...)
	dst = strconv.AppendInt(dst, int64(b.End), 10)
	dst = append(dst, "\tGT:GQ:MIN_DP"...)
	if b.MedDP >= 0 {
		dst = append(dst, ":MED_DP"...)
	}
	dst = append(dst, ":PL\t"...)
	dst = appendGT(dst, b.GT)
	dst = append(dst, ':')
	dst = strconv.AppendInt(dst, int64(b.GQ), 10)
	dst = append(dst, ':')
	dst = strconv.AppendInt(dst, int64(b.MinDP), 10)
	if b.MedDP >= 0 {
		dst = append(dst, ':')
		dst = strconv.AppendInt(dst, int64(b.MedDP), 10)
	}
	dst = appendPL(dst, b.GL[:])
	return append(dst, '\n')
}

func appendSite(dst []byte, contig string, start int) []byte {
	dst = append(append(dst, contig...), '\t')
	dst = strconv.AppendInt(dst, int64(start)+1, 10)
	return append(dst, "\t.\t"...)
}

func separator(i int) byte {
	if i == 0 {
		return ':'
	}
	return ','
}

func appendGT(dst []byte, g variant.Genotype) []byte {
	dst = appendAllele(dst, g.A)
	if g.Phased {
		dst = append(dst, '|')
	} else {
		dst = append(dst, '/')
	}
	return appendAllele(dst, g.B)
}

func appendAllele(dst []byte, a int) []byte {
	if a < 0 {
		return append(dst, '.')
	}
	return strconv.AppendInt(dst, int64(a), 10)
}

// appendQual writes a quality with one decimal, halves rounded up.
func appendQual(dst []byte, q float64) []byte {
	tenths := math.Floor(10*q + 0.5)
	if !(tenths >= 0 && tenths < 1e5) { // beyond, %g has no room for the decimal
		return appendFloat(dst, tenths/10)
	}
	n := int64(tenths)
	dst = strconv.AppendInt(dst, n/10, 10)
	if n%10 != 0 {
		dst = append(dst, '.', '0'+byte(n%10))
	}
	return dst
}

// appendFloat writes x as C's %g does its float32 value: six digits, no
// trailing zeros.
func appendFloat(dst []byte, x float64) []byte {
	if x == 0 || x == 1 {
		return strconv.AppendInt(dst, int64(x), 10)
	}
	return strconv.AppendFloat(dst, float64(float32(x)), 'g', 6, 64)
}

// appendPL writes the Phred-scaled likelihoods, the largest as 0. They are cut
// to whole numbers, not rounded, as DeepVariant does whatever its header says.
func appendPL(dst []byte, gl []float64) []byte {
	most := math.Inf(-1)
	for _, x := range gl {
		most = max(most, x)
	}
	for i, x := range gl {
		dst = append(dst, separator(i))
		dst = strconv.AppendInt(dst, int64(-10*(x-most)), 10)
	}
	return dst
}
