package stage

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/io/object"
)

// TestReport: the page and the summary of calls and of a table, twice the same
// bytes, with the numbers that are known and nothing that a page loads.
func TestReport(t *testing.T) {
	dir := t.TempDir()
	calls, table := filepath.Join(dir, "c.vcf"), filepath.Join(dir, "y.tsv")
	for name, text := range map[string]string{
		calls: "##fileformat=VCFv4.2\n##FILTER=<ID=RefCall,Description=\"r\">\n##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"a\">\n" +
			"##FORMAT=<ID=MID,Number=1,Type=String,Description=\"m\">\n##contig=<ID=1,length=1000>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ts<1>\n" +
			"1\t10\t.\tA\tG\t50\tPASS\t.\tGT:AD:MID\t0/1:10,10:wgs-first\n1\t20\t.\tA\tC\t40\tPASS\t.\tGT:AD:MID\t1/1:0,9:wgs\n1\t30\t.\tAT\tA\t3\tRefCall\t.\tGT:AD:MID\t0/0:20,2:wgs-first\n",
		table: "chrom\tpos\tid\tref\talt\teaf\tn\ttest\tbeta\tse\tneg_log10_p\tmethod\tflags\n1\t10\trs1\tA\tG\t0.5\t100\tADD\t1\t0.1\t400\tols\t.\n" +
			"1\t20\trs2\tA\tG\t0.5\t100\tADD\t0\t0.1\t0.3\tols\t.\n1\t30\trs3\tA\tG\t0\t100\tADD\tNA\tNA\tNA\tnone\tCONST\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	made := func(k string) (page, summary []byte) {
		p := DefaultReportPlan()
		p.Results, p.Out, p.JSON, p.MultiQC = []string{calls, table}, filepath.Join(dir, k+".html"), filepath.Join(dir, k+".json"), dir
		if err := MakeReport(t.Context(), &Env{Store: object.Files{}, Threads: 2}, p); err != nil {
			t.Fatal(err)
		}
		page, err := os.ReadFile(p.Out)
		if err != nil {
			t.Fatal(err)
		}
		if summary, err = os.ReadFile(p.JSON); err != nil {
			t.Fatal(err)
		}
		return page, summary
	}
	page, summary := made("a")
	again, same := made("b")
	if !bytes.Equal(page, again) || !bytes.Equal(summary, same) {
		t.Error("two reports of the same differ")
	}
	for _, bad := range []string{"<script", "src=", "s<1>", dir, "NaN"} {
		if strings.Contains(string(page), bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	var got struct {
		Schema int
		Calls  []struct {
			Records  int
			Variants struct{ Records, SNPs, Transitions int }
			First    float64 `json:"first_pass_share"`
		}
		Association []struct {
			Main struct {
				Tests, Hits int
				Loci        int `json:"loci_of_hits"`
				Skipped     map[string]int
			}
		}
	}
	if err := json.Unmarshal(summary, &got); err != nil {
		t.Fatal(err)
	}
	c, m := got.Calls[0], got.Association[0].Main
	if got.Schema != 1 || c.Records != 3 || c.Variants.Records != 2 || c.Variants.Transitions != 1 || c.First < 0.66 || c.First > 0.67 {
		t.Errorf("calls: %+v", c)
	}
	if m.Tests != 2 || m.Hits != 1 || m.Loci != 1 || m.Skipped["CONST"] != 1 {
		t.Errorf("association: %+v", m)
	}
}
