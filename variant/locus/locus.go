// Package locus names places on a genome: contigs, regions, and sets of
// regions. All coordinates are 0-based and half-open; the 1-based inclusive
// text that people write (chr20:1-5) exists only in Parse and String.
package locus

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// MaxLength is the longest contig gx accepts, in bases: the limit of BAM.
const MaxLength = 1<<31 - 1

// Contig is a reference sequence: its name and its length in bases.
type Contig struct {
	Name   string
	Length int
}

// Region is the bases [Start, End) of a contig.
type Region struct {
	Contig     string
	Start, End int
}

// Len is the number of bases.
func (r Region) Len() int { return r.End - r.Start }

// Contains says whether pos lies in the region.
func (r Region) Contains(pos int) bool { return r.Start <= pos && pos < r.End }

// Overlaps says whether two regions share a base.
func (r Region) Overlaps(o Region) bool {
	return r.Contig == o.Contig && r.Start < o.End && o.Start < r.End
}

// String gives contig:first-last, 1-based and inclusive. An empty region,
// which that form cannot express, is written with last = first-1.
func (r Region) String() string {
	return r.Contig + ":" + strconv.Itoa(r.Start+1) + "-" + strconv.Itoa(r.End)
}

// ErrUnknownContig is in the chain of errors about a name that no contig has.
var ErrUnknownContig = errors.New("no such contig")

// Contigs is an ordered list of contigs with lookup by name. The zero value is
// empty. It is safe for concurrent use once made.
type Contigs struct {
	list  []Contig
	index map[string]int
}

// NewContigs makes a list in the given order. A name that stands twice, an
// empty name and a length below 0 or above MaxLength are errors.
func NewContigs(list []Contig) (*Contigs, error) {
	c := &Contigs{list: list, index: make(map[string]int, len(list))}
	for i, x := range list {
		if x.Name == "" {
			return nil, fmt.Errorf("contig %d has no name", i+1)
		}
		if x.Length < 0 || x.Length > MaxLength {
			return nil, fmt.Errorf("contig %s: length %d, want 0 to %d", x.Name, x.Length, MaxLength)
		}
		if _, twice := c.index[x.Name]; twice {
			return nil, fmt.Errorf("contig %s is listed twice", x.Name)
		}
		c.index[x.Name] = i
	}
	return c, nil
}

// Len is the number of contigs.
func (c *Contigs) Len() int { return len(c.list) }

// At is the i-th contig.
func (c *Contigs) At(i int) Contig { return c.list[i] }

// List is all contigs in order; the caller does not change it.
func (c *Contigs) List() []Contig { return c.list }

// Index is the position of a name in the list, or -1.
func (c *Contigs) Index(name string) int {
	if i, ok := c.index[name]; ok {
		return i
	}
	return -1
}

// Find is the contig of that name.
func (c *Contigs) Find(name string) (Contig, bool) {
	i, ok := c.index[name]
	if !ok {
		return Contig{}, false
	}
	return c.list[i], true
}

// Bases is the sum of all lengths.
func (c *Contigs) Bases() int {
	n := 0
	for _, x := range c.list {
		n += x.Length
	}
	return n
}

// Compare orders regions by contig in the list, then start, then end.
func (c *Contigs) Compare(a, b Region) int {
	return cmp.Or(cmp.Compare(c.Index(a.Contig), c.Index(b.Contig)), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
}

// Unknown is the error that a name is not in the list, with what the reader may have
// meant: the same name with or without chr.
func (c *Contigs) Unknown(name string) error {
	other := "chr" + name
	if bare, ok := strings.CutPrefix(name, "chr"); ok {
		other = bare
	}
	if name == "chrM" {
		other = "MT"
	} else if name == "MT" {
		other = "chrM"
	}
	if c.Index(other) >= 0 {
		return fmt.Errorf("%w: %q; the reference calls it %q", ErrUnknownContig, name, other)
	}
	return fmt.Errorf("%w: %q", ErrUnknownContig, name)
}

// Parse reads "chr20", "chr20:1,000-2,000", "chr20:1000-" or "chr20:1000" (one
// base), 1-based and inclusive, and checks it against the contigs. A contig
// name may hold colons (HLA-A*01:01): the whole text is tried as a name first.
func (c *Contigs) Parse(s string) (Region, error) {
	if x, ok := c.Find(s); ok {
		return Region{x.Name, 0, x.Length}, nil
	}
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return Region{}, fmt.Errorf("region %q: %w", s, c.Unknown(s))
	}
	x, ok := c.Find(s[:i])
	if !ok {
		return Region{}, fmt.Errorf("region %q: %w", s, c.Unknown(s[:i]))
	}
	from, to, span := strings.Cut(strings.ReplaceAll(s[i+1:], ",", ""), "-")
	start, err := strconv.Atoi(from)
	if err != nil || start < 1 {
		return Region{}, fmt.Errorf("region %q: start %q, want a number from 1", s, from)
	}
	end := start
	switch {
	case span && to == "":
		end = x.Length
	case span:
		if end, err = strconv.Atoi(to); err != nil {
			return Region{}, fmt.Errorf("region %q: end %q, want a number", s, to)
		}
	}
	if end < start {
		return Region{}, fmt.Errorf("region %q: it ends before it starts", s)
	}
	if start > x.Length {
		return Region{}, fmt.Errorf("region %q starts behind the end of %s (%d bases)", s, x.Name, x.Length)
	}
	return Region{x.Name, start - 1, min(end, x.Length)}, nil
}
