package genotype

import (
	"context"
	"errors"
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
