package show

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/pileup/example"
)

// caption is what a person wants to know beside the picture, a line each: the
// site and the alleles, the reads behind each allele, truth and decision.
func caption(e *example.Example, v *example.Variant, call *example.CallVariantsOutput) []string {
	return slices.DeleteFunc([]string{site(e, v), support(v), decision(e, call)}, func(s string) bool { return s == "" })
}

// longest is the bases of an allele that are written out.
const longest = 40

func allele(s string) string {
	if len(s) > longest {
		return fmt.Sprintf("%s...(%d)", s[:longest-10], len(s))
	}
	return s
}

// site is like `chr20:10,001,436  A > AAGGCT, AG  insertion  picture of AG`.
func site(e *example.Example, v *example.Variant) string {
	alts := make([]string, len(v.Alts))
	for i, a := range v.Alts {
		alts[i] = allele(a)
	}
	s := fmt.Sprintf("%s:%s  %s > %s  %s", v.Contig, thousands(v.Start+1), allele(v.Ref), strings.Join(alts, ", "), kind(v))
	if len(v.Alts) > 1 {
		var of []string
		for _, i := range e.AltIndices {
			if i >= 0 && i < len(alts) {
				of = append(of, alts[i])
			}
		}
		s += "  picture of " + strings.Join(of, " and ")
	}
	return s
}

// kind is a word for what the alternate alleles are.
func kind(v *example.Variant) string {
	var words []string
	for _, a := range v.Alts {
		word := "substitution"
		switch {
		case len(a) > len(v.Ref):
			word = "insertion"
		case len(a) < len(v.Ref):
			word = "deletion"
		case len(a) == 1:
			word = "SNP"
		}
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return strings.Join(words, " and ")
}

// support is like `45 reads: A 20, AAGGCT 21 (46.7%)`.
func support(v *example.Variant) string {
	s, err := v.Site()
	if err != nil || len(s.AD) != len(s.Alts)+1 {
		return ""
	}
	parts := []string{fmt.Sprintf("%s %d", allele(s.Ref), s.AD[0])}
	for i, a := range s.Alts {
		part := fmt.Sprintf("%s %d", allele(a), s.AD[i+1])
		if i < len(s.VAF) {
			part += fmt.Sprintf(" (%.1f%%)", 100*s.VAF[i])
		}
		parts = append(parts, part)
	}
	return fmt.Sprintf("%d reads: %s", s.Depth, strings.Join(parts, ", "))
}

// decision is like `truth: 1 copy  decided: 1 copy, Q 34.2  P = 0.0004 0.9996
// 0.0000`.
func decision(e *example.Example, call *example.CallVariantsOutput) string {
	var parts []string
	if e.HasLabel {
		parts = append(parts, "truth: "+copies(e.Label))
	}
	if call != nil && len(call.Probabilities) == 3 {
		p := call.Probabilities
		best := 0
		for i := range p {
			if p[i] > p[best] {
				best = i
			}
		}
		quality := min(-10*math.Log10(max(1-p[best], 0)), 99)
		parts = append(parts, fmt.Sprintf("decided: %s, Q %.1f", copies(best), quality), fmt.Sprintf("P = %.4f %.4f %.4f", p[0], p[1], p[2]))
	}
	return strings.Join(parts, "  ")
}

func copies(n int) string {
	if n == 1 {
		return "1 copy"
	}
	return fmt.Sprintf("%d copies", n)
}

// thousands writes a number with commas.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
