package stats

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
)

// Write writes the text that collectors of reports know by the layout of
// bcftools stats; name is that of the file counted. The first line says who
// wrote it.
func (s *Stats) Write(w io.Writer, program, name string) error {
	b := bufio.NewWriter(w)
	line := func(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }
	line("# %s. Marker for report collectors: This file was produced by bcftools stats, in layout only", program)
	line("# ID\t[2]id\t[3]tab-separated file names")
	line("ID\t0\t%s", name)
	line("# SN\t[2]id\t[3]key\t[4]value")
	for _, k := range []struct {
		key   string
		value int
	}{{"samples", len(s.Samples)}, {"records", s.Records}, {"no-ALTs", s.NoAlts}, {"SNPs", s.Class[SNP]}, {"MNPs", s.Class[MNP]},
		{"indels", s.Class[Indel]}, {"others", s.Class[Other]}, {"multiallelic sites", s.Multiallelic}, {"multiallelic SNP sites", s.MultiSNP}} {
		line("SN\t0\tnumber of %s:\t%d", k.key, k.value)
	}
	line("# TSTV\t[2]id\t[3]ts\t[4]tv\t[5]ts/tv\t[6]ts (1st ALT)\t[7]tv (1st ALT)\t[8]ts/tv (1st ALT)")
	line("TSTV\t0\t%d\t%d\t%.2f\t%d\t%d\t%.2f", s.Ti, s.Tv, ratio(s.Ti, s.Tv), s.FirstTi, s.FirstTv, ratio(s.FirstTi, s.FirstTv))
	s.writeQual(line)
	s.writeLengths(line)
	line("# ST\t[2]id\t[3]type\t[4]count")
	for i, from := range "ACGT" {
		for j, to := range "ACGT" {
			if i != j {
				line("ST\t0\t%c>%c\t%d", from, to, s.Changes[i][j])
			}
		}
	}
	s.writeDepth(line)
	line("# PSC\t[2]id\t[3]sample\t[4]nRefHom\t[5]nNonRefHom\t[6]nHets\t[7]nTransitions\t[8]nTransversions\t[9]nIndels\t[10]average depth\t[11]nSingletons\t[12]nHapRef\t[13]nHapAlt\t[14]nMissing")
	for i, name := range s.Samples {
		p := &s.Sample[i]
		line("PSC\t0\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%.1f\t%d\t%d\t%d\t%d", name, p.RefHom, p.AltHom, p.Het, p.Ti, p.Tv, p.Indels,
			p.MeanDepth(), p.Singletons, p.HapRef, p.HapAlt, p.Missing)
	}
	return b.Flush()
}

// ratio is a/b, and 0 where b is.
func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

func (s *Stats) writeQual(line func(string, ...any)) {
	line("# QUAL\t[2]id\t[3]Quality\t[4]number of SNPs\t[5]number of transitions (1st ALT)\t[6]number of transversions (1st ALT)\t[7]number of indels")
	qualities := make([]int, 0, len(s.Qual))
	for q := range s.Qual {
		qualities = append(qualities, q)
	}
	slices.Sort(qualities)
	for _, q := range qualities {
		text := "."
		if q >= 0 {
			text = strconv.Itoa(q)
		}
		x := s.Qual[q]
		line("QUAL\t0\t%s\t%d\t%d\t%d\t%d", text, x.SNPs, x.Ti, x.Tv, x.Indels)
	}
}

func (s *Stats) writeLengths(line func(string, ...any)) {
	line("# IDD\t[2]id\t[3]length (deletions negative)\t[4]number of sites\t[5]number of genotypes\t[6]mean VAF")
	for i := range s.Lengths {
		l := &s.Lengths[i]
		if l.Sites == 0 {
			continue
		}
		vaf := "."
		if v := l.MeanVAF(); !math.IsNaN(v) {
			vaf = strconv.FormatFloat(v, 'f', 2, 64)
		}
		line("IDD\t0\t%d\t%d\t%d\t%s", i-mostLength, l.Sites, l.Genotypes, vaf)
	}
}

func (s *Stats) writeDepth(line func(string, ...any)) {
	line("# DP\t[2]id\t[3]bin\t[4]number of genotypes\t[5]fraction of genotypes (%%)\t[6]number of sites\t[7]fraction of sites (%%)")
	genotypes, sites := 0, 0
	for i := range s.Depth {
		genotypes += s.Depth[i]
		sites += s.SiteDepth[i]
	}
	for i := range s.Depth {
		if s.Depth[i] == 0 && s.SiteDepth[i] == 0 {
			continue
		}
		bin := strconv.Itoa(i)
		if i > mostDepth {
			bin = ">" + strconv.Itoa(mostDepth)
		}
		line("DP\t0\t%s\t%d\t%.6f\t%d\t%.6f", bin, s.Depth[i], 100*ratio(s.Depth[i], genotypes), s.SiteDepth[i], 100*ratio(s.SiteDepth[i], sites))
	}
}
