package nn

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gx-genomics/gx/internal/kern"
)

// apart does a step of a trainer whose shards run on parts, whichever r says;
// some run twice, as where a machine is lost.
func apart(t *testing.T, whole *Trainer, parts []*Part, b *Batch, r *rand.Rand) float64 {
	t.Helper()
	whole.Begin(b.N)
	weights := whole.Weights(nil)
	room := parts[0].room
	shards := whole.Shards()
	owner := make([]int, shards)
	begin := func(p *Part) {
		local := &Batch{N: room * shards, Target: make([]float32, room*shards*len(b.Target)/b.N), Weight: make([]float32, room*shards)}
		for j, in := range b.Inputs {
			size := whole.net.Inputs[j].Len()
			x := make([]float32, room*shards*size)
			for s := range shards {
				from, to := Span(b.N, shards, s)
				copy(x[s*room*size:], in.F32[from*size:to*size])
			}
			local.Inputs = append(local.Inputs, Input{F32: x})
		}
		c := len(b.Target) / b.N
		for s := range shards {
			from, to := Span(b.N, shards, s)
			copy(local.Target[s*room*c:], b.Target[from*c:to*c])
			copy(local.Weight[s*room:], b.Weight[from:to])
		}
		if err := p.Begin(weights, b.N, local); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range parts {
		begin(p)
	}
	hold := func(s, p int) {
		from, to := Span(b.N, shards, s)
		owner[s] = p
		parts[p].Hold(s, to-from)
	}
	for s := range shards {
		hold(s, r.IntN(len(parts)))
	}
	var takes [][]float32
	loss := 0.0
	for phase := range whole.Phases() {
		for s := range shards {
			if r.IntN(3) > 0 {
				continue
			}
			hold(s, (owner[s]+1)%len(parts)) // another has it from the beginning
			for q := range phase {
				parts[owner[s]].Run(q, []int{s})
			}
		}
		var sums [][]float32
		for s := range shards {
			p := parts[owner[s]]
			p.Run(phase, []int{s})
			v, l := p.Sums(phase, s)
			if want, _ := whole.Sums(phase); len(v) != want {
				t.Fatalf("phase %d: %d sums, want %d", phase, len(v), want)
			}
			sums = append(sums, append([]float32(nil), v...))
			loss += l
		}
		if phase == whole.Phases()-1 { // the first ones added up where they were made
			for k := r.IntN(len(sums)); k > 0; k-- {
				parts[0].Add(sums[0], sums[1])
				sums = append(sums[:1], sums[2:]...)
			}
		}
		got := whole.Join(phase, sums)
		takes = append(takes, got)
		if got == nil {
			break
		}
		for _, p := range parts {
			if err := p.Take(phase, got); err != nil {
				t.Fatal(err)
			}
		}
	}
	if want, _ := whole.Sums(0); len(takes) > 1 && len(takes[0]) != want/2*3 {
		t.Errorf("%d numbers are taken", len(takes[0]))
	}
	return whole.Finish(loss)
}

// TestShardsApart: shards that run anywhere, some more than once, give the bits
// of one trainer.
func TestShardsApart(t *testing.T) {
	for name, n := range trainingNetworks(t) {
		t.Run(name, func(t *testing.T) {
			for _, shards := range []int{0, 3, MaxShards} {
				r := rand.New(rand.NewPCG(7, uint64(shards)))
				const samples = 17
				o := options(samples, 2, nil)
				o.Shards = shards
				one, err := NewTrainer(n.Clone(), o)
				if err != nil {
					t.Fatal(err)
				}
				whole, err := NewTrainer(n.Clone(), o)
				if err != nil {
					t.Fatal(err)
				}
				var parts []*Part
				for i := range 3 { // of other kernels each, for these change no bit
					all := kern.Available()
					p, err := NewPart(n.Clone(), (samples+one.Shards()-1)/one.Shards(), one.Shards(), TrainOptions{Threads: 1 + i, Kernels: all[i%len(all)]})
					if err != nil {
						t.Fatal(err)
					}
					parts = append(parts, p)
				}
				for range 3 {
					b := batchOf(n, samples, r)
					want, got := one.Step(b), apart(t, whole, parts, b, r)
					if math.Float64bits(want) != math.Float64bits(got) {
						t.Errorf("loss %v, want %v", got, want)
					}
				}
				a, b := one.Weights(nil), whole.Weights(nil)
				for i := range a {
					if math.Float32bits(a[i]) != math.Float32bits(b[i]) {
						t.Fatalf("%d shards: weight %d is %v, want %v", one.Shards(), i, b[i], a[i])
					}
				}
				if err := parts[0].Take(whole.Phases()-1, nil); err == nil {
					t.Error("something is taken after the last phase")
				}
				if err := parts[0].Begin(a[1:], 3, nil); err == nil {
					t.Error("weights of another network are taken")
				}
			}
		})
	}
}
