//go:build nogcs

package uri

// gs is not part of this program.
var gs connector
