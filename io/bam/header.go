package bam

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/variant/locus"
)

// Limits of what a header may claim. They are far above what real files hold
// and keep a damaged length from taking the memory of the machine.
const (
	maxText    = 1 << 27 // bytes of header text
	maxContigs = 1 << 21
	maxName    = 1 << 16 // bytes of a contig's name
)

// Header is what a SAM or BAM file says of all its records.
type Header struct {
	Text       string // the text of the header as it stands in the file
	Contigs    *locus.Contigs
	SortOrder  string // coordinate, queryname, unsorted or unknown (also where it is not said)
	ReadGroups []ReadGroup
	Samples    []string // distinct samples of the read groups, in the order of first mention
	Programs   []Program

	groups map[string]bool // IDs of ReadGroups
}

// ReadGroup is an @RG line. Only ID is always there.
type ReadGroup struct {
	ID, Sample, Library, Platform, PlatformUnit, Center string
}

// Program is a @PG line.
type Program struct {
	ID, Name, Version, CommandLine, Previous string

	line int64 // where it stands in the header's text
}

const magic = "BAM\x01"

// foreign tells the other formats of alignments by their first bytes, and what
// makes BAM of them.
func foreign(head []byte) error {
	switch {
	case bytes.HasPrefix(head, []byte("CRAM")):
		return errors.New("not a BAM file but CRAM, which this version does not read; " +
			"remedy: samtools view -b -T ref.fa -o reads.bam FILE && samtools index reads.bam")
	case bytes.HasPrefix(head, []byte("@")):
		return errors.New("not a BAM file but SAM text; remedy: samtools sort -o reads.bam FILE && samtools index reads.bam")
	}
	return nil
}

// readHeader reads the header of a BAM file from its start and notes the faults
// of its text.
func readHeader(z *bgzf.Reader, f *findings) (*Header, error) {
	b, err := z.Next(len(magic))
	if err != nil {
		return nil, headerEnd(err)
	}
	if err := foreign(b); err != nil {
		return nil, err
	}
	if string(b) != magic {
		return nil, fmt.Errorf("not a BAM file: it starts with %q, want %q", b, magic)
	}
	n, err := length(z, "header text", maxText)
	if err != nil {
		return nil, err
	}
	text, err := z.Next(n)
	if err != nil {
		return nil, headerEnd(err)
	}
	text = bytes.TrimRight(text, "\x00") // some writers pad it
	h, err := parseHeader(string(text), f)
	if err != nil {
		return nil, err
	}
	list, err := readContigs(z)
	if err != nil {
		return nil, err
	}
	return h, h.setContigs(list)
}

func readContigs(z *bgzf.Reader) ([]locus.Contig, error) {
	n, err := length(z, "list of contigs", maxContigs)
	if err != nil {
		return nil, err
	}
	list := make([]locus.Contig, 0, min(n, 1<<12))
	for i := range n {
		k, err := length(z, fmt.Sprintf("name of contig %d", i+1), maxName)
		if err != nil {
			return nil, err
		}
		b, err := z.Next(k)
		if err != nil {
			return nil, headerEnd(err)
		}
		if k < 2 || b[k-1] != 0 {
			return nil, fmt.Errorf("header: the name of contig %d is empty or does not end in NUL", i+1)
		}
		c := locus.Contig{Name: string(b[:k-1])}
		if c.Length, err = length(z, "contig "+c.Name, locus.MaxLength); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// length reads a 32-bit length that may be at most limit.
func length(z *bgzf.Reader, of string, limit int64) (int, error) {
	b, err := z.Next(4)
	if err != nil {
		return 0, headerEnd(err)
	}
	n := int64(int32(binary.LittleEndian.Uint32(b)))
	if n < 0 || n > limit {
		return 0, fmt.Errorf("header: length %d of the %s, want 0 to %d", n, of, limit)
	}
	return int(n), nil
}

func headerEnd(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends within its header", bgzf.ErrTruncated)
	}
	return err
}

// setContigs takes the binary list of contigs and checks it against the @SQ
// lines, if there are any.
func (h *Header) setContigs(list []locus.Contig) error {
	n := h.Contigs.Len()
	if n > 0 && n != len(list) {
		return fmt.Errorf("header: %d @SQ lines, but %d contigs in the binary list", n, len(list))
	}
	for i, x := range h.Contigs.List() {
		if x != list[i] {
			return fmt.Errorf("header: @SQ line %d is %s of %d bases, but the binary list has %s of %d", i+1, x.Name, x.Length, list[i].Name, list[i].Length)
		}
	}
	if n == len(list) {
		return nil
	}
	c, err := locus.NewContigs(list)
	if err != nil {
		return fmt.Errorf("header: %w", err)
	}
	h.Contigs = c
	return nil
}

// Platforms is the distinct platforms of the read groups, upper case, in the
// order of first mention.
func (h *Header) Platforms() []string {
	var out []string
	seen := map[string]bool{"": true}
	for _, g := range h.ReadGroups {
		if p := strings.ToUpper(g.Platform); !seen[p] {
			seen[p] = true
			out = append(out, p)
		}
	}
	return out
}
