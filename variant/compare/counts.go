package compare

import "math"

// Counts is what hap.py counts of one kind of records.
type Counts struct {
	Truth, TP, FN      int // records of the truth in the confident regions
	Query, FP, Unknown int // records of the query; Unknown ones lie outside
	WrongGenotype      int // FP.gt: of FP, those whose alleles are right
	WrongAllele        int // FP.al: of FP, those whose alleles are not
	MissedGenotype     int // FN.gt: of FN, those whose alleles were called

	TruthKinds, QueryKinds Kinds
}

// Kinds counts records by substitution and by genotype.
type Kinds struct {
	Transitions, Transversions, Het, HomAlt int
}

func (k *Kinds) add(s *stratum) {
	switch {
	case s.single && s.transition:
		k.Transitions++
	case s.single:
		k.Transversions++
	}
	switch {
	case s.het:
		k.Het++
	case s.homAlt:
		k.HomAlt++
	}
}

// TiTv is transitions per transversion, NaN without any.
func (k Kinds) TiTv() float64 { return ratio(k.Transitions, k.Transversions) }

// HetHom is heterozygous records per homozygous one, NaN without any.
func (k Kinds) HetHom() float64 { return ratio(k.Het, k.HomAlt) }

func ratio(a, b int) float64 {
	if b == 0 {
		return math.NaN()
	}
	return float64(a) / float64(b)
}

// Recall is the share of the truth that was found; NaN where there is none.
func (c *Counts) Recall() float64 { return ratio(c.TP, c.Truth) }

// Precision is the share of the judged calls that are right.
func (c *Counts) Precision() float64 {
	return ratio(c.Query-c.Unknown-c.FP, c.Query-c.Unknown)
}

// AlleleRecall is the share of the truth whose alleles were called, in whatever
// genotype.
func (c *Counts) AlleleRecall() float64 { return ratio(c.TP+c.MissedGenotype, c.Truth) }

// AllelePrecision is the share of the judged calls whose alleles are right.
func (c *Counts) AllelePrecision() float64 {
	return ratio(c.Query-c.Unknown-c.WrongAllele, c.Query-c.Unknown)
}

// FracNA is the share of the calls that lie outside of the confident regions.
func (c *Counts) FracNA() float64 { return ratio(c.Unknown, c.Query) }

// F1 is the harmonic mean of recall and precision.
func (c *Counts) F1() float64 {
	r, p := c.Recall(), c.Precision()
	if r+p == 0 {
		return 0
	}
	return 2 * r * p / (r + p)
}

// Wilson is the interval of a share of which k of n were seen, at z standard
// deviations (1.96 for 95 %): Wilson 1927, JASA 22:209. Without any it is the
// whole of 0 to 1.
func Wilson(k, n int, z float64) (low, high float64) {
	if n <= 0 {
		return 0, 1
	}
	size, share := float64(n), float64(k)/float64(n)
	centre := share + z*z/(2*size)
	half := z * math.Sqrt(share*(1-share)/size+z*z/(4*size*size))
	whole := 1 + z*z/size
	return max(0, (centre-half)/whole), min(1, (centre+half)/whole)
}

// truth counts a record of the truth.
func (c *Counts) truth(r *Judged) {
	switch r.Decision {
	case TP:
		c.TP++
	case FN:
		c.FN++
		if r.Match == AlleleMatch {
			c.MissedGenotype++
		}
	default:
		return
	}
	c.Truth++
	c.TruthKinds.add(&r.stratum)
}

// query counts a record of the query.
func (c *Counts) query(r *Judged) {
	switch r.Decision {
	case NotJudged:
		return
	case Unknown:
		c.Unknown++
	case FP:
		c.FP++
		if r.Match == AlleleMatch {
			c.WrongGenotype++
		} else {
			c.WrongAllele++
		}
	}
	c.Query++
	c.QueryKinds.add(&r.stratum)
}

// Curve counts by GQ: a call of quality g is at index g, of those above 99 at
// 99, of those without at 0.
type Curve struct {
	TP, FP [100]int // calls
	Found  [100]int // records of the truth, by the least GQ of the calls that confirm them
	Truth  int
}

func bin(gq float64) int {
	if !(gq > 0) {
		return 0
	}
	return int(min(gq, 99))
}

// Point is precision and recall of the calls of at least a GQ.
type Point struct {
	GQ                int
	Truth, Found      int
	TP, FP            int
	Recall, Precision float64
	F1                float64
}

// Points gives one Point per GQ at which the counts change, from the lowest.
func (c *Curve) Points() []Point {
	var out []Point
	found, tp, fp := 0, 0, 0
	for g := len(c.TP) - 1; g >= 0; g-- {
		found, tp, fp = found+c.Found[g], tp+c.TP[g], fp+c.FP[g]
		if g > 0 && c.TP[g] == 0 && c.FP[g] == 0 && c.Found[g] == 0 {
			continue
		}
		p := Point{GQ: g, Truth: c.Truth, Found: found, TP: tp, FP: fp, Recall: ratio(found, c.Truth), Precision: ratio(tp, tp+fp)}
		if p.Recall+p.Precision > 0 {
			p.F1 = 2 * p.Recall * p.Precision / (p.Recall + p.Precision)
		}
		out = append(out, p)
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}
