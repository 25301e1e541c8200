package example

import "fmt"

// Position is a base on a strand, 0-based.
type Position struct {
	Contig  string
	Base    int
	Reverse bool
}

// Range is a stretch of a contig, 0-based, half-open.
type Range struct {
	Contig     string
	Start, End int
}

// CigarUnit is one operation of an alignment. Operation counts from 1, in BAM's
// order: 1 M, 2 I, 3 D, 4 N, 5 S, 6 H, 7 P, 8 =, 9 X.
type CigarUnit struct {
	Operation, Length int
	Ref               string
}

// Alignment is where a read lies.
type Alignment struct {
	Position *Position
	MapQ     int
	Cigar    []CigarUnit
}

// Read is nucleus' genomics.v1.Read.
type Read struct {
	ID, ReadGroup, ReadGroupSet, Fragment string
	ProperPlacement, Duplicate            bool
	FragmentLength                        int // TLEN
	Number, Of                            int // 0 of 2, 1 of 2; 0 of 1
	QCFail                                bool
	Alignment                             *Alignment // nil where unmapped
	Secondary, Supplementary              bool
	Bases                                 string
	Quals                                 []int
	Mate                                  *Position // nil where unknown
	Info                                  Info      // optional fields
}

// DecodeRead reads a Read message.
func DecodeRead(b []byte) (*Read, error) {
	r := new(Read)
	err := eachField(b, r.field)
	if err != nil {
		return nil, fmt.Errorf("message Read: %w", err)
	}
	r.Info.order()
	return r, nil
}

func (r *Read) field(f field) error {
	switch f.num {
	case 1:
		return f.text(&r.ID)
	case 2:
		return f.text(&r.ReadGroup)
	case 3:
		return f.text(&r.ReadGroupSet)
	case 4:
		return f.text(&r.Fragment)
	case 5:
		return f.boolean(&r.ProperPlacement)
	case 6:
		return f.boolean(&r.Duplicate)
	case 7:
		return f.whole(&r.FragmentLength)
	case 8:
		return f.whole(&r.Number)
	case 9:
		return f.whole(&r.Of)
	case 10:
		return f.boolean(&r.QCFail)
	case 11:
		r.Alignment = new(Alignment)
		return f.message(r.Alignment.decode)
	case 12:
		return f.boolean(&r.Secondary)
	case 13:
		return f.boolean(&r.Supplementary)
	case 14:
		return f.text(&r.Bases)
	case 15:
		return f.wholes(&r.Quals)
	case 16:
		r.Mate = new(Position)
		return f.message(r.Mate.decode)
	case 17:
		return r.Info.add(f)
	}
	return nil
}

// Append appends the message; the same value gives the same bytes.
func (r *Read) Append(b []byte) []byte {
	b = appendText(b, 1, r.ID)
	b = appendText(b, 2, r.ReadGroup)
	b = appendText(b, 3, r.ReadGroupSet)
	b = appendText(b, 4, r.Fragment)
	b = appendBool(b, 5, r.ProperPlacement)
	b = appendBool(b, 6, r.Duplicate)
	b = appendWhole(b, 7, r.FragmentLength)
	b = appendWhole(b, 8, r.Number)
	b = appendWhole(b, 9, r.Of)
	b = appendBool(b, 10, r.QCFail)
	if r.Alignment != nil {
		b = appendMessage(b, 11, r.Alignment.append)
	}
	b = appendBool(b, 12, r.Secondary)
	b = appendBool(b, 13, r.Supplementary)
	b = appendText(b, 14, r.Bases)
	b = appendWholes(b, 15, r.Quals)
	if r.Mate != nil {
		b = appendMessage(b, 16, r.Mate.Append)
	}
	return r.Info.append(b, 17)
}

func (a *Alignment) decode(b []byte) error {
	return eachField(b, func(f field) error {
		switch f.num {
		case 1:
			a.Position = new(Position)
			return f.message(a.Position.decode)
		case 2:
			return f.whole(&a.MapQ)
		case 3:
			a.Cigar = append(a.Cigar, CigarUnit{})
			return f.message(a.Cigar[len(a.Cigar)-1].decode)
		}
		return nil
	})
}

func (a *Alignment) append(b []byte) []byte {
	if a.Position != nil {
		b = appendMessage(b, 1, a.Position.Append)
	}
	b = appendWhole(b, 2, a.MapQ)
	for i := range a.Cigar {
		b = appendMessage(b, 3, a.Cigar[i].append)
	}
	return b
}

func (p *Position) decode(b []byte) error {
	return eachField(b, func(f field) error {
		switch f.num {
		case 1:
			return f.text(&p.Contig)
		case 2:
			return f.whole(&p.Base)
		case 3:
			return f.boolean(&p.Reverse)
		}
		return nil
	})
}

// Append appends the message.
func (p *Position) Append(b []byte) []byte {
	return appendBool(appendWhole(appendText(b, 1, p.Contig), 2, p.Base), 3, p.Reverse)
}

// DecodeRange reads a Range message.
func DecodeRange(b []byte) (Range, error) {
	var r Range
	err := eachField(b, func(f field) error {
		switch f.num {
		case 1:
			return f.text(&r.Contig)
		case 2:
			return f.whole(&r.Start)
		case 3:
			return f.whole(&r.End)
		}
		return nil
	})
	if err != nil {
		return Range{}, fmt.Errorf("message Range: %w", err)
	}
	return r, nil
}

// Append appends the message.
func (r *Range) Append(b []byte) []byte {
	return appendWhole(appendWhole(appendText(b, 1, r.Contig), 2, r.Start), 3, r.End)
}

func (c *CigarUnit) decode(b []byte) error {
	return eachField(b, func(f field) error {
		switch f.num {
		case 1:
			return f.whole(&c.Operation)
		case 2:
			return f.whole(&c.Length)
		case 3:
			return f.text(&c.Ref)
		}
		return nil
	})
}

func (c *CigarUnit) append(b []byte) []byte {
	return appendText(appendWhole(appendWhole(b, 1, c.Operation), 2, c.Length), 3, c.Ref)
}
