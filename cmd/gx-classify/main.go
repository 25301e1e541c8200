// Command gx-classify classifies examples by a network of pictures.
// It does the tasks of the stage classify that a plan is cut into, one after the
// other, and ends: gx-classify -task task.json. gx run render writes the tasks.
package main

import (
	"os"

	"github.com/gx-genomics/gx/cmd/internal/worker"
	"github.com/gx-genomics/gx/workflows/stage"
)

func main() { os.Exit(worker.Main(stage.ClassifyKind())) }
