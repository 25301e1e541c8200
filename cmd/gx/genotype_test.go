package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
)

// TestGenotypeCommand goes from golden examples to a gVCF, merges it with
// itself under another name, and counts.
func TestGenotypeCommand(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	golden := "deepvariant/testdata/golden."
	args := []string{"genotype", "--ref", shared.Path(t, deepvariant+"ucsc.hg19.chr20.unittest.fasta.gz"),
		"--calls", shared.Path(t, golden+"postprocess_single_site_input-00000-of-00001.tfrecord.gz"),
		"--blocks", shared.Path(t, golden+"postprocess_gvcf_input.tfrecord.gz"), "--threads", "2"}
	for _, name := range []string{"a", "b"} {
		status, _, stderr := run(t, append(args, "--sample-name", name, "--out", path(name+".vcf"), "--gvcf", path(name+".g.vcf"), "--stats", path(name+".stats.txt"))...)
		if status != 0 || !strings.Contains(stderr, "78 records, 71 of them PASS, of 84 classified examples") {
			t.Fatalf("status %d\n%s", status, stderr)
		}
	}
	stats, err := os.ReadFile(path("a.stats.txt"))
	if err != nil || !strings.Contains(string(stats), "number of records:\t78\n") {
		t.Errorf("%v\n%s", err, stats)
	}
	status, stdout, stderr := run(t, "merge", path("b.g.vcf"), path("a.g.vcf"), "-q", "--ids=true", "-o", path("m.vcf"))
	if status != 0 || stdout != "" || stderr != "" {
		t.Fatalf("status %d\n%s", status, stderr)
	}
	text, err := os.ReadFile(path("m.vcf"))
	if err != nil || !strings.Contains(string(text), "\tFORMAT\ta\tb\n") || strings.Count(string(text), "\nchr20\t") < 60 {
		t.Errorf("%v, %d records", err, strings.Count(string(text), "\nchr20\t"))
	}
}

func TestMergeUsage(t *testing.T) {
	for _, k := range []struct {
		name string
		args []string
		want string
	}{
		{"nothing", []string{"merge"}, "--out is missing\nno gVCF is given"},
		{"an unknown flag behind the files", []string{"merge", "a", "--outt", "x"}, "not defined: -outt"},
		{"a flag without its value", []string{"merge", "a", "--out"}, "needs an argument: -out"},
		{"a wrong value", []string{"merge", "a", "--out", "x", "--max-alleles-per-site", "many"}, `invalid value "many"`},
		{"options", []string{"merge", "a", "--out", "x", "--max-alleles-per-site=0", "--min-allele-qual", "-1"}, "most alternate alleles 0"},
		{"statistics of standard output", []string{"merge", "a", "--out", "-", "--stats", "s"}, "--stats s: the VCF goes to standard output"},
		{"genotype without anything", []string{"genotype", "--gvcf", "x"}, "--ref is missing\n--calls is missing\n--out is missing\n--gvcf and --blocks: want both or none"},
	} {
		t.Run(k.name, func(t *testing.T) {
			status, _, stderr := run(t, k.args...)
			if status != 2 || !strings.Contains(stderr, k.want) {
				t.Errorf("status %d, want 2 and %q\n%s", status, k.want, stderr)
			}
		})
	}
	first := filepath.Join(t.TempDir(), "a.vcf")
	if err := os.WriteFile(first, []byte("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, _, stderr := run(t, "merge", "--out", "x", first, "--", "--no-such-file"); status != 1 || !strings.Contains(stderr, "no-such-file") {
		t.Errorf("behind --: status %d\n%s", status, stderr)
	}
}
