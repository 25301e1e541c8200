package stage

import (
	"context"
	"io"
	"strconv"

	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/stats"
)

// Stats counts what stands in a VCF.
func Stats(ctx context.Context, env *Env, path string) (*stats.Stats, error) {
	r, err := vcf.OpenParallel(path, env.Threads)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	s := stats.New(r.Header().Samples)
	row := stats.Record{Samples: make([]stats.Sample, len(s.Samples))}
	for rec, err := range r.All() {
		if err == nil && s.Records%4096 == 0 {
			err = ctx.Err()
		}
		if err == nil {
			err = statsRecord(&row, rec)
		}
		if err != nil {
			return nil, err
		}
		s.Add(&row)
	}
	return s, nil
}

// WriteStats writes the counts of a VCF as text to out.
func WriteStats(ctx context.Context, env *Env, path, out string) error {
	s, err := Stats(ctx, env, path)
	if err != nil {
		return err
	}
	return env.Store.Put(ctx, out, func(w io.Writer) error { return s.Write(w, "gx stats "+Version, path) })
}

func statsRecord(row *stats.Record, rec *vcf.Record) (err error) {
	row.Contig, row.Start, row.Ref, row.Alts, row.Qual, row.Filter = rec.Contig, rec.Pos, rec.Ref, rec.Alts, rec.Qual, rec.Filter
	dp, gq := rec.Key("DP"), rec.Key("GQ")
	for i := range row.Samples {
		x := &row.Samples[i]
		var buf [4]int
		gt, _, err := rec.Alleles(buf[:0], i)
		if err != nil {
			return err
		}
		x.GT, x.Ploidy = variant.NoCall, len(gt)
		if len(gt) > 0 {
			x.GT.A = gt[0]
		}
		if len(gt) > 1 {
			x.GT.B = gt[1]
		}
		x.Depth, x.GQ = -1, -1
		for _, k := range []struct{ at, to *int }{{&dp, &x.Depth}, {&gq, &x.GQ}} {
			if b, ok := rec.Field(i, *k.at); ok {
				if n, err := strconv.ParseFloat(string(b), 64); err == nil && n >= 0 && n < 1e9 {
					*k.to = int(n)
				}
			}
		}
		if x.AD, err = rec.Ints(x.AD[:0], i, "AD"); err != nil {
			return err
		}
	}
	return nil
}
