package realign

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gx-genomics/gx/variant/align"
)

// plainHaplotypes is what graph finds, from the definition: a map of k-mers,
// paths listed one by one.
func plainHaplotypes(ref string, reads []align.Read, o *GraphOptions) []string {
	for k := o.MinK; k <= min(o.MaxK, len(ref)-1); k += o.StepK {
		seen := map[string]bool{}
		for i := range len(ref) - k + 1 {
			seen[ref[i:i+k]] = true
		}
		if len(seen) < len(ref)-k+1 {
			continue
		}
		weight, isRef := map[[2]string]int{}, map[[2]string]bool{}
		next := map[string][]string{}
		add := func(a, b string, ref bool) {
			e := [2]string{a, b}
			if weight[e]++; weight[e] == 1 {
				next[a] = append(next[a], b)
			}
			isRef[e] = isRef[e] || ref
		}
		for i := range len(ref) - k {
			add(ref[i:i+k], ref[i+1:i+1+k], true)
		}
		for _, r := range reads {
			if int(r.MapQ) < o.MinMapQ {
				continue
			}
			s := string(r.Bases)
			for i := range len(s) - k {
				good := true
				for j := i; j <= i+k; j++ {
					good = good && int(r.Quals[j]) >= o.MinBaseQ && bytes.IndexByte([]byte("ACGT"), s[j]) >= 0
				}
				if good {
					add(s[i:i+k], s[i+1:i+1+k], false)
				}
			}
		}
		state := map[string]int{}
		var cyclic func(v string) bool
		cyclic = func(v string) bool {
			if state[v] != 0 {
				return state[v] == 1
			}
			state[v] = 1
			for _, u := range next[v] {
				if cyclic(u) {
					return true
				}
			}
			state[v] = 2
			return false
		}
		loop := false
		for v := range next {
			loop = loop || cyclic(v)
		}
		if loop {
			continue
		}
		var all []string
		var follow func(path, at string)
		follow = func(path, at string) {
			if len(all) > o.MaxPaths {
				return
			}
			if at == ref[len(ref)-k:] {
				all = append(all, path)
				return
			}
			for _, u := range next[at] {
				if e := [2]string{at, u}; isRef[e] || weight[e] >= o.MinEdgeWeight {
					follow(path+u[k-1:], u)
				}
			}
		}
		follow(ref[:k], ref[:k])
		if len(all) > o.MaxPaths || len(all) == 1 {
			return nil
		}
		slices.Sort(all)
		return all
	}
	return nil
}

// TestGraph: haplotypes are those of the definition, for references with
// repeats and odd letters, reads with errors, low qualities and N.
func TestGraph(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	var g graph
	var h haplotypes
	found, none := 0, 0
	rounds := 1500
	if testing.Short() {
		rounds = 200
	}
	for round := range rounds {
		o := Defaults(V19).Graph
		o.MinK = 3 + rng.IntN(8)
		o.MaxK = o.MinK + rng.IntN(40)
		o.MaxPaths = []int{256, 3, 8}[rng.IntN(3)]
		o.StepK = 1 + rng.IntN(2)
		ref := randomBases(rng, 30+rng.IntN(100))
		switch rng.IntN(5) {
		case 0:
			ref[rng.IntN(len(ref))] = 'N'
			ref[rng.IntN(len(ref))] = 'R'
		case 1: // a repeat
			at := rng.IntN(len(ref) - 20)
			copy(ref[at+10:], ref[at:at+10])
		}
		allele := slices.Clone(ref)
		allele[len(ref)/2] = 'A'
		at := rng.IntN(len(ref) - 8)
		allele = slices.Delete(allele, at, at+rng.IntN(6))
		var reads []align.Read
		var list []int32
		for i := range rng.IntN(16) {
			from := [][]byte{ref, allele}[rng.IntN(2)]
			a := rng.IntN(len(from) / 2)
			b := len(from) - rng.IntN(len(from)-a)
			r := align.Read{Bases: slices.Clone(from[a:b]), Quals: bytes.Repeat([]byte{30}, b-a), MapQ: byte(10 + rng.IntN(50))}
			for range rng.IntN(3) {
				if len(r.Bases) > 0 {
					r.Bases[rng.IntN(len(r.Bases))] = "ACGTN"[rng.IntN(5)]
					r.Quals[rng.IntN(len(r.Quals))] = byte(rng.IntN(30))
				}
			}
			r.Cigar = align.Cigar{align.MakeOp(align.M, len(r.Bases))}
			reads = append(reads, r)
			list = append(list, int32(i))
		}
		h.reset()
		want := plainHaplotypes(string(ref), reads, &o)
		kept := g.build(&h, ref, reads, list, &o)
		var got []string
		for i := range h.spans {
			got = append(got, string(h.at(i)))
		}
		if kept != (want != nil) || !slices.Equal(got, want) {
			t.Fatalf("round %d: %v %q\nwant %q\nref %s", round, kept, got, want, ref)
		}
		if kept {
			found++
		} else {
			none++
		}
	}
	if found < rounds/10 || none < rounds/10 {
		t.Errorf("%d windows with haplotypes and %d without test too little", found, none)
	}
}

func randomBases(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = "ACGT"[rng.IntN(4)]
	}
	return b
}

// TestGraphBounds: what would take too much memory is left alone.
func TestGraphBounds(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 2))
	var g graph
	var h haplotypes
	o := Defaults(V19).Graph
	ref := randomBases(rng, 200)
	if g.build(&h, ref[:10], nil, nil, &o) || g.build(&h, nil, nil, nil, &o) {
		t.Error("a window shorter than k has haplotypes")
	}
	long := append(append(slices.Clone(ref[:100]), randomBases(rng, maxHaplotype)...), ref[100:]...)
	r := align.Read{Bases: long, Quals: bytes.Repeat([]byte{30}, len(long)), MapQ: 60, Cigar: align.Cigar{align.MakeOp(align.M, len(long))}}
	if g.build(&h, ref, []align.Read{r, r}, []int32{0, 1}, &o) || len(h.spans) != 0 {
		t.Errorf("%d haplotypes, one of them longer than %d", len(h.spans), maxHaplotype)
	}
	list := make([]int32, maxGraphText/len(long)+2)
	if g.build(&h, ref, []align.Read{r}, list, &o) {
		t.Error("more text than a graph may hold")
	}
}
