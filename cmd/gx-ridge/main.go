// Command gx-ridge predicts traits from a shard of the genome, or joins all.
// It does the tasks of the stage ridge that a plan is cut into, one after the
// other, and ends: gx-ridge -task task.json. gx run render writes the tasks.
package main

import (
	"os"

	"github.com/gx-genomics/gx/cmd/internal/worker"
	"github.com/gx-genomics/gx/workflows/stage"
)

func main() { os.Exit(worker.Main(stage.RidgeKind())) }
