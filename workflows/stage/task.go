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

// Task is one piece of the work of a stage. It is all that a worker is told.
type Task struct {
	Stage   string              `json:"stage"`
	Step    Step                `json:"step,omitempty"`
	Shard   int                 `json:"shard"`
	Shards  int                 `json:"shards"`
	In      map[string][]string `json:"in"`  // names of inputs, by role
	Out     map[string]string   `json:"out"` // names of outputs, by role
	Options json.RawMessage     `json:"options,omitempty"`

	// Want is, of a shard, the outputs that the whole stage will have, by role.
	Want map[string]string `json:"want,omitempty"`
	// Key names all that decides the outputs; it stands in their marker.
	Key string `json:"key,omitempty"`
	// Digests of inputs that are known already, by name.
	Digests map[string]string `json:"digests,omitempty"`
	// Learned is Work.Learned of these inputs, where they were measured before.
	Learned json.RawMessage `json:"learned,omitempty"`
}

// Step is which part of a stage a task is.
type Step string

const (
	Whole    Step = ""      // all of it
	OneShard Step = "shard" // one of Shards pieces, stored as the part Out["part"]
	Join     Step = "join"  // the outputs, from the parts In["parts"]
)

// in gives the only input of a role, empty for none.
func (t *Task) in(role string) string {
	if len(t.In[role]) == 0 {
		return ""
	}
	return t.In[role][0]
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
