// Package arch holds the tests of the house: which room may import which, and
// what no program may link. It has no code of its own.
package arch
