// Command gx-assoc tests a shard of variants for association, or joins all.
// It does the tasks of the stage gwas that a plan is cut into, one after the
// other, and ends: gx-assoc -task task.json. gx run render writes the tasks.
package main

import (
	"os"

	"github.com/gx-genomics/gx/cmd/internal/worker"
	"github.com/gx-genomics/gx/workflows/stage"
)

func main() { os.Exit(worker.Main(stage.AssocKind())) }
