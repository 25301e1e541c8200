//go:build !nogcs

package uri

import (
	"context"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/object/gcs"
)

// gs connects to Google Cloud Storage. The connection outlives the request that
// made it.
func gs(context.Context) (object.Store, error) { return gcs.New(context.Background(), gcs.Options{}) }
