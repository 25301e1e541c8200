//go:build !nogcs

package elastic

import (
	"context"
	"crypto/tls"
	"net"
)

// secure makes a connection one of TLS; nil in programs that have none.
var secure = func(ctx context.Context, conn net.Conn, host string) (net.Conn, error) {
	c := tls.Client(conn, &tls.Config{ServerName: host})
	if err := c.HandshakeContext(ctx); err != nil {
		conn.Close() // the handshake's error tells more
		return nil, err
	}
	return c, nil
}
