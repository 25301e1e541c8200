package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gx-genomics/gx/internal/metrics"
)

// TestProbe: what can be read counts as success, what cannot as none, and the
// text is that of the exposition format.
func TestProbe(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, `a"b\c`), filepath.Join(dir, "no")
	if err := os.WriteFile(good, make([]byte, 100_000), 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "x", time.Time{}, strings.NewReader("hello"))
	}))
	defer server.Close()
	var stdout, stderr bytes.Buffer
	err := newApp(&stdout, &stderr).RunContext(t.Context(), []string{"gx", "probe", good, bad, server.URL + "/x", good})
	if err == nil || err.Error() != "1 of 3 objects could not be read" || !strings.Contains(stderr.String(), "no such file") {
		t.Errorf("%v, %s", err, &stderr)
	}
	text := stdout.String()
	got, err := metrics.Read(text)
	if err != nil || len(got) != 12 {
		t.Errorf("%d samples, %v, in\n%s", len(got), err, text)
	}
	for _, want := range []string{`gx_probe_success{ptype="storage",probe="read",dst="` + dir + `/a\"b\\c"} 1`, `dst="` + bad + `"} 0`, `c"} 100000`, `dst="` + server.URL + `/x"} 5`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}
