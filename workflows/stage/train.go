package stage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/gx-genomics/gx/internal/nn"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/spool"
	"github.com/gx-genomics/gx/io/weights"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/variant/train"
	"github.com/gx-genomics/gx/workflows/models"
)

// TrainPlan is a run of `gx train`.
type TrainPlan struct {
	Sets     []TrainSet
	Examples string // in place of sets: labelled tf.Examples, which a network of pictures alone is trained on
	Name     string // of the model
	Out      string // the model
	Init     string // a model to begin with; empty: random weights
	Frozen   bool   // the model is written without what training goes on from
	Cache    string // what the names of files of examples begin with
	CacheMB  int    // the most that they take
	Image    image.Options
	Train    train.Options
	Every    time.Duration // between checkpoints
	Team     Team          // who computes gradients; nil: this process
}

// Team is who computes gradients: a *TrainTeam. It is an interface so that
// programs which only train by themselves link no server.
type Team interface {
	Validate(slices int) error
	lead(ctx context.Context, env *Env, p *TrainPlan, in *trainInput) (leader, error)
}

// leader is a team at work.
type leader interface {
	train.Team
	end(done bool)
}

// OwnImage is the picture that gx's own networks look at: narrower and lower
// than DeepVariant's, which costs a third of the time.
func OwnImage() image.Options {
	o := image.Defaults(image.Own)
	o.Height, o.Width = 64, 149
	return o
}

// DefaultTrainPlan is the shipped recipe, without data.
func DefaultTrainPlan() TrainPlan {
	return TrainPlan{Name: "own", CacheMB: 16 << 10, Image: OwnImage(), Train: train.Defaults(), Every: 2 * time.Minute}
}

// Validate reports all faults at once.
func (p *TrainPlan) Validate() error {
	errs := []error{p.Image.Validate(), p.Train.Validate()}
	fault := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if p.Name == "" || strings.Trim(p.Name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.") != "" || p.Name == ModelCounts {
		fault("name of the model %q: want letters, digits, _ and .", p.Name)
	}
	if (len(p.Sets) == 0) == (p.Examples == "") {
		fault("want either sets of reads and truth to train on, or examples")
	}
	if p.Examples != "" && p.Init != "" {
		fault("training on examples begins with random weights: want no --init")
	}
	if p.Examples != "" && p.Frozen {
		fault("a network of pictures alone is written whole: want no --frozen")
	}
	if p.Team != nil {
		errs = append(errs, p.Team.Validate(p.Train.Slices))
	}
	if p.CacheMB < 1 {
		fault("cache of %d MB: want 1 or more", p.CacheMB)
	}
	names := map[string]bool{}
	for _, s := range p.Sets {
		if s.Ref == "" || len(s.Reads) == 0 || s.Truth == "" {
			fault("set %s: want a reference, reads and a truth", s.Name)
		}
		if !(s.Unaligned >= 0 && s.Unaligned <= 1) {
			fault("set %s: share without realignment %v: want 0 to 1", s.Name, s.Unaligned)
		}
		if !(s.Density > 0 && s.Density <= 100) {
			fault("set %s: density of variants %v: want more than 0, at most 100", s.Name, s.Density)
		}
		if names[s.Name] {
			fault("set %s is named twice", s.Name)
		}
		names[s.Name] = true
	}
	return errors.Join(errs...)
}

// Train makes a model. A run that was killed goes on where its last checkpoint
// is and makes the same bytes.
func Train(ctx context.Context, env *Env, plan TrainPlan) (*train.Result, error) {
	plan.Train.Threads = max(env.Threads, 1)
	for _, s := range plan.Sets {
		plan.Train.Weights = append(plan.Train.Weights, s.Weight)
	}
	if err := plan.Validate(); err != nil {
		return nil, err
	}
	inputs := []string{plan.Init}
	shards, err := plan.shards(ctx, env)
	if err != nil {
		return nil, err
	}
	inputs = append(inputs, shards...)
	for _, s := range plan.Sets {
		inputs = append(append(inputs, s.Ref, s.Truth, s.Confident), s.Reads...)
	}
	if err := checkOutputs(env, slices.DeleteFunc(inputs, func(s string) bool { return s == "" }), []string{plan.Out}); err != nil {
		return nil, err
	}
	in, err := plan.open(ctx, env, shards)
	if err != nil {
		return nil, err
	}
	defer in.src.close()
	t := &trainRun{plan: &plan, env: env, name: plan.Out + ".checkpoint", last: time.Now()}
	if t.fingerprint, err = plan.fingerprint(in.names, in.began); err != nil {
		return nil, err
	}
	from, err := t.load(ctx)
	if err != nil {
		return nil, err
	}
	result, err := plan.run(ctx, env, &in, from, t)
	if err != nil {
		return nil, err
	}
	if err := plan.write(ctx, env, result, in.began); err != nil {
		return nil, err
	}
	return result, t.remove(ctx)
}

// run trains, by a team if there is one.
func (p *TrainPlan) run(ctx context.Context, env *Env, in *trainInput, from *train.State, t *trainRun) (*train.Result, error) {
	h := train.Hooks{Note: env.note, Save: func(state func() *train.State) error { return t.save(ctx, state) }}
	env.begin(p.Train.Steps + p.Train.Bytes)
	told := 0
	h.Step = func(done, _ int) {
		env.done(done - told)
		told = done
	}
	if p.Team == nil {
		return train.Run(ctx, in.src, in.shape, in.start, from, p.Train, h)
	}
	team, err := p.Team.lead(ctx, env, p, in)
	if err != nil {
		return nil, err
	}
	h.Team = team
	r, err := train.Run(ctx, in.src, in.shape, in.start, from, p.Train, h)
	team.end(err == nil)
	return r, err
}

// trainInput is what a training begins with.
type trainInput struct {
	src   *spoolSource
	names []string // of the files of examples
	shape train.Shape
	start train.Networks
	began string // the digest of these where they come from a model
}

// open reads what is quick to read first, then makes or finds the examples.
func (p *TrainPlan) open(ctx context.Context, env *Env, shards []string) (in trainInput, err error) {
	in.shape = train.Shape{Height: p.Image.Height, Width: p.Image.Width, Channels: len(p.Image.Channels)}
	if p.Examples != "" {
		if in.src, in.shape, in.names, err = p.shardSource(ctx, env, shards); err != nil {
			return in, err
		}
		if in.start, err = train.NewPictureNetwork(in.shape, p.Train.Seed); err != nil {
			in.src.close()
		}
		return in, err
	}
	if in.start, in.began, err = p.begin(ctx, env, in.shape); err != nil {
		return in, err
	}
	in.src, in.names, err = p.source(ctx, env)
	return in, err
}

// write writes the model, or the network of pictures alone.
func (p *TrainPlan) write(ctx context.Context, env *Env, r *train.Result, began string) error {
	if r.Model == nil {
		recipe, err := json.Marshal(p.recipe(began))
		if err != nil {
			return err
		}
		f, err := weights.FromNetwork(r.Best.Then, map[string]string{"gx.recipe": string(recipe), "gx.scale": scaleShare})
		if err != nil {
			return err
		}
		return env.Store.Put(ctx, p.Out, f.Write)
	}
	r.Model.Name = p.Name
	for _, c := range p.Image.Channels {
		r.Model.Channels = append(r.Model.Channels, int(c))
	}
	floats := r.Best
	if p.Frozen {
		floats = train.Networks{}
	}
	return env.Store.Put(ctx, p.Out, func(w io.Writer) error { return models.Write(w, r.Model, floats, p.recipe(began)) })
}

// recipe is what a model tells of how it was made. Neither threads nor paths
// are in it.
func (p *TrainPlan) recipe(began string) any {
	type set struct {
		Name      string  `json:"name"`
		Weight    float64 `json:"weight"`
		Unaligned float64 `json:"unaligned,omitempty"`
		Density   float64 `json:"density"`
	}
	out := struct {
		Version string        `json:"version"`
		Began   string        `json:"began_with,omitempty"`
		Sets    []set         `json:"sets"`
		Train   train.Options `json:"options"`
	}{Version: Version, Began: began, Train: p.Train}
	out.Train.Threads = 0
	for _, s := range p.Sets {
		out.Sets = append(out.Sets, set{s.Name, s.Weight, s.Unaligned, s.Density})
	}
	return out
}

// begin gives the networks that training begins with, and their digest where
// they come from a model: what else that holds changes nothing here.
func (p *TrainPlan) begin(ctx context.Context, env *Env, shape train.Shape) (train.Networks, string, error) {
	if p.Init == "" {
		n, err := train.NewNetworks(shape, p.Train.Seed)
		return n, "", err
	}
	data, err := modelBytes(ctx, env.Store, p.Init)
	if err != nil {
		return train.Networks{}, "", err
	}
	n, card, err := models.ParseFloats(p.Init, data)
	if err != nil {
		return n, "", err
	}
	if card.Height != shape.Height || card.Width != shape.Width || len(card.Channels) != shape.Channels {
		return n, "", fmt.Errorf("%s: pictures of %dx%dx%d, want %dx%dx%d", p.Init, card.Height, card.Width, len(card.Channels), shape.Height, shape.Width, shape.Channels)
	}
	sum := sha256.New()
	for _, part := range []*nn.Network{n.First, n.Then} {
		f, err := weights.FromNetwork(part, nil)
		if err == nil {
			err = f.Write(sum)
		}
		if err != nil {
			return n, "", err
		}
	}
	return n, hex.EncodeToString(sum.Sum(nil)[:8]), nil
}

// maxModel bounds the file of a model.
const maxModel = 1 << 28

// modelBytes is the file of a model, or one that is part of the program.
func modelBytes(ctx context.Context, store object.Store, name string) ([]byte, error) {
	if b, ok := models.Embedded(name); ok {
		return b, nil
	}
	return object.ReadAll(ctx, store, name, maxModel)
}

// fingerprint is all that decides what a run makes.
func (p *TrainPlan) fingerprint(names []string, began string) (string, error) {
	text, err := json.Marshal([]any{p.recipe(began), names})
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), err
}

// source makes or finds the examples of all sets.
func (p *TrainPlan) source(ctx context.Context, env *Env) (*spoolSource, []string, error) {
	src := &spoolSource{}
	room := int64(p.CacheMB) << 20
	var names []string
	for i := range p.Sets {
		info, name, err := p.collect(ctx, env, &p.Sets[i], room)
		if err == nil {
			room -= info.Size
			err = src.add(ctx, env.Store, name, uint16(i), p.Sets[i].Density)
		}
		if err != nil {
			src.close()
			return nil, nil, err
		}
		names = append(names, name[len(p.Cache):])
	}
	return src, names, nil
}

// spoolSource is the examples of several files.
type spoolSource struct {
	open    []object.Object
	files   []*spool.File
	list    []place
	metas   []train.Meta
	scratch spool.Scratch
}

type place struct{ file, record int32 }

func (s *spoolSource) add(ctx context.Context, store object.Store, name string, set uint16, density float64) error {
	o, err := store.Open(ctx, name)
	if err != nil {
		return err
	}
	s.open = append(s.open, o)
	f, err := spool.Open(o, o.Info().Size)
	if err != nil {
		return fmt.Errorf("%s: %w; remove it", name, err)
	}
	for i := range f.Entries {
		m := metaOf(f.Entries[i].Tag)
		m.Set, m.Weight = set, 1
		if m.Label == 0 {
			m.Weight = float32(density)
		}
		s.list, s.metas = append(s.list, place{int32(len(s.files)), int32(i)}), append(s.metas, m)
	}
	s.files = append(s.files, f)
	return nil
}

func (s *spoolSource) close() {
	for _, o := range s.open {
		o.Close() // it was only read
	}
}

// Len implements train.Source.
func (s *spoolSource) Len() int { return len(s.list) }

// Meta implements train.Source.
func (s *spoolSource) Meta(i int) train.Meta { return s.metas[i] }

// Read implements train.Source.
func (s *spoolSource) Read(i int, numbers []float32, image []byte) error {
	p := s.list[i]
	return s.files[p.file].Read(int(p.record), numbers, image, &s.scratch)
}
