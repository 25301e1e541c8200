package simulate

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/locus"
)

func testReference(t testing.TB, name string, length int) Sequence {
	t.Helper()
	o := DefaultReference()
	o.Contigs = []locus.Contig{{Name: "other", Length: 500}, {Name: name, Length: length}}
	ref, err := Reference(o, 1)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func TestReference(t *testing.T) {
	const n = 400_000
	ref := testReference(t, "chr1", n)
	if len(ref.Bases) != n || !known(ref.Bases) {
		t.Fatalf("%d bases, all known %v", len(ref.Bases), known(ref.Bases))
	}
	if again := testGenome(t, "chr1", n); !bytes.Equal(again[0].Bases, ref.Bases) {
		t.Error("the same contig beside other ones has other bases")
	}
	if other := testReference(t, "chr2", n); bytes.Equal(other.Bases[:1000], ref.Bases[:1000]) {
		t.Error("two contigs have the same bases")
	}
	var count [4]float64
	pairs := 0.0
	for i, b := range ref.Bases {
		count[codes[b]]++
		if i > 0 && b == 'G' && ref.Bases[i-1] == 'C' {
			pairs++
		}
	}
	if gc := (count[1] + count[2]) / n; math.Abs(gc-0.41) > 0.03 {
		t.Errorf("GC share %.3f, want 0.41", gc)
	}
	if share := pairs / (count[1] * count[2] / n); share < 0.2 || share > 0.4 {
		t.Errorf("CpG are %.2f of what chance gives, want about 0.25", share)
	}
	runs, repeats := 0, 0
	for _, x := range tracts(ref.Bases) {
		if x.unit == 1 && x.copies() >= 10 {
			runs++
		}
		if x.unit == 2 && x.copies() >= 8 {
			repeats++
		}
	}
	if runs < n/20_000 || repeats < n/40_000 {
		t.Errorf("%d long runs and %d repeats of two bases", runs, repeats)
	}
}

func TestReferenceRefuses(t *testing.T) {
	o := DefaultReference()
	if _, err := Reference(o, 0); err == nil {
		t.Error("no contigs: no error")
	}
	o.Contigs = []locus.Contig{{Name: "c", Length: 10}}
	o.GC, o.Runs = 0.95, 1
	if _, err := Reference(o, 0); err == nil || !strings.Contains(err.Error(), "GC share") || !strings.Contains(err.Error(), "runs") {
		t.Errorf("got %v, want both faults", err)
	}
	if _, err := Reference(DefaultReferenceOf("c", 10), 1); err == nil {
		t.Error("contig 1 of 1: no error")
	}
}

// DefaultReferenceOf is the default options for one contig.
func DefaultReferenceOf(name string, length int) ReferenceOptions {
	o := DefaultReference()
	o.Contigs = []locus.Contig{{Name: name, Length: length}}
	return o
}

func TestTracts(t *testing.T) {
	for _, k := range []struct {
		seq  string
		want []tract
	}{
		{"ACGTAAAACGT", []tract{{4, 8, 1}}},
		{"AAAA", []tract{{0, 4, 1}}},
		{"GACACACACG", []tract{{1, 9, 2}}},
		{"TACGACGACGACGT", []tract{{1, 13, 3}}},
		{"ACGTACGTACGT", []tract{{0, 12, 4}}},
		{"NNNNNNNNAAAAN", []tract{{8, 12, 1}}},
		{"ACACAC", nil},
		{"", nil},
	} {
		if got := tracts([]byte(k.seq)); !reflect.DeepEqual(got, k.want) {
			t.Errorf("%s: %v, want %v", k.seq, got, k.want)
		}
	}
}

func TestTruth(t *testing.T) {
	n := 2_000_000
	if testing.Short() {
		n = 500_000
	}
	ref := testReference(t, "chr1", n)
	o := DefaultTruth()
	records, err := Truth(ref, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(ref, records); err != nil {
		t.Fatal(err)
	}
	if again, _ := Truth(ref, o); !reflect.DeepEqual(records, again) {
		t.Error("drawn again it differs")
	}
	classes := map[string]int{}
	transitions, transversions, inCpG, homozygous, singles, multi := 0, 0, 0, 0, 0, 0
	for i := range records {
		r := &records[i]
		classes[r.Class]++
		if i > 0 && r.Start <= records[i-1].End {
			t.Fatalf("%v touches the one before", r.Variant)
		}
		if len(r.Alts) == 1 {
			checkAligned(t, ref.Bases, r)
		} else {
			multi++
		}
		if r.Class != "snp" || len(r.Alts) > 1 {
			continue
		}
		singles++
		if codes[r.Ref[0]]^2 == codes[r.Alts[0][0]] {
			transitions++
		} else {
			transversions++
		}
		if cpg(ref.Bases, r.Start) {
			inCpG++
		}
		if r.GT.A == r.GT.B {
			homozygous++
		}
	}
	within := func(name string, got int, want, slack float64) {
		t.Helper()
		if sd := math.Sqrt(want); math.Abs(float64(got)-want) > 4*sd+slack*want {
			t.Errorf("%s: %d, want %.0f", name, got, want)
		}
	}
	within("SNPs", classes["snp"], o.SNP*float64(n), 0.02)
	within("indels", classes["insertion"]+classes["deletion"], o.Indel*float64(n), 0.03)
	within("MNPs", classes["mnp"], o.MNP*float64(n), 0.03)
	within("duplications", classes["duplication"], o.Duplications*float64(n), 0.05)
	within("homozygous SNPs", homozygous, o.Homozygous*float64(singles), 0)
	if ratio := float64(transitions) / float64(transversions); ratio < 1.9 || ratio > 2.8 {
		t.Errorf("Ti/Tv %.2f", ratio)
	}
	if share := float64(inCpG) / float64(singles); share < 0.1 || share > 0.35 {
		t.Errorf("%.2f of the SNPs lie in CpG", share)
	}
	for class, least := range map[string]float64{"run": 2e-5, "repeat": 1e-5, "cluster": 4e-5} {
		if float64(classes[class]) < least*float64(n) {
			t.Errorf("only %d of class %s", classes[class], class)
		}
	}
	if float64(multi) < 5e-6*float64(n) {
		t.Errorf("only %d with two alternate alleles", multi)
	}
}

// checkAligned says whether an indel could be spelled one base further left.
func checkAligned(t *testing.T, seq []byte, r *Record) {
	t.Helper()
	ref, alt := r.Ref, r.Alts[0]
	if len(ref) == len(alt) {
		return
	}
	if ref[0] != alt[0] || len(ref) > 1 && len(alt) > 1 {
		t.Errorf("%d %s>%s: want one shared base in front and nothing else", r.Start+1, ref, alt)
	}
	if ref[len(ref)-1] == alt[len(alt)-1] && r.Start > edge {
		t.Errorf("%d %s>%s could stand further left", r.Start+1, ref, alt)
	}
}

func TestTruthOfOneCopyAndNone(t *testing.T) {
	ref := testReference(t, "X", 300_000)
	o := DefaultTruth()
	o.SNP, o.Multiallelic = 1.0/200, 0.2
	o.Haploid = locus.NewSet(locus.Region{Contig: "X", Start: 100_000, End: 200_000})
	o.Absent = locus.NewSet(locus.Region{Contig: "X", Start: 250_000, End: 300_000})
	records, err := Truth(ref, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(ref, records); err != nil {
		t.Fatal(err)
	}
	one, two := 0, 0
	for _, r := range records {
		in := r.Start >= 100_000 && r.End <= 200_000
		switch {
		case r.End > 250_000:
			t.Fatalf("%v where the sample has no copy", r.Variant)
		case r.Ploidy == 1:
			one++
			if !in && (r.End <= 100_000 || r.Start >= 200_000) || r.GT.A != 1 || r.GT.B != variant.Missing || len(r.Alts) != 1 {
				t.Fatalf("%+v", r)
			}
		case in:
			t.Fatalf("%+v: two copies where the sample has one", r)
		default:
			two++
		}
	}
	if one < 300 || two < 400 {
		t.Errorf("%d records of one copy, %d of two", one, two)
	}
}

func TestTruthRefuses(t *testing.T) {
	o := DefaultTruth()
	o.SNP, o.MaxIndel = 2, 0
	if _, err := Truth(Sequence{Name: "c", Bases: []byte("ACGT")}, o); err == nil || !strings.Contains(err.Error(), "SNP rate") || !strings.Contains(err.Error(), "longest indel") {
		t.Errorf("got %v, want both faults", err)
	}
	if _, err := Truth(Sequence{Bases: []byte("ACGT")}, DefaultTruth()); err == nil {
		t.Error("no name: no error")
	}
	for _, length := range []int{0, 10, 119, 121, 200} {
		if records, err := Truth(Sequence{Name: "c", Bases: bytes.Repeat([]byte("A"), length)}, DefaultTruth()); err != nil {
			t.Errorf("%d bases: %v, %v", length, records, err)
		}
	}
}
