// Package noise measures how often the reads of a library are wrong in runs of
// one base, by the length of the run. From one site nobody can know that, and
// what half of the reads say in a run of sixteen bases means one thing in a
// library in which such runs slip in one read of a hundred, and another where it
// is one of five.
//
// It looks at pieces of the genome that hold equal shares of the reads. What most
// reads of a run show is taken for right, so that a variant that all reads show
// is no error, and runs in which many reads agree on something else, as they do at
// heterozygous variants, are left out.
package noise

import (
	"fmt"
	"math"
)

// Classes is the number of classes of runs, by their length in the reference.
const Classes = 4

// bounds is the shortest run of each class, and what no run has.
var bounds = [Classes + 1]int{6, 9, 12, 16, 31}

// Noise is what was counted. The zero value is a library of which nothing is
// known.
type Noise struct {
	Across [Classes]int // times that a read reaches across a run
	Off    [Classes]int // those with another length than most reads of the run
	Lonely int          // of Off, those of which no other read of the run has the same length
}

// Numbers is how many Values there are.
const Numbers = Classes + 1

// typical is the rates of a library without amplification, by class, and
// typicalLonely the share of its errors that no other read of the run has.
var typical = [Classes]float64{1.5e-4, 1e-3, 1e-2, 5e-2}

const typicalLonely = 0.5

// prior is with how many errors of a typical library those that were seen are
// mixed, lest a few reads say much.
const prior = 2

// Values is what networks look at, each between -2 and 2: decimal logarithms of
// the error rates of the classes in units of the typical ones, and, last, how much
// more of the errors are shared by reads of a run than typically, as copies of
// one molecule share them. Where little was seen they are near to 0.
func (n *Noise) Values() (v [Numbers]float64) {
	off := 0
	for i := range Classes {
		v[i] = relative(n.Off[i], n.Across[i], typical[i])
		off += n.Off[i]
	}
	v[Classes] = typicalLonely - (float64(n.Lonely)+prior*typicalLonely)/(float64(off)+prior)
	return v
}

func relative(errors, of int, typical float64) float64 {
	rate := (float64(errors) + prior) / (float64(of) + prior/typical)
	return max(-2, min(math.Log10(rate/typical), 2))
}

// middle is a length, in bases, of which the rate of a class is that.
var middle = [Classes]float64{6.8, 9.8, 13, 18}

// Rate is how often reads are wrong in a run of so many bases: on the line through
// the logarithms of the rates of the classes, in shorter runs as in those of the
// first class, in longer ones as the last stretch of the line goes on. It never
// falls with the length, and is at most a half.
func (n *Noise) Rate(length int) float64 {
	v := n.Values()
	var rate [Classes]float64 // decimal logarithms
	for i := range rate {
		rate[i] = v[i] + math.Log10(typical[i])
		if i > 0 {
			rate[i] = max(rate[i], rate[i-1])
		}
	}
	x := max(float64(length), middle[0])
	i := 0
	for i < Classes-2 && x > middle[i+1] {
		i++
	}
	slope := (rate[i+1] - rate[i]) / (middle[i+1] - middle[i])
	return min(math.Pow(10, rate[i]+float64(slope*(x-middle[i]))), 0.5)
}

// Sum is what was counted in all pieces of a list.
func Sum(list []Noise) *Noise {
	n := &Noise{}
	for _, o := range list {
		for i := range Classes {
			n.Across[i] += o.Across[i]
			n.Off[i] += o.Off[i]
		}
		n.Lonely += o.Lonely
	}
	return n
}

// Validate reports counts that no library has.
func (n *Noise) Validate() error {
	off := 0
	for i := range Classes {
		if n.Off[i] < 0 || n.Off[i] > n.Across[i] {
			return fmt.Errorf("noise: %d of %d runs of class %d off", n.Off[i], n.Across[i], i)
		}
		off += n.Off[i]
	}
	if n.Lonely < 0 || n.Lonely > off {
		return fmt.Errorf("noise: %d of %d are lonely", n.Lonely, off)
	}
	return nil
}

// class is that of a run of so many bases, -1 for those that none takes.
func class(length int) int {
	for i := range Classes {
		if length >= bounds[i] && length < bounds[i+1] {
			return i
		}
	}
	return -1
}
