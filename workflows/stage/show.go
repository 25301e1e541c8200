package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/pileup/show"
	"github.com/gx-genomics/gx/variant/locus"
)

// ShowPlan is a run of `gx show`.
type ShowPlan struct {
	Examples string   // name of examples, may have @N
	Calls    string   // CallVariantsOutputs of them, for the decisions; empty: none; may have @N
	Regions  []string // only examples that overlap these; empty: all
	Folder   string   // of the pictures
	Most     int      // pictures at the most; 0 is no bound
	Options  show.Options
}

// Show draws each example as a PNG, its channels with a caption, and gives their
// number.
func Show(ctx context.Context, env *Env, plan ShowPlan) (int, error) {
	w := &showWork{plan: plan}
	var err error
	if w.regions, err = looseRegions(plan.Regions); err != nil {
		return 0, err
	}
	if w.paths, err = shardPaths(ctx, env.Store, []string{plan.Examples}); err != nil {
		return 0, err
	}
	if plan.Calls != "" {
		if err := w.decide(ctx, env); err != nil {
			return 0, err
		}
	}
	n := 0
	err = w.each(ctx, env, func(from string, e *example.Example, v *example.Variant) error {
		n++
		name, err := show.Name(e)
		if err != nil {
			return fmt.Errorf("%s: %w", from, err)
		}
		o := plan.Options
		o.Channels = w.channels
		var call *example.CallVariantsOutput
		if p, ok := w.decisions[decisionKey(v, e.AltIndices)]; ok {
			call = &example.CallVariantsOutput{Probabilities: p}
		}
		return env.Store.Put(ctx, path.Join(plan.Folder, name), func(f io.Writer) error { return show.Write(f, e, call, o) })
	})
	return n, err
}

// showWork is a run of `gx show`.
type showWork struct {
	plan      ShowPlan
	paths     []string
	regions   *locus.Set           // nil: everywhere
	channels  []int                // of the file at hand
	decisions map[string][]float64 // of the examples that are shown
}

// each visits the examples that are shown, with their variants.
func (w *showWork) each(ctx context.Context, env *Env, visit func(path string, e *example.Example, v *example.Variant) error) error {
	n := 0
	for _, p := range w.paths {
		var err error
		if w.channels, err = channelsOf(ctx, env.Store, p); err != nil {
			return err
		}
		err = readRecords(ctx, env.Store, p, func(b []byte) error {
			var e example.Example
			if err := e.Decode(b); err != nil {
				return fmt.Errorf("%s: %w", p, err)
			}
			v, err := example.DecodeVariant(e.Variant)
			if err != nil {
				return fmt.Errorf("%s: %w", p, err)
			}
			if w.regions != nil && !w.regions.Overlaps(locus.Region{Contig: v.Contig, Start: v.Start, End: max(v.End, v.Start+1)}) {
				return nil
			}
			if w.plan.Most > 0 && n >= w.plan.Most {
				return errEnough
			}
			n++
			return visit(p, &e, v)
		})
		if err == errEnough {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// decide finds what was decided about the examples that are shown. Calls come in
// any order and may be many more.
func (w *showWork) decide(ctx context.Context, env *Env) error {
	wanted := map[string]bool{}
	err := w.each(ctx, env, func(_ string, e *example.Example, v *example.Variant) error {
		wanted[decisionKey(v, e.AltIndices)] = true
		return nil
	})
	if err != nil {
		return err
	}
	paths, err := shardPaths(ctx, env.Store, []string{w.plan.Calls})
	if err != nil {
		return err
	}
	w.decisions = map[string][]float64{}
	for _, p := range paths {
		err := readRecords(ctx, env.Store, p, func(b []byte) error {
			c, err := example.DecodeCall(b)
			if err != nil {
				return fmt.Errorf("%s: %w", p, err)
			}
			if c.Variant == nil {
				return fmt.Errorf("%s: a classified example without its variant", p)
			}
			if key := decisionKey(c.Variant, c.AltIndices); wanted[key] {
				w.decisions[key] = c.Probabilities
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if missing := len(wanted) - len(w.decisions); missing > 0 {
		env.note("%s: nothing is decided there about %d of %d examples", w.plan.Calls, missing, len(wanted))
	}
	return nil
}

// decisionKey tells examples apart: by site, alleles, and those of the picture.
func decisionKey(v *example.Variant, alts []int) string {
	return fmt.Sprintf("%s:%d %s>%s %v", v.Contig, v.Start, v.Ref, strings.Join(v.Alts, ","), alts)
}

// looseRegions reads regions of contigs whose lengths are not at hand; nil for
// none.
func looseRegions(list []string) (*locus.Set, error) {
	if len(list) == 0 {
		return nil, nil
	}
	var all []locus.Region
	for _, text := range list {
		name := text
		if i := strings.LastIndexByte(text, ':'); i > 0 {
			name = text[:i]
		}
		contigs, err := locus.NewContigs([]locus.Contig{{Name: name, Length: 1<<31 - 1}})
		if err != nil {
			return nil, fmt.Errorf("region %q: %w", text, err)
		}
		r, err := contigs.Parse(text)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return locus.NewSet(all...), nil
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
