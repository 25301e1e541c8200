package pileup_test

import (
	"bufio"
	"encoding/binary"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/biogo/hts/bam"
	"github.com/biogo/hts/bgzf"
	"github.com/biogo/hts/sam"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

const input = "deepvariant/testdata/input/"

// readBAM reads the alignments of one contig that pass the filter, in order.
func readBAM(t testing.TB, name, contig string) []align.Read {
	t.Helper()
	f, err := os.Open(shared.Path(t, input+name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	br, err := bam.NewReader(f, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer br.Close()
	keep := pileup.DefaultFilter()
	var out []align.Read
	for {
		rec, err := br.Read()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		r := align.Read{
			Name: rec.Name, Flag: align.Flag(rec.Flags), Contig: rec.Ref.ID(), Start: rec.Pos, MapQ: rec.MapQ,
			Bases: rec.Seq.Expand(), Quals: rec.Qual, MateContig: rec.MateRef.ID(), MateStart: rec.MatePos, TemplateLen: rec.TempLen,
		}
		for _, op := range rec.Cigar {
			r.Cigar = append(r.Cigar, align.MakeOp(op2op[op.Type()], op.Len()))
		}
		if rec.Ref.Name() == contig && keep.Keep(&r) {
			out = append(out, r)
		}
	}
}

var op2op = map[sam.CigarOpType]align.Op{
	sam.CigarMatch: align.M, sam.CigarInsertion: align.I, sam.CigarDeletion: align.D, sam.CigarSkipped: align.N, sam.CigarSoftClipped: align.S,
	sam.CigarHardClipped: align.H, sam.CigarPadded: align.P, sam.CigarEqual: align.Eq, sam.CigarMismatch: align.X,
}

// readRef reads a stretch of the only contig of an indexed, block-gzipped FASTA.
func readRef(t testing.TB, name string, start, end int) count.Window {
	t.Helper()
	path := shared.Path(t, input+name)
	index, err := os.ReadFile(path + ".fai")
	if err != nil {
		t.Fatal(err)
	}
	field := strings.Fields(strings.SplitN(string(index), "\n", 2)[0])
	num := func(i int) int {
		n, err := strconv.Atoi(field[i])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	offset, width, line := num(2), num(3), num(4)
	from := offset + start/width*line + start%width
	blocks, err := os.ReadFile(path + ".gzi")
	if err != nil {
		t.Fatal(err)
	}
	var packed, plain int
	for b := blocks[8:]; len(b) >= 16; b = b[16:] {
		if u := int(binary.LittleEndian.Uint64(b[8:])); u <= from {
			packed, plain = int(binary.LittleEndian.Uint64(b)), u
		}
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	br, err := bgzf.NewReader(f, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := br.Seek(bgzf.Offset{File: int64(packed)}); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(br)
	if _, err := in.Discard(from - plain); err != nil {
		t.Fatal(err)
	}
	w := count.Window{Start: start}
	for len(w.Bases) < end-start {
		c, err := in.ReadByte()
		if err != nil {
			t.Fatal(err)
		}
		if c != '\n' {
			w.Bases = append(w.Bases, c)
		}
	}
	return w
}

// overlapping is the reads that overlap a region, in order.
func overlapping(reads []align.Read, r locus.Region) []align.Read {
	var out []align.Read
	for i := range reads {
		if reads[i].Start < r.End && reads[i].End() > r.Start {
			out = append(out, reads[i])
		}
	}
	return out
}

func readInts(t *testing.T, name string) []int32 {
	t.Helper()
	b, err := os.ReadFile(shared.Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	out := make([]int32, len(b)/4)
	for i := range out {
		out[i] = int32(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out
}

// TestCandidateSweep: the candidate positions of chr20:10,000,000-10,010,000 in
// reads as they were aligned equal those of DeepVariant.
func TestCandidateSweep(t *testing.T) {
	reads := readBAM(t, "NA12878_S1.chr20.10_10p1mb.bam", "chr20")
	ref := readRef(t, "ucsc.hg19.chr20.unittest.fasta.gz", 9_999_000, 10_020_000)
	counter := count.Counter{Options: count.Defaults()}
	sel := candidate.Selector{Options: candidate.Defaults()}
	var got []int32
	for start := 9_999_999; start < 10_010_000; start += 1000 {
		r := locus.Region{Contig: "chr20", Start: start, End: min(start+1000, 10_010_000)}
		for _, p := range sel.AppendStarts(nil, counter.Count(overlapping(reads, r), ref, r, nil)) {
			got = append(got, int32(p))
		}
		got = append(got, -2)
	}
	got = append(got, -1)
	for _, folder := range []string{"testdata", "testdata_v1.5"} {
		if want := readInts(t, "deepvariant/"+folder+"/golden.candidate_positions"); !slices.Equal(got, want) {
			t.Errorf("%s: %d positions\n%v\nwant %d\n%v", folder, len(got), got, len(want), want)
		}
	}
}
