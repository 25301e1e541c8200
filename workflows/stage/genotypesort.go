package stage

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"iter"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/variant/locus"
)

// outputFiles is the files of classified examples that a run reads.
type outputFiles struct {
	paths   []string
	contigs *locus.Contigs
	sample  string // of the first record
	from    string // where that stands
	records int
}

// sort reads all files into a sorter. Each record keeps the file and the number
// it had there, for errors.
func (f *outputFiles) sort(ctx context.Context, store object.Store, s *sorter) error {
	place := newPlacer(f.contigs)
	for i, path := range f.paths {
		head := binary.AppendUvarint(nil, uint64(i))
		n := len(head)
		number := 0
		err := readRecords(ctx, store, path, func(b []byte) error {
			number++
			if number%1024 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			bad := func(err error) error { return recordError(path, number, err) }
			contig, start, end, err := example.PlaceOfCall(b)
			if err != nil {
				return bad(err)
			}
			k, err := place.key(contig, start, end)
			if err != nil {
				return bad(err)
			}
			if f.records == 0 {
				if err := f.first(b); err != nil {
					return bad(err)
				}
				f.from = path
			}
			f.records++
			head = binary.AppendUvarint(head[:n], uint64(number))
			return s.add(k, head, b)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// first takes the sample's name of the first record.
func (f *outputFiles) first(b []byte) error {
	c, err := example.DecodeCall(b)
	if err != nil {
		return err
	}
	if c.Variant == nil || len(c.Variant.Calls) != 1 {
		return fmt.Errorf("a classified example without the call of one sample")
	}
	if f.sample = c.Variant.Calls[0].Sample; f.sample == "" {
		return fmt.Errorf("no sample is named (call_set_name)")
	}
	return nil
}

// recordError says in which record of a file a fault is.
func recordError(path string, number int, err error) error {
	return &source.Error{Path: path, Record: fmt.Sprintf("record %d", number), Err: err}
}

// placer makes keys of places.
type placer struct {
	contigs *locus.Contigs
	last    string // the contig of the last key
	index   int
	length  int
}

func newPlacer(contigs *locus.Contigs) *placer { return &placer{contigs: contigs, index: -1} }

// key checks that a place lies on the reference.
func (p *placer) key(contig []byte, start, end int) (sortKey, error) {
	if p.index < 0 || p.last != string(contig) {
		name := string(contig)
		i := p.contigs.Index(name)
		if i < 0 {
			return sortKey{}, p.contigs.Unknown(name)
		}
		p.last, p.index, p.length = name, i, p.contigs.At(i).Length
	}
	if start < 0 || end <= start || end > p.length {
		return sortKey{}, fmt.Errorf("%s: a site from %d to %d (0-based) does not lie on the reference, whose %s has %d bases", p.last, start, end, p.last, p.length)
	}
	return sortKey{int32(p.index), int32(start), int32(end)}, nil
}

// siteBatch is neighbouring sites: the records of each one behind the other.
type siteBatch struct {
	own     []byte // what data of the records is copied to
	records []batchRecord
	sites   []int // where the records of each site end
}

type batchRecord struct {
	file, number int
	data         []byte
}

func newSiteBatch() *siteBatch {
	return &siteBatch{records: make([]batchRecord, 0, batchRecords+16), sites: make([]int, 0, batchRecords)}
}

// keep is a copy of data, unless it is kept anyway.
func (b *siteBatch) keep(data []byte, kept bool) []byte {
	if kept {
		return data
	}
	if len(b.own)+len(data) > cap(b.own) {
		b.own = make([]byte, 0, max(1<<16, len(data)))
	}
	from := len(b.own)
	b.own = append(b.own, data...)
	return b.own[from:]
}

// batchRecords is how many records make a batch.
const batchRecords = 512

// batches groups sorted records into sites, and sites into batches. With alone
// each record is a site.
func batches(records iter.Seq2[placed, error], alone bool) iter.Seq2[*siteBatch, error] {
	return func(yield func(*siteBatch, error) bool) {
		b := newSiteBatch()
		var last sortKey
		for r, err := range records {
			if err != nil {
				yield(nil, err)
				return
			}
			if n := len(b.records); n > 0 && (alone || r.sortKey != last) {
				b.sites = append(b.sites, n)
				if n >= batchRecords {
					if !yield(b, nil) {
						return
					}
					b = newSiteBatch()
				}
			}
			last = r.sortKey
			file, n := binary.Uvarint(r.data)
			number, m := binary.Uvarint(r.data[max(n, 0):])
			if n <= 0 || m <= 0 {
				yield(nil, errSpilled)
				return
			}
			b.records = append(b.records, batchRecord{int(file), int(number), b.keep(r.data[n+m:], r.kept)})
		}
		if n := len(b.records); n > 0 {
			b.sites = append(b.sites, n)
			yield(b, nil)
		}
	}
}

// openRecords opens a TFRecord file of a store.
func openRecords(ctx context.Context, s object.Store, path string) (*tfrecord.Reader, io.Closer, error) {
	o, err := s.Open(ctx, path)
	if err != nil {
		return nil, nil, err
	}
	r, err := tfrecord.NewReader(io.NewSectionReader(o, 0, o.Info().Size), path)
	if err != nil {
		o.Close()
		return nil, nil, err
	}
	return r, o, nil
}
