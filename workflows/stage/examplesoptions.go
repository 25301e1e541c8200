package stage

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/pileup/image"
)

// ExamplesOptions are all that decides what `gx examples` writes in the mode
// calling or training, beside its inputs.
type ExamplesOptions struct {
	CallOptions
	Channels   string `json:"channels,omitempty"`
	Width      int    `json:"pileup_image_width"`
	Height     int    `json:"pileup_image_height"`
	Buffer     int    `json:"read_overlap_buffer_bp"`
	Alt        string `json:"alt_aligned_pileup"`
	AltTypes   string `json:"types_to_alt_align"`
	Sort       bool   `json:"sort_by_haplotypes,omitempty"`
	OtherColor bool   `json:"add_supporting_other_alt_color,omitempty"`
	Normalize  bool   `json:"normalize_reads,omitempty"`
	TrackRef   bool   `json:"track_ref_reads,omitempty"`
	Phase      bool   `json:"phase_reads,omitempty"`
	TellPhase  bool   `json:"output_phase_info,omitempty"`
	Trim       bool   `json:"trim_reads_for_pileup,omitempty"`
	MaxDepth   int    `json:"max_reads_for_dynamic_bases_per_region,omitempty"`
	Legacy     bool   `json:"keep_legacy_allele_counter_behavior,omitempty"`
	Labeler    string `json:"labeler_algorithm,omitempty"`
}

// DefaultExamplesOptions are the defaults of `gx examples`.
func DefaultExamplesOptions() ExamplesOptions {
	img := image.Defaults(image.V19)
	return ExamplesOptions{CallOptions: DefaultCallOptions(), Width: img.Width, Height: img.Height, Buffer: img.Buffer, Alt: "none", AltTypes: "indels"}
}

// plan is a run with these options, without names of files.
func (o *ExamplesOptions) plan() (p ExamplesPlan, err error) {
	img := image.Defaults(image.V19)
	img.Width, img.Height, img.Buffer, img.SortByHaplotypes, img.OtherAltColor, img.TrimReads = o.Width, o.Height, o.Buffer, o.Sort, o.OtherColor, o.Trim
	img.MinMapQ, img.MinBaseQ = o.MinMapQ, o.MinBaseQ
	p = ExamplesPlan{Options: o.CallOptions, Normalize: o.Normalize, Legacy: o.Legacy, TrackRef: o.TrackRef, Phase: PhasePlan{Reads: o.Phase, Tell: o.TellPhase}, MaxDepth: o.MaxDepth,
		Training: TrainingPlan{Labeler: o.Labeler}}
	p.Image, err = ImageOptions(img, o.Compat, o.Channels, o.Alt, o.AltTypes)
	return p, err
}

// examplesTask is the plan of a task.
func examplesTask(t *Task) (ExamplesPlan, error) {
	o := DefaultExamplesOptions()
	if err := json.Unmarshal(optionsText(t), &o); err != nil {
		return ExamplesPlan{}, fmt.Errorf("options of the task: %w", err)
	}
	p, err := o.plan()
	p.name(t)
	return p, err
}

// name names the inputs and outputs of a task.
func (p *ExamplesPlan) name(t *Task) {
	p.Ref, p.Reads, p.Out, p.Candidates, p.Blocks = t.in("ref"), t.In["reads"], t.Out["out"], t.Out["candidates"], t.Out["blocks"]
	p.Training.Truth, p.Training.Confident, p.Proposed = t.in("truth"), t.in("confident"), t.in("proposed_variants")
}

// ImageOptions completes options by what stands for them in words: the
// channels by comma, how pictures of alternate alleles are made, and for which
// types.
func ImageOptions(img image.Options, compat, channels, alt, altTypes string) (image.Options, error) {
	img.Version = image.Own
	switch compat {
	case "1.5":
		img.Version, img.Channels = image.V15, image.Base()
	case "1.9", "deepvariant":
		img.Version = image.V19
	}
	var errs []error
	if channels != "" {
		list, err := image.ParseChannels(channels)
		if errs = append(errs, err); err == nil {
			img.Channels = list
		}
	}
	ways := []string{image.NoAlt: "none", image.AltRows: "rows", image.AltBase: "base_channels", image.AltDiff: "diff_channels"}
	if k := slices.Index(ways, alt); k >= 0 {
		img.AltAligned = image.AltAligned(k)
	} else {
		errs = append(errs, fmt.Errorf("alt-aligned-pileup %q: want %s", alt, strings.Join(ways, ", ")))
	}
	if altTypes != "indels" && altTypes != "all" {
		errs = append(errs, fmt.Errorf("types-to-alt-align %q: want indels or all", altTypes))
	}
	img.AltAlignAll = altTypes == "all"
	return img, errors.Join(errs...)
}
