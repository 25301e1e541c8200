package stage

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/gx-genomics/gx/io/object"
)

// ReportOptions are all that decides what `gx report` writes, beside its inputs.
type ReportOptions struct {
	Title      string   `json:"title,omitempty"`
	Traits     []string `json:"traits,omitempty"`
	Hit        float64  `json:"hit"`
	SetHit     float64  `json:"set_hit"`
	Suggestive float64  `json:"suggestive"`
	Window     int      `json:"window"`
}

// DefaultReportOptions are the defaults of `gx report`.
func DefaultReportOptions() ReportOptions {
	p := DefaultReportPlan()
	return ReportOptions{Hit: p.Summary.Hit, SetHit: p.SetHit, Suggestive: p.Summary.Suggestive, Window: p.Summary.Window}
}

// plan is a run with these options on the inputs of a task.
func (o *ReportOptions) plan(t *Task) (ReportPlan, error) {
	p := DefaultReportPlan()
	p.Results, p.Out, p.JSON, p.Title, p.Traits = t.In[resultsRole], t.Out["out"], t.Out["json"], o.Title, o.Traits
	p.Summary.Hit, p.SetHit, p.Summary.Suggestive, p.Summary.Window = o.Hit, o.SetHit, o.Suggestive, o.Window
	return p, p.Validate()
}

// ReportKind is the stage that makes a page of results.
func ReportKind() *Kind {
	return &Kind{
		Name:    "report",
		Worker:  "gx-report",
		In:      []Role{{Name: resultsRole, Many: true, Direct: true}},
		Out:     []Role{{Name: "out"}, {Name: "json", Optional: true}},
		Options: func() any { o := DefaultReportOptions(); return &o },
		Settle: func(options any, t *Task) error {
			_, err := options.(*ReportOptions).plan(t)
			return err
		},
		Expand: func(ctx context.Context, s object.Store, role, name string) ([]string, error) {
			if isManifest(name) {
				return InputFiles(ctx, s, name)
			}
			return expandResults(ctx, s, role, name)
		},
		Measure: func(ctx context.Context, env *Env, t *Task) (*Work, error) {
			p, err := reportTask(t)
			if err != nil {
				return nil, err
			}
			var files []string
			for _, name := range p.Results {
				if isManifest(name) {
					files = append(files, name)
					continue
				}
				r, err := FindResults(ctx, env.Store, name)
				if err != nil {
					return nil, err
				}
				files = append(files, r.Files()...)
			}
			bytes, err := totalSize(ctx, env, files)
			return &Work{CPU: resultsPerByte * float64(bytes), Memory: 100<<20 + int64(len(files))*(2<<20), Out: 1 << 20}, err
		},
		Whole: func(ctx context.Context, env *Env, t *Task) (*Report, error) {
			p, err := reportTask(t)
			if err != nil {
				return nil, err
			}
			return &Report{}, MakeReport(ctx, env, p)
		},
	}
}

func reportTask(t *Task) (ReportPlan, error) {
	o := DefaultReportOptions()
	if err := json.Unmarshal(optionsText(t), &o); err != nil {
		return ReportPlan{}, fmt.Errorf("options of the task: %w", err)
	}
	return o.plan(t)
}
