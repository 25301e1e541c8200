package classify

import (
	"math"
	"slices"

	"github.com/gx-genomics/gx/pileup/noise"
	"github.com/gx-genomics/gx/variant"
)

// AroundWidth is the number of positions that Evidence.Around tells of: 25 on
// either side of the start of the site, and that.
const AroundWidth = 51

// Features is the number of numbers that an alt set is summed up in for the
// networks: the 70 of DeepVariant's small model (reads and their qualities,
// what kind of variant it is, other differences near by), and what reads that
// reach across a repeat show, how well reads fit the alleles, the repeat itself,
// which lengths of it the reads have seen, how noisy the library is, and the
// probabilities of the counts model.
const Features = 70 + 44 + 14 + noise.Numbers

// FeatureVersion changes when a feature does: networks of another version
// cannot be used.
const FeatureVersion = "3"

// featurer makes features. It belongs to one goroutine.
type featurer struct {
	counts *Counts
	s      scratch
}

// newFeaturer makes one with the counts model in its usual settings.
func newFeaturer() (*featurer, error) {
	c, err := NewCounts(DefaultParams())
	return &featurer{counts: c}, err
}

// A Featurer sums sites up in numbers. It belongs to one goroutine.
type Featurer struct {
	f     *featurer
	slips stutter
}

// NewFeaturer makes a Featurer.
func NewFeaturer() (*Featurer, error) {
	f, err := newFeaturer()
	return &Featurer{f: f}, err
}

// Append appends to dst the features of every alt set of a site, in the order of
// variant.AltSets, Features numbers each, about -1 to 2. They are the same for
// reads in any order.
func (f *Featurer) Append(dst []float32, e *Evidence) ([]float32, error) { return f.f.append(dst, e) }

func (f *featurer) append(dst []float32, e *Evidence) ([]float32, error) {
	if e.Summed != nil {
		return e.Summed.features(dst, e)
	}
	sets, err := f.counts.site(e, &f.s)
	if err != nil {
		return nil, err
	}
	return f.write(dst, e, sets), nil
}

// write appends the features of alt sets, of which sets is what the counts model
// says.
func (f *featurer) write(dst []float32, e *Evidence, sets []variant.Likelihoods) []float32 {
	rep := e.tandem()
	reach := 0
	for _, alt := range e.Site.Alts {
		reach = max(reach, e.reach(alt))
	}
	for i := range sets {
		w := featureWriter{dst: dst}
		t := e.tally(sets[i].AltSet, reach)
		w.reads(&t)
		w.kind(&e.Site.Variant, sets[i].AltSet)
		w.around(e.Around)
		w.spanning(&t)
		w.fits(&t)
		w.repeat(e, sets[i].AltSet, rep)
		w.lengths(e, sets[i].AltSet, rep)
		w.library(e, sets[i].AltSet)
		w.model(sets[i].P)
		dst = w.dst
	}
	return dst
}

// What a read shows, seen from an alt set.
const (
	ofRef  = iota
	ofAlt  // an allele of the set
	ofRest // another alternate allele of the site
	ofNone // none of the site's
	shows
)

// unit is the resolution in which shares and logarithms are added up: sums of
// whole numbers do not depend on their order.
const unit = 1 << 20

func whole(x float64) int64 { return int64(math.Round(x * unit)) }

// tally adds up what the reads of a site show.
type tally struct {
	n, mapQ, baseQ, reverse, span, poor, edge, near [shows]int
	soft, softReverse                               [ofNone]int64 // shares of reads by how well they fit, in units
	sure                                            [ofNone]int   // reads that fit one ten times better
	log                                             [3]int64      // log likelihood of no, one, two copies, in units
}

const (
	poorMapQ = 20  // Phred: the place of a read is in doubt below
	nearEnd  = 10  // bases: the alignment of a read is in doubt this near to its end
	mostEdge = 100 // bases that count of the distance to the nearer end
)

func (e *Evidence) tally(set []int, reach int) (t tally) {
	for i := range e.Reads {
		r := &e.Reads[i]
		k := ofNone
		switch {
		case r.Allele == 0:
			k = ofRef
		case r.Allele > 0 && slices.Contains(set, r.Allele-1):
			k = ofAlt
		case r.Allele > 0:
			k = ofRest
		}
		t.n[k]++
		t.mapQ[k] += int(r.MapQ)
		t.baseQ[k] += int(r.BaseQ)
		if r.Reverse {
			t.reverse[k]++
		}
		if r.Left > 0 && r.Right > reach {
			t.span[k]++
		}
		if r.MapQ < poorMapQ {
			t.poor[k]++
		}
		edge := min(r.Left, r.Right)
		t.edge[k] += min(edge, mostEdge)
		if edge < nearEnd {
			t.near[k]++
		}
		t.fit(r, k, set)
	}
	return t
}

// fit adds what a read says of the alleles: in shares by how well it fits them
// where that is known, else of the one that it shows.
func (t *tally) fit(r *Read, k int, set []int) {
	var share [ofNone]float64
	if len(r.Fit) > 0 {
		share[ofRef] = float64(r.Fit[0])
		for i, x := range r.Fit[1:] {
			if slices.Contains(set, i) {
				share[ofAlt] = max(share[ofAlt], float64(x))
			} else {
				share[ofRest] = max(share[ofRest], float64(x))
			}
		}
		sum := share[0] + share[1] + share[2]
		if sum <= 0 {
			return
		}
		for i := range share {
			share[i] /= sum
		}
	} else if k != ofNone {
		share[k] = 1
	} else {
		return
	}
	for i, x := range share {
		t.soft[i] += whole(x)
		if r.Reverse {
			t.softReverse[i] += whole(x)
		}
		if x > 10.0/11 {
			t.sure[i]++
		}
	}
	wrong := min(max(phredError(r.BaseQ), phredError(r.MapQ)), 0.75)
	ref := float64((1-wrong)*share[ofRef]) + wrong/3
	alt := float64((1-wrong)*share[ofAlt]) + wrong/3
	t.log[0] += whole(math.Log(ref))
	t.log[1] += whole(math.Log((ref + alt) / 2))
	t.log[2] += whole(math.Log(alt))
}

func phredError(q byte) float64 { return math.Pow(10, -float64(min(q, 40))/10) }

// featureWriter appends features, scaled to the size that networks like.
type featureWriter struct{ dst []float32 }

func (w *featureWriter) add(x float64)    { w.dst = append(w.dst, float32(x)) }
func (w *featureWriter) count(n int)      { w.add(math.Log1p(float64(n)) / 5) }
func (w *featureWriter) length(n int)     { w.add(math.Log1p(float64(n)) / 4) }
func (w *featureWriter) percent(a, b int) { w.add(float64(percent(a, b)) / 100) }
func (w *featureWriter) mean(sum, n int, scale float64) {
	w.add(float64(sum/max(n, 1)) / scale)
}

func (w *featureWriter) flag(is bool) {
	if is {
		w.add(1)
	} else {
		w.add(0)
	}
}

// percent is 100 a/b as a whole number, 0 of nothing.
func percent(a, b int) int { return 100 * a / max(b, 1) }

// reads are the twelve numbers over all reads.
func (w *featureWriter) reads(t *tally) {
	ref, alt, all := t.n[ofRef], t.n[ofAlt], 0
	for _, n := range t.n {
		all += n
	}
	w.count(ref)
	w.count(alt)
	w.count(ref + alt)
	w.count(all)
	w.percent(alt, all)
	w.percent(alt, ref+alt)
	for _, k := range []int{ofRef, ofAlt} {
		w.mean(t.mapQ[k], t.n[k], 50)
	}
	for _, k := range []int{ofRef, ofAlt} {
		w.mean(t.baseQ[k], t.n[k], 50)
	}
	for _, k := range []int{ofRef, ofAlt} {
		w.percent(t.reverse[k], t.n[k])
	}
}

// kind says what is changed.
func (w *featureWriter) kind(v *variant.Variant, set []int) {
	inserted, deleted := 0, 0
	for _, i := range set {
		d := len(v.Alts[i]) - len(v.Ref)
		inserted, deleted = max(inserted, d), max(deleted, -d)
	}
	w.flag(inserted == 0 && deleted == 0)
	w.flag(inserted > 0)
	w.flag(deleted > 0)
	w.length(inserted)
	w.length(deleted)
	w.flag(len(v.Alts) > 1)
	w.flag(len(set) > 1)
}

// around tells of differences at the positions about the site.
func (w *featureWriter) around(percents []int) {
	for i := range AroundWidth {
		if i < len(percents) {
			w.add(float64(percents[i]) / 100)
		} else {
			w.add(0)
		}
	}
}

// spanning tells of reads that reach across all that the alleles change, of the
// others, and of the places of reads.
func (w *featureWriter) spanning(t *tally) {
	ref, alt := t.span[ofRef], t.span[ofAlt]
	w.count(ref)
	w.count(alt)
	w.count(t.span[ofRest])
	w.percent(alt, ref+alt+t.span[ofRest])
	w.count(t.n[ofRest])
	w.count(t.n[ofNone])
	for _, k := range []int{ofRef, ofAlt} {
		w.percent(t.poor[k], t.n[k])
		w.percent(t.near[k], t.n[k])
		w.mean(t.edge[k], t.n[k], mostEdge)
	}
}

// fits tells how well the reads fit the alleles.
func (w *featureWriter) fits(t *tally) {
	real := func(x int64) float64 { return float64(x) / unit }
	all := real(t.soft[ofRef] + t.soft[ofAlt] + t.soft[ofRest])
	for k := range t.soft {
		w.add(math.Log1p(real(t.soft[k])) / 5)
		w.count(t.sure[k])
	}
	w.add(real(t.soft[ofAlt]) / max(all, 1))
	w.percent(t.sure[ofAlt], t.sure[ofRef]+t.sure[ofAlt]+t.sure[ofRest])
	w.add(real(t.softReverse[ofAlt]) / max(real(t.soft[ofAlt]), 1))
	w.add(real(t.softReverse[ofRef]) / max(real(t.soft[ofRef]), 1))
	for _, x := range []int64{t.log[0] - t.log[1], t.log[2] - t.log[1], t.log[0] - t.log[2]} {
		w.add(squeezed(real(x)))
	}
}

// squeezed keeps the sign of a difference of logarithms and its size roughly.
func squeezed(x float64) float64 {
	if x < 0 {
		return -squeezed(-x)
	}
	return math.Log1p(x) / 4
}

// repeat tells of the sequence that the site stands in.
func (w *featureWriter) repeat(e *Evidence, set []int, rep repeat) {
	alt := e.Site.Alts[set[0]]
	d := len(alt) - len(e.Site.Ref)
	w.add(float64(rep.unit) / longestUnit)
	w.length(rep.copies())
	w.length(rep.length)
	w.flag(rep.unit == 1)
	w.flag(d != 0 && e.slips(alt, rep))
	units := 0
	if rep.unit > 0 && d%rep.unit == 0 {
		units = max(-6, min(d/rep.unit, 6))
	}
	w.add(float64(units) / 3)
	w.length(e.reach(alt))
	w.length(e.run(e.Site.Start-1, -1))
	w.length(e.run(e.Site.Start+1, 1))
	b, c := e.at(e.Site.Start), alt[0]
	w.flag(b == 'C' || b == 'G')
	w.flag(d == 0 && len(alt) == 1 && transition(b, c))
	w.flag(d == 0 && len(alt) == 1 && (c == e.at(e.Site.Start-1) || c == e.at(e.Site.Start+1)))
	w.add(float64(len(e.Site.Alts)) / 4)
}

// lengths tells which lengths of the repeat the reads across it have seen: how
// many are as the reference is, as the allele, one and two units away from each,
// and elsewhere. Of a place that slips it is many, of a variant two at most.
func (w *featureWriter) lengths(e *Evidence, set []int, rep repeat) {
	const around = 2 // units on either side
	alt := e.Site.Alts[set[0]]
	unit := max(rep.unit, 1)
	d := len(alt) - len(e.Site.Ref)
	var nearRef, nearAlt [2*around + 1]int
	var seen [2*farthest + 1]int
	all, longer, shorter, odd := 0, 0, 0, 0
	for i := range e.Reads {
		r := &e.Reads[i]
		if !r.Across {
			continue
		}
		all++
		if r.Gap%unit != 0 {
			odd++
			continue
		}
		k := r.Gap / unit
		if k >= -around && k <= around {
			nearRef[k+around]++
		}
		if k > 0 {
			longer++
		} else if k < 0 {
			shorter++
		}
		seen[max(-farthest, min(k, farthest))+farthest]++
		if a := r.Gap - d; a%unit == 0 && a/unit >= -around && a/unit <= around {
			nearAlt[a/unit+around]++
		}
	}
	for _, n := range nearRef {
		w.percent(n, all)
	}
	for k, n := range nearAlt {
		if k != around { // that one the tally has
			w.percent(n, all)
		}
	}
	w.percent(odd, all)
	w.percent(longer, all)
	w.percent(shorter, all)
	kinds := 0
	for _, n := range seen {
		if n > 0 {
			kinds++
		}
	}
	w.add(float64(kinds) / 4)
	b := e.at(e.Site.Start + 1)
	w.flag(d != 0 && (b == 'C' || b == 'G'))
}

// farthest is the number of units from which on lengths are not told apart.
const farthest = 6

// run is the number of equal bases from pos on in a direction.
func (e *Evidence) run(pos, step int) int {
	b, n := e.at(pos), 0
	for b != 0 && n < 50 && e.at(pos+n*step) == b {
		n++
	}
	return n
}

func transition(a, b byte) bool {
	switch {
	case a == 'A' && b == 'G', a == 'G' && b == 'A', a == 'C' && b == 'T', a == 'T' && b == 'C':
		return true
	}
	return false
}

// library tells of indels how noisy the library is in runs. Of SNPs it tells
// nothing: they do not hang on it, and a network would only learn by it which of
// a few dozen libraries it is looking at.
func (w *featureWriter) library(e *Evidence, set []int) {
	var x [noise.Numbers]float64
	for _, i := range set {
		if e.Noise != nil && isIndel(&e.Site.Variant, i) {
			x = e.Noise.Values()
		}
	}
	for _, v := range x {
		w.add(v)
	}
}

// model is what the counts model says: in logarithms, and as probabilities.
func (w *featureWriter) model(p [3]float64) {
	const least = 1e-9
	for _, x := range p {
		w.add(math.Log(x+least)/20 + 1)
	}
	for _, x := range p {
		w.add(x)
	}
}
