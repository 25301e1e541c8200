// Package notebook makes Jupyter notebooks of results: cells of Python that
// read, count and draw them, with what the cells put out saved in them as gx
// counts and draws it. A notebook therefore shows everything before it was run,
// and running it shows the same again, from the same files.
//
// The cells are files of this package. They need what Colab has (pandas, numpy,
// matplotlib, pyarrow) and use DuckDB and SciPy where these are. Texts and tables
// that gx saves are, character by character, those that the cells print; figures
// show the same points in other ink.
package notebook

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// Cell is a cell of a notebook: text, or code with what it puts out.
type Cell struct {
	Code    bool
	Source  string
	Outputs []Output // of code
	Tag     string   // of papermill and the like; empty for none
	Title   string   // of code that is shown folded; empty for code that is not
}

// Output is what a cell of code puts out: a table, a figure or printed lines. Text
// stands in for a figure where none can be shown.
type Output struct {
	Printed bool // lines of standard output, which Text is
	Text    string
	HTML    string
	PNG     []byte // a figure: SVG is not shown everywhere that notebooks are
}

// Form of the format that is written: nbformat 4.5.
const (
	major = 4
	minor = 5
)

// Encode writes a notebook as Jupyter does: keys sorted, one blank of indent a
// level, texts as lists of lines. Equal cells give equal bytes: the ID of a cell
// is the digest of its source, and the second of equal ones is told apart by a number.
func Encode(cells []Cell) ([]byte, error) {
	list := make([]any, len(cells))
	seen := map[string]int{}
	for i := range cells {
		id := cells[i].id()
		if seen[id]++; seen[id] > 1 {
			id = fmt.Sprintf("%s-%d", id, seen[id])
		}
		list[i] = cells[i].node(id)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(map[string]any{
		"cells": list,
		"metadata": map[string]any{
			"colab":         map[string]any{"provenance": []any{}},
			"kernelspec":    map[string]any{"display_name": "Python 3", "language": "python", "name": "python3"},
			"language_info": map[string]any{"name": "python"},
		},
		"nbformat": major, "nbformat_minor": minor,
	})
	return b.Bytes(), err
}

// id is the digest of what the cell is.
func (c *Cell) id() string {
	kind := "markdown"
	if c.Code {
		kind = "code"
	}
	sum := sha256.Sum256([]byte(kind + "\n" + c.Source))
	return hex.EncodeToString(sum[:6])
}

func (c *Cell) node(id string) map[string]any {
	meta := map[string]any{}
	if c.Tag != "" {
		meta["tags"] = []string{c.Tag}
	}
	if c.Title != "" { // Colab's way of folding code, and Jupyter's
		meta["cellView"] = "form"
		meta["jupyter"] = map[string]any{"source_hidden": true}
	}
	n := map[string]any{"cell_type": "markdown", "id": id, "metadata": meta, "source": lines(c.source())}
	if !c.Code {
		return n
	}
	outputs := make([]any, len(c.Outputs))
	for i := range c.Outputs {
		outputs[i] = c.Outputs[i].node()
	}
	n["cell_type"], n["execution_count"], n["outputs"] = "code", nil, outputs
	return n
}

func (c *Cell) source() string {
	if c.Title != "" {
		return "# @title " + c.Title + "\n" + c.Source
	}
	return c.Source
}

func (o *Output) node() map[string]any {
	if o.Printed {
		return map[string]any{"output_type": "stream", "name": "stdout", "text": lines(o.Text)}
	}
	data := map[string]any{"text/plain": lines(o.Text)}
	if o.HTML != "" {
		data["text/html"] = lines(o.HTML)
	}
	if o.PNG != nil {
		data["image/png"] = base64.StdEncoding.EncodeToString(o.PNG)
	}
	return map[string]any{"output_type": "display_data", "data": data, "metadata": map[string]any{}}
}

// lines are those of a text, each with its end.
func lines(text string) []string {
	out := []string{}
	for line := range strings.Lines(text) {
		out = append(out, line)
	}
	return out
}
