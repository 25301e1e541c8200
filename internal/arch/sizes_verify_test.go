//go:build verify

package arch

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestVerifyWorkerSizes checks all workers in all ways they are built, and writes
// the table.
func TestVerifyWorkerSizes(t *testing.T) {
	var columns []map[string]int
	for _, goarch := range []string{"amd64", "arm64"} {
		unpacked, _ := built(t, goarch, "nogcs")
		gs, packed := built(t, goarch, "gs")
		columns = append(columns, unpacked, packed)
		t.Logf("%s with gs://, unpacked: %v", goarch, gs)
	}
	writeSizes(t, columns)
	for k, c := range columns {
		most, what := mostUnpacked, "unpacked without gs://"
		if k%2 == 1 {
			most, what = mostPacked-certificates, "compressed with gs://"
		}
		checkSizes(t, what, c, most, tableSizes(t, k+1))
	}
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
	w.WriteString("| worker | amd64 without gs://, unpacked | amd64 with gs://, compressed | arm64 without, unpacked | arm64 with, compressed |\n|---|---|---|---|---|\n")
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
