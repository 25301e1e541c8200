package compare

import (
	"math/rand/v2"
	"testing"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// genome is n records a side, as far apart as in a human genome: most of them
// equal, some of them spelled otherwise, missed or false, one in eight an indel.
type genome struct {
	text string
	n    int
}

func newGenome(n int) genome {
	r := rand.New(rand.NewPCG(1, 1))
	text := make([]byte, 1<<20)
	for i := range text {
		text[i] = "ACGT"[r.IntN(4)]
	}
	return genome{string(text), n}
}

const spacing = 700

func (g genome) Bases(dst []byte, where locus.Region) ([]byte, error) {
	for at := where.Start; at < where.End; {
		from := at % len(g.text)
		to := min(from+where.End-at, len(g.text))
		dst = append(dst, g.text[from:to]...)
		at += to - from
	}
	return dst, nil
}

func (g genome) records(side uint64) Records {
	return func(yield func(Record, error) bool) {
		shared, own := rand.New(rand.NewPCG(2, 2)), rand.New(rand.NewPCG(3, side))
		for i := range g.n {
			p := i*spacing + shared.IntN(spacing/2)
			at := p % len(g.text)
			if at > len(g.text)-8 {
				continue
			}
			v := variant.Variant{Contig: "c", Start: p, End: p + 1, Ref: g.text[at : at+1]}
			gt := variant.Genotype{A: shared.IntN(2), B: 1}
			switch kind := shared.IntN(16); {
			case kind == 0:
				v.Alts = []string{v.Ref + g.text[at+1:at+3]}
			case kind == 1:
				v.End, v.Ref, v.Alts = p+3, g.text[at:at+3], []string{v.Ref}
			default:
				v.Alts = []string{"ACGTA"[codeOf(v.Ref[0])+1 : codeOf(v.Ref[0])+2]}
			}
			if own.IntN(100) < 2 {
				continue
			}
			if own.IntN(100) < 2 {
				gt.A = 1 - gt.A
			}
			if !yield(Record{Variant: v, GT: gt, Ploidy: 2, GQ: float64(own.IntN(60))}, nil) {
				return
			}
		}
	}
}

func codeOf(b byte) int {
	switch b {
	case 'A':
		return 0
	case 'C':
		return 1
	case 'G':
		return 2
	}
	return 3
}

func (g genome) input(t testing.TB) Input {
	t.Helper()
	contigs, err := locus.NewContigs([]locus.Contig{{Name: "c", Length: g.n*spacing + spacing}})
	if err != nil {
		t.Fatal(err)
	}
	return Input{Reference: g, Contigs: contigs, Truth: g.records(1), Queries: []Query{{"q", g.records(2)}}}
}

// BenchmarkRun is a genome-like comparison; records/s counts both sides.
func BenchmarkRun(b *testing.B) {
	g := newGenome(100_000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Run(b.Context(), g.input(b), 1, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(2*g.n)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
