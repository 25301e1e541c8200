package stage

import (
	"context"

	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/variant"
)

// labelledSite is a candidate with its true genotype.
type labelledSite struct {
	site variant.Site
	gt   variant.Genotype
}

// putLabels writes the VCF of labels, fed by body, as DeepVariant's
// labeled_examples_to_vcf makes it of labelled examples: a record per candidate,
// its true genotype, and what the reads show.
func (w *exampleWork) putLabels(ctx context.Context, env *Env, body func() error) error {
	style := vcf.CallStyle{Version: w.o.Compat, Source: []string{"##source=gx " + Version}}
	h, err := vcf.NewCallHeader(style, w.in.ref.Contigs(), w.main().sample)
	if err != nil {
		return err
	}
	return putVCF(ctx, env, w.plan.Training.Labels, h, func(v *vcf.Writer) error {
		w.labels = v
		return body()
	})
}

func (w *exampleWork) writeLabels(list []labelledSite) error {
	for i := range list {
		if err := w.labels.WriteLabel(&list[i].site, list[i].gt); err != nil {
			return err
		}
	}
	return nil
}
