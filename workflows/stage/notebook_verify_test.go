//go:build verify

package stage

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/internal/verify"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/table"
	"github.com/gx-genomics/gx/variant/locus"
	variants "github.com/gx-genomics/gx/variant/simulate"
)

// pythons runs notebooks and counts what came of them.
type pythons struct {
	t                          *testing.T
	python                     string
	nbconvert, papermill       int // that ended well
	texts, differ, figures, no int // figures: cells that saved and drew some; no: cells that saved and drew none, or the other way round
}

// execute runs a notebook in its folder, and compares what it puts out with what
// was saved. env is of the program, flags of papermill; nil for nbconvert.
func (p *pythons) execute(name, notebook string, env []string, flags []string) {
	p.t.Helper()
	dir, out := filepath.Dir(notebook), filepath.Join(p.t.TempDir(), "executed.ipynb")
	args := []string{"-m", "nbconvert", "--to", "notebook", "--execute", notebook, "--output", out}
	if flags != nil {
		args = append([]string{"-m", "papermill", "--cwd", dir, notebook, out}, flags...)
	}
	check := exec.Command(p.python, "-c", "import nbformat, sys; nbformat.validate(nbformat.read(sys.argv[1], as_version=nbformat.NO_CONVERT))", notebook)
	if b, err := check.CombinedOutput(); err != nil {
		p.t.Errorf("%s: not a notebook by nbformat: %v\n%s", name, err, b)
		return
	}
	cmd := exec.Command(p.python, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	if b, err := cmd.CombinedOutput(); err != nil {
		p.t.Errorf("%s: %v\n%s", name, err, b)
		return
	}
	if flags == nil {
		p.nbconvert++
	} else {
		p.papermill++
	}
	saved, ran := p.read(notebook), p.read(out)
	if flags != nil {
		return // with other parameters it says other things
	}
	if len(saved) != len(ran) {
		p.t.Errorf("%s: %d cells were saved, %d put out", name, len(saved), len(ran))
		return
	}
	for i := range saved {
		a, b := saved[i], ran[i]
		for k := range max(len(a.texts), len(b.texts)) {
			if p.texts++; k >= len(a.texts) || k >= len(b.texts) || a.texts[k] != b.texts[k] {
				p.differ++
				p.t.Errorf("%s, cell %d: saved\n%q\nput out\n%q", name, i, a.texts, b.texts)
				break
			}
		}
		if (a.figures > 0) != (b.figures > 0) {
			p.no++
			p.t.Errorf("%s, cell %d: %d pictures were saved, %d drawn", name, i, a.figures, b.figures)
		} else if a.figures > 0 {
			p.figures++
		}
	}
}

// putOut is what a cell puts out: tables and lines, and how many pictures.
type putOut struct {
	texts   []string
	figures int
}

func (p *pythons) read(path string) (cells []putOut) {
	p.t.Helper()
	var n struct {
		Cells []struct {
			Outputs []struct {
				Type string `json:"output_type"`
				Name string
				Text json.RawMessage
				Data map[string]json.RawMessage
			}
		}
	}
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &n)
	}
	if err != nil {
		p.t.Fatalf("%s: %v", path, err)
	}
	text := func(raw json.RawMessage) string {
		var list []string
		if json.Unmarshal(raw, &list) != nil {
			list = []string{string(raw)}
		}
		return strings.Join(list, "")
	}
	for _, c := range n.Cells {
		var x putOut
		for _, o := range c.Outputs {
			switch {
			case o.Type == "stream" && o.Name == "stderr":
				x.texts = append(x.texts, "on stderr: "+text(o.Text))
			case o.Type == "stream":
				x.texts = append(x.texts, text(o.Text))
			case o.Data["image/png"] != nil || o.Data["image/svg+xml"] != nil:
				x.figures++
			default:
				x.texts = append(x.texts, text(o.Data["text/plain"]), text(o.Data["text/html"]))
			}
		}
		cells = append(cells, x)
	}
	return cells
}

// TestVerifyNotebook runs notebooks of every kind of results.
func TestVerifyNotebook(t *testing.T) {
	python := os.Getenv("GX_PYTHON")
	if python == "" {
		t.Fatal("GX_PYTHON names no Python with nbconvert, ipykernel, papermill, pandas, matplotlib and pyarrow (from PyPI)")
	}
	p := &pythons{t: t, python: python}
	env := &Env{Store: object.Files{}, Threads: 2}
	make := func(results string, change func(*NotebookPlan)) string {
		t.Helper()
		plan := DefaultNotebookPlan()
		plan.Results, plan.Out = results, filepath.Join(filepath.Dir(results), "n.ipynb")
		if change != nil {
			change(&plan)
		}
		if err := Notebook(t.Context(), env, plan); err != nil {
			t.Fatal(err)
		}
		return plan.Out
	}
	scan := t.TempDir()
	plan := cohortPlan(t, scan, "y_nl", "y_lin", "b_nl")
	plan.Null, plan.Parquet = "deepnull", true
	if _, err := Assoc(t.Context(), env, plan); err != nil {
		t.Fatal(err)
	}
	n := make(scan+"/r", nil)
	p.execute("a scan as Parquet", n, nil, nil)
	p.execute("a scan by papermill", n, nil, []string{"-p", "HIT_P", "1e-6", "-p", "WINDOW", "100000"})
	p.execute("a scan without DuckDB and SciPy", n, p.without("duckdb", "scipy"), nil)
	p.elsewhere(scan, make)
	for _, format := range []table.Format{table.GX, table.Regenie, table.PLINK2, table.SSF, table.LocusZoom, table.PheWeb} {
		dir := t.TempDir()
		plan := cohortPlan(t, dir, "y_nl", "b_nl")
		plan.Columns.Format, plan.SSF = format, table.DefaultMeta()
		if _, err := Assoc(t.Context(), env, plan); err != nil {
			t.Fatal(err)
		}
		p.execute(fmt.Sprint("a scan in format ", format), make(dir+"/r", nil), nil, nil)
	}
	c := newSetCohort(t)
	if _, _, err := c.run(c.plan(c.path("genes")), 2); err != nil {
		t.Fatal(err)
	}
	p.execute("sets of variants", make(c.path("genes"), nil), nil, nil)
	dir := scanFolder(t)
	p.execute("several tests of a variant", make(dir+"/a", nil), nil, nil)
	p.calls(env, make)
	figures := []verify.Figure{
		{Name: "notebooks of scans, sets, calls and a comparison run by nbconvert", Value: float64(p.nbconvert), Unit: "notebooks", Bar: 18},
		{Name: "run by papermill with other parameters", Value: float64(p.papermill), Unit: "notebooks", Bar: 1},
		{Name: "tables and lines saved that are put out to the letter", Value: float64(p.texts - p.differ), Unit: "texts", Bar: float64(p.texts)},
		{Name: "tables and lines that are not", Value: float64(p.differ), Unit: "texts", Most: true},
		{Name: "cells with pictures saved and drawn", Value: float64(p.figures), Unit: "cells", Bar: float64(p.figures + p.no)},
		{Name: "cells with pictures only saved or only drawn", Value: float64(p.no), Unit: "cells", Most: true},
	}
	if err := verify.Write("../..", verify.Notebook, figures); err != nil {
		t.Fatal(err)
	}
	if _, err := verify.Read("../..", verify.Notebook); err != nil {
		t.Error(err)
	}
}

// elsewhere runs notebooks whose files lie inside them, on a web server, and in a
// cloud, as in Colab.
func (p *pythons) elsewhere(scan string, make func(string, func(*NotebookPlan)) string) {
	t := p.t
	server := httptest.NewServer(http.FileServer(http.Dir(scan)))
	defer server.Close()
	bin, asked := t.TempDir(), filepath.Join(t.TempDir(), "asked")
	copier := fmt.Sprintf("#!/bin/sh\nset -e\n[ \"$1 $2\" = \"storage cp\" ]\ncp %s/\"${3#gs://bucket/run 7/}\" \"$4\"\n", scan)
	if err := os.WriteFile(bin+"/gcloud", []byte(copier), 0o700); err != nil {
		t.Fatal(err)
	}
	colab := p.modules(map[string]string{"google/__init__.py": "", "google/colab/__init__.py": "",
		"google/colab/auth.py": fmt.Sprintf("def authenticate_user():\n    open(%q, 'a').write('x')\n", asked), "sitecustomize.py": "import google.colab\n"})
	for _, k := range []struct {
		name   string
		env    []string
		change func(*NotebookPlan)
	}{
		{"a scan inside its notebook", nil, func(n *NotebookPlan) { n.Embed = true }},
		{"a scan on a web server", nil, func(n *NotebookPlan) { n.Options.Data = server.URL }},
		{"a scan in a cloud", []string{"PATH=" + bin + ":" + os.Getenv("PATH")}, func(n *NotebookPlan) { n.Options.Data = "gs://bucket/run 7" }},
		{"a scan in a cloud, in Colab", append(colab, "PATH="+bin+":"+os.Getenv("PATH")), func(n *NotebookPlan) { n.Options.Data = "gs://bucket/run 7" }},
	} {
		out := filepath.Join(t.TempDir(), "n.ipynb") // nothing lies beside it
		p.execute(k.name, make(scan+"/r", func(n *NotebookPlan) { k.change(n); n.Out = out }), k.env, nil)
		_, err := os.Stat(asked)
		if got, want := err == nil, strings.HasSuffix(k.name, "Colab"); got != want {
			t.Errorf("%s: it was asked who it is: %t, want %t", k.name, got, want)
		}
	}
}

// calls runs notebooks of real calls, of a gVCF, and of a comparison.
func (p *pythons) calls(env *Env, make func(string, func(*NotebookPlan)) string) {
	t := p.t
	dir := t.TempDir()
	for _, name := range []string{golden19 + "postprocess_single_site_output.vcf.gz", golden19 + "postprocess_gvcf_output.g.vcf", testdata + "input/test_nist.b37_chr20_100kbp_at_10mb.vcf.gz"} {
		from := shared.Path(t, name)
		b, err := os.ReadFile(from)
		to := filepath.Join(dir, filepath.Base(from))
		if err == nil {
			err = os.WriteFile(to, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		p.execute(filepath.Base(name), make(to, nil), nil, nil)
	}
	ref := ""
	for k, sample := range []string{"s1", "s2"} {
		g := GenomePlan{Ref: ref, Prefix: filepath.Join(dir, sample), Sample: sample, Reference: variants.DefaultReference(), Truth: variants.DefaultTruth()}
		g.Reference.Contigs, g.Truth.Seed = []locus.Contig{{Name: "c1", Length: 100_000}}, uint64(k+5)
		if err := SimulateGenome(t.Context(), env, g); err != nil {
			t.Fatal(err)
		}
		ref = filepath.Join(dir, "s1.fa")
	}
	c := ComparePlan{Ref: ref, Truth: dir + "/s1.vcf.gz", Queries: []string{dir + "/s2.vcf.gz"}, Prefix: dir + "/c"}
	if _, err := Compare(t.Context(), env, c); err != nil {
		t.Fatal(err)
	}
	p.execute("a comparison", make(dir+"/c", nil), nil, nil)
}

// modules makes a folder of Python modules, and what puts it on Python's path.
func (p *pythons) modules(files map[string]string) []string {
	p.t.Helper()
	dir := p.t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			p.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
	return []string{"PYTHONPATH=" + dir}
}

// without is Python without some modules.
func (p *pythons) without(names ...string) []string {
	text := "import sys\n"
	for _, name := range names {
		text += fmt.Sprintf("sys.modules[%q] = None\n", name)
	}
	return p.modules(map[string]string{"sitecustomize.py": text})
}
