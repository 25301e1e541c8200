package notebook

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// escape writes a text so that HTML shows it as it is, as html.escape of Python does.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Table is rows of texts below a head.
type Table struct {
	Head []string
	Rows [][]string
}

// add adds a row.
func (t *Table) add(cells ...string) { t.Rows = append(t.Rows, cells) }

// output is the table as show in cells/setup.py puts it out, to the letter.
func (t *Table) output() Output {
	width := make([]int, len(t.Head))
	all := append([][]string{t.Head}, t.Rows...)
	for _, row := range all {
		for k, cell := range row {
			width[k] = max(width[k], utf8.RuneCountInString(cell))
		}
	}
	var text, page strings.Builder
	page.WriteString("<table>")
	for i, row := range all {
		tag := "td"
		if i == 0 {
			tag = "th"
		} else {
			text.WriteByte('\n')
		}
		page.WriteString("<tr>")
		for k, cell := range row {
			if k > 0 {
				text.WriteString("  ")
			}
			text.WriteString(strings.Repeat(" ", width[k]-utf8.RuneCountInString(cell)) + cell)
			page.WriteString("<" + tag + ">" + escape.Replace(cell) + "</" + tag + ">")
		}
		page.WriteString("</tr>")
	}
	page.WriteString("</table>")
	return Output{Text: text.String(), HTML: page.String()}
}

// whole is a number with commas between its thousands, as {:,} of Python.
func whole(n int) string {
	s := strconv.Itoa(n)
	from := 0
	if n < 0 {
		from = 1
	}
	for at := len(s) - 3; at > from; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

// fixed is {:.kf} of Python, NA for what is no number.
func fixed(x float64, k int) string {
	if x != x {
		return "NA"
	}
	return strconv.FormatFloat(x, 'f', k, 64)
}

// short is {:.kg} of Python, NA for what is no number.
func short(x float64, k int) string {
	if x != x {
		return "NA"
	}
	return strconv.FormatFloat(x, 'g', k, 64)
}
