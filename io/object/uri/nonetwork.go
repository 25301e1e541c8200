//go:build nogcs

package uri

// Neither is part of this program, which is the smaller by the libraries of both.
var gs, http connector
