package sets

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/text"
)

// Mask is a line of a file of masks.
type Mask struct {
	Name       string
	Categories []string // as in the file, each once
}

// ReadMasks reads a file of masks. Names stand once, and every mask has a category.
func ReadMasks(r *text.Reader) ([]Mask, error) {
	var list []Mask
	seen := map[string]bool{}
	err := lines(r, func(f []string) error {
		m := Mask{Name: f[0]}
		for _, c := range split(f[1:]) {
			if !slices.Contains(m.Categories, c) {
				m.Categories = append(m.Categories, c)
			}
		}
		switch {
		case len(m.Categories) == 0:
			return fmt.Errorf("mask %s names no annotation, want MASK CATEGORY,CATEGORY", m.Name)
		case seen[m.Name]:
			return fmt.Errorf("mask %s stands twice", m.Name)
		}
		seen[m.Name] = true
		list = append(list, m)
		return nil
	})
	if err == nil && len(list) == 0 {
		err = source.At(r.Path(), errors.New("no mask, want lines of a mask and its annotations"))
	}
	return list, err
}

// Set is a line of a set list.
type Set struct {
	Name, Chrom string
	Pos         int // 1-based
	Variants    []string
}

// mostVariants is how many variants a set may have.
const mostVariants = math.MaxUint16

// ReadSetList calls f with the sets of a list in order. Names stand once; a variant
// that a set names twice counts once.
func ReadSetList(r *text.Reader, f func(*Set) error) error {
	at := map[string]int64{}
	err := lines(r, func(fields []string) error {
		if len(fields) < 4 {
			return fmt.Errorf("%d fields, want the set, its chromosome, its position and its variants, apart by commas", len(fields))
		}
		s := &Set{Name: fields[0], Chrom: fields[1]}
		pos, err := strconv.Atoi(fields[2])
		if err != nil || pos < 0 || pos > math.MaxInt32 {
			return fmt.Errorf("set %s: position %q, want a number from 0 to %d", s.Name, fields[2], math.MaxInt32)
		}
		s.Pos = pos
		if line, twice := at[s.Name]; twice {
			return fmt.Errorf("set %s stands in line %d already", s.Name, line)
		}
		at[s.Name] = r.Number()
		seen := map[string]bool{}
		for _, v := range split(fields[3:]) {
			if !seen[v] {
				seen[v] = true
				s.Variants = append(s.Variants, v)
			}
		}
		switch {
		case len(s.Variants) == 0:
			return fmt.Errorf("set %s has no variants", s.Name)
		case len(s.Variants) > mostVariants:
			return fmt.Errorf("set %s has %d variants, want at most %d", s.Name, len(s.Variants), mostVariants)
		}
		return f(s)
	})
	if err == nil && len(at) == 0 {
		err = source.At(r.Path(), errors.New("no set, want lines of a set, its chromosome, its position and its variants"))
	}
	return err
}

// Frequency is a line of a file of frequencies.
type Frequency struct {
	Freq      float64 // of the alternate allele
	Singleton int8    // 1 or 0; -1 in a file that does not say
}

// ReadFrequencies calls f with the variants of a file and their frequencies. The
// lines are alike: all say who is a singleton, or none.
func ReadFrequencies(r *text.Reader, f func(variant string, q Frequency) error) error {
	columns := 0
	err := lines(r, func(fields []string) error {
		if columns == 0 {
			columns = len(fields)
		}
		if len(fields) != columns || columns < 2 || columns > 3 {
			return fmt.Errorf("%d fields, want a variant, its allele frequency, and 1 or 0 for singletons in all lines or none", len(fields))
		}
		v, err := strconv.ParseFloat(fields[1], 64)
		if err != nil || !(v >= 0 && v <= 1) {
			return fmt.Errorf("variant %s: allele frequency %q, want 0 to 1", fields[0], fields[1])
		}
		q := Frequency{v, -1}
		if columns == 3 {
			switch fields[2] {
			case "0":
				q.Singleton = 0
			case "1":
				q.Singleton = 1
			default:
				return fmt.Errorf("variant %s: %q, want 1 for a singleton, else 0", fields[0], fields[2])
			}
		}
		return f(fields[0], q)
	})
	if err == nil && columns == 0 {
		err = source.At(r.Path(), errors.New("empty, want lines of a variant and its allele frequency"))
	}
	return err
}

// ReadNames reads a list of names, one a line.
func ReadNames(r *text.Reader) ([]string, error) {
	var list []string
	err := lines(r, func(f []string) error {
		if len(f) != 1 {
			return fmt.Errorf("%d fields, want one name", len(f))
		}
		list = append(list, f[0])
		return nil
	})
	return list, err
}
