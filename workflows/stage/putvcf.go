package stage

import (
	"context"
	"io"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/vcf"
)

// putVCF writes a VCF: bgzip with its index where the name ends in .gz, BCF with
// its index where it ends in .bcf, else plain text.
func putVCF(ctx context.Context, env *Env, name string, h *vcf.Header, body func(*vcf.Writer) error) error {
	w, err := putRecords(ctx, env, name, h, body)
	if err != nil || !vcf.Packed(name) {
		return err
	}
	return putIndex(ctx, env.Store, name, w)
}

// putRecords writes a VCF without its index and gives the writer, closed.
func putRecords(ctx context.Context, env *Env, name string, h *vcf.Header, body func(*vcf.Writer) error) (w *vcf.Writer, err error) {
	err = env.Store.Put(ctx, name, func(f io.Writer) error {
		if w, err = vcf.NewWriterFor(name, f, h, env.Threads); err != nil {
			return err
		}
		if err := body(w); err != nil {
			return w.Abort(err)
		}
		return w.Close()
	})
	return w, err
}

// putIndex writes the index of a closed bgzip VCF beside it.
func putIndex(ctx context.Context, s object.Store, name string, w *vcf.Writer) error {
	suffix, b, err := w.Index()
	if err != nil {
		return err
	}
	other := map[string]string{".tbi": ".csi", ".csi": ".tbi"}[suffix]
	if err := s.Remove(ctx, name+other); err != nil { // of an earlier file of that name
		return err
	}
	return s.Put(ctx, name+suffix, func(f io.Writer) error { _, err := f.Write(b); return err })
}
