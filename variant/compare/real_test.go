package compare

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/bed"
	"github.com/gx-genomics/gx/io/fasta"
	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// realWindow is a truth set with its reference and its confident regions.
type realWindow struct {
	name, ref, truth, confident string
	contig                      string // as the reference has it, where the VCF has none of chr
}

var realWindows = []realWindow{
	{"NA12878", "deepvariant/testdata/input/ucsc.hg19.chr20.unittest.fasta.gz", "deepvariant/testdata/input/test_nist.b37_chr20_100kbp_at_10mb.vcf.gz",
		"deepvariant/testdata/input/ref_class1_class2.chr20_100kbp_at_10mb.bed", "chr20"},
	{"HG002", "reference/GRCh37.chr20.windows.fa.gz", "reads/HG002-hiseqx-20-20.16/truth.vcf.gz", "reads/HG002-hiseqx-20-20.16/truth.bed", "20"},
}

func (w realWindow) load(t *testing.T) (in Input, truth []Record) {
	t.Helper()
	ref, err := fasta.Open(shared.Path(t, w.ref), fasta.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ref.Close() })
	in = Input{Reference: ref, Contigs: ref.Contigs()}
	intervals, err := bed.Read(shared.Path(t, w.confident), bed.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var regions []locus.Region
	for _, x := range intervals {
		x.Contig = w.contig
		regions = append(regions, x.Region)
	}
	in.Confident = locus.NewSet(regions...)
	r, err := vcf.Open(shared.Path(t, w.truth))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for rec, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		gt, err := rec.Genotype(0)
		if err != nil {
			t.Fatal(err)
		}
		v := rec.Clone().Variant()
		v.Contig = w.contig
		truth = append(truth, Record{Variant: v, GT: gt, Ploidy: 2, GQ: 50, Filtered: !rec.Passed()})
	}
	return in, truth
}

// inside counts the records of the truth whose changed bases all lie in the
// regions, in the plainest way.
func inside(list []Record, set *locus.Set) int {
	n := 0
	for _, r := range list {
		from, to := r.End, r.Start
		for _, g := range []int{r.GT.A, r.GT.B} {
			if g <= 0 || strings.ContainsAny(r.Alts[g-1], "<*") {
				continue
			}
			a := trimAllele(r.Start, r.Ref, r.Alts[g-1])
			from, to = min(from, a.start), max(to, a.end)
		}
		if from == to {
			from, to = from-1, to+1
		}
		all := from < to
		for p := from; p < to; p++ {
			all = all && set.Contains(r.Contig, p)
		}
		if all {
			n++
		}
	}
	return n
}

// TestRealWindows compares real truth sets with themselves, spelled otherwise,
// and with calls that err at random: TP and FN are all of the truth in the
// regions, and isolated SNPs are right where position, alleles and genotype are
// equal, as bcftools isec has it.
func TestRealWindows(t *testing.T) {
	for _, w := range realWindows {
		t.Run(w.name, func(t *testing.T) {
			in, truth := w.load(t)
			want := inside(truth, in.Confident)
			if want < 100 {
				t.Fatalf("%d records in the regions: too few to say anything", want)
			}
			rng := rand.New(rand.NewPCG(3, 3))
			noisy := erring(rng, truth)
			in.Truth = stream(truth)
			in.Queries = []Query{{"itself", stream(truth)}, {"split", stream(split(truth))}, {"noisy", stream(noisy)}}
			var places []Against
			results, err := Run(t.Context(), in, 2, func(p *Place) error {
				places = append(places, p.Queries[2])
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for i, r := range results {
				var c Counts
				for ty := range types {
					c.add(&r.Counts[ty][All])
				}
				if c.TP+c.FN != want || c.Truth != want {
					t.Errorf("%s: TP %d + FN %d, want the %d of the truth", r.Name, c.TP, c.FN, want)
				}
				if i < 2 && (c.FN != 0 || c.FP != 0) {
					t.Errorf("%s: %d missed, %d false", r.Name, c.FN, c.FP)
				}
				if r.Dense > 0 {
					t.Errorf("%s: %d places too dense", r.Name, r.Dense)
				}
			}
			checkIsolated(t, truth, noisy, places)
		})
	}
}

// split gives each alternate allele a record of its own.
func split(list []Record) []Record {
	var out []Record
	for _, r := range list {
		if len(r.Alts) < 2 {
			out = append(out, r)
			continue
		}
		for i := range r.Alts {
			x := r
			x.Alts = r.Alts[i : i+1]
			one := func(g int) int {
				if g == i+1 {
					return 1
				}
				return 0
			}
			if x.GT = (variant.Genotype{A: one(r.GT.A), B: one(r.GT.B)}); x.GT.A+x.GT.B > 0 {
				out = append(out, x)
			}
		}
	}
	return out
}

// erring leaves out, changes the genotype, or changes the base of some records.
func erring(r *rand.Rand, list []Record) []Record {
	var out []Record
	for _, x := range list {
		switch r.IntN(10) {
		case 0:
			continue
		case 1:
			if x.GT.A == x.GT.B {
				x.GT.A = 0
			} else {
				x.GT.A = x.GT.B
			}
		case 2:
			if len(x.Ref) == 1 && len(x.Alts) == 1 && len(x.Alts[0]) == 1 {
				i := strings.Index("ACGT", x.Alts[0])
				for k := 1; ; k++ {
					if b := "ACGT"[(i+k)%4 : (i+k)%4+1]; b != x.Ref {
						x.Alts = []string{b}
						break
					}
				}
			}
		}
		out = append(out, x)
	}
	return out
}

// checkIsolated holds SNPs that no other record of either set is near against
// plain equality.
func checkIsolated(t *testing.T, truth, query []Record, places []Against) {
	t.Helper()
	var starts []int
	for _, r := range slices.Concat(truth, query) {
		starts = append(starts, r.Start)
	}
	slices.Sort(starts)
	starts = slices.Compact(starts)
	isolated := func(r *Judged) bool {
		i, _ := slices.BinarySearch(starts, r.Start)
		return (i == 0 || starts[i-1] < r.Start-60) && (i+1 == len(starts) || starts[i+1] > r.Start+60) && len(r.Ref) == 1 && len(r.Alts[0]) == 1
	}
	checked := 0
	for _, p := range places {
		for i := range p.Truth {
			x := &p.Truth[i]
			if !isolated(x) {
				continue
			}
			checked++
			k := slices.IndexFunc(query, func(q Record) bool {
				return q.Start == x.Start && slices.Equal(q.Alts, x.Alts) && min(q.GT.A, q.GT.B) == min(x.GT.A, x.GT.B) && max(q.GT.A, q.GT.B) == max(x.GT.A, x.GT.B)
			})
			if (k >= 0) != (x.Match == GenotypeMatch) {
				t.Errorf("%d %s>%v: equal record %v, but match %v", x.Start+1, x.Ref, x.Alts, k >= 0, x.Match)
			}
		}
	}
	if checked < 50 {
		t.Errorf("only %d isolated SNPs", checked)
	}
}
