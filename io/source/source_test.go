package source

import (
	"errors"
	"io"
	"io/fs"
	"testing"
)

func TestErrorText(t *testing.T) {
	cases := []struct {
		name string
		err  Error
		want string
	}{
		{"all", Error{Path: "c.vcf.gz", Line: 1841, Record: "chr20:10000117 G>T", Err: errors.New("FORMAT/PL has 4 values, want 3")},
			"c.vcf.gz:1841: chr20:10000117 G>T: FORMAT/PL has 4 values, want 3"},
		{"offset", Error{Path: "a.bam", Offset: 65536, Record: "read1", Err: io.ErrUnexpectedEOF}, "a.bam@65536: read1: unexpected EOF"},
		{"only a cause", Error{Err: io.EOF}, "EOF"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := c.err.Error(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAtKeepsTheFirstPlace(t *testing.T) {
	inner := &Error{Path: "in.bam", Err: io.EOF}
	if got := At("out", inner); got != error(inner) {
		t.Errorf("At replaced the place: %v", got)
	}
	if got := At("x.bed", io.EOF); !errors.Is(got, io.EOF) || got.Error() != "x.bed: EOF" {
		t.Errorf("got %v", got)
	}
	if got := At("x.bed", &fs.PathError{Op: "write", Path: "tmp1", Err: io.EOF}); got.Error() != "x.bed: EOF" {
		t.Errorf("got %v", got)
	}
	if At("x", nil) != nil {
		t.Error("At of nil is not nil")
	}
}
