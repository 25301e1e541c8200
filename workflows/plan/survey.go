package plan

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/workflows/stage"
)

// State is what is stored of a step.
type State struct {
	*Step
	Key    string
	Done   *stage.Marker // of the outputs; nil where they are not done
	Parts  []string      // markers of parts that are stored and sound
	Damage []string      // what is damaged, in words
	Redo   bool          // an input is damaged, or was made of something that is

	digests map[string]string // of files
	learned json.RawMessage   // of the inputs, once they are measured
	broken  []string          // markers of damaged parts
	damaged bool              // the outputs
}

// survey looks at all that is stored. With verify every byte of it is compared
// with its digest, else only sizes.
func (r *Runner) survey(ctx context.Context, p *Plan, verify bool) ([]*State, error) {
	if err := r.inputsThere(ctx, p); err != nil {
		return nil, err
	}
	parts, err := r.storedParts(ctx, p)
	if err != nil {
		return nil, err
	}
	byStep := map[*Step]*State{}
	digests := map[string]string{}
	var states []*State
	for _, step := range p.Steps {
		s := &State{Step: step, digests: map[string]string{}}
		if err := r.name(ctx, s, byStep, digests); err != nil {
			return nil, err
		}
		if err := r.look(ctx, p, s, parts, verify); err != nil {
			return nil, err
		}
		for _, before := range step.After {
			b := byStep[before]
			s.Redo = s.Redo || b.Redo || b.damaged || len(b.broken) > 0
		}
		if s.Redo || len(s.broken) > 0 {
			s.Done = nil
		}
		byStep[step] = s
		states = append(states, s)
	}
	return states, nil
}

// inputsThere checks that every file that no step makes is there.
func (r *Runner) inputsThere(ctx context.Context, p *Plan) error {
	var errs []error
	seen := map[string]bool{}
	for _, s := range p.Steps {
		for _, f := range s.Files {
			if strings.Contains(f.Name, "://") {
				errs = append(errs, &Fault{p.Path, s.Line, 0, fmt.Errorf("%s: %s: a file that options name must be a path", s.Name, f.Name)})
			}
		}
		for k, in := range slices.Concat(s.In, s.Files) {
			if in.From != nil || seen[in.Name] {
				continue
			}
			seen[in.Name] = true
			files, err := []string{in.Name}, error(nil)
			if k < len(s.In) {
				files, err = s.Kind.InputFiles(ctx, r.Store, in.Role, in.Name)
			}
			for _, f := range files {
				if err == nil {
					_, err = r.Store.Stat(ctx, f)
				}
			}
			if err != nil {
				errs = append(errs, &Fault{p.Path, s.Line, 0, fmt.Errorf("%s: %w", s.Name, err)})
			}
		}
	}
	return errors.Join(errs...)
}

// storedParts lists the markers of parts in the work folder.
func (r *Runner) storedParts(ctx context.Context, p *Plan) ([]string, error) {
	list, err := r.Store.List(ctx, p.Work+"/")
	if err != nil && !errors.Is(err, object.ErrNotExist) {
		return nil, err
	}
	var out []string
	for _, o := range list {
		if strings.HasSuffix(o.Name, ".part.done") {
			out = append(out, o.Name)
		}
	}
	return out, nil
}

// identity is an input as keys tell of it.
type identity struct {
	Name string `json:"name"` // without folders, for headers tell it
	ID   string `json:"id"`
}

// name makes the key of a step: the digest of all that decides its outputs.
func (r *Runner) name(ctx context.Context, s *State, byStep map[*Step]*State, digests map[string]string) error {
	digest := func(name string) (string, error) {
		if digests[name] == "" {
			d, err := stage.Digest(ctx, r.Store, name)
			if err != nil {
				return "", err
			}
			digests[name] = d
		}
		s.digests[name] = digests[name]
		return digests[name], nil
	}
	in := map[string][]identity{}
	for _, x := range s.In {
		if x.From != nil {
			in[x.Role] = append(in[x.Role], identity{path.Base(x.Name), "step " + byStep[x.From].Key})
			continue
		}
		files, err := s.Kind.InputFiles(ctx, r.Store, x.Role, x.Name)
		if err != nil {
			return err
		}
		beside, err := r.beside(ctx, s, x)
		if err != nil {
			return err
		}
		for _, f := range append(files, beside...) {
			d, err := digest(f)
			if err != nil {
				return err
			}
			in[x.Role] = append(in[x.Role], identity{path.Base(f), d})
		}
	}
	var options any
	if err := json.Unmarshal(s.task.Options, &options); err != nil {
		return err
	}
	files := map[string]string{}
	for _, f := range s.Files {
		if f.From != nil {
			files[f.Name] = path.Base(f.Name) + " step " + byStep[f.From].Key
			continue
		}
		d, err := digest(f.Name)
		if err != nil {
			return err
		}
		files[f.Name] = path.Base(f.Name) + " " + d
	}
	out := map[string]string{}
	for role, name := range s.task.Out {
		out[role] = path.Base(name)
	}
	b, err := json.Marshal(struct {
		Stage, Version string
		Options        any
		In             map[string][]identity
		Out            map[string]string
		Builtin        string
	}{s.Kind.Name, stage.Version, replaced(options, files), in, out, s.Builtin})
	sum := sha256.Sum256(b)
	s.Key = hex.EncodeToString(sum[:16])
	return err
}

// beside are the files that belong to an input and are there.
func (r *Runner) beside(ctx context.Context, s *State, in Input) (there []string, err error) {
	if s.Kind.Beside == nil {
		return nil, nil
	}
	for _, name := range s.Kind.Beside(in.Role, in.Name) {
		switch _, err := r.Store.Stat(ctx, name); {
		case err == nil:
			there = append(there, name)
		case !errors.Is(err, object.ErrNotExist):
			return nil, err
		}
	}
	return there, nil
}

// replaced puts in the place of names of files what they hold: where a file
// lies decides nothing.
func replaced(options any, files map[string]string) any {
	switch v := options.(type) {
	case map[string]any:
		for k := range v {
			v[k] = replaced(v[k], files)
		}
	case []any:
		for i := range v {
			v[i] = replaced(v[i], files)
		}
	case string:
		if f, ok := files[v]; ok {
			return f
		}
	}
	return options
}

// look finds out what is stored of a step.
func (r *Runner) look(ctx context.Context, p *Plan, s *State, parts []string, verify bool) error {
	check := func(m *stage.Marker) error { return m.There(ctx, r.Store) }
	if verify {
		check = func(m *stage.Marker) error { return m.Verify(ctx, r.Store) }
	}
	whole := s.whole(nil)
	m, err := stage.ReadMarker(ctx, r.Store, whole.MarkerName())
	switch {
	case errors.Is(err, object.ErrNotExist):
	case err != nil:
		s.damaged = true
		s.Damage = append(s.Damage, err.Error())
	case m.Key != s.Key:
	default:
		err := check(m)
		switch {
		case err == nil:
			s.Done = m
		case ctx.Err() != nil:
			return ctx.Err()
		case !errors.Is(err, object.ErrNotExist): // one that is gone harms nobody who has read it
			s.damaged = true
			s.Damage = append(s.Damage, err.Error())
		}
	}
	for _, name := range parts {
		if !strings.HasPrefix(name, s.prefix(p)) {
			continue
		}
		m, err := stage.ReadMarker(ctx, r.Store, name)
		if err == nil {
			err = check(m)
		}
		switch {
		case err == nil:
			s.Parts = append(s.Parts, name)
		case ctx.Err() != nil:
			return ctx.Err()
		case !errors.Is(err, object.ErrNotExist):
			s.broken = append(s.broken, name)
			s.Damage = append(s.Damage, err.Error())
		}
	}
	return nil
}

// prefix is what the names of a step's parts begin with.
func (s *State) prefix(p *Plan) string {
	return fmt.Sprintf("%s/%s-%s-", p.Work, s.Kind.Name, s.Key[:16])
}

// whole is the task that leaves the outputs, of parts where the stage is done
// in shards.
func (s *State) whole(parts []string) *stage.Task {
	t := s.task
	t.Key, t.Digests, t.Learned = s.Key, s.digests, s.learned
	if s.Kind.Sharded() {
		t.Step = stage.Join
		t.In = map[string][]string{}
		for role, names := range s.task.In {
			t.In[role] = names
		}
		t.In["parts"] = parts
	}
	return &t
}

// shards are the tasks that store the parts.
func (s *State) shards(p *Plan, n int) []*stage.Task {
	var out []*stage.Task
	for i := range n {
		t := s.task
		sum := sha256.Sum256(fmt.Appendf(nil, "%s %d of %d", s.Key, i, n))
		t.Step, t.Shard, t.Shards, t.Key, t.Digests, t.Want = stage.OneShard, i, n, hex.EncodeToString(sum[:16]), s.digests, s.task.Out
		t.Learned = s.learned
		t.Out = map[string]string{"part": fmt.Sprintf("%s%05d-of-%05d.part", s.prefix(p), i, n)}
		out = append(out, &t)
	}
	return out
}
