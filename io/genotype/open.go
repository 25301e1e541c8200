package genotype

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/gx-genomics/gx/io/object"
)

// parts are the files of an input while it is opened.
type parts struct {
	o    Options
	path string
	main object.Object
	open []io.Closer
}

// openParts opens the genotypes themselves.
func openParts(ctx context.Context, path string, o Options) (*parts, error) {
	f, err := o.store().Open(ctx, path)
	if err != nil {
		return nil, err
	}
	return &parts{o: o, path: path, main: f, open: []io.Closer{f}}, nil
}

// close closes all files.
func (p *parts) close() error {
	var errs []error
	for _, c := range p.open {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}

// variants reads the table of variants: the one given, or one of these beside.
func (p *parts) variants(ctx context.Context, suffixes ...string) (*table, error) {
	f, path, err := beside(ctx, p.o, p.path, p.o.Variants, suffixes...)
	if err != nil {
		return nil, err
	}
	p.open = append(p.open, f)
	return readVariants(ctx, f, path)
}

// samples reads the table of samples likewise, and gives its path.
func (p *parts) samples(ctx context.Context, suffixes ...string) ([]Sample, string, error) {
	f, path, err := beside(ctx, p.o, p.path, p.o.Samples, suffixes...)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	samples, err := readTable(f, path)
	return samples, path, err
}

// named gives the samples of a file that names them itself. A table of samples,
// given or one of these beside, tells more of them, and must name the same in
// the same order.
func (p *parts) named(ctx context.Context, names []string, suffixes ...string) ([]Sample, error) {
	if p.o.Samples != "" || len(suffixes) > 0 {
		samples, from, err := p.samples(ctx, suffixes...)
		switch {
		case err == nil:
			return samples, agree(names, samples, from)
		case p.o.Samples != "" || !errors.Is(err, object.ErrNotExist):
			return nil, err
		}
	}
	samples := make([]Sample, len(names))
	for i, n := range names {
		samples[i] = Sample{IID: n, Father: "0", Mother: "0"}
	}
	return samples, unique(p.path, samples)
}

// agree compares the names in a file with those of its table of samples.
func agree(names []string, samples []Sample, from string) error {
	if len(samples) != len(names) {
		return fmt.Errorf("has %d samples, but %s has %d", len(names), base(from), len(samples))
	}
	for i := range samples {
		s := &samples[i]
		if n := names[i]; n != s.IID && n != s.FID+"_"+s.IID && n != s.FID {
			return fmt.Errorf("sample %d is %s, but %s %s in %s: want the same samples in the same order", i+1, n, s.FID, s.IID, base(from))
		}
	}
	return nil
}
