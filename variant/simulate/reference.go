package simulate

import (
	"fmt"
	"math"

	"github.com/gx-genomics/gx/variant/locus"
)

// ReferenceOptions says what a synthetic reference looks like. Rates are per
// base.
type ReferenceOptions struct {
	Seed         uint64
	Contigs      []locus.Contig
	GC           float64 // share of G and C, mean over all; waves go +-0.08 around it
	CpG          float64 // share of the expected CpG that is left: 0.25 in human
	Runs         float64 // homopolymers of 6 bases and more, beyond those of chance
	Repeats      float64 // short tandem repeats
	Interspersed float64 // diverged copies of mobile elements
	Duplicates   float64 // near-identical copies of 1-8 kb of what stands before
}

// DefaultReference is a reference with the composition of a human chromosome.
func DefaultReference() ReferenceOptions {
	return ReferenceOptions{Seed: 1, GC: 0.41, CpG: 0.25, Runs: 1.0 / 900, Repeats: 1.0 / 4000, Interspersed: 1.0 / 5000, Duplicates: 1.0 / 250_000}
}

// Validate reports all faults of the options at once.
func (o ReferenceOptions) Validate() error {
	var f faults
	f.check(len(o.Contigs) > 0, "contigs: none given")
	if _, err := locus.NewContigs(o.Contigs); err != nil {
		f = append(f, err)
	}
	f.check(o.GC >= 0.2 && o.GC <= 0.8, "GC share %g: want 0.2 to 0.8", o.GC)
	f.check(o.CpG >= 0 && o.CpG <= 1, "CpG share %g: want 0 to 1", o.CpG)
	for _, x := range []struct {
		name string
		rate float64
	}{{"runs", o.Runs}, {"repeats", o.Repeats}, {"interspersed", o.Interspersed}, {"duplicates", o.Duplicates}} {
		f.check(x.rate >= 0 && x.rate <= 0.01, "%s %g per base: want 0 to 0.01", x.name, x.rate)
	}
	return f.join()
}

// Reference makes one synthetic contig, number i of the options: bases drawn
// with slow waves of GC content and without most CpG, and in them homopolymers,
// short tandem repeats, diverged copies of a few mobile elements that all
// contigs share, and near-identical duplicates.
func Reference(o ReferenceOptions, i int) (Sequence, error) {
	if err := o.Validate(); err != nil {
		return Sequence{}, err
	}
	if i < 0 || i >= len(o.Contigs) {
		return Sequence{}, fmt.Errorf("contig %d of %d", i, len(o.Contigs))
	}
	c := o.Contigs[i]
	m := maker{o: o, random: newRandom(o.Seed, nameKey(c.Name), 0x7e), elements: elements(o)}
	for k := range m.phase {
		m.phase[k] = m.Float64() * 2 * math.Pi
	}
	m.seq = make([]byte, 0, c.Length)
	for len(m.seq) < c.Length {
		m.next(c.Length)
	}
	return Sequence{c.Name, m.seq[:c.Length]}, nil
}

// maker grows a contig from left to right.
type maker struct {
	random
	o        ReferenceOptions
	seq      []byte
	phase    [3]float64
	elements [][]byte
}

// next appends what stands next: mostly a base of the background, at times a
// repeat of some kind.
func (m *maker) next(length int) {
	u, o := m.Float64(), &m.o
	switch {
	case u < o.Runs:
		m.run()
	case u < o.Runs+o.Repeats:
		m.tandem()
	case u < o.Runs+o.Repeats+o.Interspersed:
		m.element()
	case u < o.Runs+o.Repeats+o.Interspersed+o.Duplicates && len(m.seq) > 20_000:
		m.duplicate(length)
	default:
		m.base()
	}
}

func (m *maker) base() {
	x := float64(len(m.seq))
	gc := m.o.GC + 0.05*math.Sin(x/30_000+m.phase[0]) + 0.03*math.Sin(x/4_000+m.phase[1]) + 0.02*math.Sin(x/500+m.phase[2])
	b := m.composed(gc)
	if n := len(m.seq); n > 0 && m.seq[n-1] == 'C' && b == 'G' && m.Float64() >= m.o.CpG {
		b = 'A' // CpG decays to CpA by deamination of the other strand
	}
	m.seq = append(m.seq, b)
}

func (m *maker) composed(gc float64) byte {
	if m.Float64() < gc {
		return "GC"[m.IntN(2)]
	}
	return "AT"[m.IntN(2)]
}

// run appends a homopolymer, A or T nine times out of ten as in human.
func (m *maker) run() {
	b := m.composed(0.1)
	for range 5 + m.steps(0.78, 40) {
		m.seq = append(m.seq, b)
	}
}

// tandem appends 4 to some 30 copies of a unit of 2 to 6 bases.
func (m *maker) tandem() {
	unit := make([]byte, 1+m.steps(0.5, 5))
	for i := range unit {
		unit[i] = m.composed(m.o.GC)
	}
	if unit[0] == unit[1] {
		unit[1] = letters[(codes[unit[0]]+1+byte(m.IntN(3)))&3]
	}
	for range 4 + m.steps(0.85, 40) {
		m.seq = append(m.seq, unit...)
	}
}

// element appends a copy of a mobile element that is 1-18 % diverged, at times
// cut short at its front, on either strand.
func (m *maker) element() {
	e := m.elements[m.IntN(len(m.elements))]
	if m.Float64() < 0.4 {
		e = e[m.IntN(len(e)*3/4):]
	}
	m.copied(e, 0.01+0.17*m.Float64(), m.IntN(2) == 1)
}

// duplicate appends a copy of 1-8 kb of what stands before, 0-2 % diverged.
func (m *maker) duplicate(length int) {
	n := min(1000+m.IntN(7000), max(1000, length/20))
	from := m.IntN(len(m.seq) - n)
	divergence := 0.0
	if m.IntN(3) > 0 {
		divergence = 0.02 * m.Float64()
	}
	m.copied(m.seq[from:from+n], divergence, m.IntN(2) == 1)
}

func (m *maker) copied(from []byte, divergence float64, reverse bool) {
	at := len(m.seq)
	m.seq = append(m.seq, from...)
	if reverse {
		reverseComplement(m.seq[at:])
	}
	for i := at; i < len(m.seq); i++ {
		if m.Float64() < divergence {
			m.seq[i] = letters[(codes[m.seq[i]]+1+byte(m.IntN(3)))&3]
		}
	}
}

// elements are the ancestral mobile elements: the same for all contigs of a
// seed. One ends in a run of A, as Alu does.
func elements(o ReferenceOptions) [][]byte {
	r := newRandom(o.Seed, 0xa1)
	var out [][]byte
	for _, length := range []int{300, 300, 340, 900, 2400, 6000} {
		m := maker{random: r, o: o}
		for len(m.seq) < length {
			m.base()
		}
		for range 10 + r.IntN(10) {
			m.seq = append(m.seq, 'A')
		}
		out = append(out, m.seq)
	}
	return out
}
