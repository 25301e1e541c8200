//go:build nogcs

package elastic

import (
	"context"
	"net"
)

// secure is nil: small programs without gs:// have no TLS.
var secure func(ctx context.Context, conn net.Conn, host string) (net.Conn, error)
