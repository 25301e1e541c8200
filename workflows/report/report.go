package report

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// Schema is the version of the JSON summary. It rises when a name goes or changes its
// meaning, not when one is added.
const Schema = 1

// Report is what is reported. It is the JSON summary as it stands.
type Report struct {
	Schema  int      `json:"schema"`
	Version string   `json:"gx_version"`
	Title   string   `json:"title"`
	Inputs  []Input  `json:"inputs"`
	Calls   []*Calls `json:"calls,omitempty"`
	Traits  []*Trait `json:"association,omitempty"`
	Runs    []*Run   `json:"runs,omitempty"`
	Advice  []Advice `json:"-"` // how to go on, at the end of the page
}

// Input is a file by its name without folders and its digest.
type Input struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
}

// Advice is a command, or lines of a file, and what it is for.
type Advice struct{ What, Text string }

// JSON is the machine summary.
func (r *Report) JSON() ([]byte, error) {
	r.Schema = Schema
	b, err := json.MarshalIndent(r, "", " ")
	return append(b, '\n'), err
}

// HTML is the page.
func (r *Report) HTML() []byte {
	p := &page{}
	var names []string
	for _, in := range r.Inputs {
		names = append(names, esc(in.Name)+" <code>"+esc(in.Digest)+"</code>")
	}
	const most = 12
	if n := len(names) - most; n > 0 {
		names = append(names[:most], "and "+whole(n)+" more")
	}
	p.begin(r.Title, "Of "+strings.Join(names, ", "))
	for i, c := range r.Calls {
		c.write(p, i)
	}
	writeTraits(p, r.Traits)
	for _, m := range r.Runs {
		m.write(p)
	}
	if len(r.Advice) > 0 {
		p.f("<section><h2>How to go on</h2>\n")
		for _, a := range r.Advice {
			p.f("<p>%s</p><pre>%s</pre>\n", esc(a.What), esc(a.Text))
		}
		p.f("</section>\n")
	}
	p.end(r.Version)
	return p.Bytes()
}

// sortedCounts lists counts by name, the largest first.
func sortedCounts(m map[string]int) (list []count) {
	for name, n := range m {
		list = append(list, count{name, n})
	}
	slices.SortFunc(list, func(a, b count) int { return cmp.Or(cmp.Compare(b.n, a.n), strings.Compare(a.name, b.name)) })
	return list
}

// few cuts a list of counts, the rest as one.
func few(list []count, most int) []count {
	if len(list) <= most {
		return list
	}
	rest := count{whole(len(list)-most+1) + " others", 0}
	for _, c := range list[most-1:] {
		rest.n += c.n
	}
	return append(slices.Clone(list[:most-1]), rest)
}
