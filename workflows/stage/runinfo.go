package stage

import (
	"context"
	"fmt"
	"io"

	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/variant/label"
)

// runInfo is what DeepVariant tells of a file of labelled examples in its
// run_info.pbtxt (MakeExamplesRunInfo): how candidates and truth went together,
// and how many examples there are of each kind. Machine and time are left out:
// equal runs write equal bytes.
type runInfo struct {
	metrics                     label.Metrics
	examples, indels, snps      int
	classes                     []int // examples of label 0, 1, ...
	denovo, nonDenovo, labelled int
}

const runInfoSuffix = ".run_info.pbtxt"

// count counts an example.
func (r *runInfo) count(e *example.Example) {
	r.examples++
	if e.Type == example.TypeSNP {
		r.snps++
	} else {
		r.indels++
	}
	if !e.HasLabel {
		return
	}
	r.labelled++
	for e.Label >= len(r.classes) {
		r.classes = append(r.classes, 0)
	}
	r.classes[e.Label]++
	if e.HasDenovo && e.Denovo == 1 {
		r.denovo++
	} else {
		r.nonDenovo++
	}
}

// add adds the counts of another part.
func (r *runInfo) add(o *runInfo) {
	r.metrics.Add(&o.metrics)
	r.examples += o.examples
	r.indels += o.indels
	r.snps += o.snps
	r.denovo += o.denovo
	r.nonDenovo += o.nonDenovo
	r.labelled += o.labelled
	for i, n := range o.classes {
		for i >= len(r.classes) {
			r.classes = append(r.classes, 0)
		}
		r.classes[i] += n
	}
}

// text is the counts as protocol buffer text; those of 0 are left out. 1.5 does
// not know de novo variants.
func (r *runInfo) text(denovo bool) []byte {
	b := []byte("# proto-file: learning/genomics/deepvariant/protos/deepvariant.proto\n# proto-message: MakeExamplesRunInfo\n")
	if r.labelled > 0 || r.metrics != (label.Metrics{}) {
		b = append(b, "labeling_metrics {\n"...)
		b = append(r.metrics.Append(b, "  "), "}\n"...)
	}
	b = append(b, "stats {\n"...)
	number := func(name string, n int) {
		if n != 0 {
			b = fmt.Appendf(b, "  %s: %d\n", name, n)
		}
	}
	number("num_examples", r.examples)
	number("num_indels", r.indels)
	number("num_snps", r.snps)
	for i, n := range r.classes {
		number(fmt.Sprintf("num_class_%d", i), n)
	}
	if denovo {
		number("num_denovo", r.denovo)
		number("num_nondenovo", r.nonDenovo)
	}
	return append(b, "}\n"...)
}

func (w *exampleWork) writeRunInfo(ctx context.Context, env *Env, name string, r *runInfo) error {
	return env.Store.Put(ctx, name, func(f io.Writer) error {
		_, err := f.Write(r.text(w.pileup.Compat != pileup.V15))
		return err
	})
}
