package stage

import (
	"context"
	"encoding/json"
	"fmt"
)

// ClassifyOptions are all that decides what `gx classify` writes, beside its
// inputs.
type ClassifyOptions struct {
	Scale string `json:"scale"`
}

// ClassifyKind is the stage that classifies examples by a network of pictures.
func ClassifyKind() *Kind {
	return &Kind{
		Name:    "classify",
		Worker:  "gx-classify",
		In:      []Role{{Name: "examples", Direct: true}, {Name: "model", Direct: true}},
		Out:     []Role{{Name: "out"}},
		Options: func() any { return &ClassifyOptions{Scale: DefaultScale} },
		Settle: func(options any, t *Task) error {
			p := classifyPlan(t)
			p.Scale = options.(*ClassifyOptions).Scale
			return p.Validate()
		},
		Measure: func(ctx context.Context, env *Env, t *Task) (*Work, error) {
			files, err := shardPaths(ctx, env.Store, t.In["examples"])
			if err != nil {
				return nil, err
			}
			bytes, err := totalSize(ctx, env, files)
			if err == nil {
				_, err = env.Store.Stat(ctx, t.in("model"))
			}
			return &Work{CPU: classifyPerByte * float64(bytes), Memory: 300 << 20, Out: bytes / 50}, err
		},
		Whole: func(ctx context.Context, env *Env, t *Task) (*Report, error) {
			o := ClassifyOptions{Scale: DefaultScale}
			if err := json.Unmarshal(optionsText(t), &o); err != nil {
				return nil, fmt.Errorf("options of the task: %w", err)
			}
			p := classifyPlan(t)
			p.Scale = o.Scale
			s, err := Classify(ctx, env, p)
			if err != nil {
				return nil, err
			}
			env.note("%s: %s", p.Out, s)
			return &Report{}, nil
		},
	}
}

// classifyPerByte is the CPU seconds per byte of packed examples. It is a guess:
// networks differ a hundredfold.
const classifyPerByte = 1e-6

func classifyPlan(t *Task) ClassifyPlan {
	return ClassifyPlan{Examples: t.in("examples"), Out: t.Out["out"], Model: t.in("model")}
}
