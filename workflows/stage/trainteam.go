package stage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gx-genomics/gx/internal/elastic"
	"github.com/gx-genomics/gx/internal/nn"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/object/uri"
	"github.com/gx-genomics/gx/variant/classify"
	"github.com/gx-genomics/gx/variant/train"
)

// TokenVariable is where a coordinator and its workers have the secret that they
// share.
const TokenVariable = "GX_TRAIN_TOKEN"

// TrainTeam is a training whose gradients workers compute. It changes no byte of
// the model.
type TrainTeam struct {
	Local  int           // workers on this machine
	Listen string        // where others may join, as HOST:PORT; empty: nobody else
	Token  string        // that they must show
	Lease  time.Duration // in which a worker must answer; 0: a default
	// Start starts a worker on this machine: it returns when that ends.
	Start func(ctx context.Context, url string) error
}

// Validate reports all faults at once.
func (t *TrainTeam) Validate(slices int) error {
	if slices == 0 {
		slices = nn.Shards
	}
	var errs []error
	if t.Local < 0 || t.Local > slices {
		more := ""
		if slices < nn.MaxShards && t.Local <= nn.MaxShards {
			more = fmt.Sprintf("; --slices %d lets more work, and makes other weights", nn.MaxShards)
		}
		errs = append(errs, fmt.Errorf("%d workers: want at most %d, the slices of a batch%s", t.Local, slices, more))
	}
	if t.Listen != "" && t.Token == "" {
		errs = append(errs, fmt.Errorf("listening at %s wants a secret that the workers show: set %s, here and there", t.Listen, TokenVariable))
	}
	if t.Listen == "" && t.Local == 0 {
		errs = append(errs, errors.New("a team without workers: want some here, or an address at which others join"))
	}
	return errors.Join(errs...)
}

// teamConfig is what workers must know of a training.
type teamConfig struct {
	Version  string        `json:"version"`
	Features string        `json:"features"`
	Shape    train.Shape   `json:"shape"`
	Bare     bool          `json:"bare,omitempty"`
	Options  train.Options `json:"options"`
	Inputs   []teamInput   `json:"inputs"`
}

// teamInput is a file of examples.
type teamInput struct {
	Name    string  `json:"name"`
	Digest  string  `json:"digest"`
	Set     uint16  `json:"set"`
	Density float64 `json:"density"`
}

// teamConfig tells workers what is trained on.
func (p *TrainPlan) teamConfig(ctx context.Context, env *Env, in *trainInput) ([]byte, error) {
	c := teamConfig{Version: Version, Features: classify.FeatureVersion, Shape: in.shape, Bare: in.start.First == nil, Options: p.Train}
	c.Options.Threads = 0
	for i, name := range in.names {
		d, err := digest(ctx, env.Store, p.Cache+name)
		if err != nil {
			return nil, err
		}
		absolute := p.Cache + name
		if !uri.Remote(absolute) {
			if absolute, err = filepath.Abs(absolute); err != nil {
				return nil, err
			}
		}
		x := teamInput{Name: absolute, Digest: d.Digest, Density: 1}
		if p.Examples == "" {
			x.Set, x.Density = uint16(i), p.Sets[i].Density
		}
		c.Inputs = append(c.Inputs, x)
	}
	return json.Marshal(c)
}

// team is a coordinator at work.
type team struct {
	*elastic.Coordinator
	env    *Env
	server *http.Server
	failed chan error // why there is no more hope of workers
	stop   context.CancelFunc
	wg     sync.WaitGroup
}

// lead lets workers come.
func (o *TrainTeam) lead(ctx context.Context, env *Env, p *TrainPlan, in *trainInput) (leader, error) {
	config, err := p.teamConfig(ctx, env, in)
	if err != nil {
		return nil, err
	}
	address := o.Listen
	if address == "" {
		address = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening for workers: %w", err)
	}
	c := elastic.New(elastic.Options{Config: config, Token: o.Token, Lease: o.Lease, Note: env.Note})
	t := &team{Coordinator: c, env: env, server: c.Server(), failed: make(chan error, 1)}
	t.wg.Go(func() {
		if err := t.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			t.fail(fmt.Errorf("listening for workers: %w", err))
		}
	})
	at := listener.Addr().(*net.TCPAddr)
	if o.Listen != "" {
		env.note("workers join at http://%s: gx-train -coordinator http://HOST:%d", at, at.Port)
	}
	if at.IP.IsUnspecified() {
		at.IP = net.IPv4(127, 0, 0, 1)
	}
	ctx, t.stop = context.WithCancel(context.WithoutCancel(ctx)) // they outlive a ctx that ends: the step under way is theirs
	for range o.Local {
		t.wg.Go(func() { t.keep(ctx, o, "http://"+at.String()) })
	}
	return t, nil
}

func (t *team) fail(err error) {
	select {
	case t.failed <- err:
	default:
	}
}

// mostFailures is how often in a row a worker of this machine may end without
// having worked for a while.
const (
	mostFailures = 3
	aWhile       = 10 * time.Second
)

// keep keeps a worker of this machine alive.
func (t *team) keep(ctx context.Context, o *TrainTeam, url string) {
	for failures := 0; ; {
		begun := time.Now()
		err := o.Start(ctx, url)
		if ctx.Err() != nil || err == nil {
			return
		}
		if failures++; time.Since(begun) > aWhile {
			failures = 1
		}
		if failures > mostFailures {
			t.fail(fmt.Errorf("workers of this machine end at once: %w", err))
			return
		}
		t.env.note("a worker of this machine ended: %v; another is started", err)
		select {
		case <-time.After(time.Duration(failures) * 200 * time.Millisecond):
		case <-ctx.Done():
			return
		}
	}
}

// lastStep is how long a step under way may take when training is told to stop:
// then a checkpoint is written behind it.
const lastStep = 3 * time.Second

// Do implements train.Team.
func (t *team) Do(ctx context.Context, s *elastic.Step) (float64, error) {
	told := ctx
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(told))
	defer cancel(nil)
	stop := context.AfterFunc(told, func() { time.AfterFunc(lastStep, func() { cancel(context.Cause(told)) }) })
	defer stop()
	over := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		select {
		case err := <-t.failed:
			cancel(err)
			t.fail(err)
		case <-over:
		}
	})
	loss, err := t.Coordinator.Do(ctx, s)
	close(over)
	wg.Wait()
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	return loss, err
}

// end says how the workers did, and sends them home where all is done. Else they
// wait for a coordinator that goes on.
func (t *team) end(done bool) {
	s := t.Stats()
	if done {
		t.End()
		ended := time.Now() // those that ask or join just then hear it too
		for time.Since(ended) < 300*time.Millisecond || t.Stats().Workers > 0 && time.Since(ended) < 3*time.Second {
			time.Sleep(10 * time.Millisecond)
		}
	}
	t.stop()
	t.server.Close() // nobody listens any more
	t.wg.Wait()
	if s.Slices > 0 {
		t.env.note("%s", &s)
	}
}

// DefaultWait is how long a worker waits for a coordinator that does not answer:
// one that was killed may be started again.
const DefaultWait = 10 * time.Minute

// WorkerPlan is a worker of a training elsewhere.
type WorkerPlan struct {
	Coordinator string        // its URL
	Token       string        // that it wants
	Cache       string        // the folder of the examples here; empty: where the coordinator has them
	Wait        time.Duration // how long the coordinator may not answer
}

// TrainWorker computes gradients for a coordinator until that has no more work.
func TrainWorker(ctx context.Context, env *Env, p WorkerPlan) error {
	host, err := os.Hostname()
	if err != nil {
		host = "?"
	}
	w := &trainWorker{env: env, cache: p.Cache}
	defer w.close()
	err = elastic.Work(ctx, w, elastic.WorkOptions{URL: p.Coordinator, Token: p.Token, Wait: p.Wait, Name: fmt.Sprintf("%s, process %d", host, os.Getpid()), Note: env.Note})
	if errors.Is(err, elastic.ErrGone) {
		err = fmt.Errorf("%w: %w", object.ErrTemporary, err)
	}
	return err
}

// trainWorker is an elastic.Worker on files of examples.
type trainWorker struct {
	*train.Slicer
	env   *Env
	cache string
	src   *spoolSource
}

func (w *trainWorker) close() {
	if w.src != nil {
		w.src.close()
	}
}

// Open looks whether the examples here are those of the coordinator.
func (w *trainWorker) Open(ctx context.Context, config []byte) error {
	var c teamConfig
	d := json.NewDecoder(bytes.NewReader(config))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil || c.Version != Version || c.Features != classify.FeatureVersion {
		return fmt.Errorf("the coordinator is gx %s with features %s, this is gx %s with features %s: want the same program (%v)", c.Version, c.Features, Version, classify.FeatureVersion, err)
	}
	w.close()
	w.src = &spoolSource{}
	for _, in := range c.Inputs {
		name := in.Name
		if w.cache != "" {
			name = joinName(w.cache, name[strings.LastIndexByte(name, '/')+1:])
		}
		have, err := digest(ctx, w.env.Store, name)
		if err != nil {
			return fmt.Errorf("examples: %w; -cache names the folder that has them here", err)
		}
		if have.Digest != in.Digest {
			return fmt.Errorf("%s: examples of digest %s, the coordinator's are %s; copy its file, or share its folder", name, have.Digest, in.Digest)
		}
		if err := w.src.add(ctx, w.env.Store, name, in.Set, in.Density); err != nil {
			return err
		}
	}
	if err := c.check(w.src); err != nil {
		return err
	}
	var err error
	w.Slicer, err = train.NewSlicer(w.src, c.Shape, c.Bare, c.Options, max(w.env.Threads, 1))
	return err
}

// check says whether the files hold examples of the shape.
func (c *teamConfig) check(src *spoolSource) error {
	numbers := train.Numbers
	if c.Bare {
		numbers = 1
	}
	for _, f := range src.files {
		if s := f.Shape; s.Features != numbers || s.Rows != c.Shape.Height || s.Row != c.Shape.Width*c.Shape.Channels {
			return fmt.Errorf("examples of %d numbers and %d rows of %d bytes, the coordinator's are of %d numbers and %dx%dx%d", s.Features, s.Rows, s.Row, numbers, c.Shape.Height, c.Shape.Width, c.Shape.Channels)
		}
	}
	return nil
}
