package stage

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/pileup/image"
)

// TrioPlan is the parents of the sample of a plan, whose reads stand beside its
// own in pictures (DeepTrio); without any reads there are none.
type TrioPlan struct {
	Parents [2]ParentPlan

	ChildHeight  int // pileup_image_height_child; 0: 100
	ParentHeight int // pileup_image_height_parent; 0: 100

	DownsampleChild   float64 // downsample_fraction_child
	DownsampleParents float64 // downsample_fraction_parents

	Joint       bool   // reads of all are set anew together (enable_joint_realignment)
	SkipParents bool   // only the child's examples are written (skip_parent_calling)
	Train       string // the sample that the truth is of (sample_name_to_train); empty: the child
	Call        string // the role whose examples are written, alone; empty: see written
}

// ParentPlan is one parent.
type ParentPlan struct {
	Reads    []string
	Sample   string // empty: from the @RG lines
	Proposed string // as ExamplesPlan.Proposed
}

// The places of a family in pictures from top to bottom, and the words for them.
const (
	parent1 = iota
	child
	parent2
)

var roleNames = [...]string{parent1: "parent1", child: "child", parent2: "parent2"}

// TrioMultiplier is the default of vsc_min_fraction_multiplier where there are
// parents.
const TrioMultiplier = 0.67

// sampleHeight is the default height of the picture of one sample of a family.
const sampleHeight = 100

// Wanted says whether there are parents.
func (p *TrioPlan) Wanted() bool { return len(p.Parents[0].Reads)+len(p.Parents[1].Reads) > 0 }

// written are the roles whose examples are written, the main one first: that of
// the truth, or the child and then its parents.
func (p *ExamplesPlan) written() []int {
	t := &p.Trio
	switch {
	case t.Call != "":
		return []int{slices.Index(roleNames[:], t.Call)}
	case p.Training.Truth != "":
		for i, parent := range t.Parents {
			if t.Train != "" && t.Train == parent.Sample {
				return []int{[]int{parent1, parent2}[i]}
			}
		}
		return []int{child}
	case p.Sweep != "", t.SkipParents:
		return []int{child}
	}
	roles := []int{child}
	for i, parent := range t.Parents {
		if len(parent.Reads) > 0 {
			roles = append(roles, []int{parent1, parent2}[i])
		}
	}
	return roles
}

// orderOf is the samples of the pictures about a role from top to bottom: about
// the second parent the parents change places.
func orderOf(role int) []int {
	if role == parent2 {
		return []int{parent2, child, parent1}
	}
	return []int{parent1, child, parent2}
}

// pictures are the options of pictures, with a part for each of the family.
func (p *ExamplesPlan) pictures() image.Options {
	o := p.Image
	if !p.Trio.Wanted() {
		return o
	}
	height := func(h int) int {
		if h == 0 {
			return sampleHeight
		}
		return h
	}
	parent := height(p.Trio.ParentHeight)
	o.Heights = []int{parent1: parent, child: height(p.Trio.ChildHeight), parent2: parent}
	o.Height = o.Heights[parent1] + o.Heights[child] + o.Heights[parent2]
	return o
}

// validate reports what is wrong with the parents of a plan.
func (t *TrioPlan) validate(p *ExamplesPlan) error {
	var errs []error
	fault := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if !t.Wanted() {
		rest := *t
		rest.Parents = [2]ParentPlan{}
		if !reflect.DeepEqual(rest, TrioPlan{}) || t.Parents[0].given() || t.Parents[1].given() {
			fault("options of a trio without reads-parent1 and reads-parent2")
		}
		return errors.Join(errs...)
	}
	for name, f := range map[string]float64{"downsample-fraction-child": t.DownsampleChild, "downsample-fraction-parents": t.DownsampleParents} {
		if !(f >= 0 && f <= 1) {
			fault("%s %v: want 0 to 1", name, f)
		}
	}
	if p.Options.Downsample != 0 {
		fault("downsample-fraction: of a trio want downsample-fraction-child or downsample-fraction-parents")
	}
	if n := len(p.Image.Coverages); n != 0 && n != len(roleNames) {
		fault("mean-coverage-per-sample: %d values, want one, or one for each of %s", n, strings.Join(roleNames[:], ", "))
	}
	for _, x := range []struct{ name, sample string }{{"sample-name-parent1", t.Parents[0].Sample}, {"sample-name-parent2", t.Parents[1].Sample}} {
		if strings.ContainsAny(x.sample, "\t\n\r") {
			fault("%s %q: a name has no tabs and no line ends", x.name, x.sample)
		}
	}
	if t.Train != "" && p.Training.Truth == "" {
		fault("sample-name-to-train %s without a truth", t.Train)
	}
	if t.Train != "" && !slices.Contains([]string{p.Options.Sample, t.Parents[0].Sample, t.Parents[1].Sample}, t.Train) {
		fault("sample-name-to-train %s: want the name that sample-name, sample-name-parent1 or sample-name-parent2 gives", t.Train)
	}
	if t.Call != "" && !slices.Contains(roleNames[:], t.Call) {
		fault("sample to call %q: want %s", t.Call, strings.Join(roleNames[:], ", "))
		return errors.Join(errs...)
	}
	for _, role := range p.written() {
		if len(p.reads(role)) == 0 {
			fault("%s has no reads to make examples of", roleNames[role])
		}
		if p.Proposed != "" && p.Training.Truth == "" && p.proposed(role) == "" {
			fault("proposed-variants-%s is missing: all whose examples are written want their own, or skip-parent-calling", roleNames[role])
		}
	}
	return errors.Join(errs...)
}

// given says whether anything is said of a parent.
func (p *ParentPlan) given() bool { return len(p.Reads) > 0 || p.Sample != "" || p.Proposed != "" }

// parent is the parent of a role, nil for the child.
func (t *TrioPlan) parent(role int) *ParentPlan {
	switch role {
	case parent1:
		return &t.Parents[0]
	case parent2:
		return &t.Parents[1]
	}
	return nil
}

// reads are the files of a role.
func (p *ExamplesPlan) reads(role int) []string {
	if x := p.Trio.parent(role); x != nil {
		return x.Reads
	}
	return p.Reads
}

// proposed is the VCF of the candidates of a role; in training that is the truth
// for all.
func (p *ExamplesPlan) proposed(role int) string {
	if x := p.Trio.parent(role); x != nil && p.Training.Truth == "" {
		return x.Proposed
	}
	return p.Proposed
}

// readsName is how labelled examples name their reads.
func (p *ExamplesPlan) readsName() string {
	base := func(paths []string) string {
		if len(paths) == 0 {
			return "None"
		}
		var names []string
		for _, path := range paths {
			names = append(names, filepath.Base(path))
		}
		return strings.Join(names, ",")
	}
	if !p.Trio.Wanted() {
		return base(p.Reads)
	}
	return base(p.Reads) + "|" + base(p.Trio.Parents[0].Reads) + "|" + base(p.Trio.Parents[1].Reads)
}

// outputsOf are the names of the outputs of a role by kind. Where several are
// written each has its role in its name, before .tfrecord where that stands
// there: e_child.tfrecord.gz.
func (p *ExamplesPlan) outputsOf(role int) []string {
	names := p.outputs()
	if len(p.written()) < 2 {
		return names
	}
	for k, name := range names {
		switch {
		case name == "":
		case k == toRuntimes: // that of all of them
			if role != child {
				names[k] = ""
			}
		default:
			names[k] = withRole(name, roleNames[role])
		}
	}
	return names
}

// withRole puts a role into the name of an output: before its number of files
// or .tfrecord, whichever comes first, or before its suffix.
func withRole(name, role string) string {
	base := path.Base(name)
	at := len(base)
	for _, sign := range []string{".tfrecord", "@"} {
		if i := strings.Index(base, sign); i >= 0 {
			at = min(at, i)
		}
	}
	if i := strings.Index(base, "."); at == len(base) && i > 0 {
		at = i
	}
	at += len(name) - len(base)
	return name[:at] + "_" + role + name[at:]
}
