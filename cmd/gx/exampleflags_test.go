package main

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/workflows/stage"
)

// TestExampleFlagsArePlanKeys: whatever flag of gx examples can change what is
// written is an option or an input of the stage in plans, so that it is in the
// keys of tasks.
func TestExampleFlagsArePlanKeys(t *testing.T) {
	// What changes nothing in the outputs of the stage, is told otherwise there,
	// or makes outputs that it does not have.
	apart := strings.Fields("threads quiet help timings preset runtime-by-region write-run-info labels mode variant-caller candidate-positions realign-reads regions exclude-regions " +
		"skip-parent-calling blocks candidates out")
	for _, r := range refusedFlags {
		apart = append(apart, r.name)
	}
	kind := stage.ExamplesKind()
	known := jsonNames(reflect.TypeOf(kind.Options()).Elem())
	for _, r := range kind.In {
		known = append(known, r.Name)
	}
	for _, f := range examplesCommand().Flags {
		if slices.ContainsFunc(f.Names(), func(name string) bool { return slices.Contains(apart, name) }) {
			continue
		}
		if !slices.ContainsFunc(f.Names(), func(name string) bool { return slices.Contains(known, strings.ReplaceAll(name, "-", "_")) }) {
			t.Errorf("--%s is no key of plans", f.Names()[0])
		}
	}
}

// jsonNames are the names of the fields of a struct, those of structs within it
// too.
func jsonNames(t reflect.Type) (names []string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Type.Kind() == reflect.Struct {
			names = append(names, jsonNames(f.Type)...)
			continue
		}
		names = append(names, name)
	}
	return names
}

// TestRefusedFlags: what gx does not have is refused with the reason, all at
// once, and not listed.
func TestRefusedFlags(t *testing.T) {
	status, _, stderr := run(t, "examples", "--ref", "r.fa", "--reads", "a.bam", "--out", "e", "--stream-examples", "--task", "3", "--output-sitelist=false")
	for _, want := range []string{"--stream-examples is a flag of DeepVariant that gx does not have: examples go to files", "--task is"} {
		if status != 2 || !strings.Contains(stderr, want) {
			t.Errorf("status %d, %q; want 2, %q", status, stderr, want)
		}
	}
	if strings.Contains(stderr, "sitelist") {
		t.Errorf("what is turned off is refused: %q", stderr)
	}
	_, help, _ := run(t, "examples", "--help")
	for _, r := range refusedFlags {
		if strings.Contains(help, "--"+r.name) {
			t.Errorf("--%s is listed", r.name)
		}
	}
}
