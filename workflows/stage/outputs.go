package stage

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/vcf"
)

// ErrOutputs is in the chain of errors about outputs that cannot be what they
// were named: one file twice, or an input.
var ErrOutputs = errors.New("outputs")

// checkOutputs checks before any work that no output is another one or an
// input, indexes included, and that each can be written. Empty names are left
// out.
func checkOutputs(env *Env, inputs, outputs []string) error {
	in := withIndexes(inputs, ".bai", ".csi", ".tbi", ".fai", ".gzi")
	var out []string
	for _, name := range outputs {
		if name == "" {
			continue
		}
		out = append(out, name)
		if vcf.Packed(name) {
			out = append(out, name+".tbi", name+".csi")
		}
	}
	for i, name := range out {
		for _, other := range out[:i] {
			if sameFile(name, other) {
				return fmt.Errorf("%w: %s and %s are one file", ErrOutputs, other, name)
			}
		}
		for _, other := range in {
			if name != object.Standard && sameFile(name, other) {
				return fmt.Errorf("%w: %s would take the place of the input %s", ErrOutputs, name, other)
			}
		}
	}
	if p, ok := env.Store.(interface{ Probe(name string) error }); ok {
		for _, name := range out {
			if err := p.Probe(name); err != nil {
				return err
			}
		}
	}
	return nil
}

func withIndexes(names []string, suffixes ...string) []string {
	var out []string
	for _, name := range names {
		if name == "" {
			continue
		}
		out = append(out, name)
		for _, s := range suffixes {
			out = append(out, name+s)
		}
	}
	return out
}

// sameFile says whether two names are of one file, whether it is there or not.
func sameFile(a, b string) bool {
	if a == b {
		return true
	}
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	if errX == nil && errY == nil {
		return x.Mode().IsRegular() && os.SameFile(x, y)
	}
	absA, errA := filepath.Abs(a)
	absB, errB := filepath.Abs(b)
	return errA == nil && errB == nil && absA == absB
}
