package genotype

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"sync"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/vcf"
)

// vcfFile is VCF or BCF. It is read from its beginning without an index of any
// kind; where rows in the middle are asked for, the file is read through once
// and the places of some of its records are remembered.
type vcfFile struct {
	path    string
	src     object.Object
	samples int
	dosages bool // the header declares a key of dosages
	once    sync.Mutex
	marks   *vcfMarks // nil before the file was read through
}

func openVCF(ctx context.Context, p *parts) (*File, error) {
	v := &vcfFile{path: p.path, src: p.main}
	r, err := vcf.NewReader(p.path, v.whole())
	if err != nil {
		return nil, err
	}
	h := r.Header()
	names := h.Samples
	for _, key := range []string{"DS", "GP", "HDS"} {
		_, declared := h.Format(key)
		v.dosages = v.dosages || declared
	}
	if len(names) == 0 {
		return nil, errors.New("has no samples")
	}
	v.samples = len(names)
	samples, err := p.named(ctx, names)
	if err != nil {
		return nil, err
	}
	return &File{path: p.path, samples: samples, all: len(samples), format: v}, nil
}

func (v *vcfFile) whole() io.Reader { return io.NewSectionReader(v.src, 0, v.src.Info().Size) }

func (v *vcfFile) imputed() bool { return v.dosages }

func (v *vcfFile) variants(ctx context.Context) (int, error) {
	m, err := v.survey(ctx)
	if err != nil {
		return 0, err
	}
	return m.rows, nil
}

// survey reads the file through, once.
func (v *vcfFile) survey(ctx context.Context) (*vcfMarks, error) {
	v.once.Lock()
	defer v.once.Unlock()
	if v.marks == nil {
		m, err := findMarks(ctx, v.src)
		if err != nil {
			return nil, err
		}
		v.marks = m
	}
	return v.marks, nil
}

func (v *vcfFile) open(ctx context.Context, from, _ int, pick *picker) (cursor, error) {
	c := &vcfCursor{samples: v.samples, pick: pick}
	var err error
	if from > 0 {
		var m *vcfMarks
		if m, err = v.survey(ctx); err != nil {
			return nil, err
		}
		if from >= m.rows {
			return &vcfCursor{ended: true}, nil
		}
		if k := m.find(from); k != nil {
			var body io.Reader
			if body, err = m.reader(v.src, k); err != nil {
				return nil, err
			}
			c.lines, from = k.record, from-k.row
			c.reader, err = vcf.NewReader(v.path, io.MultiReader(strings.NewReader(m.header), body))
		}
	}
	if c.reader == nil && err == nil {
		c.reader, err = vcf.NewReader(v.path, v.whole())
	}
	if err != nil {
		return nil, err
	}
	for from > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := c.read(); err != nil {
			return nil, err
		}
		if n := c.alts(); from < n {
			c.alt, from = from+1, 0
		} else {
			c.alt, from = 0, from-n
		}
	}
	return c, nil
}

// vcfCursor makes rows of records.
type vcfCursor struct {
	reader  *vcf.Reader
	lines   int64 // what to add to the reader's numbers of lines
	samples int
	pick    *picker
	rec     *vcf.Record
	alt     int // next alternate allele of rec, 0 where a record is to be read
	ended   bool
	fields  fields
}

func (c *vcfCursor) close() {}

// alts is how many rows the record gives.
func (c *vcfCursor) alts() int { return max(1, len(c.rec.Alts)) }

// read takes the next record.
func (c *vcfCursor) read() error {
	if c.ended {
		return io.EOF
	}
	rec, err := c.reader.Read()
	if err != nil {
		return c.place(err)
	}
	c.rec, c.alt = rec, 1
	c.fields.of(rec)
	return nil
}

// place corrects the line of an error, which a reader that began in the middle
// counts from there.
func (c *vcfCursor) place(err error) error {
	var e *source.Error
	if c.lines != 0 && errors.As(err, &e) && e.Line > 0 {
		moved := *e
		moved.Line += c.lines
		return &moved
	}
	return err
}

func (c *vcfCursor) next(b *dosage.Block, _ int) error {
	if c.alt == 0 {
		if err := c.read(); err != nil {
			return err
		}
	}
	if err := c.row(b); err != nil {
		return c.place(c.rec.Bad(err))
	}
	if c.alt++; c.alt > c.alts() {
		c.alt = 0
	}
	return nil
}

// row appends the row of the current alternate allele.
func (c *vcfCursor) row(b *dosage.Block) error {
	r := c.rec
	v := dosage.Variant{Chrom: r.Contig, Start: r.Pos, ID: r.ID, Ref: r.Ref, Alt: ".", Allele: c.alt, Alts: c.alts()}
	if len(r.Alts) > 0 {
		v.Alt = r.Alts[c.alt-1]
		if v.Alt == v.Ref {
			return fmt.Errorf("alternate allele %s is the reference", v.Alt)
		}
	}
	index := func(i int) int { return i }
	if c.pick != nil {
		index = func(i int) int { return int(c.pick.index[i]) }
	}
	if c.fields.hard() {
		row := b.AddCalls(v)
		clear(row.Calls)
		for i := range b.Samples {
			k := index(i)
			g, err := c.fields.call(r, k, c.alt)
			if err != nil {
				return fmt.Errorf("sample %s: %w", r.Header().Samples[k], err)
			}
			row.Calls[i/dosage.WordSamples] |= uint64(g) << (2 * (i % dosage.WordSamples))
		}
		row.Count(b.Samples, 0)
		return nil
	}
	row := b.AddUnits(v, dosage.Scale)
	spread := uint64(0) // in fixed point, so that its sum has no order
	for i := range b.Samples {
		k := index(i)
		u, s, err := c.fields.dosage(r, k, c.alt)
		if err != nil {
			return fmt.Errorf("sample %s: %w", r.Header().Samples[k], err)
		}
		row.Units[i] = u
		spread += uint64(math.Round(s * (1 << 32)))
	}
	row.Count(b.Samples, float64(spread)/(1<<32))
	return nil
}
