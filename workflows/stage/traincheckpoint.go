package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/weights"
	"github.com/gx-genomics/gx/variant/train"
)

// trainRun keeps the checkpoint of a run.
type trainRun struct {
	plan        *TrainPlan
	env         *Env
	name        string
	fingerprint string
	last        time.Time
}

const (
	keyFingerprint = "gx.run"
	keyProgress    = "gx.progress"
)

// progress is what a checkpoint tells beside weights.
type progress struct {
	BestLoss  float64
	FirstLoss float64
	Since     int
	Done      bool
}

// save writes a checkpoint where the last one is old enough, or where training is
// told to stop.
func (t *trainRun) save(ctx context.Context, state func() *train.State) error {
	if time.Since(t.last) < t.plan.Every && ctx.Err() == nil {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	s := state()
	text, err := json.Marshal(progress{s.BestLoss, s.FirstLoss, s.Since, s.Done})
	if err != nil {
		return err
	}
	var parts []weights.Part
	add := func(name string, f *weights.File, failed error) {
		err = errors.Join(err, failed)
		parts = append(parts, weights.Part{Name: name, File: f})
	}
	if s.First != nil {
		f, failed := weights.FromState(s.First, nil)
		add("first", f, failed)
	}
	f, failed := weights.FromState(s.Then, nil)
	add("then", f, failed)
	if s.Best.First != nil {
		f, failed = weights.FromNetwork(s.Best.First, nil)
		add("best_first", f, failed)
	}
	if s.Best.Then != nil {
		f, failed = weights.FromNetwork(s.Best.Then, nil)
		add("best_then", f, failed)
	}
	if err != nil {
		return err
	}
	all := weights.Bundle(map[string]string{keyFingerprint: t.fingerprint, keyProgress: string(text)}, parts...)
	err = t.env.Store.Put(ctx, t.name, all.Write)
	t.last = time.Now()
	return err
}

// load reads the checkpoint, nil where there is none.
func (t *trainRun) load(ctx context.Context) (*train.State, error) {
	there, err := exists(ctx, t.env.Store, t.name)
	if err != nil || !there {
		return nil, err
	}
	data, err := object.ReadAll(ctx, t.env.Store, t.name, maxModel)
	if err != nil {
		return nil, err
	}
	s, err := t.parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.name, err)
	}
	t.env.note("%s: training goes on at step %d", t.name, s.Then.Step)
	return s, nil
}

func (t *trainRun) parse(data []byte) (*train.State, error) {
	f, err := weights.Parse(t.name, data)
	if err != nil {
		return nil, err
	}
	if f.Metadata[keyFingerprint] != t.fingerprint {
		return nil, errors.New("the checkpoint of a run with other data or options; remove it, or give another --out")
	}
	var p progress
	if err := json.Unmarshal([]byte(f.Metadata[keyProgress]), &p); err != nil {
		return nil, err
	}
	s := &train.State{BestLoss: p.BestLoss, FirstLoss: p.FirstLoss, Since: p.Since, Done: p.Done}
	part := func(name string, use func(*weights.File) error) {
		if err == nil {
			var x *weights.File
			if x, err = f.Part(name); err == nil {
				err = use(x)
			}
		}
	}
	if f.Has("first") {
		part("first", func(x *weights.File) (err error) { s.First, err = x.State(); return err })
	}
	part("then", func(x *weights.File) (err error) { s.Then, err = x.State(); return err })
	if f.Has("best_first") {
		part("best_first", func(x *weights.File) (err error) { s.Best.First, err = x.Network(); return err })
	}
	if f.Has("best_then") {
		part("best_then", func(x *weights.File) (err error) { s.Best.Then, err = x.Network(); return err })
	}
	return s, err
}

func (t *trainRun) remove(ctx context.Context) error {
	there, err := exists(ctx, t.env.Store, t.name)
	if err != nil || !there {
		return err
	}
	return t.env.Store.Remove(ctx, t.name)
}
