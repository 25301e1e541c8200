package stage

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/pileup/example"
)

// TestGenotypeBadInput: each fault of the inputs is one clear error, and
// nothing is left of the outputs.
func TestGenotypeBadInput(t *testing.T) {
	const sites = 40
	copyOf := func(c *example.CallVariantsOutput, t *testing.T) *example.CallVariantsOutput {
		d, err := example.DecodeCall(c.Append(nil))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	cases := []struct {
		name  string
		spoil func(t *testing.T, dir string, c *madeOutputs, plan *GenotypePlan)
		wants []string
	}{
		{"a shard is missing", func(t *testing.T, dir string, c *madeOutputs, plan *GenotypePlan) {
			if err := os.Remove(filepath.Join(dir, "c-00001-of-00003.tfrecord.gz")); err != nil {
				t.Fatal(err)
			}
		}, []string{"file 2 of 3 is missing", "c-00001-of-00003.tfrecord.gz"}},
		{"one shard of a set by its own name", func(t *testing.T, dir string, c *madeOutputs, plan *GenotypePlan) {
			plan.Calls = []string{filepath.Join(dir, "c-00000-of-00003.tfrecord.gz")}
		}, []string{"shard 2 is not given", "c@3.tfrecord.gz"}},
		{"shards of two sets", func(t *testing.T, dir string, c *madeOutputs, plan *GenotypePlan) {
			plan.Calls = append(plan.Calls, c.write(t, filepath.Join(dir, "c"), 2, false))
		}, []string{"a shard of 2", "one of 3: shards of two runs are mixed"}},
		{"a set twice", func(t *testing.T, dir string, c *madeOutputs, plan *GenotypePlan) {
			plan.Calls = append(plan.Calls, plan.Calls[0])
		}, []string{"c-00000-of-00003.tfrecord.gz: given twice"}},
		{"a site classified twice", func(t *testing.T, dir string, c *madeOutputs, plan *GenotypePlan) {
			d := &madeOutputs{list: c.list[9:10]}
			plan.Calls = append(plan.Calls, d.write(t, filepath.Join(dir, "d"), 1, false))
		}, []string{"c-00000-of-00003.tfrecord.gz: record 4 and record 1 of ", "d-00000-of-00001.tfrecord.gz", "c1:141 A", "classified twice"}},
		{"a site described in two ways", func(t *testing.T, dir string, c *madeOutputs, plan *GenotypePlan) {
			d := copyOf(c.list[0], t)
			d.Variant.Calls[0].Info.Set("DP", example.IntValue(31))
			plan.Calls = append(plan.Calls, (&madeOutputs{list: []*example.CallVariantsOutput{d}}).write(t, filepath.Join(dir, "d"), 1, false))
		}, []string{"record 1 and record 1 of ", "c1:1 A>G", "two descriptions of one site"}},
		{"an alt set is missing", func(t *testing.T, dir string, c *madeOutputs, plan *GenotypePlan) {
			c.list = append(c.list[:4:4], c.list[5:]...)
			plan.Calls = []string{c.write(t, filepath.Join(dir, "c"), 1, false)}
		}, []string{"record 4: ", "c1:61 A>G,T", "2 alt sets, want 3"}},
		{"probabilities that do not sum to 1", func(t *testing.T, dir string, c *madeOutputs, plan *GenotypePlan) {
			c.list[2].Probabilities = []float64{0.5, 0.25, 0.125}
			plan.Calls = []string{c.write(t, filepath.Join(dir, "c"), 1, false)}
		}, []string{"record 3", "c1:41 A>G", "probabilities sum to 0.875, want 1"}},
		{"a contig of another reference", func(t *testing.T, dir string, c *madeOutputs, plan *GenotypePlan) {
			c.list[2].Variant.Contig = "chrc1"
			plan.Calls = []string{c.write(t, filepath.Join(dir, "c"), 1, false)}
		}, []string{"c-00000-of-00001.tfrecord.gz: record 3", `"chrc1"`, `c1`}},
		{"a site beyond the contig", func(t *testing.T, dir string, c *madeOutputs, plan *GenotypePlan) {
			c.list[2].Variant.Start, c.list[2].Variant.End = 99_000, 99_001
			plan.Calls = []string{c.write(t, filepath.Join(dir, "c"), 1, false)}
		}, []string{"record 3", "does not lie on the reference, whose c1 has 900 bases"}},
		{"two samples", func(t *testing.T, dir string, c *madeOutputs, plan *GenotypePlan) {
			c.list[2].Variant.Calls[0].Sample = "other"
			plan.Calls = []string{c.write(t, filepath.Join(dir, "c"), 1, false)}
		}, []string{"record 3", `of sample "other"`, `"s"`, "two runs are mixed"}},
		{"a gzip file cut short", func(t *testing.T, dir string, c *madeOutputs, plan *GenotypePlan) {
			path := filepath.Join(dir, "c-00001-of-00003.tfrecord.gz")
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, b[:len(b)*2/3], 0o600); err != nil {
				t.Fatal(err)
			}
		}, []string{"c-00001-of-00003.tfrecord.gz", "cut short"}},
		{"blocks of another sample", func(t *testing.T, dir string, c *madeOutputs, plan *GenotypePlan) {
			plan.Blocks, plan.GVCF = []string{writeBlocks(t, dir, "other", 0)}, filepath.Join(dir, "o.g.vcf")
		}, []string{`of sample "s"`, `of "other"`, "two runs are mixed"}},
		{"blocks out of order", func(t *testing.T, dir string, c *madeOutputs, plan *GenotypePlan) {
			plan.Blocks, plan.GVCF = []string{writeBlocks(t, dir, "s", 500, 300)}, filepath.Join(dir, "o.g.vcf")
		}, []string{"b.tfrecord.gz: record 2", "c1:301", "not in order"}},
		{"a gVCF without blocks", func(t *testing.T, dir string, c *madeOutputs, plan *GenotypePlan) {
			plan.GVCF = filepath.Join(dir, "o.g.vcf")
		}, []string{"want both or none"}},
		{"one name for both outputs", func(t *testing.T, dir string, c *madeOutputs, plan *GenotypePlan) {
			plan.Blocks, plan.GVCF = []string{writeBlocks(t, dir, "s", 0)}, plan.Out
		}, []string{"are one file"}},
		{"an unknown haploid contig", func(t *testing.T, dir string, c *madeOutputs, plan *GenotypePlan) {
			plan.Options.Haploid = []string{"chrX"}
		}, []string{"haploid contigs", "chrX"}},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			dir := t.TempDir()
			c := newOutputs(sites)
			plan := c.plan(t, dir)
			plan.Calls = []string{c.write(t, filepath.Join(dir, "c"), 3, false)}
			k.spoil(t, dir, c, &plan)
			_, err := Genotype(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan)
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range k.wants {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q\nwants %q", err, w)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error of several lines: %q", err)
			}
			for _, out := range []string{plan.Out, plan.GVCF} {
				if _, e := os.Stat(out); e == nil {
					t.Errorf("%s is left", out)
				}
			}
		})
	}
}

// writeBlocks writes reference blocks of 10 bases at the starts.
func writeBlocks(t *testing.T, dir, sample string, starts ...int) string {
	t.Helper()
	path := filepath.Join(dir, "b.tfrecord.gz")
	writeRecords(t, path, func(emit func([]byte)) {
		for _, s := range starts {
			v := example.Variant{Contig: "c1", Start: s, End: s + 10, Ref: "A", Alts: []string{"<*>"}}
			call := example.VariantCall{Sample: sample, Genotype: []int{0, 0}, Likelihoods: []float64{0, -3, -30}}
			call.Info.Set("GQ", example.IntValue(30))
			call.Info.Set("MIN_DP", example.IntValue(10))
			v.Calls = []example.VariantCall{call}
			emit(v.Append(nil))
		}
	})
	return path
}

// TestGenotypeRules: options reach the records.
func TestGenotypeRules(t *testing.T) {
	base := func() (*madeOutputs, *example.CallVariantsOutput) {
		c := newOutputs(1)
		return c, c.list[0]
	}
	cases := []struct {
		name   string
		p      []float64
		ad     []int
		change func(*GenotypePlan)
		want   string // of the only record, behind REF and ALT
	}{
		{"passes", []float64{1e-4, 0.9989, 1e-3}, []int{10, 20}, nil, "40\tPASS\t.\tGT:GQ:DP:AD:VAF:PL\t0/1:30:30:10,20:0.5:39,0,29"},
		{"low quality", []float64{0.4, 0.5, 0.1}, []int{10, 20}, func(p *GenotypePlan) { p.Options.QualFilter = 5 }, "4\tLowQual\t.\tGT:GQ:DP:AD:VAF:PL\t0/1:3:30:10,20:0.5:0,0,6"},
		{"no reads, one likelihood per genotype", []float64{0.4, 0.5, 0.1}, []int{0, 0}, nil, "4\tNoCall\t.\tGT:GQ:DP:AD:VAF:PL\t./.:0:30:0,0:0.5:0,0,0"},
		{"no reads as DeepVariant says it", []float64{0.4, 0.5, 0.1}, []int{0, 0}, func(p *GenotypePlan) { p.Options.Compat = "1.9" }, "4\tNoCall\t.\tGT:GQ:DP:AD:VAF:PL\t./.:0:30:0,0:0.5:0,0"},
		{"weak reference call", []float64{0.9, 0.1, 0}, []int{10, 20}, func(p *GenotypePlan) { p.Options.HomRefMinGQ = 11 }, "0.5\tRefCall\t.\tGT:GQ:DP:AD:VAF:PL\t./.:10:30:10,20:0.5:0,9,98"},
		{"reference call", []float64{0.9, 0.1, 0}, []int{10, 20}, func(p *GenotypePlan) { p.Options.HomRefMinGQ = 10 }, "0.5\tRefCall\t.\tGT:GQ:DP:AD:VAF:PL\t0/0:10:30:10,20:0.5:0,9,98"},
		{"haploid", []float64{0.01, 0.9, 0.09}, []int{10, 20}, func(p *GenotypePlan) { p.Options.Haploid = []string{"c1"} }, "10\tPASS\t.\tGT:GQ:DP:AD:VAF:PL\t1/1:10:30:10,20:0.5:9,98,0"},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			dir := t.TempDir()
			c, out := base()
			out.Probabilities = k.p
			info := &out.Variant.Calls[0].Info
			info.Set("AD", example.IntValue(k.ad[0]), example.IntValue(k.ad[1]))
			info.Set("VAF", example.NumberValue(0.5))
			plan := c.plan(t, dir)
			plan.Calls = []string{c.write(t, filepath.Join(dir, "c"), 1, false)}
			if k.change != nil {
				k.change(&plan)
			}
			runGenotype(t, plan)
			lines := versionless(textOf(t, plan.Out))
			if got, want := lines[len(lines)-1], "c1\t1\t.\tA\tG\t"+k.want+"\n"; got != want {
				t.Errorf("got  %swant %s", got, want)
			}
		})
	}
}

// TestGenotypeMitochondrial: calls there are said to be diploid, once.
func TestGenotypeMitochondrial(t *testing.T) {
	dir := t.TempDir()
	c := newOutputs(20)
	c.contig = "chrM"
	for _, x := range c.list {
		x.Variant.Contig = "chrM"
	}
	plan := c.plan(t, dir)
	plan.Calls = []string{c.write(t, filepath.Join(dir, "c"), 1, false)}
	for _, haploid := range []bool{false, true} {
		var notes []string
		env := &Env{Store: object.Files{}, Threads: 1, Note: func(format string, args ...any) {
			if strings.Contains(format, "copies") {
				notes = append(notes, format)
			}
		}}
		want := 1
		if haploid {
			plan.Options.Haploid, want = []string{"chrM"}, 0
		}
		if _, err := Genotype(t.Context(), env, plan); err != nil || len(notes) != want {
			t.Errorf("haploid %v: %d notes, want %d; %v", haploid, len(notes), want, err)
		}
	}
}
