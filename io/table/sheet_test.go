package table

import (
	"bytes"
	"io"
	"math"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"
)

// TestSheet reads back what was written, NULLs and metadata with it.
func TestSheet(t *testing.T) {
	var b bytes.Buffer
	columns := []SheetColumn{{Name: "what", Texts: []string{"score", "", "gain"}}, {Name: "value", Numbers: []float64{0.5, math.NaN(), -1}}}
	if err := WriteSheet(&b, "diagnostics", []Pair{{"gx.model", "deepnull"}}, columns); err != nil {
		t.Fatal(err)
	}
	r, err := file.NewParquetReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if v := r.MetaData().KeyValueMetadata().FindValue("gx.model"); v == nil || *v != "deepnull" || r.NumRows() != 3 {
		t.Errorf("metadata %v, %d rows", v, r.NumRows())
	}
	levels := make([]int16, 3)
	c, err := r.RowGroup(0).Column(0)
	if err != nil {
		t.Fatal(err)
	}
	texts := make([]parquet.ByteArray, 3)
	if _, n, err := c.(*file.ByteArrayColumnChunkReader).ReadBatch(3, texts, levels, nil); err != nil || n != 2 || string(texts[1]) != "gain" || !slices.Equal(levels, []int16{1, 0, 1}) {
		t.Errorf("texts %q at levels %v, %v", texts[:n], levels, err)
	}
	if c, err = r.RowGroup(0).Column(1); err != nil {
		t.Fatal(err)
	}
	numbers := make([]float64, 3)
	if _, n, err := c.(*file.Float64ColumnChunkReader).ReadBatch(3, numbers, levels, nil); err != nil || n != 2 || numbers[1] != -1 || !slices.Equal(levels, []int16{1, 0, 1}) {
		t.Errorf("numbers %v at levels %v, %v", numbers[:n], levels, err)
	}
	if err := WriteSheet(io.Discard, "none", nil, []SheetColumn{{Name: "x", Numbers: []float64{}}}); err != nil {
		t.Errorf("no rows: %v", err)
	}
	if err := WriteSheet(io.Discard, "uneven", nil, []SheetColumn{{Name: "x", Numbers: []float64{1}}, {Name: "y", Numbers: []float64{1, 2}}}); err == nil {
		t.Error("columns of different length were written")
	}
}
