// Package show makes pictures for people out of examples: the channels side by
// side, each with its name, under a caption that says what the site is, which
// reads support which allele, and what was decided, so that one sees why.
package show

import (
	"fmt"
	stdimage "image"
	"image/color"
	"image/png"
	"io"

	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/pileup/image"
)

// Options say how a picture looks.
type Options struct {
	Scale    int   // points per pixel of the example, 1 to 8
	PerRow   int   // channels side by side before the next row begins; 0 for all
	Whole    bool  // the rows below the last read as well
	Channels []int // DeepVariant's numbers of the channels, from the example_info.json; nil where not known
}

// Defaults is two points per pixel, four channels side by side: a picture of the
// usual channels fits on a screen.
func Defaults() Options { return Options{Scale: 2, PerRow: 4} }

// Limits of a picture, since the shape of an example stands in a file.
const (
	maxScale  = 8
	maxPoints = 64 << 20
)

const (
	margin     = 8
	lineHeight = 2*glyphHeight + 6               // captions and names are written twice as large
	nameHeight = lineHeight + swatch + 4 + arrow // a name, a legend, the mark of the site
	arrow      = 6
	gap        = 6 // between caption and channels
)

var (
	paper = color.RGBA{255, 255, 255, 255}
	ink   = color.RGBA{34, 34, 34, 255}
	mark  = color.RGBA{200, 30, 30, 255}
)

// Write writes an example as PNG. The call, where not nil, is what a classifier
// said of it.
func Write(w io.Writer, e *example.Example, call *example.CallVariantsOutput, o Options) error {
	img, err := Draw(e, call, o)
	if err != nil {
		return err
	}
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	return encoder.Encode(w, img)
}

// Draw makes the picture of an example. The call, where not nil, is what a
// classifier said of it. An example that does not fit its own shape, whose
// variant cannot be read, or whose picture would be too large is an error.
func Draw(e *example.Example, call *example.CallVariantsOutput, o Options) (*stdimage.RGBA, error) {
	if o.Scale < 1 || o.Scale > maxScale {
		return nil, fmt.Errorf("scale %d: want 1 to %d", o.Scale, maxScale)
	}
	if o.PerRow < 0 {
		return nil, fmt.Errorf("%d channels per row: want 0 or more", o.PerRow)
	}
	h, w, n := e.Shape[0], e.Shape[1], e.Shape[2]
	if h < 1 || w < 1 || n < 1 || len(e.Image)/h/w != n || len(e.Image) != h*w*n {
		return nil, fmt.Errorf("example %.60s: %d bytes for the shape %v", e.Locus, len(e.Image), e.Shape)
	}
	v, err := example.DecodeVariant(e.Variant)
	if err != nil {
		return nil, fmt.Errorf("example %.60s: %w", e.Locus, err)
	}
	if !o.Whole {
		h = usedRows(e)
	}
	across := n
	if o.PerRow > 0 {
		across = min(n, o.PerRow)
	}
	down := (n + across - 1) / across
	lines := caption(e, v, call)
	panelW, panelH := w*o.Scale+margin, nameHeight+h*o.Scale+margin
	top := margin + len(lines)*lineHeight + gap
	width, height := margin+across*panelW, top+down*panelH
	if across > maxPoints/panelW || down > maxPoints/panelH || width > maxPoints/height {
		return nil, fmt.Errorf("example %.60s: a picture of %d x %d points is too large", e.Locus, width, height)
	}
	c := canvas{stdimage.NewRGBA(stdimage.Rect(0, 0, width, height))}
	c.fill(c.Rect, paper)
	for i, s := range lines {
		c.text(margin, margin+i*lineHeight, 2, s, ink)
	}
	for ch := range n {
		x, y := margin+ch%across*panelW, top+ch/across*panelH
		number := image.Channel(0)
		if len(o.Channels) == n {
			number = image.Channel(o.Channels[ch])
		}
		c.panel(x, y, h, e, ch, number, o.Scale)
	}
	return c.RGBA, nil
}

// canvas is a picture under way.
type canvas struct{ *stdimage.RGBA }

func (c canvas) fill(r stdimage.Rectangle, v color.RGBA) {
	r = r.Intersect(c.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := c.Pix[c.PixOffset(r.Min.X, y):]
		for i := 0; i < 4*r.Dx(); i += 4 {
			row[i], row[i+1], row[i+2], row[i+3] = v.R, v.G, v.B, v.A
		}
	}
}

// text writes a line, its upper left corner at x, y, and cuts it at the edge.
func (c canvas) text(x, y, scale int, s string, v color.RGBA) {
	for i := 0; i < len(s) && x < c.Rect.Max.X; i++ {
		for row, bits := range glyph(s[i]) {
			for col := range glyphWidth {
				if bits>>(glyphWidth-1-col)&1 != 0 {
					c.fill(stdimage.Rect(x+col*scale, y+row*scale, x+(col+1)*scale, y+(row+1)*scale), v)
				}
			}
		}
		x += (glyphWidth + 1) * scale
	}
}

// below is the empty rows that are drawn below the last read.
const below = 2

// usedRows is the rows of an example that show anything, and a few more.
func usedRows(e *example.Example) int {
	row := e.Shape[1] * e.Shape[2]
	last := len(e.Image) - 1
	for last >= 0 && e.Image[last] == 0 {
		last--
	}
	return min(last/row+1+below, e.Shape[0])
}

// panel draws the first h rows of one channel with its name, its legend and a
// mark over the site.
func (c canvas) panel(x, y, h int, e *example.Example, ch int, number image.Channel, scale int) {
	w, n := e.Shape[1], e.Shape[2]
	name := fmt.Sprintf("channel %d of %d", ch+1, n)
	if number > 0 {
		name = number.String()
	}
	if room := w * scale / (2 * (glyphWidth + 1)); len(name) > room {
		name = name[:room]
	}
	c.text(x, y, 2, name, ink)
	c.legend(x, y+lineHeight, w*scale, number)
	middle := x + w/2*scale
	for i := range arrow - 1 { // an arrow that points down
		c.fill(stdimage.Rect(middle-arrow+i+2, y+nameHeight-arrow+i, middle+scale+arrow-i-2, y+nameHeight-arrow+i+1), mark)
	}
	y += nameHeight
	colors := colorsOf(number)
	for row := range h {
		for col := range w {
			v := colors(e.Image[(row*w+col)*n+ch])
			c.fill(stdimage.Rect(x+col*scale, y+row*scale, x+(col+1)*scale, y+(row+1)*scale), v)
		}
	}
}
