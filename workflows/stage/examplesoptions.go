package stage

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/pileup/realign"
)

// ExamplesOptions are all that decides what `gx examples` writes in the mode
// calling or training, beside its inputs, under the names of its flags.
type ExamplesOptions struct {
	CallOptions
	Channels    string  `json:"channels,omitempty"`
	Width       int     `json:"pileup_image_width"`
	Height      int     `json:"pileup_image_height"`
	Buffer      int     `json:"read_overlap_buffer_bp"`
	Alleles     string  `json:"multi_allelic_mode"`
	Alt         string  `json:"alt_aligned_pileup"`
	AltTypes    string  `json:"types_to_alt_align"`
	Sort        bool    `json:"sort_by_haplotypes,omitempty"`
	Polish      int     `json:"hp_tag_for_assembly_polishing,omitempty"`
	OtherColor  bool    `json:"add_supporting_other_alt_color,omitempty"`
	Trim        bool    `json:"trim_reads_for_pileup,omitempty"`
	Spanning    bool    `json:"keep_only_window_spanning_reads,omitempty"`
	Uneven      bool    `json:"use_non_uniform_downsampling,omitempty"`
	PerAllele   int     `json:"non_uniform_downsampling_threshold"`
	Coverage    string  `json:"mean_coverage_per_sample,omitempty"`
	Frequency   bool    `json:"use_allele_frequency,omitempty"`
	Sequencing  string  `json:"sequencing_type"`
	Normalize   bool    `json:"normalize_reads,omitempty"`
	TrackRef    bool    `json:"track_ref_reads,omitempty"`
	Phase       bool    `json:"phase_reads,omitempty"`
	PhaseMax    int     `json:"phase_max_candidates"`
	Reverse     bool    `json:"reverse_haplotypes,omitempty"`
	TellPhase   bool    `json:"output_phase_info,omitempty"`
	MaxDepth    int     `json:"max_reads_for_dynamic_bases_per_region,omitempty"`
	Legacy      bool    `json:"keep_legacy_allele_counter_behavior,omitempty"`
	Tags        bool    `json:"parse_sam_aux_fields"`
	Complex     bool    `json:"create_complex_alleles,omitempty"`
	Methylation bool    `json:"enable_methylation_calling,omitempty"`
	Threshold   float64 `json:"methylation_calling_threshold,omitempty"`
	RefSites    float64 `json:"training_random_emit_ref_sites,omitempty"`
	Labeler     string  `json:"labeler_algorithm,omitempty"`
	Classes     string  `json:"customized_classes_labeler_classes_list,omitempty"`
	ClassField  string  `json:"customized_classes_labeler_info_field_name,omitempty"`
	Keep        string  `json:"downsample_classes,omitempty"`
	Multiplier  float32 `json:"vsc_min_fraction_multiplier,omitempty"`
	OtherSNPs   float32 `json:"vsc_max_fraction_snps_for_non_target_sample,omitempty"`
	OtherIndels float32 `json:"vsc_max_fraction_indels_for_non_target_sample,omitempty"`

	// Of a trio. A step of a plan writes the examples of one of it.
	Parent1      string  `json:"sample_name_parent1,omitempty"`
	Parent2      string  `json:"sample_name_parent2,omitempty"`
	ChildHeight  int     `json:"pileup_image_height_child,omitempty"`
	ParentHeight int     `json:"pileup_image_height_parent,omitempty"`
	DownChild    float64 `json:"downsample_fraction_child,omitempty"`
	DownParents  float64 `json:"downsample_fraction_parents,omitempty"`
	Train        string  `json:"sample_name_to_train,omitempty"`
	Joint        bool    `json:"enable_joint_realignment,omitempty"`
	Role         string  `json:"role,omitempty"` // parent1, child or parent2; empty: the child
}

// DefaultExamplesOptions are the defaults of `gx examples`.
func DefaultExamplesOptions() ExamplesOptions {
	img := image.Defaults(image.V19)
	return ExamplesOptions{CallOptions: DefaultCallOptions(), Width: img.Width, Height: img.Height, Buffer: img.Buffer, Alleles: AlleleModes[0], Alt: "none", AltTypes: "indels",
		PerAllele: PerAllele, Tags: true, Sequencing: Sequencings[0], PhaseMax: realign.MaxPhaseCandidates}
}

// The words of some options, in the order of the numbers that they stand for.
var (
	Sequencings = []string{"unspecified", "wgs", "wes", "trio"}
	AlleleModes = []string{"add_het_alt_images", "exclude_het_alt_images"}
)

// PerAllele is the default of non_uniform_downsampling_threshold.
const PerAllele = 3

// plan is a run with these options, without names of files.
func (o *ExamplesOptions) plan() (ExamplesPlan, error) {
	img := image.Defaults(image.V19)
	img.Width, img.Height, img.Buffer, img.SortByHaplotypes, img.OtherAltColor, img.TrimReads = o.Width, o.Height, o.Buffer, o.Sort, o.OtherColor, o.Trim
	img.MinMapQ, img.MinBaseQ, img.PolishHaplotype, img.Spanning = o.MinMapQ, o.MinBaseQ, o.Polish, o.Spanning
	p := ExamplesPlan{Options: o.CallOptions, Normalize: o.Normalize, Legacy: o.Legacy, NoTags: !o.Tags, TrackRef: o.TrackRef, MaxDepth: o.MaxDepth, RefSites: o.RefSites,
		Phase: PhasePlan{Reads: o.Phase, Tell: o.TellPhase, Reverse: o.Reverse, Max: o.PhaseMax}, Complex: o.Complex, Methylation: o.Methylation, Threshold: o.Threshold,
		Multiplier: o.Multiplier, OtherSNPs: o.OtherSNPs, OtherIndels: o.OtherIndels,
		Training: TrainingPlan{Labeler: o.Labeler, ClassField: o.ClassField},
		Trio: TrioPlan{ChildHeight: o.ChildHeight, ParentHeight: o.ParentHeight, DownsampleChild: o.DownChild, DownsampleParents: o.DownParents,
			Train: o.Train, Joint: o.Joint, Call: o.Role}}
	p.Trio.Parents[0].Sample, p.Trio.Parents[1].Sample = o.Parent1, o.Parent2
	if o.Classes != "" {
		p.Training.Classes = strings.Split(o.Classes, ",")
	}
	var errs []error
	list := func(name, text string) []float64 {
		numbers, err := Numbers(name, text)
		errs = append(errs, err)
		return numbers
	}
	p.Training.Keep = list("downsample-classes", o.Keep)
	words := ImageWords{Channels: o.Channels, Alt: o.Alt, AltTypes: o.AltTypes, Alleles: o.Alleles, Sequencing: o.Sequencing, Coverage: o.Coverage, Frequency: o.Frequency}
	if o.Uneven {
		img.MinPerAllele = o.PerAllele
	}
	var err error
	p.Image, p.Sequencing, err = words.Apply(img, o.Compat)
	return p, errors.Join(append(errs, err)...)
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
	p.Training.Truth, p.Training.Confident, p.Training.Denovo, p.Proposed = t.in("truth"), t.in("confident"), t.in("denovo_regions"), t.in("proposed_variants")
	p.Population = t.In["population_vcfs"]
	for i := range p.Trio.Parents {
		x, role := &p.Trio.Parents[i], roleNames[[]int{parent1, parent2}[i]]
		x.Reads, x.Proposed = t.In["reads_"+role], t.in("proposed_variants_"+role)
	}
	p.Trio.SkipParents = p.Trio.Wanted() && p.Training.Truth == ""
}
