//go:build !nogcs

package uri

import (
	"context"
	"fmt"
	"strings"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/object/gcs"
)

// connect makes the store of a name.
func connect(_ context.Context, name string) (object.Store, error) {
	if !strings.HasPrefix(name, gcs.Scheme) {
		return nil, fmt.Errorf("%s: want a path or gs://bucket/name", name)
	}
	// The connection outlives the request that made it.
	return gcs.New(context.Background(), gcs.Options{})
}
