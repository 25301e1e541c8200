package elastic

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// WorkOptions say how a worker finds its coordinator.
type WorkOptions struct {
	URL   string // of the coordinator: http://HOST:PORT
	Token string
	Name  string        // for people
	Wait  time.Duration // how long the coordinator may not answer
	Note  func(format string, args ...any)
}

// Work works for a coordinator until there is no more to do. Where ctx ends it
// says that it leaves, and its slices go to others at once.
func Work(ctx context.Context, w Worker, o WorkOptions) error {
	p, err := newPoster(o.URL, o.Token)
	if err != nil {
		return err
	}
	defer p.close()
	c := &client{o: o, http: p, w: w}
	err = c.work(ctx)
	if c.welcome.Worker > 0 && err != nil && !errors.Is(err, ErrGone) {
		reason := ""
		if ctx.Err() == nil {
			reason = err.Error()
		}
		c.leave(reason)
	}
	return err
}

type client struct {
	o       WorkOptions
	http    *poster
	w       Worker
	welcome welcome
	opened  bool

	damaged int // messages in a row

	state request // what it knows, for the next request
	held  []held
	sum   []float32
}

// held is a slice that it has, and the phase that comes next.
type held struct {
	lease
	next int
}

// errAgain tells of a coordinator that does not know the worker.
var errAgain = errors.New("join again")

func (c *client) work(ctx context.Context) error {
	for {
		err := c.join(ctx)
		if err == nil {
			err = c.serve(ctx)
		}
		if errors.Is(err, ErrDamaged) && c.damaged < mostDamaged {
			c.damaged++
			continue
		}
		if !errors.Is(err, errAgain) {
			return err
		}
	}
}

// mostDamaged is how many messages in a row may be damaged before a worker gives
// up.
const mostDamaged = 20

func (c *client) join(ctx context.Context) error {
	b, err := c.post(ctx, pathJoin, encode(struct {
		Name string `json:"name"`
	}{c.o.Name}))
	if err != nil {
		return err
	}
	old := c.welcome
	c.welcome = welcome{}
	if _, err := decode(b, &c.welcome); err != nil {
		return err
	}
	c.forget()
	if c.opened && bytes.Equal(old.Config, c.welcome.Config) {
		return nil
	}
	if err := c.w.Open(ctx, c.welcome.Config); err != nil {
		return err
	}
	c.opened = true
	return nil
}

// forget makes it know nothing: weights and jobs come anew.
func (c *client) forget() { c.state, c.held = request{}, nil }

func (c *client) serve(ctx context.Context) error {
	query := fmt.Sprintf("?instance=%s&worker=%d", url.QueryEscape(c.welcome.Instance), c.welcome.Worker)
	message := encode(c.state)
	for {
		b, err := c.post(ctx, pathWork+query, message)
		var p reply
		var vectors [][]float32
		if err == nil {
			vectors, err = decode(b, &p)
		}
		if errors.Is(err, ErrDamaged) && c.damaged < mostDamaged { // on its way there or here: all is done again
			c.damaged++
			c.note("%v: work is asked for again", err)
			c.forget()
			message = encode(c.state)
			continue
		}
		if err != nil {
			return err
		}
		c.damaged = 0
		c.state.Done, c.state.Busy = nil, 0 // the coordinator has them
		switch p.Kind {
		case kindEnd:
			return nil
		case kindWait:
			message = encode(c.state)
		case kindRun:
			begun := time.Now()
			if vectors, err = c.run(&p, vectors); err != nil {
				return err
			}
			c.state.Busy = time.Since(begun).Seconds()
			message = encode(c.state, vectors...)
		default:
			return fmt.Errorf("%w: a reply of the kind %q", ErrRefused, clean(p.Kind))
		}
	}
}

// run does what a reply says and gives the vectors of the next request.
func (c *client) run(p *reply, vectors [][]float32) ([][]float32, error) {
	if p.Config != nil {
		if err := c.w.Job(p.Config); err != nil {
			return nil, err
		}
		c.state.Job = p.Job
	}
	if p.Weights {
		if len(vectors) == 0 {
			return nil, fmt.Errorf("%w: no weights", ErrRefused)
		}
		if err := c.w.Begin(p.Number, vectors[0]); err != nil {
			return nil, err
		}
		vectors = vectors[1:]
		c.state.Step, c.state.Taken, c.held = p.Step, 0, nil
	}
	if c.state.Job != p.Job || c.state.Step != p.Step || p.From != c.state.Taken || p.Phase != p.From+len(vectors) {
		return nil, fmt.Errorf("%w: it knows phases to %d of step %d, the reply those from %d of step %d", ErrRefused, c.state.Taken, c.state.Step, p.From, p.Step)
	}
	for _, v := range vectors {
		if err := c.w.Take(c.state.Taken, v); err != nil {
			return nil, err
		}
		c.state.Taken++
	}
	if err := c.hold(p.Slices); err != nil {
		return nil, err
	}
	for phase := 0; phase <= p.Phase; phase++ {
		var list []int
		for i := range c.held {
			if h := &c.held[i]; h.next == phase {
				list = append(list, h.Slice)
				h.next++
			}
		}
		if len(list) > 0 {
			if err := c.w.Run(phase, list); err != nil {
				return nil, err
			}
		}
	}
	c.state.Phase = p.Phase
	return c.sums(p), nil
}

// hold keeps the slices of the list and begins those that are new.
func (c *client) hold(list []lease) error {
	var now []held
	for _, l := range list {
		i := slices.IndexFunc(c.held, func(h held) bool { return h.lease == l })
		if i >= 0 {
			now = append(now, c.held[i])
			continue
		}
		if err := c.w.Hold(l.Slice); err != nil {
			return err
		}
		now = append(now, held{l, 0})
	}
	slices.SortFunc(now, func(a, b held) int { return a.Slice - b.Slice })
	c.held = now
	return nil
}

// sums makes the answers of the slices that are asked for, and their vectors.
func (c *client) sums(p *reply) (vectors [][]float32) {
	for _, h := range c.held {
		if slices.Contains(p.Ready, h.Slice) {
			continue
		}
		v, x := c.w.Sums(p.Phase, h.Slice)
		if n := len(c.state.Done); p.Adds && n == 1 && c.state.Done[0].First == 0 && h.Slice == c.state.Done[0].Last+1 {
			a := &c.state.Done[0]
			if a.Last == 0 { // the worker's own sums of slice 0 stay as they are
				c.sum = append(c.sum[:0], vectors[0]...)
				vectors[0] = c.sum
			}
			c.w.Add(vectors[0], v)
			a.Last, a.Leases, a.Scalar = h.Slice, append(a.Leases, h.Number), math.Float64bits(math.Float64frombits(a.Scalar)+x)
			continue
		}
		vectors = append(vectors, v)
		c.state.Done = append(c.state.Done, answer{h.Slice, h.Slice, []int{h.Number}, math.Float64bits(x)})
	}
	return vectors
}

// post sends a message and gives the answer. It tries again while the
// coordinator does not answer, for as long as the options say.
func (c *client) post(ctx context.Context, path string, message []byte) ([]byte, error) {
	begun, pause := time.Now(), 50*time.Millisecond
	for {
		b, err := c.once(ctx, path, message)
		if err == nil || !errors.Is(err, ErrGone) {
			return b, err
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if time.Since(begun)+pause > c.o.Wait {
			return nil, err
		}
		if pause > time.Second {
			c.note("%v: it is asked again", err)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		pause = min(2*pause, 5*time.Second)
	}
}

func (c *client) once(ctx context.Context, path string, message []byte) ([]byte, error) {
	a, err := c.http.post(ctx, path, message)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrGone, err)
	}
	text := a.text + ": " + strings.TrimSpace(clean(string(a.body[:min(len(a.body), 200)])))
	switch {
	case a.status == http.StatusConflict:
		return nil, errAgain
	case a.status == http.StatusUnprocessableEntity:
		return nil, fmt.Errorf("%w: %s", ErrDamaged, text)
	case a.status >= 500:
		return nil, fmt.Errorf("%w: %s", ErrGone, text)
	case a.status != http.StatusOK:
		return nil, fmt.Errorf("%w: %s", ErrRefused, text)
	case len(a.body) > maxMessage:
		return nil, fmt.Errorf("%w: a message of more than %d bytes", ErrRefused, maxMessage)
	}
	return a.body, nil
}

// leave says that the worker goes, and why.
func (c *client) leave(reason string) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	query := "?instance=" + url.QueryEscape(c.welcome.Instance) + "&worker=" + strconv.Itoa(c.welcome.Worker)
	c.once(ctx, pathLeave+query, []byte(reason)) // who does not hear it notices that the worker is gone
}

func (c *client) note(format string, args ...any) {
	if c.o.Note != nil {
		c.o.Note(format, args...)
	}
}
