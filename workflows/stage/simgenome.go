package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gx-genomics/gx/io/fasta"
	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/variant/locus"
	"github.com/gx-genomics/gx/variant/simulate"
)

// GenomePlan is a run of `gx simulate genome`: the truth of a sample, over a
// reference that is given or made.
type GenomePlan struct {
	Ref       string // FASTA; empty: one is made and written as Prefix.fa
	Prefix    string // Prefix.vcf.gz is the truth, Prefix.bed where it holds
	Sample    string
	Male      bool
	Regions   []string                  // of a given reference; empty: everything
	Reference simulate.ReferenceOptions // of one that is made
	Truth     simulate.TruthOptions
}

// SimulateGenome makes the truth. Contigs are in memory one at a time.
func SimulateGenome(ctx context.Context, env *Env, plan GenomePlan) error {
	outs := []string{plan.Prefix + ".vcf.gz", plan.Prefix + ".bed"}
	if plan.Ref == "" {
		outs = append(outs, plan.Prefix+".fa")
	}
	if err := errors.Join(checkOutputs(env, []string{plan.Ref}, outs), checkName(plan.Sample)); err != nil {
		return err
	}
	ref := plan.Ref
	if ref == "" {
		ref = plan.Prefix + ".fa"
		if err := writeReference(ctx, env, ref, plan.Reference); err != nil {
			return err
		}
	}
	fa, err := fasta.Open(ref, fasta.Options{Notice: func(s string) { env.note("%s", s) }})
	if err != nil {
		return err
	}
	defer fa.Close()
	wanted, err := regionSet(fa.Contigs(), plan.Regions)
	if err != nil {
		return err
	}
	plan.Truth.Haploid, plan.Truth.Absent = simulate.Karyotype(fa.Contigs().List(), plan.Male)
	if err := plan.Truth.Validate(); err != nil {
		return err
	}
	var known []locus.Region
	err = writeTruth(ctx, env, plan.Prefix+".vcf.gz", fa.Contigs(), plan.Sample, func(emit func(*simulate.Record) error) error {
		for _, c := range fa.Contigs().List() {
			if wanted != nil && len(wanted.On(c.Name)) == 0 {
				continue
			}
			bases, err := fa.Bases(nil, locus.Region{Contig: c.Name, End: c.Length})
			if err != nil {
				return err
			}
			known = appendKnown(known, c.Name, bases, wanted)
			records, err := simulate.Truth(simulate.Sequence{Name: c.Name, Bases: bases}, plan.Truth)
			if err != nil {
				return err
			}
			for i := range records {
				if wanted != nil && !wanted.Contains(c.Name, records[i].Start) {
					continue
				}
				if err := emit(&records[i]); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return env.Store.Put(ctx, plan.Prefix+".bed", func(w io.Writer) error {
		for _, r := range known {
			if _, err := fmt.Fprintf(w, "%s\t%d\t%d\n", r.Contig, r.Start, r.End); err != nil {
				return err
			}
		}
		return nil
	})
}

// appendKnown appends the stretches of a contig whose bases are known, within
// the wanted ones.
func appendKnown(dst []locus.Region, contig string, bases []byte, wanted *locus.Set) []locus.Region {
	var list []locus.Region
	for i := 0; i < len(bases); {
		if strings.IndexByte("ACGT", bases[i]) < 0 {
			i++
			continue
		}
		start := i
		for i < len(bases) && strings.IndexByte("ACGT", bases[i]) >= 0 {
			i++
		}
		list = append(list, locus.Region{Contig: contig, Start: start, End: i})
	}
	set := locus.NewSet(list...)
	if wanted != nil {
		set = set.Intersect(wanted)
	}
	return append(dst, set.On(contig)...)
}

func writeReference(ctx context.Context, env *Env, name string, o simulate.ReferenceOptions) error {
	if err := o.Validate(); err != nil {
		return err
	}
	err := env.Store.Put(ctx, name, func(w io.Writer) error {
		for i, c := range o.Contigs {
			s, err := simulate.Reference(o, i)
			if err != nil {
				return err
			}
			if err := writeFASTA(w, c.Name, s.Bases); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return env.Store.Remove(ctx, name+".fai") // of an earlier file of that name
}

func writeFASTA(w io.Writer, name string, bases []byte) error {
	if _, err := fmt.Fprintf(w, ">%s\n", name); err != nil {
		return err
	}
	const width = 60
	line := make([]byte, 0, width+1)
	for len(bases) > 0 {
		n := min(width, len(bases))
		line = append(append(line[:0], bases[:n]...), '\n')
		if _, err := w.Write(line); err != nil {
			return err
		}
		bases = bases[n:]
	}
	return nil
}

// writeTruth writes phased records as a bgzip VCF with its index.
func writeTruth(ctx context.Context, env *Env, name string, contigs *locus.Contigs, sample string, feed func(func(*simulate.Record) error) error) error {
	h := vcf.NewHeader("VCFv4.2", sample)
	h.AddText("source", "gx "+Version)
	h.AddFormat("GT", "1", "String", "Genotype, the alleles in the order of the haplotypes")
	h.AddInfo("CLASS", "1", "String", "The kind of event that was drawn")
	if err := h.AddContigs(contigs); err != nil {
		return err
	}
	return putVCF(ctx, env, name, h, func(w *vcf.Writer) error {
		var row vcf.Row
		return feed(func(r *simulate.Record) error {
			row.Site(r.Contig, r.Start, r.Ref, r.Alts...)
			row.Filter("PASS")
			row.InfoText("CLASS", r.Class)
			row.Format("GT")
			row.Sample()
			if r.Ploidy == 1 {
				row.Haploid(r.GT.A)
			} else {
				row.GT(r.GT)
			}
			return w.Write(&row)
		})
	})
}

// checkName says whether a sample may be called so in a BAM and a VCF.
func checkName(sample string) error {
	if sample == "" || strings.ContainsFunc(sample, func(r rune) bool { return r < ' ' || r > '~' }) {
		return fmt.Errorf("sample %q: want a name of printable letters", sample)
	}
	return nil
}
