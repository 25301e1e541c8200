package stage

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/image"
)

// ExamplesPlan is a run of `gx examples`. Names may have @N, and then stand for
// N files into which the cells go in turn; an empty name is not wanted.
type ExamplesPlan struct {
	Ref        string
	Reads      []string
	Out        string // tf.Examples
	Candidates string // DeepVariantCalls
	Blocks     string // reference blocks as Variants
	Sweep      string // positions of candidates, as numbers
	Runtimes   string // what each stretch of the genome cost, as a table (runtime_by_region)
	RunInfo    bool   // beside each file of examples, what it holds (write_run_info)

	Options    CallOptions
	Normalize  bool
	Legacy     bool          // keep_legacy_allele_counter_behavior
	TrackRef   bool          // track_ref_reads
	NoTags     bool          // tags of reads are not looked at (parse_sam_aux_fields false)
	Phase      PhasePlan     // of long reads
	MaxDepth   int           // max_reads_for_dynamic_bases_per_region
	RefSites   float64       // training_random_emit_ref_sites
	Image      image.Options // Options of pictures
	Sequencing int           // sequencing_type, as examples tell it
	Positions  string        // a sweep of an earlier run, by which partitions are cut (candidate_positions)
	Population []string      // VCFs of the frequencies of alleles (population_vcfs)
	Training   TrainingPlan  // labelled examples, where a truth is named
	Proposed   string        // VCF whose records are the candidates (vcf_candidate_importer)
	Trio       TrioPlan      // parents, whose reads are drawn beside those of Reads
	Complex    bool          // what reads show under a deletion is one allele (create_complex_alleles)

	Methylation bool    // enable_methylation_calling
	Threshold   float64 // methylation_calling_threshold; 0: the default

	// What other samples say of candidates; candidate.Options has more of them.
	Multiplier  float32 // vsc_min_fraction_multiplier; 0: TrioMultiplier
	OtherSNPs   float32 // vsc_max_fraction_snps_for_non_target_sample
	OtherIndels float32 // vsc_max_fraction_indels_for_non_target_sample
}

// PhasePlan says how long reads are sorted into haplotypes.
type PhasePlan struct {
	Reads   bool // phase_reads
	Tell    bool // examples tell the haplotypes of alleles (output_phase_info)
	Reverse bool // reverse_haplotypes
	Max     int  // phase_max_candidates; 0: the default
}

// Validate reports all faults of the plan, beside those of its inputs.
func (p *ExamplesPlan) Validate() error {
	pictures := p.pictures()
	errs := []error{p.Options.validate(p.edit), pictures.Validate(), p.Training.Validate(), p.Trio.validate(p)}
	fault := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if p.Training.Truth != "" && (p.Blocks != "" || p.Sweep != "") {
		fault("reference blocks and positions of candidates are written without a truth only")
	}
	if p.Threshold != 0 && !p.Methylation {
		fault("methylation-calling-threshold: want enable-methylation-calling as well")
	}
	if p.Complex && !p.TrackRef && !p.Methylation {
		fault("create-complex-alleles: want track-ref-reads as well: a read counts by what it shows at the first base")
	}
	if !p.Trio.Wanted() && (p.Multiplier != 0 || p.OtherSNPs != 0 || p.OtherIndels != 0) {
		fault("vsc-min-fraction-multiplier, vsc-max-fraction-*-for-non-target-sample: there is no sample beside the one; want reads-parent1 or reads-parent2")
	}
	if len(p.Image.Coverages) > 0 && !p.Trio.Wanted() {
		fault("mean-coverage-per-sample: %d values for one sample", len(p.Image.Coverages))
	}
	if p.Phase.Tell && !p.Phase.Reads {
		fault("output-phase-info: want phase-reads as well")
	}
	if p.Positions != "" && p.Options.Compat == "" {
		fault("candidate-positions %s: partitions are cut by them under --compat only; the grid of gx itself is fixed", p.Positions)
	}
	if p.RunInfo && p.Out == "" {
		fault("write-run-info: it tells of examples, which are not written")
	}
	if slices.Contains(p.Image.Channels, image.AlleleFrequency) && len(p.Population) == 0 {
		fault("channel allele_frequency: want --population-vcfs, which tell the frequencies")
	}
	return errors.Join(errs...)
}

// edit makes the options of pileups those of the plan.
func (p *ExamplesPlan) edit(o *pileup.Options) {
	o.Normalize, o.Count.Legacy = p.Normalize, p.Legacy
	o.NoTags = p.NoTags
	o.TrackRef, o.MaxBasesPerBase, o.RefSites = p.TrackRef, p.MaxDepth, p.RefSites
	o.Phase, o.ReverseHaplotypes = p.Phase.Reads, p.Phase.Reverse
	if o.Count.Methylation, o.Candidate.Methylation = p.Methylation, p.Methylation; p.Threshold != 0 {
		o.Count.MethylationThreshold = p.Threshold
	}
	if p.Complex {
		if o.Candidate.Complex = candidate.JoinComplex; o.Compat != pileup.Default {
			o.Candidate.Complex = candidate.JoinAsDeepVariant
		}
	}
	if p.Trio.Wanted() {
		o.Candidate.FractionMultiplier = TrioMultiplier
	}
	if p.Multiplier != 0 {
		o.Candidate.FractionMultiplier = p.Multiplier
	}
	o.Candidate.MaxFractionOtherSNPs, o.Candidate.MaxFractionOtherIndels = p.OtherSNPs, p.OtherIndels
	if p.Phase.Max != 0 {
		o.PhaseMax = p.Phase.Max
	}
	if o.Realign != nil {
		o.Realign.Normalized = p.Normalize
	}
	if p.Sweep != "" { // candidates of the reads as they are
		o.Realign, o.MaxReads = nil, 0
	}
}
