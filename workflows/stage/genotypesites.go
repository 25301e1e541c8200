package stage

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/genotype"
)

// siteWorker makes the calls of batches of sites. It is for one goroutine.
type siteWorker struct {
	files   *outputFiles
	caller  *genotype.Caller
	outputs []genotype.Output // of one site
	input   genotype.Input
	plain   example.Plain
}

func (w *siteWorker) batch(_ context.Context, b *siteBatch) ([]variant.Call, error) {
	calls := make([]variant.Call, len(b.sites))
	from := 0
	for i, to := range b.sites {
		if err := w.site(&calls[i], b.records[from:to]); err != nil {
			return nil, err
		}
		from = to
	}
	return calls, nil
}

func (w *siteWorker) site(call *variant.Call, records []batchRecord) error {
	w.outputs = w.outputs[:0]
	w.plain.Reset()
	for _, r := range records {
		out, sample, err := decodeOutput(&w.plain, r.data)
		if err == nil && sample != w.files.sample {
			err = fmt.Errorf("of sample %q, but those of %s are of %q: files of two runs are mixed", sample, w.files.from, w.files.sample)
		}
		if err != nil {
			return recordError(w.files.paths[r.file], r.number, err)
		}
		w.outputs = append(w.outputs, out)
	}
	err := w.input.Gather(w.outputs)
	if err == nil {
		err = w.caller.Call(call, &w.input)
	}
	if err != nil {
		return w.blame(records, err)
	}
	return nil
}

// decodeOutput reads a record, those of the usual form in the quick way.
func decodeOutput(p *example.Plain, b []byte) (genotype.Output, string, error) {
	if p.Decode(b) {
		return genotype.Output{Site: p.Site, Likelihoods: variant.Likelihoods{AltSet: p.AltSet, P: p.P, Model: p.Model}}, p.Sample, nil
	}
	c, err := example.DecodeCall(b)
	if err != nil {
		return genotype.Output{}, "", err
	}
	return genotype.FromExample(c)
}

// blame says which records an error about a site is about: the two that do not
// go together, or the first.
func (w *siteWorker) blame(records []batchRecord, err error) error {
	a, b := 0, -1
	switch {
	case errors.Is(err, genotype.ErrDuplicate):
		for i := range w.outputs {
			for j := range i {
				if b < 0 && slices.Equal(w.outputs[i].AltSet, w.outputs[j].AltSet) {
					a, b = j, i
				}
			}
		}
	case errors.Is(err, genotype.ErrDiffer):
		for i := 1; i < len(w.outputs) && b < 0; i++ {
			x, y := &w.outputs[0].Site, &w.outputs[i].Site
			if x.Ref != y.Ref || !slices.Equal(x.Alts, y.Alts) || x.Depth != y.Depth || !slices.Equal(x.AD, y.AD) || !slices.Equal(x.VAF, y.VAF) {
				b = i
			}
		}
	}
	where := fmt.Sprintf("record %d", records[a].number)
	if b >= 0 {
		where += fmt.Sprintf(" and record %d of %s", records[b].number, w.files.paths[records[b].file])
	}
	return &source.Error{Path: w.files.paths[records[a].file], Record: where, Err: err}
}
