//go:build verify

package arch

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/verify"
)

// TestVerifyImages builds all images in two folders, which must give the same
// digests; checks what all of them weigh, and writes the table.
func TestVerifyImages(t *testing.T) {
	here, there := imagesOf(t, "../.."), imagesOf(t, copied(t))
	same := 0
	for i, line := range here {
		if i < len(there) && line == there[i] {
			same++
		} else {
			t.Errorf("image %q in one folder, in another %q", line, there)
		}
	}
	var columns []map[string]int
	pulled := sizesOf(t, here)
	for k, goarch := range []string{"amd64", "arm64"} {
		columns = append(columns, lengths(built(t, "../..", goarch, "gx-...")), pulled[k])
	}
	writeSizes(t, columns)
	figures := []verify.Figure{{Name: "images of amd64 and arm64, same digest in two folders", Value: float64(same), Unit: "images", Bar: float64(len(columns[0]))}}
	for k, c := range columns {
		most, what := mostUnpacked, "unpacked without gs://"
		if k%2 == 1 {
			most, what = mostPulled, "as pulled, with gs://"
		}
		checkSizes(t, what, c, most, tableSizes(t, k+1))
		largest := 0
		for _, n := range c {
			largest = max(largest, n)
		}
		figures = append(figures, verify.Figure{Name: fmt.Sprintf("largest %s worker, %s", []string{"amd64", "arm64"}[k/2], what), Value: float64(largest) / 1e6, Unit: "MB", Bar: float64(most) / 1e6, Most: true})
	}
	if !t.Failed() {
		if err := verify.Write("../..", verify.Images, figures); err != nil {
			t.Fatal(err)
		}
	}
}

// imagesOf is the list of digests of all images of the module at root.
func imagesOf(t *testing.T, root string) []string {
	t.Helper()
	out := t.TempDir()
	cmd := exec.Command("go", "run", "./cmd/internal/images", "-out", out)
	cmd.Dir, cmd.Stderr = root, os.Stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(out, "digests.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(b)), "\n")[1:]
}

// sizesOf is the bytes of a list's images by worker, for amd64 and arm64.
func sizesOf(t *testing.T, list []string) [2]map[string]int {
	t.Helper()
	out := [2]map[string]int{{}, {}}
	for _, line := range list {
		f := strings.Split(line, "\t")
		if len(f) != 4 || f[2] != "linux/amd64,linux/arm64" {
			t.Fatalf("line %q", line)
		}
		worker, _, _ := strings.Cut(path.Base(f[0]), ":")
		for k, text := range strings.Split(f[3], ",") {
			n, err := strconv.Atoi(text)
			if err != nil {
				t.Fatal(err)
			}
			out[k][worker] = n
		}
	}
	return out
}

func writeSizes(t *testing.T, columns []map[string]int) {
	b, err := os.ReadFile(sizesTable)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- sizes -->\n", "<!-- end of sizes -->\n"
	before, rest, ok := strings.Cut(string(b), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("docs/images.md has no place for the table")
	}
	var names []string
	for name := range columns[0] {
		names = append(names, name)
	}
	slices.Sort(names)
	var w strings.Builder
	w.WriteString("| worker | amd64 without gs://, unpacked | amd64 with gs://, as pulled | arm64 without, unpacked | arm64 with, as pulled |\n|---|---|---|---|---|\n")
	for _, name := range names {
		fmt.Fprintf(&w, "| `%s` |", name)
		for _, c := range columns {
			fmt.Fprintf(&w, " %.2f |", float64(c[name])/1e6)
		}
		w.WriteByte('\n')
	}
	if err := os.WriteFile(sizesTable, []byte(before+begin+w.String()+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
