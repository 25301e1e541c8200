package pileup

import (
	"testing"

	"github.com/gx-genomics/gx/variant/align"
)

func TestFilter(t *testing.T) {
	none, all := DefaultFilter(), Filter{KeepDuplicates: true, KeepFailedQC: true, KeepSecondaryAlignments: true, KeepSupplementaryAlignments: true,
		KeepUnaligned: true, KeepImproperlyPlaced: true}
	for _, k := range []struct {
		name string
		r    align.Read
		keep bool // by the default filter
		by   Filter
	}{
		{"a good read", align.Read{MapQ: 5}, true, none},
		{"mapping quality", align.Read{MapQ: 4}, false, Filter{MinMappingQuality: 4}},
		{"duplicate", align.Read{MapQ: 60, Flag: align.Duplicate}, false, Filter{KeepDuplicates: true}},
		{"failed", align.Read{MapQ: 60, Flag: align.QCFail}, false, Filter{KeepFailedQC: true}},
		{"secondary", align.Read{MapQ: 60, Flag: align.Secondary}, false, Filter{KeepSecondaryAlignments: true}},
		{"supplementary", align.Read{MapQ: 60, Flag: align.Supplementary}, false, Filter{KeepSupplementaryAlignments: true}},
		{"unmapped", align.Read{MapQ: 60, Flag: align.Unmapped, MateContig: -1}, false, Filter{KeepUnaligned: true}},
		{"mate elsewhere", align.Read{MapQ: 60, Flag: align.Paired, MateContig: 3}, false, Filter{KeepImproperlyPlaced: true}},
		{"mate elsewhere, properly", align.Read{MapQ: 60, Flag: align.Paired | align.ProperPair, MateContig: 3}, true, none},
		{"mate unmapped", align.Read{MapQ: 60, Flag: align.Paired | align.MateUnmapped, MateContig: 3}, true, none},
		{"mate's contig unknown", align.Read{MapQ: 60, Flag: align.Paired, MateContig: -1}, true, none},
		{"mate on the same contig", align.Read{MapQ: 60, Flag: align.Paired}, true, none},
		{"not paired", align.Read{MapQ: 60, MateContig: 3}, true, none},
	} {
		t.Run(k.name, func(t *testing.T) {
			if none.Keep(&k.r) != k.keep {
				t.Errorf("kept: %v", !k.keep)
			}
			if !k.by.Keep(&k.r) {
				t.Errorf("not kept by %+v", k.by)
			}
			if !all.Keep(&k.r) {
				t.Error("not kept by the filter that keeps everything")
			}
		})
	}
	if err := (&Filter{MinMappingQuality: 300}).Validate(); err == nil {
		t.Error("a mapping quality of 300 passes")
	}
	if err := none.Validate(); err != nil {
		t.Error(err)
	}
}
