package kern

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// TestOverride runs this test again in processes of its own, as GX_KERNEL is
// read once.
func TestOverride(t *testing.T) {
	if os.Getenv("GX_TEST_CHILD") != "" {
		t.Logf("active %s, fault %v", Active().Name(), CheckOverride())
		return
	}
	best := Available()[len(Available())-1].Name()
	for _, c := range []struct{ set, want string }{
		{"", "active " + best + ", fault <nil>"},
		{"generic", "active generic, fault <nil>"},
		{"sse9", "active " + best + ", fault GX_KERNEL: kernels \"sse9\": want one of " + best},
	} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOverride$", "-test.v")
		cmd.Env = append(os.Environ(), "GX_TEST_CHILD=1", Override+"="+c.set)
		out, err := cmd.CombinedOutput()
		if errors.Is(err, syscall.ENOEXEC) {
			t.Skip("skipped in an emulator, which cannot start the test again")
		}
		if err != nil || !strings.Contains(string(out), c.want) {
			t.Errorf("%s=%q gives %v\n%s, want %q", Override, c.set, err, out, c.want)
		}
	}
}
