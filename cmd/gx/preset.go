package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// presetFlag sets many flags at once to what a kind of reads wants. Flags that
// are given beside it win.
type presetFlag struct{ name string }

// longReads are the settings that all kinds of long reads have in common.
var longReads = []string{"alt-aligned-pileup=diff_channels", "max-reads-per-partition=600", "min-mapping-quality=1", "partition-size=25000",
	"phase-reads=true", "pileup-image-width=147", "realign-reads=false", "sort-by-haplotypes=true", "track-ref-reads=true",
	"vsc-min-fraction-indels=0.12", "trim-reads-for-pileup=true", "channels=BASE_CHANNELS,haplotype"}

// presets are those of run_deepvariant 1.9; of equal flags the last one counts.
var presets = []struct {
	name  string
	flags []string
}{
	{"wgs", nil},
	{"wes", nil},
	{"pacbio", longReads},
	{"ont-r104", append(slices.Clip(longReads), "min-mapping-quality=5", "pileup-image-width=99", "vsc-min-fraction-snps=0.08")},
	{"masseq", append(slices.Clip(longReads), "pileup-image-width=199", "max-reads-per-partition=0", "max-reads-for-dynamic-bases-per-region=1500")},
	{"hybrid", []string{"trim-reads-for-pileup=true"}},
}

func (f *presetFlag) flag() cli.Flag {
	var names []string
	for _, p := range presets {
		names = append(names, p.name)
	}
	return &cli.StringFlag{Name: "preset", Usage: "set flags as a kind of reads wants them: " + strings.Join(names, ", "), Destination: &f.name}
}

func (f *presetFlag) apply(c *cli.Context) error {
	if f.name == "" {
		return nil
	}
	for _, p := range presets {
		if p.name != f.name {
			continue
		}
		given := map[string]bool{}
		for _, flag := range p.flags {
			name, _, _ := strings.Cut(flag, "=")
			given[name] = given[name] || c.IsSet(name)
		}
		for _, flag := range p.flags {
			name, value, _ := strings.Cut(flag, "=")
			if given[name] {
				continue
			}
			if err := c.Set(name, value); err != nil {
				return fmt.Errorf("preset %s: %w", f.name, err)
			}
		}
		return nil
	}
	return fmt.Errorf("preset %q: want one of those that gx examples --help lists", f.name)
}
