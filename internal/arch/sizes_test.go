package arch

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// larger are workers that may be more, and why: docs/images.md says it too.
var larger = map[string]int{
	"gx-assoc": 13_000_000, // it can write Parquet, whose writer has 2.5 MB
}

// Sizes of workers, in bytes.
const (
	mostUnpacked = 12_000_000 // of a binary with -tags nogcs
	mostPacked   = 12_000_000 // of one with gs://, compressed as a layer is
	certificates = 220_000    // the bundle that goes with it
	slack        = 1.02       // over its line in the table
)

var tags = map[string]string{"nogcs": "nogcs", "gs": "disable_grpc_modules,grpcnotrace"}

// built builds all workers as images have them, and gives sizes by name:
// unpacked, and packed by gzip.
func built(t *testing.T, goarch, with string) (unpacked, packed map[string]int) {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-tags", tags[with], "-ldflags", "-s -w -buildid=", "-o", dir+"/", "./cmd/gx-...")
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+goarch)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	list, err := filepath.Glob(filepath.Join(dir, "gx-*"))
	if err != nil || len(list) == 0 {
		t.Fatal(list, err)
	}
	unpacked, packed = map[string]int{}, map[string]int{}
	for _, path := range list {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		unpacked[filepath.Base(path)] = len(b)
		if with == "gs" {
			var z bytes.Buffer
			w := gzip.NewWriter(&z)
			w.Write(b)
			w.Close()
			packed[filepath.Base(path)] = z.Len()
		}
	}
	return unpacked, packed
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
		case n > max(most, larger[name]):
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
	unpacked, _ := built(t, "amd64", "nogcs")
	checkSizes(t, "unpacked without gs://", unpacked, mostUnpacked, tableSizes(t, 1))
}
