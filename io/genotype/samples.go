package genotype

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/text"
)

// maxSamples bounds the samples of an input: that of PGEN, 2^31-2, is of no use
// on a machine, and a damaged count should not size memory.
const maxSamples = 1 << 27

// readTable reads a table of samples, .fam, .psam or .sample, by its content.
func readTable(o object.Object, path string) ([]Sample, error) {
	r, err := text.New(path, io.NewSectionReader(o, 0, o.Info().Size))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var t sampleTable
	for {
		line, err := r.Line()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := t.line(strings.Fields(string(line))); err != nil {
			return nil, &source.Error{Path: path, Line: r.Number(), Err: err}
		}
	}
	if len(t.samples) == 0 {
		return nil, source.At(path, errors.New("no samples in it"))
	}
	return t.samples, unique(path, t.samples)
}

// sampleTable reads line by line. Without a header the columns are those of a
// .fam.
type sampleTable struct {
	samples []Sample
	begun   bool
	cols    sampleColumns
	width   int
	oxford  bool // the second line of a .sample is still to come
}

// sampleColumns says where the fields stand, -1 where there are none.
type sampleColumns struct{ fid, iid, father, mother, sex int }

func (t *sampleTable) line(f []string) error {
	switch {
	case len(f) == 0:
		return nil
	case strings.HasPrefix(f[0], "##"):
		return nil
	case !t.begun:
		t.begun = true
		switch {
		case f[0] == "#FID" || f[0] == "#IID":
			f[0] = f[0][1:]
			return t.header(f, "FID", "IID", "PAT", "MAT")
		case strings.HasPrefix(f[0], "#"):
			return fmt.Errorf("header begins with %q, want #FID or #IID", f[0])
		case strings.EqualFold(f[0], "ID_1"):
			t.oxford = true
			return t.header(f, "ID_1", "ID_2", "father", "mother")
		}
		t.cols, t.width = sampleColumns{0, 1, 2, 3, 4}, 5
		if len(f) < 5 {
			return fmt.Errorf("%d columns, want FID IID father mother sex phenotype", len(f))
		}
	case t.oxford:
		t.oxford = false
		if f[0] != "0" {
			return fmt.Errorf("second line begins with %q, want the types of the columns, 0 0 0", f[0])
		}
		return nil
	}
	if len(f) < t.width {
		return fmt.Errorf("%d columns, want %d", len(f), t.width)
	}
	get := func(i int) string {
		if i < 0 {
			return "0"
		}
		return f[i]
	}
	if len(t.samples) >= maxSamples {
		return fmt.Errorf("more than %d samples", maxSamples)
	}
	s := Sample{FID: get(t.cols.fid), IID: f[t.cols.iid], Father: get(t.cols.father), Mother: get(t.cols.mother)}
	switch sex := get(t.cols.sex); sex {
	case "1", "M", "m", "male":
		s.Sex = Male
	case "2", "F", "f", "female":
		s.Sex = Female
	}
	t.samples = append(t.samples, s)
	return nil
}

func (t *sampleTable) header(f []string, fid, iid, father, mother string) error {
	fold := func(name string) int {
		return slices.IndexFunc(f, func(s string) bool { return strings.EqualFold(s, name) })
	}
	t.cols = sampleColumns{fold(fid), fold(iid), fold(father), fold(mother), fold("sex")}
	t.width = len(f)
	if t.cols.iid < 0 {
		return fmt.Errorf("header has no column %s", iid)
	}
	return nil
}

// unique refuses a person who stands twice: nothing could be matched to them.
func unique(path string, samples []Sample) error {
	seen := make(map[[2]string]int, len(samples))
	for i, s := range samples {
		key := [2]string{s.FID, s.IID}
		if j, twice := seen[key]; twice {
			return &source.Error{Path: path, Record: strings.TrimLeft(strings.TrimPrefix(s.FID+" "+s.IID, "0 "), " "),
				Err: fmt.Errorf("stands twice, as sample %d and %d", j+1, i+1)}
		}
		seen[key] = i
	}
	return nil
}
