// Command gx-train trains a model, as a task of the stage train that a plan has:
// gx-train -task task.json. Or it computes gradients for a gx train elsewhere,
// which workers may join and leave at any moment:
// gx-train -coordinator http://host:7000.
package main

import (
	"context"
	"flag"
	"os"

	"github.com/gx-genomics/gx/cmd/internal/worker"
	"github.com/gx-genomics/gx/workflows/stage"
)

func main() {
	p := stage.WorkerPlan{Token: os.Getenv(stage.TokenVariable)}
	os.Exit(worker.Main(stage.TrainKind(), worker.Mode{
		Usage: "gx-train -coordinator http://host:7000\nComputes gradients for the gx train --listen there, until that has no more work. Both have the secret " + stage.TokenVariable + " in their environment.",
		Flags: func(fs *flag.FlagSet) {
			fs.StringVar(&p.Coordinator, "coordinator", "", "`URL` of a gx train --listen to work for, in place of a task")
			fs.StringVar(&p.Cache, "cache", "", "`FOLDER` of the examples here; default: where the coordinator has them")
			fs.DurationVar(&p.Wait, "wait", stage.DefaultWait, "how long the coordinator may not answer")
		},
		Asked: func() bool { return p.Coordinator != "" },
		Run:   func(ctx context.Context, env *stage.Env) error { return stage.TrainWorker(ctx, env, p) },
	}))
}
