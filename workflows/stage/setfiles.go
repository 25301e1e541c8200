package stage

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/gwas/sets"
	"github.com/gx-genomics/gx/io/genotype"
	files "github.com/gx-genomics/gx/io/sets"
	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/text"
)

// SetPlan are the sets of a run of `gx gwas`; without a list single variants are
// tested.
type SetPlan struct {
	List        string // sets and their variants
	Annotations string
	Masks       string
	Frequencies string   // of alleles; empty for those of the samples
	Singletons  bool     // the third column of Frequencies says who is one
	Only        []string // sets to test; none for all
	Without     []string // sets to leave out
	OnlyFile    string   // lists of names, added to those
	WithoutFile string
	Strict      bool // a list, annotations and masks that do not agree are an error
	WriteLists  bool // write the variants of each mask
	Options     sets.Options
}

// setFiles is what the files of sets say, put together with the genotypes.
type setFiles struct {
	sets   []sets.Set
	masks  []sets.Mask
	header string // regenie's line of masks
	notes  []string
}

// resolver finds the variants of sets among the genotypes.
type resolver struct {
	plan        *SetPlan
	annotations *files.Annotations
	named       []files.Mask
	kept        map[uint16]bool // categories that are in some mask
	wanted      map[files.Key]int32
	rows        []int32 // of the wanted: -1 not seen, -2 seen twice
	freq        []files.Frequency
	out         *setFiles
	unannotated int
	first       string // a variant without an annotation, of a set
	lost        int
	firstLost   string
	names       []string // of the wanted; only until they are found
}

// readSets reads the files of sets and finds their variants in f.
func readSets(ctx context.Context, f *genotype.File, plan *SetPlan) (*setFiles, error) {
	r := &resolver{plan: plan, kept: map[uint16]bool{}, wanted: map[files.Key]int32{}, out: &setFiles{}}
	for _, step := range []func() error{r.readAnnotations, r.readMasks, r.readList, r.readFrequencies} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if err := r.find(ctx, f); err != nil {
		return nil, err
	}
	return r.out, r.settle(f.Path())
}

func with[T any](path string, read func(*text.Reader) (T, error)) (T, error) {
	r, err := text.Open(path)
	if err != nil {
		var none T
		return none, err
	}
	defer r.Close()
	return read(r)
}

func (r *resolver) note(format string, a ...any) {
	r.out.notes = append(r.out.notes, fmt.Sprintf(format, a...))
}

func (r *resolver) readAnnotations() (err error) {
	r.annotations, err = with(r.plan.Annotations, files.ReadAnnotations)
	return err
}

// readMasks drops what no variant has: annotations from masks, masks without any.
func (r *resolver) readMasks() (err error) {
	if r.named, err = with(r.plan.Masks, files.ReadMasks); err != nil {
		return err
	}
	var told []string
	for _, m := range r.named {
		mask := sets.Mask{Name: m.Name, Has: make([]bool, len(r.annotations.Categories))}
		var known, unknown []string
		for _, c := range m.Categories {
			k := slices.Index(r.annotations.Categories, c)
			if k < 0 {
				unknown = append(unknown, c)
				continue
			}
			known = append(known, c)
			mask.Has[k] = true
			r.kept[uint16(k)] = true
		}
		switch {
		case len(unknown) > 0 && r.plan.Strict:
			return source.At(r.plan.Masks, fmt.Errorf("mask %s: no variant of %s is annotated %s", m.Name, r.plan.Annotations, strings.Join(unknown, ", ")))
		case len(known) == 0:
			r.note("mask %s is left out: no variant is annotated %s", m.Name, strings.Join(unknown, " or "))
			continue
		case len(unknown) > 0:
			r.note("mask %s: no variant is annotated %s", m.Name, strings.Join(unknown, " or "))
		}
		r.out.masks = append(r.out.masks, mask)
		told = append(told, m.Name+`="`+strings.Join(known, ",")+`"`)
	}
	if len(r.out.masks) == 0 {
		return source.At(r.plan.Masks, fmt.Errorf("no mask has an annotation that %s knows", r.plan.Annotations))
	}
	r.out.header = "##MASKS=<" + strings.Join(told, ";") + ">\n"
	return nil
}

// chosen reads which sets are wanted.
func (r *resolver) chosen() (only, without map[string]bool, err error) {
	take := func(list []string, path string) (map[string]bool, error) {
		if path != "" {
			more, err := with(path, files.ReadNames)
			if err != nil {
				return nil, err
			}
			list = append(slices.Clone(list), more...)
		} else if list == nil {
			return nil, nil
		}
		m := map[string]bool{}
		for _, s := range list {
			m[s] = true
		}
		return m, nil
	}
	if only, err = take(r.plan.Only, r.plan.OnlyFile); err != nil {
		return nil, nil, err
	}
	without, err = take(r.plan.Without, r.plan.WithoutFile)
	return only, without, err
}

// readList keeps the variants of sets that some mask takes; a member's row is its
// number among the wanted until they are found.
func (r *resolver) readList() error {
	only, without, err := r.chosen()
	if err != nil {
		return err
	}
	list, err := text.Open(r.plan.List)
	if err != nil {
		return err
	}
	defer list.Close()
	err = files.ReadSetList(list, func(s *files.Set) error {
		if only != nil && !only[s.Name] || without[s.Name] {
			return nil
		}
		delete(only, s.Name)
		set := sets.Set{Name: s.Name, Chrom: s.Chrom, Start: s.Pos - 1}
		domains := map[int]int16{}
		for _, v := range s.Variants {
			category, domain, ok := r.annotations.Find(v, s.Name)
			if !ok {
				if r.unannotated++; r.first == "" {
					r.first = v + " of set " + s.Name
				}
				if r.plan.Strict {
					return fmt.Errorf("set %s: variant %s has no annotation in %s", s.Name, v, r.plan.Annotations)
				}
				continue
			}
			if !r.kept[uint16(category)] {
				continue
			}
			m := sets.Member{Row: r.want(v), Category: uint16(category), Domain: -1, Freq: math.NaN(), Singleton: -1}
			if domain >= 0 {
				d, seen := domains[domain]
				if !seen {
					d = int16(len(set.Domains))
					domains[domain] = d
					set.Domains = append(set.Domains, r.annotations.Domains[domain])
				}
				m.Domain = d
			}
			set.Members = append(set.Members, m)
		}
		set.Members = slices.Clip(set.Members)
		set.SortDomains()
		r.out.sets = append(r.out.sets, set)
		return nil
	})
	switch {
	case err != nil:
		return err
	case len(only) > 0:
		lost := make([]string, 0, len(only))
		for s := range only {
			lost = append(lost, s)
		}
		slices.Sort(lost)
		return source.At(r.plan.List, fmt.Errorf("has no set %s, which is asked for", strings.Join(lost, ", ")))
	case len(r.out.sets) == 0:
		return source.At(r.plan.List, fmt.Errorf("no set is left to test"))
	}
	r.annotations = nil // all that is needed of it is taken
	return nil
}

// want numbers a variant.
func (r *resolver) want(name string) int32 {
	k := files.KeyOf(name)
	n, ok := r.wanted[k]
	if !ok {
		n = int32(len(r.rows))
		r.wanted[k] = n
		r.rows = append(r.rows, -1)
		r.names = append(r.names, name)
	}
	return n
}

func (r *resolver) readFrequencies() error {
	if r.plan.Frequencies == "" {
		return nil
	}
	list, err := text.Open(r.plan.Frequencies)
	if err != nil {
		return err
	}
	defer list.Close()
	r.freq = make([]files.Frequency, len(r.rows))
	for i := range r.freq {
		r.freq[i] = files.Frequency{Freq: math.NaN(), Singleton: -1}
	}
	return files.ReadFrequencies(list, func(variant string, q files.Frequency) error {
		if r.plan.Singletons && q.Singleton < 0 {
			return fmt.Errorf("no third column, which is to say who is a singleton")
		}
		if n, ok := r.wanted[files.KeyOf(variant)]; ok {
			r.freq[n] = q
		}
		return nil
	})
}

// find goes through the names of the genotypes.
func (r *resolver) find(ctx context.Context, f *genotype.File) error {
	row := int32(0)
	for v, err := range f.Names(ctx) {
		if err != nil {
			return err
		}
		n, ok := r.wanted[files.KeyOf(v.ID)]
		if !ok {
			n, ok = r.wanted[files.KeyOf(fmt.Sprintf("%s:%d:%s:%s", v.Chrom, v.Start+1, v.Ref, v.Alt))]
		}
		if ok {
			if r.rows[n] >= 0 {
				return source.At(f.Path(), fmt.Errorf("variant %s, which sets name, stands more than once: name it CHROM:POS:REF:ALT in the set list and the annotations", r.names[n]))
			}
			r.rows[n] = row
		}
		row++
	}
	return nil
}

// settle puts rows and frequencies into the sets and notes what was not found.
func (r *resolver) settle(genotypes string) error {
	found, guessed := 0, 0
	for n, row := range r.rows {
		if row < 0 {
			if r.lost++; r.firstLost == "" {
				r.firstLost = r.names[n]
			}
			continue
		}
		found++
		if r.freq != nil && math.IsNaN(r.freq[n].Freq) {
			guessed++
		}
	}
	if found == 0 {
		return source.At(r.plan.List, fmt.Errorf("none of its variants with an annotation of a mask is in %s; names are IDs or CHROM:POS:REF:ALT", genotypes))
	}
	for i := range r.out.sets {
		s := &r.out.sets[i]
		kept := s.Members[:0]
		for _, m := range s.Members {
			n := m.Row
			if m.Row = r.rows[n]; m.Row < 0 {
				continue
			}
			if r.freq != nil {
				m.Freq = r.freq[n].Freq
				if r.plan.Singletons {
					m.Singleton = max(r.freq[n].Singleton, 0)
				}
			}
			kept = append(kept, m)
		}
		s.Members = kept
		slices.SortFunc(s.Members, func(a, b sets.Member) int { return int(a.Row) - int(b.Row) })
		// A variant may be named by its ID and by its place.
		s.Members = slices.CompactFunc(s.Members, func(a, b sets.Member) bool { return a.Row == b.Row })
	}
	r.note("%d sets, %d masks, %d variants", len(r.out.sets), len(r.out.masks), found)
	if r.unannotated > 0 {
		r.note("%d variants of sets have no annotation there, the first %s: they are in no mask", r.unannotated, r.first)
	}
	if r.lost > 0 {
		r.note("%d variants of sets are not among the genotypes, the first %s", r.lost, r.firstLost)
	}
	if guessed > 0 {
		r.note("%d variants are not in %s: their frequencies are those of the samples", guessed, r.plan.Frequencies)
	}
	return nil
}
