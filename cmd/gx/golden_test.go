package main

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/pileup/example"
)

var update = flag.Bool("update", false, "rewrite docs/goldens.md")

// goldenRun is a command whose outputs are DeepVariant's golden files. $DV is
// the folder of these, $IN that of their inputs, $STD and $TRUTH what most have
// in common, $OUT a folder.
type goldenRun struct {
	command string
	files   []goldenFile
	short   bool // run with -short as well
}

// goldenFile is a golden file and the output that it is compared with.
type goldenFile struct {
	golden, out string
	n           int // records, bytes, or lines
	as          func([]byte) (any, error)
	lines       func(string) []string // where lines of text are compared, those that count
}

const (
	goldenStd = "--ref $IN/ucsc.hg19.chr20.unittest.fasta.gz --reads $IN/NA12878_S1.chr20.10_10p1mb.bam --regions chr20:10,000,000-10,010,000"
	nist      = "$IN/test_nist.b37_chr20_100kbp_at_10mb"
)

// goldenShorthand is what stands in commands for more.
var goldenShorthand = [][2]string{
	{"$STD", goldenStd},
	{"$TRUTH", "--truth " + nist + ".vcf.gz --confident " + nist + ".bed"},
	{"$IN", "$DV/testdata/input"},
}

// goldenRuns is the runs of a folder of golden files, made by a version.
func goldenRuns(folder, version string) []goldenRun {
	blocks, blockShards, labelLines, countedLines := 235, [3]int{65, 75, 95}, 69, 23
	if version == "1.5" {
		blocks, blockShards, labelLines, countedLines = 233, [3]int{65, 75, 93}, 65, 22
	}
	of := func(golden, out string, n int, as func([]byte) (any, error)) goldenFile {
		return goldenFile{golden: folder + "/" + golden, out: out, n: n, as: as}
	}
	with := func(more string) string { return "gx examples --compat " + version + " $STD " + more }
	training := func(golden string, n int, more string) goldenRun {
		return goldenRun{command: with(more + " --out $OUT/e.tfrecord.gz"), files: []goldenFile{of(golden, "e.tfrecord.gz", n, asExample)}}
	}
	shards := func(golden, out string, n [3]int, as func([]byte) (any, error)) (files []goldenFile) {
		for i, k := range n {
			files = append(files, of(fmt.Sprintf("%s-%05d-of-00003", golden, i), fmt.Sprintf("%s-%05d-of-00003.tfrecord.gz", out, i), k, as))
		}
		return files
	}
	sharded := shards("golden.postprocess_gvcf_input.tfrecord.gz", "b", blockShards, asVariant)
	if version != "1.5" { // whose shards of examples are not at hand
		sharded = append(sharded, shards("golden.calling_examples.tfrecord.gz", "e", [3]int{28, 26, 30}, asExample)...)
	}
	runs := []goldenRun{
		{with("--out $OUT/e.tfrecord.gz --candidates $OUT/c.tfrecord.gz --blocks $OUT/b.tfrecord.gz"), []goldenFile{
			of("golden.calling_examples.tfrecord.gz", "e.tfrecord.gz", 84, asExample),
			of("golden.calling_candidates.tfrecord.gz", "c.tfrecord.gz", 78, asCandidate),
			of("golden.postprocess_gvcf_input.tfrecord.gz", "b.tfrecord.gz", blocks, asVariant)}, false},
		{with("--mode candidate-sweep --out $OUT/p"), []goldenFile{of("golden.candidate_positions", "p", 376, nil)}, false},
		{with("--mode candidate-sweep --out $OUT/p@3"), []goldenFile{
			of("golden.candidate_positions-00000-of-00003", "p-00000-of-00003", 136, nil),
			of("golden.candidate_positions-00001-of-00003", "p-00001-of-00003", 132, nil),
			of("golden.candidate_positions-00002-of-00003", "p-00002-of-00003", 108, nil)}, false},
		{with("--out $OUT/e@3.tfrecord.gz --blocks $OUT/b@3.tfrecord.gz"), sharded, false},
		{with("$TRUTH --out $OUT/e.tfrecord.gz --labels $OUT/l.vcf --write-run-info"), []goldenFile{
			of("golden.training_examples.tfrecord.gz", "e.tfrecord.gz", 49, asExample),
			{golden: folder + "/golden.training_examples.vcf", out: "l.vcf", n: labelLines, lines: vcfLines},
			{golden: folder + "/golden.training_examples.tfrecord.gz.run_info.pbtxt", out: "e.tfrecord.gz.run_info.pbtxt", n: countedLines, lines: countLines}}, false},
		training("golden.training_examples.tfrecord.gz", 49, "$TRUTH --labeler-algorithm positional_labeler"),
		training("golden.alt_aligned_pileup_rows_examples.tfrecord.gz", 49, "$TRUTH --channels BASE_CHANNELS --alt-aligned-pileup rows"),
		training("golden.alt_aligned_pileup_diff_channels_examples.tfrecord.gz", 49, "$TRUTH --channels BASE_CHANNELS --alt-aligned-pileup diff_channels"),
		{"gx examples --compat " + version + " --ref $IN/ucsc.hg19.chr20.unittest.fasta.gz --reads $IN/NA12878_S1.chr20.10_10p1mb.bam --regions chr20:10,000,000-10,004,000 " +
			"--truth $IN/with_types.test_nist.b37_chr20_4kbp_at_10mb.vcf.gz --confident " + nist + ".bed --labeler-algorithm customized_classes_labeler " +
			"--customized-classes-labeler-classes-list ref,class1,class2 --customized-classes-labeler-info-field-name type --out $OUT/e.tfrecord.gz",
			[]goldenFile{of("customized_classes.golden.training_examples.tfrecord.gz", "e.tfrecord.gz", 19, asExample)}, true},
		{"gx examples --compat " + version + " --ref $IN/ucsc.hg19.chr20.unittest.fasta.gz --reads $IN/NA12878_S1.chr20.10_10p1mb.bam " +
			"--variant-caller vcf_candidate_importer --truth " + nist + ".vcf.gz --out $OUT/e.tfrecord.gz",
			[]goldenFile{of("golden.vcf_candidate_importer.training_examples.tfrecord.gz", "e.tfrecord.gz", 223, asExample)}, false},
	}
	if version == "1.5" {
		return runs
	}
	return append(runs,
		goldenRun{with("$TRUTH --out $OUT/e@3.tfrecord.gz"), shards("golden.training_examples.tfrecord.gz", "e", [3]int{14, 22, 13}, asExample), false},
		goldenRun{"gx examples --compat 1.9 --ref $IN/ucsc.hg19.chr20.unittest.fasta.gz --reads $IN/NA12878_S1.chr20.10_10p1mb.first_half.bam," +
			"$IN/NA12878_S1.chr20.10_10p1mb.second_half.bam --regions chr20:10,000,000-10,010,000 --out $OUT/e.tfrecord.gz",
			[]goldenFile{of("golden.calling_examples.tfrecord.gz", "e.tfrecord.gz", 84, asExample)}, false},
		goldenRun{"gx examples --compat 1.9 --preset pacbio --ref $IN/grch38.chr20_and_21_10M.fa.gz --reads $IN/test_pacbio.chr20_100kbp_at_9mb.bam " +
			"--regions chr20:9,000,000-9,100,000 --pileup-image-width 199 --max-reads-per-partition 1500 --output-phase-info --out $OUT/e.tfrecord.gz",
			[]goldenFile{of("golden.pacbio_examples.tfrecord.gz", "e.tfrecord.gz", 401, asExample)}, false},
		training("golden.calling_examples.with_flags.tfrecord.gz", 84, "--normalize-reads --keep-legacy-allele-counter-behavior"),
	)
}

func asExample(b []byte) (any, error) {
	var e example.Example
	if err := e.Decode(b); err != nil {
		return nil, err
	}
	v, err := example.DecodeVariant(e.Variant)
	e.Variant = nil
	return []any{e, v}, err
}

func asVariant(b []byte) (any, error) { return example.DecodeVariant(b) }

// asSite is the candidate and the alleles that an example, or the output of a
// network for it, is about.
func asSite(b []byte) (any, error) {
	var e example.Example
	if e.Decode(b) == nil && len(e.Variant) > 0 {
		v, err := example.DecodeVariant(e.Variant)
		return []any{v, e.AltIndices}, err
	}
	c, err := example.DecodeCall(b)
	if err != nil {
		return nil, err
	}
	return []any{c.Variant, c.AltIndices}, nil
}

// trioRun is the run of a family of which DeepTrio's networks have seen the
// child's examples: their candidates and its blocks are golden files.
func trioRun() goldenRun {
	const trio = "$DATA/reads/CEU-trio-20-10.00"
	return goldenRun{"gx examples --compat 1.9 --ref $DATA/reference/GRCh37.chr20.windows.fa.gz --reads " + trio + "/HG001.bam --reads-parent1 " + trio + "/NA12891.bam " +
		"--reads-parent2 " + trio + "/NA12892.bam --sample-name child --sample-name-parent1 parent1 --sample-name-parent2 parent2 --regions 20:10,000,000-10,010,000 " +
		"--pileup-image-height-child 60 --pileup-image-height-parent 40 --out $OUT/e.tfrecord.gz --blocks $OUT/b.tfrecord.gz",
		[]goldenFile{
			{golden: "deeptrio/golden.postprocess_single_site_input-00000-of-00001.tfrecord.gz", out: "e_child.tfrecord.gz", n: 88, as: asSite},
			{golden: "deeptrio/golden_child.postprocess_gvcf_input.tfrecord.gz", out: "b_child.tfrecord.gz", n: 1329, as: asVariant}}, true}
}

// asCandidate is a candidate with the reads of each allele in order: in
// DeepVariant's files they have none.
func asCandidate(b []byte) (any, error) {
	c, err := example.DecodeCandidate(b)
	if err != nil {
		return nil, err
	}
	for _, s := range c.Support {
		slices.Sort(s.Reads)
	}
	for _, s := range c.SupportExt {
		slices.SortFunc(s.Reads, func(a, b example.ReadSupport) int { return cmp.Compare(a.Read, b.Read) })
	}
	return c, nil
}

// vcfLines is the lines of a VCF but those that name its maker.
func vcfLines(text string) []string {
	return slices.DeleteFunc(strings.Split(strings.TrimSuffix(text, "\n"), "\n"), func(line string) bool {
		return strings.HasPrefix(line, "##DeepVariant_version=") || strings.HasPrefix(line, "##source=")
	})
}

// countLines is the lines of a run_info.pbtxt that count candidates and
// examples; others tell of flags and of the machine.
func countLines(text string) (out []string) {
	block := ""
	for line := range strings.Lines(text) {
		if name, ok := strings.CutSuffix(line, " {\n"); ok && !strings.HasPrefix(line, " ") {
			block = name
		}
		if block == "labeling_metrics" || block == "stats" {
			out = append(out, strings.TrimSpace(line))
		}
		if line == "}\n" {
			block = ""
		}
	}
	return out
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

// compare gives how many records, decoded, or bytes of a golden file the output
// has in the same places, and how many there are; the first difference is an
// error of the test.
func (g *goldenFile) compare(t *testing.T, dir string) (same, n int) {
	t.Helper()
	golden, out := shared.Path(t, "deepvariant/"+g.golden), filepath.Join(dir, g.out)
	if g.lines != nil {
		got, errA := os.ReadFile(out)
		want, errB := os.ReadFile(golden)
		x, y := g.lines(string(got)), g.lines(string(want))
		for same < min(len(x), len(y)) && x[same] == y[same] {
			same++
		}
		if errA != nil || errB != nil || len(y) != g.n || len(x) != len(y) || same < len(y) {
			t.Errorf("%s: the first %d of %d lines are those of the %d golden ones, want all %d; %v, %v", g.golden, same, len(x), len(y), g.n, errA, errB)
		}
		return same, len(y)
	}
	if g.as == nil {
		got, errA := os.ReadFile(out)
		want, errB := os.ReadFile(golden)
		if errA != nil || errB != nil || len(want) != g.n || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %d golden ones, want %d equal ones; %v, %v", g.golden, len(got), len(want), g.n, errA, errB)
			return 0, len(want)
		}
		return len(want), len(want)
	}
	got, want := tfRecords(t, out), tfRecords(t, golden)
	if len(got) != len(want) || len(want) != g.n {
		t.Errorf("%s: %d records, %d golden ones, want %d", g.golden, len(got), len(want), g.n)
	}
	for i := range min(len(got), len(want)) {
		x, errX := g.as(got[i])
		y, errY := g.as(want[i])
		if errX == nil && errY == nil && reflect.DeepEqual(x, y) {
			same++
		} else if same == i {
			t.Errorf("%s: record %d differs: %v, %v\n got %.1500s\nwant %.1500s", g.golden, i, errX, errY, fmt.Sprintf("%+v", x), fmt.Sprintf("%+v", y))
		}
	}
	return same, len(want)
}

// TestGoldens: gx examples writes DeepVariant's golden files, record for record.
// docs/goldens.md is the table of it.
func TestGoldens(t *testing.T) {
	dv := filepath.Dir(shared.Path(t, "deepvariant/README.md"))
	var table strings.Builder
	table.WriteString("# DeepVariant's golden files, written by gx\n" +
		"Each command is run as it stands here and its output held against the golden file, record by record, decoded (the three candidate_positions: byte by\n" +
		"byte; VCF and counts: line by line, but for the line that names the maker). Of candidates the reads of an allele are compared as sets: their order is that of a hash table. Generated by\n" +
		"go test ./cmd/gx -run TestGoldens -update. In the commands stand\n\n```\n")
	for _, x := range goldenShorthand {
		fmt.Fprintf(&table, "%-7s%s\n", x[0], x[1])
	}
	table.WriteString("$DV    the folder of DeepVariant's test data: testdata of release 1.9.0, testdata_v1.5 of release 1.5.0\n$DATA  the folder of it and of real reads\n$OUT   a folder\n```\n\n" +
		"| golden file | equal | command |\n|---|---|---|\n")
	runs := append(append(goldenRuns("testdata", "1.9"), goldenRuns("testdata_v1.5", "1.5")...), trioRun())
	for _, r := range runs {
		if testing.Short() && !r.short {
			continue
		}
		dir := t.TempDir()
		command := r.command
		for _, x := range append(goldenShorthand, [2]string{"$DV", dv}, [2]string{"$DATA", filepath.Dir(dv)}, [2]string{"$OUT", dir}) {
			command = strings.ReplaceAll(command, x[0], x[1])
		}
		if status, _, stderr := run(t, strings.Fields(command)[1:]...); status != 0 {
			t.Fatalf("%s: status %d: %s", r.command, status, stderr)
		}
		for _, g := range r.files {
			same, n := g.compare(t, dir)
			what := "records"
			switch {
			case g.lines != nil:
				what = "lines"
			case g.as == nil:
				what = "bytes"
			}
			fmt.Fprintf(&table, "| %s | %d of %d %s | `%s` |\n", g.golden, same, n, what, r.command)
		}
	}
	if testing.Short() {
		return
	}
	const path = "../../docs/goldens.md"
	if *update {
		if err := os.WriteFile(path, []byte(table.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != table.String() {
		t.Errorf("docs/goldens.md is not what this test finds (%v); -update rewrites it", err)
	}
}
