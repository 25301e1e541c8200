package table

import (
	"fmt"
	"slices"
	"strings"
)

// field is what a column of a table of association holds.
type field uint8

const (
	unknown field = iota
	chromField
	posField
	idField
	otherIDField // used where the first has none
	refField
	altField
	effectField // the allele that the effect is of
	otherField  // the allele that it is not of
	freqField   // of the effect allele
	nField
	casesField
	controlsField
	infoField
	testField
	betaField
	oddsField
	seField
	statField
	pField
	logPField
	methodField
	flagsField // gx's flags, regenie's EXTRA, plink2's ERRCODE
	numFields
)

// fieldNames are the columns known, in lower case and without # before them: those
// that gx writes in all its formats, and that regenie, plink2 and GWAS-SSF have
// besides.
var fieldNames = map[string]field{
	"chrom": chromField, "chromosome": chromField, "chr": chromField,
	"pos": posField, "genpos": posField, "base_pair_location": posField, "position": posField, "bp": posField,
	"id": idField, "variant_id": idField, "snp": idField, "rsid": otherIDField,
	"ref": refField, "allele0": refField,
	"alt": altField, "allele1": altField,
	"effect_allele": effectField, "a1": effectField,
	"other_allele": otherField, "omitted": unknown,
	"eaf": freqField, "a1freq": freqField, "a1_freq": freqField, "effect_allele_frequency": freqField, "alt_allele_freq": freqField, "af": freqField,
	"n": nField, "obs_ct": nField, "num_samples": nField,
	"n_cases": casesField, "num_cases": casesField, "n_controls": controlsField, "num_controls": controlsField,
	"info": infoField, "mach_r2": infoField,
	"test": testField, "beta": betaField, "or": oddsField, "odds_ratio": oddsField,
	"se": seField, "log(or)_se": seField, "standard_error": seField, "stderr_beta": seField, "sebeta": seField,
	"stat": statField, "t_stat": statField, "z_stat": statField, "t_or_f_stat": statField, "z_or_f_stat": statField,
	"p": pField, "pval": pField, "p_value": pField, "pvalue": pField,
	"neg_log10_p": logPField, "log10p": logPField, "log10_p": logPField, "neg_log_10_p_value": logPField, "neg_log_pvalue": logPField,
	"method": methodField, "flags": flagsField, "extra": flagsField, "errcode": flagsField,
}

// rowLayout is where the columns of a table stand.
type rowLayout struct {
	format  Format
	columns int
	at      [numFields]int // -1 where the table has no such column
	fields  []field        // of each column
	tabs    bool           // columns are parted by tabs, else by blanks
}

// has says whether the table has a column.
func (l *rowLayout) has(f field) bool { return l.at[f] >= 0 }

// parseLayout reads the line of names of a table.
func parseLayout(line string) (*rowLayout, error) {
	l := &rowLayout{tabs: strings.Contains(line, "\t")}
	for i := range l.at {
		l.at[i] = -1
	}
	for i, name := range l.split(nil, line) {
		f := fieldNames[strings.ToLower(strings.TrimPrefix(name, "#"))]
		if f != unknown && l.at[f] >= 0 {
			return nil, fmt.Errorf("columns %d and %d have the same meaning (%s): want one of them", l.at[f]+1, i+1, name)
		}
		if l.columns++; f != unknown {
			l.at[f] = i
		}
		l.fields = append(l.fields, f)
	}
	if !l.has(pField) && !l.has(logPField) {
		return nil, fmt.Errorf("no column of p among %s: want neg_log10_p, LOG10P, P, p_value or pval; is it a table of association?", some(line))
	}
	if !l.has(chromField) || !l.has(posField) {
		return nil, fmt.Errorf("no columns of chromosome and position among %s: want chrom and pos, CHROM and GENPOS, #CHROM and POS, or chromosome and base_pair_location", some(line))
	}
	l.format = formatOf(line)
	return l, nil
}

// some is the beginning of a line, for a message.
func some(line string) string {
	const most = 80
	if len(line) > most {
		return fmt.Sprintf("%q ...", line[:most])
	}
	return fmt.Sprintf("%q", line)
}

// formatOf tells formats apart by a column that only they have.
func formatOf(line string) Format {
	switch {
	case strings.Contains(line, "GENPOS"):
		return Regenie
	case strings.Contains(line, "OBS_CT"):
		return PLINK2
	case strings.Contains(line, "base_pair_location"):
		return SSF
	case strings.Contains(line, "neg_log_pvalue"):
		return LocusZoom
	case strings.Contains(line, "pval"):
		return PheWeb
	}
	return GX
}

// split appends the texts of a line's columns.
func (l *rowLayout) split(dst []string, line string) []string {
	if l.tabs {
		for {
			k := strings.IndexByte(line, '\t')
			if k < 0 {
				return append(dst, line)
			}
			dst = append(dst, line[:k])
			line = line[k+1:]
		}
	}
	return append(dst, slices.Collect(strings.FieldsSeq(line))...)
}
