package chart

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// Symbol is the shape of a mark.
type Symbol int

// The symbols; Bar and Line are those that legends have for such marks.
const (
	Dot Symbol = iota
	Diamond
	Triangle
	Bar
	Dashed
	Area
)

// at draws the symbol; a note is shown where a pointer rests on it.
func (s Symbol) at(x, y float64, ink Ink, note string) string {
	title := ""
	if note != "" {
		title = "<title>" + Escape(note) + "</title>"
	}
	path := func(d string) string { return `<path d="` + d + `" ` + ink.fill() + `>` + title + `</path>` }
	switch s {
	case Diamond:
		return path(fmt.Sprintf("M%s %sl5 5l-5 5l-5 -5z", px(x), px(y-5)))
	case Triangle:
		return path(fmt.Sprintf("M%s %sl5 9h-10z", px(x), px(y-5)))
	case Bar:
		return path(fmt.Sprintf("M%s %sh12v10h-12z", px(x-6), px(y-5)))
	case Area:
		return path(fmt.Sprintf("M%s %sh12v10h-12z", px(x-6), px(y-5)))
	case Dashed:
		return fmt.Sprintf(`<path d="M%s %sh14" %s stroke-width="1.5" stroke-dasharray="5 3"/>`, px(x-7), px(y), ink.stroke())
	}
	return fmt.Sprintf(`<circle cx="%s" cy="%s" r="3.5" %s>%s</circle>`, px(x), px(y), ink.fill(), title)
}

// Legend tells what a kind of marks stands for. All entries come before the first
// mark: they make room.
func (c *Chart) Legend(name string, ink Ink, symbol Symbol) {
	c.legend = append(c.legend, entry{name, ink, symbol})
}

// Column is a bar from one end of a bin to the other.
type Column struct {
	From, To float64
	Height   float64
	Note     string // shown where a pointer rests; empty for none
}

// Columns draws bars from the bottom. On a logarithmic axis one of height 0 is
// none.
func (c *Chart) Columns(list []Column, ink Ink) {
	_, _, _, bottom := c.box()
	var plain strings.Builder // those without a note, in one path
	for _, k := range list {
		if !(k.Height > 0) {
			continue
		}
		x0, x1 := c.x(k.From), c.x(k.To)
		gap := min(1, (x1-x0)/5)
		y := c.within(c.y(k.Height))
		if bottom-y < 0.7 {
			y = bottom - 0.7 // little is not nothing
		}
		d := fmt.Sprintf("M%s %sV%sH%sV%sz", px(x0+gap/2), px(bottom), px(y), px(x1-gap/2), px(bottom))
		if k.Note == "" {
			plain.WriteString(d)
			continue
		}
		fmt.Fprintf(&c.marks, `<path d="%s" %s><title>%s</title></path>`+"\n", d, ink.fill(), Escape(k.Note))
	}
	if plain.Len() > 0 {
		fmt.Fprintf(&c.marks, `<path d="%s" %s/>`+"\n", plain.String(), ink.fill())
	}
}

// Point is a place in the units of the axes.
type Point struct{ X, Y float64 }

// Line joins points; dashed where it is set.
func (c *Chart) Line(list []Point, ink Ink, dashed bool) {
	dash := ""
	if dashed {
		dash = ` stroke-dasharray="5 3"`
	}
	fmt.Fprintf(&c.marks, `<path d="%s" %s stroke-width="1.5"%s/>`+"\n", c.path(list, "M"), ink.stroke(), dash)
}

func (c *Chart) path(list []Point, begin string) string {
	var b strings.Builder
	for i, p := range list {
		if i == 0 {
			b.WriteString(begin)
		} else {
			b.WriteByte('L')
		}
		b.WriteString(px(c.x(p.X)) + " " + px(c.within(c.y(p.Y))))
	}
	return b.String()
}

// Band fills between two lines from left to right.
func (c *Chart) Band(low, high []Point, ink Ink) {
	if len(low) == 0 || len(high) == 0 {
		return
	}
	back := make([]Point, len(high))
	for i, p := range high {
		back[len(high)-1-i] = p
	}
	fmt.Fprintf(&c.marks, `<path d="%s%sz" %s/>`+"\n", c.path(low, "M"), c.path(back, "L"), ink.fill())
}

// Dots draws small dots, in one path.
func (c *Chart) Dots(list []Point, ink Ink, radius float64) {
	if len(list) == 0 {
		return
	}
	var b strings.Builder
	for _, p := range list {
		fmt.Fprintf(&b, "M%s %sh0", px(c.x(p.X)), px(c.within(c.y(p.Y))))
	}
	fmt.Fprintf(&c.marks, `<path d="%s" %s stroke-width="%s" stroke-linecap="round"/>`+"\n", b.String(), ink.stroke(), px(2*radius))
}

// Mark draws one symbol with a note and, where label is set, a word beside it.
func (c *Chart) Mark(p Point, symbol Symbol, ink Ink, note string) {
	c.marks.WriteString(symbol.at(c.x(p.X), c.within(c.y(p.Y)), ink, note) + "\n")
}

// Across draws a dashed line at a height, with words at its right end.
func (c *Chart) Across(y float64, ink Ink, words string) {
	l, t, r, b := c.box()
	at := c.y(y)
	if at < t || at > b {
		return
	}
	fmt.Fprintf(&c.marks, `<path d="M%s %sH%s" %s stroke-dasharray="5 3"/>`+"\n", px(l), px(at), px(r), ink.stroke())
	if words != "" {
		fmt.Fprintf(&c.words, `<text x="%s" y="%s" %s text-anchor="end" font-size="11">%s</text>`+"\n", px(r-2), px(at-4), Quiet.fill(), Escape(words))
	}
}

// Down draws a dashed line at a place of the horizontal axis, words at its top.
func (c *Chart) Down(x float64, ink Ink, words string) {
	_, t, r, b := c.box()
	at := c.x(x)
	fmt.Fprintf(&c.marks, `<path d="M%s %sV%s" %s stroke-dasharray="5 3"/>`+"\n", px(at), px(t), px(b), ink.stroke())
	if words == "" {
		return
	}
	anchor, dx := "start", 4.0
	if at+charWide*float64(utf8.RuneCountInString(words)) > r {
		anchor, dx = "end", -4
	}
	fmt.Fprintf(&c.words, `<text x="%s" y="%s" %s text-anchor="%s" font-size="11">%s</text>`+"\n", px(at+dx), px(t+10), Quiet.fill(), anchor, Escape(words))
}

// Cells are the dots of a cloud as marked cells of a grid, a pixel each: however
// many dots there are, a picture has no more marks than pixels.
type Cells struct {
	w, h int
	on   []uint64 // columns of h bits
}

// NewCells is an empty grid for the size of a chart's data.
func (c *Chart) NewCells() *Cells {
	w, h := c.Size()
	return &Cells{w: w, h: h, on: make([]uint64, (w+1)*((h+64)/64))}
}

// Set marks the cell of a point.
func (c *Chart) Set(k *Cells, p Point) {
	x, y := c.X.place(p.X), c.Y.place(p.Y)
	if !(x >= 0 && x <= 1) || math.IsNaN(y) {
		return
	}
	i, j := int(x*float64(k.w)), int(min(max(y, 0), 1)*float64(k.h))
	words := (k.h + 64) / 64
	k.on[i*words+j/64] |= 1 << (j % 64)
}

// DrawCells draws dots in all marked cells. Those of a column that touch are one
// stroke with round ends, which looks the same.
func (c *Chart) DrawCells(k *Cells, ink Ink, radius float64) {
	l, _, _, bottom := c.box()
	words := (k.h + 64) / 64
	var b strings.Builder
	for i := 0; i <= k.w; i++ {
		column := k.on[i*words : (i+1)*words]
		at := func(j int) bool { return column[j/64]>>(j%64)&1 != 0 }
		for j := 0; j <= k.h; j++ {
			if !at(j) {
				continue
			}
			from := j
			for next := j + 1; next <= k.h && float64(next-j) <= 2*radius; next++ {
				if at(next) {
					j = next
				}
			}
			fmt.Fprintf(&b, "M%d %d", int(l)+i, int(bottom)-from)
			if j > from {
				fmt.Fprintf(&b, "v%d", from-j)
			} else {
				b.WriteString("h0")
			}
		}
	}
	if b.Len() > 0 {
		fmt.Fprintf(&c.marks, `<path d="%s" %s stroke-width="%s" stroke-linecap="round"/>`+"\n", b.String(), ink.stroke(), px(2*radius))
	}
}

// Label writes a word above a point, unless it would lie on another label or leave
// the picture; it says whether it did.
func (c *Chart) Label(p Point, word string) bool {
	l, t, r, _ := c.box()
	half := charWide * float64(utf8.RuneCountInString(word)) / 2
	x, y := c.x(p.X), c.within(c.y(p.Y))-8
	x = min(max(x, l+half), r-half)
	b := rect{x - half - 2, y - fontSize, x + half + 2, y + 3}
	if y-fontSize < t-16 || b.x1-b.x0 > r-l {
		return false
	}
	for _, o := range c.labels {
		if b.x0 < o.x1 && o.x0 < b.x1 && b.y0 < o.y1 && o.y0 < b.y1 {
			return false
		}
	}
	c.labels = append(c.labels, b)
	fmt.Fprintf(&c.words, `<text x="%s" y="%s" %s text-anchor="middle" font-size="11">%s</text>`+"\n", px(x), px(y), Text.fill(), Escape(word))
	return true
}

// rect is where a label lies.
type rect struct{ x0, y0, x1, y1 float64 }

// Note writes a word into the upper left corner of the data.
func (c *Chart) Note(word string) {
	l, t, _, _ := c.box()
	fmt.Fprintf(&c.words, `<text x="%s" y="%s" %s font-size="13">%s</text>`+"\n", px(l+10), px(t+16), Text.fill(), Escape(word))
}
