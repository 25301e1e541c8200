package simulate

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

// TestWindows puts windows of haplotypes together and compares them with the
// alleles written into the reference one by one; and follows the map to the
// reference and back.
func TestWindows(t *testing.T) {
	ref := testReference(t, "c", 30_000)
	o := DefaultTruth()
	o.SNP, o.Indel, o.MNP, o.Clusters, o.Duplications = 0.01, 0.01, 0.001, 0.001, 0.0005
	records, err := Truth(ref, o)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for h := range 2 {
		var want strings.Builder
		at := 0
		for i := range records {
			if a := records[i].allele(h); a > 0 {
				want.Write(ref.Bases[at:records[i].Start])
				want.WriteString(records[i].Alts[a-1])
				at = records[i].End
			}
		}
		want.Write(ref.Bases[at:])
		track := NewTrack(ref, records, h)
		var got strings.Builder
		for start := 0; start < len(ref.Bases); {
			end := min(len(ref.Bases), start+1+rng.IntN(400))
			w := track.Window(start, end+300*rng.IntN(2))
			checkMap(t, ref, w)
			got.Write(w.Bases[:w.At(end)])
			start = end
		}
		if got.String() != want.String() {
			t.Fatalf("haplotype %d: %d bases put together, want %d", h, got.Len(), want.Len())
		}
	}
}

// checkMap holds blocks and their lookups against each other.
func checkMap(t *testing.T, ref Sequence, w *Haplotype) {
	t.Helper()
	last := Block{}
	for i, b := range w.Blocks {
		if i > 0 && (b.Start < last.Start+last.N || b.Ref < last.Ref+last.N || b.Start == last.Start+last.N && b.Ref == last.Ref+last.N) {
			t.Fatalf("block %v behind %v", b, last)
		}
		last = b
		for k := 0; k < b.N; k += max(1, b.N/3) {
			if r, ok := w.Ref(b.Start + k); !ok || r != b.Ref+k {
				t.Fatalf("base %d stands at %d, %v, want %d", b.Start+k, r, ok, b.Ref+k)
			}
			if h := w.At(b.Ref + k); h != b.Start+k {
				t.Fatalf("reference %d is base %d, want %d", b.Ref+k, h, b.Start+k)
			}
		}
	}
	if _, ok := w.Ref(len(w.Bases)); ok {
		t.Error("a place behind the last base")
	}
}

func TestAdopt(t *testing.T) {
	//                        0123456789012345678901234567890
	ref := Sequence{"c", []byte("ACGTACGTTTTTACGATCGATCGGGCTANNACGT")}
	v := func(start int, r string, alts ...string) variant.Variant {
		return variant.Variant{Contig: "c", Start: start, End: start + len(r), Ref: r, Alts: alts}
	}
	gt := func(a, b int) variant.Genotype { return variant.Genotype{A: a, B: b} }
	for _, k := range []struct {
		name   string
		given  []Record
		kept   int
		reason string
	}{
		{"plain", []Record{{Variant: v(4, "A", "G"), GT: gt(0, 1)}}, 1, ""},
		{"order", []Record{{Variant: v(14, "G", "A"), GT: gt(1, 1)}, {Variant: v(4, "A", "G"), GT: gt(1, 1)}}, 2, ""},
		{"unused symbolic allele", []Record{{Variant: v(4, "A", "<*>", "G"), GT: gt(0, 2)}}, 1, ""},
		{"called symbolic allele", []Record{{Variant: v(4, "A", "<DEL>"), GT: gt(0, 1)}}, 0, "not made of bases"},
		{"reference", []Record{{Variant: v(4, "A", "G"), GT: gt(0, 0)}}, 0, "no alternate allele"},
		{"no-call", []Record{{Variant: v(4, "A", "G"), GT: variant.NoCall}}, 0, "no call"},
		{"half call", []Record{{Variant: v(4, "A", "G"), GT: gt(variant.Missing, 1)}}, 0, "no call"},
		{"another reference", []Record{{Variant: v(4, "C", "G"), GT: gt(1, 1)}}, 0, "the reference has A"},
		{"allele out of range", []Record{{Variant: v(4, "A", "G"), GT: gt(0, 2)}}, 0, "not there"},
		{"overlap on both", []Record{{Variant: v(4, "ACG", "A"), GT: gt(1, 1)}, {Variant: v(5, "C", "T"), GT: gt(1, 1)}}, 1, "overlaps"},
		{"overlap on either", []Record{{Variant: v(4, "ACG", "A"), GT: variant.Genotype{A: 1, B: 0, Phased: true}}, {Variant: v(5, "C", "T"), GT: variant.Genotype{A: 0, B: 1, Phased: true}}}, 2, ""},
		{"beyond the end", []Record{{Variant: v(33, "TT", "A"), GT: gt(1, 1)}}, 0, "within the 34"},
		{"haploid", []Record{{Variant: v(4, "A", "G"), GT: gt(1, 0), Ploidy: 1}}, 1, ""},
		{"no copy", []Record{{Variant: v(20, "T", "G"), GT: gt(1, 1)}}, 0, "no copy"},
	} {
		t.Run(k.name, func(t *testing.T) {
			absent := locus.NewSet(locus.Region{Contig: "c", Start: 20, End: 21})
			kept, dropped := Adopt(ref, k.given, 1, nil, absent)
			if len(kept) != k.kept || len(kept)+len(dropped) != len(k.given) {
				t.Fatalf("kept %v, dropped %v", kept, dropped)
			}
			if err := Check(ref, kept); err != nil {
				t.Error(err)
			}
			if k.reason != "" && !strings.Contains(dropped[0].Reason, k.reason) {
				t.Errorf("dropped because %q, want %q", dropped[0].Reason, k.reason)
			}
			for _, r := range kept {
				if !r.GT.Phased || r.Class != "given" || max(r.GT.A, r.GT.B) > len(r.Alts) {
					t.Errorf("%+v", r)
				}
			}
		})
	}
	// Unphased ones fall on either haplotype.
	first := 0
	for start := range 200 {
		kept, _ := Adopt(Sequence{"c", []byte(strings.Repeat("A", 300))}, []Record{{Variant: v(start, "A", "G"), GT: gt(0, 1)}}, 7, nil, nil)
		first += kept[0].GT.A
	}
	if first < 60 || first > 140 {
		t.Errorf("%d of 200 on the first haplotype", first)
	}
}

func TestCheckRefuses(t *testing.T) {
	ref := Sequence{"c", []byte("ACGTACGTACGT")}
	good := Record{Variant: variant.Variant{Contig: "c", Start: 4, End: 5, Ref: "A", Alts: []string{"G"}}, GT: variant.Genotype{A: 1, B: 0}, Ploidy: 2}
	if err := Check(ref, []Record{good}); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Record){
		"contig":   func(r *Record) { r.Contig = "d" },
		"end":      func(r *Record) { r.End = 9 },
		"start":    func(r *Record) { r.Start, r.End = -1, 0 },
		"bases":    func(r *Record) { r.Ref = "C" },
		"genotype": func(r *Record) { r.GT.A = 2 },
		"ploidy":   func(r *Record) { r.Ploidy = 3 },
		"allele":   func(r *Record) { r.Alts = []string{"<DEL>"} },
		"empty":    func(r *Record) { r.Alts = []string{""} },
	} {
		bad := good
		change(&bad)
		if err := Check(ref, []Record{bad}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	later := good
	later.Start, later.End, later.Ref = 8, 9, "A"
	if err := Check(ref, []Record{later, good}); err == nil {
		t.Error("out of order: no error")
	}
	if err := Check(ref, []Record{good, good}); err == nil {
		t.Error("twice on one haplotype: no error")
	}
}

func TestKaryotype(t *testing.T) {
	contigs := []locus.Contig{{Name: "chr1", Length: 1000}, {Name: "chrX", Length: 156_040_895}, {Name: "chrY", Length: 57_227_415}, {Name: "chrM", Length: 16_569}}
	haploid, absent := Karyotype(contigs, true)
	for _, k := range []struct {
		contig    string
		pos       int
		one, none bool
	}{
		{"chr1", 5, false, false}, {"chrX", 9_999, true, false}, {"chrX", 10_000, false, false}, {"chrX", 2_781_479, true, false}, {"chrX", 155_701_382, false, false},
		{"chrY", 10_000, false, true}, {"chrY", 2_781_479, true, false}, {"chrY", 57_217_414, false, true}, {"chrM", 100, true, false},
	} {
		if haploid.Contains(k.contig, k.pos) != k.one || absent.Contains(k.contig, k.pos) != k.none {
			t.Errorf("male %s:%d: one copy %v, none %v", k.contig, k.pos+1, haploid.Contains(k.contig, k.pos), absent.Contains(k.contig, k.pos))
		}
	}
	haploid, absent = Karyotype(contigs, false)
	if haploid.Contains("chrX", 50_000_000) || !absent.Contains("chrY", 5_000_000) || !haploid.Contains("chrM", 1) {
		t.Error("female")
	}
	haploid, _ = Karyotype([]locus.Contig{{Name: "X", Length: 5000}}, true)
	if !haploid.Contains("X", 10) {
		t.Error("X of another reference: want one copy")
	}
}
