package stage

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/io/object"
)

const (
	golden19   = "deepvariant/testdata/golden."
	golden15   = "deepvariant/testdata_v1.5/golden."
	goldenTrio = "deepvariant/deeptrio/golden"
	one        = "-00000-of-00001.tfrecord.gz"
)

// goldenGenotype genotypes golden examples as DeepVariant did, into dir.
func goldenGenotype(t testing.TB, dir, compat string) GenotypePlan {
	o := DefaultGenotypeOptions()
	o.Compat = compat
	return GenotypePlan{Ref: shared.Path(t, testdata+"input/ucsc.hg19.chr20.unittest.fasta.gz"), Out: filepath.Join(dir, "o.vcf"), Options: o}
}

func runGenotype(t testing.TB, plan GenotypePlan) *GenotypeSummary {
	t.Helper()
	s, err := Genotype(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// textOf is the text of a file, bgzip taken off.
func textOf(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(path, ".gz") {
		return string(b)
	}
	z := bgzf.NewReader(bytes.NewReader(b), 1)
	defer z.Close()
	var out bytes.Buffer
	if _, err := out.ReadFrom(z); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// versionless is the lines of a VCF without those that name the program.
func versionless(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "##DeepVariant_version=") && !strings.HasPrefix(line, "##source=gx ") && !strings.HasPrefix(line, "##gxCommand=") {
			out = append(out, line)
		}
	}
	return out
}

// sameLines compares two lists and tells the first difference.
func sameLines(t *testing.T, got, want []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		g, w := "(nothing)", "(nothing)"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Errorf("line %d:\n got %s\nwant %s", i+1, g, w)
			return
		}
	}
}

// TestGenotypeGoldens: the outputs of DeepVariant 1.5 and 1.9, every record and
// every header line but those that name the program; plain, packed and sorted
// in many small pieces.
func TestGenotypeGoldens(t *testing.T) {
	nothing := golden19 + "postprocess_empty_input" + one
	site, site15 := golden19+"postprocess_single_site_input"+one, golden15+"postprocess_single_site_input.tfrecord.gz"
	blocks := golden19 + "postprocess_gvcf_input.tfrecord.gz"
	cases := []struct {
		name, compat, calls, small, blocks string
		vcf, gvcf                          string // wanted
		change                             func(*GenotypeOptions)
		records                            int
	}{
		{"G1", "1.9", site, "", "", golden19 + "postprocess_single_site_output.vcf", "", nil, 78},
		{"G1 packed", "1.9", site, "", "", golden19 + "postprocess_single_site_output.vcf.gz", "", nil, 78},
		{"G1 of 1.5", "1.5", site15, "", "", golden15 + "postprocess_single_site_output.vcf", "", nil, 78},
		{"G2", "1.9", site, "", "", golden19 + "postprocess_single_site_output.pass_only.vcf", "", func(o *GenotypeOptions) { o.OnlyPass = true }, 71},
		{"G3", "deepvariant", site, "", blocks, golden19 + "postprocess_single_site_output.vcf", golden19 + "postprocess_gvcf_output.g.vcf", nil, 78},
		{"G3 blocks in shards", "1.9", site, "", blocks + "@3", golden19 + "postprocess_single_site_output.vcf", golden19 + "postprocess_gvcf_output.g.vcf", nil, 78},
		{"G3 of 1.5", "1.5", site15, "", golden15 + "postprocess_gvcf_input.tfrecord.gz", "", golden15 + "postprocess_gvcf_output.g.vcf", nil, 78},
		{"G4", "1.9", site, "", blocks, golden19 + "haploid_chr20.postprocess_single_site_output.vcf", golden19 + "haploid_chr20.postprocess_gvcf_output.g.vcf", func(o *GenotypeOptions) { o.Haploid = []string{"chr20"} }, 78},
		{"G5 of the network", "1.9", site, nothing, "", golden19 + "postprocess_single_site_output_with_small_model.vcf.gz", "", nil, 78},
		{"G5 of the small model", "1.9", nothing, site, "", golden19 + "postprocess_single_site_output_with_small_model.vcf.gz", "", nil, 78},
		{"G6", "1.9", nothing, nothing, "", golden19 + "postprocess_empty_output.vcf.gz", "", nil, 0},
		{"G8 and G9", "1.9", goldenTrio + ".postprocess_single_site_input" + one, "", goldenTrio + "_child.postprocess_gvcf_input.tfrecord.gz", goldenTrio + ".postprocess_single_site_output.vcf", goldenTrio + ".postprocess_gvcf_output.g.vcf", nil, 79},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			dir := t.TempDir()
			plan := goldenGenotype(t, dir, k.compat)
			plan.Calls = []string{sharedName(t, k.calls)}
			switch {
			case k.small != "" && k.small == k.calls: // the same file twice is an error: an empty one beside it
				plan.Small = []string{filepath.Join(dir, "small.tfrecord")}
				if err := os.WriteFile(plan.Small[0], nil, 0o600); err != nil {
					t.Fatal(err)
				}
			case k.small != "":
				plan.Small = []string{sharedName(t, k.small)}
			}
			if strings.HasSuffix(k.vcf, ".gz") {
				plan.Out += ".gz"
			}
			if k.blocks != "" {
				plan.Blocks, plan.GVCF = []string{sharedName(t, k.blocks)}, filepath.Join(dir, "o.g.vcf.gz")
			}
			if strings.HasPrefix(k.calls, goldenTrio) {
				plan.Ref = shared.Path(t, grch37)
			}
			if k.change != nil {
				k.change(&plan.Options)
			}
			for _, memory := range []int{sortMemory, 700} {
				s, err := genotypeWithin(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan, memory)
				if err != nil {
					t.Fatal(err)
				}
				if s.Records != k.records {
					t.Errorf("%d records, want %d", s.Records, k.records)
				}
				if k.vcf != "" {
					sameLines(t, versionless(textOf(t, plan.Out)), versionless(textOf(t, shared.Path(t, k.vcf))))
				}
				if k.gvcf != "" {
					sameLines(t, versionless(textOf(t, plan.GVCF)), versionless(textOf(t, shared.Path(t, k.gvcf))))
				}
			}
		})
	}
}

// sharedName is a name of shared data that may have @N behind it.
func sharedName(t testing.TB, name string) string {
	t.Helper()
	base, shards, ok := strings.Cut(name, "@")
	path := shared.Path(t, base)
	if ok {
		path += "@" + shards
	}
	return path
}

// TestGenotypeMedian is G10: no test of DeepVariant makes that file, which is
// that of G3 with the median depth of each block.
func TestGenotypeMedian(t *testing.T) {
	var got []string
	for _, line := range versionless(textOf(t, shared.Path(t, golden19+"postprocess_gvcf_output.med_dp.g.vcf"))) {
		c := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(c) == 10 {
			keys, values := strings.Split(c[8], ":"), strings.Split(c[9], ":")
			for i := range keys {
				if keys[i] == "MED_DP" {
					keys, values = append(keys[:i:i], keys[i+1:]...), append(values[:i:i], values[i+1:]...)
					break
				}
			}
			c[8], c[9] = strings.Join(keys, ":"), strings.Join(values, ":")
		}
		if !strings.HasPrefix(line, "#") {
			got = append(got, strings.Join(c, "\t")+"\n")
		}
	}
	dir := t.TempDir()
	plan := goldenGenotype(t, dir, "1.9")
	plan.Calls = []string{shared.Path(t, golden19+"postprocess_single_site_input"+one)}
	plan.Blocks, plan.GVCF = []string{shared.Path(t, golden19+"postprocess_gvcf_input.tfrecord.gz")}, filepath.Join(dir, "o.g.vcf")
	runGenotype(t, plan)
	var want []string
	for _, line := range versionless(textOf(t, plan.GVCF)) {
		if !strings.HasPrefix(line, "#") {
			want = append(want, line)
		}
	}
	if len(want) != 228 {
		t.Errorf("%d records, want 228", len(want))
	}
	sameLines(t, got, want)
}

// TestGenotypePeers: bcftools and tabix read every output without a warning.
func TestGenotypePeers(t *testing.T) {
	dir := t.TempDir()
	plan := goldenGenotype(t, dir, "")
	plan.Out, plan.GVCF = filepath.Join(dir, "o.vcf.gz"), filepath.Join(dir, "o.g.vcf.gz")
	plan.Calls = []string{shared.Path(t, golden19+"postprocess_single_site_input"+one)}
	plan.Blocks = []string{shared.Path(t, golden19+"postprocess_gvcf_input.tfrecord.gz")}
	plan.Options.Candidates = "INFO"
	s := runGenotype(t, plan)
	for path, want := range map[string]int{plan.Out: 0, plan.GVCF: 1} {
		text := textOf(t, path)
		if n := strings.Count(text, "##ALT=<ID=*,"); n != want {
			t.Errorf("%s: %d lines of the symbolic allele, want %d", path, n, want)
		}
		if n := strings.Count(text, "\tCANDIDATES="); n != 3 || !strings.Contains(text, "\tCANDIDATES=AA|CA\t") {
			t.Errorf("%s: candidates of %d sites, want 3", path, n)
		}
	}
	bcf := plan
	bcf.Out, bcf.GVCF, bcf.Blocks = filepath.Join(dir, "o.bcf"), "", nil
	runGenotype(t, bcf)
	records := func(text string) (n int) {
		for line := range strings.Lines(text) {
			if !strings.HasPrefix(line, "#") {
				n++
			}
		}
		return n
	}
	for _, k := range []struct {
		want int
		args []string
	}{
		{s.Records, []string{"bcftools", "view", plan.Out}},
		{s.Records, []string{"bcftools", "view", bcf.Out}},
		{228, []string{"bcftools", "view", plan.GVCF}},
		{s.Records, []string{"bcftools", "norm", "-c", "e", "-f", plan.Ref, plan.Out}},
		{228, []string{"bcftools", "norm", "-c", "e", "-f", plan.Ref, plan.GVCF}},
		{s.Records, []string{"bcftools", "view", plan.Out, "chr20:10000001-10010000"}},
		{s.Records, []string{"bcftools", "view", bcf.Out, "chr20:10000001-10010000"}},
		{s.Records, []string{"tabix", plan.Out, "chr20:10000001-10010000"}},
		{228, []string{"tabix", plan.GVCF, "chr20"}},
	} {
		out, said := peer(t, k.args...)
		said = strings.Join(strings.FieldsFunc(said, func(r rune) bool { return r == '\n' }), "; ")
		if strings.HasPrefix(said, "Lines   total/split") && !strings.Contains(said, ";") { // what norm counts
			said = ""
		}
		if said != "" {
			t.Errorf("%v says: %s", k.args, said)
		}
		if n := records(out); n != k.want {
			t.Errorf("%v: %d records, want %d", k.args, n, k.want)
		}
	}
}

// peer runs a program of others and gives what it wrote.
func peer(t testing.TB, args ...string) (stdout, stderr string) {
	t.Helper()
	path, err := exec.LookPath(args[0])
	if err != nil {
		if os.Getenv("GX_PEERS") == "1" {
			t.Fatalf("%s is not installed, and GX_PEERS=1 wants it", args[0])
		}
		t.Skipf("%s is not installed", args[0])
	}
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), path, args[1:]...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, errs.String())
	}
	return out.String(), errs.String()
}

// TestGenotypeSameBytes: threads, the memory for sorting and the order of
// records and files change no byte of a record.
func TestGenotypeSameBytes(t *testing.T) {
	dir := t.TempDir()
	c := newOutputs(3000)
	plan := c.plan(t, dir)
	plan.Calls = []string{c.write(t, filepath.Join(dir, "c"), 1, false)}
	runGenotype(t, plan)
	want := versionless(textOf(t, plan.Out))
	for _, k := range []struct {
		threads, shards, memory int
		shuffled                bool
	}{{1, 1, sortMemory, false}, {7, 4, sortMemory, false}, {2, 5, 20_000, true}, {3, 2, 1 << 20, true}} {
		t.Run(fmt.Sprintf("%+v", k), func(t *testing.T) {
			dir := t.TempDir()
			plan := c.plan(t, dir)
			plan.Calls = []string{c.write(t, filepath.Join(dir, "c"), k.shards, k.shuffled)}
			if _, err := genotypeWithin(t.Context(), &Env{Store: object.Files{}, Threads: k.threads}, plan, k.memory); err != nil {
				t.Fatal(err)
			}
			sameLines(t, versionless(textOf(t, plan.Out)), want)
			left, err := filepath.Glob(filepath.Join(dir, ".gx-*"))
			if err != nil || len(left) > 0 {
				t.Errorf("temporary files are left: %v %v", left, err)
			}
		})
	}
}
