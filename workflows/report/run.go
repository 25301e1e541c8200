package report

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Run is what a plan left, by its manifest.
type Run struct {
	File     string    `json:"file"`
	Name     string    `json:"name"`
	Version  string    `json:"gx_version"`
	Steps    []RunStep `json:"steps"`
	Complete bool      `json:"complete"` // no contig has fewer bases done than wanted
}

// RunStep is a step of a plan.
type RunStep struct {
	Stage   string      `json:"stage"`
	Key     string      `json:"key"`
	Inputs  int         `json:"inputs"`
	Outputs []RunOutput `json:"outputs"`
	Contigs []RunContig `json:"contigs,omitempty"`
	Notes   []string    `json:"notes,omitempty"`
}

// RunOutput is a file that a step left.
type RunOutput struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// RunContig is how much of a contig was done.
type RunContig struct {
	Contig  string `json:"contig"`
	Wanted  int    `json:"wanted"`
	Bases   int    `json:"bases"`
	Records int    `json:"records"`
}

// manifestSchema is the one that is read.
const manifestSchema = 1

// ParseManifest reads the manifest of a plan.
func ParseManifest(file string, b []byte) (*Run, error) {
	var m struct {
		Schema  *int   `json:"schema"`
		Name    string `json:"name"`
		Version string `json:"version"`
		Steps   []struct {
			RunStep
			Inputs []json.RawMessage `json:"inputs"`
		} `json:"steps"`
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("not a manifest of gx run: %w", err)
	}
	switch {
	case m.Schema == nil || m.Steps == nil:
		return nil, errors.New("not a manifest of gx run: want the keys schema and steps")
	case *m.Schema != manifestSchema:
		return nil, fmt.Errorf("a manifest of schema %d, want %d: it is of another version of gx", *m.Schema, manifestSchema)
	}
	r := &Run{File: file, Name: m.Name, Version: m.Version, Steps: []RunStep{}, Complete: true}
	for _, s := range m.Steps {
		s.RunStep.Inputs = len(s.Inputs)
		r.Steps = append(r.Steps, s.RunStep)
		for _, c := range s.Contigs {
			r.Complete = r.Complete && c.Bases >= c.Wanted
		}
	}
	return r, nil
}

// Rows of the tables of a run.
const mostRunRows = 400

func (r *Run) write(p *page) {
	p.f("<section>\n<h2>Run: %s</h2>\n<p class=\"quiet\">%s, by gx %s</p>\n", esc(r.Name), esc(r.File), esc(r.Version))
	word := "yes"
	if !r.Complete {
		word = "no"
	}
	cards := []card{{"steps", whole(len(r.Steps)), ""}, {"complete", word, ""}}
	p.cards(cards)
	var odd []string
	for i := range r.Steps {
		for _, c := range r.Steps[i].Contigs {
			if c.Bases < c.Wanted && len(odd) < 20 {
				odd = append(odd, fmt.Sprintf("%s: of %s %s bases are done of %s.", r.Steps[i].title(), c.Contig, whole(c.Bases), whole(c.Wanted)))
			}
		}
		for _, n := range r.Steps[i].Notes {
			if len(odd) < 20 {
				odd = append(odd, r.Steps[i].title()+": "+n)
			}
		}
	}
	p.say(odd, "Every step did all that was asked for.")
	var steps, contigs [][]string
	left := 0
	for i := range r.Steps {
		s := &r.Steps[i]
		size := int64(0)
		for _, o := range s.Outputs {
			size += o.Size
		}
		if len(steps) < mostRunRows {
			steps = append(steps, []string{s.Stage, s.title(), whole(s.Inputs), whole(len(s.Outputs)), decimals(float64(size)/1e6, 2), s.Key[:min(len(s.Key), 16)]})
		}
		for _, c := range s.Contigs {
			if len(contigs) >= mostRunRows {
				left++
				continue
			}
			wanted, done, share := "–", "–", "–"
			if c.Wanted > 0 || c.Bases > 0 {
				wanted, done, share = whole(c.Wanted), whole(c.Bases), percent(c.Bases, c.Wanted)
			}
			contigs = append(contigs, []string{s.title(), c.Contig, wanted, done, share, whole(c.Records)})
		}
	}
	p.f("<h3>Steps</h3>\n")
	p.grid("", []string{"stage", "<output", "inputs", "outputs", "MB", "<key"}, steps)
	if len(contigs) > 0 {
		p.f("<h3>Completeness</h3>\n")
		p.grid("", []string{"step", "<contig", "bases wanted", "bases done", "share", "records"}, contigs)
	}
	if left > 0 {
		p.f("<p class=\"quiet\">%s more rows are in the JSON summary.</p>\n", whole(left))
	}
	p.f("</section>\n")
}

// title is a step's first output, without what comes after it.
func (s *RunStep) title() string {
	if len(s.Outputs) == 0 {
		return s.Stage
	}
	return s.Outputs[0].Name
}
