package bam

import (
	"testing"
)

const wgs = "deepvariant/testdata/input/NA12878_S1.chr20.10_10p1mb.bam"

func open(t testing.TB, path string, o Options) *File {
	t.Helper()
	f, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}
