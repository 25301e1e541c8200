package stage

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/object"
)

// TestStatsPeer: the counts of whole-file sections are those of bcftools stats.
func TestStatsPeer(t *testing.T) {
	for _, name := range []string{golden19 + "postprocess_single_site_output.vcf.gz", testdata + "input/test_nist.b37_chr20_100kbp_at_10mb.vcf.gz"} {
		path := shared.Path(t, name)
		out := filepath.Join(t.TempDir(), "x.stats.txt")
		if err := WriteStats(t.Context(), &Env{Store: object.Files{}, Threads: 1}, path, out); err != nil {
			t.Fatal(err)
		}
		theirs, _ := peer(t, "bcftools", "stats", "-s", "-", path)
		want, got := sections(theirs), sections(textOf(t, out))
		if len(want) < 15 {
			t.Fatalf("%s: %d lines to compare", name, len(want))
		}
		for key, line := range want {
			if got[key] != line {
				t.Errorf("%s: %s: got %q, want %q", name, key, got[key], line)
			}
		}
	}
}

// sections is the lines of a file of statistics in which the two programs must
// agree: SN, TSTV, ST, the sites of indels by length (genotypes are counted
// there only where they have AD), and of PSC the genotypes.
func sections(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch {
		case f[0] == "SN" && f[2] != "number of MNPs:" && f[2] != "number of others:", f[0] == "ST":
			out[f[0]+" "+f[2]] = f[3]
		case f[0] == "TSTV":
			out[f[0]] = strings.Join(f[2:], " ")
		case f[0] == "IDD":
			out["IDD "+f[2]] = f[3]
		case f[0] == "PSC":
			out["PSC "+f[2]] = strings.Join(f[3:8], " ")
		}
	}
	return out
}
