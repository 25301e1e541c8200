package compare

import (
	"math"
	"strconv"
)

// SummaryHeader is the columns of hap.py's summary.csv.
var SummaryHeader = []string{
	"Type", "Filter", "TRUTH.TOTAL", "TRUTH.TP", "TRUTH.FN", "QUERY.TOTAL", "QUERY.FP", "QUERY.UNK", "FP.gt", "METRIC.Recall", "METRIC.Precision",
	"METRIC.Frac_NA", "METRIC.F1_Score", "TRUTH.TOTAL.TiTv_ratio", "QUERY.TOTAL.TiTv_ratio", "TRUTH.TOTAL.het_hom_ratio", "QUERY.TOTAL.het_hom_ratio",
}

// Summary gives the rows of summary.csv: INDEL ALL, INDEL PASS, SNP ALL, SNP
// PASS. A cell is empty where its value is undefined.
func (r *Result) Summary() [][]string {
	var rows [][]string
	for _, t := range [types]Type{Indel, SNP} {
		for f := range filters {
			c := &r.Counts[t][f]
			row := []string{t.String(), f.String()}
			for _, n := range [...]int{c.Truth, c.TP, c.FN, c.Query, c.FP, c.Unknown, c.WrongGenotype} {
				row = append(row, strconv.Itoa(n))
			}
			row = append(row, number(c.Recall()), number(c.Precision()), number(c.FracNA()), number(c.F1()))
			if t == SNP {
				row = append(row, number(c.TruthKinds.TiTv()), number(c.QueryKinds.TiTv()))
			} else {
				row = append(row, "", "")
			}
			rows = append(rows, append(row, number(c.TruthKinds.HetHom()), number(c.QueryKinds.HetHom())))
		}
	}
	return rows
}

// StrataHeader is the columns of Strata's rows: intervals are Wilson's of 95 %.
var StrataHeader = []string{
	"Type", "Filter", "Subtype", "Context", "TRUTH.TOTAL", "TRUTH.TP", "TRUTH.FN", "QUERY.TOTAL", "QUERY.FP", "QUERY.UNK", "FP.gt", "FP.al", "FN.gt",
	"METRIC.Recall", "Recall.Low", "Recall.High", "METRIC.Precision", "Precision.Low", "Precision.High", "METRIC.F1_Score",
	"Allele.Recall", "Allele.Precision",
}

// Row gives the cells of StrataHeader.
func (s *Stratum) Row() []string {
	c := &s.Counts
	row := []string{s.Type.String(), s.Filter.String(), s.Subtype, s.Context}
	for _, n := range [...]int{c.Truth, c.TP, c.FN, c.Query, c.FP, c.Unknown, c.WrongGenotype, c.WrongAllele, c.MissedGenotype} {
		row = append(row, strconv.Itoa(n))
	}
	const z = 1.959964
	low, high := Wilson(c.TP, c.Truth, z)
	row = append(row, number(c.Recall()), number(low), number(high))
	judged := c.Query - c.Unknown
	low, high = Wilson(judged-c.FP, judged, z)
	return append(row, number(c.Precision()), number(low), number(high), number(c.F1()), number(c.AlleleRecall()), number(c.AllelePrecision()))
}

// CurveHeader is the columns of the table of precision and recall by GQ.
var CurveHeader = []string{"Type", "GQ", "TRUTH.TOTAL", "TRUTH.TP", "QUERY.TP", "QUERY.FP", "METRIC.Recall", "METRIC.Precision", "METRIC.F1_Score"}

// CurveRows gives the table of both types.
func (r *Result) CurveRows() [][]string {
	var rows [][]string
	for _, t := range [types]Type{Indel, SNP} {
		for _, p := range r.Curves[t].Points() {
			row := []string{t.String()}
			for _, n := range [...]int{p.GQ, p.Truth, p.Found, p.TP, p.FP} {
				row = append(row, strconv.Itoa(n))
			}
			rows = append(rows, append(row, number(p.Recall), number(p.Precision), number(p.F1)))
		}
	}
	return rows
}

// number writes six decimals, or nothing for what is undefined.
func number(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return ""
	}
	return strconv.FormatFloat(x, 'f', 6, 64)
}
