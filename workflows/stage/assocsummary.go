package stage

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"path/filepath"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/pheno"
)

// assocSummary is PREFIX.summary.json: what came of a run, for machines. Numbers
// that do not exist are null.
type assocSummary struct {
	Version string         `json:"gx_version"`
	Rows    string         `json:"rows"` // variants or sets
	Samples samplesSummary `json:"samples"`
	Traits  []traitSummary `json:"traits"`
	Unmade  []unmadeTrait  `json:"traits_not_analysed"`
}

type samplesSummary struct {
	Genotyped    int `json:"genotyped"`
	Analysed     int `json:"analysed"`
	NotKept      int `json:"left_out_by_lists"`
	NoPhenotype  int `json:"without_phenotypes"`
	AllMissing   int `json:"all_traits_missing"`
	NoCovariates int `json:"without_covariates"`
	Incomplete   int `json:"covariate_missing"`
	Ungenotyped  int `json:"phenotypes_without_genotypes"`
}

type traitSummary struct {
	Trait      string         `json:"trait"`
	Binary     bool           `json:"binary"`
	N          int            `json:"n"`
	Cases      *int           `json:"n_cases"`
	Controls   *int           `json:"n_controls"`
	Covariates []string       `json:"covariates"`
	File       string         `json:"file"`
	FileRows   int            `json:"file_rows"`
	Sorted     bool           `json:"sorted"`
	Tests      int            `json:"tests"`
	LambdaGC   *float64       `json:"lambda_gc"`
	Threshold  float64        `json:"hit_threshold"`
	Hits       int            `json:"hits"`
	Best       string         `json:"best"`
	BestP      *float64       `json:"best_neg_log10_p"`
	Failed     int            `json:"tests_failed"`
	Skipped    map[string]int `json:"skipped"` // by reason
	Fault      string         `json:"fault,omitempty"`
}

type unmadeTrait struct {
	Trait  string `json:"trait"`
	Reason string `json:"reason"`
}

func (p *AssocPlan) summaryName() string {
	if p.Sets != nil {
		return p.Prefix + ".sets.summary.json"
	}
	return p.Prefix + ".summary.json"
}

func finite(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// putSummary writes the summary beside the tables.
func (p *AssocPlan) putSummary(ctx context.Context, env *Env, study *pheno.Study, outs []*traitOut, list []gwas.Summary) error {
	a := &study.Account
	s := assocSummary{Version: Version, Rows: "variants", Traits: []traitSummary{}, Unmade: []unmadeTrait{},
		Samples: samplesSummary{a.Genotyped, a.Analysed, a.NotKept, a.NoPhenotype, a.AllMissing, a.NoCovariates, a.Incomplete, a.Ungenotyped}}
	if p.Sets != nil {
		s.Rows = "sets"
	}
	for i := range list {
		from, o := &list[i], outs[i]
		t := traitSummary{Trait: from.Trait, Binary: o.trait.Binary, N: o.trait.N, Covariates: covariateNames(study, o.trait), File: filepath.Base(o.name), FileRows: o.rows, Sorted: o.sorted,
			Tests: from.Tests, LambdaGC: finite(from.LambdaGC), Threshold: gwas.GenomeWide, Hits: from.Hits, Best: from.Best,
			Failed: from.Failed, Skipped: map[string]int{}}
		if o.trait.Binary {
			controls := o.trait.N - o.trait.Cases
			t.Cases, t.Controls = &o.trait.Cases, &controls
		}
		if from.Best != "" {
			t.BestP = finite(from.BestP)
		}
		for _, c := range from.Skipped {
			t.Skipped[c.Reason] = c.N
		}
		if from.Fault != nil {
			t.Fault = from.Fault.Error()
		}
		s.Traits = append(s.Traits, t)
	}
	for _, x := range study.Skipped {
		s.Unmade = append(s.Unmade, unmadeTrait{x.Trait, x.Reason})
	}
	return env.Store.Put(ctx, p.summaryName(), func(f io.Writer) error {
		e := json.NewEncoder(f)
		e.SetIndent("", "  ")
		return e.Encode(s)
	})
}
