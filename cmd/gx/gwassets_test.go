package main

import (
	"strings"
	"testing"
)

// TestSetFlags: what is wrong with the flags of sets is said before any file is
// opened, all at once.
func TestSetFlags(t *testing.T) {
	base := "gwas --genotypes a.bed --pheno p.tsv --out o "
	sets := base + "--set-list l --anno-file a --mask-def m "
	for _, c := range []struct{ args, want string }{
		{base + "--vc-tests skat", "--vc-tests is of sets, which --set-list names"},
		{base + "--aaf-bins 0.1", "--aaf-bins is of sets"},
		{base + "--set-list l", "anno-file"},
		{base + "--set-list l", "mask-def"},
		{sets + "--vc-tests skat,madeup", "vc-tests \"madeup\""},
		{sets + "--aaf-bins 0.1,x", "aaf-bins \"x\""},
		{sets + "--aaf-bins 2", "bound of allele frequencies 2"},
		{sets + "--build-mask min", "build-mask \"min\""},
		{sets + "--skat-params 1", "skat-params \"1\": want two numbers"},
		{sets + "--skato-rho 1.5 --vc-tests skato", "rho 1.5"},
		{sets + "--joint sbat", "joint \"sbat\": want acat"},
		{sets + "--set-singletons", "--set-singletons wants --aaf-file"},
		{sets + "--format plink2", "--format plink2 has no rows of sets"},
		{sets + "--format gwas-ssf", "--format gwas-ssf has no rows of sets"},
		{sets + "--model dominant --vc-tests skat", "additive genotypes"},
		{base + "--metadata-date 1.2.2026", "1.2.2026"},
	} {
		status, _, said := run(t, strings.Fields(c.args)...)
		if status != 2 || !strings.Contains(said, c.want) {
			t.Errorf("%s: status %d, %q, want %q and status 2", c.args, status, said, c.want)
		}
	}
}
