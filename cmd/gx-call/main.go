// Command gx-call goes from reads to calls: a shard of cells, or the join of all.
// It does the tasks of the stage call that a plan is cut into, one after the
// other, and ends: gx-call -task task.json. gx run render writes the tasks.
package main

import (
	"os"

	"github.com/gx-genomics/gx/cmd/internal/worker"
	"github.com/gx-genomics/gx/workflows/stage"
)

func main() { os.Exit(worker.Main(stage.CallKind())) }
