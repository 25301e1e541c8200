package bam

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gx-genomics/gx/internal/shared"
)

var update = flag.Bool("update", false, "rewrite golden files and generated tables")

// verdictOf is what a suite says of a file by its name: "pass", "warn", "fail"
// or "" where it says nothing.
func verdictOf(name string) string {
	base := filepath.Base(name)
	if v, ok := byHand[filepath.Base(filepath.Dir(name))+"/"+base]; ok {
		return v
	}
	switch {
	case strings.Contains(name, "cram-3.0/"):
		if strings.Contains(name, "/passed/") {
			return "pass"
		}
		return ""
	case strings.Contains(base, ".warn"):
		return "warn"
	case strings.Contains(name, "/passed/"), strings.Contains(name, "samtags/"):
		return "pass"
	case strings.Contains(name, "/failed/"):
		return "fail"
	}
	return ""
}

// byHand is what the suites say elsewhere than in names: htsjdk's and nucleus'
// names tell the fault itself.
var byHand = map[string]string{
	"ValidateSamFileTest/buggyHeader.sam":                        "fail",
	"ValidateSamFileTest/duplicate_rg.sam":                       "fail",
	"ValidateSamFileTest/duplicated_reads.sam":                   "fail",
	"ValidateSamFileTest/duplicated_reads_out_of_order.sam":      "fail",
	"ValidateSamFileTest/hanging_tab.sam":                        "fail",
	"ValidateSamFileTest/inappropriate_mate_cigar_string.sam":    "fail",
	"ValidateSamFileTest/invalid_coord_sort_order.sam":           "fail",
	"ValidateSamFileTest/invalid_mate_cigar_string.sam":          "fail",
	"ValidateSamFileTest/invalid_platform_unit.sam":              "fail",
	"ValidateSamFileTest/invalid_queryname_sort_order.sam":       "fail",
	"ValidateSamFileTest/mate_cigar_and_no_oqs.sam":              "pass",
	"ValidateSamFileTest/mate_cigar_and_oqs.sam":                 "pass",
	"ValidateSamFileTest/missing_fields.sam":                     "fail",
	"ValidateSamFileTest/missing_platform_unit.sam":              "warn",
	"ValidateSamFileTest/not_stored_qualities.bam":               "warn",
	"ValidateSamFileTest/not_stored_qualities.sam":               "warn",
	"ValidateSamFileTest/not_stored_qualities_more_than_100.sam": "warn",
	"ValidateSamFileTest/seq_qual_len_mismatch.sam":              "fail",
	"ValidateSamFileTest/test_samfile_version_1pt5.bam":          "pass",
	"ValidateSamFileTest/truncated_quals.sam":                    "fail",
	"ValidateSamFileTest/truncated_tag.sam":                      "fail",
	"ValidateSamFileTest/valid.sam":                              "pass",
	"ValidateSamFileTest/zero_length_read.sam":                   "fail",
	"nucleus/headerless.sam":                                     "fail",
	"nucleus/malformed.sam":                                      "fail",
	"nucleus/test_oq.sam":                                        "pass",
	"nucleus/unindexed.bam":                                      "pass",
}

func TestMalformedFiles(t *testing.T) {
	root := shared.Path(t, "malformed")
	var rows, differs []string
	agree, total := 0, 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".sam") && !strings.HasSuffix(path, ".bam") {
			return err
		}
		name, _ := filepath.Rel(root, path)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		r, err := Check(t.Context(), path, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return nil
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
		if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > 256<<20 {
			t.Errorf("%s: allocated %d MB", name, (after.TotalAlloc-before.TotalAlloc)>>20)
		}
		want := verdictOf(name)
		got := map[string]string{"ok": "pass", "warning": "warn", "error": "fail"}[r.Verdict()]
		message := ""
		if len(r.Problems) > 0 {
			p := r.Problems[0]
			message = fmt.Sprintf("%s: %s", p.Kind, strings.ReplaceAll(p.First.Error(), root+"/", ""))
		}
		mark := ""
		if want != "" {
			total++
			if (want == "fail") == (got == "fail") {
				agree++
			} else {
				mark = " (differs)"
				if reasons[filepath.Base(name)] == "" {
					t.Errorf("%s: the suite says %s, gx %s, and no reason is given", name, want, got)
				}
				differs = append(differs, fmt.Sprintf("- %s: %s", name, reasons[filepath.Base(name)]))
			}
		}
		rows = append(rows, fmt.Sprintf("| %s | %s | %s%s | %s |", name, want, got, mark, tableCell(message)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(differs) != len(reasons) {
		t.Errorf("%d files differ, but %d have a reason", len(differs), len(reasons))
	}
	table := fmt.Sprintf(malformedHead, agree, total, strings.Join(differs, "\n")) + strings.Join(rows, "\n") + "\n"
	golden := filepath.Join("..", "..", "docs", "malformed-sam.md")
	if *update {
		if err := os.WriteFile(golden, []byte(table), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if g, w := strings.Split(table, "\n"), strings.Split(string(want), "\n"); table != string(want) {
		for i := range min(len(g), len(w)) {
			if g[i] != w[i] {
				t.Fatalf("%s line %d differs:\n got %s\nwant %s", golden, i+1, g[i], w[i])
			}
		}
		t.Fatalf("%s has %d lines, want %d", golden, len(w), len(g))
	}
}

// reasons is why gx does not follow a suite.
var reasons = map[string]string{
	"hdr.HD3.sam":                       "the same bytes are hdr.HD6.sam of the files that must pass; GO:none is a value that the specification lists",
	"duplicated_reads.sam":              "a warning: public files cut from larger ones hold records twice, and every tool reads them",
	"duplicated_reads_out_of_order.sam": "a warning, as for duplicated_reads.sam",
	"test_oq.sam":                       "its @RG DT is no date of ISO 8601, for which hts-specs' hdr.RG2.sam and hdr.RG3.sam must fail",
}

const malformedHead = `# What gx check says of the conformance files for SAM and BAM

Generated by the tests of io/bam (go test ./io/bam -run Malformed -update). The suite's verdict is the one
of a file's folder and name; a file that passes with a warning agrees with a suite that lets it pass.
gx agrees on %d of %d files that have a verdict. It differs on purpose on:

%s

| file | suite | gx | first finding |
|---|---|---|---|
`

var unprintable = regexp.MustCompile(`[^ -~]`)

func tableCell(s string) string {
	return strings.ReplaceAll(unprintable.ReplaceAllString(s, "?"), "|", `\|`)
}
