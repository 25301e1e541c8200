// Package source says where in an input something is: the path as the user
// gave it, a line or a virtual file offset, and the record a person would
// search for.
package source

import (
	"errors"
	"io/fs"
	"strconv"
	"strings"
)

// Error is a fault in an input, with the place where it was found. Its text
// reads like a compiler's: path, place, record, what was found and wanted.
type Error struct {
	Path   string // file or URL as the user gave it, "-" for standard input
	Line   int64  // 1-based; 0 where the format has no lines
	Offset int64  // BGZF virtual offset or byte offset of the record; 0 where unknown
	Record string // read name, variant, sample: what a person would search for
	Err    error
}

// Error gives `path:line: record: cause`, leaving out what is not known.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Path != "" {
		b.WriteString(e.Path)
	}
	if e.Line > 0 {
		b.WriteString(":" + strconv.FormatInt(e.Line, 10))
	}
	if e.Offset > 0 {
		b.WriteString("@" + strconv.FormatInt(e.Offset, 10))
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	if e.Record != "" {
		b.WriteString(e.Record + ": ")
	}
	if e.Err != nil {
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// Unwrap gives the cause, so that errors.Is and errors.As reach it.
func (e *Error) Unwrap() error { return e.Err }

// At wraps err with a path, unless err already says where it was found. An
// error of package os loses its own path, which may be that of a temporary
// file. At(path, nil) is nil.
func At(path string, err error) error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	if p, ok := err.(*fs.PathError); ok {
		err = p.Err
	}
	return &Error{Path: path, Err: err}
}
