package table

import (
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/text"
)

// LOCO is a file of predictions of one trait: a line of samples, then one line
// for each chromosome that was left out.
type LOCO struct {
	Path   string
	IDs    []string    // FID_IID
	Chroms []string    // as in the file
	Values [][]float64 // Values[c][i] of sample i, NaN for NA
}

// ReadLOCO reads regenie's predictions.
func ReadLOCO(r *text.Reader) (*LOCO, error) {
	t := &LOCO{Path: r.Path()}
	for {
		line, err := r.Line()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		f := strings.Fields(string(line))
		if len(f) == 0 {
			continue
		}
		if err := t.line(f); err != nil {
			return nil, &source.Error{Path: t.Path, Line: r.Number(), Err: err}
		}
	}
	if len(t.Chroms) == 0 {
		return nil, source.At(t.Path, errors.New("no predictions, want a line FID_IID ... and one for each chromosome"))
	}
	return t, nil
}

func (t *LOCO) line(f []string) error {
	if t.IDs == nil {
		if f[0] != "FID_IID" || len(f) < 2 {
			return fmt.Errorf("begins %q, want FID_IID and the samples", f[0])
		}
		t.IDs = f[1:]
		seen := make(map[string]bool, len(t.IDs))
		for _, id := range t.IDs {
			if seen[id] {
				return fmt.Errorf("sample %s stands twice", id)
			}
			seen[id] = true
		}
		return nil
	}
	if len(f) != len(t.IDs)+1 {
		return fmt.Errorf("chromosome %s has %d values, want %d", f[0], len(f)-1, len(t.IDs))
	}
	v := make([]float64, len(t.IDs))
	for i, s := range f[1:] {
		if s == "NA" {
			v[i] = math.NaN()
			continue
		}
		x, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return fmt.Errorf("chromosome %s, sample %s: %q, want a number or NA", f[0], t.IDs[i], s)
		}
		v[i] = x
	}
	t.Chroms = append(t.Chroms, f[0])
	t.Values = append(t.Values, v)
	return nil
}

// OpenLOCO reads the predictions of a file.
func OpenLOCO(path string) (*LOCO, error) {
	r, err := text.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return ReadLOCO(r)
}

// Prediction is a line of a list of predictions: a trait and its file.
type Prediction struct{ Trait, Path string }

// ReadPredictions reads a list of predictions (regenie's _pred.list). A path
// that is not absolute is taken beside the list, unless it is there as it is
// written.
func ReadPredictions(r *text.Reader, exists func(path string) bool) ([]Prediction, error) {
	var list []Prediction
	for {
		line, err := r.Line()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		f := strings.Fields(string(line))
		if len(f) == 0 {
			continue
		}
		if len(f) != 2 {
			return nil, &source.Error{Path: r.Path(), Line: r.Number(), Err: fmt.Errorf("%d fields, want a trait and the path of its predictions", len(f))}
		}
		for _, p := range list {
			if p.Trait == f[0] {
				return nil, &source.Error{Path: r.Path(), Line: r.Number(), Record: f[0], Err: errors.New("the trait stands twice")}
			}
		}
		path := f[1]
		if !filepath.IsAbs(path) && !exists(path) {
			path = filepath.Join(filepath.Dir(r.Path()), path)
		}
		list = append(list, Prediction{f[0], path})
	}
	if len(list) == 0 {
		return nil, source.At(r.Path(), errors.New("empty, want lines of a trait and the path of its predictions"))
	}
	return list, nil
}
