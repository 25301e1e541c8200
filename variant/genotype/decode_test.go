package genotype_test

import (
	"compress/gzip"
	"encoding/binary"
	"io"
	"iter"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/fasta"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/genotype"
	"github.com/gx-genomics/gx/variant/locus"
)

// A second, small reading of the messages CallVariantsOutput and Variant, so
// that these tests do not lean on the one in use.

// field is one field of a message: a number or bytes.
type field struct {
	num  protowire.Number
	n    uint64
	data []byte
}

func fields(t *testing.T, msg []byte) []field {
	t.Helper()
	var out []field
	for len(msg) > 0 {
		num, typ, n := protowire.ConsumeTag(msg)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		msg = msg[n:]
		f := field{num: num}
		switch typ {
		case protowire.VarintType:
			f.n, n = protowire.ConsumeVarint(msg)
		case protowire.Fixed64Type:
			f.n, n = protowire.ConsumeFixed64(msg)
		case protowire.BytesType:
			f.data, n = protowire.ConsumeBytes(msg)
		default:
			t.Fatalf("field %d of wire type %d", num, typ)
		}
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		msg = msg[n:]
		out = append(out, f)
	}
	return out
}

func doubles(data []byte) []float64 {
	var out []float64
	for ; len(data) >= 8; data = data[8:] {
		out = append(out, math.Float64frombits(binary.LittleEndian.Uint64(data)))
	}
	return out
}

func varints(t *testing.T, data []byte) []int {
	var out []int
	for len(data) > 0 {
		x, n := protowire.ConsumeVarint(data)
		if n < 0 {
			t.Fatal(protowire.ParseError(n))
		}
		out = append(out, int(int64(x)))
		data = data[n:]
	}
	return out
}

// record is a Variant with its one call.
type record struct {
	site      variant.Site
	sample    string
	genotype  []int
	gl        []float64
	ints      map[string][]int
	fractions []float64
}

func variantOf(t *testing.T, msg []byte) record {
	t.Helper()
	r := record{ints: map[string][]int{}}
	for _, f := range fields(t, msg) {
		switch f.num {
		case 14:
			r.site.Contig = string(f.data)
		case 16:
			r.site.Start = int(f.n)
		case 13:
			r.site.End = int(f.n)
		case 6:
			r.site.Ref = string(f.data)
		case 7:
			r.site.Alts = append(r.site.Alts, string(f.data))
		case 11:
			r.call(t, f.data)
		}
	}
	r.site.AD, r.site.VAF = r.ints["AD"], r.fractions
	if dp := r.ints["DP"]; len(dp) == 1 {
		r.site.Depth = dp[0]
	}
	return r
}

func (r *record) call(t *testing.T, msg []byte) {
	t.Helper()
	for _, f := range fields(t, msg) {
		switch f.num {
		case 9:
			r.sample = string(f.data)
		case 7:
			r.genotype = varints(t, f.data)
		case 6:
			r.gl = doubles(f.data)
		case 2:
			r.info(t, f.data)
		}
	}
}

func (r *record) info(t *testing.T, msg []byte) {
	t.Helper()
	key := ""
	for _, f := range fields(t, msg) {
		if f.num == 1 {
			key = string(f.data)
			continue
		}
		for _, v := range fields(t, f.data) {
			for _, x := range fields(t, v.data) {
				if x.num == 7 {
					r.ints[key] = append(r.ints[key], int(x.n))
				} else {
					r.fractions = append(r.fractions, math.Float64frombits(x.n))
				}
			}
		}
	}
}

func each[T any](list []T) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		for i := range list {
			if !yield(&list[i], nil) {
				return
			}
		}
	}
}

func messages(t *testing.T, name string) [][]byte {
	t.Helper()
	path := shared.Path(t, name)
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := tfrecord.NewReader(f, path)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	for {
		data, err := r.Read()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, append([]byte(nil), data...))
	}
}

func readOutputs(t *testing.T, name string) (outputs []genotype.Output, sample string) {
	t.Helper()
	sample = "default"
	for _, msg := range messages(t, name) {
		var out genotype.Output
		for _, f := range fields(t, msg) {
			switch f.num {
			case 1:
				r := variantOf(t, f.data)
				out.Site, sample = r.site, r.sample
			case 2:
				for _, x := range fields(t, f.data) {
					out.AltSet = varints(t, x.data)
				}
			case 3:
				copy(out.P[:], doubles(f.data))
			}
		}
		outputs = append(outputs, out)
	}
	return outputs, sample
}

func readBlocks(t *testing.T, name string) []variant.Block {
	t.Helper()
	var out []variant.Block
	for _, msg := range messages(t, name) {
		r := variantOf(t, msg)
		b := variant.Block{Contig: r.site.Contig, Start: r.site.Start, End: r.site.End, Ref: r.site.Ref[0],
			GT: variant.Genotype{A: r.genotype[0], B: r.genotype[1]}, GQ: r.ints["GQ"][0], MinDP: r.ints["MIN_DP"][0], MedDP: -1}
		copy(b.GL[:], r.gl)
		if med := r.ints["MED_DP"]; len(med) == 1 {
			b.MedDP = med[0]
		}
		out = append(out, b)
	}
	return out
}

// lines is a text file, gzipped or not.
func lines(t *testing.T, name string) []string {
	t.Helper()
	f, err := os.Open(shared.Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := io.Reader(f)
	if strings.HasSuffix(name, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

func headerContigs(t *testing.T, header []string) *locus.Contigs {
	t.Helper()
	var list []locus.Contig
	for _, l := range header {
		l, ok := strings.CutPrefix(l, "##contig=<ID=")
		if !ok {
			continue
		}
		name, length, _ := strings.Cut(strings.TrimSuffix(l, ">"), ",length=")
		n, err := strconv.Atoi(length)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, locus.Contig{Name: name, Length: n})
	}
	contigs, err := locus.NewContigs(list)
	if err != nil {
		t.Fatal(err)
	}
	return contigs
}

// chr20 is the reference of all goldens, whatever they call the contig.
type chr20 struct{ *fasta.File }

func (f chr20) Bases(dst []byte, r locus.Region) ([]byte, error) {
	r.Contig = "chr20"
	return f.File.Bases(dst, r)
}

func reference(t *testing.T) chr20 {
	t.Helper()
	f, err := fasta.Open(shared.Path(t, "deepvariant/testdata/input/ucsc.hg19.chr20.unittest.fasta.gz"), fasta.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return chr20{f}
}
