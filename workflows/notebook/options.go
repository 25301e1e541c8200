package notebook

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// Options say where a notebook and its data will lie.
type Options struct {
	Title  string // empty for one of the results
	Data   string // folder, https:// or gs:// address of the results; empty for beside the notebook
	Repo   string // OWNER/REPO of GitHub where the notebook will lie; empty for not known
	Branch string
	Path   string // of the notebook in the repository
}

// Embedded is a file that lies inside the notebook.
type Embedded struct {
	Name string
	Data []byte
}

// Source is a file of results as a notebook tells of it.
type Source struct{ Name, Digest string }

var (
	repoForm   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$`)
	branchForm = regexp.MustCompile(`^[A-Za-z0-9._/-]+$`)
)

// Validate says all that is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if o.Repo != "" {
		if !repoForm.MatchString(o.Repo) {
			bad("repo %q: want OWNER/REPO as in the address of the repository on GitHub", o.Repo)
		}
		if !branchForm.MatchString(o.Branch) || strings.Contains(o.Branch, "..") {
			bad("branch %q: want the name of a branch", o.Branch)
		}
		if clean := path.Clean(o.Path); clean != o.Path || path.IsAbs(clean) || strings.HasPrefix(clean, "..") || path.Ext(clean) != ".ipynb" {
			bad("path %q: want that of the notebook in the repository, as results/N.ipynb", o.Path)
		}
	}
	if scheme, _, far := strings.Cut(o.Data, "://"); far && scheme != "gs" && scheme != "https" && scheme != "http" {
		bad("data %q: want a folder, https:// or gs://", o.Data)
	}
	if strings.ContainsAny(o.Data+o.Title, "\n\r") {
		bad("a line break in the title or in data")
	}
	return errors.Join(errs...)
}

// Colab is the address that opens the notebook in Colab; empty without a
// repository.
func (o *Options) Colab() string {
	if o.Repo == "" {
		return ""
	}
	return "https://colab.research.google.com/github/" + o.Repo + "/blob/" + escapePath(o.Branch+"/"+o.Path)
}

// raw is the address of the folder of the notebook, as GitHub gives out its files.
func (o *Options) raw() string {
	if o.Repo == "" {
		return ""
	}
	folder := o.Branch
	if d := path.Dir(o.Path); d != "." {
		folder += "/" + d
	}
	return "https://raw.githubusercontent.com/" + o.Repo + "/" + escapePath(folder)
}

func escapePath(p string) string {
	parts := strings.Split(p, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}

// badge is what stands below the title: the link to Colab, or how to get one.
func (o *Options) badge() string {
	if at := o.Colab(); at != "" {
		return "[![Open In Colab](https://colab.research.google.com/assets/colab-badge.svg)](" + at + ")"
	}
	return "To open it in Colab, upload it at https://colab.research.google.com, or put it into a repository on GitHub and make it again\n" +
		"with `--repo OWNER/REPO --branch BRANCH --path PATH/IN/REPO.ipynb`: then a link to Colab stands here."
}

// where says what the notebook reads, and from where.
func (o *Options) where(sources []Source, inside []Embedded) string {
	var b strings.Builder
	b.WriteString("| file | digest |\n|---|---|\n")
	for _, s := range sources {
		fmt.Fprintf(&b, "| %s | `%s` |\n", markdown(s.Name), s.Digest)
	}
	b.WriteString("\n")
	switch {
	case len(inside) > 0:
		b.WriteString("The files lie inside this notebook: it runs as it is.")
	case o.Data != "":
		fmt.Fprintf(&b, "The files are read from `%s`.", o.Data)
	case o.Repo != "":
		b.WriteString("The files are read from the folder of this notebook, or from its repository.")
	default:
		b.WriteString("The files are read from the folder of this notebook.")
	}
	b.WriteString(" What stands below each cell was counted and drawn by gx; running the cells gives the same again.")
	return b.String()
}

// markdownEscaper takes from texts of files what markdown would make of them.
var markdownEscaper = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "|", `\|`, "$", `\$`, "#", `\#`)

func markdown(s string) string { return markdownEscaper.Replace(s) }

// quoted is a text as Python writes it.
func quoted(s string) string { return strconv.QuoteToASCII(strings.ToValidUTF8(s, "\ufffd")) }

// param is a line of the cell of parameters.
type param struct{ name, value, comment string }

// head are the cells before the results: what it is, the parameters, the files
// that lie inside, and the functions that all need.
func (o *Options) head(title string, sources []Source, inside []Embedded, own []param) []Cell {
	if o.Title != "" {
		title = o.Title
	}
	var p strings.Builder
	p.WriteString("import sys\n\nIN_COLAB = \"google.colab\" in sys.modules\n")
	list := append([]param{
		{"DATA", quoted(o.Data), "where the files are: a folder, https://... or gs://...; empty for in or beside this notebook"},
		{"REPOSITORY", quoted(o.raw()), "where they are looked for after that"}}, own...)
	if len(inside) == 0 {
		list = append(list, param{"EMBEDDED", "{}", "files that lie inside this notebook"})
	}
	for i, x := range list {
		if i > 0 {
			p.WriteByte('\n')
		}
		p.WriteString(x.name + " = " + x.value)
		if x.comment != "" {
			p.WriteString("  # " + x.comment)
		}
	}
	cells := []Cell{
		{Source: "# " + markdown(title) + "\n\n" + o.badge() + "\n\n" + o.where(sources, inside)},
		{Code: true, Source: p.String(), Tag: "parameters"},
	}
	if len(inside) > 0 {
		cells = append(cells, Cell{Code: true, Source: embedding(inside), Title: "The files, inside this notebook"})
	}
	return append(cells, folded("setup", "Where files are found, and how tables are shown"))
}

// embedding is the files as a dictionary of texts in base64.
func embedding(files []Embedded) string {
	const width = 120
	var b strings.Builder
	b.WriteString("EMBEDDED = {\n")
	for _, f := range files {
		fmt.Fprintf(&b, "    %s:\n", quoted(f.Name))
		text := base64.StdEncoding.EncodeToString(f.Data)
		for len(text) > width {
			fmt.Fprintf(&b, "        \"%s\"\n", text[:width])
			text = text[width:]
		}
		fmt.Fprintf(&b, "        \"%s\",\n", text)
	}
	return b.String() + "}"
}
