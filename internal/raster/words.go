package raster

import (
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// letters is the font that words are drawn in. It is no variable of the package: that
// would be linked into every program that could draw, and no worker but one does.
func letters() (*sfnt.Font, error) { return sfnt.Parse(goregular.TTF) }

// small says how a character is drawn that the font has not: as another, smaller
// and lower.
var small = map[rune]rune{'₀': '0', '₁': '1', '₂': '2', '₃': '3', '₄': '4', '₅': '5', '₆': '6', '₇': '7', '₈': '8', '₉': '9'}

// glyph is a character to draw.
type glyph struct {
	index sfnt.GlyphIndex
	x     int // where it begins, 64ths of a pixel
	size  int // of the font, 64ths of a pixel
	down  int
}

// words draws a text: at is the begin, the middle or the end of its line by anchor
// (-1, 0, 1), size that of the font. turned draws it upwards. Characters that the font
// does not have are left out.
func words(s *shape, f *sfnt.Font, text string, at point, size, anchor int, turned, bold bool) (err error) {
	var buf sfnt.Buffer
	var list []glyph
	x := 0
	for _, r := range text {
		g := glyph{x: x, size: size}
		if as, ok := small[r]; ok {
			r, g.size, g.down = as, size*7/10, size*2/10
		}
		if g.index, err = f.GlyphIndex(&buf, r); err != nil {
			return err
		}
		if g.index == 0 {
			continue
		}
		wide, err := f.GlyphAdvance(&buf, g.index, fixed.Int26_6(g.size), 0)
		if err != nil {
			return err
		}
		list = append(list, g)
		x += int(wide)
	}
	begin := -(anchor + 1) * x / 2
	for _, g := range list {
		segments, err := f.LoadGlyph(&buf, g.index, fixed.Int26_6(g.size), nil)
		if err != nil {
			return err
		}
		place := func(p fixed.Point26_6) point {
			px, py := begin+g.x+int(p.X), g.down+int(p.Y)
			if turned {
				return point{at.x + py, at.y - px}
			}
			return point{at.x + px, at.y + py}
		}
		outline(s, segments, place)
		if bold { // once more, a little to the right
			outline(s, segments, func(p fixed.Point26_6) point { q := place(p); return point{q.x + size/24, q.y} })
		}
	}
	return nil
}

// outline adds a glyph, its curves as lines.
func outline(s *shape, segments sfnt.Segments, place func(fixed.Point26_6) point) {
	var list []point
	for _, g := range segments {
		switch g.Op {
		case sfnt.SegmentOpMoveTo:
			s.add(list...)
			list = []point{place(g.Args[0])}
		case sfnt.SegmentOpLineTo:
			list = append(list, place(g.Args[0]))
		case sfnt.SegmentOpQuadTo:
			list = curve(list, list[len(list)-1], place(g.Args[0]), place(g.Args[1]), 3)
		case sfnt.SegmentOpCubeTo: // the font has none
			list = append(list, place(g.Args[2]))
		}
	}
	s.add(list...)
}

// curve halves a quadratic curve so many times.
func curve(list []point, a, b, c point, times int) []point {
	if times == 0 {
		return append(list, c)
	}
	half := func(p, q point) point { return point{(p.x + q.x) >> 1, (p.y + q.y) >> 1} }
	ab, bc := half(a, b), half(b, c)
	mid := half(ab, bc)
	return curve(curve(list, a, ab, mid, times-1), mid, bc, c, times-1)
}
