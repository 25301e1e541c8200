//go:build verify

package stage

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gx-genomics/gx/internal/verify"
)

// histories is how many trainings are disturbed, the first by the history that
// is asked for, the others at random moments.
const histories = 8

// disturbed is a training whose processes are killed.
type disturbed struct {
	t           *testing.T
	env         []string
	coordinator *exec.Cmd
	lines       chan string
	workers     []*exec.Cmd
	kills, done int
	goneOn      bool
	busy        float64
}

func (d *disturbed) start(role string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), d.env...), childRole+"="+role)
	cmd.Stderr = os.Stderr
	if role == roleCoordinator {
		out, err := cmd.StdoutPipe()
		if err != nil {
			d.t.Fatal(err)
		}
		lines := make(chan string)
		d.lines = lines
		go func() {
			defer close(lines)
			for s := bufio.NewScanner(out); s.Scan(); {
				lines <- s.Text()
			}
		}()
	}
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	return cmd
}

// be changes the number of workers: too many are killed without a word.
func (d *disturbed) be(n int) {
	for ; len(d.workers) > n; d.workers = d.workers[1:] {
		d.kill(d.workers[0])
	}
	for len(d.workers) < n {
		d.workers = append(d.workers, d.start(roleWorker))
	}
}

func (d *disturbed) kill(cmd *exec.Cmd) {
	d.kills++
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		d.t.Error(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		d.t.Error(err)
	}
}

var busy = regexp.MustCompile(`busy ([0-9.]+) %`)

// run trains to the end. After every step next says how many workers there are
// to be, and whether the coordinator is killed; less than 0 is no change.
func (d *disturbed) run(next func(step int) (workers int, kill bool)) {
	d.coordinator = d.start(roleCoordinator)
	n, _ := next(0)
	d.be(n)
	for {
		line, ok := <-d.lines
		if !ok {
			break
		}
		if m := busy.FindStringSubmatch(line); m != nil {
			d.busy, _ = strconv.ParseFloat(m[1], 64)
		}
		d.goneOn = d.goneOn || strings.Contains(line, "training goes on")
		if line != "step" {
			continue
		}
		d.done++
		n, kill := next(d.done)
		if kill {
			go func(lines chan string) { // or it could not end
				for range lines {
				}
			}(d.lines)
			d.kill(d.coordinator)
			d.coordinator = d.start(roleCoordinator)
		}
		if n >= 0 {
			d.be(n)
			if n == 0 { // all are killed; some come back
				time.Sleep(100 * time.Millisecond)
				d.be(2)
			}
		}
	}
	if err := d.coordinator.Wait(); err != nil {
		d.t.Errorf("the coordinator: %v", err)
	}
	for _, w := range d.workers {
		w.Wait() // they were sent home
	}
}

// TestVerifyElastic: 4 workers, 1, 3, all killed, 2, and the coordinator killed:
// the weights of one undisturbed worker, byte for byte. So for random histories.
func TestVerifyElastic(t *testing.T) {
	data, err := trainData()
	if err != nil {
		t.Fatal(err)
	}
	model := func(name string, next func(step int) (int, bool)) (string, *disturbed) {
		dir := t.TempDir()
		d := &disturbed{t: t, env: []string{childData + "=" + data, childOut + "=" + dir, childAddress + "=" + freePort(t)}}
		d.run(next)
		b, err := os.ReadFile(filepath.Join(dir, "m.safetensors"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		t.Logf("%s: %d steps for %d, %d kills, busy %.1f %%", name, d.done, 70, d.kills, d.busy)
		return string(b), d
	}
	want, _ := model("one worker", func(step int) (int, bool) {
		if step == 0 {
			return 1, false
		}
		return -1, false
	})
	differ, kills, coordinators := 0, 0, 0
	plain := trained(t, chaosPlan(data, t.TempDir()), 2)
	if plain != want {
		t.Error("one worker makes another model than one process")
		differ++
	}
	for k := range histories {
		rng := rand.New(rand.NewPCG(uint64(k), 11))
		killed := 0
		asked := map[int]int{0: 4, 12: 1, 24: 3, 36: 0}
		got, d := model(fmt.Sprintf("history %d", k), func(step int) (int, bool) {
			if k == 0 {
				n, ok := asked[step]
				if !ok {
					n = -1
				}
				if step == 48 {
					killed++
				}
				return n, step == 48
			}
			if step == 0 {
				return 1 + rng.IntN(4), false
			}
			n := -1
			if rng.IntN(6) == 0 {
				n = rng.IntN(5)
			}
			if killed < 4 && rng.IntN(25) == 0 {
				killed++
				return n, true
			}
			return n, false
		})
		if got != want {
			t.Errorf("history %d makes another model", k)
			differ++
		}
		kills += d.kills
		coordinators += killed
		if killed > 0 && d.done > 50 && !d.goneOn {
			t.Errorf("history %d: no training went on at a checkpoint", k)
		}
	}
	figures := []verify.Figure{
		{Name: "histories of workers", Value: histories, Unit: "trainings", Bar: histories},
		{Name: "processes killed in them", Value: float64(kills), Unit: "kills", Bar: 40},
		{Name: "coordinators among these", Value: float64(coordinators), Unit: "kills", Bar: 8},
		{Name: "models that differ from one undisturbed worker's", Value: float64(differ), Unit: "models", Bar: 0, Most: true},
	}
	if err := verify.Write(filepath.Join("..", ".."), verify.Elastic, figures); err != nil {
		t.Error(err)
	}
}
