package table

import (
	"fmt"
	"io"
	"math"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/file"
	"github.com/apache/arrow/go/v15/parquet/metadata"
	"github.com/apache/arrow/go/v15/parquet/schema"
)

// SheetColumn is a column of a sheet: Texts, where an empty one is NULL, or
// Numbers, where NaN is.
type SheetColumn struct {
	Name    string
	Texts   []string
	Numbers []float64
}

// WriteSheet writes columns of one length, few enough to stand in memory, as a
// Parquet file of one row group.
func WriteSheet(w io.Writer, name string, meta []Pair, columns []SheetColumn) error {
	var fields schema.FieldList
	rows := -1
	for _, c := range columns {
		n := len(c.Numbers)
		if c.Texts != nil {
			n = len(c.Texts)
		}
		if rows >= 0 && n != rows {
			return fmt.Errorf("column %s has %d rows, those before it %d", c.Name, n, rows)
		}
		rows = n
		var node schema.Node
		var err error
		if c.Texts != nil {
			node, err = schema.NewPrimitiveNodeLogical(c.Name, parquet.Repetitions.Optional, schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1)
		} else {
			node, err = schema.NewPrimitiveNode(c.Name, parquet.Repetitions.Optional, parquet.Types.Double, -1, -1)
		}
		if err != nil {
			return err
		}
		fields = append(fields, node)
	}
	root, err := schema.NewGroupNode(name, parquet.Repetitions.Required, fields, -1)
	if err != nil {
		return err
	}
	kv := metadata.NewKeyValueMetadata()
	for _, m := range meta {
		if err := kv.Append(m.Key, m.Value); err != nil {
			return err
		}
	}
	f := file.NewParquetWriter(w, root, file.WithWriteMetadata(kv), file.WithWriterProps(parquet.NewWriterProperties(
		parquet.WithVersion(parquet.V1_0), parquet.WithCompression(compress.Codecs.Zstd), parquet.WithCompressionLevel(1), parquet.WithCreatedBy("gx"))))
	if rows > 0 {
		group := f.AppendRowGroup()
		for i := range columns {
			if err := columns[i].write(group); err != nil {
				return fmt.Errorf("column %s: %w", columns[i].Name, err)
			}
		}
		if err := group.Close(); err != nil {
			return err
		}
	}
	return f.Close()
}

func (c *SheetColumn) write(group file.SerialRowGroupWriter) error {
	w, err := group.NextColumn()
	if err != nil {
		return err
	}
	var levels []int16
	switch w := w.(type) {
	case *file.ByteArrayColumnChunkWriter:
		var values []parquet.ByteArray
		for _, s := range c.Texts {
			there := int16(0)
			if s != "" {
				there, values = 1, append(values, parquet.ByteArray(s))
			}
			levels = append(levels, there)
		}
		_, err = w.WriteBatch(values, levels, nil)
	case *file.Float64ColumnChunkWriter:
		var values []float64
		for _, x := range c.Numbers {
			there := int16(0)
			if !math.IsNaN(x) {
				there, values = 1, append(values, x)
			}
			levels = append(levels, there)
		}
		_, err = w.WriteBatch(values, levels, nil)
	}
	if err != nil {
		return err
	}
	return w.Close()
}
