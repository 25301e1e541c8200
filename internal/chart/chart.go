// Package chart draws charts as SVG: axes, bars, lines, bands, dots, clouds of any
// number of dots as cells. It knows nothing of what is drawn.
//
// A picture stands on its own: every colour is an attribute, so it looks the same in
// a page, as a file and in a notebook. Each mark has a class besides (gx-ink, gx-1,
// ...), by which a page may give it the colours of a dark background. The colours are
// told apart by people who do not see red or green (Okabe and Ito's), and nothing
// is told by colour alone: kinds of marks differ in shape or dash as well.
//
// The text depends on the data alone.
package chart

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Ink is a colour by what it is for.
type Ink int

// The inks. Those from First on tell kinds of data apart.
const (
	Text Ink = iota
	Quiet
	Grid
	Shade
	First
	Second
	Third
	Fourth
)

var inks = [...]struct{ class, colour string }{
	{"gx-ink", "#1f2328"}, {"gx-quiet", "#59636e"}, {"gx-grid", "#d8dde3"}, {"gx-shade", "#dfe5ec"},
	{"gx-1", "#0072b2"}, {"gx-2", "#d55e00"}, {"gx-3", "#00856b"}, {"gx-4", "#a8578b"},
}

// Class is the class of all marks of the ink.
func (k Ink) Class() string { return inks[k].class }

// Colour is what it looks like on a light background.
func (k Ink) Colour() string { return inks[k].colour }

func (k Ink) fill() string {
	return `class="` + inks[k].class + `" fill="` + inks[k].colour + `"`
}

func (k Ink) stroke() string {
	return `class="` + inks[k].class + `-l" fill="none" stroke="` + inks[k].colour + `"`
}

// Chart is a picture in the making. Marks are drawn in the order in which they are
// asked for, above the grid and below the words.
type Chart struct {
	ID            string // names it in a page: letters, digits and -
	Title         string // stands above it
	Desc          string // for who does not see it: what it shows, in a sentence or two
	Width, Height int    // of the picture, in pixels
	X, Y          Axis

	marks  bytes.Buffer
	words  bytes.Buffer
	legend []entry
	labels []rect // that are taken
}

type entry struct {
	name   string
	ink    Ink
	symbol Symbol
}

// New is an empty chart of 640 by 300.
func New(id, title string, x, y Axis) *Chart {
	return &Chart{ID: id, Title: title, Width: 640, Height: 300, X: x, Y: y}
}

// fontSize is that of all words but the title, and charWide about how wide a
// character of it is.
const (
	fontSize = 12
	charWide = 6.6
)

// box is where data lies: left, top, right, bottom.
func (c *Chart) box() (l, t, r, b float64) {
	wide := 0
	for _, k := range c.Y.Ticks {
		wide = max(wide, utf8.RuneCountInString(k.Text))
	}
	l, r = 12+charWide*float64(wide), float64(c.Width)-14
	if c.Y.Label != "" {
		l += 20
	}
	t, b = 34, float64(c.Height)-26
	if c.X.Label != "" {
		b -= 20
	}
	if len(c.legend) > 0 {
		t += 20
	}
	return l, t, r, b
}

// Size is how many pixels the data has, in each direction: what Cells are counted
// in.
func (c *Chart) Size() (w, h int) {
	l, t, r, b := c.box()
	return int(r - l), int(b - t)
}

func (c *Chart) x(v float64) float64 {
	l, _, r, _ := c.box()
	return l + (r-l)*c.X.place(v)
}

func (c *Chart) y(v float64) float64 {
	_, t, _, b := c.box()
	return b - (b-t)*c.Y.place(v)
}

// within keeps a vertical place inside the box, a little above for what leaves it.
func (c *Chart) within(y float64) float64 {
	_, t, _, b := c.box()
	return min(max(y, t-2), b)
}

// px writes a place with at most one decimal.
func px(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		v = 0
	}
	s := strconv.FormatFloat(v, 'f', 1, 64)
	return strings.TrimSuffix(s, ".0")
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;")

// Escape writes a text so that HTML and SVG show it as it is. What no XML may hold
// (control characters, broken UTF-8) becomes U+FFFD.
func Escape(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' || r == 0x7f || r == 0xfffe || r == 0xffff {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return escaper.Replace(s)
}

// SVG is the picture.
func (c *Chart) SVG() []byte {
	var b bytes.Buffer
	id := Escape(c.ID)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="gx-chart" role="img" aria-labelledby="%s-t %s-d" viewBox="0 0 %d %d" width="%d" height="%d" font-family="system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif" font-size="%d">`+"\n",
		id, id, c.Width, c.Height, c.Width, c.Height, fontSize)
	fmt.Fprintf(&b, `<title id="%s-t">%s</title><desc id="%s-d">%s</desc>`+"\n", id, Escape(c.Title), id, Escape(c.Desc))
	l, t, r, bottom := c.box()
	fmt.Fprintf(&b, `<text x="%s" y="18" %s font-size="14" font-weight="600">%s</text>`+"\n", px(l), Text.fill(), Escape(c.Title))
	c.grid(&b)
	b.Write(c.marks.Bytes())
	fmt.Fprintf(&b, `<path d="M%s %sV%sH%s" %s/>`+"\n", px(l), px(t), px(bottom), px(r), Quiet.stroke())
	c.tickTexts(&b)
	b.Write(c.words.Bytes())
	c.drawLegend(&b, l)
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func (c *Chart) grid(b *bytes.Buffer) {
	l, _, r, bottom := c.box()
	var path strings.Builder
	for _, k := range c.Y.Ticks {
		if y := c.y(k.At); y < bottom-0.5 {
			fmt.Fprintf(&path, "M%s %sH%s", px(l), px(y), px(r))
		}
	}
	if path.Len() > 0 {
		fmt.Fprintf(b, `<path d="%s" %s/>`+"\n", path.String(), Grid.stroke())
	}
}

func (c *Chart) tickTexts(b *bytes.Buffer) {
	l, t, r, bottom := c.box()
	for _, k := range c.Y.Ticks {
		if k.Text != "" {
			fmt.Fprintf(b, `<text x="%s" y="%s" %s text-anchor="end">%s</text>`+"\n", px(l-6), px(c.y(k.At)+4), Quiet.fill(), Escape(k.Text))
		}
	}
	end := math.Inf(-1) // of the last text, so that none lies on another
	for _, k := range c.X.Ticks {
		half := charWide * float64(utf8.RuneCountInString(k.Text)) / 2
		x := c.x(k.At)
		if k.Text == "" || x-half < end+4 {
			continue
		}
		end = x + half
		fmt.Fprintf(b, `<text x="%s" y="%s" %s text-anchor="middle">%s</text>`+"\n", px(x), px(bottom+16), Quiet.fill(), Escape(k.Text))
	}
	if c.X.Label != "" {
		fmt.Fprintf(b, `<text x="%s" y="%s" %s text-anchor="middle">%s</text>`+"\n", px((l+r)/2), px(float64(c.Height)-8), Text.fill(), Escape(c.X.Label))
	}
	if c.Y.Label != "" {
		y := (t + bottom) / 2
		fmt.Fprintf(b, `<text x="14" y="%s" %s text-anchor="middle" transform="rotate(-90 14 %s)">%s</text>`+"\n", px(y), Text.fill(), px(y), Escape(c.Y.Label))
	}
}

func (c *Chart) drawLegend(b *bytes.Buffer, x float64) {
	for _, e := range c.legend {
		b.WriteString(e.symbol.at(x+6, 36, e.ink, "") + "\n")
		fmt.Fprintf(b, `<text x="%s" y="40" %s>%s</text>`+"\n", px(x+17), Text.fill(), Escape(e.name))
		x += 17 + charWide*float64(utf8.RuneCountInString(e.name)) + 18
	}
}
