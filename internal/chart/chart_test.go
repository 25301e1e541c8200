package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
)

// wellFormed reads a picture as XML.
func wellFormed(t *testing.T, b []byte) (texts []string) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(b))
	for {
		k, err := d.Token()
		if errors.Is(err, io.EOF) {
			return texts
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		if c, ok := k.(xml.CharData); ok && strings.TrimSpace(string(c)) != "" {
			texts = append(texts, string(c))
		}
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		axis Axis
		want string
	}{
		{Linear("", 0, 1, 5, true), "0 0.2 0.4 0.6 0.8 1.0"},
		{Linear("", 0, 12345, 4, true), "0 5,000 10,000 15,000"},
		{Linear("", -60, 60, 6, true), "-60 -40 -20 0 20 40 60"},
		{Linear("", 3, 3, 2, true), "3.0 3.5 4.0"},
		{Linear("", math.NaN(), math.Inf(1), 2, true), "0 0.5 1.0"},
		{Log10("", 1, 4000), "1 10 100 1,000 10,000"},
		{Log10("", 0, 0), "1 10"},
	} {
		var got []string
		for _, k := range c.axis.Ticks {
			got = append(got, k.Text)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%+v: ticks %s, want %s", c.axis, s, c.want)
		}
	}
}

func TestPicture(t *testing.T) {
	c := New("a-1", "Depth of <sites> & \"more\"", Linear("depth", 0, 10, 5, true), Linear("sites", 0, 100, 5, true))
	c.Desc = "what it shows"
	c.Legend("SNPs", First, Bar)
	c.Columns([]Column{{0, 1, 50, "0 to 1: 50"}, {1, 2, 0, ""}, {2, 3, 1e9, ""}}, First)
	c.Line([]Point{{0, 0}, {10, math.NaN()}}, Second, true)
	c.Band([]Point{{0, 1}}, []Point{{0, 2}}, Shade)
	c.Dots([]Point{{1, 1}}, Third, 2)
	c.Mark(Point{5, 5}, Triangle, Fourth, "a\x00b")
	c.Across(50, Second, "half")
	c.Down(10, Quiet, "the end")
	if !c.Label(Point{5, 50}, "first") || c.Label(Point{5, 51}, "second") {
		t.Error("labels lie on each other")
	}
	texts := strings.Join(wellFormed(t, c.SVG()), "|")
	for _, want := range []string{"Depth of <sites> & \"more\"", "what it shows", "SNPs", "0 to 1: 50", "half", "the end", "a\ufffdb", "first"} {
		if !strings.Contains(texts, want) {
			t.Errorf("no text %q in %s", want, texts)
		}
	}
	if strings.Contains(string(c.SVG()), "NaN") || strings.Contains(string(c.SVG()), "Inf") {
		t.Error("a place that is no number")
	}
}

// TestCells: a cloud of any number of dots is no larger than its pixels.
func TestCells(t *testing.T) {
	c := New("c", "cloud", Linear("", 0, 1, 5, true), Linear("", 0, 1, 5, true))
	k := c.NewCells()
	for i := range 1000 {
		for j := range 1000 {
			c.Set(k, Point{float64(i) / 999, float64(j) / 999})
		}
	}
	c.Set(k, Point{2, 0.5})
	c.Set(k, Point{0.5, math.NaN()})
	c.DrawCells(k, First, 1.4)
	b := c.SVG()
	wellFormed(t, b)
	if w, _ := c.Size(); strings.Count(string(b), "v-") != w+1 {
		t.Errorf("%d strokes, want one of each of %d columns", strings.Count(string(b), "v-"), w+1)
	}
}

func TestScientific(t *testing.T) {
	for x, want := range map[float64]string{5e-8: "5×10⁻⁸", 1e-5: "10⁻⁵", 2.5e-6: "2.5×10⁻⁶", 3: "3", 0: "0"} {
		if got := Scientific(x); got != want {
			t.Errorf("%g: %s, want %s", x, got, want)
		}
	}
}
