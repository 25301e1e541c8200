package stage

import (
	"path/filepath"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/variant/compare"
	"github.com/gx-genomics/gx/workflows/models"
)

// TestAccuracyNA12878 calls 100 kb of real reads and compares genotypes with
// the truth, inside the wider confident regions and everywhere. The bars lie
// near what bcftools, freebayes and GATK reach there (SNP FN/FP 3/15, 2/21,
// 1/11 and indels 8/16, 8/15, 3/20 on all of it).
func TestAccuracyNA12878(t *testing.T) {
	for _, model := range append(models.Names(), ModelCounts) {
		t.Run(model, func(t *testing.T) { accuracyNA12878(t, model) })
	}
}

func accuracyNA12878(t *testing.T, model string) {
	dir := t.TempDir()
	plan := realPlan(t, dir)
	plan.Options.Model = model
	plan.GVCF = ""
	plan.Options.Regions = []string{"chr20:10,000,000-10,100,000"}
	call(t, plan, 2)
	type bar struct{ truth, fn, fp int }
	for _, k := range []struct {
		name, confident string
		bars            [2]bar // SNPs, indels
	}{
		{"confident", shared.Path(t, testdata+"input/ref_class1_class2.chr20_100kbp_at_10mb.bed"), [2]bar{{142, 2, 3}, {22, 4, 6}}},
		{"all", "", [2]bar{{186, 4, 20}, {36, 9, 20}}},
	} {
		t.Run(k.name, func(t *testing.T) {
			results, err := Compare(t.Context(), &Env{Store: object.Files{}, Threads: 2}, ComparePlan{
				Ref: plan.Ref, Truth: shared.Path(t, testdata+"input/test_nist.b37_chr20_100kbp_at_10mb.vcf.gz"), Queries: []string{plan.Out},
				Confident: k.confident, Regions: plan.Options.Regions, Prefix: filepath.Join(dir, k.name)})
			if err != nil {
				t.Fatal(err)
			}
			for i, b := range k.bars {
				c := results[0].Counts[i][compare.Pass]
				t.Logf("%s: truth %d, FN %d (bar %d), FP %d (bar %d)", compare.Type(i), c.Truth, c.FN, b.fn, c.FP, b.fp)
				if c.FN > b.fn || c.FP > b.fp || c.Truth < b.truth-2 || c.Truth > b.truth+2 {
					t.Errorf("%s: truth %d, FN %d, FP %d; want %d, at most %d and %d", compare.Type(i), c.Truth, c.FN, c.FP, b.truth, b.fn, b.fp)
				}
			}
		})
	}
}
