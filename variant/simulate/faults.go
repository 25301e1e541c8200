package simulate

import (
	"errors"
	"fmt"
)

// faults gathers all that is wrong with a set of options.
type faults []error

func (f *faults) check(ok bool, format string, args ...any) {
	if !ok {
		*f = append(*f, fmt.Errorf(format, args...))
	}
}

func (f faults) join() error { return errors.Join(f...) }
