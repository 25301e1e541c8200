// Command gx-genotype makes VCF and gVCF of classified examples.
// It does the tasks of the stage genotype that a plan is cut into, one after the
// other, and ends: gx-genotype -task task.json. gx run render writes the tasks.
package main

import (
	"os"

	"github.com/gx-genomics/gx/cmd/internal/worker"
	"github.com/gx-genomics/gx/workflows/stage"
)

func main() { os.Exit(worker.Main(stage.GenotypeKind())) }
