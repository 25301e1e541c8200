package main

import (
	"strings"
	"testing"

	"github.com/gx-genomics/gx/workflows/stage"
)

func TestTrainingFlags(t *testing.T) {
	for _, k := range []struct {
		name string
		in   trainingFlags
		plan stage.ExamplesPlan
		want string // a part of the error, or "" for the plan below
		then stage.ExamplesPlan
	}{
		{"nothing", trainingFlags{}, stage.ExamplesPlan{Out: "o"}, "", stage.ExamplesPlan{Out: "o"}},
		{"a truth means training", trainingFlags{}, stage.ExamplesPlan{Training: stage.TrainingPlan{Truth: "t"}}, "", stage.ExamplesPlan{Training: stage.TrainingPlan{Truth: "t"}}},
		{"the importer in training", trainingFlags{caller: importer}, stage.ExamplesPlan{Training: stage.TrainingPlan{Truth: "t"}}, "",
			stage.ExamplesPlan{Proposed: "t", Training: stage.TrainingPlan{Truth: "t", Labeler: stage.PositionalLabeler}}},
		{"proposals in training", trainingFlags{}, stage.ExamplesPlan{Proposed: "p", Training: stage.TrainingPlan{Truth: "t", Labeler: stage.HaplotypeLabeler}}, "",
			stage.ExamplesPlan{Proposed: "p", Training: stage.TrainingPlan{Truth: "t", Labeler: stage.HaplotypeLabeler}}},
		{"sweep", trainingFlags{mode: modeSweep}, stage.ExamplesPlan{Out: "o"}, "", stage.ExamplesPlan{Sweep: "o"}},
		{"training without truth", trainingFlags{mode: modeTraining}, stage.ExamplesPlan{}, "--truth is missing", stage.ExamplesPlan{}},
		{"calling with a truth", trainingFlags{mode: modeCalling}, stage.ExamplesPlan{Training: stage.TrainingPlan{Truth: "t"}}, "mode calling with a truth: want training", stage.ExamplesPlan{}},
		{"the importer without records", trainingFlags{caller: importer}, stage.ExamplesPlan{}, "--proposed-variants is missing", stage.ExamplesPlan{}},
		{"a sweep of proposals", trainingFlags{mode: modeSweep}, stage.ExamplesPlan{Proposed: "p"}, "want no proposed variants", stage.ExamplesPlan{}},
		{"mode", trainingFlags{mode: "guessing"}, stage.ExamplesPlan{}, `mode "guessing": want calling, training or candidate-sweep`, stage.ExamplesPlan{}},
		{"caller", trainingFlags{caller: "bold"}, stage.ExamplesPlan{}, `variant-caller "bold": want very_sensitive_caller or vcf_candidate_importer`, stage.ExamplesPlan{}},
	} {
		t.Run(k.name, func(t *testing.T) {
			k.in.plan = &k.plan
			if k.in.caller == "" {
				k.in.caller = sensitiveCaller
			}
			err := k.in.apply()
			if k.want != "" {
				if err == nil || !strings.Contains(err.Error(), k.want) {
					t.Errorf("%v, want %q", err, k.want)
				}
				return
			}
			got := [5]string{k.plan.Out, k.plan.Sweep, k.plan.Proposed, k.plan.Training.Truth, k.plan.Training.Labeler}
			want := [5]string{k.then.Out, k.then.Sweep, k.then.Proposed, k.then.Training.Truth, k.then.Training.Labeler}
			if err != nil || got != want {
				t.Errorf("%q, %v, want %q", got, err, want)
			}
		})
	}
}

// TestPresets: every preset names flags that there are, with values they take,
// with a compatible mode and without.
func TestPresets(t *testing.T) {
	for _, p := range presets {
		for _, compat := range []string{"", "1.9"} {
			status, _, stderr := run(t, "examples", "--reads", "b", "--out", "o", "--preset", p.name, "--compat", compat)
			if status != 2 || strings.Count(strings.TrimSpace(stderr), "\n") > 1 || !strings.Contains(stderr, "--ref is missing") || strings.Contains(stderr, "preset") {
				t.Errorf("%s with --compat %q: status %d, %s", p.name, compat, status, stderr)
			}
		}
	}
	if status, _, stderr := run(t, "examples", "--preset", "nanopore"); status != 2 || !strings.Contains(stderr, `preset "nanopore"`) {
		t.Errorf("status %d, %s", status, stderr)
	}
	// A flag that is given wins over the preset, whose own value would be 25,000.
	_, _, stderr := run(t, "examples", "--ref", "r", "--reads", "b", "--out", "o", "--preset", "pacbio", "--partition-size", "0", "--compat", "1.9")
	if !strings.Contains(stderr, "partition-size 0: want 1 to 1,000,000") {
		t.Errorf("got %s", stderr)
	}
}
