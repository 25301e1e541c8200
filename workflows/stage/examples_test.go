package stage

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/pileup/image"
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

// tfRecords is the records of a file.
func tfRecords(t testing.TB, path string) [][]byte {
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
	var out [][]byte
	for b, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, bytes.Clone(b))
	}
	return out
}

// sameRecords compares two files record by record, decoded.
func sameRecords[T any](t *testing.T, got, want string, decode func([]byte) (T, error)) {
	t.Helper()
	a, b := tfRecords(t, got), tfRecords(t, want)
	if len(a) != len(b) || len(b) == 0 {
		t.Fatalf("%s: %d records, want %d", filepath.Base(want), len(a), len(b))
	}
	for i := range b {
		x, errX := decode(a[i])
		y, errY := decode(b[i])
		if errX != nil || errY != nil || !reflect.DeepEqual(x, y) {
			t.Fatalf("%s: record %d differs: %v %v\n got %.600v\nwant %.600v", filepath.Base(want), i, errX, errY, fmt.Sprint(x), fmt.Sprint(y))
		}
	}
}

func decodeExample(b []byte) (out struct {
	Example example.Example
	Variant *example.Variant
}, err error) {
	if err = out.Example.Decode(b); err != nil {
		return out, err
	}
	out.Variant, err = example.DecodeVariant(out.Example.Variant)
	out.Example.Variant = nil
	return out, err
}

// TestGoldenExamples: the files of gx examples are DeepVariant's own, record
// for record.
func TestGoldenExamples(t *testing.T) {
	for _, k := range []struct {
		folder  string
		version image.Version
	}{{"testdata", image.V19}, {"testdata_v1.5", image.V15}} {
		t.Run(k.folder, func(t *testing.T) {
			dir := t.TempDir()
			golden := func(name string) string { return shared.Path(t, "deepvariant/"+k.folder+"/"+name) }
			plan := goldenPlan(t, k.version)
			plan.Out, plan.Blocks = filepath.Join(dir, "e.tfrecord.gz"), filepath.Join(dir, "b.tfrecord.gz")
			env := &Env{Store: object.Files{}, Threads: 2}
			s, err := Examples(t.Context(), env, plan)
			if err != nil {
				t.Fatal(err)
			}
			t.Log(s)
			sameRecords(t, plan.Out, golden("golden.calling_examples.tfrecord.gz"), decodeExample)
			sameRecords(t, plan.Blocks, golden("golden.postprocess_gvcf_input.tfrecord.gz"), example.DecodeVariant)

			sweep := goldenPlan(t, k.version)
			sweep.Sweep = filepath.Join(dir, "positions@3")
			if _, err := Examples(t.Context(), env, sweep); err != nil {
				t.Fatal(err)
			}
			for i := range 3 {
				got, errA := os.ReadFile(filepath.Join(dir, fmt.Sprintf("positions-%05d-of-00003", i)))
				want, errB := os.ReadFile(golden(fmt.Sprintf("golden.candidate_positions-%05d-of-00003", i)))
				if errA != nil || errB != nil || !bytes.Equal(got, want) {
					t.Errorf("candidate positions %d of 3: %d bytes, want %d; %v %v", i, len(got), len(want), errA, errB)
				}
			}
		})
	}
}

// TestGoldenShards: three shards hold what DeepVariant's tasks 0, 1 and 2 wrote.
func TestGoldenShards(t *testing.T) {
	dir := t.TempDir()
	plan := goldenPlan(t, image.V19)
	plan.Out = filepath.Join(dir, "e@3.tfrecord.gz")
	plan.Candidates = filepath.Join(dir, "c@3.tfrecord.gz")
	s, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan)
	if err != nil || s.Examples != 84 || s.Candidates != 78 {
		t.Fatalf("%v, %v", s, err)
	}
	for i := range 3 {
		sameRecords(t, filepath.Join(dir, fmt.Sprintf("e-%05d-of-00003.tfrecord.gz", i)),
			shared.Path(t, fmt.Sprintf("deepvariant/testdata/golden.calling_examples.tfrecord.gz-%05d-of-00003", i)), decodeExample)
		info, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("e-%05d-of-00003.tfrecord.gz%s", i, example.InfoSuffix)))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := example.ParseShapeInfo(info); err != nil || got.Shape != [3]int{100, 221, 7} {
			t.Errorf("%s: %v", info, err)
		}
	}
}

// TestGoldenFlags: normalized reads and the legacy counter.
func TestGoldenFlags(t *testing.T) {
	dir := t.TempDir()
	plan := goldenPlan(t, image.V19)
	plan.Out, plan.Normalize, plan.Legacy = filepath.Join(dir, "e.tfrecord"), true, true
	if _, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan); err != nil {
		t.Fatal(err)
	}
	sameRecords(t, plan.Out, shared.Path(t, "deepvariant/testdata/golden.calling_examples.with_flags.tfrecord.gz"), decodeExample)
}

// labelled adds to a plan what the labelled golden examples were made with.
func labelled(t testing.TB, plan ExamplesPlan) ExamplesPlan {
	plan.Training.Truth = shared.Path(t, testdata+"input/test_nist.b37_chr20_100kbp_at_10mb.vcf.gz")
	plan.Training.Confident = shared.Path(t, testdata+"input/test_nist.b37_chr20_100kbp_at_10mb.bed")
	return plan
}

// TestGoldenTraining: labelled examples, of every labeler.
func TestGoldenTraining(t *testing.T) {
	for _, k := range []struct {
		name   string
		file   string
		n      int
		labels []int
		edit   func(*ExamplesPlan)
	}{
		{"by haplotype", "golden.training_examples.tfrecord.gz", 49, nil, func(*ExamplesPlan) {}},
		{"by position", "golden.training_examples.tfrecord.gz", 49, nil, func(p *ExamplesPlan) { p.Training.Labeler = PositionalLabeler }},
		{"rows of alternate alleles", "golden.alt_aligned_pileup_rows_examples.tfrecord.gz", 49, nil, func(p *ExamplesPlan) {
			p.Image.Channels, p.Image.AltAligned = image.Base(), image.AltRows
		}},
		{"channels of alternate alleles", "golden.alt_aligned_pileup_diff_channels_examples.tfrecord.gz", 49, nil, func(p *ExamplesPlan) {
			p.Image.Channels, p.Image.AltAligned = image.Base(), image.AltDiff
		}},
		{"classes", "customized_classes.golden.training_examples.tfrecord.gz", 19, nil, func(p *ExamplesPlan) {
			p.Options.Regions = []string{"chr20:10,000,000-10,004,000"}
			p.Training.Truth = shared.Path(t, testdata+"input/with_types.test_nist.b37_chr20_4kbp_at_10mb.vcf.gz")
			p.Training.Labeler, p.Training.ClassField, p.Training.Classes = ClassesLabeler, "type", []string{"ref", "class1", "class2"}
		}},
		{"proposed variants", "golden.vcf_candidate_importer.training_examples.tfrecord.gz", 223, nil, func(p *ExamplesPlan) {
			p.Options.Regions = nil
			p.Proposed, p.Training.Confident, p.Training.Labeler = p.Training.Truth, "", PositionalLabeler
		}},
	} {
		for folder, version := range map[string]image.Version{"testdata": image.V19, "testdata_v1.5": image.V15} {
			t.Run(k.name+" "+folder, func(t *testing.T) {
				plan := labelled(t, goldenPlan(t, version))
				plan.Out = filepath.Join(t.TempDir(), "e.tfrecord")
				k.edit(&plan)
				s, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan)
				if err != nil {
					t.Fatal(err)
				}
				t.Log(s)
				sameRecords(t, plan.Out, shared.Path(t, "deepvariant/"+folder+"/"+k.file), decodeExample)
			})
		}
	}
}

// TestExamplesSameBytes: threads change no byte, in gx's own mode either.
func TestExamplesSameBytes(t *testing.T) {
	var want map[string]string
	for _, threads := range []int{1, 2, 5} {
		dir := t.TempDir()
		plan := goldenPlan(t, image.V19)
		plan.Options.Compat = ""
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
