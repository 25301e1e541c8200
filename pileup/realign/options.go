package realign

import (
	"errors"
	"fmt"
)

// Version is the release of DeepVariant whose rules apply where they differ.
type Version int

// The releases that differ.
const (
	V15 Version = 15
	V19 Version = 19
)

// Options are the rules of realignment. Their JSON has the names of the flags of
// make_examples where there is one.
type Options struct {
	Version Version `json:"-"`

	// ByPartition takes the region of Realign as DeepVariant's partition: reads
	// and windows end there, and the reads come back in DeepVariant's order.
	ByPartition bool `json:"-"`

	MaxReadLen  int  `json:"max_read_length_to_realign"` // longer reads stay as they are; 0 = no bound
	Normalized  bool `json:"-"`                          // reads are normalised afterwards (normalize_reads): no veto against shifted indels
	WholeRegion bool `json:"realign_all,omitempty"`      // the partition is the only window; wants ByPartition

	Window WindowOptions `json:"window"`
	Graph  GraphOptions  `json:"graph"`
	Align  AlignOptions  `json:"align"`
}

// WindowOptions say where reads are worth realigning.
type WindowOptions struct {
	MinMapQ  int `json:"ws_min_mapq"`
	MinBaseQ int `json:"ws_min_base_quality"` // of the mean of an event's bases
	MinReads int `json:"ws_min_num_supporting_reads"`
	MaxReads int `json:"ws_max_num_supporting_reads"`
	Distance int `json:"ws_min_windows_distance"`   // bases on both sides of a window's positions
	MaxSize  int `json:"ws_max_window_size"`        // longer windows are dropped
	Expand   int `json:"ws_region_expansion_in_bp"` // bases beside a partition that are counted too

	StrictInsertions bool `json:"enable_strict_insertion_filter,omitempty"` // insertions of one base need 8% of the reads
	Linear           bool `json:"ws_use_window_selector_model,omitempty"`   // score of a linear model instead of counts
}

// GraphOptions are the rules of the de Bruijn graph.
type GraphOptions struct {
	MinK          int `json:"dbg_min_k"`
	MaxK          int `json:"dbg_max_k"`
	StepK         int `json:"dbg_step_k"`
	MinMapQ       int `json:"dbg_min_mapq"`
	MinBaseQ      int `json:"dbg_min_base_quality"`
	MinEdgeWeight int `json:"dbg_min_edge_weight"`
	MaxPaths      int `json:"dbg_max_num_paths"`
}

// AlignOptions are the scores of alignment. A gap of n bases costs GapOpen +
// (n-1) GapExtend.
type AlignOptions struct {
	Match         int `json:"aln_match"`
	Mismatch      int `json:"aln_mismatch"` // loss, positive
	GapOpen       int `json:"aln_gap_open"`
	GapExtend     int `json:"aln_gap_extend"`
	K             int `json:"kmer_size"`          // of the index of reads
	MaxMismatches int `json:"max_num_mismatches"` // of an alignment without gaps
}

// Defaults is DeepVariant's default of a release, with windows found on the
// contig.
func Defaults(v Version) Options {
	return Options{
		Version:    v,
		MaxReadLen: 500,
		Window:     WindowOptions{MinMapQ: 20, MinBaseQ: 20, MinReads: 2, MaxReads: 300, Distance: 80, MaxSize: 1000, Expand: 20},
		Graph:      GraphOptions{MinK: 10, MaxK: 101, StepK: 1, MinMapQ: 14, MinBaseQ: 15, MinEdgeWeight: 2, MaxPaths: 256},
		Align:      AlignOptions{Match: 4, Mismatch: 6, GapOpen: 8, GapExtend: 2, K: 32, MaxMismatches: 2},
	}
}

// Validate reports all faults of the options.
func (o *Options) Validate() error {
	var errs []error
	check := func(name string, v, lo, hi int) {
		if v < lo || v > hi {
			errs = append(errs, fmt.Errorf("%s %d: want %d to %d", name, v, lo, hi))
		}
	}
	if o.Version != V15 && o.Version != V19 {
		errs = append(errs, fmt.Errorf("realigner version %d: want %d or %d", o.Version, V15, V19))
	}
	if o.WholeRegion && !o.ByPartition {
		errs = append(errs, errors.New("realign-all: it wants windows by partition"))
	}
	check("max-read-length-to-realign", o.MaxReadLen, 0, 1<<20)
	check("ws-min-mapq", o.Window.MinMapQ, 0, 255)
	check("ws-min-base-quality", o.Window.MinBaseQ, 0, 255)
	check("ws-min-num-supporting-reads", o.Window.MinReads, 0, 1<<30)
	check("ws-max-num-supporting-reads", o.Window.MaxReads, o.Window.MinReads, 1<<30)
	check("ws-min-windows-distance", o.Window.Distance, 1, 500)
	check("ws-max-window-size", o.Window.MaxSize, 1, 4000)
	check("ws-region-expansion-in-bp", o.Window.Expand, 0, 1000)
	check("dbg-min-k", o.Graph.MinK, 1, 1000)
	check("dbg-max-k", o.Graph.MaxK, o.Graph.MinK, 1000)
	check("dbg-step-k", o.Graph.StepK, 1, 1000)
	check("dbg-min-mapq", o.Graph.MinMapQ, 0, 255)
	check("dbg-min-base-quality", o.Graph.MinBaseQ, 0, 255)
	check("dbg-min-edge-weight", o.Graph.MinEdgeWeight, 0, 1<<30)
	check("dbg-max-num-paths", o.Graph.MaxPaths, 1, 1024)
	check("aln-match", o.Align.Match, 1, 20)
	check("aln-mismatch", o.Align.Mismatch, 1, 100)
	check("aln-gap-open", o.Align.GapOpen, 1, 100)
	check("aln-gap-extend", o.Align.GapExtend, 1, o.Align.GapOpen)
	check("kmer-size", o.Align.K, 3, 32)
	check("max-num-mismatches", o.Align.MaxMismatches, 0, 100)
	return errors.Join(errs...)
}
