package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/cmd/internal/app"
)

// module is a small one with two workers, in a folder of its own.
func module(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":                   "module example.org/small\n\ngo 1.26\n",
		"cmd/gx-a/main.go":         "package main\n\nfunc main() { println(\"a\") }\n",
		"cmd/gx-b/main.go":         "package main\n\nfunc main() { panic(\"b\") }\n",
		"cmd/other/main.go":        "package main\n\nfunc main() {}\n",
		"sh/arch/root/bin/bash":    "a shell",
		"sh/arch/root/bin/busybox": "tools",
		"sh/arch/packages":         "bash-static 5.2 GPL-3.0-or-later\nbusybox-static 1:1.35 GPL-2.0-only\n",
		"bad/arch/packages":        "bash-static\n",
		"empty/arch/nothing":       "",
	} {
		path := filepath.Join(dir, strings.Replace(name, "arch", runtime.GOARCH, 1))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("busybox", filepath.Join(dir, "sh", runtime.GOARCH, "root/bin/ps")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func images(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), append([]string{"-platforms", "linux/" + runtime.GOARCH}, args...), &stdout, &stderr)
	return stdout.String(), err
}

// TestTwoFolders: the same sources in two folders give images of the same digests,
// whatever the builder's environment says of flags.
func TestTwoFolders(t *testing.T) {
	var lists []string
	for _, flags := range []string{"", "-tags=other"} {
		t.Setenv("GOFLAGS", flags)
		dir := module(t)
		out := filepath.Join(dir, "out")
		list, err := images(t, "-source", dir, "-out", out, "-tag", "7", "-shell", filepath.Join(dir, "sh"), "-base")
		if err != nil {
			t.Fatal(err)
		}
		lists = append(lists, list)
		stored, err := os.ReadFile(filepath.Join(out, "digests.tsv"))
		if err != nil || string(stored) != list {
			t.Errorf("digests.tsv holds %q (%v), printed was %q", stored, err, list)
		}
		for _, name := range []string{"gx-a.tar", "gx-a-shell.tar", "gx-b." + runtime.GOARCH + ".spdx.json", "gx-b-shell.provenance.json", "base.tar"} {
			if _, err := os.Stat(filepath.Join(out, name)); err != nil {
				t.Error(err)
			}
		}
		checkDocuments(t, out, list)
	}
	if lists[0] != lists[1] || strings.Count(lists[0], "\n") != 6 {
		t.Errorf("in one folder\n%sin another\n%s", lists[0], lists[1])
	}
}

// checkDocuments: what lies beside an image speaks of it by its digest.
func checkDocuments(t *testing.T, out, list string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(out, "gx-a-shell.provenance.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s statement
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	if want := "localhost/gx-a:7-shell\tsha256:" + s.Subject[0].Digest["sha256"] + "\t"; !strings.Contains(list, want) {
		t.Errorf("no line %q in\n%s", want, list)
	}
	if d := s.Predicate.Definition; d.External["variant"] != "shell" || d.Internal["go"] != runtime.Version() {
		t.Errorf("provenance %s", b)
	}
	if b, err = os.ReadFile(filepath.Join(out, "gx-a-shell."+runtime.GOARCH+".spdx.json")); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"name": "bash-static"`, `"versionInfo": "1:1.35"`, `"name": "stdlib"`, certificateModule} {
		if !bytes.Contains(b, []byte(want)) {
			t.Errorf("no %s in %s", want, b)
		}
	}
}

func TestErrors(t *testing.T) {
	dir := module(t)
	for _, c := range []struct {
		name, want string
		usage      bool
		args       []string
	}{
		{"an unknown worker", "no worker \"gx-c\"; there are gx-a, gx-b", false, []string{"-workers", "gx-a,gx-c"}},
		{"another system", "platform \"darwin/arm64\"", true, []string{"-platforms", "darwin/arm64"}},
		{"an argument too many", "unexpected", true, []string{"gx-a"}},
		{"no shells", "testdata/shells.sh makes it", false, []string{"-workers", "gx-a", "-shell", filepath.Join(dir, "empty")}},
		{"a list of packages that is none", "want name, version, license", false, []string{"-workers", "gx-a", "-shell", filepath.Join(dir, "bad")}},
		{"a file in place of the folder", "not a directory", false, []string{"-workers", "gx-a", "-out", filepath.Join(dir, "go.mod", "out")}},
		{"no module", "go list in ", false, []string{"-source", t.TempDir()}},
	} {
		out := filepath.Join(t.TempDir(), "out")
		_, err := images(t, append([]string{"-source", dir, "-out", out}, c.args...)...)
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, app.ErrUsage) != c.usage {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
		if files, err := os.ReadDir(out); len(files) > 0 || err != nil && !os.IsNotExist(err) {
			t.Errorf("%s: %v was written; %v", c.name, files, err)
		}
	}
}
