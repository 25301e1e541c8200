package stage

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/io/bed"
	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/label"
	"github.com/gx-genomics/gx/variant/locus"
)

// The labelers, by the names that DeepVariant has for them.
const (
	HaplotypeLabeler  = "haplotype_labeler"
	PositionalLabeler = "positional_labeler"
	ClassesLabeler    = "customized_classes_labeler"
)

// TrainingPlan is what examples are labelled by; without a Truth they are not.
type TrainingPlan struct {
	Truth      string // VCF, bgzip, with its index
	Confident  string // BED: where the truth is known; empty: everywhere
	Labeler    string // empty: HaplotypeLabeler
	Classes    []string
	ClassField string // the INFO field of the truth that tells the class

	Labels string    // VCF of the labelled candidates; empty: none
	Denovo string    // BED of de novo variants: examples tell whether they are among these (denovo_regions)
	Keep   []float64 // share of the candidates of each class that are kept (downsample_classes)
}

// Validate reports all faults of the plan.
func (p *TrainingPlan) Validate() error {
	var errs []error
	fault := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	for _, x := range []struct{ name, value string }{{"confident regions", p.Confident}, {"labels", p.Labels}, {"denovo-regions", p.Denovo}} {
		if p.Truth == "" && x.value != "" {
			fault("%s %s without a truth", x.name, x.value)
		}
	}
	if p.Truth == "" && p.Keep != nil {
		fault("downsample-classes without a truth: classes are told by one")
	}
	for _, f := range p.Keep {
		if !(f >= 0 && f <= 1) {
			fault("downsample-classes %v: want numbers of 0 to 1", f)
		}
	}
	switch p.Labeler {
	case "", HaplotypeLabeler, PositionalLabeler:
		if len(p.Classes) > 0 || p.ClassField != "" {
			fault("classes are told by %s only", ClassesLabeler)
		}
	case ClassesLabeler:
		if len(p.Classes) < 2 || p.ClassField == "" {
			fault("%s: want at least two classes and the INFO field that tells them", ClassesLabeler)
		}
		for i, c := range p.Classes {
			if c == "" || slices.Contains(p.Classes[:i], c) {
				fault("class %q: want names, each once", c)
			}
		}
	default:
		fault("labeler %q: want %s, %s or %s", p.Labeler, HaplotypeLabeler, PositionalLabeler, ClassesLabeler)
	}
	return errors.Join(errs...)
}

// training is the inputs of labelling and of proposals, open. What is not
// wanted of it is nil.
type training struct {
	labeler    label.Labeler
	truth      *vcf.Indexed
	sample     int // whose genotypes are the truth
	confident  *locus.Set
	denovo     *locus.Set // nil: not asked for
	keep       []float64
	classField string
	reads      string // base names, as labelled examples tell them

	judged bool // proposals without a genotype are left out
}

// openTraining opens what a sample is labelled by.
func openTraining(env *Env, in *callInputs, plan *ExamplesPlan, sample string) (*training, error) {
	t := &training{classField: plan.Training.ClassField, judged: plan.Training.Truth != ""}
	if err := t.open(env, in, plan, sample); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

func (t *training) open(env *Env, in *callInputs, plan *ExamplesPlan, sample string) (err error) {
	if plan.Training.Truth == "" {
		return nil
	}
	t.reads = plan.readsName()
	if t.truth, err = vcf.OpenIndexed(plan.Training.Truth); err != nil {
		return err
	}
	if t.sample, err = truthSample(plan.Training.Truth, t.truth.Header().Samples, sample); err != nil {
		return err
	}
	if plan.Training.Confident != "" {
		if t.confident, err = bed.Set(plan.Training.Confident, bed.Options{Contigs: in.ref.Contigs()}); err != nil {
			return err
		}
	}
	if plan.Training.Denovo != "" {
		if t.denovo, err = bed.Set(plan.Training.Denovo, bed.Options{Contigs: in.ref.Contigs()}); err != nil {
			return err
		}
	}
	t.keep = plan.Training.Keep
	if err := in.keepContigs(env, plan.Training.Truth, t.truth.Header()); err != nil {
		return err
	}
	switch plan.Training.Labeler {
	case PositionalLabeler:
		t.labeler = &label.Positional{Confident: t.confident}
	case ClassesLabeler:
		t.labeler = &label.Classes{Confident: t.confident, Names: plan.Training.Classes}
	default:
		t.labeler = &label.Haplotype{Reference: in.ref, Contigs: in.ref.Contigs(), Confident: t.confident}
	}
	return nil
}

func (t *training) close() {
	if t.truth != nil {
		t.truth.Close() // it was only read
	}
}

// truthSample is the place of the sample whose genotypes are the truth: the only
// one, or the one that the reads are of.
func truthSample(path string, samples []string, reads string) (int, error) {
	if len(samples) == 1 {
		return 0, nil
	}
	if i := slices.Index(samples, reads); i >= 0 {
		return i, nil
	}
	return 0, fmt.Errorf("%s: %d samples, none of them %s; want the truth of one sample, or one of the name of the reads' (--sample)", path, len(samples), reads)
}

// keepContigs leaves out the contigs that the header of the truth does not
// name: nothing is known there. Their lengths do not matter, truth sets come
// with those of other builds of a genome.
func (in *callInputs) keepContigs(env *Env, path string, h *vcf.Header) error {
	if len(h.ContigList()) == 0 {
		return nil
	}
	var kept []locus.Region
	var without []string
	for _, r := range in.regions {
		if h.Contig(r.Contig) >= 0 {
			kept = append(kept, r)
		} else if !slices.Contains(without, r.Contig) {
			without = append(without, r.Contig)
		}
	}
	if len(kept) == 0 {
		return fmt.Errorf("%s: its header names none of the contigs of the regions, such as %s", path, without[0])
	}
	if len(without) > 0 {
		env.note("%s: its header does not name %s; nothing is labelled there", path, strings.Join(without, ", "))
	}
	in.regions = kept
	return nil
}

// nearRecords are those of the truth and of the proposals that lie in a run of
// cells, in order of their starts. Spans are long and files packed, so they are
// read once per span.
type nearRecords struct {
	truths   []label.Truth
	proposed [][]variant.Variant // of each sample of which something is written
}

func (s *nearRecords) load(t *training, of []*sampleWork, cells []pileup.GridCell) error {
	s.truths, s.proposed = s.truths[:0], slices.Grow(s.proposed, len(of))[:len(of)]
	span := locus.Region{Contig: cells[0].Contig, Start: cells[0].Start, End: cells[len(cells)-1].End}
	err := eachRecord(t.truth, span, func(r *vcf.Record) error {
		if !r.Passed() {
			return nil
		}
		gt, err := r.Genotype(t.sample)
		if err != nil {
			return err
		}
		class, _ := r.InfoValue(t.classField)
		s.truths = append(s.truths, label.Truth{Variant: siteOf(r), GT: gt, Class: class})
		return nil
	})
	if err != nil {
		return err
	}
	for i, x := range of {
		list := s.proposed[i][:0]
		err := eachRecord(x.proposed, span, func(r *vcf.Record) error { return t.propose(&list, span, r) })
		if s.proposed[i] = list; err != nil {
			return err
		}
	}
	return nil
}

// propose adds a record to the proposals of a span.
func (t *training) propose(list *[]variant.Variant, span locus.Region, r *vcf.Record) error {
	if t.judged && len(r.Header().Samples) > 0 {
		if gt, err := r.Genotype(0); err != nil || gt.A < 0 || gt.B < 0 {
			return err
		}
	}
	if v := siteOf(r); span.Contains(v.Start) && inBases(v.Alts) {
		*list = append(*list, v)
	}
	return nil
}

// eachRecord visits the records of a file that overlap a region; a nil file has
// none, nor has a contig that it does not know.
func eachRecord(f *vcf.Indexed, r locus.Region, visit func(*vcf.Record) error) error {
	if f == nil {
		return nil
	}
	for rec, err := range f.Query(r) {
		if errors.Is(err, locus.ErrUnknownContig) {
			return nil
		}
		if err == nil && rec.Pos >= 0 {
			err = visit(rec)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// siteOf is the site of a record in upper case, from its first to its last
// reference base.
func siteOf(r *vcf.Record) variant.Variant {
	v := r.Variant()
	v.End = v.Start + len(v.Ref)
	v.Ref = strings.ToUpper(v.Ref)
	for i, a := range v.Alts {
		v.Alts[i] = strings.ToUpper(a)
	}
	return v
}

// inBases says whether there are alternate alleles and all are written in bases:
// others cannot be held against reads.
func inBases(alts []string) bool {
	return len(alts) > 0 && !slices.ContainsFunc(alts, func(a string) bool { return strings.Trim(a, "ACGTNRYSWKMBDHV") != "" })
}

// proposedIn is the proposals of a sample that start in a cell.
func (s *nearRecords) proposedIn(sample int, c *pileup.GridCell) []variant.Variant {
	all := s.proposed[sample]
	from, _ := slices.BinarySearchFunc(all, c.Start, startsAt)
	to, _ := slices.BinarySearchFunc(all, c.End, startsAt)
	return all[from:to]
}

func startsAt(v variant.Variant, pos int) int { return v.Start - pos }

// propose makes candidates of the proposals of a sample that start in a cell.
func (d *drawer) propose(sample int, p *pileup.Pileup, others []*count.Counts) ([]candidate.Candidate, error) {
	d.sites = d.sites[:0]
	for _, v := range d.records.proposedIn(sample, &p.GridCell) {
		at := v.Start - p.Ref.Start
		if got := string(p.Ref.Bases[at:min(at+len(v.Ref), len(p.Ref.Bases))]); !label.Agrees(v.Ref[:len(got)], got) {
			return nil, fmt.Errorf("%s:%d: REF of the proposed variant is %.40s, but the reference has %.40s there", v.Contig, v.Start+1, v.Ref, got)
		}
		if c, ok := d.selector.Propose(v, p.Counts, others...); ok {
			d.sites = append(d.sites, c)
		}
	}
	return d.sites, nil
}

// label labels the candidates of a cell, where that is wanted, and adds to the
// metrics.
func (d *drawer) label(p *pileup.Pileup, sites []candidate.Candidate, metrics *label.Metrics) (err error) {
	t := d.w.training
	if t.labeler == nil {
		return nil
	}
	d.variants = d.variants[:0]
	for i := range sites {
		d.variants = append(d.variants, sites[i].Variant)
	}
	var truths []label.Truth
	for i := range d.records.truths {
		if v := &d.records.truths[i]; v.Start < p.End && v.End > p.Start {
			truths = append(truths, *v)
		}
	}
	if h, ok := t.labeler.(*label.Haplotype); ok {
		d.labels, err = h.LabelCounted(d.labels[:0], metrics, d.variants, truths)
		return err
	}
	d.labels, err = t.labeler.Label(d.labels[:0], d.variants, truths)
	return err
}

// keeps says whether a labelled candidate stays where classes are thinned: by
// the hash of its place, so that it does not matter what else is labelled. Its
// class is the label of the picture of all its alternate alleles.
func (t *training) keeps(v *variant.Variant, l *label.Label) bool {
	all := make([]int, len(v.Alts))
	for i := range all {
		all[i] = i
	}
	class := l.Of(all)
	return class >= len(t.keep) || pileup.RefSites(t.keep[class])(v.Contig, v.Start)
}
