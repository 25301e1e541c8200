package verify

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestStoredResults(t *testing.T) {
	for _, c := range Checks {
		t.Run(c.Name, func(t *testing.T) {
			figures, err := Read("../..", c)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range figures {
				t.Logf("%s: %v %s (bar %v)", f.Name, f.Value, f.Unit, f.Bar)
			}
		})
	}
}

// TestReadRefuses: a result that is missing, too weak or of other code fails.
func TestReadRefuses(t *testing.T) {
	root := t.TempDir()
	code := filepath.Join(root, "pkg", "a.go")
	for _, dir := range []string{"pkg", "docs/verify"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(code, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(want string) {
		t.Helper()
		_, err := Read(root, Check{"x", []string{"pkg"}})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	put := func(f Figure) {
		t.Helper()
		if err := Write(root, Check{"x", []string{"pkg"}}, []Figure{f}); err != nil {
			t.Fatal(err)
		}
	}
	write("package a")
	expect("is missing")
	put(Figure{"memory", 900, "MB", 1000, true})
	expect("")
	write("package b")
	expect("other code")
	put(Figure{"memory", 1001, "MB", 1000, true})
	expect("wrong side")
	put(Figure{"speed", 7, "Mb", 8, false})
	expect("wrong side")
}
