package stage

import (
	"context"
	"errors"
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
			case !errors.Is(err, context.Canceled):
				c.t.Error(err)
			}
		})
	}
}

// TestTrainTeam: workers that come and go, and a coordinator that is stopped and
// started again, make the file that one process makes.
func TestTrainTeam(t *testing.T) {
	dir := t.TempDir()
	p := trainable(t, dir)
	p.Train.Steps, p.Train.Bytes, p.Train.Epoch, p.Train.Light = 9, 2, 9, 1
	want := trained(t, p, 1)
	if err := os.Remove(p.Out); err != nil {
		t.Fatal(err)
	}
	address := freePort(t)
	c := &crew{t: t, plan: WorkerPlan{Coordinator: "http://" + address, Token: "secret", Cache: dir, Wait: time.Minute}}
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
	if n := c.ends.Load(); n != 2 {
		t.Errorf("%d workers were sent home, want 2", n)
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
	team, err := p.startTeam(t.Context(), env, &trainInput{names: []string{"x.spool"}, start: train.Networks{}})
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
