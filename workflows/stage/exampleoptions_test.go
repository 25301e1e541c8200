package stage

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/variant/locus"
)

// runExamples runs a plan, its examples to one file, and gives them decoded with
// their variants.
func runExamples(t *testing.T, plan ExamplesPlan) (s *ExamplesSummary, all []example.Example, variants []*example.Variant) {
	t.Helper()
	plan.Out = filepath.Join(t.TempDir(), "e.tfrecord")
	s, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range tfRecords(t, plan.Out) {
		var e example.Example
		if err := e.Decode([]byte(b)); err != nil {
			t.Fatal(err)
		}
		v, err := example.DecodeVariant(e.Variant)
		if err != nil {
			t.Fatal(err)
		}
		all, variants = append(all, e), append(variants, v)
	}
	return s, all, variants
}

// TestSelectTypes: the numbers of candidates of each type in the golden region
// are those that DeepVariant's own tests have.
func TestSelectTypes(t *testing.T) {
	for types, want := range map[string]int{"": 78, "all": 78, "snps": 64, "indels": 11, "snps indels": 75, "multi-allelics": 3} {
		if testing.Short() && types != "multi-allelics" {
			continue
		}
		plan := goldenPlan(t, image.V19)
		plan.Options.Types = types
		if s, _, _ := runExamples(t, plan); s.Candidates != want {
			t.Errorf("%q: %d candidates, want %d", types, s.Candidates, want)
		}
	}
}

// TestCandidatePositions: partitions cut by the candidates of a sweep, in three
// files as in one, hold the same candidates as those of equal length; a
// partition has a line in the table of run times.
func TestCandidatePositions(t *testing.T) {
	dir := t.TempDir()
	plan := goldenPlan(t, image.V19)
	plan.Options.NoRealign, plan.Options.MaxReads = true, 0 // windows may lie otherwise in longer partitions
	_, want, _ := runExamples(t, plan)
	for _, n := range []string{"", "@3"} {
		sweep, cut := plan, plan
		sweep.Sweep = filepath.Join(dir, "p"+n)
		if _, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: 2}, sweep); err != nil {
			t.Fatal(err)
		}
		cut.Positions, cut.Runtimes = sweep.Sweep, filepath.Join(dir, "times.tsv")
		s, got, _ := runExamples(t, cut)
		if len(got) != len(want) {
			t.Errorf("%q: %d examples, want %d", n, len(got), len(want))
		}
		b, err := os.ReadFile(cut.Runtimes)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
		columns := strings.Split(lines[len(lines)-1], "\t")
		if len(lines) != 2 || len(columns) != 12 || columns[0] != "chr20:10000000-10010000" || columns[6] != fmt.Sprint(s.Candidates) || columns[7] != fmt.Sprint(len(got)) {
			t.Errorf("%q: the table is %q, want one partition of all candidates and examples", n, lines)
		}
	}
	plan.Options.Regions = []string{"chr20:10,000,000-10,005,000"}
	plan.Positions, plan.Out = filepath.Join(dir, "p"), filepath.Join(dir, "e")
	if _, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan); err == nil || !strings.Contains(err.Error(), "p: candidate positions") {
		t.Errorf("positions of other regions: %v", err)
	}
}

// TestPopulation: the channel of frequencies, and the message of a candidate,
// tell those of a VCF; an indel may be written otherwise there.
func TestPopulation(t *testing.T) {
	plan := goldenPlan(t, image.V19)
	plan.Options.Regions = []string{"chr20:10,001,000-10,002,000"}
	plan.Population = []string{filepath.Join(t.TempDir(), "known.vcf.gz")}
	plan.Image.Channels = append(image.Base(), image.AlleleFrequency)
	plan.Candidates = filepath.Join(t.TempDir(), "c.tfrecord")
	h := vcf.NewHeader("VCFv4.2")
	contigs, err := locus.NewContigs([]locus.Contig{{Name: "chr20", Length: 63025520}})
	if err == nil {
		err = h.AddContigs(contigs)
	}
	if err != nil {
		t.Fatal(err)
	}
	h.AddInfo("AF", "A", "Float", "Frequency")
	env := &Env{Store: object.Files{}, Threads: 1}
	err = putVCF(t.Context(), env, plan.Population[0], h, func(w *vcf.Writer) error {
		for _, x := range []struct {
			pos  int
			text string
		}{{10001019, "T\tA,G\t.\t.\tAF=0.5,0.01"}, {10001298, "T\tA\t.\t.\t."}, {10001436, "AA\tAAGGCTA\t.\t.\tAF=0.2"}} {
			line := fmt.Sprintf("chr20\t%d\t.\t%s\n", x.pos, x.text)
			if err := w.WriteLine("chr20", x.pos-1, x.pos, []byte(line)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	_, all, variants := runExamples(t, plan)
	colors := map[int]map[byte]bool{} // by position
	for i := range all {
		at := variants[i].Start + 1
		colors[at] = map[byte]bool{}
		for k := 6; k < len(all[i].Image); k += 7 {
			colors[at][all[i].Image[k]] = true
		}
	}
	// (5 + log10 f) / 5 x 254, cut
	for at, want := range map[int]byte{10001019: 152, 10001298: 0, 10001436: 218} {
		if got := colors[at]; want != 0 && (len(got) != 2 || !got[want] || !got[0]) || want == 0 && len(got) != 1 {
			t.Errorf("chr20:%d: colours %v, want %d", at, got, want)
		}
	}
	for _, b := range tfRecords(t, plan.Candidates) {
		c, err := example.DecodeCandidate([]byte(b))
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(c.Frequency)
		if want := map[int]string{10001019: "[{G 0.01} {T 0.49}]", 10001298: "[{A 0} {T 1}]"}[c.Variant.Start+1]; want != "" && got != want {
			t.Errorf("%s: %s, want %s", c.Variant.Place(), got, want)
		}
	}
}

// TestLabelOptions: labelled candidates are thinned by class, reference sites
// are labelled as such, and de novo variants are told.
func TestLabelOptions(t *testing.T) {
	plan := labelled(t, goldenPlan(t, image.Own))
	plan.Options.Regions = []string{"chr20:10,002,000-10,006,000"}
	whole, _, _ := runExamples(t, plan)
	if !slices.Equal(whole.Labels, []int{1, 6, 18}) {
		t.Fatalf("labels %v", whole.Labels)
	}
	t.Run("classes", func(t *testing.T) {
		plan := plan
		plan.Training.Keep = []float64{0, 1, 0.5}
		got, _, _ := runExamples(t, plan)
		if got.Labels[0] != 0 || got.Labels[1] != 6 || got.Labels[2] < 4 || got.Labels[2] > 14 {
			t.Errorf("labels %v, want 0, 6 and about 9", got.Labels)
		}
	})
	t.Run("reference sites", func(t *testing.T) {
		plan := plan
		plan.RefSites = 0.01
		got, _, variants := runExamples(t, plan)
		n := 0
		for _, v := range variants {
			if slices.Equal(v.Alts, []string{"."}) {
				n++
			}
		}
		if n < 15 || n > 65 || !slices.Equal(got.Labels, []int{1 + n, 6, 18}) {
			t.Errorf("%d reference sites of 4,000 positions, labels %v", n, got.Labels)
		}
	})
	t.Run("de novo", func(t *testing.T) {
		plan := plan
		plan.Training.Denovo = filepath.Join(t.TempDir(), "d.bed")
		if err := os.WriteFile(plan.Training.Denovo, []byte("chr20\t10003020\t10003021\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, all, variants := runExamples(t, plan)
		for i, e := range all {
			want := 0
			if variants[i].Start == 10003020 {
				want = 1
			}
			if !e.HasDenovo || e.Denovo != want {
				t.Errorf("%s: denovo %v %d, want %d", e.Locus, e.HasDenovo, e.Denovo, want)
			}
		}
	})
}

// TestDownsampling: fragments that take part are half of all, and which ones
// does not depend on threads; in a compatible mode the draws are those of one
// goroutine.
func TestDownsampling(t *testing.T) {
	for _, compat := range []string{"", "1.9"} {
		plan := goldenPlan(t, image.V19)
		plan.Options.Compat, plan.Options.Regions, plan.Options.Downsample = compat, []string{"chr20:10,000,000-10,004,000"}, 0.5
		depth := func(plan ExamplesPlan) (n int) {
			_, _, variants := runExamples(t, plan)
			for _, v := range variants {
				s, err := v.Site()
				if err != nil {
					t.Fatal(err)
				}
				n += s.Depth
			}
			return n / max(len(variants), 1)
		}
		half := depth(plan)
		plan.Options.Downsample = 0
		if whole := depth(plan); half < whole*2/5 || half > whole*3/5 {
			t.Errorf("compat %q: depth %d of %d, want half", compat, half, whole)
		}
	}
	plan := goldenPlan(t, image.V19)
	plan.Options.Downsample = 0.5
	plan.Reads = []string{shared.Path(t, testdata+"input/NA12878_S1.chr20.10_10p1mb.first_half.bam"), shared.Path(t, testdata+"input/NA12878_S1.chr20.10_10p1mb.second_half.bam")}
	plan.Out = filepath.Join(t.TempDir(), "e")
	if _, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan); err == nil || !strings.Contains(err.Error(), "want one file of reads") {
		t.Errorf("two files: %v", err)
	}
}

// TestGapsAreLeftOut: nothing is looked at where the reference has none.
func TestGapsAreLeftOut(t *testing.T) {
	plan := goldenPlan(t, image.V19)
	plan.Options.Regions, plan.Options.NoGaps = []string{"chr20:9,000,000-10,002,000"}, true
	bases := 0
	plan.Out = filepath.Join(t.TempDir(), "e")
	s, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: 2, Done: func(n int) { bases += n }}, plan)
	if err != nil {
		t.Fatal(err)
	}
	if s.Candidates < 10 || bases > 10_000 {
		t.Errorf("%d candidates in %d bases, want those of the last 2,000 or so", s.Candidates, bases)
	}
	plan.Options.Regions = []string{"chr20:1-1,000,000"}
	if _, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan); err == nil || !strings.Contains(err.Error(), "the reference has no bases there") {
		t.Errorf("only a gap: %v", err)
	}
}
