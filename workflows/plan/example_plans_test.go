package plan

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/variant/locus"
	variants "github.com/gx-genomics/gx/variant/simulate"
	"github.com/gx-genomics/gx/workflows/stage"
)

// examplePlan runs a plan of testdata/plans with its values set.
func examplePlan(t *testing.T, name string, set map[string][]string) {
	t.Helper()
	path := filepath.Join("..", "..", "testdata", "plans", name)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Parse(path, b, stage.Kinds(), set)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, p, Runner{Workers: 2, Threads: 2}); err != nil {
		t.Fatal(err)
	}
}

// gzLines is how many lines of a packed file have no #.
func gzLines(t *testing.T, path string) (n int) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	sc := bufio.NewScanner(z)
	for sc.Scan() {
		if !strings.HasPrefix(sc.Text(), "#") {
			n++
		}
	}
	return n
}

func TestExamplePlanGenome(t *testing.T) {
	in, out := dataDir(t), filepath.Join(t.TempDir(), "new", "s1")
	examplePlan(t, "genome.yaml", map[string][]string{"ref": {filepath.Join(in, "s1.fa")}, "reads": {filepath.Join(in, "s1.bam")}, "out": {out}})
	if n := gzLines(t, out+".vcf.gz"); n < 5 {
		t.Errorf("%d records", n)
	}
}

func TestExamplePlanGWAS(t *testing.T) {
	if testing.Short() {
		t.Skip("it trains networks")
	}
	in, out := dataDir(t), filepath.Join(t.TempDir(), "g")
	file := func(name string) []string { return []string{filepath.Join(in, name)} }
	examplePlan(t, "gwas.yaml", map[string][]string{"genotypes": file("cohort.bed"), "pheno": file("cohort.tsv"), "covar": file("cohort.tsv"), "out": {out}})
	for _, trait := range []string{"y", "b"} {
		if n := gzLines(t, out+"."+trait+".tsv.gz"); n < 200 {
			t.Errorf("trait %s: %d rows", trait, n)
		}
	}
}

// TestExamplePlanCohort: from the reads of many people to association.
func TestExamplePlanCohort(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	env := &stage.Env{Store: object.Files{}, Threads: 2}
	var samples []string
	var pheno strings.Builder
	fmt.Fprintln(&pheno, "FID\tIID\ty")
	ref := ""
	for k := range 16 {
		name := fmt.Sprintf("p%02d", k)
		samples = append(samples, name)
		fmt.Fprintf(&pheno, "%s\t%s\t%d\n", name, name, (k*7)%16)
		prefix := filepath.Join(dir, name)
		g := stage.GenomePlan{Ref: ref, Prefix: prefix, Sample: name, Reference: variants.DefaultReference(), Truth: variants.DefaultTruth()}
		g.Reference.Contigs = []locus.Contig{{Name: "c1", Length: 4_000}}
		g.Truth.Seed = uint64(k/4 + 1) // four families of one genome each, so that variants are shared
		if err := stage.SimulateGenome(t.Context(), env, g); err != nil {
			t.Fatal(err)
		}
		if ref == "" {
			ref = filepath.Join(dir, "ref.fa")
			if err := os.Rename(prefix+".fa", ref); err != nil {
				t.Fatal(err)
			}
		}
		r := stage.ReadsPlan{Ref: ref, Truth: prefix + ".vcf.gz", Prefix: prefix, Sample: name, BAM: true, Reads: variants.DefaultReads()}
		r.Reads.Depth, r.Reads.Seed = 14, uint64(k+1)
		if _, err := stage.SimulateReads(t.Context(), env, r); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "pheno.tsv"), []byte(pheno.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	examplePlan(t, "cohort.yaml", map[string][]string{"in": {dir}, "out": {out}, "sample": samples})
	if n := gzLines(t, filepath.Join(out, "loci.y.tsv.gz")); n < 5 {
		t.Errorf("%d variants were tested", n)
	}
}
