// Command gx-report makes a page of HTML of results. It does a task of the stage
// report of a plan, and ends: gx-report -task task.json. gx run render writes
// the tasks.
package main

import (
	"os"

	"github.com/gx-genomics/gx/cmd/internal/worker"
	"github.com/gx-genomics/gx/workflows/stage"
)

func main() { os.Exit(worker.Main(stage.ReportKind())) }
