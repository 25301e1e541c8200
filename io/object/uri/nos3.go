//go:build !s3

package uri

// s3 is not part of this program.
var s3 connector
