package stage

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gx-genomics/gx/io/bam"
	"github.com/gx-genomics/gx/io/bed"
	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/io/fasta"
	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
	"github.com/gx-genomics/gx/variant/simulate"
)

// ReadsPlan is a run of `gx simulate reads`.
type ReadsPlan struct {
	Ref      string
	Truth    string // VCF of the sample's variants; empty: it has none
	Prefix   string
	Sample   string
	BAM      bool // Prefix.bam and its index: aligned, sorted
	FASTQ    bool // Prefix_1.fq.gz and Prefix_2.fq.gz
	Male     bool
	Profile  string // folder of measured tables; empty: the built-in profile
	Name     string // of the profile in the folder
	Regions  []string
	Targets  string // BED of what a capture keeps
	Contam   string // VCF of a second sample in the library
	ContamBy float64
	Hidden   simulate.HiddenOptions // of FASTQ: aligned reads have no place for what the reference lacks
	Reads    simulate.ReadOptions
}

// SimulateReads makes the reads of a sequencing run.
// Records of the truth that no haplotype can carry are left out, and counted.
func SimulateReads(ctx context.Context, env *Env, plan ReadsPlan) (leftOut int, err error) {
	var outs []string
	if plan.BAM {
		outs = append(outs, plan.Prefix+".bam", plan.Prefix+".bam.bai")
	}
	if plan.FASTQ {
		outs = append(outs, plan.Prefix+"_1.fq.gz", plan.Prefix+"_2.fq.gz")
	}
	if err := errors.Join(checkOutputs(env, []string{plan.Ref, plan.Truth, plan.Contam, plan.Targets}, outs), checkName(plan.Sample)); err != nil {
		return 0, err
	}
	g, err := simulateReads(ctx, env, plan)
	return g.leftOut(), err
}

func simulateReads(ctx context.Context, env *Env, plan ReadsPlan) (g *genome, err error) {
	fa, err := fasta.Open(plan.Ref, fasta.Options{Notice: func(s string) { env.note("%s", s) }})
	if err != nil {
		return g, err
	}
	defer fa.Close()
	profile := simulate.DefaultProfile()
	if plan.Profile != "" {
		if profile, err = simulate.ReadProfile(tablesIn(plan.Profile), plan.Name); err != nil {
			return g, fmt.Errorf("%s: %w", plan.Profile, err)
		}
	}
	o := plan.Reads
	o.ReadGroup = plan.Sample
	if plan.Targets != "" {
		if o.Targets, err = bed.Set(plan.Targets, bed.Options{Contigs: fa.Contigs()}); err != nil {
			return g, err
		}
	}
	if o.Regions, err = regionSet(fa.Contigs(), plan.Regions); err != nil {
		return g, err
	}
	g = &genome{fa: fa, seed: o.Seed, env: env, dropped: map[int]int{}, donors: []donor{{plan.Truth, 1 - plan.ContamBy}}}
	if plan.Contam != "" {
		g.donors = append(g.donors, donor{plan.Contam, plan.ContamBy})
	}
	g.haploid, g.absent = simulate.Karyotype(fa.Contigs().List(), plan.Male)
	if err := g.load(); err != nil {
		return g, err
	}
	if err := g.hide(plan.Hidden, o.Regions); err != nil {
		return g, err
	}
	if plan.BAM {
		if err := writeBAM(ctx, env, plan, fa.Contigs(), g, profile, o); err != nil {
			return g, err
		}
	}
	if plan.FASTQ {
		return g, writeFASTQ(ctx, env, plan.Prefix, g, profile, o)
	}
	return g, nil
}

// tablesIn opens the tables of a folder, plain or gzip.
func tablesIn(folder string) simulate.Tables {
	return func(table string) (io.ReadCloser, error) {
		path := filepath.Join(folder, table+".tsv")
		f, err := os.Open(path)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		packed, err := os.ReadFile(path + ".gz")
		if err != nil {
			return nil, err
		}
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return nil, err
		}
		return io.NopCloser(z), nil
	}
}

// genome is a reference with the variants of the donors on it, one contig in
// memory at a time.
type genome struct {
	fa              *fasta.File
	env             *Env
	seed            uint64
	donors          []donor
	haploid, absent *locus.Set
	records         []map[string][]simulate.Record // per donor, by contig
	dropped         map[int]int                    // records left out, by contig: contigs are loaded more than once
	hidden          []simulate.Contig              // what the reference lacks, behind its contigs
}

// leftOut is how many records of the donors could not be simulated.
func (g *genome) leftOut() int {
	n := 0
	if g != nil {
		for _, k := range g.dropped {
			n += k
		}
	}
	return n
}

type donor struct {
	vcf   string
	share float64
}

func (g *genome) load() error {
	for _, d := range g.donors {
		records, err := readTruth(d.vcf)
		if err != nil {
			return err
		}
		for contig := range records {
			if g.fa.Contigs().Index(contig) < 0 {
				_, err := g.fa.Contigs().Parse(contig)
				return fmt.Errorf("%s and %s do not belong together: %w", d.vcf, g.fa.Path(), err)
			}
		}
		g.records = append(g.records, records)
	}
	return nil
}

// hide draws what the sample has and the reference lacks.
func (g *genome) hide(o simulate.HiddenOptions, regions *locus.Set) error {
	if o.PerMb == 0 {
		return nil
	}
	for _, c := range g.fa.Contigs().List() {
		if regions != nil && len(regions.On(c.Name)) == 0 {
			continue
		}
		bases, err := g.fa.Bases(nil, locus.Region{Contig: c.Name, End: c.Length})
		if err != nil {
			return err
		}
		list, err := simulate.Hidden(simulate.Sequence{Name: c.Name, Bases: bases}, regions, o)
		if err != nil {
			return err
		}
		g.hidden = append(g.hidden, list...)
	}
	return nil
}

// Contigs lists the contigs of the reference and those that it lacks.
func (g *genome) Contigs() []locus.Contig {
	list := g.fa.Contigs().List()
	return append(list[:len(list):len(list)], simulate.InMemory(g.hidden).Contigs()...)
}

// Contig loads a contig and sets the variants of each donor on it.
func (g *genome) Contig(i int) (*simulate.Contig, error) {
	if known := len(g.fa.Contigs().List()); i >= known {
		return &g.hidden[i-known], nil
	}
	c := g.fa.Contigs().At(i)
	bases, err := g.fa.Bases(nil, locus.Region{Contig: c.Name, End: c.Length})
	if err != nil {
		return nil, err
	}
	out := &simulate.Contig{Sequence: simulate.Sequence{Name: c.Name, Bases: bases}}
	first := false
	if _, seen := g.dropped[i]; !seen {
		g.dropped[i], first = 0, true
	}
	for k, d := range g.donors {
		kept, dropped := simulate.Adopt(out.Sequence, g.records[k][c.Name], g.seed, g.haploid, g.absent)
		if !first {
			dropped = nil
		}
		g.dropped[i] += len(dropped)
		for n, x := range dropped {
			if n == 3 {
				g.env.note("%s: %d more records of %s cannot be simulated", d.vcf, len(dropped)-n, c.Name)
				break
			}
			g.env.note("%s: %s:%d %s: %s; left out", d.vcf, c.Name, x.Start+1, x.Ref, x.Reason)
		}
		out.Donors = append(out.Donors, simulate.Donor{Records: kept, Share: d.share, Haploid: g.haploid, Absent: g.absent})
	}
	return out, nil
}

// readTruth reads the first sample of a VCF, by contig. An empty name has no
// records.
func readTruth(path string) (map[string][]simulate.Record, error) {
	out := map[string][]simulate.Record{}
	if path == "" {
		return out, nil
	}
	r, err := vcf.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if len(r.Header().Samples) == 0 {
		return nil, fmt.Errorf("%s: it has no sample, want the genotypes of one", path)
	}
	for rec, err := range r.All() {
		if err != nil {
			return nil, err
		}
		alleles, phased, err := rec.Alleles(nil, 0)
		if err != nil {
			return nil, err
		}
		if len(alleles) == 0 || len(alleles) > 2 {
			return nil, rec.Bad(fmt.Errorf("a genotype of %d alleles, want 1 or 2", len(alleles)))
		}
		s := simulate.Record{Variant: rec.Variant(), Ploidy: len(alleles), GT: variant.Genotype{A: alleles[0], B: variant.Missing, Phased: phased}}
		if len(alleles) == 2 {
			s.GT.B = alleles[1]
		}
		out[s.Contig] = append(out[s.Contig], s)
	}
	return out, nil
}

func writeBAM(ctx context.Context, env *Env, plan ReadsPlan, contigs *locus.Contigs, g *genome, p *simulate.Profile, o simulate.ReadOptions) error {
	h, err := bam.NewHeader(contigs, "coordinate",
		[]bam.ReadGroup{{ID: plan.Sample, Sample: plan.Sample, Platform: "ILLUMINA", Library: "simulated"}},
		[]bam.Program{{ID: "gx", Name: "gx", Version: Version}})
	if err != nil {
		return err
	}
	name := plan.Prefix + ".bam"
	var index bytes.Buffer
	err = env.Store.Put(ctx, name, func(f io.Writer) error {
		w, err := bam.NewWriter(f, h, bam.WriterOptions{Threads: env.Threads})
		if err != nil {
			return err
		}
		err = simulate.Aligned(ctx, g, p, o, env.Threads, func(r *align.Read) error { return w.Write(r) })
		if err := errors.Join(err, w.Close()); err != nil {
			return err
		}
		return w.WriteIndex(&index)
	})
	if err != nil {
		return err
	}
	return env.Store.Put(ctx, name+".bai", func(f io.Writer) error { _, err := f.Write(index.Bytes()); return err })
}

func writeFASTQ(ctx context.Context, env *Env, prefix string, g *genome, p *simulate.Profile, o simulate.ReadOptions) error {
	return env.Store.Put(ctx, prefix+"_1.fq.gz", func(f1 io.Writer) error {
		return env.Store.Put(ctx, prefix+"_2.fq.gz", func(f2 io.Writer) error {
			var z [2]*bgzf.Writer
			for k, f := range []io.Writer{f1, f2} {
				var err error
				if z[k], err = bgzf.NewWriter(f, bgzf.DefaultLevel, env.Threads); err != nil {
					return err
				}
			}
			var line []byte
			err := simulate.Pairs(ctx, g, p, o, env.Threads, func(pair *simulate.Pair) error {
				for k := range z {
					line = append(append(append(line[:0], '@'), pair.Name...), '/', byte('1'+k), '\n')
					line = append(append(line, pair.Bases[k]...), "\n+\n"...)
					for _, q := range pair.Quals[k] {
						line = append(line, q+33)
					}
					line = append(line, '\n')
					if _, err := z[k].Write(line); err != nil {
						return err
					}
				}
				return nil
			})
			return errors.Join(err, z[0].Close(), z[1].Close())
		})
	})
}
