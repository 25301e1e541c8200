package arch

import (
	"bytes"
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/sbom"
)

// Sizes of workers, in bytes.
const (
	mostUnpacked = 12_000_000 // of a binary without gs://
	mostPulled   = 12_000_000 // of an image with gs://: compressed layers, configuration, manifest
	slack        = 1.02       // over its line in the table
)

// tags are those of the two ways in which workers are built.
var tags = map[string]string{"nogcs": "nogcs,tinygo", "gs": "disable_grpc_modules,grpcnotrace,tinygo"}

// built builds workers of the module at root as images have them, without gs://,
// and gives their bytes by name.
func built(t *testing.T, root, goarch, workers string) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-tags", tags["nogcs"], "-ldflags", "-s -w -buildid=", "-o", dir+"/", "./cmd/"+workers)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+goarch)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	list, err := filepath.Glob(filepath.Join(dir, "gx-*"))
	if err != nil || len(list) == 0 {
		t.Fatal(list, err)
	}
	out := map[string][]byte{}
	for _, path := range list {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(path)] = b
	}
	return out
}

const sizesTable = "../../docs/images.md"

// tableSizes reads the sizes, in MB, of a column of the table.
func tableSizes(t *testing.T, column int) map[string]float64 {
	t.Helper()
	b, err := os.ReadFile(sizesTable)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for line := range strings.Lines(string(b)) {
		cells := strings.Split(line, "|")
		if len(cells) > column+1 && strings.HasPrefix(strings.TrimSpace(cells[1]), "`gx-") {
			var mb float64
			if _, err := fmt.Sscan(strings.TrimSpace(cells[column+1]), &mb); err == nil {
				out[strings.Trim(strings.TrimSpace(cells[1]), "`")] = mb
			}
		}
	}
	return out
}

func checkSizes(t *testing.T, what string, got map[string]int, most int, table map[string]float64) {
	t.Helper()
	for name, n := range got {
		mb := float64(n) / 1e6
		switch {
		case n > most:
			t.Errorf("%s: %.2f MB %s, at most %.0f are allowed; go tool nm -size -sort size tells what is large", name, mb, what, float64(most)/1e6)
		case table[name] == 0:
			t.Errorf("%s has no line in docs/images.md; make verify writes it", name)
		case mb > slack*table[name]:
			t.Errorf("%s: %.2f MB %s, the table says %.2f; if that is meant, go test -tags verify ./internal/arch", name, mb, what, table[name])
		}
	}
}

// TestWorkerSizes: no worker without gs:// outgrows the small image.
func TestWorkerSizes(t *testing.T) {
	if testing.Short() {
		t.Skip("it links all workers")
	}
	checkSizes(t, "unpacked without gs://", lengths(built(t, "../..", "amd64", "gx-...")), mostUnpacked, tableSizes(t, 1))
}

func lengths(files map[string][]byte) map[string]int {
	out := map[string]int{}
	for name, b := range files {
		out[name] = len(b)
	}
	return out
}

// TestTwoFolders: a worker built from a copy of the sources in another folder is
// the same to the byte.
func TestTwoFolders(t *testing.T) {
	if testing.Short() {
		t.Skip("it links two workers")
	}
	const worker = "gx-merge"
	here, there := built(t, "../..", "amd64", worker), built(t, copied(t), "amd64", worker)
	if len(here[worker]) == 0 || !bytes.Equal(here[worker], there[worker]) {
		t.Errorf("%s has %d bytes here, %d in another folder, and they differ", worker, len(here[worker]), len(there[worker]))
	}
	checkMaterials(t, here[worker])
}

// checkMaterials: the SPDX document of an image with this worker names every
// module that go version -m reads from it.
func checkMaterials(t *testing.T, worker []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "worker")
	if err := os.WriteFile(path, worker, 0o777); err != nil {
		t.Fatal(err)
	}
	told, err := exec.Command("go", "version", "-m", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	spdx, err := sbom.SPDX(sbom.Image{Name: "w", Version: "1", Platform: "linux/amd64", Digest: "sha256:00"}, "https://example.org", "test", sbom.Modules(info))
	if err != nil {
		t.Fatal(err)
	}
	modules := 0
	for line := range strings.Lines(string(told)) {
		f := strings.Fields(line)
		if len(f) != 4 || f[0] != "dep" {
			continue
		}
		modules++
		want := fmt.Sprintf("\"name\": %q,\n   \"versionInfo\": %q,", f[1], f[2])
		if !bytes.Contains(spdx, []byte(want)) || !bytes.Contains(spdx, []byte(f[3])) {
			t.Errorf("%s %s of go version -m is not in the document", f[1], f[2])
		}
	}
	if modules == 0 {
		t.Errorf("go version -m tells of no module: %s", told)
	}
}

// copied is a copy of the module's files in a folder of its own.
func copied(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = "../.."
	list, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		b, err := os.ReadFile(filepath.Join("../..", name))
		if os.IsNotExist(err) { // removed, but not yet for git
			continue
		}
		to := filepath.Join(dir, name)
		if err := errors.Join(err, os.MkdirAll(filepath.Dir(to), 0o777), os.WriteFile(to, b, 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
