// Package app is what all programs share: signals, exit status, the log and
// the progress line. It links no flag library.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/gx-genomics/gx/io/object"
)

// ErrUsage is in the chain of errors about how a program was called.
var ErrUsage = errors.New("usage")

// ErrSkipped is in the chain of errors that end a run which finished but left
// out a part of its input.
var ErrSkipped = errors.New("finished, but part of the input was skipped")

// Exit statuses of gx, and beside them those of its workers, which a cluster
// reads: it retries the last and gives up on the others.
const (
	Done        = 0
	Failed      = 1
	Usage       = 2
	Skipped     = 3
	Interrupted = 130

	WorkerUsage    = 64
	WorkerBadInput = 65
	WorkerNoInput  = 66
	WorkerTryAgain = 75
)

// Status is the exit status of gx for an error.
func Status(err error) int {
	switch {
	case err == nil:
		return Done
	case errors.Is(err, ErrUsage):
		return Usage
	case errors.Is(err, ErrSkipped):
		return Skipped
	case errors.Is(err, context.Canceled):
		return Interrupted
	}
	return Failed
}

// WorkerStatus is the exit status of a worker for an error.
func WorkerStatus(err error) int {
	switch {
	case err == nil:
		return Done
	case errors.Is(err, ErrUsage):
		return WorkerUsage
	case errors.Is(err, context.Canceled), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EIO), errors.Is(err, object.ErrTemporary):
		return WorkerTryAgain
	case errors.Is(err, object.ErrNotExist):
		return WorkerNoInput
	}
	return WorkerBadInput
}

// Main runs a program under a context that the first SIGINT or SIGTERM cancels
// (a second ends the process at once), prints its error, and returns the status
// that status gives for it.
func Main(name string, stderr io.Writer, run func(context.Context) error, status func(error) int) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	finished := make(chan struct{})
	defer close(finished)
	go func() {
		select {
		case <-signals:
			cancel()
		case <-finished:
			return
		}
		select {
		case <-signals:
			os.Exit(Interrupted)
		case <-finished:
		}
	}()
	err := run(ctx)
	switch {
	case err == nil:
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintf(stderr, "%s: interrupted; parts that were finished are kept, and nothing half-written stands under a final name\n", name)
	default:
		fmt.Fprintf(stderr, "%s: %v\n", name, err)
	}
	return status(err)
}
