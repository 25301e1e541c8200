package stage

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/gx-genomics/gx/workflows/notebook"
)

// NotebookOptions are all that decides what `gx notebook` writes, beside its
// inputs.
type NotebookOptions struct {
	Traits []string `json:"traits,omitempty"`
	Embed  bool     `json:"embed,omitempty"`
	Data   string   `json:"data,omitempty"`
	Repo   string   `json:"repo,omitempty"`
	Branch string   `json:"branch"`
	Path   string   `json:"path,omitempty"`
	Title  string   `json:"title,omitempty"`
	Hit    float64  `json:"hit"`
	Window int      `json:"window"`
}

// DefaultNotebookOptions are the defaults of `gx notebook`.
func DefaultNotebookOptions() NotebookOptions {
	p := DefaultNotebookPlan()
	return NotebookOptions{Branch: p.Options.Branch, Hit: p.Summary.Hit, Window: p.Summary.Window}
}

// plan is a run with these options on the inputs of a task.
func (o *NotebookOptions) plan(t *Task) (NotebookPlan, error) {
	p := DefaultNotebookPlan()
	p.Results, p.Out, p.Traits, p.Embed = t.in(resultsRole), t.Out["out"], o.Traits, o.Embed
	p.Options = notebook.Options{Title: o.Title, Data: o.Data, Repo: o.Repo, Branch: o.Branch, Path: o.Path}
	p.Summary.Hit, p.Summary.Window = o.Hit, o.Window
	p.Summary.Suggestive = max(p.Summary.Suggestive, p.Summary.Hit)
	return p, p.Validate()
}

// NotebookKind is the stage that makes a notebook of results.
func NotebookKind() *Kind {
	return &Kind{
		Name:    "notebook",
		Worker:  "gx-notebook",
		In:      []Role{{Name: resultsRole, Direct: true}},
		Out:     []Role{{Name: "out"}},
		Options: func() any { o := DefaultNotebookOptions(); return &o },
		Settle: func(options any, t *Task) error {
			_, err := options.(*NotebookOptions).plan(t)
			return err
		},
		Expand: expandResults,
		Measure: func(ctx context.Context, env *Env, t *Task) (*Work, error) {
			p, err := notebookTask(t)
			if err != nil {
				return nil, err
			}
			r, err := FindResults(ctx, env.Store, p.Results)
			if err != nil {
				return nil, err
			}
			bytes, err := totalSize(ctx, env, r.Files())
			return &Work{CPU: resultsPerByte * float64(bytes), Memory: 200<<20 + int64(len(r.Tables))*(2<<20), Out: 1 << 20}, err
		},
		Whole: func(ctx context.Context, env *Env, t *Task) (*Report, error) {
			p, err := notebookTask(t)
			if err != nil {
				return nil, err
			}
			return &Report{}, Notebook(ctx, env, p)
		},
	}
}

// resultsPerByte is the CPU seconds of summing up, per byte of packed results.
const resultsPerByte = 5e-8

func notebookTask(t *Task) (NotebookPlan, error) {
	o := DefaultNotebookOptions()
	if err := json.Unmarshal(optionsText(t), &o); err != nil {
		return NotebookPlan{}, fmt.Errorf("options of the task: %w", err)
	}
	return o.plan(t)
}
