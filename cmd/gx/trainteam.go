package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/internal/elastic"
	"github.com/gx-genomics/gx/workflows/stage"
)

// teamFlags are the flags of gx train about who computes.
func teamFlags(t *stage.TrainTeam, slices *int, coordinator *string, wait *time.Duration) []cli.Flag {
	return []cli.Flag{
		&cli.IntFlag{Name: "workers", Usage: "processes of this machine that compute gradients; they share --threads; 0: none but this one", Destination: &t.Local},
		&cli.StringFlag{Name: "listen", Usage: "`HOST:PORT` at which workers elsewhere join and leave at any time; they show the secret of " + stage.TokenVariable, Destination: &t.Listen},
		&cli.DurationFlag{Name: "lease", Usage: "time in which a worker must answer before others do its slices", Value: elastic.DefaultLease, Destination: &t.Lease},
		&cli.IntFlag{Name: "slices", Usage: "parts of a batch, 1 to 16; as many workers can work. Another number makes other weights", DefaultText: "8", Destination: slices},
		&cli.DurationFlag{Name: "wait", Usage: "with --coordinator: how long it may not answer, for it may be started again", Value: stage.DefaultWait, Destination: wait},
		&cli.StringFlag{Name: "coordinator", Usage: "work for the gx train --listen at this `URL`, and nothing else", Destination: coordinator},
	}
}

// localWait is how long a worker of this machine waits for its coordinator:
// where that was killed, another one starts its own.
const localWait = 3 * time.Second

// startable completes what the flags say of a team.
func startable(t *stage.TrainTeam, threads int) error {
	if t.Lease <= 0 {
		return fmt.Errorf("%w: --lease %v: want more than 0", app.ErrUsage, t.Lease)
	}
	if t.Token = os.Getenv(stage.TokenVariable); t.Token == "" && t.Listen == "" {
		t.Token = rand.Text()
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	each := max(1, threads/max(t.Local, 1))
	t.Start = func(ctx context.Context, url string) error {
		var said bytes.Buffer
		cmd := exec.CommandContext(ctx, program, "train", "--coordinator", url, "--wait", localWait.String(), "--threads", strconv.Itoa(each), "--quiet")
		cmd.Env = append(os.Environ(), stage.TokenVariable+"="+t.Token)
		cmd.Stderr = &said
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the terminal's signals are for this process
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		cmd.WaitDelay = 10 * time.Second
		err := cmd.Run()
		if text := strings.TrimSpace(said.String()); err != nil && text != "" {
			return errors.New(text[strings.LastIndexByte(text, '\n')+1:])
		}
		return err
	}
	return nil
}

// workFor is gx train --coordinator.
func workFor(c *cli.Context, url, cache string, wait time.Duration) error {
	for _, name := range []string{"workers", "listen", "out", "ref", "reads", "truth", "sets", "examples"} {
		if c.IsSet(name) {
			return fmt.Errorf("%w: --coordinator says it all: want no --%s", app.ErrUsage, name)
		}
	}
	env, end := newEnv(c)
	defer end()
	return stage.TrainWorker(c.Context, env, stage.WorkerPlan{Coordinator: url, Token: os.Getenv(stage.TokenVariable), Cache: cache, Wait: wait})
}
