package stage

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/genotype"
)

// outputs is classified examples made up for a test, in order.
type madeOutputs struct {
	contig string
	length int
	list   []*example.CallVariantsOutput
}

// newOutputs makes n sites, one in ten with two alternate alleles, a deletion
// now and then that overlaps the next site.
func newOutputs(n int) *madeOutputs {
	c := &madeOutputs{contig: "c1", length: 20*n + 100}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		s := variant.Site{Variant: variant.Variant{Contig: c.contig, Start: 20 * i, End: 20*i + 1, Ref: "A", Alts: []string{"G"}}, Depth: 30}
		switch {
		case i%10 == 3:
			s.Alts = []string{"G", "T"}
		case i%10 == 7:
			s.Ref = strings.Repeat("A", 25)
			s.Alts, s.End = []string{"A"}, s.Start+25
		}
		s.AD = make([]int, len(s.Alts)+1)
		for k := range s.AD {
			s.AD[k] = 2 + r.IntN(20)
		}
		for k := range s.Alts {
			s.VAF = append(s.VAF, float64(s.AD[k+1])/30)
		}
		for _, set := range variant.AltSets(len(s.Alts)) {
			a, b := r.Float64(), r.Float64()
			p := [3]float64{a * b, a * (1 - b), 1 - a}
			c.list = append(c.list, genotype.ToExample(&s, &variant.Likelihoods{AltSet: set, P: p}, "s"))
		}
	}
	return c
}

// plan has the reference of the outputs in dir.
func (c *madeOutputs) plan(t testing.TB, dir string) GenotypePlan {
	t.Helper()
	ref := filepath.Join(dir, "r.fa")
	if err := os.WriteFile(ref, []byte(">"+c.contig+"\n"+strings.Repeat("A", c.length)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return GenotypePlan{Ref: ref, Out: filepath.Join(dir, "o.vcf"), Options: DefaultGenotypeOptions()}
}

// write writes the outputs in turn to the files of a set, and gives its name.
func (c *madeOutputs) write(t testing.TB, base string, shards int, shuffled bool) string {
	t.Helper()
	list := append([]*example.CallVariantsOutput(nil), c.list...)
	if shuffled {
		rand.New(rand.NewPCG(3, 4)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	name := fmt.Sprintf("%s@%d.tfrecord.gz", base, shards)
	n, err := tfrecord.ParseName(name)
	if err != nil {
		t.Fatal(err)
	}
	for k := range shards {
		writeRecords(t, n.Path(k), func(emit func([]byte)) {
			for i := k; i < len(list); i += shards {
				emit(list[i].Append(nil))
			}
		})
	}
	return name
}

func writeRecords(t testing.TB, path string, body func(emit func([]byte))) {
	t.Helper()
	err := object.Files{}.Put(context.Background(), path, func(f io.Writer) error {
		w, err := tfrecord.NewWriter(f, tfrecord.Options{Gzip: tfrecord.Gzipped(path), Level: 1})
		if err != nil {
			return err
		}
		body(func(b []byte) {
			if err := w.Write(b); err != nil {
				t.Fatal(err)
			}
		})
		return w.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
}
