// Command gx-examples draws candidates: a shard of cells, or the join of all.
// It does the tasks of the stage examples that a plan is cut into, one after the
// other, and ends: gx-examples -task task.json. gx run render writes the tasks.
package main

import (
	"os"

	"github.com/gx-genomics/gx/cmd/internal/worker"
	"github.com/gx-genomics/gx/workflows/stage"
)

func main() { os.Exit(worker.Main(stage.ExamplesKind())) }
