package gvcf

import (
	"errors"
	"reflect"
	"testing"
)

func codedRuns(t testing.TB) []Run {
	m, err := NewMaker(Options{ErrorRate: 0.001, BinSize: 5, MaxGQ: 50, MedDP: true})
	if err != nil {
		t.Fatal(err)
	}
	var bases []Position
	for i := range 300 {
		total := int32(i*7%60) / 3
		bases = append(bases, Position{Ref: "ACGTN"[i%5], RefCount: total - min(total, int32(i%11)/4), Total: total})
	}
	runs, err := m.Runs(nil, "chr1", 1000, bases)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

func TestRunsCoded(t *testing.T) {
	runs := codedRuns(t)
	b := AppendRuns(nil, runs)
	got, err := DecodeRuns(b, "chr1")
	if err != nil || !reflect.DeepEqual(got, runs) {
		t.Fatalf("%v\ngot  %v\nwant %v", err, got, runs)
	}
	for n := range b {
		if _, err := DecodeRuns(b[:n], "chr1"); !errors.Is(err, ErrCoded) {
			t.Fatalf("cut at %d of %d: %v", n, len(b), err)
		}
	}
}

func FuzzDecodeRuns(f *testing.F) {
	f.Add(AppendRuns(nil, codedRuns(f)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if runs, err := DecodeRuns(b, "c"); err == nil {
			if again, err := DecodeRuns(AppendRuns(nil, runs), "c"); err != nil || len(again) != len(runs) {
				t.Fatalf("%d runs, read again %d, %v", len(runs), len(again), err)
			}
		}
	})
}
