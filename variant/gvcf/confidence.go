package gvcf

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gx-genomics/gx/variant/locus"
)

// Options are the rules of reference blocks that may be changed.
type Options struct {
	ErrorRate float32    // probability that a read shows another allele than it comes from
	BinSize   int        // width of the bins of GQ within which bases share a record
	MaxGQ     int        // the ceiling of GQ
	MedDP     bool       // tell the median depth
	FirstGL   bool       // a block has the likelihoods of its first base (DeepVariant 1.5), not those of the base with its GQ
	Haploid   []string   // contigs of which the sample has one copy
	PAR       *locus.Set // regions of the haploid contigs that are diploid all the same; nil for none
}

// Defaults are the options of DeepVariant 1.9.
func Defaults() Options { return Options{ErrorRate: 0.001, BinSize: 5, MaxGQ: 50} }

// Validate reports all faults at once.
func (o *Options) Validate() error {
	var errs []error
	if !(o.ErrorRate > 0 && o.ErrorRate < 1) {
		errs = append(errs, fmt.Errorf("error rate of reference blocks %v: want between 0 and 1", o.ErrorRate))
	}
	if o.BinSize < 1 {
		errs = append(errs, fmt.Errorf("GQ bin size %d: want 1 or more", o.BinSize))
	}
	if o.MaxGQ < 1 || o.MaxGQ > 99 {
		errs = append(errs, fmt.Errorf("largest GQ %d: want 1 to 99", o.MaxGQ))
	}
	return errors.Join(errs...)
}

// tableDepth is the depth above which counts are scaled down to it: the
// quality says nothing more by then.
const tableDepth = 100

// confidence is what the counts at a base say.
type confidence struct {
	gl    [3]float64
	gq    int
	bin   int
	valid bool // the reference is the likeliest genotype, ties included
}

// Maker makes the runs of a stretch of bases. It is safe for concurrent use.
type Maker struct {
	o       Options
	diploid []confidence // by depth and reads of the reference, see at
	haploid []confidence
}

// NewMaker checks the options and fills the tables.
func NewMaker(o Options) (*Maker, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	m := &Maker{o: o, diploid: table(o, false)}
	if len(o.Haploid) > 0 {
		m.haploid = table(o, true)
	}
	return m, nil
}

func table(o Options, haploid bool) []confidence {
	t := make([]confidence, 0, (tableDepth+1)*(tableDepth+2)/2)
	for n := 0; n <= tableDepth; n++ {
		for r := 0; r <= n; r++ {
			t = append(t, confidenceOf(o, r, n, haploid))
		}
	}
	return t
}

// at is the entry of a table; deep counts are scaled, reads of the reference
// rounded up.
func at(t []confidence, refCount, total int) *confidence {
	if total > tableDepth {
		refCount = int(math.Ceil(float64(refCount) / float64(total) * tableDepth))
		total = tableDepth
	}
	return &t[total*(total+1)/2+refCount]
}

func confidenceOf(o Options, r, n int, haploid bool) confidence {
	p := float64(o.ErrorRate)
	bad, good := math.Log(p)/math.Ln10, math.Log1p(-p)/math.Ln10
	ref, alt := float64(r), float64(n-r)
	gl := [3]float64{-1, -1, -1}
	if n > 0 {
		// Products are rounded before they are added, on every processor.
		gl = [3]float64{float64(ref*good) + float64(alt*bad), -float64(n) * math.Log(2) / math.Ln10, float64(ref*bad) + float64(alt*good)}
	}
	if haploid {
		gl[1] = -999
	}
	top := max(gl[0], gl[1], gl[2])
	sum := 0.0
	for _, x := range gl {
		sum += math.Pow(10, x-top)
	}
	total := top + log10(sum)
	for i := range gl {
		gl[i] = min(gl[i]-total, 0)
	}
	c := confidence{gl: gl, gq: o.MaxGQ, valid: max(gl[0], gl[1], gl[2]) == gl[0]}
	if q := -10 * math.Log10(1-math.Pow(10, gl[0])); q < float64(o.MaxGQ) { // not so for +Inf and NaN
		c.gq = int(math.Floor(q))
	}
	if c.gq >= 1 {
		c.bin = (c.gq-1)/o.BinSize*o.BinSize + 1
	}
	return c
}

func (m *Maker) isHaploid(contig string) bool { return slices.Contains(m.o.Haploid, contig) }

func (m *Maker) isPAR(contig string, pos int) bool {
	return m.o.PAR != nil && m.o.PAR.Contains(contig, pos)
}
