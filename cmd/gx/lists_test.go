package main

import (
	"slices"
	"testing"
)

func TestSplitRegions(t *testing.T) {
	for _, c := range []struct{ in, want []string }{
		{[]string{"chr20", "chr21"}, []string{"chr20", "chr21"}},
		{[]string{"chr20:1", "000-2", "000"}, []string{"chr20:1,000-2,000"}},
		{[]string{"chr20:10", "000", "000-10", "100", "000", "chr21", "x.bed"}, []string{"chr20:10,000,000-10,100,000", "chr21", "x.bed"}},
		{[]string{"chr20:1-5", "20"}, []string{"chr20:1-5", "20"}},
		{[]string{"1,2,X"}, []string{"1", "2", "X"}},
	} {
		if got := splitRegions(c.in); !slices.Equal(got, c.want) {
			t.Errorf("%q gave %q, want %q", c.in, got, c.want)
		}
	}
}
