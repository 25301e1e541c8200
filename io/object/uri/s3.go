//go:build s3

package uri

import (
	"context"

	"github.com/gx-genomics/gx/io/object"
	objects3 "github.com/gx-genomics/gx/io/object/s3"
)

// s3 connects to S3. The connection outlives the request that made it.
var s3 connector = func(context.Context) (object.Store, error) {
	return objects3.New(context.Background(), objects3.Options{})
}
