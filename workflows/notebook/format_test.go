package notebook

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// checkForm is the rules of nbformat 4.5, by hand: which keys there are, of which
// kinds, and what an ID may be. It gives the cells.
func checkForm(t *testing.T, b []byte) []map[string]any {
	t.Helper()
	var n map[string]any
	if err := json.Unmarshal(b, &n); err != nil {
		t.Fatal(err)
	}
	keys(t, "the notebook", n, "cells", "metadata", "nbformat", "nbformat_minor")
	if n["nbformat"] != 4.0 || n["nbformat_minor"] != 5.0 {
		t.Errorf("nbformat %v.%v, want 4.5", n["nbformat"], n["nbformat_minor"])
	}
	kernel, _ := n["metadata"].(map[string]any)["kernelspec"].(map[string]any)
	if kernel["name"] != "python3" || kernel["display_name"] == "" {
		t.Errorf("kernelspec %v, want python3", kernel)
	}
	seen := map[string]bool{}
	form := regexp.MustCompile(`^[a-zA-Z0-9-_]{1,64}$`)
	var cells []map[string]any
	for i, x := range n["cells"].([]any) {
		c := x.(map[string]any)
		where := fmt.Sprintf("cell %d", i)
		id, _ := c["id"].(string)
		if !form.MatchString(id) || seen[id] {
			t.Errorf("%s: ID %q is no ID, or of another cell too", where, id)
		}
		seen[id] = true
		if _, ok := c["metadata"].(map[string]any); !ok {
			t.Errorf("%s: no metadata", where)
		}
		multiline(t, where, c["source"])
		switch c["cell_type"] {
		case "markdown":
			keys(t, where, c, "cell_type", "id", "metadata", "source")
		case "code":
			keys(t, where, c, "cell_type", "execution_count", "id", "metadata", "outputs", "source")
			for _, o := range c["outputs"].([]any) {
				checkOutput(t, where, o.(map[string]any))
			}
		default:
			t.Errorf("%s: kind %v", where, c["cell_type"])
		}
		cells = append(cells, c)
	}
	return cells
}

func checkOutput(t *testing.T, where string, o map[string]any) {
	t.Helper()
	switch o["output_type"] {
	case "stream":
		keys(t, where, o, "name", "output_type", "text")
		multiline(t, where, o["text"])
		if o["name"] != "stdout" && o["name"] != "stderr" {
			t.Errorf("%s: stream %v", where, o["name"])
		}
	case "display_data":
		keys(t, where, o, "data", "metadata", "output_type")
		data := o["data"].(map[string]any)
		if data["text/plain"] == nil {
			t.Errorf("%s: nothing for who sees text only", where)
		}
		for kind, v := range data {
			if !slices.Contains([]string{"text/plain", "text/html", "image/png"}, kind) {
				t.Errorf("%s: output of kind %s", where, kind)
			}
			if kind != "image/png" {
				multiline(t, where, v)
			} else if b, err := base64.StdEncoding.DecodeString(v.(string)); err != nil || !strings.HasPrefix(string(b), "\x89PNG") {
				t.Errorf("%s: a picture that is none: %v", where, err)
			}
		}
	default:
		t.Errorf("%s: output of type %v", where, o["output_type"])
	}
}

func keys(t *testing.T, where string, m map[string]any, want ...string) {
	t.Helper()
	for k := range m {
		if !slices.Contains(want, k) {
			t.Errorf("%s: key %q is not of the format", where, k)
		}
	}
	for _, k := range want {
		if _, ok := m[k]; !ok {
			t.Errorf("%s: no key %q", where, k)
		}
	}
}

// multiline: lists of lines, each but the last with its end.
func multiline(t *testing.T, where string, v any) {
	t.Helper()
	list, ok := v.([]any)
	if !ok {
		t.Errorf("%s: %v is no list of lines", where, v)
		return
	}
	for i, x := range list {
		s, ok := x.(string)
		if !ok || strings.Count(s, "\n") > 1 || i < len(list)-1 && !strings.HasSuffix(s, "\n") {
			t.Errorf("%s: line %d is %q", where, i, x)
		}
	}
}

func TestEncode(t *testing.T) {
	cells := []Cell{{Source: "# A <title> & more"}, {Code: true, Source: "1 + 1"}, {Code: true, Source: "1 + 1", Tag: "parameters"},
		{Code: true, Source: "f()", Title: "Folded", Outputs: []Output{{Printed: true, Text: "a\nb\n"}, {Text: "x", HTML: "<b>x</b>", PNG: []byte("\x89PNG")}}}}
	b, err := Encode(cells)
	if err != nil {
		t.Fatal(err)
	}
	got := checkForm(t, b)
	if id := got[1]["id"].(string); got[2]["id"] != id+"-2" {
		t.Errorf("equal cells have the IDs %v and %v", id, got[2]["id"])
	}
	for _, want := range []string{`"# A <title> & more"`, `"parameters"`, `"cellView": "form"`, `"# @title Folded\n"`, `"source_hidden": true`, "\n \"nbformat\": 4,\n \"nbformat_minor\": 5\n}\n"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %s in\n%s", want, b)
		}
	}
	again, _ := Encode(cells)
	cells[1].Outputs = []Output{{Text: "2"}}
	other, _ := Encode(cells)
	if string(again) != string(b) || checkForm(t, other)[1]["id"] != got[1]["id"] {
		t.Error("IDs are not those of what a cell says")
	}
}

// TestCells: what the cells of this package ask for is what Colab has, and of the
// rest only what may be missing.
func TestCells(t *testing.T) {
	has := []string{"atexit", "base64", "csv", "gzip", "html", "json", "shutil", "subprocess", "sys", "tempfile", "urllib.parse", "urllib.request", "collections", "pathlib", "statistics",
		"matplotlib.pyplot", "numpy", "pandas", "IPython.display", "google.colab"}
	may := []string{"duckdb", "scipy.stats"}
	files, err := sources.ReadDir("cells")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	asks := regexp.MustCompile(`^( *)(?:import|from) ([\w.]+)`)
	for _, f := range files {
		b, err := sources.ReadFile("cells/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(b), "\n") {
			if len(line) > 150 || strings.Contains(line, "\t") || strings.TrimRight(line, " ") != line {
				t.Errorf("%s:%d: %q is too long, or has tabs or blanks at its end", f.Name(), i+1, line)
			}
			if strings.HasPrefix(strings.TrimSpace(line), "!") || strings.HasPrefix(line, "%") || strings.Contains(line, "pip install") {
				t.Errorf("%s:%d: %q: nothing is installed", f.Name(), i+1, line)
			}
			m := asks.FindStringSubmatch(line)
			if m == nil || slices.Contains(has, m[2]) {
				continue
			}
			if !slices.Contains(may, m[2]) || m[1] != "    " {
				t.Errorf("%s:%d: %s may be missing, and is not asked for by try", f.Name(), i+1, m[2])
			}
		}
	}
}
