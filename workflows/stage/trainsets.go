package stage

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/text"
)

// defaultUnaligned is the share of runs of cells in which reads of a set are not
// realigned where the table does not say: in real libraries local assembly
// fails more often than in simulated ones.
const defaultUnaligned = 0.2

// The columns of a table of sets. Others are passed over.
const (
	columnName, columnDir, columnRef, columnReads, columnTruth    = "name", "dir", "ref", "reads", "truth"
	columnConfident, columnWeight, columnUnaligned, columnDensity = "confident", "weight", "norealign", "density"
	dirRef, dirReads, dirTruth, dirConfident                      = "ref.fa", "reads.bam", "truth.vcf.gz", "confident.bed"
)

// ReadTrainSets reads a table of training sets: tab-separated, with a header
// that names the columns name; either ref, reads (by comma) and truth, with
// confident where there is one, or dir, a folder with ref.fa, reads.bam,
// truth.vcf.gz and confident.bed; and perhaps weight, norealign and density. Names of
// files that are not absolute begin at the table's folder.
func ReadTrainSets(path string) ([]TrainSet, error) {
	r, err := text.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var columns []string
	var sets []TrainSet
	for {
		line, err := r.Line()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		fields := strings.Split(strings.TrimRight(string(line), "\r\n"), "\t")
		if len(fields) == 1 && fields[0] == "" {
			continue
		}
		if columns == nil {
			columns = fields
			continue
		}
		s, err := trainSet(filepath.Dir(path), columns, fields)
		if err != nil {
			return nil, &source.Error{Path: path, Line: r.Number(), Err: err}
		}
		sets = append(sets, s)
	}
	if len(sets) == 0 {
		return nil, source.At(path, errors.New("no set in the table: want a header and a line for each"))
	}
	return sets, nil
}

func trainSet(folder string, columns, fields []string) (s TrainSet, err error) {
	if len(fields) != len(columns) {
		return s, fmt.Errorf("%d columns, the header has %d", len(fields), len(columns))
	}
	get := func(name string) string {
		i := slices.Index(columns, name)
		if i < 0 || fields[i] == "-" {
			return ""
		}
		return fields[i]
	}
	file := func(name string) string {
		if name == "" || filepath.IsAbs(name) {
			return name
		}
		return filepath.Join(folder, name)
	}
	s = TrainSet{Name: get(columnName), Weight: 1, Unaligned: defaultUnaligned, Density: 1}
	if s.Name == "" || strings.ContainsAny(s.Name, "/\\ ") {
		return s, fmt.Errorf("name %q: want one without spaces and slashes", s.Name)
	}
	if dir := get(columnDir); dir != "" {
		dir = file(dir)
		s.Ref, s.Reads = filepath.Join(dir, dirRef), []string{filepath.Join(dir, dirReads)}
		s.Truth, s.Confident = filepath.Join(dir, dirTruth), filepath.Join(dir, dirConfident)
	} else {
		s.Ref, s.Truth, s.Confident = file(get(columnRef)), file(get(columnTruth)), file(get(columnConfident))
		for name := range strings.SplitSeq(get(columnReads), ",") {
			if name != "" {
				s.Reads = append(s.Reads, file(name))
			}
		}
	}
	for _, x := range []struct {
		name string
		to   *float64
	}{{columnWeight, &s.Weight}, {columnUnaligned, &s.Unaligned}, {columnDensity, &s.Density}} {
		if v := get(x.name); v != "" {
			if *x.to, err = strconv.ParseFloat(v, 64); err != nil || !(*x.to >= 0) {
				return s, fmt.Errorf("%s %q: want a number of 0 or more", x.name, v)
			}
		}
	}
	return s, nil
}
