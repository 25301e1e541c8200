package stage

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/variant/compare"
)

// TestCompareIsec: real calls against a real truth. SNPs that stand alone match
// where bcftools norm and isec find the record in both files, and nowhere else;
// and TP and FN of a query are all of the truth in the regions.
func TestCompareIsec(t *testing.T) {
	dv, hg002 := testdata+"input/", "reads/HG002-hiseqx-20-20.16/"
	for _, k := range []struct{ name, ref, reads, region, truth, confident string }{
		{"NA12878", dv + "ucsc.hg19.chr20.unittest.fasta.gz", dv + "NA12878_S1.chr20.10_10p1mb.bam", "chr20:10000000-10100000",
			dv + "test_nist.b37_chr20_100kbp_at_10mb.vcf.gz", dv + "ref_class1_class2.chr20_100kbp_at_10mb.bed"},
		{"HG002", grch37, hg002 + "reads.bam", "20:20160000-20235000", hg002 + "truth.vcf.gz", hg002 + "truth.bed"},
	} {
		t.Run(k.name, func(t *testing.T) {
			dir := t.TempDir()
			path := func(name string) string { return filepath.Join(dir, name) }
			ref := plainFASTA(t, shared.Path(t, k.ref), path("ref.fa"))
			o := DefaultCallOptions()
			o.Regions = []string{k.region}
			call(t, CallPlan{Ref: ref, Reads: []string{shared.Path(t, k.reads)}, Out: path("calls.vcf.gz"), Options: o, Shards: 1}, 2)
			plan := ComparePlan{Ref: ref, Truth: shared.Path(t, k.truth), Queries: []string{path("calls.vcf.gz")}, Confident: shared.Path(t, k.confident), Prefix: path("cmp")}
			results, err := Compare(t.Context(), &Env{Store: object.Files{}, Threads: 2}, plan)
			if err != nil {
				t.Fatal(err)
			}
			for ty, n := range map[compare.Type]int{compare.SNP: 60, compare.Indel: 10} {
				if c := &results[0].Counts[ty][compare.All]; c.TP+c.FN != c.Truth || c.Truth < n {
					t.Errorf("%s: TP %d, FN %d of %d, want all of at least %d", ty, c.TP, c.FN, c.Truth, n)
				}
			}
			checked := 0
			shares := isec(t, dir, ref, plan.Truth, plan.Queries[0])
			for _, s := range alone(t, path("cmp.vcf.gz")) {
				checked++
				if found := slices.Contains(shares, s.place); found != s.matches {
					t.Errorf("%s: shared %v as bcftools isec has it, matched %v", s.place, found, s.matches)
				}
			}
			t.Logf("%d isolated SNPs, %d records in both files", checked, len(shares))
			if checked < 50 {
				t.Errorf("%d isolated SNPs, want 50 or more", checked)
			}
		})
	}
}

// plainFASTA inflates a bgzip reference for programs that want it so.
func plainFASTA(t *testing.T, from, to string) string {
	t.Helper()
	f, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := bgzf.NewReader(f, 1)
	defer z.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := out.ReadFrom(z); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return to
}

// isec is the records that two files share once both are normalised, as
// contig:pos ref>alt; records without an alternate allele in the genotype are
// left out.
func isec(t *testing.T, dir, ref, truth, query string) []string {
	t.Helper()
	var files []string
	for i, in := range []string{truth, query} {
		out := filepath.Join(dir, fmt.Sprintf("norm%d.vcf.gz", i))
		peer(t, "bcftools", "norm", "-m", "-any", "-f", ref, "-c", "w", "-o", out+".all.vcf", in)
		peer(t, "bcftools", "view", "-i", `GT="alt"`, "-Oz", "-o", out, out+".all.vcf")
		peer(t, "tabix", "-f", out)
		files = append(files, out)
	}
	text, _ := peer(t, "bcftools", "isec", "-n=2", files[0], files[1])
	var out []string
	for line := range strings.Lines(text) {
		c := strings.Split(line, "\t")
		out = append(out, fmt.Sprintf("%s:%s %s>%s", c[0], c[1], c[2], c[3]))
	}
	return out
}

// lone is a SNP of the truth that no other called record is near.
type lone struct {
	place   string
	matches bool
}

// alone reads judged records and gives the isolated SNPs of the truth.
func alone(t *testing.T, path string) []lone {
	t.Helper()
	r, err := vcf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	type record struct {
		pos   int
		place string
		kind  string
	}
	var all []record
	for rec, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		var decisions [2]string
		for i := range decisions {
			if b, ok := rec.Value(i, "BD"); ok {
				decisions[i] = string(b)
			}
		}
		if decided := decisions[0] + decisions[1]; decided == "" || strings.Trim(decided, "N.") == "" {
			continue // no alternate allele is called
		}
		kind, _ := rec.Value(0, "BK")
		x := record{pos: rec.Pos, kind: string(kind)}
		if snp := len(rec.Ref) == 1 && len(rec.Alts) == 1 && len(rec.Alts[0]) == 1; snp && decisions[0] != "" && decisions[0] != "N" {
			x.place = fmt.Sprintf("%s:%d %s>%s", rec.Contig, rec.Pos+1, rec.Ref, rec.Alts[0])
		}
		all = append(all, x)
	}
	var out []lone
	for i, x := range all {
		const apart = 60
		if x.place != "" && (i == 0 || all[i-1].pos < x.pos-apart) && (i+1 == len(all) || all[i+1].pos > x.pos+apart) {
			out = append(out, lone{x.place, x.kind == "gm" || x.kind == "am"})
		}
	}
	return out
}
