//go:build nogcs

package uri

import (
	"context"
	"fmt"

	"github.com/gx-genomics/gx/io/object"
)

// connect says that there is no store for names that are no paths.
func connect(_ context.Context, name string) (object.Store, error) {
	return nil, fmt.Errorf("%s: this program was built without gs://: want a path", name)
}
