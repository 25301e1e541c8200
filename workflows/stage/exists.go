package stage

import (
	"context"
	"errors"

	"github.com/gx-genomics/gx/io/object"
)

// exists says whether an object is there.
func exists(ctx context.Context, s object.Store, name string) (bool, error) {
	_, err := s.Stat(ctx, name)
	if errors.Is(err, object.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
