// Package report writes what came of a run as one page of HTML that needs nothing
// else: no script, no network, pictures as SVG with their numbers in tables beside
// them; and the same numbers as JSON and as MultiQC's custom content.
//
// A page depends on its inputs and options alone: no date, host or path is in it.
// It has an upper size, whatever is reported: pictures are no larger than their
// pixels, long lists are cut and say so, and of many traits those with the smallest p
// have pictures.
package report

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/internal/chart"
)

// page is HTML in the making.
type page struct{ bytes.Buffer }

func (p *page) f(format string, args ...any) { fmt.Fprintf(&p.Buffer, format, args...) }

// esc is a text as HTML shows it.
var esc = chart.Escape

const style = `:root{color-scheme:light dark;--bg:#fff;--ink:#1f2328;--quiet:#59636e;--line:#d8dde3;--box:#f5f7f9;--c1:#0072b2;--c2:#d55e00;--c3:#00856b;--c4:#a8578b;--shade:#dfe5ec}
@media (prefers-color-scheme:dark){:root{--bg:#14181d;--ink:#e6e9ec;--quiet:#a3adb8;--line:#39424c;--box:#1d232a;--c1:#5ab4e8;--c2:#ff9a4d;--c3:#3dc9a8;--c4:#d99ac2;--shade:#39424c}}
@media print{:root{--bg:#fff;--ink:#000;--quiet:#444;--line:#bbb;--box:#fff;--c1:#0072b2;--c2:#d55e00;--c3:#00856b;--c4:#a8578b;--shade:#dfe5ec}figure,.cards,tr{break-inside:avoid}}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
body{margin:0 auto;max-width:1040px;padding:24px 20px 60px;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{font-size:26px;margin:0 0 4px}h2{font-size:20px;margin:40px 0 8px;padding-top:12px;border-top:1px solid var(--line)}h3{font-size:16px;margin:24px 0 6px}
p{margin:6px 0}.quiet{color:var(--quiet)}a{color:var(--c1)}
.cards{display:flex;flex-wrap:wrap;gap:10px;margin:14px 0}.cards div{background:var(--box);border:1px solid var(--line);border-radius:8px;padding:8px 14px;min-width:104px}
.cards b{display:block;font-size:20px}.cards span{color:var(--quiet);font-size:13px}
table{border-collapse:collapse;font-size:13.5px;margin:8px 0}caption{text-align:left;font-weight:600;padding:4px 0}
th,td{padding:3px 14px 3px 0;text-align:right;border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--quiet);font-weight:600}th:first-child,td:first-child,.l{text-align:left}td+td:not(.l){white-space:nowrap}
.wide{overflow-x:auto}.bar{width:160px;min-width:100px}.bar i{display:block;height:11px;margin-top:5px;background:var(--c1);border-radius:2px}
figure{margin:12px 0}figure svg{max-width:100%;height:auto}.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(440px,1fr));gap:4px 24px}
.say{border-left:4px solid var(--c3);background:var(--box);padding:8px 14px;margin:12px 0}.say.odd{border-color:var(--c2)}.say ul{margin:4px 0;padding-left:20px}
details{margin:2px 0 10px;font-size:13.5px}summary{color:var(--quiet);cursor:pointer}code,pre{font:13px/1.5 ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;background:var(--box)}pre{padding:8px 12px;overflow-x:auto}
.gx-ink{fill:var(--ink)}.gx-quiet{fill:var(--quiet)}.gx-shade{fill:var(--shade)}.gx-1{fill:var(--c1)}.gx-2{fill:var(--c2)}.gx-3{fill:var(--c3)}.gx-4{fill:var(--c4)}
.gx-ink-l{stroke:var(--ink)}.gx-quiet-l{stroke:var(--quiet)}.gx-grid-l{stroke:var(--line)}.gx-1-l{stroke:var(--c1)}.gx-2-l{stroke:var(--c2)}.gx-3-l{stroke:var(--c3)}.gx-4-l{stroke:var(--c4)}
`

// begin writes what comes before the body's content.
func (p *page) begin(title, under string) {
	p.f("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n")
	p.f("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n")
	p.f("<title>%s</title>\n<style>\n%s</style>\n</head>\n<body>\n<header><h1>%s</h1><p class=\"quiet\">%s</p></header>\n<main>\n", esc(title), style, esc(title), under)
}

func (p *page) end(version string) {
	p.f("</main>\n<footer><p class=\"quiet\">Made by gx %s. The page has no script and loads nothing.</p></footer>\n</body>\n</html>\n", esc(version))
}

// card is a number with what it is.
type card struct{ name, value, note string }

func (p *page) cards(list []card) {
	p.f("<div class=\"cards\">")
	for _, c := range list {
		p.f("<div><span>%s</span><b>%s</b>", esc(c.name), esc(c.value))
		if c.note != "" {
			p.f("<span>%s</span>", esc(c.note))
		}
		p.f("</div>")
	}
	p.f("</div>\n")
}

// grid is a table: names of columns, then rows. Columns named with a < before them are
// text, to the left.
func (p *page) grid(caption string, head []string, rows [][]string) {
	p.f("<div class=\"wide\"><table>")
	if caption != "" {
		p.f("<caption>%s</caption>", esc(caption))
	}
	p.f("<thead><tr>")
	left := make([]string, len(head))
	for i, h := range head {
		if name, ok := strings.CutPrefix(h, "<"); ok {
			h, left[i] = name, ` class="l"`
		}
		p.f("<th scope=\"col\"%s>%s</th>", left[i], esc(h))
	}
	p.f("</tr></thead>\n<tbody>\n")
	for _, r := range rows {
		p.f("<tr>")
		for i, c := range r {
			p.f("<td%s>%s</td>", left[i], esc(c))
		}
		p.f("</tr>\n")
	}
	p.f("</tbody></table></div>\n")
}

// count is a number of something named.
type count struct {
	name string
	n    int
}

// bars is a table of counts with their shares, drawn beside them.
func (p *page) bars(caption, what string, list []count) {
	total, most := 0, 1
	for _, c := range list {
		total += c.n
		most = max(most, c.n)
	}
	p.f("<div class=\"wide\"><table><caption>%s</caption><thead><tr><th scope=\"col\">%s</th><th scope=\"col\">number</th><th scope=\"col\">share</th><td aria-hidden=\"true\"></td></tr></thead>\n<tbody>\n", esc(caption), esc(what))
	for _, c := range list {
		p.f("<tr><td>%s</td><td>%s</td><td>%s</td><td class=\"bar\" aria-hidden=\"true\"><i style=\"width:%s%%\"></i></td></tr>\n", esc(c.name), whole(c.n), percent(c.n, total),
			strconv.FormatFloat(100*float64(c.n)/float64(most), 'f', 1, 64))
	}
	p.f("</tbody></table></div>\n")
}

// figure is a picture with its numbers.
func (p *page) figure(svg []byte, head []string, rows [][]string) {
	p.f("<figure>\n")
	p.Write(svg)
	if len(rows) > 0 {
		p.f("<details><summary>The numbers</summary>\n")
		p.grid("", head, rows)
		p.f("</details>\n")
	}
	p.f("</figure>\n")
}

// say is sentences about what is remarkable; none is the sentence where nothing is.
func (p *page) say(odd []string, none string) {
	if len(odd) == 0 {
		p.f("<div class=\"say\"><p>%s</p></div>\n", esc(none))
		return
	}
	p.f("<div class=\"say odd\"><p><b>Worth a look</b></p><ul>")
	for _, s := range odd {
		p.f("<li>%s</li>", esc(s))
	}
	p.f("</ul></div>\n")
}

func whole(n int) string { return chart.Commas(strconv.Itoa(n)) }

// decimals writes a number, a dash where there is none.
func decimals(x float64, n int) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "–"
	}
	return strconv.FormatFloat(x, 'f', n, 64)
}

func digits(x float64, n int) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "–"
	}
	return strconv.FormatFloat(x, 'g', n, 64)
}

func percent(n, of int) string {
	if of == 0 {
		return "–"
	}
	x := 100 * float64(n) / float64(of)
	if n > 0 && x < 0.01 {
		return "< 0.01 %"
	}
	return strconv.FormatFloat(x, 'f', 2, 64) + " %"
}

// ratio is a/b, NaN where there is none.
func ratio(a, b int) float64 {
	if b == 0 {
		return math.NaN()
	}
	return float64(a) / float64(b)
}

// number is a float of JSON, null where there is none.
type number float64

// MarshalJSON writes the number as it is, all its digits.
func (n number) MarshalJSON() ([]byte, error) {
	x := float64(n)
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, x, 'g', -1, 64), nil
}
