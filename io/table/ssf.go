package table

import (
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

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
	return ok && r.Start >= 0 && acgt(r.Ref) && acgt(r.Alt) && r.Beta == r.Beta && r.SE == r.SE && r.EAF == r.EAF && r.NegLog10P == r.NegLog10P
}

// isRS says whether a name is that of dbSNP: rs and digits.
func isRS(s string) bool {
	return len(s) > 2 && s[:2] == "rs" && strings.Trim(s[2:], "0123456789") == ""
}

func ssf(dst []byte, r *result.Row) []byte {
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
	if isRS(r.ID) {
		dst = append(dst, r.ID...)
	} else {
		dst = append(dst, "#NA"...)
	}
	dst = append(dst, '\t')
	if r.Info == r.Info {
		dst = number(dst, min(r.Info, 1), ownDigits) // the ratio of variances may be above 1, which the standard refuses
	} else {
		dst = append(dst, "#NA"...)
	}
	dst = append(dst, "\tOA\t"...)
	return append(count(dst, r.N), '\n')
}

// Meta is what GWAS-SSF wants to know of a table beside it.
type Meta struct {
	File         string // base name of the table
	MD5          string // of its bytes, in hexadecimal
	Assembly     string // GRCh38, ...
	Trait        string
	Ancestry     string // category of the samples, "NR" where not reported
	Technology   string // of genotyping
	Software     string
	Covariates   []string
	Samples      int
	Cases        int // with Controls; both 0 for a quantitative trait
	Controls     int
	Sorted       bool    // by chromosome and position
	MinFrequency float64 // of the effect allele, 0 for no limit
	Date         string  // 2006-01-02, empty to leave it out
}

// DefaultMeta is metadata of which nothing is known.
func DefaultMeta() Meta { return Meta{Assembly: "NR", Ancestry: "NR", Technology: "NR"} }

// YAML is the text of FILE-meta.yaml, the metadata of GWAS-SSF 1.0.
func (m *Meta) YAML() ([]byte, error) {
	type sample struct {
		Ancestry []string `yaml:"sample_ancestry_category"`
		Size     int      `yaml:"sample_size"`
		Study    bool     `yaml:"case_control_study"`
		Cases    int      `yaml:"case_count,omitempty"`
		Controls int      `yaml:"control_count,omitempty"`
	}
	technology := []string{m.Technology}
	doc := struct {
		Assembly   string   `yaml:"genome_assembly"`
		Coordinate string   `yaml:"coordinate_system"`
		Type       string   `yaml:"file_type"`
		File       string   `yaml:"data_file_name"`
		MD5        string   `yaml:"data_file_md5sum"`
		Sorted     bool     `yaml:"is_sorted"`
		Harmonised bool     `yaml:"is_harmonised"`
		Trait      []string `yaml:"trait_description"`
		Technology []string `yaml:"genotyping_technology"`
		Samples    []sample `yaml:"samples"`
		Sex        string   `yaml:"sex"`
		Software   string   `yaml:"analysis_software"`
		Covariates []string `yaml:"adjusted_covariates,omitempty"`
		MinFreq    float64  `yaml:"minor_allele_freq_lower_limit,omitempty"`
		Date       string   `yaml:"date_metadata_last_modified,omitempty"`
	}{
		m.Assembly, "1-based", "GWAS-SSF v1.0", m.File, m.MD5, m.Sorted, false, []string{m.Trait}, technology,
		[]sample{{[]string{m.Ancestry}, m.Samples, m.Cases > 0, m.Cases, m.Controls}}, "NR", m.Software, m.Covariates, m.MinFrequency, m.Date,
	}
	return yaml.Marshal(doc)
}
