package plan

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"

	"github.com/gx-genomics/gx/workflows/stage"
)

// Manifest is what a finished plan left. It holds nothing that differs between
// two runs of the plan, however they were cut and however often they were
// stopped.
type Manifest struct {
	Schema  int            `json:"schema"`
	Name    string         `json:"name"`
	Version string         `json:"version"`
	Steps   []ManifestStep `json:"steps"`
}

// ManifestStep is a step with digests of what went in and what came out.
type ManifestStep struct {
	Stage   string              `json:"stage"`
	Key     string              `json:"key"`
	Options json.RawMessage     `json:"options"`
	Inputs  []ManifestInput     `json:"inputs"`
	Outputs []stage.Output      `json:"outputs"`
	Contigs []stage.ContigCount `json:"contigs,omitempty"`
	Notes   []string            `json:"notes,omitempty"`
}

// ManifestInput is an input, or a file that an option names: with its digest, or
// where a step makes it with that step's key.
type ManifestInput struct {
	Role   string `json:"role"`
	Name   string `json:"name"`
	Digest string `json:"digest,omitempty"`
	Step   string `json:"step,omitempty"`
}

// ManifestName and CompletenessName are where a plan leaves them.
func (p *Plan) ManifestName() string     { return p.Work + "/manifest.json" }
func (p *Plan) CompletenessName() string { return p.Work + "/completeness.tsv" }

// finish writes the manifest and the table of completeness of a plan that is
// done.
func (r *Runner) finish(ctx context.Context, p *Plan, states []*State) error {
	m := Manifest{Schema: 1, Name: p.Name, Version: stage.Version}
	keys := map[*Step]string{}
	for _, s := range states {
		keys[s.Step] = s.Key
		x := ManifestStep{Stage: s.Kind.Name, Key: s.Key, Options: s.task.Options, Outputs: s.Done.Outputs, Contigs: s.Done.Contigs, Notes: s.Done.Notes}
		for _, in := range slices.Concat(s.In, s.Files) {
			y := ManifestInput{Role: in.Role, Name: path.Base(in.Name)}
			if in.From != nil {
				y.Step = keys[in.From]
			} else {
				y.Digest = s.digests[in.Name]
			}
			x.Inputs = append(x.Inputs, y)
		}
		m.Steps = append(m.Steps, x)
	}
	b, err := json.MarshalIndent(&m, "", " ")
	if err != nil {
		return err
	}
	table := completeness(states)
	for _, x := range []struct {
		name string
		text []byte
	}{{p.CompletenessName(), table}, {p.ManifestName(), append(b, '\n')}} {
		err := r.Store.Put(ctx, x.name, func(w io.Writer) error { _, err := w.Write(x.text); return err })
		if err != nil {
			return err
		}
	}
	return nil
}

// completeness is a table of what was asked for and what was looked at, per
// step and contig.
func completeness(states []*State) []byte {
	var b bytes.Buffer
	fmt.Fprintln(&b, "step\tcontig\tbases_wanted\tbases_done\trecords\tcomplete")
	for _, s := range states {
		for _, c := range s.Done.Contigs {
			wanted, done, complete := "NA", "NA", "yes"
			if c.Wanted > 0 || c.Bases > 0 {
				wanted, done = fmt.Sprint(c.Wanted), fmt.Sprint(c.Bases)
				if c.Bases < c.Wanted {
					complete = "no"
				}
			}
			fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%d\t%s\n", stepTitle(s.Step), c.Contig, wanted, done, c.Records, complete)
		}
	}
	return b.Bytes()
}

// stepTitle is a step by its stage and first output, without folders.
func stepTitle(s *Step) string {
	out := s.Outputs()
	return s.Kind.Name + " " + path.Base(out[len(out)-1])
}
