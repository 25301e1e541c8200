package stage

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/variant/genotype"
	"github.com/gx-genomics/gx/variant/gvcf"
	"github.com/gx-genomics/gx/workflows/models"
)

// CallOptions are all that decides what `gx call` writes, beside its inputs.
// They are the options of a Task of the stage "call", and stand in the header
// of what is written.
type CallOptions struct {
	Compat  string   `json:"compat,omitempty"`
	Model   string   `json:"model"`
	Sample  string   `json:"sample,omitempty"`  // empty: from the @RG lines
	Regions []string `json:"regions,omitempty"` // contig, contig:from-to, or a BED file; empty: everything
	Exclude []string `json:"exclude_regions,omitempty"`

	GVCF      bool    `json:"gvcf,omitempty"`
	GVCFStyle string  `json:"gvcf_style,omitempty"` // deepvariant or gatk: the symbolic allele
	GQBin     int     `json:"gvcf_gq_binsize"`
	MedDP     bool    `json:"include_med_dp,omitempty"`
	ErrorRate float32 `json:"p_error"`

	QualFilter   float64 `json:"qual_filter"`
	HomRefMinGQ  int     `json:"cnn_homref_call_min_gq"`
	AltQual      float64 `json:"multi_allelic_qual_filter"`
	Mode         string  `json:"multiallelic_mode"`
	OnlyPass     bool    `json:"only_keep_pass,omitempty"`
	Candidates   string  `json:"debug_output_all_candidates,omitempty"` // INFO, ALT
	NoResolution bool    `json:"disable_haplotype_resolution,omitempty"`
	Ploidy

	NoRealign         bool    `json:"no_realign,omitempty"`
	CellSize          int     `json:"partition_size"`
	MaxReads          int     `json:"max_reads_per_partition"`
	MinMapQ           int     `json:"min_mapping_quality"`
	MinBaseQ          int     `json:"min_base_quality"`
	MinCountSNPs      int     `json:"vsc_min_count_snps"`
	MinCountIndels    int     `json:"vsc_min_count_indels"`
	MinFractionSNPs   float32 `json:"vsc_min_fraction_snps"`
	MinFractionIndels float32 `json:"vsc_min_fraction_indels"`
	KeepDuplicates    bool    `json:"keep_duplicates,omitempty"`
	KeepFailedQC      bool    `json:"keep_failed_vendor_quality_checks,omitempty"`
	KeepSecondary     bool    `json:"keep_secondary_alignments,omitempty"`
	KeepSupplementary bool    `json:"keep_supplementary_alignments,omitempty"`
	KeepMisplaced     bool    `json:"keep_improperly_placed,omitempty"`
	KeepUnaligned     bool    `json:"keep_unaligned,omitempty"`
	OriginalQuals     bool    `json:"use_original_quality_scores,omitempty"`
	SplitSkips        bool    `json:"split_skip_reads,omitempty"`
	Downsample        float64 `json:"downsample_fraction,omitempty"`
	NoGaps            bool    `json:"discard_non_dna_regions,omitempty"`
	Types             string  `json:"select_variant_types,omitempty"`

	Realign realign.Options `json:"realign"` // where NoRealign is not set
}

// DefaultCallOptions are the defaults of `gx call`.
func DefaultCallOptions() CallOptions {
	p, g, b := pileup.DefaultOptions(pileup.Default), genotype.Defaults(), gvcf.Defaults()
	return CallOptions{
		Model: models.WGS, GVCFStyle: "deepvariant",
		GQBin: b.BinSize, ErrorRate: b.ErrorRate,
		QualFilter: g.QualFilter, HomRefMinGQ: g.HomRefMinGQ, AltQual: g.AltQual, Mode: g.Mode.String(),
		CellSize: p.CellSize, MaxReads: p.MaxReads, MinMapQ: p.Filter.MinMappingQuality, MinBaseQ: p.Count.MinBaseQ,
		MinCountSNPs: p.Candidate.MinCountSNPs, MinCountIndels: p.Candidate.MinCountIndels,
		MinFractionSNPs: p.Candidate.MinFractionSNPs, MinFractionIndels: p.Candidate.MinFractionIndels,
		Realign: *p.Realign,
	}
}

// Validate reports all faults of the options at once.
func (o *CallOptions) Validate() error { return o.validate(func(*pileup.Options) {}) }

// validate is Validate where edit makes more of the options of pileups.
func (o *CallOptions) validate(edit func(*pileup.Options)) error {
	var errs []error
	errs = append(errs, checkModel(o.Model))
	if o.GVCFStyle != "deepvariant" && o.GVCFStyle != "gatk" {
		errs = append(errs, fmt.Errorf("gvcf-style %q: want deepvariant or gatk", o.GVCFStyle))
	}
	if strings.ContainsAny(o.Sample, "\t\n\r") {
		errs = append(errs, fmt.Errorf("sample %q: a name has no tabs and no line ends", o.Sample))
	}
	p, err := o.pileup()
	errs = append(errs, err)
	if edit(&p); err == nil {
		errs = append(errs, p.Validate())
	}
	g, err := o.genotype()
	errs = append(errs, err)
	if err == nil {
		errs = append(errs, g.Validate())
	}
	b := o.blocks()
	return errors.Join(append(errs, b.Validate(), o.Ploidy.validate())...)
}

func (o *CallOptions) pileup() (pileup.Options, error) {
	compat, err := pileup.ParseCompat(o.Compat)
	p := pileup.DefaultOptions(compat)
	p.CellSize, p.MaxReads = o.CellSize, o.MaxReads
	p.Filter = pileup.Filter{KeepDuplicates: o.KeepDuplicates, KeepFailedQC: o.KeepFailedQC, KeepSecondaryAlignments: o.KeepSecondary,
		KeepSupplementaryAlignments: o.KeepSupplementary, KeepImproperlyPlaced: o.KeepMisplaced, KeepUnaligned: o.KeepUnaligned, MinMappingQuality: o.MinMapQ}
	p.OriginalQuals, p.SplitSkips, p.Downsample = o.OriginalQuals, o.SplitSkips, o.Downsample
	p.Count.MinMapQ, p.Count.MinBaseQ = o.MinMapQ, o.MinBaseQ
	p.Candidate.MinCountSNPs, p.Candidate.MinCountIndels = o.MinCountSNPs, o.MinCountIndels
	p.Candidate.MinFractionSNPs, p.Candidate.MinFractionIndels = o.MinFractionSNPs, o.MinFractionIndels
	r := o.Realign
	r.Version, r.ByPartition = p.Realign.Version, p.Realign.ByPartition
	if p.Realign = &r; o.NoRealign {
		p.Realign = nil
	}
	var errTypes error
	p.Types, errTypes = candidate.ParseTypes(o.Types)
	return p, errors.Join(err, errTypes)
}

// genotype gives the options without what follows from the contigs of the
// reference: see Ploidy.on.
func (o *CallOptions) genotype() (genotype.Options, error) {
	g := genotype.Defaults()
	mode, err := genotype.ParseMode(o.Mode)
	g.Mode, g.AltQual, g.QualFilter, g.HomRefMinGQ = mode, o.AltQual, o.QualFilter, o.HomRefMinGQ
	g.NoResolve, g.Compat = o.NoResolution, o.Compat != ""
	var bad error
	g.Candidates, bad = genotype.ParseCandidates(o.Candidates)
	return g, errors.Join(err, bad)
}

func (o *CallOptions) blocks() gvcf.Options {
	b := gvcf.Defaults()
	b.BinSize, b.MedDP, b.ErrorRate, b.FirstGL = o.GQBin, o.MedDP, o.ErrorRate, o.Compat == "1.5"
	return b
}

// canonical is the command as it stands in the header of what was written:
// stage, version, inputs by base name and digest, and the options that are not
// the defaults, sorted. Nothing in it depends on where and how fast the run
// was.
func canonical(stage string, inputs []Input, options, defaults any) (string, error) {
	changed, err := differences(options, defaults)
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(struct {
		Stage   string         `json:"stage"`
		Version string         `json:"version"`
		Inputs  []Input        `json:"inputs"`
		Options map[string]any `json:"options,omitempty"` // encoding/json sorts the keys
	}{stage, Version, inputs, changed})
	return string(b), err
}

func differences(options, defaults any) (map[string]any, error) {
	var a, b map[string]any
	for _, x := range []struct {
		from any
		to   *map[string]any
	}{{options, &a}, {defaults, &b}} {
		text, err := json.Marshal(x.from)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(text, x.to); err != nil {
			return nil, err
		}
	}
	for k, v := range a {
		if w, ok := b[k]; ok && fmt.Sprint(v) == fmt.Sprint(w) {
			delete(a, k)
		}
	}
	return a, nil
}

// bedNames is the regions that are files.
func bedNames(lists ...[]string) []string {
	var out []string
	for _, list := range lists {
		for _, r := range list {
			if isBED(r) && !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	return out
}

func isBED(region string) bool {
	name := strings.TrimSuffix(region, ".gz")
	return strings.HasSuffix(name, ".bed") || strings.HasSuffix(name, ".bedpe")
}
