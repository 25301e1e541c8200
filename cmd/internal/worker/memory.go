package worker

import (
	"io/fs"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// limitMemory tells the garbage collector of the memory that the control group
// of the process has, less a tenth for what is not its own. GOMEMLIMIT in the
// environment goes before it.
func limitMemory(cgroup fs.FS) {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	if n := memoryLimit(cgroup); n > 0 {
		debug.SetMemoryLimit(n / 10 * 9)
	}
}

// memoryLimit is the limit of a control group of version 2 or 1, 0 for none.
func memoryLimit(cgroup fs.FS) int64 {
	for _, name := range []string{"memory.max", "memory/memory.limit_in_bytes"} {
		b, err := fs.ReadFile(cgroup, name)
		if err != nil {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
		const none = 1 << 60 // version 1 writes a number as large for no limit
		if err == nil && n > 0 && n < none {
			return n
		}
	}
	return 0
}
