package raster

import (
	"bytes"
	"errors"
	"image/color"
	"image/png"
	"testing"

	"github.com/gx-genomics/gx/internal/chart"
)

// some is a picture with every kind of mark.
func some() []byte {
	c := chart.New("x", "λ of größe", chart.Linear("expected −log₁₀ p", 0, 10, 5, false), chart.Linear("count", 0, 100, 5, false))
	c.Legend("columns", chart.First, chart.Bar)
	c.Legend("line", chart.Second, chart.Dashed)
	c.Columns([]chart.Column{{From: 0, To: 1, Height: 50}, {From: 1, To: 2, Height: 80, Note: "a note"}}, chart.First)
	c.Line([]chart.Point{{X: 0, Y: 0}, {X: 5, Y: 70}, {X: 10, Y: 20}}, chart.Second, true)
	c.Dots([]chart.Point{{X: 4, Y: 40}, {X: 4.2, Y: 41}}, chart.Third, 2)
	c.Band([]chart.Point{{X: 6, Y: 10}, {X: 9, Y: 20}}, []chart.Point{{X: 6, Y: 30}, {X: 9, Y: 60}}, chart.Shade)
	k := c.NewCells()
	c.Set(k, chart.Point{X: 8, Y: 90})
	c.DrawCells(k, chart.Fourth, 1.4)
	for i, s := range []chart.Symbol{chart.Dot, chart.Diamond, chart.Triangle} {
		c.Mark(chart.Point{X: float64(i + 7), Y: 70}, s, chart.Second, "mark")
	}
	c.Across(95, chart.Quiet, "above")
	return c.SVG()
}

func TestPNG(t *testing.T) {
	b, err := PNG(some(), 2)
	if err != nil {
		t.Fatal(err)
	}
	p, err := png.Decode(bytes.NewReader(b))
	if err != nil || p.Bounds().Dx() != 640 || p.Bounds().Dy() != 300 {
		t.Fatal(p.Bounds(), err)
	}
	if again, err := PNG(some(), 2); err != nil || !bytes.Equal(again, b) {
		t.Error("the same picture has other bytes")
	}
	if larger, err := PNG(some(), 3); err != nil || len(larger) <= len(b) {
		t.Errorf("one and a half times the size has %d bytes, the size %d, %v", len(larger), len(b), err)
	}
}

// TestPixels: what is drawn stands where SVG says, covered pixels as much as they are.
func TestPixels(t *testing.T) {
	const svg = `<svg width="10" height="10"><path d="M2 2H6V4.5H2z" fill="#ff0000"/><path d="M0 7H10" stroke="#000000" fill="none" stroke-width="2"/><circle cx="8.5" cy="2.5" r="1.2" fill="#0000ff"/></svg>`
	p, err := draws([]byte(svg), 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct {
		x, y int
		want color.RGBA
	}{
		{1, 3, color.RGBA{255, 255, 255, 255}}, {2, 2, color.RGBA{255, 0, 0, 255}}, {5, 3, color.RGBA{255, 0, 0, 255}}, {6, 3, color.RGBA{255, 255, 255, 255}},
		{3, 4, color.RGBA{255, 128, 128, 255}}, {5, 6, color.RGBA{0, 0, 0, 255}}, {5, 7, color.RGBA{0, 0, 0, 255}}, {5, 8, color.RGBA{255, 255, 255, 255}},
		{8, 2, color.RGBA{}},
	} {
		got := p.RGBAAt(k.x, k.y)
		if k.want == (color.RGBA{}) { // of the circle: blue, whatever its edge
			if got.B != 255 || got.R > 60 {
				t.Errorf("%d,%d: %v is no blue", k.x, k.y, got)
			}
		} else if got != k.want {
			t.Errorf("%d,%d: %v, want %v", k.x, k.y, got, k.want)
		}
	}
}

func FuzzPNG(f *testing.F) {
	f.Add([]byte(`<svg width="8" height="8"><path d="M1 1l2 2h-1V9z" fill="#123456"/><text x="1" y="5" fill="#000000" font-size="6">a₁</text></svg>`))
	f.Add([]byte(`<svg width="20001" height="0"/>`))
	f.Add([]byte(`<svg width="9" height="9"><path d="M0 0L9 9" stroke="#000000" fill="none" stroke-dasharray="5 3"/></svg>`))
	f.Add([]byte(`<svg width="1" height="1"><text>`))
	f.Add([]byte(`<svg width="1" height="1"><title>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 500 || bytes.Count(b, []byte("<")) > 20 {
			return
		}
		if _, err := draws(b, 1); err != nil && !errors.Is(err, errForm) {
			t.Errorf("%v is no fault of the picture", err)
		}
	})
}
