package stage

import (
	"context"
	"io"

	"github.com/gx-genomics/gx/io/tfrecord"
)

// sharded is an output of one or more files.
type sharded struct {
	name  tfrecord.Name
	plain bool   // bytes without a frame
	first string // what each file of those begins with
	files []io.Writer
	recs  []*tfrecord.Writer
}

// put opens the files from i on, runs body, and commits them all.
func (s *sharded) put(ctx context.Context, env *Env, i int, body func() error) error {
	if i == s.name.Len() {
		return body()
	}
	path := s.name.Path(i)
	return env.Store.Put(ctx, path, func(f io.Writer) error {
		s.files = append(s.files, f)
		if s.plain {
			if _, err := io.WriteString(f, s.first); err != nil {
				return err
			}
			return s.put(ctx, env, i+1, body)
		}
		r, err := tfrecord.NewWriter(f, tfrecord.Options{Gzip: tfrecord.Gzipped(path)})
		if err != nil {
			return err
		}
		s.recs = append(s.recs, r)
		if err := s.put(ctx, env, i+1, body); err != nil {
			return err
		}
		return r.Close()
	})
}

func (s *sharded) write(cell int, b []byte) error {
	k := cell % s.name.Len()
	if s.plain {
		_, err := s.files[k].Write(b)
		return err
	}
	return s.recs[k].Write(b)
}
