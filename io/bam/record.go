package bam

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unsafe"

	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

const (
	fixedRecord = 32      // bytes of a record before its name
	maxRecord   = 1 << 27 // bytes of a record: far above any read
	realCigar   = "CG"    // the tag that holds a CIGAR of more than 65535 operations
)

// decoder turns the bytes of records into one Read whose memory it uses again
// for the next.
type decoder struct {
	contigs []locus.Contig
	read    align.Read
	cigar   align.Cigar
	bases   []byte
	quals   []byte // of SAM text
	aux     []byte
	refLen  int // reference bases that the read covers
}

// basePairs is the two letters of each byte of SEQ (SAM specification, section
// 4.2.3).
var basePairs = func() (t [256][2]byte) {
	const letters = "=ACMGRSVTWYHKDBN"
	for i := range t {
		t[i] = [2]byte{letters[i>>4], letters[i&15]}
	}
	return t
}()

// next reads a record. The Read and all it holds are valid until the next
// call. At the end of the file the error is io.EOF.
func (d *decoder) next(z *bgzf.Reader) (*align.Read, error) {
	b, err := z.Next(4)
	if err != nil {
		return nil, cut(err)
	}
	n := binary.LittleEndian.Uint32(b)
	if n < fixedRecord || n > maxRecord {
		return nil, fmt.Errorf("a record of %d bytes, want %d to %d", n, fixedRecord, maxRecord)
	}
	if b, err = z.Next(int(n)); err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, cut(err)
	}
	if err := d.decode(b); err != nil {
		return nil, err
	}
	return &d.read, nil
}

func cut(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends within a record", bgzf.ErrTruncated)
	}
	return err
}

func int32At(b []byte, i int) int { return int(int32(binary.LittleEndian.Uint32(b[i:]))) }

// decode fills the Read from the bytes behind block_size, which stay in use.
func (d *decoder) decode(b []byte) *inconsistent {
	le := binary.LittleEndian
	r := &d.read
	r.Contig, r.Start = int32At(b, 0), int32At(b, 4)
	nameLen, ops := int(b[8]), int(le.Uint16(b[12:]))
	r.MapQ = b[9]
	r.Flag = align.Flag(le.Uint16(b[14:]))
	seqLen := int32At(b, 16)
	r.MateContig, r.MateStart, r.TemplateLen = int32At(b, 20), int32At(b, 24), int32At(b, 28)

	b = b[fixedRecord:]
	if nameLen < 1 || nameLen > len(b) || b[nameLen-1] != 0 {
		r.Name = ""
		return bad(kRecord, "a read name of %d bytes that does not fit or does not end in NUL", nameLen)
	}
	r.Name = unsafe.String(unsafe.SliceData(b), nameLen-1)
	b = b[nameLen:]
	if seqLen < 0 || int64(len(b)) < int64(4*ops)+(int64(seqLen)+1)/2+int64(seqLen) {
		return bad(kRecord, "%d CIGAR operations and %d bases do not fit into the record", ops, seqLen)
	}
	d.cigar = d.cigar[:0]
	for i := range ops {
		d.cigar = append(d.cigar, align.CigarOp(le.Uint32(b[4*i:])))
	}
	b = b[4*ops:]
	half := (seqLen + 1) / 2
	d.setBases(b[:half], seqLen)
	r.Quals = b[half : half+seqLen : half+seqLen]
	r.Aux = b[half+seqLen:]
	r.Cigar = d.cigar
	if ops == 2 && d.cigar[0] == align.MakeOp(align.S, seqLen) && d.cigar[1].Op() == align.N {
		if err := d.longCigar(); err != nil {
			return err
		}
	}
	return d.check()
}

func (d *decoder) setBases(packed []byte, n int) {
	if cap(d.bases) < 2*len(packed) {
		d.bases = make([]byte, 2*len(packed)+256)
	}
	out := d.bases[:2*len(packed)]
	for i, p := range packed {
		*(*[2]byte)(out[2*i:]) = basePairs[p]
	}
	d.read.Bases = out[:n]
}

// longCigar replaces the CIGAR by the one in the tag CG, where that stands
// (SAM specification, section 4.2.2).
func (d *decoder) longCigar() *inconsistent {
	r := &d.read
	for at := 0; at < len(r.Aux); {
		n := auxField(r.Aux[at:])
		if n < 0 {
			return nil // check tells it
		}
		f := r.Aux[at : at+n]
		if string(f[:2]) != realCigar {
			at += n
			continue
		}
		if f[2] != 'B' || f[3] != 'I' {
			return bad(kTag, "tag CG is not an array of type I")
		}
		d.cigar = d.cigar[:0]
		for v := f[8:]; len(v) > 0; v = v[4:] {
			d.cigar = append(d.cigar, align.CigarOp(binary.LittleEndian.Uint32(v)))
		}
		r.Cigar = d.cigar
		// The tag is part of the CIGAR, not of the optional fields.
		d.aux = append(append(d.aux[:0], r.Aux[:at]...), r.Aux[at+n:]...)
		r.Aux = d.aux
		return nil
	}
	return nil
}

// auxField is the length of the optional field at the start of b, which is not
// empty, or -1 where it is damaged or does not end.
func auxField(b []byte) int {
	if len(b) < 4 {
		return -1
	}
	n := 3 + auxScalar(b[2])
	switch b[2] {
	case 'Z', 'H':
		i := bytes.IndexByte(b[3:], 0)
		if i < 0 {
			return -1
		}
		n = 3 + i + 1
	case 'B':
		if len(b) < 8 || b[3] == 'A' {
			return -1
		}
		size, count := auxScalar(b[3]), binary.LittleEndian.Uint32(b[4:])
		if size == 0 || uint64(count) > uint64(len(b)) {
			return -1
		}
		n = 8 + size*int(count)
	}
	if n == 3 || n > len(b) {
		return -1
	}
	return n
}

// auxScalar is the size of a value of a type, 0 for those of no fixed size.
func auxScalar(kind byte) int {
	switch kind {
	case 'A', 'c', 'C':
		return 1
	case 's', 'S':
		return 2
	case 'i', 'I', 'f':
		return 4
	}
	return 0
}
