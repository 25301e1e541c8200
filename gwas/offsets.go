package gwas

import (
	"fmt"
	"math"

	"github.com/gx-genomics/gx/gwas/pheno"
)

// Offsets are predictions of one trait from the whole genome less one
// chromosome, for each chromosome: regenie's LOCO predictions.
type Offsets struct {
	Path   string
	IDs    []string    // FID_IID of the samples
	Chroms []string    // names of the chromosomes
	Values [][]float64 // Values[c][i] is that of sample i without chromosome c; NaN where missing
}

// OffsetName is the name of a chromosome among offsets: without chr, and as regenie
// has it one number for those of sex and their common part.
func OffsetName(chrom string) string {
	if len(chrom) > 3 && (chrom[:3] == "chr" || chrom[:3] == "CHR" || chrom[:3] == "Chr") {
		chrom = chrom[3:]
	}
	switch chrom {
	case "X", "Y", "XY", "PAR1", "PAR2", "24", "25":
		return "23"
	}
	if len(chrom) == 2 && chrom[0] == '0' {
		return chrom[1:]
	}
	return chrom
}

// offsets are the predictions of one trait in the order of the study.
type offsets struct {
	path  string
	chrom map[string][]float64
}

// take puts the predictions in the order of the study. Every sample with the
// trait must have them all.
func (o *Offsets) take(s *pheno.Study, t *pheno.Trait) (*offsets, error) {
	rows := make(map[string]int, len(o.IDs))
	for i, id := range o.IDs {
		rows[id] = i
	}
	out := &offsets{path: o.Path, chrom: map[string][]float64{}}
	for c, name := range o.Chroms {
		v := make([]float64, len(s.Samples))
		for i, sample := range s.Samples {
			if math.IsNaN(t.Values[i]) {
				continue
			}
			id := sample.FID + "_" + sample.IID
			r, ok := rows[id]
			if !ok {
				return nil, fmt.Errorf("%s: no prediction of trait %s for sample %s; make them on all samples that are tested", o.Path, t.Name, id)
			}
			if v[i] = o.Values[c][r]; math.IsNaN(v[i]) || math.IsInf(v[i], 0) {
				return nil, fmt.Errorf("%s: the prediction of trait %s for sample %s on chromosome %s is missing though the trait is not", o.Path, t.Name, id, name)
			}
		}
		out.chrom[OffsetName(name)] = v
	}
	return out, nil
}

// of gives the predictions for variants of a chromosome.
func (o *offsets) of(chrom string) ([]float64, error) {
	v := o.chrom[OffsetName(chrom)]
	if v == nil {
		return nil, fmt.Errorf("%s: no predictions for chromosome %s", o.path, chrom)
	}
	return v, nil
}
