// Package bed reads regions from BED files: three or more columns, plain, gzip
// or bgzip, with the track, browser and comment lines that browsers allow. The
// first region of each line of a BEDPE file reads as BED does.
package bed

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/text"
	"github.com/gx-genomics/gx/variant/locus"
)

// Interval is a line of a BED file.
type Interval struct {
	locus.Region
	Name string // the fourth column, empty where there is none
	Line int64  // where it stands, from 1
}

// Options say what is read. The zero value checks the form alone.
type Options struct {
	Contigs *locus.Contigs // where given, names and ends are checked against it
	Skip    bool           // leave out intervals of contigs that are not in Contigs, instead of an error
}

// Set reads a file into a set of bases. "-" is standard input.
func Set(path string, o Options) (*locus.Set, error) {
	list, err := Read(path, o)
	if err != nil {
		return nil, err
	}
	regions := make([]locus.Region, len(list))
	for i, x := range list {
		regions[i] = x.Region
	}
	return locus.NewSet(regions...), nil
}

// Read reads all intervals of a file in its order. "-" is standard input. An
// interval may be empty, as BED allows for insertions. A file without an
// interval is no error.
func Read(path string, o Options) ([]Interval, error) {
	r, err := text.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return read(r, o)
}

func read(r *text.Reader, o Options) ([]Interval, error) {
	if magic, err := r.Peek(2); err != nil {
		return nil, err
	} else if string(magic) == "\x6c\x1b" {
		return nil, &source.Error{Path: r.Path(), Err: errors.New("is a PLINK file of genotypes, want BED regions: contig, start, end")}
	}
	var list []Interval
	names := map[string]string{} // one string per contig
	for {
		line, err := r.Line()
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		x, ok, err := parse(line, names)
		if err == nil && ok {
			ok, err = fits(x, o)
		}
		if err != nil {
			return nil, &source.Error{Path: r.Path(), Line: r.Number(), Err: err}
		}
		if ok {
			x.Line = r.Number()
			list = append(list, x)
		}
	}
}

// parse reads a line; ok is false for one that holds no interval.
func parse(line []byte, names map[string]string) (x Interval, ok bool, err error) {
	line = bytes.TrimRight(line, "\r")
	if len(bytes.TrimSpace(line)) == 0 || line[0] == '#' {
		return x, false, nil
	}
	var col [4][]byte
	n := columns(&col, line)
	if word := string(col[0]); word == "track" || word == "browser" {
		if n < 3 || !digit(col[1]) || !digit(col[2]) { // else it is a contig of that name
			return x, false, nil
		}
	}
	if n < 3 {
		return x, false, fmt.Errorf("%d columns, want at least 3: contig, start, end", n)
	}
	for i, v := range []*int{&x.Start, &x.End} {
		s := string(col[i+1])
		if *v, err = strconv.Atoi(s); err != nil {
			return x, false, fmt.Errorf("%s %q, want a number", [...]string{"start", "end"}[i], s)
		}
	}
	switch {
	case len(col[0]) == 0:
		return x, false, errors.New("no contig in the first column")
	case x.Start < 0:
		return x, false, fmt.Errorf("start %d, want at least 0", x.Start)
	case x.Start > x.End:
		return x, false, fmt.Errorf("start %d is behind end %d", x.Start, x.End)
	case x.End > locus.MaxLength:
		return x, false, fmt.Errorf("end %d, want at most %d", x.End, locus.MaxLength)
	}
	if x.Contig, ok = names[string(col[0])]; !ok {
		x.Contig = string(col[0])
		names[x.Contig] = x.Contig
	}
	x.Name = string(col[3])
	return x, true, nil
}

// columns cuts a line at tabs, or at runs of blanks where it has no tab, into
// the first four columns, and gives how many of them there are.
func columns(col *[4][]byte, line []byte) int {
	if bytes.IndexByte(line, '\t') < 0 {
		return copy(col[:], bytes.Fields(line))
	}
	for n := range col {
		var more bool
		if col[n], line, more = bytes.Cut(line, []byte{'\t'}); !more {
			return n + 1
		}
	}
	return len(col)
}

func digit(s []byte) bool { return len(s) > 0 && '0' <= s[0] && s[0] <= '9' }

// fits checks an interval against the contigs. It is false for one that is to
// be left out.
func fits(x Interval, o Options) (bool, error) {
	if o.Contigs == nil {
		return true, nil
	}
	c, ok := o.Contigs.Find(x.Contig)
	if !ok {
		if o.Skip {
			return false, nil
		}
		return false, o.Contigs.Unknown(x.Contig)
	}
	if x.End > c.Length {
		return false, fmt.Errorf("end %d is behind the end of %s (%d bases)", x.End, c.Name, c.Length)
	}
	return true, nil
}
