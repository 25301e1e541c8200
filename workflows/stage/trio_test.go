package stage

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/pileup/image"
)

// trioPlan is a family, on a few thousand bases.
func trioPlan(t testing.TB) ExamplesPlan {
	of := func(name string) []string {
		return []string{shared.Path(t, "reads/CEU-trio-20-10.00/"+name+".bam")}
	}
	plan := ExamplesPlan{Ref: shared.Path(t, "reference/GRCh37.chr20.windows.fa.gz"), Reads: of("HG001"), Options: DefaultCallOptions(), Image: image.Defaults(image.Own)}
	plan.Options.Regions = []string{"20:10,002,001-10,005,000"}
	plan.Trio = TrioPlan{ChildHeight: 60, ParentHeight: 40}
	plan.Trio.Parents[0].Reads, plan.Trio.Parents[1].Reads = of("NA12891"), of("NA12892")
	return plan
}

// site is an example with its variant.
type drawnSite struct {
	example.Example
	v *example.Variant
}

// decoded is the examples of a file by what they are about.
func decoded(t *testing.T, path string) map[string]drawnSite {
	t.Helper()
	out := map[string]drawnSite{}
	for _, b := range tfRecords(t, path) {
		var x drawnSite
		if err := x.Decode([]byte(b)); err != nil {
			t.Fatal(err)
		}
		v, err := example.DecodeVariant(x.Variant)
		if err != nil {
			t.Fatal(err)
		}
		x.v = v
		out[fmt.Sprint(v.Start, v.Ref, v.Alts, x.AltIndices)] = x
	}
	return out
}

func runTrio(t *testing.T, plan ExamplesPlan) (dir string) {
	t.Helper()
	dir = t.TempDir()
	plan.Out, plan.Candidates = filepath.Join(dir, "e.tfrecord"), filepath.Join(dir, "c.tfrecord")
	if _, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestTrioPictures: in the pictures of a family stand, from top to bottom, those
// of the first parent, the child and the second parent, each as it is drawn of
// that sample alone; about the second parent the parents change places. What the
// child and its parents are called is told, and that there are three.
func TestTrioPictures(t *testing.T) {
	plan := trioPlan(t)
	dir := runTrio(t, plan)
	heights, names := []int{40, 60, 40}, []string{"NA12891", "HG001", "NA12892"}
	row := plan.Image.Width * len(plan.Image.Channels)
	var alone [3]map[string]drawnSite
	for role := range roleNames {
		single := plan
		single.Reads, single.Trio = plan.reads(role), TrioPlan{}
		single.Image.Height = heights[role]
		single.Out = filepath.Join(t.TempDir(), "e")
		if _, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: 2}, single); err != nil {
			t.Fatal(err)
		}
		alone[role] = decoded(t, single.Out)
	}
	for role, name := range roleNames {
		n, gained := 0, 0
		for key, x := range decoded(t, filepath.Join(dir, "e_"+name+".tfrecord")) {
			if got := x.v.Calls[0].Sample; got != names[role] || x.Shape != [3]int{140, 221, 7} {
				t.Fatalf("%s: sample %s, shape %v", key, got, x.Shape)
			}
			at := 0
			for _, sample := range orderOf(role) {
				part := x.Image[at : at+heights[sample]*row]
				at += len(part)
				own, ok := alone[sample][key]
				if !ok {
					gained++ // a candidate only with the help of others
					continue
				}
				if n++; !bytes.Equal(part, own.Image) {
					t.Errorf("%s, about %s: the part of %s is not its own picture", key, name, roleNames[sample])
				}
			}
		}
		if n < 40 || gained == 0 {
			t.Errorf("%s: %d parts compared, %d candidates of others", name, n, gained)
		}
	}
	for _, b := range tfRecords(t, filepath.Join(dir, "c_child.tfrecord")) {
		c, err := example.DecodeCandidate([]byte(b))
		if err != nil {
			t.Fatal(err)
		}
		samples := map[string]bool{}
		for _, s := range c.SupportExt {
			for _, r := range s.Reads {
				samples[r.Sample] = true
			}
		}
		if len(samples) == 3 {
			return
		}
	}
	t.Error("no candidate of the child tells reads of all three")
}

// TestTrioSplits: pieces of a region give what the whole does, whatever the
// threads; what is written of the child does not depend on whether its parents
// are written.
func TestTrioSplits(t *testing.T) {
	plan := trioPlan(t)
	plan.Trio.Joint = true
	all := func(plan ExamplesPlan, regions ...string) (out [3][]string) {
		for _, r := range regions {
			plan.Options.Regions = []string{r}
			dir := runTrio(t, plan)
			for role, name := range roleNames {
				for _, kind := range []string{"e_", "c_"} {
					out[role] = append(out[role], tfRecords(t, filepath.Join(dir, kind+name+".tfrecord"))...)
				}
			}
		}
		for i := range out {
			slices.Sort(out[i])
		}
		return out
	}
	whole := all(plan, "20:10,002,001-10,004,000")
	pieces := all(plan, "20:10,002,001-10,002,512", "20:10,002,513-10,004,000")
	for role, name := range roleNames {
		if len(whole[role]) < 10 || !slices.Equal(whole[role], pieces[role]) {
			t.Errorf("%s: %d records, in pieces %d, or others", name, len(whole[role]), len(pieces[role]))
		}
	}
	plan.Trio.SkipParents = true
	plan.Options.Regions = []string{"20:10,002,001-10,004,000"}
	dir := runTrio(t, plan)
	got := append(tfRecords(t, filepath.Join(dir, "e.tfrecord")), tfRecords(t, filepath.Join(dir, "c.tfrecord"))...)
	if slices.Sort(got); !slices.Equal(got, whole[child]) {
		t.Errorf("the child alone: %d records, want %d", len(got), len(whole[child]))
	}
}

// TestDuo: of a parent without reads the reference is drawn.
func TestDuo(t *testing.T) {
	plan := trioPlan(t)
	plan.Trio.Parents[0] = ParentPlan{}
	plan.Options.Compat, plan.Image.Version = "1.9", image.V19
	dir := runTrio(t, plan)
	if _, err := os.Stat(filepath.Join(dir, "e_parent1.tfrecord")); err == nil {
		t.Error("examples of a parent without reads")
	}
	row := plan.Image.Width * len(plan.Image.Channels)
	for _, x := range decoded(t, filepath.Join(dir, "e_child.tfrecord")) {
		rows, rest := x.Image[:image.RefRows*row], x.Image[image.RefRows*row:40*row]
		if !bytes.Equal(rows, x.Image[40*row:(40+image.RefRows)*row]) || bytes.ContainsFunc(rest, func(r rune) bool { return r != 0 }) {
			t.Fatalf("%s: the first part is not the reference alone", x.Locus)
		}
	}
}

// TestTrioTraining: the sample that is named is labelled; examples tell the
// reads of all.
func TestTrioTraining(t *testing.T) {
	plan := trioPlan(t)
	plan.Training.Truth = shared.Path(t, "population/HG001.GRCh37.chr20_9.995-11.095M.truth.vcf.gz")
	plan.Options.Sample, plan.Trio.Parents[1].Sample = "HG001", "mother"
	plan.Out = filepath.Join(t.TempDir(), "e.tfrecord")
	s, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Labels) != 3 || s.Labels[1]+s.Labels[2] < 15 {
		t.Errorf("labels %v", s.Labels)
	}
	for key, x := range decoded(t, plan.Out) {
		if name := x.v.Info.Get("BAM_FNAME")[0].Text; name != "HG001.bam|NA12891.bam|NA12892.bam" || x.v.Calls[0].Sample != "HG001" || !x.HasLabel {
			t.Fatalf("%s: %s of %s", key, name, x.v.Calls[0].Sample)
		}
	}
	plan.Trio.Train = "mother"
	if got := plan.written(); !slices.Equal(got, []int{parent2}) {
		t.Errorf("written %v", got)
	}
}

func TestTrioNames(t *testing.T) {
	for name, want := range map[string]string{
		"a/e.tfrecord.gz": "a/e_child.tfrecord.gz", "e@4.tfrecord.gz": "e_child@4.tfrecord.gz", "e.tfrecord@4.gz": "e_child.tfrecord@4.gz",
		"e@3": "e_child@3", "x.y/e": "x.y/e_child", "e.gz": "e_child.gz",
	} {
		if got := withRole(name, "child"); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestTrioFaults(t *testing.T) {
	for want, edit := range map[string]func(*ExamplesPlan){
		"without reads-parent1":                func(p *ExamplesPlan) { p.Trio.Parents = [2]ParentPlan{} },
		"downsample-fraction-child 2":          func(p *ExamplesPlan) { p.Trio.DownsampleChild = 2 },
		"want downsample-fraction-child":       func(p *ExamplesPlan) { p.Options.Downsample = 0.5 },
		"height 5 of the picture":              func(p *ExamplesPlan) { p.Trio.ChildHeight = 5 },
		"pileup-image-height 560":              func(p *ExamplesPlan) { p.Trio.ParentHeight = 250 },
		"no place for more rows":               func(p *ExamplesPlan) { p.Image.AltAligned = image.AltRows },
		"2 values, want one":                   func(p *ExamplesPlan) { p.Image.Coverages = []float64{1, 2} },
		"sample-name-to-train x without":       func(p *ExamplesPlan) { p.Trio.Train = "x" },
		"parent2 has no reads":                 func(p *ExamplesPlan) { p.Trio.Parents[1].Reads = nil; p.Trio.Call = "parent2" },
		`sample to call "aunt"`:                func(p *ExamplesPlan) { p.Trio.Call = "aunt" },
		"proposed-variants-parent1 is missing": func(p *ExamplesPlan) { p.Proposed = "v.vcf.gz" },
		"as the child's are":                   func(p *ExamplesPlan) { p.Trio.Parents[0].Sample = "HG001" },
		"its header has contig 20 of 0 bases": func(p *ExamplesPlan) {
			p.Trio.Parents[0].Reads = []string{shared.Path(t, "reads/NA12878-chrM/reads.bam")}
		},
		"want track-ref-reads":                 func(p *ExamplesPlan) { p.Complex = true },
		"there is no sample beside the one":    func(p *ExamplesPlan) { p.Trio = TrioPlan{}; p.OtherSNPs = 0.1 },
		"2 values for one sample":              func(p *ExamplesPlan) { p.Trio = TrioPlan{}; p.Image.Coverages = []float64{1, 2} },
		"no such file":                         func(p *ExamplesPlan) { p.Trio.Parents[0].Reads = []string{"/nowhere/x.bam"} },
		"vsc-max-fraction-snps-for-non-target": func(p *ExamplesPlan) { p.OtherSNPs = 2 },
		"e_child.tfrecord and":                 func(p *ExamplesPlan) { p.Candidates = p.Out },
		"want one file of reads of parent1, fo": func(p *ExamplesPlan) {
			p.Options.Compat, p.Trio.DownsampleParents = "1.9", 0.5
			p.Trio.Parents[0].Reads = append(p.Trio.Parents[0].Reads, p.Trio.Parents[1].Reads...)
			p.Trio.Parents[0].Sample = "both"
		},
	} {
		plan := trioPlan(t)
		plan.Out = filepath.Join(t.TempDir(), "e.tfrecord")
		edit(&plan)
		if _, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: 1}, plan); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
