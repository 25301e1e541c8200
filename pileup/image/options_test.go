package image_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/pileup/image"
)

func TestParseChannels(t *testing.T) {
	for list, want := range map[string][]image.Channel{
		"default,insert_size":      image.WGS(),
		"BASE_CHANNELS, haplotype": append(image.Base(), image.HaplotypeTag),
		"blank":                    {image.Blank},
	} {
		if got, err := image.ParseChannels(list); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", list, got, err)
		}
	}
	for list, want := range map[string]string{
		"":                                 `channel "": want default or names out of read_base,`,
		"default,insert":                   `channel "insert": want`,
		"diff_channels_alternate_allele_1": "comes with alt-aligned-pileup",
	} {
		if got, err := image.ParseChannels(list); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v, want %q", list, got, err, want)
		}
	}
	for c := image.ReadBase; c <= image.Base6mA; c++ {
		if strings.HasPrefix(c.String(), "channel") {
			t.Errorf("channel %d has no name", int(c))
		}
	}
}

func TestShapes(t *testing.T) {
	o := image.Defaults(image.V19)
	for _, k := range []struct {
		way      image.AltAligned
		shape    [3]int
		channels []image.Channel
	}{
		{image.NoAlt, [3]int{100, 221, 7}, image.WGS()},
		{image.AltRows, [3]int{300, 221, 7}, image.WGS()},
		{image.AltBase, [3]int{100, 221, 9}, append(image.WGS(), image.BaseAlt1, image.BaseAlt2)},
		{image.AltDiff, [3]int{100, 221, 9}, append(image.WGS(), image.DiffAlt1, image.DiffAlt2)},
	} {
		o.AltAligned = k.way
		if o.Shape() != k.shape || !slices.Equal(o.Drawn(), k.channels) || o.Size() != k.shape[0]*k.shape[1]*k.shape[2] {
			t.Errorf("%d: %v %v", k.way, o.Shape(), o.Drawn())
		}
	}
	if n := len(o.AltSets(3)); n != 6 {
		t.Errorf("%d alt sets of three alleles", n)
	}
	o.SingleAltsOnly = true
	if n := len(o.AltSets(3)); n != 3 {
		t.Errorf("%d alt sets of three alleles, single ones only", n)
	}
}

func TestValidate(t *testing.T) {
	for _, v := range []image.Version{image.Own, image.V15, image.V19} {
		o := image.Defaults(v)
		if err := o.Validate(); err != nil {
			t.Errorf("defaults of %d: %v", v, err)
		}
	}
	bad := image.Options{Version: 7, Width: 220, Height: 70, Channels: []image.Channel{1, 1, 9, 99}, MinMapQ: -1, MinBaseQ: 300, Buffer: -1, AltAligned: 5, MeanCoverage: -1, MinPerAllele: -1}
	err := bad.Validate()
	for _, want := range []string{"version 7", "width 220", "height 70", "read_base: it stands there twice", "diff_channels_alternate_allele_1: it cannot be drawn",
		"channel 99", "min-mapping-quality -1", "min-base-quality 300", "read-overlap-buffer-bp -1", "alt-aligned-pileup 5", "mean coverage -1", "threshold -1"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no word of %q in: %v", want, err)
		}
	}
	o := image.Defaults(image.V19)
	o.AltAligned = image.AltDiff
	if _, err := image.NewPainter(o, nil); err == nil || !strings.Contains(err.Error(), "aligner") {
		t.Errorf("alt alignment without an aligner: %v", err)
	}
	o.Channels = []image.Channel{image.ReadBase}
	if err := o.Validate(); err == nil || !strings.Contains(err.Error(), "base_differs_from_ref, which is not drawn") {
		t.Errorf("%v", err)
	}
}
