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

// groupRows is the rows of a row group: those of DuckDB's, so that a column of
// doubles is one page. Each page costs the making of a compressor.
const groupRows = 122_880

// Parquet writes rows of one trait with gx's columns: strings by dictionary,
// numbers as they are, NULL for what does not exist. The bytes depend on the
// rows alone, not on the calls they come in.
type Parquet struct {
	w       *file.Writer
	columns []column
	rows    int
}

// A column gathers the values of a row group. Only one of the functions is set.
type column struct {
	name     string
	optional bool
	listed   bool // text by dictionary
	pruned   bool // by its least and largest value a reader passes over row groups
	codec    compress.Compression
	text     func(*result.Row) string
	whole    func(*result.Row) (int, bool)
	number   func(*result.Row) float64

	levels  []int16
	texts   []parquet.ByteArray
	wholes  []int32
	numbers []float64
	words   words
}

// parquetColumns are gx's columns. zstd, of which the library makes an encoder of
// megabytes for every page, is where it pays: numbers of all digits have next to
// nothing to compress, nor have places in a dictionary, and counts are alike.
func parquetColumns() []column {
	alt := func(r *result.Row) string { return r.Alt }
	count := func(n func(*result.Row) int) func(*result.Row) (int, bool) {
		return func(r *result.Row) (int, bool) { v := n(r); return v, v >= 0 }
	}
	return []column{
		{name: "chrom", pruned: true, text: func(r *result.Row) string { return r.Chrom }},
		{name: "pos", codec: compress.Codecs.Zstd, pruned: true, whole: func(r *result.Row) (int, bool) { return r.Start + 1, true }},
		{name: "id", codec: compress.Codecs.Zstd, text: func(r *result.Row) string { return r.ID }},
		{name: "ref", listed: true, text: func(r *result.Row) string { return r.Ref }},
		{name: "alt", listed: true, text: alt},
		{name: "effect_allele", listed: true, text: alt},
		{name: "eaf", codec: compress.Codecs.Zstd, optional: true, number: func(r *result.Row) float64 { return r.EAF }},
		{name: "n", codec: compress.Codecs.Snappy, whole: func(r *result.Row) (int, bool) { return r.N, true }},
		{name: "n_cases", codec: compress.Codecs.Snappy, optional: true, whole: count(func(r *result.Row) int { return r.Cases })},
		{name: "n_controls", codec: compress.Codecs.Snappy, optional: true, whole: count(func(r *result.Row) int { return r.Controls })},
		{name: "info", codec: compress.Codecs.Snappy, optional: true, number: func(r *result.Row) float64 { return r.Info }},
		{name: "test", listed: true, text: func(r *result.Row) string { return r.Test }},
		{name: "beta", optional: true, number: func(r *result.Row) float64 { return r.Beta }},
		{name: "se", optional: true, number: func(r *result.Row) float64 { return r.SE }},
		{name: "stat", optional: true, number: func(r *result.Row) float64 { return r.Stat }},
		{name: "neg_log10_p", optional: true, pruned: true, number: func(r *result.Row) float64 { return r.NegLog10P }},
		{name: "method", listed: true, text: func(r *result.Row) string { return r.Method.String() }},
		{name: "flags", listed: true, text: func(r *result.Row) string { return r.Flags.String() }},
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
		parquet.WithVersion(parquet.V1_0), parquet.WithCompressionLevel(1),
		parquet.WithDataPageSize(1 << 20), parquet.WithCreatedBy("gx"),
	}
	for i := range p.columns {
		c := &p.columns[i]
		if !c.listed && c.name != "chrom" { // a dictionary of unlike values is no smaller
			options = append(options, parquet.WithDictionaryFor(c.name, false))
		}
		options = append(options, parquet.WithCompressionFor(c.name, c.codec))
		if !c.pruned {
			options = append(options, parquet.WithStatsFor(c.name, false))
		}
	}
	p.w = file.NewParquetWriter(w, root, file.WithWriterProps(parquet.NewWriterProperties(options...)), file.WithWriteMetadata(kv))
	return p, nil
}

// Write adds rows; their strings are kept until the row group is written.
func (p *Parquet) Write(rows []result.Row) error {
	for i := range rows {
		if rows[i].Start+1 > math.MaxInt32 {
			return errors.New("a position above 2^31 in " + rows[i].ID)
		}
	}
	for len(rows) > 0 {
		n := min(len(rows), groupRows-p.rows)
		for k := range p.columns {
			p.columns[k].add(rows[:n])
		}
		rows = rows[n:]
		if p.rows += n; p.rows == groupRows {
			if err := p.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// add takes the column's values of rows.
func (c *column) add(rows []result.Row) {
	switch {
	case c.listed:
		for i := range rows {
			c.words.add(c.text(&rows[i]))
		}
	case c.text != nil:
		for i := range rows {
			s := c.text(&rows[i])
			c.texts = append(c.texts, unsafe.Slice(unsafe.StringData(s), len(s))) // read only, and never freed before it is written
		}
	case c.whole != nil:
		for i := range rows {
			v, there := c.whole(&rows[i])
			if there {
				c.wholes = append(c.wholes, int32(v))
			}
			c.level(there)
		}
	default:
		for i := range rows {
			v := c.number(&rows[i])
			there := !math.IsNaN(v)
			if there {
				c.numbers = append(c.numbers, v)
			}
			c.level(there)
		}
	}
}

// level says whether a row has a value.
func (c *column) level(there bool) {
	if !c.optional {
		return
	}
	level := int16(0)
	if there {
		level = 1
	}
	c.levels = append(c.levels, level)
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
			if c.listed {
				err = c.words.write(w)
			} else {
				_, err = w.WriteBatch(c.texts, c.levels, nil)
			}
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
