package show

import (
	"image/color"

	"github.com/gx-genomics/gx/pileup/image"
)

// colorsOf is how the values of a channel look: shades of grey, but what is one
// thing or another in colours that stand out.
func colorsOf(c image.Channel) func(byte) color.RGBA {
	switch c {
	case image.ReadBase, image.BaseAlt1, image.BaseAlt2:
		return baseColor
	case image.ReadSupportsVariant:
		return supportColor
	case image.BaseDiffersFromRef, image.DiffAlt1, image.DiffAlt2:
		return differsColor
	case image.Strand:
		return strandColor
	case image.HaplotypeTag:
		return haplotypeColor
	}
	return grey
}

func grey(v byte) color.RGBA { return color.RGBA{v, v, v, 255} }

// baseColor gives the bases the colours that genome browsers do.
func baseColor(v byte) color.RGBA {
	switch v {
	case 250:
		return color.RGBA{60, 180, 75, 255} // A
	case 180:
		return color.RGBA{230, 150, 40, 255} // G
	case 100:
		return color.RGBA{215, 50, 50, 255} // T
	case 30:
		return color.RGBA{60, 90, 210, 255} // C
	}
	return grey(v)
}

// supportColor shows the reads of the alternate allele; those of another one,
// where they are told apart, are darker.
func supportColor(v byte) color.RGBA {
	switch v {
	case 254:
		return color.RGBA{240, 190, 40, 255}
	case 76:
		return color.RGBA{120, 60, 160, 255}
	}
	return grey(v / 2)
}

// differsColor shows what is not as in the reference.
func differsColor(v byte) color.RGBA {
	if v == 254 {
		return color.RGBA{230, 60, 60, 255}
	}
	return grey(v)
}

// strandColor tells forward from reverse reads.
func strandColor(v byte) color.RGBA {
	switch v {
	case 70:
		return color.RGBA{110, 140, 210, 255}
	case 240:
		return color.RGBA{225, 140, 140, 255}
	}
	return grey(v)
}

// haplotypeColor tells haplotypes 1 and 2.
func haplotypeColor(v byte) color.RGBA {
	switch v {
	case 127:
		return color.RGBA{50, 160, 150, 255}
	case 254:
		return color.RGBA{190, 90, 190, 255}
	}
	return grey(v)
}
