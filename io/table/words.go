package table

import (
	"strings"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/file"
)

// words is a column of texts of which few are unlike, as places in a list: the
// dictionary of Parquet, which the writer would make by a hash of every value.
type words struct {
	list   []string
	place  map[string]int32
	short  [256]int32 // of texts of one byte: their place, from 1
	places []int32
	last   string
	at     int32
	size   int // bytes of the list
}

func (w *words) add(s string) {
	switch {
	case len(w.places) > 0 && len(s) == len(w.last) && unsafe.StringData(s) == unsafe.StringData(w.last):
	case len(s) == 1:
		if w.short[s[0]] == 0 {
			w.short[s[0]] = w.number(s) + 1
		}
		w.last, w.at = s, w.short[s[0]]-1
	default:
		w.last, w.at = s, w.number(s)
	}
	w.places = append(w.places, w.at)
}

func (w *words) number(s string) int32 {
	if k, ok := w.place[s]; ok {
		return k
	}
	if w.place == nil {
		w.place = map[string]int32{}
	}
	k := int32(len(w.list))
	s = strings.Clone(s)
	w.list, w.place[s] = append(w.list, s), k
	w.size += len(s) + 4
	return k
}

// largestList is the bytes up to which a list is written as one; the writer gives
// up its dictionary above twice that.
const largestList = 1 << 19

// write writes the column and forgets it.
func (w *words) write(to *file.ByteArrayColumnChunkWriter) error {
	defer w.clear()
	encoder, ok := to.CurrentEncoder().(interface{ PutDictionary(arrow.Array) error })
	if !ok || w.size > largestList {
		texts := make([]parquet.ByteArray, len(w.places))
		for i, k := range w.places {
			texts[i] = unsafe.Slice(unsafe.StringData(w.list[k]), len(w.list[k]))
		}
		_, err := to.WriteBatch(texts, nil, nil)
		return err
	}
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	b.AppendValues(w.list, nil)
	list := b.NewStringArray()
	defer list.Release()
	if err := encoder.PutDictionary(list); err != nil {
		return err
	}
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(w.places))), 4*len(w.places))
	data := array.NewData(arrow.PrimitiveTypes.Int32, len(w.places), []*memory.Buffer{nil, memory.NewBufferBytes(bytes)}, nil, 0, 0)
	defer data.Release()
	places := array.NewInt32Data(data)
	defer places.Release()
	return to.WriteDictIndices(places, nil, nil)
}

func (w *words) clear() {
	clear(w.place)
	clear(w.list)
	*w = words{list: w.list[:0], place: w.place, places: w.places[:0]}
}
