package table

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/gwas/result"
)

// checkSSF says what a table breaks of GWAS-SSF 1.0: the fixed order of the
// mandatory fields and their types and ranges, and those of optional fields (the
// standard's table of fields).
func checkSSF(text string) error {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	names := strings.Split(lines[0], "\t")
	mandatory := []string{"chromosome", "base_pair_location", "effect_allele", "other_allele", "beta", "standard_error", "effect_allele_frequency", "neg_log_10_p_value"}
	if len(names) < 8 || !slices.Equal(names[:8], mandatory) {
		return fmt.Errorf("header %q", lines[0])
	}
	number := func(low, high float64) func(string) bool {
		return func(s string) bool {
			v, err := strconv.ParseFloat(s, 64)
			return err == nil && v >= low && v <= high && !math.IsInf(v, 0)
		}
	}
	whole := func(low, high int) func(string) bool {
		return func(s string) bool {
			v, err := strconv.Atoi(s)
			return err == nil && v >= low && v <= high
		}
	}
	like := func(pattern string) func(string) bool { return regexp.MustCompile("^(" + pattern + ")$").MatchString }
	rules := map[string]func(string) bool{
		"chromosome": whole(1, 25), "base_pair_location": whole(0, math.MaxInt), "effect_allele": like("[ACGT]+|LONG_STRING"), "other_allele": like("[ACGT]+|LONG_STRING"),
		"beta": number(-math.MaxFloat64, math.MaxFloat64), "standard_error": number(-math.MaxFloat64, math.MaxFloat64), "effect_allele_frequency": number(0, 1),
		"neg_log_10_p_value": number(0, math.MaxFloat64), "variant_id": like("[A-Za-z0-9_]+"), "rsid": like("rs[0-9]+"), "ref_allele": like("EA|OA"), "info": number(0, 1), "n": whole(0, math.MaxInt),
	}
	for i, line := range lines[1:] {
		f := strings.Split(line, "\t")
		if len(f) != len(names) {
			return fmt.Errorf("line %d has %d fields", i+2, len(f))
		}
		for k, v := range f {
			rule := rules[names[k]]
			if rule == nil {
				return fmt.Errorf("field %s is not of the standard", names[k])
			}
			if !(k >= 8 && v == "#NA") && !rule(v) {
				return fmt.Errorf("line %d: %s is %q", i+2, names[k], v)
			}
		}
	}
	return nil
}

// TestSSF: whatever rows there are, the table is valid, and holds those that the
// standard can hold.
func TestSSF(t *testing.T) {
	c := Columns{Format: SSF}
	text := c.Header()
	good := 0
	for _, chrom := range []string{"1", "chr22", "X", "chrY", "MT", "chrUn", "HLA", "26"} {
		for _, alleles := range [][2]string{{"A", "ACGT"}, {"G", "<DEL>"}, {"A", "*"}, {"a", "C"}} {
			for _, id := range []string{"rs12", "rs12;x", ".", "rsX", "1:2:A:C", "affx-3"} {
				for _, value := range []float64{0.5, nan, 0} {
					for _, info := range []float64{nan, 0.3, 1.7} {
						v := dosage.Variant{Chrom: chrom, Start: 10, ID: id, Ref: alleles[0], Alt: alleles[1]}
						r := result.Row{Variant: &v, N: 5, EAF: 0.2, Beta: value, SE: 0.1, NegLog10P: 400 * value, Info: info, DF: 1}
						for _, spoil := range []func(){func() {}, func() { r.EAF = nan }, func() { r.SE = nan }, func() { r.NegLog10P = nan }} {
							spoil()
							if SSFHolds(&r) {
								good++
							}
							text = string(c.Append([]byte(text), &r))
						}
					}
				}
			}
		}
	}
	if err := checkSSF(text); err != nil {
		t.Error(err)
	}
	if n := strings.Count(text, "\n") - 1; n != good || n != 5*1*6*2*3 {
		t.Errorf("%d rows, %d held, want %d", n, good, 5*6*2*3)
	}
	for _, bad := range []string{"chromosome\tbeta\n", strings.Replace(text, "\n1\t", "\nchr1\t", 1), strings.Replace(text, "\tACGT\t", "\t<DEL>\t", 1), strings.Replace(text, "\t200\t", "\tNA\t", 1)} {
		if checkSSF(bad) == nil {
			t.Errorf("the check passes %q", strings.SplitAfter(bad, "\n")[:1])
		}
	}
}

// TestSSFMeta: the metadata have the fields and values that the standard's schema
// knows.
func TestSSFMeta(t *testing.T) {
	m := DefaultMeta()
	m.File, m.MD5, m.Trait, m.Samples, m.Cases, m.Controls, m.Date = "y.tsv.gz", strings.Repeat("a0", 16), "y", 9, 4, 5, "2026-01-31"
	b, err := m.YAML()
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := yaml.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	text := func(v any) bool { s, ok := v.(string); return ok && s != "" }
	oneOf := func(list ...string) func(any) bool {
		return func(v any) bool { s, _ := v.(string); return slices.Contains(list, s) }
	}
	flag := func(v any) bool { _, ok := v.(bool); return ok }
	list := func(v any) bool { l, ok := v.([]any); return ok && len(l) > 0 }
	rules := map[string]func(any) bool{
		"genome_assembly": text, "coordinate_system": oneOf("0-based", "1-based", "NR"), "data_file_name": text, "file_type": oneOf("GWAS-SSF v1.0"),
		"data_file_md5sum": func(v any) bool { s, _ := v.(string); return regexp.MustCompile("^[0-9a-f]{32}$").MatchString(s) },
		"is_sorted":        flag, "is_harmonised": flag, "trait_description": list, "genotyping_technology": list, "samples": list, "sex": oneOf("M", "F", "combined", "NR"),
		"analysis_software": func(v any) bool { _, ok := v.(string); return ok }, "adjusted_covariates": list,
		"date_metadata_last_modified": func(v any) bool { _, err := time.Parse(time.DateOnly, fmt.Sprint(v)); return err == nil },
	}
	for name, v := range got {
		if rules[name] == nil || !rules[name](v) {
			t.Errorf("%s: %v is not of the schema", name, v)
		}
	}
	for _, name := range []string{"genome_assembly", "data_file_name", "file_type", "data_file_md5sum", "date_metadata_last_modified", "samples"} {
		if got[name] == nil {
			t.Errorf("no field %s", name)
		}
	}
}
