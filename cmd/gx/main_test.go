package main

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/gx-genomics/gx/cmd/internal/app"
	"github.com/gx-genomics/gx/internal/shared"
)

// asGX makes the test binary behave as gx itself, so that tests see a whole
// process: its exit status, its streams, its death.
const asGX = "GX_TEST_AS_GX"

func TestMain(m *testing.M) {
	if os.Getenv(asGX) != "" {
		main()
	}
	os.Exit(m.Run())
}

// gx prepares a run of gx as a process of its own.
func gx(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asGX+"=1")
	return cmd
}

// run runs gx within the test and gives its exit status and streams.
func run(t testing.TB, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = app.Main("gx", &errs, func(ctx context.Context) error {
		return newApp(&out, &errs).RunContext(ctx, append([]string{"gx"}, args...))
	}, app.Status)
	return status, out.String(), errs.String()
}

func TestCommandLine(t *testing.T) {
	cases := []struct {
		name           string
		args           []string
		status         int
		stdout, stderr string // parts of them
	}{
		{"version", []string{"--version"}, 0, "gx 0.1.0\n", ""},
		{"version of the build", []string{"version"}, 0, "gx 0.1.0\ncommit ", ""},
		{"kernels", []string{"version", "--json"}, 0, `"kernels":"`, ""},
		{"no command", nil, 2, "", "which command?"},
		{"unknown command", []string{"cal"}, 2, "", `no command "cal". Did you mean "call"?`},
		{"unknown flag", []string{"call", "--rev", "x"}, 2, "", "flag provided but not defined: -rev. Did you mean --ref?"},
		{"unknown flag of gx itself", []string{"--versoin"}, 2, "", "Did you mean --version?"},
		{"unknown flag that is near none", []string{"call", "--zzzzzz", "x"}, 2, "", "not defined: -zzzzzz\n"},
		{"check standard input", []string{"check", "-"}, 2, "", "-: standard input is not checked"},
		{"check, flags behind files", []string{"check", "no-such-file", "--quiett"}, 2, "", "Did you mean --quiet?"},
		{"all that is missing at once", []string{"call"}, 2, "", "--ref is missing\n--reads is missing\n--out is missing"},
		{"all faults of options at once", []string{"call", "--ref", "r", "--reads", "b", "--out", "o", "--model", "x", "--compat", "2", "--shards", "0"}, 2, "",
			"--shards 0: want 1 or more\nmodel \"x\": want counts, wgs, wes, or a file NAME.safetensors that gx train wrote\ncompat \"2\": want 1.5, 1.9 or deepvariant"},
		{"an argument too many", []string{"call", "x.bam"}, 2, "", `unexpected argument "x.bam"`},
		{"help", []string{"call", "--help"}, 0, "--ref FASTA", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			status, stdout, stderr := run(t, c.args...)
			if status != c.status || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) {
				t.Errorf("status %d, want %d\nstdout %q\nstderr %q", status, c.status, stdout, stderr)
			}
			if c.status != 0 && stdout != "" {
				t.Errorf("a failed command wrote to stdout: %q", stdout)
			}
		})
	}
}

// TestNearFlags: every command names the flag that a misspelt one is near to.
func TestNearFlags(t *testing.T) {
	var each func(path []string, list []*cli.Command)
	each = func(path []string, list []*cli.Command) {
		for _, c := range list {
			here := append(slices.Clone(path), c.Name)
			each(here, c.Subcommands)
			if len(c.Subcommands) > 0 {
				continue
			}
			for _, f := range c.Flags {
				name := f.Names()[0]
				if len(name) < 5 {
					continue
				}
				wrong := name[:2] + name[3:] // a letter is missing
				args := append(slices.Clone(here), "--"+wrong)
				if slices.Contains(takesFiles, c.Name) {
					args = append(slices.Clone(here), "some-file", "--"+wrong)
				}
				status, _, stderr := run(t, args...)
				if status != 2 || !strings.Contains(stderr, "not defined: -"+wrong+". Did you mean --") {
					t.Errorf("gx %s: status %d: %s", strings.Join(args, " "), status, stderr)
				}
			}
		}
	}
	each(nil, commands())
}

const deepvariant = "deepvariant/testdata/input/"

// TestKilledRunsGoOn kills gx call at random moments, then runs the same
// command again: always the same bytes, and nothing else left behind.
func TestKilledRunsGoOn(t *testing.T) {
	kills := 20
	if testing.Short() {
		kills = 4
	}
	const shards = 5
	dir := t.TempDir()
	args := func(out string) []string {
		return []string{"call", "--ref", shared.Path(t, deepvariant+"ucsc.hg19.chr20.unittest.fasta.gz"),
			"--reads", shared.Path(t, deepvariant+"NA12878_S1.chr20.10_10p1mb.bam"), "--regions", "chr20:10,000,000-10,012,000",
			"--out", filepath.Join(out, "o.vcf.gz"), "--gvcf", filepath.Join(out, "o.g.vcf.gz"), "--shards", strconv.Itoa(shards), "--threads", "2", "-q"}
	}
	whole := filepath.Join(dir, "whole")
	if err := os.Mkdir(whole, 0o777); err != nil {
		t.Fatal(err)
	}
	if out, err := gx(t, args(whole)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	rng := rand.New(rand.NewPCG(20, 1))
	killed := 0
	for k := range kills {
		out := filepath.Join(dir, "killed")
		if err := os.Mkdir(out, 0o777); err != nil {
			t.Fatal(err)
		}
		if killAt(t, gx(t, args(out)...), out, rng.IntN(shards+1), time.Duration(rng.IntN(20_000))*time.Microsecond) {
			killed++
		}
		if text, err := gx(t, args(out)...).CombinedOutput(); err != nil {
			t.Fatalf("kill %d: %v: %s", k, err, text)
		}
		compareFolders(t, out, whole)
		if err := os.RemoveAll(out); err != nil {
			t.Fatal(err)
		}
	}
	if killed == 0 {
		t.Errorf("all of %d runs ended before they were killed", kills)
	}
}

// killAt starts a run and kills it a moment after it has stored so many parts;
// false where it ended before.
func killAt(t *testing.T, cmd *exec.Cmd, out string, parts int, moment time.Duration) bool {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		list, err := filepath.Glob(filepath.Join(out, "o.vcf.gz.part-*"))
		if err != nil {
			t.Fatal(err)
		}
		wait := time.Millisecond
		if len(list) >= parts {
			wait = moment
		}
		select {
		case err := <-ended:
			if err != nil {
				t.Fatal(err)
			}
			return false
		case <-time.After(wait):
		}
		if len(list) >= parts {
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	return <-ended != nil
}

func compareFolders(t *testing.T, got, want string) {
	t.Helper()
	for _, pair := range [][2]string{{got, want}, {want, got}} {
		list, err := os.ReadDir(pair[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range list {
			a, errA := os.ReadFile(filepath.Join(pair[0], f.Name()))
			b, errB := os.ReadFile(filepath.Join(pair[1], f.Name()))
			if err := errors.Join(errA, errB); err != nil {
				t.Fatalf("a file that the whole run and the killed run do not both have: %v", err)
			}
			if !bytes.Equal(a, b) {
				t.Fatalf("%s: %d bytes after a kill, %d without: they differ", f.Name(), len(a), len(b))
			}
		}
	}
}
