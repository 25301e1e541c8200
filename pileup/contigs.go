package pileup

import (
	"fmt"
	"strings"

	"github.com/gx-genomics/gx/variant/locus"
)

// Named is the contigs of an input, with the name of the input for messages.
type Named struct {
	Path    string
	Contigs *locus.Contigs
}

// MinShared is the share of the reference's bases, Excluded contigs apart, that
// must lie on contigs which all other inputs have with the same length.
const MinShared = 0.9

// Usable is the contigs on which variants are called: those of the reference
// that are not Excluded and that all inputs have with the same length, in the
// order of the reference. What is left out for a length or a name that differs
// is told in notes. Where the rest is less than MinShared of the bases, the
// inputs do not belong together, which is an error.
func Usable(ref Named, inputs ...Named) (usable *locus.Contigs, notes []string, err error) {
	var list []locus.Contig
	shared, all := 0, 0
	for _, c := range ref.Contigs.List() {
		if Excluded(c.Name) {
			continue
		}
		all += c.Length
		if note := differs(ref, c, inputs); note != "" {
			notes = append(notes, note)
			continue
		}
		shared += c.Length
		list = append(list, c)
	}
	if len(list) == 0 || float64(shared) < MinShared*float64(all) {
		return nil, nil, unlike(ref, inputs, shared, all, notes)
	}
	if usable, err = locus.NewContigs(list); err != nil {
		return nil, nil, err
	}
	return usable, notes, nil
}

// differs says why a contig of the reference cannot be used with the inputs,
// "" where it can.
func differs(ref Named, c locus.Contig, inputs []Named) string {
	for _, in := range inputs {
		o, ok := in.Contigs.Find(c.Name)
		switch {
		case !ok && in.Contigs.Index(alias(c.Name)) >= 0:
			return fmt.Sprintf("contig %s of %s is called %s in %s", c.Name, ref.Path, alias(c.Name), in.Path)
		case !ok:
			return fmt.Sprintf("contig %s of %s is not in %s", c.Name, ref.Path, in.Path)
		case o.Length != c.Length:
			return fmt.Sprintf("contig %s has %d bases in %s, %d in %s", c.Name, c.Length, ref.Path, o.Length, in.Path)
		}
	}
	return ""
}

// alias is the other name by which a human chromosome may go.
func alias(name string) string {
	switch bare, ok := strings.CutPrefix(name, "chr"); {
	case name == "chrM":
		return "MT"
	case name == "MT":
		return "chrM"
	case ok:
		return bare
	}
	return "chr" + name
}

// unlike is the error of inputs that do not belong to the reference.
func unlike(ref Named, inputs []Named, shared, all int, notes []string) error {
	paths := make([]string, len(inputs))
	for i, in := range inputs {
		paths[i] = in.Path
	}
	if all == 0 {
		return fmt.Errorf("%s: no contig on which variants are called (%d contigs, all of them decoys, alternates or empty)", ref.Path, ref.Contigs.Len())
	}
	const most = 3
	why := strings.Join(notes[:min(len(notes), most)], "; ")
	if n := len(notes) - most; n > 0 {
		why += fmt.Sprintf("; and %d more", n)
	}
	return fmt.Errorf("%s and %s share %d of %d bases in contigs of equal name and length, want %.0f%%: %s; use the reference that the reads were aligned to",
		ref.Path, strings.Join(paths, ", "), shared, all, 100*MinShared, why)
}

// CallingRegions is where variants are called: all bases of the usable contigs
// that lie in include, nil being everything, and not in exclude, nil being
// nothing. Overlapping and touching regions come merged, in the order of the
// contigs. Nothing left to call is an error.
func CallingRegions(usable *locus.Contigs, include, exclude *locus.Set) ([]locus.Region, error) {
	whole := make([]locus.Region, 0, usable.Len())
	for _, c := range usable.List() {
		whole = append(whole, locus.Region{Contig: c.Name, End: c.Length})
	}
	set := locus.NewSet(whole...)
	if include != nil {
		set = set.Intersect(include)
	}
	if exclude != nil {
		set = set.Subtract(exclude)
	}
	regions := set.Regions(usable)
	if len(regions) > 0 {
		return regions, nil
	}
	if include != nil && include.Bases() == 0 {
		return nil, fmt.Errorf("no region to call: the regions asked for hold no base")
	}
	if include != nil {
		for _, name := range include.Names() {
			switch {
			case Excluded(name):
				return nil, fmt.Errorf("no region to call: %s is one of the contigs on which variants are never called", name)
			case usable.Index(name) < 0 && usable.Index(alias(name)) >= 0:
				return nil, fmt.Errorf("no region to call: %s is called %s here", name, alias(name))
			case usable.Index(name) < 0:
				return nil, fmt.Errorf("no region to call: contig %s is not in all inputs with the same length", name)
			}
		}
	}
	return nil, fmt.Errorf("no region to call: the excluded regions leave nothing of the regions asked for")
}

// Gaps collects the stretches of a reference without proper bases that are at
// least Min long (discard_non_dna_regions: 300,000). Its zero value, with Min
// set, is ready.
type Gaps struct {
	Min int

	found  []locus.Region
	contig string
	start  int // of the stretch that reaches up to end, if any
	end    int
}

// Add looks at the bases of a contig from start on. The pieces of a contig
// come in order; a stretch does not go on over a break between them.
func (g *Gaps) Add(contig string, start int, bases []byte) {
	if contig != g.contig || start != g.end {
		g.close()
		g.contig, g.start, g.end = contig, start, start
	}
	for i, b := range bases {
		if b == 'A' || b == 'C' || b == 'G' || b == 'T' {
			g.close()
			g.start, g.end = start+i+1, start+i+1
			continue
		}
		g.end = start + i + 1
	}
}

func (g *Gaps) close() {
	if g.contig != "" && g.end-g.start >= max(g.Min, 1) {
		g.found = append(g.found, locus.Region{Contig: g.contig, Start: g.start, End: g.end})
	}
	g.start = g.end
}

// Set is the stretches of all that was added.
func (g *Gaps) Set() *locus.Set {
	g.close()
	return locus.NewSet(g.found...)
}
