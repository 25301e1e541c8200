package stage

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/pileup/image"
)

// ImageWords are options of pictures that stand in words.
type ImageWords struct {
	Channels   string // by comma; empty: those of the version
	Alt        string // alt_aligned_pileup
	AltTypes   string // types_to_alt_align
	Alleles    string // one of AlleleModes
	Sequencing string // one of Sequencings
	Coverage   string // numbers by comma, of one sample or of each
	Frequency  bool   // the channel of frequencies as well (use_allele_frequency)
}

// Apply completes options by the words; it also gives the number of the kind of
// sequencing.
func (w *ImageWords) Apply(img image.Options, compat string) (_ image.Options, sequencing int, err error) {
	img.Version = image.Own
	switch compat {
	case "1.5":
		img.Version, img.Channels = image.V15, image.Base()
	case "1.9", "deepvariant":
		img.Version = image.V19
	}
	var errs []error
	choose := func(name, value string, of []string) int {
		k := slices.Index(of, strings.ToLower(value))
		if k < 0 {
			errs = append(errs, fmt.Errorf("%s %q: want %s", name, value, strings.Join(of, ", ")))
		}
		return max(k, 0)
	}
	if w.Channels != "" {
		list, err := image.ParseChannels(w.Channels)
		if errs = append(errs, err); err == nil {
			img.Channels = list
		}
	}
	if w.Frequency && !slices.Contains(img.Channels, image.AlleleFrequency) {
		img.Channels = append(slices.Clone(img.Channels), image.AlleleFrequency)
	}
	img.AltAligned = image.AltAligned(choose("alt-aligned-pileup", w.Alt, []string{image.NoAlt: "none", image.AltRows: "rows", image.AltBase: "base_channels", image.AltDiff: "diff_channels"}))
	img.AltAlignAll = choose("types-to-alt-align", w.AltTypes, []string{"indels", "all"}) == 1
	img.SingleAltsOnly = choose("multi-allelic-mode", w.Alleles, AlleleModes) == 1
	sequencing = choose("sequencing-type", w.Sequencing, Sequencings)
	coverages, err := Numbers("mean-coverage-per-sample", w.Coverage)
	errs = append(errs, err)
	if len(coverages) == 1 {
		img.MeanCoverage = coverages[0]
	} else {
		img.Coverages = coverages
	}
	return img, sequencing, errors.Join(errs...)
}

// Numbers reads the numbers by comma of an option; an empty text has none.
func Numbers(name, text string) (list []float64, err error) {
	if text == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		x, err := strconv.ParseFloat(strings.TrimSpace(part), 64)
		if err != nil {
			return nil, fmt.Errorf("%s %q: want numbers by comma", name, text)
		}
		list = append(list, x)
	}
	return list, nil
}
