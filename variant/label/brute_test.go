package label

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// genome is a reference of one contig in memory.
type genome string

func (g genome) Bases(dst []byte, r locus.Region) ([]byte, error) {
	return append(dst, g[r.Start:r.End]...), nil
}

func (g genome) labeler(t testing.TB, confident ...locus.Region) *Haplotype {
	t.Helper()
	c, err := locus.NewContigs([]locus.Contig{{Name: "c", Length: len(g)}})
	if err != nil {
		t.Fatal(err)
	}
	h := &Haplotype{Reference: g, Contigs: c}
	if confident != nil {
		h.Confident = locus.NewSet(confident...)
	}
	return h
}

// at is a variant of the genome: n reference bases from start on.
func (g genome) at(start, n int, alts ...string) variant.Variant {
	return variant.Variant{Contig: "c", Start: start, End: start + n, Ref: string(g[start : start+n]), Alts: alts}
}

// runs cuts variants into runs of such as overlap one of the run.
func runs(vs []*variant.Variant) [][]int {
	var out [][]int
	end := -1
	for i, v := range vs {
		if v.Start >= end {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], i)
		end = max(end, v.End)
	}
	return out
}

// plainHaplotype lays one allele of each variant of a run on the reference
// between two positions.
func plainHaplotype(g string, vs []*variant.Variant, run, alleles []int, from, to int) (string, bool) {
	var b strings.Builder
	for k, i := range run {
		v := vs[i]
		if v.Start < from {
			if alleles[k] > 0 {
				return "", false
			}
			continue
		}
		b.WriteString(g[from:v.Start])
		if alleles[k] == 0 {
			b.WriteString(v.Ref[:1])
			from = v.Start + 1
		} else {
			b.WriteString(v.Alts[alleles[k]-1])
			from = v.End
		}
	}
	return b.String() + g[from:max(from, to)], true
}

// plainPairs lists all pairs of haplotypes that genotypes make: the ways of each
// run, put together both ways round.
func plainPairs(g string, vs []*variant.Variant, gts []genotype, start, end int) [][2]string {
	pairs := [][2]string{{}}
	from := start
	for _, run := range runs(vs) {
		to := from
		for _, i := range run {
			to = max(to, vs[i].End)
		}
		var ways [][2]string
		for mask := range 1 << len(run) {
			a, b := make([]int, len(run)), make([]int, len(run))
			for k, i := range run {
				side := mask >> k & 1
				a[k], b[k] = int(gts[i][side]), int(gts[i][1-side])
			}
			x, okX := plainHaplotype(g, vs, run, a, from, to)
			y, okY := plainHaplotype(g, vs, run, b, from, to)
			if okX && okY {
				ways = append(ways, [2]string{x, y})
			}
		}
		var next [][2]string
		for _, p := range pairs {
			for _, w := range ways {
				next = append(next, [2]string{p[0] + w[0], p[1] + w[1]}, [2]string{p[0] + w[1], p[1] + w[0]})
			}
		}
		pairs, from = next, to
	}
	for i := range pairs {
		pairs[i][0] += g[from:end]
		pairs[i][1] += g[from:end]
		if pairs[i][1] < pairs[i][0] {
			pairs[i][0], pairs[i][1] = pairs[i][1], pairs[i][0]
		}
	}
	slices.SortFunc(pairs, func(a, b [2]string) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	return slices.Compact(pairs)
}

// product goes through all choices of one genotype per variant, the last one
// fastest.
func product(options [][]genotype, visit func([]genotype)) {
	chosen := make([]genotype, len(options))
	var rec func(i int)
	rec = func(i int) {
		if i == len(options) {
			visit(chosen)
			return
		}
		for _, o := range options[i] {
			chosen[i] = o
			rec(i + 1)
		}
	}
	rec(0)
}

// plainMatch is match by trying everything, as DeepVariant does.
func plainMatch(g string, cands, truths []*variant.Variant, gt []variant.Genotype, start, end int) []genotype {
	zeros := func(gts []genotype) (n int) {
		for _, x := range gts {
			n += x.zeros()
		}
		return n
	}
	var original []genotype
	var truthOptions, candOptions [][]genotype
	for _, x := range gt {
		original = append(original, genotype{uint8(x.A), uint8(x.B)})
		truthOptions = append(truthOptions, options(x))
	}
	for _, v := range cands {
		candOptions = append(candOptions, genotypes(len(v.Alts)))
	}
	missed := map[[2]string]int{}
	product(truthOptions, func(gts []genotype) {
		for _, p := range plainPairs(g, truths, gts, start, end) {
			missed[p] = zeros(gts) - zeros(original)
		}
	})
	type found struct {
		score [4]int // missed, none, place of the haplotypes, place of the choice
		gts   []genotype
	}
	var all []found
	first := map[[2]string]int{}
	n := 0
	product(candOptions, func(gts []genotype) {
		n++
		for _, p := range plainPairs(g, cands, gts, start, end) {
			fn, ok := missed[p]
			if !ok {
				continue
			}
			if _, seen := first[p]; !seen {
				first[p] = n
			}
			fp := 0
			for _, x := range gts {
				fp += none(x)
			}
			all = append(all, found{[4]int{fn, fp, first[p], n}, slices.Clone(gts)})
		}
	})
	return slices.MinFunc(all, func(a, b found) int { return slices.Compare(a.score[:], b.score[:]) }).gts
}

// cluster makes records that lie in each other's way: candidates and truths in a
// short stretch of a repetitive genome, many of them spellings of each other.
func cluster(rng *rand.Rand) (g genome, cands, truths []*variant.Variant, gt []variant.Genotype) {
	letters := "ACGT"[:2+rng.IntN(3)]
	b := make([]byte, 60)
	for i := range b {
		b[i] = letters[rng.IntN(len(letters))]
		if i > 0 && rng.IntN(3) == 0 {
			b[i] = b[i-1]
		}
	}
	g = genome(b)
	random := func() *variant.Variant {
		start, n := 10+rng.IntN(14), 1
		if rng.IntN(3) == 0 {
			n = 1 + rng.IntN(4)
		}
		v := g.at(start, n)
		for range 1 + rng.IntN(5)/4 {
			alt := v.Ref[:1]
			switch rng.IntN(3) {
			case 0:
				alt = string(letters[rng.IntN(len(letters))]) + v.Ref[1:]
			case 1:
				alt += string(letters[rng.IntN(len(letters))]) + v.Ref[1:]
			}
			if alt != v.Ref && !slices.Contains(v.Alts, alt) {
				v.Alts = append(v.Alts, alt)
			}
		}
		if len(v.Alts) == 0 {
			v.Alts = []string{v.Ref + "T"}
		}
		return &v
	}
	for range 1 + rng.IntN(4) {
		cands = append(cands, random())
	}
	for range 1 + rng.IntN(3) {
		v := random()
		if rng.IntN(2) == 0 {
			copied := *cands[rng.IntN(len(cands))]
			v = &copied
		}
		truths = append(truths, v)
	}
	byStart := func(a, b *variant.Variant) int { return a.Start - b.Start }
	slices.SortStableFunc(cands, byStart)
	slices.SortStableFunc(truths, byStart)
	for _, v := range truths {
		a, b := rng.IntN(len(v.Alts)+1), 1+rng.IntN(len(v.Alts))
		gt = append(gt, variant.Genotype{A: a, B: b})
	}
	return g, cands, truths, gt
}

// TestMatchIsBruteForce: walking along the sequences finds what trying all
// combinations finds.
func TestMatchIsBruteForce(t *testing.T) {
	n := 1000
	if testing.Short() {
		n = 200
	}
	rng := rand.New(rand.NewPCG(8, 4))
	informative := 0
	for i := range n {
		g, cands, truths, gt := cluster(rng)
		want := plainMatch(string(g), cands, truths, gt, 5, 50)
		got, _, ok := match(cands, truths, gt, string(g[5:50]), 5)
		if !ok || !slices.Equal(got, want) {
			t.Fatalf("cluster %d: %v, %v, want %v\n%s\ncandidates %s\ntruths %s %v", i, got, ok, want, g, describe(cands), describe(truths), gt)
		}
		if slices.ContainsFunc(got, func(x genotype) bool { return x != ref }) {
			informative++
		}
	}
	if informative < n/2 {
		t.Errorf("only %d of %d clusters have a match with alternate alleles", informative, n)
	}
}

func describe(vs []*variant.Variant) string {
	var b strings.Builder
	for _, v := range vs {
		fmt.Fprintf(&b, " %d %s>%s", v.Start, v.Ref, strings.Join(v.Alts, ","))
	}
	return b.String()
}
