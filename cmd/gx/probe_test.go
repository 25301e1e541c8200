package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestProbe: what can be read counts as success, what cannot as none, and the
// text is that of the exposition format.
func TestProbe(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, `a"b\c`), filepath.Join(dir, "no")
	if err := os.WriteFile(good, make([]byte, 100_000), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	err := newApp(&stdout, &stderr).RunContext(t.Context(), []string{"gx", "probe", good, bad})
	if err == nil || err.Error() != "1 of 2 objects could not be read" || !strings.Contains(stderr.String(), "no such file") {
		t.Errorf("%v, %s", err, &stderr)
	}
	line := regexp.MustCompile(`^(# (HELP|TYPE) gx_probe_\w+ .+|gx_probe_\w+\{ptype="storage",probe="read",dst="(\\.|[^"\\])*"\} \d+)$`)
	text := strings.TrimSuffix(stdout.String(), "\n")
	for l := range strings.SplitSeq(text, "\n") {
		if !line.MatchString(l) {
			t.Errorf("line %q", l)
		}
	}
	for _, want := range []string{`gx_probe_success{ptype="storage",probe="read",dst="` + dir + `/a\"b\\c"} 1`, `dst="` + bad + `"} 0`, `c"} 100000`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	if strings.Count(text, "# TYPE gx_probe_total ") != 1 {
		t.Error("a family is declared more than once")
	}
}
