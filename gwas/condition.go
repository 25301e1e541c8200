package gwas

import (
	"context"
	"fmt"
	"strings"

	"github.com/gx-genomics/gx/gwas/pheno"
)

// Condition makes covariates of variants, so that others are tested beside
// them: the copies of each, and the mean where missing. A name is the ID of a
// variant or CHROM:POS:REF:ALT. All must be in the source, once; one that is
// conditioned on is then COLLINEAR in a scan. The study is changed.
func Condition(ctx context.Context, src Source, study *pheno.Study, names []string) error {
	found := make(map[string][]float64, len(names))
	others := map[string]string{} // by CHROM:POS of what is wanted: alleles that stand there
	wanted := make(map[string]bool, len(names))
	for _, name := range names {
		if wanted[name] {
			return fmt.Errorf("variant %s is named twice", name)
		}
		wanted[name] = true
		if place, ok := placeOfName(name); ok {
			others[place] = ""
		}
	}
	for block, err := range src.Blocks(ctx, 0, -1, batchRows(1, len(study.Samples))) {
		if err != nil {
			return err
		}
		for k := range block.Rows {
			r := &block.Rows[k]
			name := r.ID
			if !wanted[name] {
				place := fmt.Sprintf("%s:%d", r.Chrom, r.Start+1)
				if name = place + ":" + r.Ref + ":" + r.Alt; !wanted[name] {
					if said, ok := others[place]; ok && said == "" {
						others[place] = fmt.Sprintf("%s has reference %s and alternate %s", place, r.Ref, r.Alt)
					}
					continue
				}
			}
			if found[name] != nil {
				return fmt.Errorf("variant %s to condition on stands more than once, name it CHROM:POS:REF:ALT", name)
			}
			v := make([]float64, len(study.Samples))
			mean := r.Mean()
			for i, c := range study.Column {
				if g, ok := r.Dosage(c); ok {
					v[i] = g
				} else {
					v[i] = mean
				}
			}
			found[name] = v
		}
	}
	var lost []string
	for _, name := range names {
		v := found[name]
		if v == nil {
			if place, ok := placeOfName(name); ok && others[place] != "" {
				name = fmt.Sprintf("%s (%s)", name, others[place])
			}
			lost = append(lost, name)
			continue
		}
		study.Covariates = append(study.Covariates, pheno.Covariate{Name: name, Values: v})
	}
	if len(lost) > 0 {
		return fmt.Errorf("variants to condition on are not among the genotypes: %s", strings.Join(lost, ", "))
	}
	return nil
}

// placeOfName is CHROM:POS of CHROM:POS:REF:ALT.
func placeOfName(name string) (place string, ok bool) {
	f := strings.Split(name, ":")
	if len(f) != 4 {
		return "", false
	}
	return f[0] + ":" + f[1], true
}
