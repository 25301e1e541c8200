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
			if err != nil {
				return nil, err
			}
			plan, err := classifyTask(t)
			if err != nil {
				return nil, err
			}
			net, err := openPictures(ctx, env.Store, plan.Model, plan.Scale)
			if err != nil {
				return nil, err
			}
			pictures := float64(bytes) * packedPixels / float64(net.Shape.Len())
			return &Work{CPU: classifyPerByte*float64(bytes) + perMAC*pictures*float64(net.MACs), Memory: 300 << 20, Out: int64(200 * pictures)}, nil
		},
		Whole: func(ctx context.Context, env *Env, t *Task) (*Report, error) {
			p, err := classifyTask(t)
			if err != nil {
				return nil, err
			}
			s, err := Classify(ctx, env, p)
			if err != nil {
				return nil, err
			}
			env.note("%s: %s", p.Out, s)
			return &Report{}, nil
		},
	}
}

// CPU seconds of classifying: per byte of packed examples, and per
// multiplication of a network of floats; and the bytes of pictures that a byte of
// packed examples holds.
const (
	classifyPerByte = 1e-7
	perMAC          = 2.2e-11
	packedPixels    = 16
)

// classifyTask is the plan of a task.
func classifyTask(t *Task) (ClassifyPlan, error) {
	o := ClassifyOptions{Scale: DefaultScale}
	if err := json.Unmarshal(optionsText(t), &o); err != nil {
		return ClassifyPlan{}, fmt.Errorf("options of the task: %w", err)
	}
	p := classifyPlan(t)
	p.Scale = o.Scale
	return p, nil
}

func classifyPlan(t *Task) ClassifyPlan {
	return ClassifyPlan{Examples: t.in("examples"), Out: t.Out["out"], Model: t.in("model")}
}
