package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestOutputsAreReplaced: the rule of all commands for outputs that are there
// already. A run that succeeds replaces them, each as a whole; a run that fails
// leaves them as they were.
func TestOutputsAreReplaced(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	const junk = "what an earlier run left\n"
	for _, k := range []struct {
		args    []string
		outputs []string
		spoiled int // the argument that a failing run has another value for
	}{
		{[]string{"simulate", "genome", "--length", "20000", "--out", at("g")}, []string{"g.fa", "g.vcf.gz", "g.vcf.gz.tbi", "g.bed"}, 3},
		{[]string{"simulate", "reads", "--ref", at("g.fa"), "--truth", at("g.vcf.gz"), "--depth", "8", "--out", at("r"), "--format", "both"}, []string{"r.bam", "r.bam.bai", "r_1.fq.gz", "r_2.fq.gz"}, 5},
		{[]string{"call", "--ref", at("g.fa"), "--reads", at("r.bam"), "--out", at("c.vcf.gz"), "--gvcf", at("c.g.vcf.gz"), "--stats", at("c.stats.txt"), "--model", "counts"},
			[]string{"c.vcf.gz", "c.vcf.gz.tbi", "c.g.vcf.gz", "c.g.vcf.gz.tbi", "c.stats.txt"}, 4},
		{[]string{"examples", "--ref", at("g.fa"), "--reads", at("r.bam"), "--out", at("e.tfrecord.gz")}, []string{"e.tfrecord.gz"}, 4},
		{[]string{"merge", at("c.g.vcf.gz"), "--out", at("m.vcf.gz")}, []string{"m.vcf.gz", "m.vcf.gz.tbi"}, 1},
		{[]string{"compare", "--ref", at("g.fa"), "--truth", at("g.vcf.gz"), "--query", at("c.vcf.gz"), "--out", at("q")},
			[]string{"q.vcf.gz", "q.vcf.gz.tbi", "q.summary.csv", "q.strata.csv", "q.gq.csv"}, 6},
		{[]string{"simulate", "cohort", "--samples", "200", "--variants", "200", "--out", at("h")}, []string{"h.bed", "h.bim", "h.fam", "h.tsv"}, 3},
		{[]string{"convert", "--genotypes", at("h.bed"), "--out", at("i.pgen")}, []string{"i.pgen", "i.pvar", "i.psam"}, 2},
		{[]string{"gwas", "--genotypes", at("h.bed"), "--pheno", at("h.tsv"), "--traits", "y", "--out", at("a")}, []string{"a.y.tsv.gz"}, 2},
		{[]string{"nullmodel", "--pheno", at("h.tsv"), "--trait", "y", "--covar", at("h.tsv"), "--covar-names", "age", "--out", at("n.tsv")}, []string{"n.tsv"}, 2},
	} {
		name := k.args[0]
		if name == "simulate" {
			name += " " + k.args[1]
		}
		t.Run(name, func(t *testing.T) {
			for _, o := range k.outputs {
				if err := os.WriteFile(at(o), []byte(junk), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			bad := slices.Clone(k.args)
			bad[k.spoiled] = "no-such-thing"
			if status, _, _ := run(t, append(bad, "--quiet")...); status != 1 && status != 2 {
				t.Errorf("a run that cannot succeed: status %d", status)
			}
			for _, o := range k.outputs {
				if b, err := os.ReadFile(at(o)); err != nil || string(b) != junk {
					t.Errorf("%s after a failed run: %d bytes, %v", o, len(b), err)
				}
			}
			if status, _, stderr := run(t, append(slices.Clone(k.args), "--quiet")...); status != 0 {
				t.Fatalf("status %d: %s", status, stderr)
			}
			for _, o := range k.outputs {
				if b, err := os.ReadFile(at(o)); err != nil || len(b) == 0 || string(b) == junk {
					t.Errorf("%s: %d bytes, %v: not replaced", o, len(b), err)
				}
			}
		})
	}
}
