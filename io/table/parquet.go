package table

import (
	"errors"
	"io"
	"math"
	"unsafe"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/metadata"
	"github.com/apache/arrow/go/v15/parquet/schema"

	"github.com/gx-genomics/gx/gwas/result"
)

// groupRows is the rows of a row group.
const groupRows = 65_536

// Parquet writes rows of one trait with gx's columns: strings by dictionary,
// numbers as they are, NULL for what does not exist. The bytes depend on the
// rows alone, not on the calls they come in.
type Parquet struct {
	w       *file.Writer
	columns []column
	rows    int
}

// A column gathers the values of a row group. Only one of the slices is used.
type column struct {
	name     string
	optional bool
	text     func(*result.Row) string
	whole    func(*result.Row) (int, bool)
	number   func(*result.Row) float64

	levels  []int16
	texts   []parquet.ByteArray
	wholes  []int32
	numbers []float64
}

func parquetColumns() []column {
	alt := func(r *result.Row) string { return r.Alt }
	count := func(n func(*result.Row) int) func(*result.Row) (int, bool) {
		return func(r *result.Row) (int, bool) { v := n(r); return v, v >= 0 }
	}
	return []column{
		{name: "chrom", text: func(r *result.Row) string { return r.Chrom }},
		{name: "pos", whole: func(r *result.Row) (int, bool) { return r.Start + 1, true }},
		{name: "id", text: func(r *result.Row) string { return r.ID }},
		{name: "ref", text: func(r *result.Row) string { return r.Ref }},
		{name: "alt", text: alt},
		{name: "effect_allele", text: alt},
		{name: "eaf", optional: true, number: func(r *result.Row) float64 { return r.EAF }},
		{name: "n", whole: func(r *result.Row) (int, bool) { return r.N, true }},
		{name: "n_cases", optional: true, whole: count(func(r *result.Row) int { return r.Cases })},
		{name: "n_controls", optional: true, whole: count(func(r *result.Row) int { return r.Controls })},
		{name: "info", optional: true, number: func(r *result.Row) float64 { return r.Info }},
		{name: "test", text: func(r *result.Row) string { return r.Test }},
		{name: "beta", optional: true, number: func(r *result.Row) float64 { return r.Beta }},
		{name: "se", optional: true, number: func(r *result.Row) float64 { return r.SE }},
		{name: "stat", optional: true, number: func(r *result.Row) float64 { return r.Stat }},
		{name: "neg_log10_p", optional: true, number: func(r *result.Row) float64 { return r.NegLog10P }},
		{name: "method", text: func(r *result.Row) string { return r.Method.String() }},
		{name: "flags", text: func(r *result.Row) string { return r.Flags.String() }},
	}
}

// Pair is a key and a value of a file's metadata.
type Pair struct{ Key, Value string }

// NewParquet begins a file. Close does not close w.
func NewParquet(w io.Writer, meta []Pair) (*Parquet, error) {
	p := &Parquet{columns: parquetColumns()}
	var fields schema.FieldList
	for i := range p.columns {
		c := &p.columns[i]
		repetition := parquet.Repetitions.Required
		if c.optional {
			repetition = parquet.Repetitions.Optional
		}
		var node schema.Node
		var err error
		switch {
		case c.text != nil:
			node, err = schema.NewPrimitiveNodeLogical(c.name, repetition, schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1)
		case c.whole != nil:
			node, err = schema.NewPrimitiveNode(c.name, repetition, parquet.Types.Int32, -1, -1)
		default:
			node, err = schema.NewPrimitiveNode(c.name, repetition, parquet.Types.Double, -1, -1)
		}
		if err != nil {
			return nil, err
		}
		fields = append(fields, node)
	}
	root, err := schema.NewGroupNode("association", parquet.Repetitions.Required, fields, -1)
	if err != nil {
		return nil, err
	}
	kv := metadata.NewKeyValueMetadata()
	for _, m := range meta {
		if err := kv.Append(m.Key, m.Value); err != nil {
			return nil, err
		}
	}
	options := []parquet.WriterProperty{
		parquet.WithVersion(parquet.V1_0), parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(1),
		parquet.WithDataPageSize(1 << 20), parquet.WithCreatedBy("gx"),
	}
	for i := range p.columns {
		c := &p.columns[i]
		if c.text == nil || c.name == "id" { // a dictionary of unlike values is no smaller
			options = append(options, parquet.WithDictionaryFor(c.name, false))
		}
		if c.text != nil && c.name != "chrom" { // nobody prunes by the least of these
			options = append(options, parquet.WithStatsFor(c.name, false))
		}
		c.grow()
	}
	p.w = file.NewParquetWriter(w, root, file.WithWriterProps(parquet.NewWriterProperties(options...)), file.WithWriteMetadata(kv))
	return p, nil
}

// Write adds rows; their strings are kept until the row group is written.
func (p *Parquet) Write(rows []result.Row) error {
	for i := range rows {
		r := &rows[i]
		if r.Start+1 > math.MaxInt32 {
			return errors.New("a position above 2^31 in " + r.ID)
		}
		for k := range p.columns {
			p.columns[k].add(r)
		}
		if p.rows++; p.rows == groupRows {
			if err := p.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// grow makes room for a row group.
func (c *column) grow() {
	switch {
	case c.text != nil:
		c.texts = make([]parquet.ByteArray, 0, groupRows)
	case c.whole != nil:
		c.wholes = make([]int32, 0, groupRows)
	default:
		c.numbers = make([]float64, 0, groupRows)
	}
	if c.optional {
		c.levels = make([]int16, 0, groupRows)
	}
}

func (c *column) add(r *result.Row) {
	there := true
	switch {
	case c.text != nil:
		s := c.text(r)
		c.texts = append(c.texts, unsafe.Slice(unsafe.StringData(s), len(s))) // read only, and never freed before it is written
	case c.whole != nil:
		var v int
		if v, there = c.whole(r); there {
			c.wholes = append(c.wholes, int32(v))
		}
	default:
		v := c.number(r)
		if there = !math.IsNaN(v); there {
			c.numbers = append(c.numbers, v)
		}
	}
	if c.optional {
		level := int16(0)
		if there {
			level = 1
		}
		c.levels = append(c.levels, level)
	}
}

func (p *Parquet) flush() error {
	if p.rows == 0 {
		return nil
	}
	group := p.w.AppendRowGroup()
	for i := range p.columns {
		c := &p.columns[i]
		w, err := group.NextColumn()
		if err != nil {
			return err
		}
		switch w := w.(type) {
		case *file.ByteArrayColumnChunkWriter:
			_, err = w.WriteBatch(c.texts, c.levels, nil)
		case *file.Int32ColumnChunkWriter:
			_, err = w.WriteBatch(c.wholes, c.levels, nil)
		case *file.Float64ColumnChunkWriter:
			_, err = w.WriteBatch(c.numbers, c.levels, nil)
		}
		if err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		c.texts, c.wholes, c.numbers, c.levels = c.texts[:0], c.wholes[:0], c.numbers[:0], c.levels[:0]
	}
	p.rows = 0
	return group.Close()
}

// Close writes what is left and the footer.
func (p *Parquet) Close() error {
	if err := p.flush(); err != nil {
		return err
	}
	return p.w.Close()
}
