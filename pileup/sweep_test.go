package pileup

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant/locus"
)

func TestSweepRoundTrip(t *testing.T) {
	shards := make([][]byte, 3)
	var want []int
	pos := 0
	for n := range 11 {
		var starts []int
		for range n % 4 {
			pos += 7
			starts = append(starts, pos)
		}
		ends := n == 4 || n == 10
		shards[n%3] = AppendSweep(shards[n%3], starts, ends)
		want = append(want, starts...)
		if ends {
			want = append(want, -1)
		}
	}
	got, err := MergeSweeps(shards)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
}

func TestMergeSweepsRefuses(t *testing.T) {
	file := func(v ...int32) (b []byte) {
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, uint32(x))
		}
		return b
	}
	for name, k := range map[string]struct {
		in   [][]byte
		want string
	}{
		"a part of a number":    {[][]byte{{1, 2, 3}}, "multiple of 4"},
		"descending":            {[][]byte{file(5, 4, -2)}, "position 4 stands behind 5"},
		"descending in another": {[][]byte{file(5, -2), file(4, -2)}, "shard 1"},
		"an unknown mark":       {[][]byte{file(5, -3)}, "found -3"},
		"an end of region only": {[][]byte{file(5, -1)}, "found -1"},
	} {
		if _, err := MergeSweeps(k.in); err == nil || !strings.Contains(err.Error(), k.want) {
			t.Errorf("%s: %v, want %q", name, err, k.want)
		}
	}
}

func TestPartitionsBySweep(t *testing.T) {
	regions := []locus.Region{{Contig: "a", Start: 10, End: 1000}, {Contig: "b", End: 2_500_000}}
	var starts []int
	for i := range 450 {
		starts = append(starts, 20+2*i)
	}
	starts = append(starts, -1, 5, 1_200_005, 1_200_010, -1)
	got, err := PartitionsBySweep(regions, starts)
	if err != nil {
		t.Fatal(err)
	}
	var text []string
	for _, c := range got {
		s := c.Region.String()
		if c.EndsRegion {
			s += " end"
		}
		text = append(text, s)
	}
	// The 201st candidate opens a partition of one base behind the 200th and is
	// not counted: the next 200 follow it.
	want := []string{"a:11-419", "a:420-821", "a:822-1000 end", "b:1-1000000", "b:1000001-1200006", "b:1200007-2200006", "b:2200007-2500000 end"}
	if !slices.Equal(text, want) {
		t.Errorf("%q\nwant %q", text, want)
	}
	at := map[string]int{"a": 10, "b": 0}
	for _, c := range got {
		if c.Start != at[c.Contig] {
			t.Errorf("%v leaves a gap behind %d", c.Region, at[c.Contig])
		}
		at[c.Contig] = c.End
	}
	for _, bad := range [][]int{{20, 30}, {20, -1, 5, 7}, {20, -1, 5, -1, 6, -1}, {5, -1, -1}} {
		if _, err := PartitionsBySweep(regions, bad); err == nil {
			t.Errorf("%v: no error", bad)
		}
	}
}

func FuzzSweep(f *testing.F) {
	f.Add(AppendSweep(AppendSweep(nil, []int{3, 9}, false), []int{12}, true), AppendSweep(nil, nil, false))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff}, []byte{1})
	regions := []locus.Region{{Contig: "a", End: 1000}, {Contig: "b", Start: 5, End: 3_000_000}}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		starts, err := MergeSweeps([][]byte{a, b})
		if err != nil {
			return
		}
		cells, err := PartitionsBySweep(regions, starts)
		if err != nil {
			return
		}
		n := 0
		for _, c := range cells {
			n += c.Len()
		}
		if n != 1000+3_000_000-5 {
			t.Fatalf("%d bases in partitions of %v", n, starts)
		}
	})
}
