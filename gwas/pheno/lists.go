package pheno

import "fmt"

// lists are samples to keep, if not nil only those, and to leave out.
type lists struct {
	keep, remove index
	all          bool // but those to leave out
}

func newLists(keep, remove []Sample, family bool) (l lists, err error) {
	l.all = keep == nil
	if l.keep, err = newIndex(keep, family); err != nil {
		return l, fmt.Errorf("list of samples to keep: %w", err)
	}
	if l.remove, err = newIndex(remove, family); err != nil {
		return l, fmt.Errorf("list of samples to remove: %w", err)
	}
	return l, nil
}

func (l *lists) keeps(s Sample) bool {
	_, kept := l.keep.find(s)
	_, removed := l.remove.find(s)
	return (l.all || kept) && !removed
}

// Listed gives the places of the samples that lists leave: those of keep if it is
// not nil, and none of remove.
func Listed(samples, keep, remove []Sample) ([]int, error) {
	l, err := newLists(keep, remove, hasFamilies(samples))
	if err != nil {
		return nil, err
	}
	var out []int
	for i, s := range samples {
		if l.keeps(s) {
			out = append(out, i)
		}
	}
	return out, nil
}
