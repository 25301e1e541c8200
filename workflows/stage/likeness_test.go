package stage

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/bed"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/pileup/image"
)

// likeness is what of a set of reads decides what a network learns from them:
// how often candidates are false, and how large a share of the reads shows
// alleles that are and that are not there.
type likeness struct {
	bases             int
	falseSNP, trueSNP int
	falseIndel        []float64    // shares of the reads, in percent
	trueIndel         [2][]float64 // heterozygous, homozygous
	falseSNPs         []float64
}

// measureLikeness labels the candidates of reads and takes their shares.
func measureLikeness(t *testing.T, ref, reads, truth, confident string, regions []string) *likeness {
	t.Helper()
	plan := ExamplesPlan{Ref: ref, Reads: []string{reads}, Options: DefaultCallOptions(), Image: image.Defaults(image.V19),
		Out: filepath.Join(t.TempDir(), "e.tfrecord")}
	plan.Options.Regions = regions
	plan.Training.Truth, plan.Training.Confident = truth, confident
	if _, err := Examples(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan); err != nil {
		t.Fatal(err)
	}
	m := &likeness{}
	list, err := bed.Read(confident, bed.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range list {
		m.bases += x.End - x.Start
	}
	m.count(t, plan.Out)
	if err := os.Remove(plan.Out); err != nil { // there are dozens of sets, and a gigabyte in some
		t.Fatal(err)
	}
	return m
}

// count takes in the examples of single alternate alleles.
func (m *likeness) count(t *testing.T, path string) {
	t.Helper()
	for _, b := range tfRecords(t, path) {
		var e example.Example
		if err := e.Decode([]byte(b)); err != nil {
			t.Fatal(err)
		}
		if len(e.AltIndices) != 1 {
			continue
		}
		v, err := example.DecodeVariant(e.Variant)
		if err != nil {
			t.Fatal(err)
		}
		share := 100 * v.Calls[0].Info.Get("VAF")[e.AltIndices[0]].Number
		snp := len(v.Ref) == len(v.Alts[e.AltIndices[0]])
		switch {
		case snp && e.Label == 0:
			m.falseSNP++
			m.falseSNPs = append(m.falseSNPs, share)
		case snp:
			m.trueSNP++
		case e.Label == 0:
			m.falseIndel = append(m.falseIndel, share)
		default:
			m.trueIndel[e.Label-1] = append(m.trueIndel[e.Label-1], share)
		}
	}
}

// quantiles of a list in percent, by nearest rank; a dash where there are fewer
// than five values.
func quantiles(list []float64, percent ...int) string {
	if len(list) < 5 {
		return "-"
	}
	slices.Sort(list)
	var out []string
	for _, p := range percent {
		out = append(out, fmt.Sprintf("%.0f", list[(len(list)-1)*p/100]))
	}
	return strings.Join(out, ", ")
}

func (m *likeness) row(name string) string {
	kb := float64(m.bases) / 1000
	return fmt.Sprintf("| %s | %.0f | %.2f, %.2f | %s | %s | %s | %s | %d, %d |\n", name, kb, float64(m.falseSNP)/kb, float64(len(m.falseIndel))/kb,
		quantiles(m.falseSNPs, 10, 50, 90), quantiles(m.falseIndel, 10, 50, 90), quantiles(m.trueIndel[0], 5, 25, 50), quantiles(m.trueIndel[1], 5, 25),
		m.trueSNP, len(m.trueIndel[0])+len(m.trueIndel[1]))
}

const likenessHead = `# Training reads beside real ones

Made by ` + "`make train-statistics`" + `. Candidates of gx (two reads, 12 % or 6 %) are held against the truth: how many are false, and which share of the
reads shows alleles that are false, heterozygous and homozygous. What the simulated sets have otherwise than real ones is what a network learns
wrongly from them. The real windows are chromosome 20 and give these numbers only.

| reads | kb | false SNPs, indels per kb | % of reads, false SNPs p10, 50, 90 | false indels p10, 50, 90 | het indels p5, 25, 50 | hom indels p5, 25 | true SNPs, indels |
|---|---|---|---|---|---|---|---|
`

// TestLikeness writes docs/model/statistics.md from the training sets in the
// folder that GX_TRAIN names (testdata/train-data.sh), beside real reads.
func TestLikeness(t *testing.T) {
	folder := os.Getenv("GX_TRAIN")
	if folder == "" {
		t.Skip("GX_TRAIN names no folder of training sets")
	}
	text := likenessHead
	real := func(name, ref, reads, truth, confident, region string) {
		m := measureLikeness(t, shared.Path(t, ref), shared.Path(t, reads), shared.Path(t, truth), shared.Path(t, confident), []string{region})
		text += m.row(name)
		t.Log(m.row(name))
	}
	real("NA12878, HiSeq 2000, 50x", testdata+"input/ucsc.hg19.chr20.unittest.fasta.gz", testdata+"input/NA12878_S1.chr20.10_10p1mb.bam",
		testdata+"input/test_nist.b37_chr20_100kbp_at_10mb.vcf.gz", testdata+"input/ref_class1_class2.chr20_100kbp_at_10mb.bed", "chr20:10,000,000-10,100,000")
	hg002 := "reads/HG002-hiseqx-20-20.16/"
	real("HG002, HiSeq X, 80x", "reference/GRCh37.chr20.windows.fa.gz", hg002+"reads.bam", hg002+"truth.vcf.gz", hg002+"truth.bed", "20:20,156,208-20,234,556")
	f, err := os.Open(filepath.Join(folder, "sets.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Scan()
	columns := strings.Split(lines.Text(), "\t")
	for lines.Scan() {
		set := map[string]string{}
		for i, c := range strings.Split(lines.Text(), "\t") {
			set[columns[i]] = c
		}
		dir := filepath.Join(folder, set["name"])
		confident, regions := firstBases(t, filepath.Join(dir, "confident.bed"), 600_000)
		m := measureLikeness(t, filepath.Join(dir, "ref.fa"), filepath.Join(dir, "reads.bam"), filepath.Join(dir, "truth.vcf.gz"), confident, regions)
		row := m.row(fmt.Sprintf("%s: %s, %s, 2x%s, %sx", set["name"], set["profile"], set["note"], set["length"], set["depth"]))
		text += row
		t.Log(row)
	}
	for _, name := range strings.Fields(os.Getenv("GX_BESIDE")) { // prefixes of other sets: PREFIX.bam, .truth.vcf.gz, .bed, .ref
		confident, regions := firstBases(t, name+".bed", 600_000)
		row := measureLikeness(t, name+".ref", name+".bam", name+".truth.vcf.gz", confident, regions).row(filepath.Base(name) + ": outside simulator (ART), not trained on")
		text += row
		t.Log(row)
	}
	if err := os.WriteFile("../../docs/model/statistics.md", []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// firstBases is a BED of so many bases of another one, and their regions: of long
// intervals from a third on.
func firstBases(t *testing.T, path string, n int) (string, []string) {
	t.Helper()
	list, err := bed.Read(path, bed.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	var regions []string
	for _, x := range list {
		from := x.Start
		if x.End-x.Start > 100_000 {
			from += (x.End - x.Start) / 3
		}
		to := min(x.End, from+n)
		if to <= from {
			continue
		}
		n -= to - from
		fmt.Fprintf(&text, "%s\t%d\t%d\n", x.Contig, from, to)
		regions = append(regions, fmt.Sprintf("%s:%d-%d", x.Contig, from+1, to))
	}
	out := filepath.Join(t.TempDir(), "part.bed")
	if err := os.WriteFile(out, []byte(text.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	return out, regions
}
