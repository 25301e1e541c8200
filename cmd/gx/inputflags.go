package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/workflows/stage"
)

// inputFlags are the flags of all commands that go through reads: which reads,
// where, and how they become candidates.
type inputFlags struct {
	o     *stage.CallOptions
	ref   string
	paths []string

	reads, regions, exclude      cli.StringSlice
	fractionSNPs, fractionIndels float64
	realign                      bool
}

// first are the flags that every run needs.
func (f *inputFlags) first() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "ref", Usage: "reference `FASTA`, plain or bgzip; its index is made where absent", Destination: &f.ref},
		&cli.StringSliceFlag{Name: "reads", Usage: "aligned, sorted, indexed reads of one sample (`BAM`); several files by comma", Destination: &f.reads},
		&cli.StringSliceFlag{Name: "regions", Aliases: []string{"r"}, Usage: "only here: chr20, chr20:1,000-2,000 (1-based) or a BED file; several by comma", Destination: &f.regions},
		&cli.StringSliceFlag{Name: "exclude-regions", Usage: "not here; as --regions", Destination: &f.exclude},
		&cli.StringFlag{Name: "sample", Aliases: []string{"sample-name"}, Usage: "the sample's name; default: that of the @RG lines", Destination: &f.o.Sample},
		&cli.StringFlag{Name: "compat", Usage: "keep every quirk of DeepVariant: 1.5 or 1.9", Destination: &f.o.Compat},
	}
}

// rest are those of make_examples, under its names.
func (f *inputFlags) rest() []cli.Flag {
	o := f.o
	f.fractionSNPs, f.fractionIndels = float64(o.MinFractionSNPs), float64(o.MinFractionIndels)
	return slices.Concat([]cli.Flag{
		&cli.BoolFlag{Name: "realign-reads", Usage: "set reads anew where several disagree with the reference", Value: true, Destination: &f.realign},
		&cli.IntFlag{Name: "partition-size", Usage: "bases of a cell", Value: o.CellSize, Destination: &o.CellSize},
		&cli.IntFlag{Name: "max-reads-per-partition", Usage: "most reads of a cell; 0 is no bound", Value: o.MaxReads, Destination: &o.MaxReads},
		&cli.IntFlag{Name: "min-mapping-quality", Usage: "reads below are left out", Value: o.MinMapQ, Destination: &o.MinMapQ},
		&cli.IntFlag{Name: "min-base-quality", Usage: "bases below count nowhere", Value: o.MinBaseQ, Destination: &o.MinBaseQ},
		&cli.IntFlag{Name: "vsc-min-count-snps", Usage: "reads that make a candidate", Value: o.MinCountSNPs, Destination: &o.MinCountSNPs},
		&cli.IntFlag{Name: "vsc-min-count-indels", Usage: "the same for insertions and deletions", Value: o.MinCountIndels, Destination: &o.MinCountIndels},
		&cli.Float64Flag{Name: "vsc-min-fraction-snps", Usage: "share of the reads that makes a candidate", Value: f.fractionSNPs, Destination: &f.fractionSNPs},
		&cli.Float64Flag{Name: "vsc-min-fraction-indels", Usage: "the same for insertions and deletions", Value: f.fractionIndels, Destination: &f.fractionIndels},
		&cli.BoolFlag{Name: "keep-duplicates", Usage: "use reads marked as duplicates", Destination: &o.KeepDuplicates},
		&cli.BoolFlag{Name: "keep-failed-vendor-quality-checks", Usage: "use reads that failed the checks of the sequencer", Destination: &o.KeepFailedQC},
		&cli.BoolFlag{Name: "keep-secondary-alignments", Usage: "use secondary alignments", Destination: &o.KeepSecondary},
		&cli.BoolFlag{Name: "keep-supplementary-alignments", Usage: "use supplementary alignments", Destination: &o.KeepSupplementary},
		&cli.BoolFlag{Name: "keep-improperly-placed", Usage: "use reads whose mate lies on another contig", Destination: &o.KeepMisplaced},
		&cli.BoolFlag{Name: "keep-unaligned", Usage: "use reads that are placed by their mates only", Destination: &o.KeepUnaligned},
		&cli.BoolFlag{Name: "use-original-quality-scores", Usage: "base qualities are those of the tag OQ, where a read has it", Destination: &o.OriginalQuals},
		&cli.BoolFlag{Name: "split-skip-reads", Usage: "part reads where they skip reference, as those of RNA do", Destination: &o.SplitSkips},
		&cli.Float64Flag{Name: "downsample-fraction", Usage: "share of the fragments to use, chosen by their names; 0 is all", Destination: &o.Downsample},
		&cli.BoolFlag{Name: "discard-non-dna-regions", Usage: "leave out where the reference has 300,000 or more N in a row", Destination: &o.NoGaps},
		&cli.StringFlag{Name: "select-variant-types", Usage: "only candidates of these types: snps, indels, insertions, deletions, multi-allelics; several by blanks", Destination: &o.Types},
	}, realignFlags(&o.Realign))
}

// realignFlags are those of the realigner.
func realignFlags(o *realign.Options) []cli.Flag {
	number := func(name, usage string, to *int) cli.Flag {
		return &cli.IntFlag{Name: name, Usage: usage, Value: *to, Destination: to}
	}
	choice := func(name, usage string, to *bool) cli.Flag {
		return &cli.BoolFlag{Name: name, Usage: usage, Destination: to}
	}
	w, g, a := &o.Window, &o.Graph, &o.Align
	return []cli.Flag{
		number("max-read-length-to-realign", "longer reads stay as they are; 0 is no bound", &o.MaxReadLen),
		choice("realign-all", "partitions are the only windows (with --compat)", &o.WholeRegion),
		number("ws-min-mapq", "reads below open no window", &w.MinMapQ),
		number("ws-min-base-quality", "bases below open no window", &w.MinBaseQ),
		number("ws-min-num-supporting-reads", "reads against the reference that open a window", &w.MinReads),
		number("ws-max-num-supporting-reads", "so many at the most", &w.MaxReads),
		number("ws-min-windows-distance", "bases beside these positions that belong to a window", &w.Distance),
		number("ws-max-window-size", "longer windows are left alone", &w.MaxSize),
		number("ws-region-expansion-in-bp", "bases beside a partition that are looked at (with --compat)", &w.Expand),
		choice("enable-strict-insertion-filter", "insertions of one base need 8% of the reads", &w.StrictInsertions),
		choice("ws-use-window-selector-model", "a linear model opens windows", &w.Linear),
		number("dbg-min-k", "shortest words of the graph", &g.MinK),
		number("dbg-max-k", "longest words", &g.MaxK),
		number("dbg-step-k", "by how much they are made longer", &g.StepK),
		number("dbg-min-mapq", "reads below are not in the graph", &g.MinMapQ),
		number("dbg-min-base-quality", "nor are bases below", &g.MinBaseQ),
		number("dbg-min-edge-weight", "reads that make an edge", &g.MinEdgeWeight),
		number("dbg-max-num-paths", "more paths are too many", &g.MaxPaths),
		number("aln-match", "gain of a match", &a.Match),
		number("aln-mismatch", "loss of a mismatch", &a.Mismatch),
		number("aln-gap-open", "loss of a gap of one base", &a.GapOpen),
		number("aln-gap-extend", "loss of every further base", &a.GapExtend),
		number("kmer-size", "words by which reads are found on haplotypes", &a.K),
		number("max-num-mismatches", "of a read set on a haplotype without gaps", &a.MaxMismatches),
	}
}

// apply moves the flags into the options.
func (f *inputFlags) apply() {
	f.paths = split(f.reads.Value())
	f.o.Regions, f.o.Exclude = splitRegions(f.regions.Value()), splitRegions(f.exclude.Value())
	f.o.MinFractionSNPs, f.o.MinFractionIndels = float32(f.fractionSNPs), float32(f.fractionIndels)
	f.o.NoRealign = !f.realign
}

// missingFlags has an error for every flag, given as name and value, that has
// no value.
func missingFlags(pairs ...string) []error {
	var errs []error
	for i := 0; i < len(pairs); i += 2 {
		switch value := pairs[i+1]; {
		case value == "":
			errs = append(errs, fmt.Errorf("--%s is missing", pairs[i]))
		case pairs[i] == "out" && strings.HasSuffix(value, "/"):
			errs = append(errs, fmt.Errorf("--out %s: want a name, not a folder", value))
		}
	}
	return errs
}
