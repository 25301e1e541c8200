// Package worker is the contract of all programs gx-*: one task in, its outputs
// and their marker out, and an exit status that an engine understands. A worker
// may be started any number of times for a task, at several places at once, and
// killed at any moment.
package worker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/object/uri"
	"github.com/gx-genomics/gx/workflows/stage"
)

// stopWithin is how long a worker that was told to stop may take to end by
// itself: less than the 30 s that Kubernetes gives.
const stopWithin = 18 * time.Second

// A Mode is something else that a worker does in place of tasks.
type Mode struct {
	Usage string                 // a line for -help
	Flags func(fs *flag.FlagSet) // adds its flags
	Asked func() bool            // whether they ask for it
	Run   func(context.Context, *stage.Env) error
}

// Main runs a worker of a stage with the arguments of the process and gives its
// exit status.
func Main(k *stage.Kind, modes ...Mode) int {
	limitMemory(os.DirFS("/sys/fs/cgroup"))
	return app.Main(k.Worker, os.Stderr, func(ctx context.Context) error {
		stop := context.AfterFunc(ctx, func() {
			time.Sleep(stopWithin)
			os.Exit(app.WorkerTryAgain)
		})
		defer stop()
		return Run(ctx, k, &uri.Store{}, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, modes...)
	}, Status)
}

// Status is the exit status of a worker for an error.
func Status(err error) int {
	if errors.Is(err, stage.ErrTask) {
		return app.WorkerUsage
	}
	return app.WorkerStatus(err)
}

// indexVariables are where engines say which of the tasks is a worker's own.
var indexVariables = []string{"JOB_COMPLETION_INDEX", "BATCH_TASK_INDEX"}

// Run is a worker without its process.
func Run(ctx context.Context, k *stage.Kind, store object.Store, args []string, stdin io.Reader, stdout, stderr io.Writer, modes ...Mode) error {
	fs := flag.NewFlagSet(k.Worker, flag.ContinueOnError)
	fs.SetOutput(stderr)
	task := fs.String("task", "", "`FILE` or URI of the task, or of a list of tasks; - is standard input")
	index := fs.Int("index", -1, "which of a list of tasks, from 0; default: JOB_COMPLETION_INDEX or BATCH_TASK_INDEX")
	threads := fs.Int("threads", runtime.GOMAXPROCS(0), "goroutines that work at once")
	quiet := fs.Bool("quiet", false, "say nothing but errors")
	version := fs.Bool("version", false, "print the version")
	for _, m := range modes {
		m.Flags(fs)
	}
	fs.Usage = func() {
		for _, m := range modes {
			fmt.Fprintln(stderr, m.Usage)
		}
		fmt.Fprintf(stderr, "%s -task task.json\nDoes a task of the stage %s and leaves its outputs and, last, their marker.\nExit status: 0 done, 64 wrong usage, 65 bad input, 66 input missing, 75 told to stop, or try again.\n", k.Worker, k.Name)
		fs.PrintDefaults()
	}
	env := &stage.Env{Store: store, Note: func(format string, args ...any) {
		if !*quiet {
			fmt.Fprintf(stderr, k.Worker+": "+format+"\n", args...)
		}
	}}
	err := fs.Parse(args)
	env.Threads = *threads
	asked := slices.IndexFunc(modes, func(m Mode) bool { return m.Asked() })
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return fmt.Errorf("%w: %w", app.ErrUsage, err)
	case *version:
		_, err := fmt.Fprintln(stdout, k.Worker, stage.Version)
		return err
	case asked >= 0 && *task == "" && fs.NArg() == 0 && *threads >= 1:
		return modes[asked].Run(ctx, env)
	case *task == "" || fs.NArg() > 0 || *threads < 1 || asked >= 0:
		return fmt.Errorf("%w: want -task FILE, threads of 1 or more, and no other arguments", app.ErrUsage)
	}
	b, err := readTask(ctx, store, *task, stdin)
	if err != nil {
		return err
	}
	tasks, err := parse(k, b, *index)
	if err != nil {
		return fmt.Errorf("%s: %w", *task, err)
	}
	for _, t := range tasks {
		if _, err := stage.Do(ctx, env, k, t); err != nil {
			return err
		}
	}
	return nil
}

// maxTask is the largest list of tasks, in bytes.
const maxTask = 1 << 28

func readTask(ctx context.Context, store object.Store, name string, stdin io.Reader) ([]byte, error) {
	if name == object.Standard {
		return io.ReadAll(io.LimitReader(stdin, maxTask))
	}
	return object.ReadAll(ctx, store, name, maxTask)
}

// list is what `gx run render` writes. Index, where it is there, says for every
// index of an engine which tasks are its batch.
type list struct {
	Schema int        `json:"schema"`
	Name   string     `json:"name"`
	Tasks  []listTask `json:"tasks"`
	Index  [][]int    `json:"index"`
}

type listTask struct {
	Worker string      `json:"worker"`
	Done   bool        `json:"done"`
	After  []int       `json:"after"`
	Task   *stage.Task `json:"task"`
}

// parse reads a task, or those of a list that are the worker's own.
func parse(k *stage.Kind, b []byte, index int) ([]*stage.Task, error) {
	var kind struct{ Tasks json.RawMessage }
	if err := json.Unmarshal(b, &kind); err != nil {
		return nil, fmt.Errorf("%w: %w", stage.ErrTask, err)
	}
	if kind.Tasks == nil {
		t := &stage.Task{}
		return []*stage.Task{t}, strict(b, t)
	}
	var l list
	if err := strict(b, &l); err != nil {
		return nil, err
	}
	index, err := whichIndex(index)
	if err != nil {
		return nil, err
	}
	batch := []int{index}
	if l.Index != nil {
		if index < 0 || index >= len(l.Index) {
			return nil, fmt.Errorf("%w: index %d of %d", stage.ErrTask, index, len(l.Index))
		}
		batch = l.Index[index]
	}
	var out []*stage.Task
	for _, i := range batch {
		switch {
		case i < 0 || i >= len(l.Tasks) || l.Tasks[i].Task == nil:
			return nil, fmt.Errorf("%w: task %d of %d", stage.ErrTask, i, len(l.Tasks))
		case l.Tasks[i].Worker != k.Worker:
			return nil, fmt.Errorf("%w: task %d is one of %s", stage.ErrTask, i, l.Tasks[i].Worker)
		}
		out = append(out, l.Tasks[i].Task)
	}
	return out, nil
}

func strict(b []byte, to any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	err := d.Decode(to)
	if err == nil && d.More() {
		err = errors.New("more than one value")
	}
	if err != nil {
		return fmt.Errorf("%w: %w", stage.ErrTask, err)
	}
	return nil
}

func whichIndex(given int) (int, error) {
	if given >= 0 {
		return given, nil
	}
	for _, name := range indexVariables {
		if text := os.Getenv(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 0 {
				return 0, fmt.Errorf("%w: %s is %q, want a number from 0", stage.ErrTask, name, text)
			}
			return n, nil
		}
	}
	return 0, fmt.Errorf("%w: a list of tasks, and neither -index nor %s nor %s says which", stage.ErrTask, indexVariables[0], indexVariables[1])
}
