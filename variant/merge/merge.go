package merge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/gx-genomics/gx/internal/parallel"
	"github.com/gx-genomics/gx/variant/locus"
)

// Options are the rules that may be changed.
type Options struct {
	MinAlleleQual int // an alternate allele needs this Phred quality in some sample
	MaxAlts       int // most alternate alleles of a site; those that more samples carry stay
	Window        int // bases that are worked on at once; it changes no result
}

// Defaults are those of calls as gx and DeepVariant write them: the quality is
// that of the cohort presets DeepVariantWGS of GLnexus.
func Defaults() Options { return Options{MinAlleleQual: 10, MaxAlts: 32, Window: 20_000} }

// Validate reports all faults at once.
func (o *Options) Validate() error {
	var errs []error
	if o.MinAlleleQual < 0 {
		errs = append(errs, fmt.Errorf("smallest quality of an allele %d: want 0 or more", o.MinAlleleQual))
	}
	if o.MaxAlts < 1 || o.MaxAlts > 254 {
		errs = append(errs, fmt.Errorf("most alternate alleles %d: want 1 to 254", o.MaxAlts))
	}
	if o.Window < 1 {
		errs = append(errs, fmt.Errorf("window of %d bases: want 1 or more", o.Window))
	}
	return errors.Join(errs...)
}

// Source yields the records of one sample, sorted by contig and start and
// through Record.Check, and at the end io.EOF. contig is its number among the contigs of the run. Sources
// are read from several goroutines, each from one at a time.
type Source interface {
	Name() string // of the sample
	Read() (contig int, r Record, err error)
}

// merger is a run of Merge.
type merger struct {
	o       Options
	contigs *locus.Contigs
	names   []string
	files   []*file
}

// file is a sample's source with what is read of it and still needed.
type file struct {
	src     Source
	records []Record // of the contig that is worked on, sorted by start
	next    Record   // read ahead
	contig  int      // of next; number of contigs at the end
}

// window is a stretch of a contig with the records of all samples on it.
type window struct {
	contig  string
	records [][]Record
	lists   [][]own // of each site's own records, in order of starts
}

// Merge joins the samples and emits the sites in order of the genome, with
// samples sorted by name; names must differ. n goroutines read and join; the
// result does not depend on n, nor on the order of sources.
func Merge(ctx context.Context, contigs *locus.Contigs, sources []Source, n int, o Options, emit func(*Site) error) error {
	if err := o.Validate(); err != nil {
		return err
	}
	m := &merger{o: o, contigs: contigs}
	for _, s := range sources {
		m.files = append(m.files, &file{src: s, contig: -1})
	}
	slices.SortFunc(m.files, func(a, b *file) int { return cmp.Compare(a.src.Name(), b.src.Name()) })
	for i, f := range m.files {
		if i > 0 && f.src.Name() == m.names[i-1] {
			return fmt.Errorf("sample %q is given twice", f.src.Name())
		}
		m.names = append(m.names, f.src.Name())
	}
	if err := m.each(ctx, n, func(f *file) error { return f.advance(contigs.Len()) }); err != nil {
		return err
	}
	newWorker := func() func(context.Context, *window) ([]*Site, error) { return m.sites }
	return parallel.Ordered(ctx, m.windows(ctx, n), n, newWorker, func(sites []*Site) error {
		for _, s := range sites {
			if err := emit(s); err != nil {
				return err
			}
		}
		return nil
	})
}

// each calls f for all files in n goroutines.
func (m *merger) each(ctx context.Context, n int, f func(*file) error) error {
	g, ctx := errgroup.WithContext(ctx)
	n = min(max(n, 1), len(m.files))
	errs := make([]error, len(m.files)) // the first in the order of samples is told
	for k := range n {
		g.Go(func() error {
			for i := k; i < len(m.files); i += n {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				errs[i] = f(m.files[i])
			}
			return nil
		})
	}
	err := g.Wait()
	for _, e := range errs {
		if e != nil {
			return e
		}
	}
	return err
}

// advance reads the next record.
func (f *file) advance(end int) error {
	contig, r, err := f.src.Read()
	if err == io.EOF {
		f.contig = end
		return nil
	}
	if err != nil {
		return err
	}
	f.contig, f.next = contig, r
	return nil
}

// load reads the records of a contig that start before pos, and forgets those
// that end by from.
func (f *file) load(contig, from, pos, end int) error {
	kept := make([]Record, 0, len(f.records)+16) // the old list may be in use by a worker
	for i := range f.records {
		if f.records[i].End > from {
			kept = append(kept, f.records[i])
		}
	}
	sorted := true
	for f.contig == contig && f.next.Start-f.next.trimmed < pos {
		if f.next.End > from {
			n := len(kept)
			sorted = sorted && (n == 0 || kept[n-1].Start <= f.next.Start)
			kept = append(kept, f.next)
		}
		if err := f.advance(end); err != nil {
			return err
		}
	}
	if !sorted { // trimming moved a start
		slices.SortStableFunc(kept, func(a, b Record) int { return cmp.Compare(a.Start, b.Start) })
	}
	f.records = kept
	return nil
}

// windows goes over the genome. A site belongs to the window of its start; the
// records of a window reach as far as its sites.
func (m *merger) windows(ctx context.Context, n int) iter.Seq2[*window, error] {
	return func(yield func(*window, error) bool) {
		for contig := range m.contigs.Len() {
			for _, f := range m.files {
				f.records = nil
			}
			for pos := 0; ; {
				first, ok := m.first(contig, pos)
				if !ok {
					break
				}
				w, err := m.window(ctx, n, contig, first, first+m.o.Window)
				if err != nil {
					yield(nil, err)
					return
				}
				pos = first + m.o.Window
				if len(w.lists) > 0 && !yield(w, nil) {
					return
				}
			}
		}
	}
}

// first is where on a contig, from pos on, something new begins: a record that
// is not read yet, or one with alternate alleles that waits.
func (m *merger) first(contig, pos int) (int, bool) {
	at, ok := math.MaxInt, false
	for _, f := range m.files {
		if f.contig == contig {
			at, ok = min(at, f.next.Start-f.next.trimmed), true
		}
		for i := range f.records {
			if r := &f.records[i]; len(r.Alts) > 0 && r.Start >= pos {
				at, ok = min(at, r.Start), true
			}
		}
	}
	return max(at, pos), ok
}

// window loads the records for the sites that start in [from, to).
func (m *merger) window(ctx context.Context, n, contig, from, to int) (*window, error) {
	// A record whose common first bases were trimmed starts later than it stands
	// in the file: it is read when that is due and waits in records.
	load := func(until int) error {
		return m.each(ctx, n, func(f *file) error { return f.load(contig, from, until, m.contigs.Len()) })
	}
	if err := load(to); err != nil {
		return nil, err
	}
	w := &window{contig: m.contigs.At(contig).Name, records: make([][]Record, len(m.files))}
	last := m.gather(w, from, to)
	if last > to { // REF of a site reaches further
		if err := load(last); err != nil {
			return nil, err
		}
		w.lists = nil
		m.gather(w, from, to)
	}
	for i, f := range m.files {
		w.records[i] = f.records
	}
	return w, nil
}

// gather lists the records with alternate alleles that start in [from, to), by
// their starts, and gives the end of the one that reaches furthest.
func (m *merger) gather(w *window, from, to int) (last int) {
	var all []own
	for i, f := range m.files {
		for k := range f.records {
			if r := &f.records[k]; len(r.Alts) > 0 && r.Start >= from && r.Start < to {
				all = append(all, own{sample: i, rec: r})
				last = max(last, r.Start+len(r.Ref))
			}
		}
	}
	slices.SortStableFunc(all, func(a, b own) int { return cmp.Compare(a.rec.Start, b.rec.Start) })
	for i := 0; i < len(all); {
		j := i + 1
		for j < len(all) && all[j].rec.Start == all[i].rec.Start {
			j++
		}
		w.lists = append(w.lists, all[i:j])
		i = j
	}
	return last
}

// sites makes the sites of a window.
func (m *merger) sites(ctx context.Context, w *window) ([]*Site, error) {
	var sites []*Site
	low := make([]int, len(w.records)) // records before it end by the site
	for _, list := range w.lists {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s, ok, err := m.unify(w.contig, list)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		s.Samples = make([]Sample, len(w.records))
		next := 0
		for i, records := range w.records {
			if next < len(list) && list[next].sample == i {
				x := strongest(list, &next)
				s.Samples[i] = x.renumber(s)
				if x.rec.called() && !s.Samples[i].missing() {
					s.Qual = max(s.Qual, x.rec.Qual)
					s.Pass = s.Pass || x.rec.Pass
				}
				continue
			}
			for low[i] < len(records) && records[low[i]].End <= s.Start {
				low[i]++
			}
			high := low[i]
			for high < len(records) && records[high].Start < s.End {
				high++
			}
			s.Samples[i] = cover(s, records[low[i]:high])
		}
		s.count()
		if slices.Max(s.AC) > 0 {
			sites = append(sites, s)
		}
	}
	return sites, nil
}

// strongest takes the records of one sample at a site, which are several where
// a caller wrote alleles apart: the one with a call, and of these the first.
func strongest(list []own, next *int) *own {
	best := &list[*next]
	sample := best.sample
	for ; *next < len(list) && list[*next].sample == sample; *next++ {
		if x := &list[*next]; !best.rec.called() && x.rec.called() {
			best = x
		}
	}
	return best
}
