//go:build verify

package stage

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/internal/verify"
	"github.com/gx-genomics/gx/variant/train"
	"github.com/gx-genomics/gx/workflows/models"
)

// eachFields calls f for the tab-separated fields of the lines of a gzip file, those that
// begin with # left out.
func eachFields(t *testing.T, path string, f func([]string)) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		if text := lines.Text(); !strings.HasPrefix(text, "#") {
			f(strings.Split(text, "\t"))
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// value is a field of the first sample of a VCF's line.
func value(fields []string, key string) string {
	values := strings.Split(fields[9], ":")
	for i, k := range strings.Split(fields[8], ":") {
		if k == key && i < len(values) {
			return values[i]
		}
	}
	return ""
}

// trainingReference writes the sequence that training sets are drawn from.
func trainingReference(t *testing.T, to string) {
	written(t, to, func(w *bufio.Writer) {
		for _, c := range [][2]string{{"1", "reference/GRCh37.chr1_1-9876492.fa.gz"}, {"17", "reference/GRCh37.chr17_1-1000000.fa.gz"}, {"chr21", testdata + "input/grch38.chr20_and_21_10M.fa.gz"}} {
			file, err := os.Open(shared.Path(t, c[1]))
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			z, err := gzip.NewReader(file)
			if err != nil {
				t.Fatal(err)
			}
			lines, on := bufio.NewScanner(z), false
			for lines.Scan() {
				if b := lines.Bytes(); b[0] == '>' {
					name, _, _ := strings.Cut(string(b[1:]), " ")
					if on = name == c[0]; on {
						fmt.Fprintf(w, ">%s\n", name)
					}
				} else if on {
					w.Write(bytes.ToUpper(b))
					w.WriteByte('\n')
				}
			}
			if err := lines.Err(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestVerifyFirstPass measures what the first network of wgs settles, and what is
// lost by it: calls with it are held against calls where the second decides every site,
// on genomes of ten times the variants of life and on one of as many, at depths of low and usual
// coverage. None of these genomes was trained or tuned on.
func TestVerifyFirstPass(t *testing.T) {
	g := buildGX(t)
	ref := g.file("ref.fa")
	trainingReference(t, ref)
	data, _ := models.Embedded(models.WGS)
	m, err := models.Parse(models.WGS, data)
	if err != nil {
		t.Fatal(err)
	}
	m.SNP, m.Indel = 70, 70 // nothing is that sure
	var b bytes.Buffer
	if err := models.Write(&b, m, train.Networks{}, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(g.file("all.safetensors"), b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	const human, crowd = "1:1-7900000,17,chr21", "--snp-rate 0.0085 --indel-rate 6e-4 --runs 3 --repeats 3"
	var truths, lost, settled, usual int
	for _, k := range []struct {
		name, genome, reads string
		seed                int
	}{
		{"crowded at 8-24x", crowd, "--templates 6 --depths 8-24", 801},
		{"crowded at 16-60x", crowd, "--templates 6 --run-errors 0.1 --slip-spread 0.2 --depths 16-60", 802},
		{"as in life at 30x", "", "--templates 6 --depth 30", 803},
	} {
		seed := fmt.Sprint(k.seed)
		g.run(t, append([]string{"simulate", "genome", "--ref", ref, "--regions", human, "--seed", seed, "--out", g.file("t")}, strings.Fields(k.genome)...)...)
		g.run(t, append([]string{"simulate", "reads", "--ref", ref, "--truth", g.file("t.vcf.gz"), "--regions", human, "--seed", seed, "--format", "bam", "--out", g.file("r")}, strings.Fields(k.reads)...)...)
		found := [2]map[string]bool{{}, {}}
		for i, model := range []string{models.WGS, g.file("all.safetensors")} {
			calls := g.file("c.vcf.gz")
			g.run(t, "call", "--ref", ref, "--reads", g.file("r.bam"), "--model", model, "--out", calls)
			g.run(t, "compare", "--ref", ref, "--truth", g.file("t.vcf.gz"), "--query", calls, "--confident", g.file("t.bed"), "--out", g.file("judged"))
			eachFields(t, g.file("judged.vcf.gz"), func(f []string) {
				switch value(f, "BD") {
				case "TP":
					found[i][strings.Join(f[:5], " ")] = true
				case "FN":
				default:
					return
				}
				if i == 0 {
					truths++
				}
			})
			if i == 0 && k.genome == "" {
				eachFields(t, calls, func(f []string) {
					if usual++; strings.HasSuffix(value(f, "MID"), "-first") {
						settled++
					}
				})
			}
		}
		for v := range found[1] {
			if !found[0][v] {
				lost++
			}
		}
		t.Logf("%s: %d of truth found with the first network, %d without", k.name, len(found[0]), len(found[1]))
	}
	// The upper end of the one-sided interval of a Poisson mean (Garwood 1936).
	upper := distuv.ChiSquared{K: 2 * float64(lost+1)}.Quantile(0.95) / 2
	if err := verify.Write("../..", verify.FirstPass, []verify.Figure{
		{Name: "variants of truth", Value: float64(truths), Bar: 200_000},
		{Name: fmt.Sprintf("%d lost by the first network: upper 95 %% bound", lost), Value: 1e4 * upper / float64(truths), Unit: "of 10,000", Bar: 1, Most: true},
		{Name: fmt.Sprintf("%d candidates at 30x: settled by the first network", usual), Value: 100 * float64(settled) / float64(usual), Unit: "%", Bar: 75},
	}); err != nil {
		t.Fatal(err)
	}
}
