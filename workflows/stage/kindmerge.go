package stage

import (
	"context"
	"encoding/json"
	"fmt"
)

// MergeKind is the stage that joins the gVCFs of a cohort.
func MergeKind() *Kind {
	return &Kind{
		Name:    "merge",
		Worker:  "gx-merge",
		In:      []Role{{Name: "in", Many: true}},
		Out:     []Role{{Name: "out"}},
		Options: func() any { o := DefaultMergeOptions(); return &o },
		Settle:  func(options any, _ *Task) error { return options.(*MergeOptions).Validate() },
		Measure: func(ctx context.Context, env *Env, t *Task) (*Work, error) {
			files, err := openGVCFs(t.In["in"])
			for _, f := range files {
				f.r.Close()
			}
			if err != nil {
				return nil, err
			}
			bytes, err := totalSize(ctx, env, t.In["in"])
			return &Work{CPU: mergePerByte * float64(bytes), Memory: 200<<20 + int64(len(files))<<18, Out: bytes / 4}, err
		},
		Whole: func(ctx context.Context, env *Env, t *Task) (*Report, error) {
			o := DefaultMergeOptions()
			if err := json.Unmarshal(optionsText(t), &o); err != nil {
				return nil, fmt.Errorf("options of the task: %w", err)
			}
			s, err := Merge(ctx, env, MergePlan{Inputs: t.In["in"], Out: t.Out["out"], Options: o})
			if err != nil {
				return nil, err
			}
			env.note("%s: %s", t.Out["out"], s)
			return &Report{Contigs: s.Contigs}, nil
		},
	}
}

// mergePerByte is the CPU seconds of merging per byte of packed gVCF.
const mergePerByte = 1.5e-7

func optionsText(t *Task) []byte {
	if len(t.Options) == 0 {
		return []byte("{}")
	}
	return t.Options
}

// totalSize is the size of objects.
func totalSize(ctx context.Context, env *Env, names []string) (int64, error) {
	var n int64
	for _, name := range names {
		info, err := env.Store.Stat(ctx, name)
		if err != nil {
			return 0, err
		}
		n += info.Size
	}
	return n, nil
}
