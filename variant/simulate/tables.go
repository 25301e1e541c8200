package simulate

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/gx-genomics/gx/io/source"
)

// Tables opens the tables of a measured profile by their names: cycle,
// quality_transition, mismatch_by_quality, substitution, homopolymer_indel,
// insert_size, gc_depth, mapq, summary. Each is tab-separated text with a
// header line; its first column is the name of the profile, so that one folder
// can hold several.
type Tables func(table string) (io.ReadCloser, error)

// ReadProfile reads the profile of a name; an empty name is good where the
// tables hold one profile only. Rates that few reads stand behind are drawn
// towards those of the other bases, and never fall with the length of a
// homopolymer.
func ReadProfile(open Tables, name string) (*Profile, error) {
	p := &Profile{Name: name, InsertBin: 10}
	t := tables{open: open, name: name}
	if name == "" {
		var err error
		if p.Name, err = t.only(); err != nil {
			return nil, err
		}
		t.name = p.Name
	}
	runs := newRunCounts()
	var mean gcMean
	for _, x := range []struct {
		table   string
		columns []string
		row     func(*fields)
	}{
		{"quality_transition", []string{"read", "fifth", "q_prev", "q", "count"}, p.transition},
		{"cycle", []string{"read", "cycle", "mean_q", "q05", "q25", "q50", "q75", "q95", "mismatch_rate"}, p.cycleRow},
		{"mismatch_by_quality", []string{"base_quality", "bases", "mismatches"}, p.mismatchRow},
		{"substitution", []string{"ref_base", "read_base", "count"}, p.substitutionRow},
		{"homopolymer_indel", []string{"base_in_read_strand", "run_length", "spans", "insertions", "deletions", "ins1", "ins2", "del1", "del2"}, runs.row},
		{"insert_size", []string{"bin_start", "count"}, p.insertRow},
		{"gc_depth", []string{"gc_percent", "windows", "mean_depth"}, mean.row},
		{"mapq", []string{"mapq", "records"}, p.mapqRow},
		{"summary", []string{"key", "value"}, p.summaryRow},
	} {
		if err := t.each(x.table, x.columns, x.row); err != nil {
			return nil, err
		}
	}
	p.complete()
	runs.fill(p)
	mean.fill(p)
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return p, nil
}

// tables reads rows of one profile.
type tables struct {
	open Tables
	name string
}

// ErrNoProfile is in the chain of errors about a name that no table has.
var ErrNoProfile = errors.New("no such profile")

// each hands the rows of the profile to row, which takes the columns by their
// place in the list.
func (t tables) each(table string, columns []string, row func(*fields)) error {
	names, seen := []string(nil), false
	err := t.rows(table, columns, func(profile string, f *fields) error {
		if profile != t.name {
			if !slices.Contains(names, profile) {
				names = append(names, profile)
			}
			return nil
		}
		seen = true
		row(f)
		return f.err
	})
	if err == nil && !seen {
		err = source.At(table, fmt.Errorf("%w: %q; the table has %s", ErrNoProfile, t.name, strings.Join(names, ", ")))
	}
	return err
}

// only is the name of the one profile that the tables hold.
func (t tables) only() (string, error) {
	var names []string
	err := t.rows("mismatch_by_quality", nil, func(profile string, _ *fields) error {
		if !slices.Contains(names, profile) {
			names = append(names, profile)
		}
		return nil
	})
	if err == nil && len(names) != 1 {
		err = source.At("mismatch_by_quality", fmt.Errorf("%d profiles: %s; want the name of one", len(names), strings.Join(names, ", ")))
	}
	if err != nil {
		return "", err
	}
	return names[0], nil
}

// rows reads a table line by line.
func (t tables) rows(table string, columns []string, row func(string, *fields) error) error {
	r, err := t.open(table)
	if err != nil {
		return err
	}
	defer r.Close()
	lines := bufio.NewScanner(r)
	at := make([]int, len(columns))
	var f fields
	for n := int64(1); lines.Scan(); n++ {
		cells := strings.Split(lines.Text(), "\t")
		if n == 1 {
			for i, c := range columns {
				if at[i] = slices.Index(cells, c); at[i] < 0 {
					return &source.Error{Path: table, Line: 1, Err: fmt.Errorf("no column %s", c)}
				}
			}
			continue
		}
		if lines.Text() == "" {
			continue
		}
		f = fields{cells: f.cells[:0]}
		for i := range columns {
			if at[i] >= len(cells) {
				return &source.Error{Path: table, Line: n, Err: fmt.Errorf("%d columns, want %s in column %d", len(cells), columns[i], at[i]+1)}
			}
			f.cells = append(f.cells, cells[at[i]])
		}
		if err := row(cells[0], &f); err != nil {
			return &source.Error{Path: table, Line: n, Record: cells[0], Err: err}
		}
	}
	return source.At(table, lines.Err())
}

// fields is the asked columns of a row. The first one that cannot be read
// leaves its error.
type fields struct {
	cells []string
	err   error
}

func (f *fields) fail(i int, want string) {
	if f.err == nil {
		f.err = fmt.Errorf("%.40q, want %s", f.cells[i], want)
	}
}

// count is a number from 0.
func (f *fields) count(i int) float64 {
	x, err := strconv.ParseFloat(f.cells[i], 64)
	if err != nil || !(x >= 0 && x < 1e15) {
		f.fail(i, "a number from 0")
		return 0
	}
	return x
}

// within is a whole number of [low, high].
func (f *fields) within(i, low, high int) int {
	x, err := strconv.Atoi(f.cells[i])
	if err != nil || x < low || x > high {
		f.fail(i, fmt.Sprintf("a whole number from %d to %d", low, high))
		return low
	}
	return x
}

// base is the code of a base.
func (f *fields) base(i int) byte {
	if len(f.cells[i]) != 1 || codes[f.cells[i][0]] > 3 {
		f.fail(i, "one of A, C, G, T")
		return 0
	}
	return codes[f.cells[i][0]]
}
