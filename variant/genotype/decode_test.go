package genotype_test

import (
	"compress/gzip"
	"io"
	"iter"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/fasta"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/genotype"
	"github.com/gx-genomics/gx/variant/gvcf"
	"github.com/gx-genomics/gx/variant/locus"
)

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
		c, err := example.DecodeCall(msg)
		if err != nil {
			t.Fatal(err)
		}
		var out genotype.Output
		if out, sample, err = genotype.FromExample(c); err != nil {
			t.Fatal(err)
		}
		outputs = append(outputs, out)
	}
	return outputs, sample
}

func readBlocks(t *testing.T, name string) []variant.Block {
	t.Helper()
	var out []variant.Block
	for _, msg := range messages(t, name) {
		v, err := example.DecodeVariant(msg)
		if err != nil {
			t.Fatal(err)
		}
		b, sample, err := gvcf.FromExample(v)
		if err != nil {
			t.Fatal(err)
		}
		again, name, err := gvcf.FromExample(gvcf.ToExample(&b, sample, variant.AnyAllele))
		if err != nil || again != b || name != sample {
			t.Fatalf("%s: written and read again: %+v of %s, %v", v.Place(), again, name, err)
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
