package compare

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/variant/locus"
)

// Records is a stream of records in order of their contigs and starts.
type Records = iter.Seq2[Record, error]

// apart is how many bases two groups of records are apart at least, counted
// from where their indels may reach: beyond it neither can spell what the other
// does.
const apart = 30

// most is how many records a cluster has at most: a file with a call at every
// base is cut there.
const most = 20_000

// cluster is the records of a place, truth first and then each query's, with
// the reference around them. It owns its memory.
type cluster struct {
	contig  string
	from    int // the first base of text
	text    string
	records [][]Record // by set: 0 the truth, 1.. the queries
	places  [][]place
}

// feed is one stream that is looked at one record ahead.
type feed struct {
	name   string
	pull   func() (Record, error, bool)
	record Record
	place  place
	contig int // index, or behind the last where the stream has ended
	order  int
}

// next takes a record off the stream and looks at the one behind.
func (f *feed) next(contigs *locus.Contigs) error {
	r, err, ok := f.pull()
	if err != nil {
		return err
	}
	if !ok {
		f.contig = contigs.Len()
		return nil
	}
	i := contigs.Index(r.Contig)
	if i < 0 {
		return fmt.Errorf("%s: %s:%d %s: %w", f.name, r.Contig, r.Start+1, r.Ref, locus.ErrUnknownContig)
	}
	if i < f.contig || i == f.contig && r.Start < f.order {
		return fmt.Errorf("%s: %s:%d %s stands behind %s:%d: want records in the order of the reference's contigs and of their positions",
			f.name, r.Contig, r.Start+1, r.Ref, contigs.At(f.contig).Name, f.order+1)
	}
	r.End = r.Start + len(r.Ref)
	f.record, f.contig, f.order = r, i, r.Start
	f.place = newPlace(&f.record)
	if f.place.judged && (r.Start < 0 || r.End > contigs.At(i).Length) {
		return fmt.Errorf("%s: %s:%d %.40s reaches beyond the contig, which has %d bases", f.name, r.Contig, r.Start+1, r.Ref, contigs.At(i).Length)
	}
	return nil
}

// clusters cuts the streams into places that have nothing to do with each
// other. The first stream is the truth.
func clusters(ref Reference, contigs *locus.Contigs, names []string, streams []Records) iter.Seq2[*cluster, error] {
	return func(yield func(*cluster, error) bool) {
		feeds := make([]feed, len(streams))
		for i, s := range streams {
			pull, stop := iter.Pull2(s)
			defer stop()
			feeds[i] = feed{name: names[i], pull: pull, contig: -1}
			if err := feeds[i].next(contigs); err != nil {
				yield(nil, err)
				return
			}
		}
		window := bases{ref: ref}
		for {
			c, err := nextCluster(feeds, contigs, &window)
			if c == nil && err == nil {
				return
			}
			if !yield(c, err) || err != nil {
				return
			}
		}
	}
}

// nextCluster takes records off the streams, the first one first, until the
// next one is apart from all that were taken. It is nil at the end.
func nextCluster(feeds []feed, contigs *locus.Contigs, window *bases) (*cluster, error) {
	var c *cluster
	left, right, size := 0, 0, 0
	for ; ; size++ {
		k := 0
		for i := range feeds {
			if cmp.Or(cmp.Compare(feeds[i].contig, feeds[k].contig), cmp.Compare(feeds[i].record.Start, feeds[k].record.Start)) < 0 {
				k = i
			}
		}
		f := &feeds[k]
		if f.contig == contigs.Len() || c != nil && (f.record.Contig != c.contig || f.record.Start > right+longestRoll) {
			break
		}
		if c == nil && f.record.Contig != window.contig {
			at := contigs.At(f.contig)
			*window = bases{ref: window.ref, contig: at.Name, length: at.Length, text: window.text[:0]}
		}
		if f.place.judged {
			if err := f.place.spread(window); err != nil {
				return nil, fmt.Errorf("%s: %s:%d %s: %w", f.name, f.record.Contig, f.record.Start+1, f.record.Ref, err)
			}
		}
		if c != nil && (f.place.left > right+apart || size == most) {
			break
		}
		if c == nil {
			c = &cluster{contig: f.record.Contig, records: make([][]Record, len(feeds)), places: make([][]place, len(feeds))}
			left, right = f.place.left, f.place.right
		}
		if f.place.judged { // others, of an all-sites file for one, must not chain clusters together
			left, right = min(left, f.place.left, f.record.Start), max(right, f.place.right, f.record.End)
		}
		c.records[k] = append(c.records[k], f.record)
		c.places[k] = append(c.places[k], f.place)
		if err := f.next(contigs); err != nil {
			return nil, err
		}
	}
	if c == nil {
		return nil, nil
	}
	return c, c.fetch(feeds, window, left, right)
}

// around is how many bases of the reference beside a cluster are kept: what the
// strata need to see of it.
const around = 60

// fetch keeps the reference around the cluster and holds REF of its records
// against it.
func (c *cluster) fetch(feeds []feed, window *bases, left, right int) error {
	c.from = max(0, min(left-around, window.length))
	text, err := window.get(c.from, max(c.from, min(window.length, right+around)))
	if err != nil {
		return err
	}
	c.text = string(text)
	for k, list := range c.records {
		for i := range list {
			r := &list[i]
			if !c.places[k][i].judged {
				continue
			}
			if got := c.text[r.Start-c.from : r.End-c.from]; !strings.EqualFold(got, r.Ref) {
				return fmt.Errorf("%s: %s:%d: REF is %.40s, but the reference has %.40s there", feeds[k].name, r.Contig, r.Start+1, r.Ref, got)
			}
		}
	}
	return nil
}

// events lists the judged records of two sets in the order of the search.
func (c *cluster) events(query int, choices func(*place) [][2]int, take func(set, i int) bool) []event {
	var out []event
	for k, set := range [2]int{0, query} {
		for i := range c.places[set] {
			if p := &c.places[set][i]; p.judged && take(set, i) {
				out = append(out, event{p, side(k), i, choices(p)})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b event) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), cmp.Compare(a.side, b.side))
	})
	return out
}
