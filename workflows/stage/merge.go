package stage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
	"github.com/gx-genomics/gx/variant/merge"
)

// MergePlan is a run of `gx merge`.
type MergePlan struct {
	Inputs  []string // gVCFs of one sample each
	Out     string
	Options MergeOptions
}

// MergeOptions are all that decides what `gx merge` writes, beside its inputs.
type MergeOptions struct {
	MinAlleleQual int  `json:"min_allele_qual"`
	MaxAlts       int  `json:"max_alleles_per_site"`
	OnlyPass      bool `json:"only_keep_pass,omitempty"`
	IDs           bool `json:"ids,omitempty"` // chrom:pos:ref:alt as ID
}

// fullWindow is how many samples are merged in windows of the default length.
const fullWindow = 200

// DefaultMergeOptions are the defaults of `gx merge`.
func DefaultMergeOptions() MergeOptions {
	o := merge.Defaults()
	return MergeOptions{MinAlleleQual: o.MinAlleleQual, MaxAlts: o.MaxAlts}
}

func (o *MergeOptions) merge() merge.Options {
	m := merge.Defaults()
	m.MinAlleleQual, m.MaxAlts = o.MinAlleleQual, o.MaxAlts
	return m
}

// Validate reports all faults of the options at once.
func (o *MergeOptions) Validate() error {
	m := o.merge()
	return m.Validate()
}

// MergeSummary counts what was written.
type MergeSummary struct {
	Samples, Sites, Multiallelic int
	Contigs                      []ContigCount // the sites
}

// String says what was done in one line.
func (s *MergeSummary) String() string {
	return fmt.Sprintf("%d sites of %d samples, %d sites with several alternate alleles", s.Sites, s.Samples, s.Multiallelic)
}

// Merge joins gVCFs into one VCF of all samples, sorted by name.
func Merge(ctx context.Context, env *Env, plan MergePlan) (*MergeSummary, error) {
	if err := plan.Options.Validate(); err != nil {
		return nil, err
	}
	if len(plan.Inputs) == 0 {
		return nil, errors.New("no gVCF is given")
	}
	if err := checkOutputs(env, plan.Inputs, []string{plan.Out}); err != nil {
		return nil, err
	}
	files, err := openGVCFs(plan.Inputs)
	defer func() {
		for _, f := range files {
			f.r.Close()
		}
	}()
	if err != nil {
		return nil, err
	}
	contigs, err := sharedContigs(files)
	if err != nil {
		return nil, err
	}
	h, err := mergedHeader(ctx, env, &plan, files, contigs)
	if err != nil {
		return nil, err
	}
	sources := make([]merge.Source, len(files))
	for i, f := range files {
		f.contigs = contigs
		sources[i] = f
	}
	// What is held is the samples times the records of some windows: those of
	// many samples are shorter, which changes no result.
	o := plan.Options.merge()
	o.Window = max(1000, o.Window*fullWindow/max(fullWindow, len(files)))
	summary := &MergeSummary{Samples: len(files)}
	var counts contigCounts
	err = putVCF(ctx, env, plan.Out, h, func(w *vcf.Writer) error {
		var row vcf.Row
		return merge.Merge(ctx, contigs, sources, env.Threads, o, func(s *merge.Site) error {
			if plan.Options.OnlyPass && !s.Pass {
				return nil
			}
			summary.Sites++
			counts.add(s.Contig, 0, 1)
			if len(s.Alts) > 1 {
				summary.Multiallelic++
			}
			mergedRow(&row, s, plan.Options.IDs)
			return w.Write(&row)
		})
	})
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if f.blocks == 0 && f.calls > 0 {
			env.note("%s: no reference blocks: where it has no record the sample counts as missing", f.path)
		}
	}
	summary.Contigs = counts.list
	return summary, nil
}

// openGVCFs opens all files, sorted by sample.
func openGVCFs(paths []string) ([]*gvcfFile, error) {
	var files []*gvcfFile
	for _, p := range paths {
		r, err := vcf.Open(p)
		if err != nil {
			return files, err
		}
		f := &gvcfFile{path: p, r: r}
		files = append(files, f)
		if n := len(r.Header().Samples); n != 1 {
			return files, fmt.Errorf("%s: %d samples, want a gVCF of one", p, n)
		}
	}
	slices.SortStableFunc(files, func(a, b *gvcfFile) int { return strings.Compare(a.Name(), b.Name()) })
	for i := 1; i < len(files); i++ {
		if a, b := files[i-1], files[i]; a.Name() == b.Name() {
			return files, fmt.Errorf("%s and %s are both of sample %q; bcftools reheader gives another name", a.path, b.path, a.Name())
		}
	}
	return files, nil
}

// sharedContigs is the contigs that all files must declare.
func sharedContigs(files []*gvcfFile) (*locus.Contigs, error) {
	list := files[0].r.Header().ContigList()
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: the header declares no contigs", files[0].path)
	}
	for _, f := range files[1:] {
		other := f.r.Header().ContigList()
		for i := range max(len(list), len(other)) {
			switch {
			case i >= len(other):
				return nil, fmt.Errorf("%s does not declare contig %s, which %s does: want files of one reference", f.path, list[i].Name, files[0].path)
			case i >= len(list):
				return nil, fmt.Errorf("%s declares contig %s, which %s does not: want files of one reference", f.path, other[i].Name, files[0].path)
			case list[i] != other[i]:
				return nil, fmt.Errorf("%s declares contig %s of %d bases where %s has %s of %d: want files of one reference, contigs in one order",
					f.path, other[i].Name, other[i].Length, files[0].path, list[i].Name, list[i].Length)
			}
		}
	}
	return locus.NewContigs(list)
}

func mergedHeader(ctx context.Context, env *Env, plan *MergePlan, files []*gvcfFile, contigs *locus.Contigs) (*vcf.Header, error) {
	var digests []Input
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
		if f.path == "-" {
			digests = append(digests, Input{Name: "-"})
			continue
		}
		d, err := digest(ctx, env.Store, f.path)
		if err != nil {
			return nil, err
		}
		digests = append(digests, d)
	}
	command, err := canonical("merge", digests, plan.Options, DefaultMergeOptions())
	if err != nil {
		return nil, err
	}
	h := vcf.NewHeader("VCFv4.2", names...)
	h.AddFilter("LowQual", "No sample that carries an alternate allele passed its own filters.")
	h.AddInfo("AC", "A", "Integer", "Alternate alleles among the genotypes")
	h.AddInfo("AN", "1", "Integer", "Alleles of the genotypes that are not missing")
	h.AddInfo("AF", "A", "Float", "AC / AN")
	h.AddFormat("GT", "1", "String", "Genotype")
	h.AddFormat("GQ", "1", "Integer", "Conditional genotype quality; of reference blocks the smallest over REF")
	h.AddFormat("DP", "1", "Integer", "Read depth; of reference blocks the smallest over REF; missing where the sample was not looked at")
	h.AddFormat("AD", "R", "Integer", "Read depth for each allele")
	h.AddFormat("PL", "G", "Integer", "Phred-scaled genotype likelihoods")
	h.AddText("source", "gx "+Version)
	h.AddText("gxCommand", command)
	return h, h.AddContigs(contigs)
}

// mergedRow is a site as a line.
func mergedRow(row *vcf.Row, s *merge.Site, ids bool) {
	id := ""
	if ids {
		id = s.Contig + ":" + strconv.Itoa(s.Start+1) + ":" + s.Ref + ":" + strings.Join(s.Alts, ",")
	}
	row.SiteID(s.Contig, s.Start, id, s.Ref, s.Alts...)
	row.Qual(s.Qual)
	if s.Pass {
		row.Filter(variant.Pass)
	} else {
		row.Filter(variant.LowQual)
	}
	row.InfoInts("AC", s.AC...)
	row.InfoInts("AN", s.AN)
	af := make([]float64, len(s.AC))
	for i, n := range s.AC {
		af[i] = float64(n) / float64(s.AN)
	}
	row.InfoFloats("AF", af...)
	row.Format("GT", "GQ", "DP", "AD", "PL")
	var list []int
	number := func(n int) int {
		if n < 0 {
			return vcf.MissingInt
		}
		return n
	}
	numbers := func(v []int32) {
		list = list[:0]
		for _, n := range v {
			list = append(list, number(int(n)))
		}
		row.Ints(list...)
	}
	for i := range s.Samples {
		x := &s.Samples[i]
		row.Sample()
		if x.Ploidy == 1 {
			row.Haploid(x.GT.A)
		} else {
			row.GT(x.GT)
		}
		row.Int(number(x.GQ))
		row.Int(number(x.Depth))
		numbers(x.AD)
		numbers(x.PL)
	}
}

// gvcfFile is a gVCF as merging reads it.
type gvcfFile struct {
	path          string
	r             *vcf.Reader
	contigs       *locus.Contigs
	contig        string
	index         int
	last          int // start of the last record
	blocks, calls int
}

// Name is the sample's.
func (f *gvcfFile) Name() string { return f.r.Header().Samples[0] }

// Read gives the next record.
func (f *gvcfFile) Read() (int, merge.Record, error) {
	rec, err := f.r.Read()
	if err != nil {
		return 0, merge.Record{}, err
	}
	if rec.Contig != f.contig || f.blocks+f.calls == 0 {
		i := f.contigs.Index(rec.Contig)
		if i < 0 {
			return 0, merge.Record{}, rec.Bad(errors.New("the header does not declare this contig"))
		}
		if i < f.index {
			return 0, merge.Record{}, rec.Bad(fmt.Errorf("not sorted: it comes behind %s; remedy: bcftools sort", f.contig))
		}
		f.contig, f.index, f.last = rec.Contig, i, 0
	}
	if rec.Pos < f.last {
		return 0, merge.Record{}, rec.Bad(fmt.Errorf("not sorted: it comes behind position %d; remedy: bcftools sort", f.last+1))
	}
	f.last = rec.Pos
	r, err := f.record(rec)
	if err != nil {
		return 0, r, err
	}
	if n := f.contigs.At(f.index).Length; n > 0 && r.End > n {
		return 0, r, rec.Bad(fmt.Errorf("it ends at %d, but the header says that %s has %d bases", r.End, rec.Contig, n))
	}
	if err := r.Check(); err != nil {
		return 0, r, rec.Bad(err)
	}
	if len(r.Alts) == 0 {
		f.blocks++
	} else {
		f.calls++
	}
	return f.index, r, nil
}

func (f *gvcfFile) record(rec *vcf.Record) (merge.Record, error) {
	r := merge.Record{Start: rec.Pos, End: rec.End(), Ref: rec.Ref, GQ: merge.Unknown, Depth: merge.Unknown, Pass: rec.Passed()}
	if rec.Qual > 0 {
		r.Qual = rec.Qual
	}
	for i, a := range rec.Alts {
		if merge.Symbolic(a) {
			if i != len(rec.Alts)-1 {
				return r, rec.Bad(fmt.Errorf("the symbolic allele %s stands before others, want it last", a))
			}
			r.Any = true
			continue
		}
		r.Alts = append(r.Alts, a)
	}
	var buf [4]int
	gt, _, err := rec.Alleles(buf[:0], 0)
	if err != nil {
		return r, err
	}
	r.GT = variant.NoCall
	switch r.Ploidy = len(gt); r.Ploidy {
	case 0:
		r.Ploidy = 2
	case 1:
		r.GT.A = gt[0]
	case 2:
		r.GT.A, r.GT.B = gt[0], gt[1]
	}
	for _, k := range []struct {
		keys []string
		to   *int
	}{{[]string{"GQ"}, &r.GQ}, {[]string{"MIN_DP", "DP"}, &r.Depth}} {
		for _, key := range k.keys {
			text, ok := rec.Value(0, key)
			if !ok {
				continue
			}
			x, err := strconv.ParseFloat(string(text), 64)
			if err != nil || !(x >= 0 && x <= 1e9) {
				return r, rec.Bad(fmt.Errorf("FORMAT/%s %q: want a number of 0 or more", key, text))
			}
			*k.to = int(x)
			break
		}
	}
	if r.AD, err = f.numbers(rec, "AD"); err != nil {
		return r, err
	}
	r.PL, err = f.numbers(rec, "PL")
	return r, err
}

// numbers is the values of a list that may be missing.
func (f *gvcfFile) numbers(rec *vcf.Record, key string) ([]int32, error) {
	text, ok := rec.Value(0, key)
	if !ok {
		return nil, nil
	}
	out := make([]int32, 0, 1+strings.Count(string(text), ","))
	for s := range strings.SplitSeq(string(text), ",") {
		if s == "." {
			out = append(out, merge.Unknown)
			continue
		}
		n, err := strconv.ParseInt(s, 10, 32)
		if err != nil || n < 0 {
			return nil, rec.Bad(fmt.Errorf("FORMAT/%s %q: want whole numbers of 0 or more", key, s))
		}
		out = append(out, int32(n))
	}
	return out, nil
}
