package report

import (
	"strings"
	"testing"
)

const manifestText = `{"schema": 1, "name": "n<1>", "version": "0.1.0", "steps": [
 {"stage": "call", "key": "0123", "inputs": [{"role": "ref"}, {"role": "reads"}], "outputs": [{"name": "a.vcf.gz", "size": 5000000, "sha256": "00"}],
  "contigs": [{"contig": "1", "wanted": 1000, "bases": 900, "records": 7}, {"contig": "2", "wanted": 10, "bases": 10, "records": 0}], "notes": ["a note"]},
 {"stage": "merge", "key": "", "inputs": null, "outputs": []}]}`

// TestManifest: the page says what is complete and what is not.
func TestManifest(t *testing.T) {
	m, err := ParseManifest("manifest.json", []byte(manifestText))
	if err != nil {
		t.Fatal(err)
	}
	if m.Complete || len(m.Steps) != 2 || m.Steps[0].Inputs != 2 || m.Steps[0].Contigs[0].Records != 7 {
		t.Errorf("%+v", m)
	}
	page := string((&Report{Title: "r", Runs: []*Run{m}}).HTML())
	for _, want := range []string{"n&lt;1&gt;", "of 1 900 bases are done of 1,000", "a note", "90.00 %", "100.00 %", "5.00"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	for text, want := range map[string]string{
		"":                                     "not a manifest",
		`{"schema": 1}`:                        "schema and steps",
		`{"schema": 2, "steps": []}`:           "schema 2, want 1",
		`{"schema": 1, "steps": [{"key": 1}]}`: "not a manifest",
	} {
		if _, err := ParseManifest("m.json", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// FuzzManifest: whatever a manifest holds, it is refused or makes a page.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(manifestText))
	f.Add([]byte(`{"schema":1,"steps":[{"contigs":[{"bases":-1,"wanted":9223372036854775807}]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseManifest("m.json", b)
		if err != nil {
			return
		}
		r := &Report{Runs: []*Run{m}}
		if page := r.HTML(); len(page) == 0 {
			t.Error("no page")
		}
		if _, err := r.JSON(); err != nil {
			t.Error(err)
		}
	})
}
