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
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/variant/locus"
)

// goldenPlan is how DeepVariant's golden examples were made.
func goldenPlan(t testing.TB, version image.Version) ExamplesPlan {
	o := DefaultCallOptions()
	o.Compat = map[image.Version]string{image.V15: "1.5", image.V19: "1.9"}[version]
	o.Regions = []string{"chr20:10,000,000-10,010,000"}
	return ExamplesPlan{
		Ref:     shared.Path(t, testdata+"input/ucsc.hg19.chr20.unittest.fasta.gz"),
		Reads:   []string{shared.Path(t, testdata+"input/NA12878_S1.chr20.10_10p1mb.bam")},
		Options: o, Image: image.Defaults(version),
	}
}

// labelled adds to a plan what the labelled golden examples were made with.
func labelled(t testing.TB, plan ExamplesPlan) ExamplesPlan {
	plan.Training.Truth = shared.Path(t, testdata+"input/test_nist.b37_chr20_100kbp_at_10mb.vcf.gz")
	plan.Training.Confident = shared.Path(t, testdata+"input/test_nist.b37_chr20_100kbp_at_10mb.bed")
	return plan
}

// tfRecords is the records of a file.
func tfRecords(t testing.TB, path string) []string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := tfrecord.NewReader(f, path)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for b, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(b))
	}
	return out
}

// TestExampleInfo: beside each file stands the shape of its examples.
func TestExampleInfo(t *testing.T) {
	dir := t.TempDir()
	plan := goldenPlan(t, image.V19)
	plan.Options.Regions = []string{"chr20:10,000,000-10,002,000"}
	plan.Out = filepath.Join(dir, "e@3.tfrecord.gz")
	if _, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan); err != nil {
		t.Fatal(err)
	}
	golden, err := os.ReadFile(shared.Path(t, testdata+"golden.calling_examples.tfrecord.gz"+example.InfoSuffix))
	if err != nil {
		t.Fatal(err)
	}
	want, err := example.ParseShapeInfo(golden)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		b, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("e-%05d-of-00003.tfrecord.gz%s", i, example.InfoSuffix)))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := example.ParseShapeInfo(b); err != nil || got.Shape != want.Shape || !slices.Equal(got.Channels, want.Channels) {
			t.Errorf("%s, %v, want as in %s", b, err, golden)
		}
	}
}

// TestLabelledSplitRegions: labelled examples, and those of proposed variants,
// are the same wherever regions are cut, even inside a cell.
func TestLabelledSplitRegions(t *testing.T) {
	for _, proposed := range []bool{false, true} {
		t.Run(fmt.Sprintf("proposed %v", proposed), func(t *testing.T) {
			dir := t.TempDir()
			plan := labelled(t, goldenPlan(t, image.V19))
			plan.Options.Compat, plan.Image = "", image.Defaults(image.Own)
			if proposed {
				plan.Proposed = plan.Training.Truth
			}
			examples := func(regions string) []string {
				plan.Options.Regions = []string{regions}
				plan.Out = filepath.Join(dir, "e.tfrecord")
				if _, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan); err != nil {
					t.Fatal(err)
				}
				return tfRecords(t, plan.Out)
			}
			start, cuts, least := 10_000_000, []int{10_002_000, 10_003_021, 10_004_500}, 20
			if testing.Short() {
				start, cuts, least = 10_004_000, cuts[2:], 5
			}
			whole := examples(fmt.Sprintf("chr20:%d-10,006,000", start))
			if len(whole) < least {
				t.Errorf("%d examples, want %d or more", len(whole), least)
			}
			for _, cut := range cuts {
				got := examples(fmt.Sprintf("chr20:%d-%d", start, cut))
				got = append(got, examples(fmt.Sprintf("chr20:%d-10,006,000", cut+1))...)
				if !slices.Equal(got, whole) {
					t.Errorf("cut at %d: %d examples, want the %d of one region", cut, len(got), len(whole))
				}
			}
		})
	}
}

// TestLabelersAgree: where the candidates are the records of the truth
// themselves, comparing haplotypes gives the genotypes that comparing positions
// gives.
func TestLabelersAgree(t *testing.T) {
	plan := labelled(t, goldenPlan(t, image.V19))
	plan.Options.Regions = []string{"chr20:10,000,000-10,030,000"}
	plan.Options.NoRealign = true
	if testing.Short() {
		plan.Options.Regions = []string{"chr20:10,000,000-10,005,000"}
	}
	plan.Proposed, plan.Training.Confident = plan.Training.Truth, ""
	examples := func(labeler string) []string {
		plan.Training.Labeler, plan.Out = labeler, filepath.Join(t.TempDir(), "e.tfrecord")
		if _, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan); err != nil {
			t.Fatal(err)
		}
		return tfRecords(t, plan.Out)
	}
	a, b := examples(HaplotypeLabeler), examples(PositionalLabeler)
	if len(a) < 10 || !slices.Equal(a, b) {
		t.Errorf("%d examples by haplotype, %d by position: they differ", len(a), len(b))
	}
}

// TestProposedCalling: the candidates are the records of the VCF, one by one,
// and blocks of reference cover all cells all the same.
func TestProposedCalling(t *testing.T) {
	plan := goldenPlan(t, image.V19)
	dir := t.TempDir()
	plan.Options.Regions = []string{"chr20:10,000,000-10,004,000"}
	plan.Proposed = shared.Path(t, testdata+"input/test_nist.b37_chr20_100kbp_at_10mb.vcf.gz")
	plan.Out, plan.Blocks = filepath.Join(dir, "e.tfrecord"), filepath.Join(dir, "b.tfrecord")
	if _, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan); err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, b := range tfRecords(t, plan.Out) {
		var e example.Example
		if err := e.Decode([]byte(b)); err != nil {
			t.Fatal(err)
		}
		v, err := example.DecodeVariant(e.Variant)
		if err != nil {
			t.Fatal(err)
		}
		if e.HasLabel || !slices.Equal(v.Calls[0].Genotype, []int{-1, -1}) {
			t.Errorf("%s is labelled", v.Place())
		}
		got = append(got, v.Place())
	}
	f, err := vcf.OpenIndexed(plan.Proposed)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for r, err := range f.Query(locus.Region{Contig: "chr20", Start: 9_999_999, End: 10_004_000}) {
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, fmt.Sprintf("%s:%d %s>%s", r.Contig, r.Pos+1, r.Ref, strings.Join(r.Alts, ",")))
	}
	if len(want) < 10 || !slices.Equal(got, want) {
		t.Errorf("%d examples %v\nwant %v", len(got), got, want)
	}
	covered := 0
	for _, b := range tfRecords(t, plan.Blocks) {
		v, err := example.DecodeVariant([]byte(b))
		if err != nil {
			t.Fatal(err)
		}
		covered += v.End - v.Start
	}
	if covered != 4001 {
		t.Errorf("blocks of %d bases, want 4,001", covered)
	}
}

// TestTrainingFaults: what is wrong with a truth is told before the work.
func TestTrainingFaults(t *testing.T) {
	for _, k := range []struct {
		name string
		edit func(*ExamplesPlan)
		want string
	}{
		{"labeler", func(p *ExamplesPlan) { p.Training.Labeler = "best" }, `labeler "best": want haplotype_labeler, positional_labeler or customized_classes_labeler`},
		{"classes without their labeler", func(p *ExamplesPlan) { p.Training.Classes = []string{"a", "b"} }, "classes are told by customized_classes_labeler only"},
		{"labeler without classes", func(p *ExamplesPlan) { p.Training.Labeler = ClassesLabeler }, "want at least two classes and the INFO field"},
		{"confident without truth", func(p *ExamplesPlan) { p.Training.Truth = "" }, "without a truth"},
		{"blocks", func(p *ExamplesPlan) { p.Blocks = "b" }, "reference blocks and positions of candidates are written without a truth only"},
		{"no file", func(p *ExamplesPlan) { p.Training.Truth = "none.vcf.gz" }, "none.vcf.gz"},
		{"no genotypes", func(p *ExamplesPlan) { p.Training.Truth = shared.Path(t, testdata+"input/cohort-chr20_100k.vcf.gz") }, "0 samples, none of them NA12878"},
		{"another contig", func(p *ExamplesPlan) { p.Training.Truth = shared.Path(t, testdata+"input/test_calls_from_vcf.vcf.gz") },
			"its header names none of the contigs of the regions, such as chr20"},
		{"an unknown class", func(p *ExamplesPlan) {
			p.Training.Labeler, p.Training.Classes, p.Training.ClassField = ClassesLabeler, []string{"a", "b"}, "type"
		}, `class "" of the truth, want one of a, b`},
	} {
		t.Run(k.name, func(t *testing.T) {
			plan := labelled(t, goldenPlan(t, image.V19))
			plan.Options.Regions = []string{"chr20:10,000,000-10,002,000"}
			plan.Out = filepath.Join(t.TempDir(), "e.tfrecord")
			k.edit(&plan)
			_, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: 1}, plan)
			if err == nil || !strings.Contains(err.Error(), k.want) {
				t.Errorf("%v, want a line with %q", err, k.want)
			}
			if _, err := os.Stat(plan.Out); err == nil {
				t.Error("there is an output")
			}
		})
	}
}

// TestExamplesSameBytes: threads change no byte, in gx's own mode either.
func TestExamplesSameBytes(t *testing.T) {
	var want map[string]string
	for _, threads := range []int{1, 2, 5} {
		dir := t.TempDir()
		plan := goldenPlan(t, image.V19)
		plan.Options.Compat = ""
		if testing.Short() {
			plan.Options.Regions = []string{"chr20:10,000,000-10,002,500"}
		}
		plan.Image = image.Defaults(image.Own)
		plan.Out, plan.Blocks = filepath.Join(dir, "e@2.tfrecord.gz"), filepath.Join(dir, "b@2.tfrecord.gz")
		if _, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: threads}, plan); err != nil {
			t.Fatal(err)
		}
		got := outputs(t, dir)
		if want == nil {
			want = got
		}
		sameOutputs(t, got, want)
	}
}
