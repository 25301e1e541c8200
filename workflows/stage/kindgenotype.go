package stage

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

// GenotypeKind is the stage that makes records of classified examples.
func GenotypeKind() *Kind {
	return &Kind{
		Name:    "genotype",
		Worker:  "gx-genotype",
		In:      []Role{{Name: "ref", Direct: true}, {Name: "calls", Many: true, Direct: true}, {Name: "small_model_calls", Many: true, Optional: true, Direct: true}, {Name: "blocks", Many: true, Optional: true, Direct: true}},
		Out:     []Role{{Name: "out"}, {Name: "gvcf", Optional: true}},
		Options: func() any { o := DefaultGenotypeOptions(); return &o },
		Settle: func(options any, t *Task) error {
			plan := genotypePlan(t)
			plan.Options = *options.(*GenotypeOptions)
			return plan.validate()
		},
		Files: func(options any) []string {
			if par := options.(*GenotypeOptions).PARBed; par != "" {
				return []string{par}
			}
			return nil
		},
		Measure: func(ctx context.Context, env *Env, t *Task) (*Work, error) {
			files, err := shardPaths(ctx, env.Store, slices.Concat(t.In["calls"], t.In["small_model_calls"], t.In["blocks"]))
			if err != nil {
				return nil, err
			}
			bytes, err := totalSize(ctx, env, files)
			if err == nil {
				_, err = env.Store.Stat(ctx, t.in("ref"))
			}
			work := &Work{CPU: genotypePerByte * float64(bytes), Memory: sortMemory + 200<<20, Out: bytes}
			if unpacked := 4 * bytes; unpacked > sortMemory { // else nothing is sorted on disk
				work.Disk = unpacked
			}
			return work, err
		},
		Whole: func(ctx context.Context, env *Env, t *Task) (*Report, error) {
			plan := genotypePlan(t)
			plan.Options = DefaultGenotypeOptions()
			if err := json.Unmarshal(optionsText(t), &plan.Options); err != nil {
				return nil, fmt.Errorf("options of the task: %w", err)
			}
			s, err := Genotype(ctx, env, plan)
			if err != nil {
				return nil, err
			}
			env.note("%s: %s", t.Out["out"], s)
			return &Report{}, nil
		},
	}
}

// genotypePerByte is the CPU seconds of making records per byte of packed
// CallVariantsOutput.
const genotypePerByte = 1.3e-7

func genotypePlan(t *Task) GenotypePlan {
	return GenotypePlan{Ref: t.in("ref"), Calls: t.In["calls"], Small: t.In["small_model_calls"], Blocks: t.In["blocks"], Out: t.Out["out"], GVCF: t.Out["gvcf"]}
}
