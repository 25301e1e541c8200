package show

import (
	stdimage "image"

	"github.com/gx-genomics/gx/pileup/image"
)

// shade is a value of a channel and what it stands for.
type shade struct {
	value byte
	means string
}

var (
	shadesOfBases   = []shade{{250, "A"}, {30, "C"}, {180, "G"}, {100, "T"}}
	shadesOfPercent = []shade{{64, "25%"}, {127, "50%"}, {254, "100%"}}
)

// legends are what the values of a channel stand for. Of channels with a scale
// some points of it.
var legends = map[image.Channel][]shade{
	image.ReadBase:              shadesOfBases,
	image.BaseAlt1:              shadesOfBases,
	image.BaseAlt2:              shadesOfBases,
	image.BaseQuality:           {{63, "Q10"}, {127, "Q20"}, {190, "Q30"}, {254, "Q40 or more"}},
	image.MappingQuality:        {{84, "Q20"}, {169, "Q40"}, {254, "Q60 or more"}},
	image.Strand:                {{70, "forward"}, {240, "reverse"}},
	image.ReadSupportsVariant:   {{254, "read of the allele"}, {76, "of another one"}, {152, "of none or another"}},
	image.BaseDiffersFromRef:    {{254, "differs"}, {50, "as the reference"}},
	image.DiffAlt1:              {{254, "differs"}, {50, "as the allele"}},
	image.DiffAlt2:              {{254, "differs"}, {50, "as the allele"}},
	image.HaplotypeTag:          {{127, "1"}, {254, "2"}, {0, "not known"}},
	image.AlleleFrequency:       {{101, "0.001"}, {152, "0.01"}, {203, "0.1"}, {254, "1"}},
	image.ReadMappingPercent:    shadesOfPercent,
	image.AvgBaseQuality:        {{54, "Q20"}, {81, "Q30"}, {109, "Q40"}, {254, "Q93"}},
	image.Identity:              shadesOfPercent,
	image.GapCompressedIdentity: shadesOfPercent,
	image.GCContent:             shadesOfPercent,
	image.IsHomopolymer:         {{254, "in a run of 3 or more"}},
	image.HomopolymerWeighted:   {{25, "3 in a run"}, {84, "10"}, {254, "30"}},
	image.InsertSize:            {{76, "300"}, {127, "500"}, {254, "1,000 or more"}},
	image.MeanCoverage:          {{200, "mean depth of the sample"}},
	image.BaseMethylation:       shadesOfPercent,
	image.Base6mA:               shadesOfPercent,
}

// swatch is the side of a square of a legend.
const swatch = glyphHeight + 2

// legend draws the legend of a channel within so many points, as much of it as
// has room.
func (c canvas) legend(x, y, room int, number image.Channel) {
	colors, end := colorsOf(number), x+room
	for _, s := range legends[number] {
		width := swatch + 3 + len(s.means)*(glyphWidth+1)
		if x+width > end {
			return
		}
		c.fill(stdimage.Rect(x, y, x+swatch, y+swatch), ink)
		c.fill(stdimage.Rect(x+1, y+1, x+swatch-1, y+swatch-1), colors(s.value))
		c.text(x+swatch+3, y+1, 1, s.means, ink)
		x += width + 8
	}
}
