package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/pileup/show"
)

// ShowPlan is a run of `gx show`.
type ShowPlan struct {
	Examples string // name of examples, may have @N
	Folder   string // of the pictures
	Most     int    // pictures at the most; 0 is no bound
	Options  show.Options
}

// Show draws each example as a PNG, its channels side by side with a caption,
// and gives their number.
func Show(ctx context.Context, env *Env, plan ShowPlan) (int, error) {
	name, err := tfrecord.ParseName(plan.Examples)
	if err != nil {
		return 0, err
	}
	paths, err := name.Paths(func(p string) (bool, error) { return exists(ctx, env.Store, p) })
	if err != nil {
		return 0, err
	}
	n := 0
	for _, p := range paths {
		if plan.Options.Channels, err = channelsOf(ctx, env.Store, p); err != nil {
			return n, err
		}
		err := readRecords(ctx, env.Store, p, func(b []byte) error {
			if plan.Most > 0 && n >= plan.Most {
				return errEnough
			}
			n++
			return showOne(ctx, env, plan, p, b)
		})
		if err == errEnough {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// channelsOf reads which channels the examples of a file have; nil where the
// file beside them that says so is absent.
func channelsOf(ctx context.Context, s object.Store, path string) ([]int, error) {
	b, err := object.ReadAll(ctx, s, path+example.InfoSuffix, 1<<20)
	if errors.Is(err, object.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	info, err := example.ParseShapeInfo(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path+example.InfoSuffix, err)
	}
	return info.Channels, nil
}

// errEnough ends the reading of examples.
var errEnough = errors.New("enough")

func showOne(ctx context.Context, env *Env, plan ShowPlan, from string, b []byte) error {
	var e example.Example
	if err := e.Decode(b); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	name, err := show.Name(&e)
	if err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	return env.Store.Put(ctx, path.Join(plan.Folder, name), func(w io.Writer) error { return show.Write(w, &e, nil, plan.Options) })
}

// readRecords reads a TFRecord file; a record is valid until the call returns.
func readRecords(ctx context.Context, s object.Store, name string, emit func([]byte) error) error {
	o, err := s.Open(ctx, name)
	if err != nil {
		return err
	}
	defer o.Close()
	r, err := tfrecord.NewReader(io.NewSectionReader(o, 0, o.Info().Size), name)
	if err != nil {
		return err
	}
	for b, err := range r.All() {
		if err == nil {
			err = emit(b)
		}
		if err != nil {
			return err
		}
	}
	return r.Close()
}
