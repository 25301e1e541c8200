//go:build !nogcs

package uri

import (
	"context"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/object/gcs"
	"github.com/gx-genomics/gx/io/object/web"
)

// gs connects to Google Cloud Storage. The connection outlives the request that
// made it.
var gs connector = func(context.Context) (object.Store, error) { return gcs.New(context.Background(), gcs.Options{}) }

// http reads from web servers.
var http connector = func(context.Context) (object.Store, error) { return web.New(web.Options{}), nil }
