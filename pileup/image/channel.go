package image

import (
	"fmt"
	"strings"
)

// Channel is one of DeepVariant's channels, by its number.
type Channel int

// The channels, numbered as in DeepVariant's protocol (DeepVariantChannelEnum).
const (
	ReadBase              Channel = 1  // the base: A, G, T, C from light to dark
	BaseQuality           Channel = 2  // Phred quality of the base, at most 40
	MappingQuality        Channel = 3  // of the read, at most 60
	Strand                Channel = 4  // forward dark, reverse light
	ReadSupportsVariant   Channel = 5  // whether the read carries an allele of the alt set
	BaseDiffersFromRef    Channel = 6  // whether the base is not the reference's
	HaplotypeTag          Channel = 7  // HP tag
	AlleleFrequency       Channel = 8  // in a population, of the allele that the read carries
	DiffAlt1              Channel = 9  // BaseDiffersFromRef of the reads aligned to the first allele of the alt set
	DiffAlt2              Channel = 10 // the same for the second
	ReadMappingPercent    Channel = 11 // share of the read's bases that are aligned
	AvgBaseQuality        Channel = 12 // mean over the read
	Identity              Channel = 13 // share of the read's bases that match
	GapCompressedIdentity Channel = 14 // matches per column, a gap counting as one
	GCContent             Channel = 15 // of the read
	IsHomopolymer         Channel = 16 // whether the base is in a run of three or more
	HomopolymerWeighted   Channel = 17 // length of the run that the base is in
	Blank                 Channel = 18 // empty
	InsertSize            Channel = 19 // length of the fragment, at most 1000
	BaseAlt1              Channel = 20 // ReadBase of the reads aligned to the first allele of the alt set
	BaseAlt2              Channel = 21 // the same for the second
	MeanCoverage          Channel = 22 // of the sample, as rows filled
	BaseMethylation       Channel = 23 // probability of 5mC
	Base6mA               Channel = 24 // probability of 6mA
)

// names are those of DeepVariant's --channel_list.
var names = [...]string{
	ReadBase: "read_base", BaseQuality: "base_quality", MappingQuality: "mapping_quality", Strand: "strand",
	ReadSupportsVariant: "read_supports_variant", BaseDiffersFromRef: "base_differs_from_ref",
	HaplotypeTag: "haplotype", AlleleFrequency: "allele_frequency",
	DiffAlt1: "diff_channels_alternate_allele_1", DiffAlt2: "diff_channels_alternate_allele_2",
	ReadMappingPercent: "read_mapping_percent", AvgBaseQuality: "avg_base_quality", Identity: "identity",
	GapCompressedIdentity: "gap_compressed_identity", GCContent: "gc_content", IsHomopolymer: "is_homopolymer",
	HomopolymerWeighted: "homopolymer_weighted", Blank: "blank", InsertSize: "insert_size",
	BaseAlt1: "base_channels_alternate_allele_1", BaseAlt2: "base_channels_alternate_allele_2",
	MeanCoverage: "mean_coverage", BaseMethylation: "base_methylation", Base6mA: "base_6ma",
}

// String is the channel's name.
func (c Channel) String() string {
	if c > 0 && int(c) < len(names) {
		return names[c]
	}
	return fmt.Sprintf("channel %d", int(c))
}

// known says whether there is such a channel.
func (c Channel) known() bool { return c > 0 && int(c) < len(names) }

// ofAlt says whether the channel is made from alt-aligned pictures.
func (c Channel) ofAlt() bool {
	return c == DiffAlt1 || c == DiffAlt2 || c == BaseAlt1 || c == BaseAlt2
}

// Base is the six channels that every picture has by default.
func Base() []Channel {
	return []Channel{ReadBase, BaseQuality, MappingQuality, Strand, ReadSupportsVariant, BaseDiffersFromRef}
}

// WGS is the channels of DeepVariant's models for whole genomes and exomes of
// short reads since 1.4.
func WGS() []Channel { return append(Base(), InsertSize) }

// ParseChannels reads a list like `default,insert_size`: names in the order of
// drawing, where `default` and DeepVariant's BASE_CHANNELS stand for Base.
func ParseChannels(list string) ([]Channel, error) {
	var all []Channel
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		if name == "default" || name == "BASE_CHANNELS" {
			all = append(all, Base()...)
			continue
		}
		c := Channel(0)
		for i, s := range names {
			if s != "" && s == name {
				c = Channel(i)
			}
		}
		if c == 0 {
			return nil, fmt.Errorf("channel %.40q: want default or names out of %s", name, strings.Join(names[1:], ", "))
		}
		if c.ofAlt() {
			return nil, fmt.Errorf("channel %s: it comes with alt-aligned-pileup, not from the list", c)
		}
		all = append(all, c)
	}
	return all, nil
}
