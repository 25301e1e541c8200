//go:build verify

package kern_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gx-genomics/gx/internal/verify"
)

// TestVerifyARM64 runs the tests of the engine as arm64 programs under
// qemu-aarch64-static: the kernels give the same bits there.
func TestVerifyARM64(t *testing.T) {
	qemu, err := exec.LookPath("qemu-aarch64-static")
	if err != nil {
		t.Fatalf("%v (Debian package qemu-user-static)", err)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	passed := 0.0
	for _, pkg := range []string{"internal/kern", "internal/nn", "io/weights"} {
		bin := filepath.Join(t.TempDir(), "t")
		build := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", bin, "./"+pkg)
		build.Dir = root
		build.Env = append(os.Environ(), "GOARCH=arm64", "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", pkg, err, out)
		}
		run := exec.CommandContext(t.Context(), qemu, "-cpu", "max", bin, "-test.short")
		run.Dir = filepath.Join(root, pkg)
		if out, err := run.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", pkg, err, out)
			continue
		}
		passed++
	}
	if err := verify.Write(root, verify.ARM64, []verify.Figure{{Name: "packages whose tests pass as arm64 programs", Value: passed, Unit: "of 3", Bar: 3}}); err != nil {
		t.Fatal(err)
	}
}
