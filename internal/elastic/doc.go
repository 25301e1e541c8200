// Package elastic does steps of work in slices by whoever is there, over HTTP.
// It knows neither networks nor genomics.
//
// A step has a fixed number of slices and of phases. Workers run the slices
// through a phase, each slice leaves sums, and the coordinator joins the sums of
// all slices in their order; what comes of it every slice needs in its next
// phase. Workers join and leave at any moment. A slice belongs to a worker by a
// lease; where the worker is lost, or slower than the lease allows, another one
// begins the slice anew with what is known of the phases so far, and an answer
// that comes late is dropped. Since a slice gives the same sums wherever it is
// run, and sums are joined in the order of the slices, the result of a step does
// not depend on the workers or their number.
//
// A worker keeps one request open: it hands in what it did and is answered when
// there is more to do. Weights go to it once per step. Every message carries a
// checksum; of one that is damaged the slices are done again.
package elastic

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Job is work of one kind.
type Job struct {
	Config []byte // what workers must know of it
	Slices int
	Phases int
	Sums   []int // by phase, how many numbers a slice hands over
	// Adds says that sums of the last phase are added up, in the order of the
	// slices: a worker that has the first slices may do so before it sends them.
	Adds bool
}

// Step is one step of a job.
type Step struct {
	Job     *Job
	Number  int64 // what workers work on
	Weights []float32
	// Join ends a phase with the sums of all slices in their order, and gives
	// what they take before the next. With Adds, the first after the last phase
	// may stand for several slices.
	Join func(phase int, sums [][]float32) []float32
}

// Options say how a coordinator treats its workers.
type Options struct {
	Config []byte        // what workers must know to work at all
	Token  string        // that workers must show
	Lease  time.Duration // for a phase of a slice, before another worker gets it; it doubles each time
	Poll   time.Duration // after which a worker without work asks anew
	Note   func(format string, args ...any)
}

// Defaults for a coordinator.
const (
	DefaultLease = 20 * time.Second
	defaultPoll  = 10 * time.Second
)

// Stats is how the work went.
type Stats struct {
	Workers int     // there now
	Joined  int     // in all
	Busy    float64 // seconds that workers worked, by their own account
	Present float64 // seconds that they were there
	Slices  int     // done
	Again   int     // given to another worker, or again to the same
	Late    int     // answers that were dropped
	Damaged int     // messages that were refused
	In, Out int64   // bytes
}

// Utilisation is the share of their time that workers worked, 0 to 1.
func (s *Stats) Utilisation() float64 {
	if s.Present <= 0 {
		return 0
	}
	return min(s.Busy/s.Present, 1)
}

func (s *Stats) String() string {
	text := fmt.Sprintf("%d workers took part, busy %.1f %% of their time; %d slices, %d of them done again", s.Joined, 100*s.Utilisation(), s.Slices, s.Again)
	if s.Late > 0 {
		text += fmt.Sprintf("; %d late answers dropped", s.Late)
	}
	if s.Damaged > 0 {
		text += fmt.Sprintf("; %d damaged messages refused", s.Damaged)
	}
	return text + fmt.Sprintf("; %.1f MB received, %.1f MB sent", float64(s.In)/1e6, float64(s.Out)/1e6)
}

// A Worker computes. Its methods are called from one goroutine.
type Worker interface {
	// Open takes up what all work of a coordinator is of. It is called again
	// where another coordinator takes its place.
	Open(ctx context.Context, config []byte) error
	// Job takes up a job.
	Job(config []byte) error
	// Begin begins a step. Weights are valid until the next call.
	Begin(number int64, weights []float32) error
	// Hold begins a slice of the step.
	Hold(slice int) error
	// Run runs a phase for slices that have run those before.
	Run(phase int, slices []int) error
	// Take takes what Join gave after a phase.
	Take(phase int, v []float32) error
	// Sums is what a slice leaves after a phase, valid until it runs another.
	Sums(phase, slice int) (sums []float32, scalar float64)
	// Add adds sums of a slice to those of the ones before it, where jobs say so.
	Add(sum, v []float32)
}

// ErrRefused is in the chain of errors about a coordinator that does not want
// this worker: another protocol, or a wrong token.
var ErrRefused = errors.New("the coordinator refuses this worker")

// ErrGone is in the chain of errors about a coordinator that has not answered
// for as long as the worker waits.
var ErrGone = errors.New("the coordinator does not answer")
