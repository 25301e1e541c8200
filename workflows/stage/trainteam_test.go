package stage

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/variant/train"
)

// A child of a test is a coordinator or a worker, told by its environment.
const (
	childRole    = "GX_STAGE_TEST_ROLE"
	childData    = "GX_STAGE_TEST_DATA"
	childOut     = "GX_STAGE_TEST_OUT"
	childAddress = "GX_STAGE_TEST_ADDRESS"

	roleCoordinator, roleWorker = "coordinator", "worker"
)

// trainChild is the child. A coordinator prints a line for every step that is
// done.
func trainChild(role string) int {
	address := os.Getenv(childAddress)
	env := &Env{Store: object.Files{}, Threads: 1}
	var err error
	if role == roleWorker {
		err = TrainWorker(context.Background(), env, WorkerPlan{Coordinator: "http://" + address, Token: "secret", Wait: time.Minute})
	} else {
		p := chaosPlan(os.Getenv(childData), os.Getenv(childOut))
		p.Team, p.Every = &TrainTeam{Listen: address, Token: "secret", Lease: 2 * time.Second}, 200*time.Millisecond
		env.Done = func(n int) {
			for range n {
				fmt.Println("step")
			}
		}
		env.Note = func(format string, args ...any) { fmt.Printf("# "+format+"\n", args...) }
		_, err = Train(context.Background(), env, p)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// chaosPlan is a training long enough to be disturbed.
func chaosPlan(data, dir string) TrainPlan {
	p := trainPlan(data, dir)
	p.Train.Steps, p.Train.Bytes, p.Train.Batch, p.Train.Epoch, p.Train.Light = 60, 10, 16, 30, 2
	return p
}

// freePort is an address that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// crew is workers of a coordinator that may be started again.
type crew struct {
	t    *testing.T
	plan WorkerPlan
	wg   sync.WaitGroup
	stop []context.CancelFunc
	ends atomic.Int32 // that were sent home
}

func (c *crew) be(n int) {
	for ; len(c.stop) > n; c.stop = c.stop[1:] {
		c.stop[0]()
	}
	for len(c.stop) < n {
		ctx, stop := context.WithCancel(c.t.Context())
		c.stop = append(c.stop, stop)
		c.wg.Go(func() {
			switch err := TrainWorker(ctx, &Env{Store: object.Files{}, Threads: 1}, c.plan); {
			case err == nil:
				c.ends.Add(1)
			case errors.Is(err, object.ErrTemporary): // it came when all was done
			case !errors.Is(err, context.Canceled):
				c.t.Error(err)
			}
		})
	}
}

// few makes the examples of a plan fewer: those around where a held-out locus
// begins.
func few(t *testing.T, p *TrainPlan, dir string) {
	t.Helper()
	p.Sets[0].Confident = filepath.Join(dir, "few.bed")
	if err := os.WriteFile(p.Sets[0].Confident, []byte("chr12\t348500\t351500\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestTrainTeam: workers that come and go, and a coordinator that is stopped and
// started again, make the file that one process makes.
func TestTrainTeam(t *testing.T) {
	dir := t.TempDir()
	p := trainable(t, dir)
	few(t, &p, dir)
	p.Train.Steps, p.Train.Bytes, p.Train.Epoch, p.Train.Light = 9, 2, 9, 1
	want := trained(t, p, 1)
	if err := os.Remove(p.Out); err != nil {
		t.Fatal(err)
	}
	address := freePort(t)
	c := &crew{t: t, plan: WorkerPlan{Coordinator: "http://" + address, Token: "secret", Cache: dir, Wait: 10 * time.Second}}
	p.Team = &TrainTeam{Listen: address, Token: "secret"}
	p.Every = time.Nanosecond
	history := map[int]int{1: 1, 2: 3, 4: 0, 5: 2}
	steps, killed := 0, false
	for {
		ctx, kill := context.WithCancel(t.Context())
		var said []string
		env := &Env{Store: object.Files{}, Threads: 2, Note: func(format string, _ ...any) { said = append(said, format) }}
		env.Done = func(int) {
			steps++
			if steps == 7 && !killed {
				killed = true
				kill()
			}
			if n, ok := history[steps]; ok {
				c.be(n)
			}
			if len(c.stop) == 0 {
				time.AfterFunc(20*time.Millisecond, func() { c.be(2) })
			}
		}
		if steps == 0 {
			c.be(4)
		}
		_, err := Train(ctx, env, p)
		kill()
		if err == nil {
			if text := strings.Join(said, "\n"); !strings.Contains(text, "training goes on at step") || !strings.Contains(text, "workers join at") || !strings.Contains(text, "%s") {
				t.Errorf("it said %q", text)
			}
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	c.wg.Wait()
	if got, err := os.ReadFile(p.Out); err != nil || string(got) != want || !killed {
		t.Errorf("a team makes another model, %v", err)
	}
	if c.ends.Load() == 0 {
		t.Error("no worker was sent home")
	}
}

// TestTrainWorkerRefuses: a worker whose examples are not those of the
// coordinator does nothing.
func TestTrainWorkerRefuses(t *testing.T) {
	dir := t.TempDir()
	address := freePort(t)
	spool := filepath.Join(dir, "x.spool")
	if err := os.WriteFile(spool, []byte("other examples"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := &Env{Store: object.Files{}, Threads: 1}
	p := DefaultTrainPlan()
	p.Cache, p.Sets = dir+"/", []TrainSet{{Name: "s", Density: 1}}
	p.Team = &TrainTeam{Listen: address, Token: "secret"}
	team, err := p.Team.lead(t.Context(), env, &p, &trainInput{names: []string{"x.spool"}, start: train.Networks{}})
	if err != nil {
		t.Fatal(err)
	}
	defer team.end(false)
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "x.spool"), []byte("damaged examples"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct{ name, token, cache, want string }{
		{"token", "guess", "", "401"},
		{"other examples", "secret", other, "copy its file, or share its folder"},
		{"no examples", "secret", t.TempDir(), "-cache names the folder"},
		{"no file of examples", "secret", "", "damaged or cut off"},
	} {
		t.Run(k.name, func(t *testing.T) {
			err := TrainWorker(t.Context(), env, WorkerPlan{Coordinator: "http://" + address, Token: k.token, Cache: k.cache})
			if err == nil || !strings.Contains(err.Error(), k.want) {
				t.Errorf("%v: no word of %q", err, k.want)
			}
		})
	}
	if err := TrainWorker(t.Context(), env, WorkerPlan{Coordinator: "http://" + freePort(t), Token: "x"}); !errors.Is(err, object.ErrTemporary) {
		t.Errorf("nobody answers: %v", err)
	}
}

func TestTrainTeamRefuses(t *testing.T) {
	for _, k := range []struct {
		team   TrainTeam
		slices int
		want   string
	}{
		{TrainTeam{}, 0, "without workers"},
		{TrainTeam{Local: 9}, 0, "--slices 16 lets more work"},
		{TrainTeam{Local: 17}, 16, "at most 16"},
		{TrainTeam{Local: 16}, 16, ""},
		{TrainTeam{Local: -1}, 0, "-1 workers"},
		{TrainTeam{Listen: ":7000"}, 0, TokenVariable},
		{TrainTeam{Local: 8}, 0, ""},
	} {
		if err := k.team.Validate(k.slices); (err == nil) != (k.want == "") || err != nil && !strings.Contains(err.Error(), k.want) {
			t.Errorf("%+v: %v: no word of %q", k.team, err, k.want)
		}
	}
}

// TestTrainTask: the stage as a task makes the file of the command. One that is
// stopped goes on at its checkpoint, and leaves nothing but the output, its
// marker and what it cost.
func TestTrainTask(t *testing.T) {
	dir := t.TempDir()
	p := trainable(t, dir)
	few(t, &p, dir)
	p.Name, p.Train.Steps, p.Train.Bytes, p.Train.Epoch, p.Train.Light = "task", 4, 1, 4, 1
	p.Sets[0].Name, p.Sets[0].Unaligned, p.Sets[0].Density = "reads", defaultUnaligned, 1
	out := filepath.Join(dir, "out")
	if err := os.Mkdir(out, 0o777); err != nil {
		t.Fatal(err)
	}
	p.Cache = filepath.Join(out, "m.safetensors.cache-") // where the task finds them
	want := trained(t, p, 1)
	s := p.Sets[0]
	task := &Task{Stage: "train", In: map[string][]string{"ref": {s.Ref}, "reads": s.Reads, "truth": {s.Truth}, "confident": {s.Confident}},
		Out:     map[string]string{"out": filepath.Join(out, "m.safetensors")},
		Options: []byte(`{"name":"task","steps":4,"byte_steps":1,"epoch":4,"light_steps":1,"batch":8,"held":60}`)}
	k := TrainKind()
	env := &Env{Store: object.Files{}, Threads: 2}
	if w, err := Look(t.Context(), env, k, task); err != nil || w.CPU <= 0 {
		t.Errorf("%+v, %v", w, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	env.Done = func(int) { stop() }
	if _, err := Do(ctx, env, k, task); !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped: %v", err)
	}
	kept, err := filepath.Glob(filepath.Join(out, "*"))
	if err != nil || len(kept) != 2 {
		t.Errorf("%v, %v: want the examples and a checkpoint to be kept", kept, err)
	}
	env.Done = nil
	goesOn := false
	env.Note = func(format string, _ ...any) { goesOn = goesOn || strings.Contains(format, "training goes on") }
	m, err := Do(t.Context(), env, k, task)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Outputs) != 1 || len(m.Notes) != 1 || !goesOn {
		t.Errorf("%+v", m)
	}
	if got, err := os.ReadFile(task.Out["out"]); err != nil || string(got) != want {
		t.Errorf("the task makes another model than the command, %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(out, "*")); err != nil || len(left) != 3 {
		t.Errorf("%v, %v: want the output, its marker and what it cost", left, err)
	}
	task.In["sets"] = []string{"x.tsv"}
	if err := k.Settle(k.Options(), task); err == nil || !strings.Contains(err.Error(), "either sets, or") {
		t.Errorf("sets and reads: %v", err)
	}
}
