package genotype

import (
	"iter"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/gwas/dosage"
	"github.com/gx-genomics/gx/internal/shared"
)

// cohort makes rows that a PGEN keeps in every way it knows: rare, common,
// nearly all missing, like the row before and like its reverse, with dosages.
func cohort(seed uint64, samples, variants int, dosages bool) (people []Sample, b *dosage.Block) {
	rng := rand.New(rand.NewPCG(seed, 1))
	for i := range samples {
		s := Sample{FID: "F" + itoa(i/3), IID: "i" + itoa(i), Father: "0", Mother: "0", Sex: Sex(i % 3)}
		if i%5 == 4 {
			s.Father = "i" + itoa(i-1)
		}
		people = append(people, s)
	}
	b = new(dosage.Block)
	b.Reset(0, samples)
	for v := range variants {
		name := dosage.Variant{Chrom: itoa(1 + v/100), Start: 100 * v, ID: "rs" + itoa(v), Ref: "A", Alt: "CT", Allele: 1, Alts: 1}
		freq := []float64{0.001, 0.02, 0.3, 0.5, 0.9, 0.999, 0.2}[v%7]
		gap := []float64{0, 0.01, 0.99}[v%3]
		if dosages && v%2 == 1 {
			r := b.AddUnits(name, dosage.Scale)
			share := []float64{0.05, 0.9}[v/2%2]
			for i := range r.Units {
				r.Units[i] = dosage.Scale * uint16(draw(rng, freq))
				if rng.Float64() < share {
					r.Units[i] = uint16(rng.IntN(2*dosage.Scale + 1))
				}
				if rng.Float64() < gap {
					r.Units[i] = dosage.Missing
				}
			}
			r.Count(samples, 0)
			continue
		}
		r := b.AddCalls(name)
		clear(r.Calls)
		for i := range samples {
			c := uint64(draw(rng, freq))
			if rng.Float64() < gap {
				c = dosage.Absent
			}
			if v%4 > 1 && v > 0 && b.Rows[v-1].Hard() && rng.Float64() > 0.02 { // as before, or its reverse
				c = uint64(b.Rows[v-1].Call(i))
				if v%4 == 3 && c != dosage.Absent {
					c = 2 - c
				}
			}
			r.Calls[i/dosage.WordSamples] |= c << (2 * (i % dosage.WordSamples))
		}
		r.Count(samples, 0)
	}
	return people, b
}

func draw(rng *rand.Rand, freq float64) int {
	n := 0
	for range 2 {
		if rng.Float64() < freq {
			n++
		}
	}
	return n
}

func itoa(n int) string {
	const digits = "0123456789"
	if n < 10 {
		return digits[n : n+1]
	}
	return itoa(n/10) + digits[n%10:n%10+1]
}

// one is a source of one block.
func one(b *dosage.Block) iter.Seq2[*dosage.Block, error] {
	return func(yield func(*dosage.Block, error) bool) { yield(b, nil) }
}

func TestRoundTrip(t *testing.T) {
	seen := map[byte]bool{} // ways to store a main track, and dosages
	for _, c := range []struct {
		name              string
		samples, variants int
		dosages           bool
		suffix            string
	}{
		{"one sample", 1, 20, false, ".pgen"},
		{"a word", 32, 100, false, ".pgen"},
		{"ids of a byte", 256, 200, true, ".pgen"},
		{"ids of two bytes", 1001, 200, true, ".pgen"},
		{"ids of three bytes", 66001, 30, true, ".pgen"},
		{"bed", 1001, 200, false, ".bed"},
		{"bed of one sample", 1, 20, false, ".bed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if testing.Short() && c.samples > 5000 {
				c.variants = 15
			}
			people, b := cohort(uint64(c.samples), c.samples, c.variants, c.dosages)
			path := filepath.Join(t.TempDir(), "out"+c.suffix)
			n, err := Write(t.Context(), path, people, one(b), WriteOptions{})
			if err != nil || n != c.variants {
				t.Fatalf("%d rows, %v; want %d", n, err, c.variants)
			}
			got, f := rows(t, path, Options{})
			same(t, got, b.Rows, 0)
			for i, s := range f.Samples() {
				if s != people[i] {
					t.Fatalf("sample %d is %+v, want %+v", i, s, people[i])
				}
			}
			if g, ok := f.format.(*pgen); ok {
				var blk block
				if err := g.load(&blk, 0); err != nil {
					t.Fatal(err)
				}
				for _, k := range blk.kinds {
					seen[k&7] = true
					if k>>5 != 0 {
						seen[k&0x60] = true
					}
				}
			}
		})
	}
	for _, want := range []byte{0, 1, 2, 3, 4, 6, 7, 0x20, 0x60} {
		if !seen[want] {
			t.Errorf("no record of type %#x was written", want)
		}
	}
}

// TestConvertRealFiles writes what was read of plink2's files, and reads it again.
func TestConvertRealFiles(t *testing.T) {
	for _, name := range []string{"gwas/formats/hardcall.pgen", "gwas/formats/dosage.pgen", "gwas/regenie-example/example.bed"} {
		want, f := rows(t, shared.Path(t, name), Options{})
		path := filepath.Join(t.TempDir(), "again.pgen")
		if _, err := Write(t.Context(), path, f.Samples(), f.Blocks(t.Context(), 0, -1, 37), WriteOptions{}); err != nil {
			t.Fatal(err)
		}
		got, _ := rows(t, path, Options{})
		for i := range want { // records of several alleles were split
			want[i].Allele, want[i].Alts = 1, 1
		}
		same(t, got, want, 0)
	}
}

func TestWriteRefusesWhatATableCannotHold(t *testing.T) {
	people, b := cohort(1, 40, 3, false)
	for _, c := range []struct {
		name, want string
		change     func()
	}{
		{"blank in a sample", `sample 2 is named "F0" "a b"`, func() { people[1].IID = "a b" }},
		{"no name", "sample 2", func() { people[1].IID = "" }},
		{"like a header", "sample 2", func() { people[1].FID = "#FID" }},
		{"blank in a variant", "variant 3 is", func() { b.Rows[2].ID = "a\tb" }},
		{"no allele", "variant 1 is", func() { b.Rows[0].Alt = "" }},
		{"no variants", "no variants", func() { b.Rows = nil }},
		{"other samples", "rows of 39 samples, want 40", func() { b.Samples = 39 }},
		{"no samples", "no samples", func() { people = nil }},
	} {
		t.Run(c.name, func(t *testing.T) {
			people, b = cohort(1, 40, 3, false)
			c.change()
			m := memory{}
			_, err := Write(t.Context(), "x.pgen", people, one(b), WriteOptions{Store: m})
			if err == nil || !strings.Contains(err.Error(), c.want) || len(m) != 0 {
				t.Errorf("error is %v, %d files written, want %q and none", err, len(m), c.want)
			}
		})
	}
	people, b = cohort(1, 40, 3, false)
	if _, err := Write(t.Context(), "x.ped", people, one(b), WriteOptions{}); err == nil || !strings.Contains(err.Error(), "want .bed or .pgen") {
		t.Errorf("error is %v", err)
	}
}
