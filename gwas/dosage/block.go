package dosage

// Missing is the unit of a sample without a value, and Absent the hard call.
const (
	Missing = 0xffff
	Absent  = 3
)

// Scale is the units of an allele in PGEN, VCF, and BGEN of more than 15 bits.
const Scale = 16384

// WordSamples is how many hard calls a word holds.
const WordSamples = 32

// Words is how many words hold the hard calls of n samples.
func Words(n int) int { return (n + WordSamples - 1) / WordSamples }

// Variant names one alternate allele at one place.
type Variant struct {
	Chrom  string  // as in the file
	Start  int     // 0-based position of the first base of Ref; -1 where the file says 0
	ID     string  // "." where the file has none
	Ref    string  // reference allele
	Alt    string  // the allele that is counted
	Allele int     // which alternate allele of its record, from 1
	Alts   int     // how many alternate alleles the record has
	CM     float64 // genetic position in centimorgans, 0 where unknown
}

// Row is one variant's genotypes. Exactly one of Calls and Units is set. Rows
// of a Block that a decoder yields are valid until it yields the next.
type Row struct {
	Variant
	Calls []uint64 // packed hard calls, Words(samples) words; bits past the last sample are 0
	Units []uint16 // dosages in units of 1/Counts.Scale of an allele; Missing where none
	Counts

	calls []uint64 // memory behind Calls and Units, kept from block to block
	units []uint16
}

// Hard says that the row holds hard calls.
func (r *Row) Hard() bool { return r.Calls != nil }

// Call is the hard call of sample i: 0, 1, 2 or Absent. The row holds calls.
func (r *Row) Call(i int) uint8 {
	return uint8(r.Calls[i/WordSamples]>>(2*(i%WordSamples))) & 3
}

// Dosage is the copies of the alternate allele of sample i, 0 to 2; ok is false
// where it is missing. For many samples, read Calls or Units.
func (r *Row) Dosage(i int) (copies float64, ok bool) {
	if r.Calls != nil {
		c := r.Call(i)
		return float64(c), c != Absent
	}
	u := r.Units[i]
	return float64(u) / float64(r.Scale), u != Missing
}

// Block is a run of rows over the same samples. The zero value is empty and
// grows as rows are added; Reset keeps its memory for the next run. A Block is
// used by one goroutine at a time.
type Block struct {
	First   int // number of the first row in the whole input, from 0
	Samples int // samples of every row
	Rows    []Row
}

// Reset empties the block for rows of so many samples that begin at number
// first.
func (b *Block) Reset(first, samples int) {
	b.First, b.Samples, b.Rows = first, samples, b.Rows[:0]
}

// add lengthens Rows by one whose memory may be left from an earlier use.
func (b *Block) add(v Variant) *Row {
	if len(b.Rows) < cap(b.Rows) {
		b.Rows = b.Rows[:len(b.Rows)+1]
	} else {
		b.Rows = append(b.Rows, Row{})
	}
	r := &b.Rows[len(b.Rows)-1]
	r.Variant, r.Counts, r.Calls, r.Units = v, Counts{}, nil, nil
	return r
}

// AddCalls appends a row of hard calls whose words the caller fills, all of
// them, and then calls Count. The words may hold anything before.
func (b *Block) AddCalls(v Variant) *Row {
	r := b.add(v)
	r.setCalls(b.Samples)
	return r
}

func (r *Row) setCalls(samples int) {
	n := Words(samples)
	if cap(r.calls) < n {
		r.calls = make([]uint64, n)
	}
	r.Calls, r.Units = r.calls[:n:n], nil
}

// AddUnits appends a row of dosages in units of 1/scale of an allele, at most
// 2*scale each and scale at most 32767, which the caller fills and then calls
// Count. The units may hold anything before.
func (b *Block) AddUnits(v Variant, scale int) *Row {
	r := b.add(v)
	if cap(r.units) < b.Samples {
		r.units = make([]uint16, b.Samples)
	}
	r.Units = r.units[:b.Samples:b.Samples]
	r.Scale = scale
	return r
}

// Count sets the row's Counts from its values. A row of units that are all
// whole copies becomes hard calls; others count as they are. spread is what
// the sums cannot know: the variance of the genotypes within the samples,
// summed, in copies squared (see Counts.Spread).
func (r *Row) Count(samples int, spread float64) {
	if r.Units != nil && r.whole() {
		units, scale := r.Units, uint32(r.Scale)
		r.setCalls(samples)
		packUnits(r.Calls, units, scale)
	}
	if r.Calls != nil {
		r.Counts = CountCalls(r.Calls, nil, samples)
	} else {
		r.Counts = CountUnits(r.Units, nil, r.Scale)
	}
	r.Spread = spread
}

// whole says whether all units are 0, 1 or 2 copies, or missing.
func (r *Row) whole() bool {
	one := uint16(r.Scale)
	for _, u := range r.Units {
		if u != 0 && u != one && u != 2*one && u != Missing {
			return false
		}
	}
	return true
}

func packUnits(dst []uint64, units []uint16, scale uint32) {
	for w := range dst {
		var word uint64
		for k, u := range units[w*WordSamples : min(len(units), (w+1)*WordSamples)] {
			c := uint64(Absent)
			if u != Missing {
				c = uint64(uint32(u) / scale)
			}
			word |= c << (2 * k)
		}
		dst[w] = word
	}
}
