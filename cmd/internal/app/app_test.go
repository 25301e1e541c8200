package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gx-genomics/gx/io/object"
)

func TestStatus(t *testing.T) {
	cases := []struct {
		name       string
		err        error
		gx, worker int
	}{
		{"done", nil, 0, 0},
		{"usage", fmt.Errorf("%w: no --ref", ErrUsage), 2, 64},
		{"bad input", errors.New("x.bam: truncated"), 1, 65},
		{"missing", fmt.Errorf("x.bam: %w", fs.ErrNotExist), 1, 66},
		{"skipped", fmt.Errorf("2 traits: %w", ErrSkipped), 3, 65},
		{"interrupted", fmt.Errorf("reads: %w", context.Canceled), 130, 75},
		{"a store that does not answer", fmt.Errorf("gs://x/y: %w", object.ErrTemporary), 1, 75},
		{"full disk", fmt.Errorf("out: %w", syscall.ENOSPC), 1, 75},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if g, w := Status(c.err), WorkerStatus(c.err); g != c.gx || w != c.worker {
				t.Errorf("%d and %d, want %d and %d", g, w, c.gx, c.worker)
			}
		})
	}
}

func TestMainPrintsOneLine(t *testing.T) {
	var stderr bytes.Buffer
	got := Main("gx call", &stderr, func(context.Context) error { return errors.New("x.bam: not a BAM file") }, Status)
	if got != 1 || stderr.String() != "gx call: x.bam: not a BAM file\n" {
		t.Errorf("status %d, %q", got, &stderr)
	}
}

func TestMainStopsAtTheSignal(t *testing.T) {
	var stderr bytes.Buffer
	got := Main("gx", &stderr, func(ctx context.Context) error {
		if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	}, Status)
	if got != Interrupted || !strings.Contains(stderr.String(), "interrupted") {
		t.Errorf("status %d, %q", got, &stderr)
	}
}

func TestProgress(t *testing.T) {
	var out bytes.Buffer
	start := time.Unix(0, 0)
	p := newProgress(&out, "Mb", 10, start)
	p.add(4, start.Add(2*time.Second))
	if want := "\r 40.0 %  4.00 of 10.00 Mb  2.00 Mb/s  3s left"; !strings.HasPrefix(out.String(), want) {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	n := out.Len()
	p.add(1, start.Add(2100*time.Millisecond))
	if out.Len() != n {
		t.Error("printed again after 0.1 s")
	}
	p.Clear()
	if !strings.HasSuffix(out.String(), "\r\x1b[K") {
		t.Errorf("Clear left %q", out.String())
	}
	var silent *Progress
	silent.Add(1)
	silent.Clear()
}
