package vcf

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gx-genomics/gx/io/source"
)

// order checks that records are sorted.
type order struct {
	contig string
	pos    int
	done   map[string]bool // contigs whose records have come to an end
}

// add takes the next record. <name> counts as name.
func (o *order) add(contig string, pos int) error {
	if strings.HasPrefix(contig, "<") && strings.HasSuffix(contig, ">") {
		contig = contig[1 : len(contig)-1]
	}
	if o.done == nil {
		o.done = map[string]bool{}
		o.contig, o.pos = contig, pos
	}
	if contig != o.contig {
		if len(o.done) < 1<<20 {
			o.done[o.contig] = true
		}
		o.contig, o.pos = contig, pos
		if o.done[contig] {
			delete(o.done, contig)
			return fmt.Errorf("not sorted: records of %s stand apart", short(contig))
		}
	}
	before := o.pos
	o.pos = max(o.pos, pos)
	if pos < before {
		return fmt.Errorf("not sorted: it comes behind position %d", before+1)
	}
	return nil
}

// change is a variant in its shortest form: what REF and ALT share at their
// ends is cut off.
type change struct {
	pos      int
	ref, alt string
}

// twins finds variants that a file holds twice, also where they are written
// with different bases around them.
type twins struct {
	contig string
	open   map[change]int64 // variants that a later record can repeat, with their line
	from   int              // position of the record at which open was last cleared of others
}

// mostOpen bounds the variants that are remembered. Only a file with as many
// at one place, or deletions that long, has more.
const mostOpen = 1 << 16

func (t *twins) add(r *Record) error {
	if t.open == nil || t.contig != r.Contig || len(t.open) > mostOpen {
		t.contig, t.open, t.from = r.Contig, map[change]int64{}, r.Pos
	}
	if r.Pos > t.from {
		for c := range t.open {
			if c.pos < r.Pos {
				delete(t.open, c)
			}
		}
		t.from = r.Pos
	}
	var err error
	for _, a := range r.Alts {
		if !isBases(a) {
			continue
		}
		c := shortest(r.Pos, r.Ref, a)
		if line, ok := t.open[c]; ok && err == nil {
			if line == r.line {
				err = fmt.Errorf("allele %s stands twice", short(a))
			} else {
				err = fmt.Errorf("the variant stands in line %d already", line)
			}
		}
		t.open[c] = r.line
	}
	return err
}

// shortest cuts off the bases that REF and ALT share, first at the right, then
// at the left.
func shortest(pos int, ref, alt string) change {
	for len(ref) > 0 && len(alt) > 0 && ref[len(ref)-1] == alt[len(alt)-1] {
		ref, alt = ref[:len(ref)-1], alt[:len(alt)-1]
	}
	for len(ref) > 0 && len(alt) > 0 && ref[0] == alt[0] {
		ref, alt, pos = ref[1:], alt[1:], pos+1
	}
	return change{pos, strings.ToUpper(ref), strings.ToUpper(alt)}
}

// bare is the cause in an error that says where it is, for one who says that
// himself.
func bare(err error) error {
	var e *source.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}
