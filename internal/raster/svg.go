// Package raster draws the pictures of package chart as pixels: the part of SVG that
// they are made of, no other. All arithmetic is in whole numbers, so the pixels are
// the same on every machine.
package raster

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"strconv"
	"strings"

	"golang.org/x/image/font/sfnt"
)

// Bounds of a picture, in pixels: of its sides, and of its area.
const (
	most     = 20_000
	mostArea = 20_000_000
)

// PNG draws an SVG of package chart, each of its pixels as scale halves of a pixel: 2
// is its own size, 3 one and a half of it.
func PNG(svg []byte, scale int) ([]byte, error) {
	p, err := draws(svg, scale)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	e := png.Encoder{CompressionLevel: png.BestCompression}
	err = e.Encode(&b, p.paletted())
	return b.Bytes(), err
}

// picture is pixels in the making.
type picture struct {
	*image.RGBA
	scale int
	font  *sfnt.Font
}

// errForm is of what is not a picture of package chart.
var errForm = errors.New("not a picture that gx draws")

func draws(svg []byte, scale int) (*picture, error) {
	d := xml.NewDecoder(bytes.NewReader(svg))
	font, err := letters()
	if err != nil {
		return nil, err
	}
	p := &picture{scale: scale, font: font}
	for {
		t, err := d.Token()
		if err == io.EOF && p.RGBA != nil {
			return p, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errForm, err)
		}
		s, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		at := map[string]string{}
		for _, a := range s.Attr {
			at[a.Name.Local] = a.Value
		}
		switch {
		case s.Name.Local == "svg" && p.RGBA == nil:
			err = p.begin(at)
		case p.RGBA == nil:
			err = errForm
		case s.Name.Local == "path":
			err = p.path(at)
		case s.Name.Local == "circle":
			err = p.circle(at)
		case s.Name.Local == "text":
			var words string
			if err = d.DecodeElement(&words, &s); err != nil {
				err = fmt.Errorf("%w: %w", errForm, err)
			} else {
				err = p.text(at, words)
			}
		case s.Name.Local == "title" || s.Name.Local == "desc":
			if err = d.Skip(); err != nil {
				err = fmt.Errorf("%w: %w", errForm, err)
			}
		default:
			err = fmt.Errorf("%w: element %s", errForm, s.Name.Local)
		}
		if err != nil {
			return nil, err
		}
	}
}

func (p *picture) begin(at map[string]string) error {
	w, errW := strconv.Atoi(at["width"])
	h, errH := strconv.Atoi(at["height"])
	if errW != nil || errH != nil || w < 1 || h < 1 || w > most || h > most || w*h > mostArea || p.scale < 1 || p.scale > 20 {
		return fmt.Errorf("%w: width %q and height %q", errForm, at["width"], at["height"])
	}
	p.RGBA = image.NewRGBA(image.Rect(0, 0, (w*p.scale+1)/2, (h*p.scale+1)/2))
	draw.Draw(p.RGBA, p.Bounds(), image.White, image.Point{}, draw.Src)
	return nil
}

// length reads a number with at most one decimal as 64ths of a pixel.
func (p *picture) length(s string) (int, error) {
	whole, decimals, _ := strings.Cut(s, ".")
	if len(decimals) > 1 || len(whole) > 6 || whole == "" {
		return 0, fmt.Errorf("%w: number %q", errForm, s)
	}
	n, err := strconv.Atoi(whole + (decimals + "0")[:1])
	if err != nil {
		return 0, fmt.Errorf("%w: number %q", errForm, s)
	}
	return floorDiv(n*unit*p.scale+10, 20), nil
}

// colour reads #rrggbb.
func colour(s string) (color.RGBA, error) {
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 24)
	if err != nil || len(s) != 7 {
		return color.RGBA{}, fmt.Errorf("%w: colour %q", errForm, s)
	}
	return color.RGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 255}, nil
}

func (p *picture) circle(at map[string]string) error {
	x, errX := p.length(at["cx"])
	y, errY := p.length(at["cy"])
	r, errR := p.length(at["r"])
	ink, err := colour(at["fill"])
	if err := errors.Join(errX, errY, errR, err); err != nil {
		return err
	}
	var s shape
	s.disc(point{x, y}, r)
	s.fill(p.RGBA, ink)
	return nil
}

func (p *picture) text(at map[string]string, text string) error {
	x, errX := p.length(at["x"])
	y, errY := p.length(at["y"])
	size, errSize := p.length(at["font-size"])
	if at["font-size"] == "" {
		size, errSize = p.length("12")
	}
	ink, err := colour(at["fill"])
	if err := errors.Join(errX, errY, errSize, err); err != nil {
		return err
	}
	anchor := map[string]int{"": -1, "start": -1, "middle": 0, "end": 1}[at["text-anchor"]]
	turned := strings.HasPrefix(at["transform"], "rotate(-90 ")
	var s shape
	if err := words(&s, p.font, text, point{x, y}, size, anchor, turned, at["font-weight"] == "600"); err != nil {
		return err
	}
	s.fill(p.RGBA, ink)
	return nil
}

func (p *picture) path(at map[string]string) error {
	lists, err := p.parse(at["d"])
	if err != nil {
		return err
	}
	var s shape
	word := at["fill"]
	if word != "none" {
		for _, l := range lists {
			s.add(l...)
		}
	} else {
		word = at["stroke"]
		wide := at["stroke-width"]
		if wide == "" {
			wide = "1"
		}
		width, err := p.length(wide)
		if err != nil {
			return err
		}
		var dashes []int
		for _, f := range strings.Fields(at["stroke-dasharray"]) {
			n, err := p.length(f)
			if err != nil || n < unit/4 {
				return fmt.Errorf("%w: dashes %q", errForm, at["stroke-dasharray"])
			}
			dashes = append(dashes, n)
		}
		for _, l := range lists {
			s.stroke(l, width, at["stroke-linecap"] == "round", dashes)
		}
	}
	ink, err := colour(word)
	if err == nil {
		s.fill(p.RGBA, ink)
	}
	return err
}

// parse reads the outlines of a path.
func (p *picture) parse(d string) (lists [][]point, err error) {
	var at point
	number := func() (v int) {
		d = strings.TrimLeft(d, " ")
		n := 0
		for n < len(d) && (d[n] >= '0' && d[n] <= '9' || d[n] == '.' || n == 0 && d[n] == '-') {
			n++
		}
		v, bad := p.length(d[:n])
		err = errors.Join(err, bad)
		d = d[n:]
		return v
	}
	for d = strings.TrimLeft(d, " "); d != "" && err == nil; d = strings.TrimLeft(d, " ") {
		command := d[0]
		d = d[1:]
		switch command {
		case 'M':
			at = point{number(), number()}
			lists = append(lists, []point{at})
			continue
		case 'L':
			at = point{number(), number()}
		case 'l':
			at = point{at.x + number(), at.y + number()}
		case 'H':
			at.x = number()
		case 'h':
			at.x += number()
		case 'V':
			at.y = number()
		case 'v':
			at.y += number()
		case 'z':
			continue
		default:
			return nil, fmt.Errorf("%w: path command %q", errForm, command)
		}
		if len(lists) == 0 {
			return nil, fmt.Errorf("%w: a path that does not begin by M", errForm)
		}
		k := len(lists) - 1
		lists[k] = append(lists[k], at)
	}
	return lists, err
}

// paletted is the picture with a list of its colours, if they are few: a quarter of
// the bytes.
func (p *picture) paletted() image.Image {
	index := map[color.RGBA]uint8{}
	var list color.Palette
	out := image.NewPaletted(p.Bounds(), nil)
	for i := 0; i < len(p.Pix); i += 4 {
		c := color.RGBA{p.Pix[i], p.Pix[i+1], p.Pix[i+2], p.Pix[i+3]}
		k, ok := index[c]
		if !ok {
			if len(list) == 256 {
				return p.RGBA
			}
			k = uint8(len(list))
			index[c] = k
			list = append(list, c)
		}
		out.Pix[i/4] = k
	}
	out.Palette = list
	return out
}
