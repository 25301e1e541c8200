package sbom

import (
	"bytes"
	"encoding/json"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
)

// TestSPDX: every module that a binary was linked from is in its document, with
// its version and sum, each named once and tied to the image.
func TestSPDX(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.26.8", Deps: []*debug.Module{
		{Path: "example.org/a", Version: "v1.2.3+incompatible", Sum: "h1:AAA="},
		{Path: "example.org/b", Version: "v0.1.0", Replace: &debug.Module{Path: "example.org/c", Version: "v0.2.0", Sum: "h1:CCC="}},
	}}
	image := Image{Name: "gx-call", Version: "0.1.0", Platform: "linux/arm64", Digest: "sha256:" + strings.Repeat("ab", 32)}
	parts := append(Modules(info), Package{Name: "bash-static", Version: "5.2", License: "GPL-3.0-or-later"})
	b, err := SPDX(image, "https://example.org/spdx/", "tool-1", parts)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := SPDX(image, "https://example.org/spdx/", "tool-1", parts); !bytes.Equal(b, again) {
		t.Error("two documents of one image differ")
	}
	var d document
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	if d.SPDXVersion != "SPDX-2.3" || d.DataLicense != "CC0-1.0" || d.ID != documentID || d.Namespace != "https://example.org/spdx/gx-call-"+strings.Repeat("ab", 32) {
		t.Errorf("head %+v", d)
	}
	want := map[string]string{"gx-call": "0.1.0", "stdlib": "1.26.8", "example.org/a": "v1.2.3+incompatible", "example.org/c": "v0.2.0", "bash-static": "5.2"}
	ids := map[string]bool{documentID: true}
	id := regexp.MustCompile(`^SPDXRef-[A-Za-z0-9.-]+$`)
	for _, p := range d.Packages {
		if want[p.Name] != p.Version || !id.MatchString(p.ID) || ids[p.ID] || p.Location == "" || p.Concluded == "" || p.Copyright == "" {
			t.Errorf("package %+v, want version %s", p, want[p.Name])
		}
		delete(want, p.Name)
		ids[p.ID] = true
		if p.Name == "example.org/a" && (p.Comment != "go.sum: h1:AAA=" || p.Refs[0].Locator != "pkg:golang/example.org/a@v1.2.3%2Bincompatible") {
			t.Errorf("package %+v", p)
		}
	}
	if len(want) > 0 {
		t.Errorf("without %v", want)
	}
	if len(d.Relationships) != len(d.Packages) {
		t.Errorf("%d relationships of %d packages", len(d.Relationships), len(d.Packages))
	}
	for _, r := range d.Relationships {
		if !ids[r.From] || !ids[r.To] {
			t.Errorf("relationship %+v of what is not there", r)
		}
	}
	if _, err := SPDX(Image{Digest: "md5:x"}, "", "", nil); err == nil {
		t.Error("a digest that is none is taken")
	}
}
