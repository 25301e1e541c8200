// Package shared finds the real data that tests are checked on. It lies beside
// the project, never inside it; GX_SHARED names its folder.
package shared

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Path is the path of a file below the shared data folder. Where the folder is
// absent the test is skipped with a line that says so, unless GX_REQUIRE_SHARED
// is set, as it is wherever results are to be trusted: then it fails.
func Path(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(root(), "data", filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("GX_REQUIRE_SHARED") != "" {
			t.Fatalf("shared data missing: %v", err)
		}
		t.Skipf("skipped without shared data (set GX_SHARED): %v", err)
	}
	return path
}

// root is GX_SHARED, or the folder `shared` beside the project.
func root() string {
	if dir := os.Getenv("GX_SHARED"); dir != "" {
		return dir
	}
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "..", "shared")
}
