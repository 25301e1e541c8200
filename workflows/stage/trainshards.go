package stage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/gx-genomics/gx/io/spool"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/train"
)

// shards is the files of labelled examples that a plan names.
func (p *TrainPlan) shards(ctx context.Context, env *Env) ([]string, error) {
	if p.Examples == "" {
		return nil, nil
	}
	return shardPaths(ctx, env.Store, []string{p.Examples})
}

// shardSource copies labelled examples of files into the cache, where they are
// read in any order. There are no features: one that is 0 stands for them.
func (p *TrainPlan) shardSource(ctx context.Context, env *Env, paths []string) (*spoolSource, train.Shape, []string, error) {
	var digests []Input
	for _, path := range paths {
		d, err := digest(ctx, env.Store, path)
		if err != nil {
			return nil, train.Shape{}, nil, err
		}
		digests = append(digests, d)
	}
	text, err := json.Marshal(digests)
	if err != nil {
		return nil, train.Shape{}, nil, err
	}
	sum := sha256.Sum256(text)
	base := "examples-" + hex.EncodeToString(sum[:8]) + ".spool"
	name := p.Cache + base
	there, err := exists(ctx, env.Store, name)
	if err == nil && !there {
		err = env.Store.Put(ctx, name, func(w io.Writer) error { return p.copyShards(ctx, env, paths, w) })
	}
	src := &spoolSource{}
	if err == nil {
		err = src.add(ctx, env.Store, name, 0, 1)
	}
	if err != nil {
		src.close()
		return nil, train.Shape{}, nil, err
	}
	s := src.files[0].Shape
	channels := int(metaChannels(src.files[0]))
	return src, train.Shape{Height: s.Rows, Width: s.Row / channels, Channels: channels}, []string{base}, nil
}

// The number of channels stands in the upper bits of the tags.
const channelBits = 32

func metaChannels(f *spool.File) uint64 {
	if len(f.Entries) == 0 {
		return 1
	}
	return max(f.Entries[0].Tag>>channelBits, 1)
}

func (p *TrainPlan) copyShards(ctx context.Context, env *Env, paths []string, w io.Writer) error {
	var out *spool.Writer
	var shape [3]int
	for _, path := range paths {
		err := eachExample(ctx, env, path, func(e *example.Example, number int) error {
			if out == nil {
				shape = e.Shape
				var err error
				if out, err = spool.NewWriter(w, spool.Shape{Features: 1, Rows: shape[0], Row: shape[1] * shape[2]}); err != nil {
					return recordError(path, number, err)
				}
			}
			m, err := shardMeta(e)
			if err == nil && e.Shape != shape {
				err = fmt.Errorf("a picture of %v among others of %v", e.Shape, shape)
			}
			if err != nil {
				return recordError(path, number, err)
			}
			if out.Size() > int64(p.CacheMB)<<20 {
				return fmt.Errorf("examples of more than the %d MB that the cache may have; allow it more with --cache-mb", p.CacheMB)
			}
			return out.Write(tagOf(m)|uint64(shape[2])<<channelBits, []float32{0}, e.Image)
		})
		if err != nil {
			return err
		}
	}
	if out == nil {
		return fmt.Errorf("%s: no examples", p.Examples)
	}
	env.note("%s: %d examples of %v, %d MB", p.Examples, out.Len(), shape, out.Size()>>20)
	return out.Close()
}

func eachExample(ctx context.Context, env *Env, path string, visit func(e *example.Example, number int) error) error {
	src, err := env.Store.Open(ctx, path)
	if err != nil {
		return err
	}
	defer src.Close()
	r, err := tfrecord.NewReader(io.NewSectionReader(src, 0, src.Info().Size), path)
	if err != nil {
		return err
	}
	defer r.Close()
	number := 0
	for rec, err := range r.All() {
		if err != nil {
			return err
		}
		number++
		var e example.Example
		if err := e.Decode(rec); err != nil {
			return recordError(path, number, err)
		}
		if err := visit(&e, number); err != nil {
			return err
		}
	}
	return nil
}

// shardMeta is what an example tells beside its picture. Its depth is that of
// the candidate where it is told.
func shardMeta(e *example.Example) (m train.Meta, err error) {
	if !e.HasLabel {
		return m, errors.New("the example has no label; make examples with --truth")
	}
	if e.Label < 0 || e.Label > 2 {
		return m, fmt.Errorf("label %d: want 0, 1 or 2 copies", e.Label)
	}
	v, err := example.DecodeVariant(e.Variant)
	if err != nil {
		return m, err
	}
	m = train.Meta{Label: uint8(e.Label), Multi: len(v.Alts) > 1, Held: heldOut(v.Start), Weight: 1}
	site := variant.Variant{Ref: v.Ref, Alts: v.Alts}
	m.Kind = kindOf(&site, e.AltIndices)
	if len(v.Calls) == 1 {
		if dp := v.Calls[0].Info.Get("DP"); len(dp) == 1 {
			m.Depth = uint16(min(max(dp[0].Int, 0), math.MaxUint16))
		}
	}
	return m, nil
}
