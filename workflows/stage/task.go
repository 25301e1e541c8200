// Package stage runs one shard of one stage: it opens the inputs, calls the
// work, and commits the output whole. The same code serves one process and a
// worker in a container of its own.
package stage

import (
	"encoding/json"

	"github.com/gx-genomics/gx/io/object"
)

// Version is the version of gx, in the headers of all it writes.
const Version = "0.1.0"

// Task is one shard of one stage. It is all that a worker is told.
type Task struct {
	Stage   string          `json:"stage"`
	Shard   int             `json:"shard"`
	Shards  int             `json:"shards"`
	In      []string        `json:"in"`
	Out     string          `json:"out"`
	Options json.RawMessage `json:"options"`
}

// Env is where a stage runs: what it may use, and whom it tells.
type Env struct {
	Store   object.Store
	Threads int
	Note    func(format string, args ...any) // a line for the user, on stderr

	// Progress, in bases of the genome: Begin says how many a run has before it,
	// Done that so many more are finished. Both may be nil.
	Begin func(bases int)
	Done  func(bases int)
}

func (e *Env) begin(bases int) {
	if e.Begin != nil {
		e.Begin(bases)
	}
}

func (e *Env) done(bases int) {
	if e.Done != nil {
		e.Done(bases)
	}
}

func (e *Env) note(format string, args ...any) {
	if e.Note != nil {
		e.Note(format, args...)
	}
}
