// Command gx-merge joins the gVCFs of a cohort.
// It does the tasks of the stage merge that a plan is cut into, one after the
// other, and ends: gx-merge -task task.json. gx run render writes the tasks.
package main

import (
	"os"

	"github.com/gx-genomics/gx/cmd/internal/worker"
	"github.com/gx-genomics/gx/workflows/stage"
)

func main() { os.Exit(worker.Main(stage.MergeKind())) }
