package simulate

import (
	"math"
)

// qualities is how many base qualities a profile tells apart: Phred 0 to 63.
const qualities = 64

// Profile is what is measured of a sequencing library and its machine. Weights
// need not sum to one. Bases are in the order A, C, G, T and in the direction
// of the read.
type Profile struct {
	Name string

	// First has, for each read of a pair, the weight of each quality at the
	// first cycle; Chain the weights of a quality (second index) behind
	// another (first) within each fifth of the read.
	First [2][qualities]float64
	Chain [2][5][qualities][qualities]float64

	// Mismatch is the chance that a base of a quality is wrong.
	Mismatch [qualities]float64
	// Cycle has the mismatch rate at each cycle of each read. Where it is
	// empty, qualities alone decide.
	Cycle [2][]float64
	// Substitution has the share of each read base among the mismatches at a
	// reference base, all sixteen together summing to one.
	Substitution [4][4]float64
	// Composition is the share of each base among all.
	Composition [4]float64

	// Insertion and Deletion have the chance that a read which crosses a
	// homopolymer of the base has it longer or shorter, by its length; index 0
	// is not used, and behind the last entry the chance grows as before it.
	Insertion, Deletion [4][]float64
	LongInsertion       float64 // share of them that change it by more than one base
	LongDeletion        float64

	// Insert has the weight of each outer length of a fragment, in bins of
	// InsertBin bases.
	Insert    []float64
	InsertBin int

	// GC has the depth at a GC content of 0, 5, ... 100 % over a read's length,
	// relative to the mean.
	GC [21]float64

	MapQ       [256]float64 // weight of each mapping quality of a well placed read
	Duplicates float64      // share of reads that are duplicates
}

// DefaultProfile is a paired-end library of 150-base reads of a machine with
// forty levels of quality, from formulas: qualities that fall along the read
// and come in stretches, errors as the qualities promise down to a floor,
// homopolymer errors that double with each base, inserts of 420 +- 95.
func DefaultProfile() *Profile {
	p := &Profile{Name: "default", InsertBin: 10, LongInsertion: 0.08, LongDeletion: 0.08, Duplicates: 0.01}
	levels := []int{2, 7, 8, 11, 15, 18, 20, 22, 24, 26, 28, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41}
	for read := range 2 {
		for _, q := range levels {
			p.First[read][q] = bell(float64(q), 35-float64(read), 2.5) + 0.002
		}
		for fifth := range 5 {
			target := 39.5 - 0.5*float64(read) - 0.35*float64(fifth*fifth)
			for _, from := range levels {
				row := &p.Chain[read][fifth][from]
				for _, q := range levels {
					w := 0.93 * bell(float64(q), 0.72*float64(from)+0.28*target, 2.2)
					if q < 24 {
						w += (0.0012 + 0.0008*float64(fifth)) * bell(float64(q), 10, 7)
					}
					if from < 24 && q > 30 {
						w += 0.05 * bell(float64(q), target, 3) // a bad base does not spoil the next ones
					}
					row[q] = w
				}
				row[from] += 0.12
			}
		}
	}
	for q := range p.Mismatch {
		p.Mismatch[q] = min(0.75, math.Pow(10, -float64(q)/10)+3e-5)
	}
	// Odds of read bases at each reference base: transversions that oxidised
	// and deaminated bases give stand out, as on all machines of the kind.
	p.Substitution = [4][4]float64{{0, .085, .09, .08}, {.085, 0, .04, .06}, {.065, .04, 0, .085}, {.125, .09, .145, 0}}
	p.Composition = [4]float64{.295, .205, .205, .295}
	for b := range 4 {
		p.Insertion[b] = make([]float64, 25)
		p.Deletion[b] = make([]float64, 25)
		for n := 1; n < 25; n++ {
			grown := math.Pow(1.55, float64(n-1))
			p.Insertion[b][n] = min(0.06, 8e-6*grown)
			p.Deletion[b][n] = min(0.15, 1.6e-5*grown)
		}
	}
	for i := range 120 {
		x := float64(i*p.InsertBin + p.InsertBin/2)
		p.Insert = append(p.Insert, bell(x, 420, 95)+0.02*bell(x, 300, 150))
	}
	for i := range p.GC {
		x := float64(i) * 0.05
		p.GC[i] = 1 - 1.1*(x-0.42)*(x-0.42) - 0.15*(x-0.42)
	}
	p.MapQ[60] = 0.985
	for q := range 60 {
		p.MapQ[q] = 0.0001
	}
	p.MapQ[0] = 0.003
	for _, q := range []int{40, 48, 57} {
		p.MapQ[q] = 0.002
	}
	return p
}

// bell is the height of a normal curve of height one.
func bell(x, mean, sd float64) float64 {
	z := (x - mean) / sd
	return math.Exp(-z * z / 2)
}

// Validate reports what of a profile cannot be used.
func (p *Profile) Validate() error {
	var f faults
	for read := range 2 {
		f.check(total(p.First[read][:]) > 0, "profile %s: read %d has no qualities for its first cycle", p.Name, read+1)
		for _, r := range p.Cycle[read] {
			f.check(r >= 0 && r <= 1, "profile %s: mismatch rate %g at a cycle of read %d", p.Name, r, read+1)
		}
	}
	for q, r := range p.Mismatch {
		f.check(r >= 0 && r <= 1, "profile %s: mismatch rate %g at quality %d", p.Name, r, q)
	}
	substitutions := 0.0
	for b := range 4 {
		substitutions += total(p.Substitution[b][:])
		f.check(p.Composition[b] > 0, "profile %s: no base %c", p.Name, letters[b])
		f.check(len(p.Insertion[b]) == len(p.Deletion[b]), "profile %s: insertions for %d lengths of runs, deletions for %d", p.Name, len(p.Insertion[b]), len(p.Deletion[b]))
		for _, rates := range [][]float64{p.Insertion[b], p.Deletion[b]} {
			for n, r := range rates {
				f.check(r >= 0 && r <= 1, "profile %s: rate %g of indels in runs of %d", p.Name, r, n)
			}
		}
	}
	f.check(substitutions > 0, "profile %s: no substitutions", p.Name)
	f.check(total(p.Insert) > 0 && p.InsertBin > 0, "profile %s: no insert sizes", p.Name)
	f.check(len(p.Insert)*p.InsertBin <= maxInsert, "profile %s: inserts up to %d, want no more than %d", p.Name, len(p.Insert)*p.InsertBin, maxInsert)
	f.check(total(p.MapQ[:]) > 0, "profile %s: no mapping qualities", p.Name)
	f.check(total(p.GC[:]) > 0, "profile %s: no depth by GC content", p.Name)
	for _, g := range p.GC {
		f.check(g >= 0 && g <= 10, "profile %s: relative depth %g", p.Name, g)
	}
	f.check(p.Duplicates >= 0 && p.Duplicates < 1, "profile %s: duplicate share %g", p.Name, p.Duplicates)
	return f.join()
}

// maxInsert is the longest fragment, outer length.
const maxInsert = 4000

func total(w []float64) float64 {
	sum := 0.0
	for _, x := range w {
		if x < 0 || math.IsNaN(x) {
			return math.NaN()
		}
		sum += x
	}
	return sum
}
