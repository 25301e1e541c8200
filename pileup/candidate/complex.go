package candidate

import (
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant/align"
)

// Complex says what becomes of the alleles that lie under a deletion. Joined,
// all that a read shows there is one allele: two SNPs under the deletion
// ATCG>A, on the same reads, are the allele ATCG>TTAG of the same record, and
// no records of their own. Reads count for a joined allele where they show
// something at the record's first base, so reads of the reference allele are to
// be tracked.
type Complex int

// The ways. DeepVariant judges the alleles of a record with a deletion as if no
// read showed the reference, whether anything could be joined or not; in gx's
// own way the reads of the reference count as ever, and where nothing can be
// joined the alleles stay what they were.
const (
	NoComplex Complex = iota
	JoinComplex
	JoinAsDeepVariant
)

// complexSite is the joined alleles of a record. Its zero value has none.
type complexSite struct {
	ref    string // the reference bases of the record; empty where nothing was joined
	joined map[readKey]string
}

// readKey tells reads apart, whichever of their alignments is meant.
type readKey struct {
	name   string
	number int
}

func keyOf(r *align.Read) readKey { return readKey{r.Name, r.Number()} }

func (x *complexSite) reset() {
	x.ref = ""
	clear(x.joined)
}

// of is the joined allele of a read.
func (x *complexSite) of(reads []align.Read, read int32) (string, bool) {
	if len(x.joined) == 0 {
		return "", false
	}
	bases, ok := x.joined[keyOf(&reads[read])]
	return bases, ok
}

// step is an allele that a read shows under a deletion.
type step struct {
	at    int // behind the first base of the record
	bases []byte
	t     count.Type
}

// join replaces the accepted alleles of position i by joined ones, where a
// deletion is among them and reads show something under it. It leaves in
// s.complex the reads of each.
func (s *Selector) join(i int, c *count.Counts, others []*count.Counts) {
	if !s.deletes() {
		return
	}
	ref := s.refBases(i, c)
	asDeepVariant := s.Options.Complex == JoinAsDeepVariant
	n := len(ref)
	if asDeepVariant {
		n = min(n, c.Len()-i) // it joins what it has of them
	}
	steps, some := underDeletion(i, n, len(ref), c)
	if !some && !asDeepVariant {
		return
	}
	if some {
		s.complex.ref = ref
		if s.complex.joined == nil {
			s.complex.joined = map[readKey]string{}
		}
		for key, list := range steps {
			bases, ok := joinSteps(list, ref)
			if !ok { // then none of them, as in DeepVariant
				clear(s.complex.joined)
				break
			}
			s.complex.joined[key] = bases
		}
		if len(s.complex.joined) == 0 && !asDeepVariant {
			s.complex.ref = ""
			return
		}
	}
	s.judgeJoined(i, c, others)
}

// underDeletion lists for each read what it shows in the n positions from i on,
// deletions of the given size at the first of them left out, and says whether
// that is anything besides the reference. Another deletion makes it nothing,
// and so does the end of what was counted.
func underDeletion(i, n, size int, c *count.Counts) (steps map[readKey][]step, some bool) {
	if i+n > c.Len() {
		return nil, false
	}
	steps = map[readKey][]step{}
	reads := c.Reads()
	for k := range n {
		at := c.At(i + k)
		for j := range at {
			a := &at[j]
			if a.Type == count.Deletion {
				if k == 0 && a.Size() == size {
					continue
				}
				return nil, false
			}
			some = some || a.Type != count.Reference
			key := keyOf(&reads[a.Read])
			steps[key] = append(steps[key], step{k, c.AppendBases(nil, i+k, a), a.Type})
		}
	}
	return steps, some
}

// joinSteps writes what a read shows as one string over the reference bases
// ref. It says false where that goes beyond them, as a soft clip may.
func joinSteps(list []step, ref string) (string, bool) {
	var out []byte
	from := 0 // of the reference, what is not yet written
	for _, x := range list {
		if x.at > from {
			out = append(out, ref[from:x.at]...)
			from = x.at
		}
		out = append(out, x.bases...)
		if x.t == count.Insertion {
			from++
		} else {
			from = x.at + len(x.bases)
		}
	}
	if from > len(ref) {
		return "", false
	}
	return string(append(out, ref[from:]...)), true
}

// judgeJoined accepts alleles anew, joined ones among them.
func (s *Selector) judgeJoined(i int, c *count.Counts, others []*count.Counts) {
	at := c.At(i)
	reference, total := 0, 0 // as DeepVariant counts them
	s.accepted = s.accepted[:0]
	for k := range at {
		a := &at[k]
		bases, joined := s.complex.of(c.Reads(), a.Read)
		switch {
		case joined && bases == s.complex.ref:
			reference++
		case !joined && a.Type == count.Reference || a.Low:
		default:
			total++
			s.addSum(i, c, a, bases, joined)
		}
	}
	if total += reference; s.Options.Complex == JoinComplex {
		total = int(c.Total[i])
	}
	kept := s.accepted[:0]
	for _, a := range s.accepted {
		if a.joined {
			a.First.Type, a.First.Len = count.Substitution, int32(len(a.alt))-1
		}
		if s.accept(i, c, others, &a.Sum, total) {
			kept = append(kept, a)
		}
	}
	s.accepted = kept
}

// referenceReads is the reads that count for the reference: of joined alleles
// those that show it under all of the deletion. DeepVariant counts them by what
// they show at the first base.
func (s *Selector) referenceReads(i int, c *count.Counts) int {
	n := int(c.RefSupport[i])
	if s.Options.Complex != JoinComplex || s.complex.ref == "" {
		return n
	}
	at := c.At(i)
	for k := range at {
		a := &at[k]
		bases, joined := s.complex.of(c.Reads(), a.Read)
		switch {
		case !joined || a.Low:
		case a.Type == count.Reference && bases != s.complex.ref:
			n--
		case a.Type != count.Reference && bases == s.complex.ref:
			n++
		}
	}
	return n
}

// addSum counts a read for its allele.
func (s *Selector) addSum(i int, c *count.Counts, a *count.Allele, bases string, joined bool) {
	for k := range s.accepted {
		x := &s.accepted[k]
		if x.joined == joined && (joined && x.alt == bases || !joined && c.Same(i, &x.First, a)) {
			x.N++
			return
		}
	}
	s.accepted = append(s.accepted, accepted{Sum: count.Sum{First: *a, N: 1}, alt: bases, joined: joined})
}
