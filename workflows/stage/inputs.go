package stage

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/io/bam"
	"github.com/gx-genomics/gx/io/bed"
	"github.com/gx-genomics/gx/io/fasta"
	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/noise"
	"github.com/gx-genomics/gx/variant/locus"
)

// callInputs is the inputs of calling, open and found to fit together.
type callInputs struct {
	ref     *fasta.File
	reads   *bam.Set
	contigs *locus.Contigs // on which variants are called
	regions []locus.Region
	haploid []string // contigs
	par     *locus.Set
	sample  string
	digests []Input
	noise   *noise.Noise // of the library, where it was measured before
	said    CallOptions  // the options as outputs tell of them: no paths, one spelling of a region
}

func (in *callInputs) close() error { return errors.Join(in.reads.Close(), in.ref.Close()) }

// openCall opens the inputs of a run of `gx call` and makes all checks that
// come before the work: the files are there, indexed and not older than their
// indexes, of one genome, and the regions lie on it.
func openCall(ctx context.Context, env *Env, ref string, reads []string, o *CallOptions) (in *callInputs, err error) {
	in = &callInputs{}
	in.ref, err = openReference(ctx, env, ref)
	if err != nil {
		return nil, err
	}
	if in.reads, err = openReads(ctx, env, reads, bam.Options{Merge: o.Compat == ""}); err != nil {
		in.ref.Close()
		return nil, err
	}
	if err := errors.Join(in.checkIndexes(), in.place(env, ref, reads, o), in.name(env, reads, o)); err != nil {
		in.close()
		return nil, err
	}
	if err := in.say(o); err != nil {
		in.close()
		return nil, err
	}
	names := append([]string{ref}, reads...)
	names = append(names, bedNames(o.Regions, o.Exclude)...)
	if o.PARBed != "" {
		names = append(names, o.PARBed)
	}
	if modelIsFile(o.Model) {
		names = append(names, o.Model)
	}
	for _, name := range names {
		d, err := digest(ctx, env.Store, name)
		if err != nil {
			in.close()
			return nil, err
		}
		in.digests = append(in.digests, d)
	}
	return in, nil
}

func (in *callInputs) checkIndexes() error { return in.reads.CheckIndex() }

// place finds the contigs and regions to call on.
func (in *callInputs) place(env *Env, ref string, reads []string, o *CallOptions) error {
	usable, notes, err := pileup.Usable(pileup.Named{Path: ref, Contigs: in.ref.Contigs()},
		pileup.Named{Path: strings.Join(reads, ","), Contigs: in.reads.Header().Contigs})
	if err != nil {
		return err
	}
	const most = 3
	for _, n := range notes[:min(len(notes), most)] {
		env.note("%s: no variants are called there", n)
	}
	if n := len(notes) - most; n > 0 {
		env.note("and %d more contigs that the inputs do not share", n)
	}
	in.contigs = usable
	include, err := regionSet(in.ref.Contigs(), o.Regions)
	if err != nil {
		return err
	}
	exclude, err := regionSet(in.ref.Contigs(), o.Exclude)
	if err != nil {
		return err
	}
	if in.haploid, in.par, err = o.Ploidy.on(env, in.ref.Contigs(), false); err != nil {
		return err
	}
	if in.regions, err = pileup.CallingRegions(usable, include, exclude); err != nil || !o.NoGaps {
		return err
	}
	return in.leaveGaps()
}

// longGap is the fewest bases of a gap that is left out.
const longGap = 300_000

// leaveGaps takes out of the regions what the reference has no bases for.
func (in *callInputs) leaveGaps() (err error) {
	const piece = 1 << 20
	gaps := pileup.Gaps{Min: longGap}
	var bases []byte
	for _, r := range in.regions {
		for at := r.Start; at < r.End; at += piece {
			part := locus.Region{Contig: r.Contig, Start: at, End: min(at+piece, r.End)}
			if bases, err = in.ref.Bases(bases[:0], part); err != nil {
				return err
			}
			gaps.Add(r.Contig, at, bases)
		}
	}
	in.regions = locus.NewSet(in.regions...).Subtract(gaps.Set()).Regions(in.contigs)
	if len(in.regions) == 0 {
		return errors.New("no region to call: the reference has no bases there")
	}
	return nil
}

// regionSet reads a list of regions and BED files; nil for an empty list.
func regionSet(contigs *locus.Contigs, list []string) (*locus.Set, error) {
	if len(list) == 0 {
		return nil, nil
	}
	var all []locus.Region
	for _, text := range list {
		if isBED(text) {
			lines, err := bed.Read(text, bed.Options{Contigs: contigs})
			if err != nil {
				return nil, err
			}
			for _, x := range lines {
				all = append(all, x.Region)
			}
			continue
		}
		r, err := contigs.Parse(text)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return locus.NewSet(all...), nil
}

// name finds the sample's name: the option, else that of the read groups.
func (in *callInputs) name(env *Env, reads []string, o *CallOptions) (err error) {
	in.sample, err = readsSample(env, in.reads.Header().Samples, reads, o.Sample, "sample", o.Compat != "")
	return err
}

// readsSample is the name of the sample of some reads, whose headers name
// samples: the one given by a flag, or the only one of these; compat takes the
// first.
func readsSample(env *Env, samples, reads []string, given, flag string, compat bool) (string, error) {
	switch {
	case given != "":
		if len(samples) > 0 && !slices.Contains(samples, given) {
			env.note("the reads are of sample %s; they are called as %s", strings.Join(samples, ", "), given)
		}
		return given, nil
	case len(samples) == 0:
		env.note("%s: no @RG line names a sample; it is called %q here (--%s names it)", reads[0], "default", flag)
		return "default", nil
	case len(samples) == 1 || compat:
		if len(samples) > 1 {
			env.note("%s: reads of %d samples are called as one, %s", strings.Join(reads, ","), len(samples), samples[0])
		}
		return samples[0], nil
	}
	return "", fmt.Errorf("%s: reads of %d samples (%s), want one; give the files of one sample, or a name for all of them with --%s",
		strings.Join(reads, ","), len(samples), strings.Join(samples, ", "), flag)
}

// say makes the options that stand in headers.
func (in *callInputs) say(o *CallOptions) error {
	in.said = *o
	if modelIsFile(o.Model) {
		in.said.Model = filepath.Base(o.Model)
	} else if d := builtinModel(o.Model); d != "" {
		in.said.Model += " " + d // one version may hold other weights than another build of it
	}
	if o.PARBed != "" {
		in.said.PARBed = filepath.Base(o.PARBed)
	}
	for _, list := range []*[]string{&in.said.Regions, &in.said.Exclude} {
		*list = slices.Clone(*list)
		for i, text := range *list {
			if isBED(text) {
				(*list)[i] = filepath.Base(text)
				continue
			}
			r, err := in.ref.Contigs().Parse(text)
			if err != nil {
				return err
			}
			(*list)[i] = r.String()
		}
	}
	return nil
}
