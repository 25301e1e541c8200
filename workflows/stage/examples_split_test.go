package stage

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/pileup/image"
)

// hardPlan draws reads of a hard library, 80x and full of clips.
func hardPlan(t testing.TB) ExamplesPlan {
	return ExamplesPlan{
		Ref:     shared.Path(t, "reference/GRCh37.chr20.windows.fa.gz"),
		Reads:   []string{shared.Path(t, "reads/HG002-hiseqx-20-20.16/reads.bam")},
		Options: DefaultCallOptions(), Image: image.Defaults(image.Own),
	}
}

// longPlan draws PacBio reads sorted into haplotypes, as the preset of that
// name has it.
func longPlan(t testing.TB) ExamplesPlan {
	o := DefaultCallOptions()
	o.CellSize, o.MaxReads, o.MinMapQ, o.NoRealign, o.MinFractionIndels = 25_000, 600, 1, true, 0.12
	img := image.Defaults(image.Own)
	img.MinMapQ, img.Width, img.AltAligned, img.SortByHaplotypes, img.TrimReads = 1, 147, image.AltDiff, true, true
	img.Channels = append(image.Base(), image.HaplotypeTag)
	return ExamplesPlan{
		Ref:     shared.Path(t, testdata+"input/grch38.chr20_and_21_10M.fa.gz"),
		Reads:   []string{shared.Path(t, testdata+"input/test_pacbio.chr20_100kbp_at_9mb.bam")},
		Options: o, Image: img, TrackRef: true, Phase: PhasePlan{Reads: true, Tell: true},
	}
}

// exampleRecords runs a plan on one region, 1-based and inclusive, and gives its
// examples and then its candidates.
func exampleRecords(t *testing.T, plan ExamplesPlan, contig string, from, to int) (examples, candidates []string) {
	t.Helper()
	dir := t.TempDir()
	plan.Options.Regions = []string{fmt.Sprintf("%s:%d-%d", contig, from, to)}
	plan.Out, plan.Candidates = filepath.Join(dir, "e.tfrecord"), filepath.Join(dir, "c.tfrecord")
	if _, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan); err != nil {
		t.Fatal(err)
	}
	return tfRecords(t, plan.Out), tfRecords(t, plan.Candidates)
}

// TestExamplesSplitRegions: the images of a region, and its candidates with the
// reads behind them, are those of its pieces, wherever it is cut: of short reads
// set anew, of a hard library where cells are thinned, of long reads in
// haplotypes.
func TestExamplesSplitRegions(t *testing.T) {
	deep := hardPlan(t)
	deep.Options.MaxReads = 300 // of some 600 that start in a cell
	bounded := longPlan(t)
	bounded.Options.MaxReads, bounded.MaxDepth = 0, 20 // of some 35x
	short := goldenPlan(t, image.Own)
	chosen := short
	chosen.RefSites, chosen.Options.Downsample, chosen.Options.Types, chosen.Options.SplitSkips, chosen.Options.OriginalQuals = 0.01, 0.6, "snps insertions", true, true
	for _, k := range []struct {
		name     string
		plan     ExamplesPlan
		contig   string
		from, to int
		splits   int
		least    int // examples
	}{
		{"NA12878", short, "chr20", 10_000_001, 10_007_000, 50, 40},
		{"HG002, thinned", deep, "20", 20_160_001, 20_166_000, 6, 10},
		{"some reads, some candidates", chosen, "chr20", 10_000_001, 10_003_500, 4, 10},
		{"PacBio", longPlan(t), "chr20", 9_020_001, 9_060_000, 8, 80},
		{"PacBio, by depth", bounded, "chr20", 9_020_001, 9_060_000, 4, 80},
	} {
		t.Run(k.name, func(t *testing.T) {
			if testing.Short() {
				k.splits = (k.splits + 9) / 10
			}
			examples, candidates := exampleRecords(t, k.plan, k.contig, k.from, k.to)
			if len(examples) < k.least {
				t.Fatalf("%d examples, want %d or more", len(examples), k.least)
			}
			rng := rand.New(rand.NewPCG(8, uint64(k.splits)))
			for range k.splits {
				var cuts []int
				for range 1 + rng.IntN(2) {
					cuts = append(cuts, k.from+1+rng.IntN(k.to-k.from))
				}
				slices.Sort(cuts)
				cuts = slices.Compact(cuts)
				var e, c []string
				start := k.from
				for _, cut := range append(cuts, k.to+1) {
					a, b := exampleRecords(t, k.plan, k.contig, start, cut-1)
					e, c, start = append(e, a...), append(c, b...), cut
				}
				if !slices.Equal(e, examples) || !slices.Equal(c, candidates) {
					t.Fatalf("cut at %d: %d examples of %d candidates, want the %d of %d of one region", cuts, len(e), len(c), len(examples), len(candidates))
				}
			}
		})
	}
}

// TestLongReadsTold: without a compatible mode, too, long reads are sorted into
// haplotypes, and the examples tell those of the alleles.
func TestLongReadsTold(t *testing.T) {
	examples, _ := exampleRecords(t, longPlan(t), "chr20", 9_000_001, 9_050_000)
	told, cells := 0, map[string]bool{}
	for _, b := range examples {
		var e example.Example
		if err := e.Decode([]byte(b)); err != nil {
			t.Fatal(err)
		}
		v, err := example.DecodeVariant(e.Variant)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range v.Info.Get("PS_CONTIG") {
			cells[name.Text] = true
		}
		if slices.ContainsFunc(v.Info.Get("ALT_PS"), func(x example.Value) bool { return x.Int > 0 }) {
			told++
		}
	}
	if !cells["chr20-361"] || !cells["chr20-362"] || len(cells) != 2 {
		t.Errorf("the cells are %v, want chr20-361 and chr20-362", cells)
	}
	if told < len(examples)/2 {
		t.Errorf("haplotypes are told in %d of %d examples, want most", told, len(examples))
	}
}
