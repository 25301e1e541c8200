package simulate

import (
	"math"
	"strconv"
)

// The rows of the tables of a measured profile, one method each. The columns
// come in the order in which ReadProfile lists them.

func (p *Profile) transition(f *fields) {
	read, fifth := f.within(0, 1, 2)-1, f.within(1, 0, 4)
	from, to, n := f.within(2, 0, qualities-1), f.within(3, 0, qualities-1), f.count(4)
	p.Chain[read][fifth][from][to] += n
}

// mostCycles is the longest read a table may describe.
const mostCycles = 1000

func (p *Profile) cycleRow(f *fields) {
	read, c := f.within(0, 1, 2)-1, f.within(1, 1, mostCycles)-1
	if f.err != nil {
		return
	}
	if c == 0 {
		p.firstCycle(f, read)
	}
	for len(p.Cycle[read]) <= c {
		p.Cycle[read] = append(p.Cycle[read], 0)
	}
	p.Cycle[read][c] = f.count(8)
}

// firstCycle makes the qualities of the first cycle from five of their
// quantiles, and then moves weight between the lowest and the highest so that
// the mean is the measured one.
func (p *Profile) firstCycle(f *fields, read int) {
	first := &p.First[read]
	mean := f.count(2)
	low, high := f.within(3, 0, qualities-1), f.within(7, 0, qualities-1)
	for i, w := range [5]float64{0.15, 0.225, 0.25, 0.225, 0.15} {
		first[f.within(3+i, 0, qualities-1)] += w
	}
	now := 0.0
	for q, w := range first {
		now += w * float64(q)
	}
	if high > low {
		move := (mean - now) / float64(high-low)
		move = max(-first[high], min(first[low], move))
		first[high] += move
		first[low] -= move
	}
}

func (p *Profile) mismatchRow(f *fields) {
	q, n, wrong := f.within(0, 0, qualities-1), f.count(1), f.count(2)
	// As if there were one more base, wrong as often as the quality promises.
	p.Mismatch[q] = min(0.75, (wrong+math.Pow(10, -float64(q)/10))/(n+1))
}

func (p *Profile) substitutionRow(f *fields) {
	if a, b, n := f.base(0), f.base(1), f.count(2); a != b {
		p.Substitution[a][b] += n
	}
}

func (p *Profile) insertRow(f *fields) {
	bin, n := f.within(0, 0, 1<<30)/p.InsertBin, f.count(1)
	if bin >= maxInsert/p.InsertBin || f.err != nil {
		return // far pairs are chimeras or deletions, not inserts
	}
	for len(p.Insert) <= bin {
		p.Insert = append(p.Insert, 0)
	}
	p.Insert[bin] = n
}

func (p *Profile) mapqRow(f *fields) {
	q, n := f.within(0, 0, 255), f.count(1)
	p.MapQ[q] += n
}

func (p *Profile) summaryRow(f *fields) {
	if f.cells[0] != "dup_rate" {
		return
	}
	if x, err := strconv.ParseFloat(f.cells[1], 64); err == nil && x >= 0 && x < 1 {
		p.Duplicates = x
	} else {
		f.fail(1, "a share below 1")
	}
}

// complete fills in what the tables leave open: qualities that were never seen
// err as they promise, and cycles err as their neighbours where few bases were
// compared.
func (p *Profile) complete() {
	for q := range p.Mismatch {
		if p.Mismatch[q] == 0 {
			p.Mismatch[q] = min(0.75, math.Pow(10, -float64(q)/10))
		}
	}
}

// runCounts is the counts behind the rates of homopolymers.
type runCounts struct {
	spans, ins, del [4][]float64
	one, more       [2]float64 // insertions and deletions by one and by more bases
	longest         int
}

func newRunCounts() *runCounts { return &runCounts{} }

// longestRun is the longest homopolymer a table may describe.
const longestRun = 1000

func (c *runCounts) row(f *fields) {
	b, n := f.base(0), f.within(1, 1, longestRun)
	spans, ins, del := f.count(2), f.count(3), f.count(4)
	if f.err != nil {
		return
	}
	c.longest = max(c.longest, n)
	for _, x := range []struct {
		list *[]float64
		n    float64
	}{{&c.spans[b], spans}, {&c.ins[b], ins}, {&c.del[b], del}} {
		for len(*x.list) <= n {
			*x.list = append(*x.list, 0)
		}
		(*x.list)[n] += x.n
	}
	c.one[0], c.more[0] = c.one[0]+f.count(5), c.more[0]+f.count(6)
	c.one[1], c.more[1] = c.one[1]+f.count(7), c.more[1]+f.count(8)
}

// fill turns counts into rates. The rates of all bases together, made to rise
// with the length (pool adjacent violators, weighted by spans), are what each
// base's own count is drawn towards, as if ten events had been seen at them.
// Then they are raised by those that the alignments did not show.
func (c *runCounts) fill(p *Profile) {
	p.LongInsertion = (c.more[0] + 0.1) / (c.one[0] + c.more[0] + 1)
	p.LongDeletion = (c.more[1] + 0.1) / (c.one[1] + c.more[1] + 1)
	length := max(len(p.Cycle[0]), len(p.Cycle[1]))
	at := func(list []float64, n int) float64 {
		if n < len(list) {
			return list[n]
		}
		return 0
	}
	pooled := func(events *[4][]float64) []float64 {
		rate, weight := make([]float64, c.longest+1), make([]float64, c.longest+1)
		for n := 1; n <= c.longest; n++ {
			for b := range 4 {
				rate[n] += at(events[b], n)
				weight[n] += at(c.spans[b], n)
			}
			if weight[n] > 0 {
				rate[n] /= weight[n]
			}
		}
		return rising(rate, weight)
	}
	for _, x := range []struct {
		events *[4][]float64
		rates  *[4][]float64
		longer int
		long   float64
	}{{&c.ins, &p.Insertion, 1, p.LongInsertion}, {&c.del, &p.Deletion, -1, p.LongDeletion}} {
		all := pooled(x.events)
		for b := range 4 {
			rates := make([]float64, c.longest+1)
			for n := 1; n <= c.longest; n++ {
				spans, events := at(c.spans[b], n), at(x.events[b], n)
				if rates[n] = all[n]; all[n] > 0 {
					const prior = 10
					rates[n] = min(0.45, (events+prior)/(spans+prior/all[n])*unseen(length, n, x.longer, x.long))
				}
			}
			x.rates[b] = rates
		}
	}
	for b := range 4 {
		for n, spans := range c.spans[b] {
			p.Composition[b] += spans * float64(n)
		}
	}
}

// unseen is by how much the rate of a run of n bases is above the one counted
// in alignments of reads of a length. A read without an error crosses the run
// where one base is left on both sides of it; a gap of k bases is opened only
// where the bases that are left earn more than it costs, less what clipping
// them would: elsewhere the end is clipped, and neither gap nor crossing is
// counted. longer is 1 where the read gains the k bases, -1 where it lacks them;
// long is the share of gaps of two bases and more.
func unseen(length, n, longer int, long float64) float64 {
	crossing := float64(length - n - 1)
	seen := 0.0
	for k, share := range [3]float64{1: 1 - long, 2: long} {
		left := gapOpen + k*gapExtend - clipCost + 1
		seen += share * float64(length-n-longer*k-2*left+1)
	}
	if seen <= crossing/2 {
		return 1 // runs as long as reads: nothing can be said
	}
	return crossing / seen
}

// rising is the closest rates that never fall, by weighted squares; places of
// no weight take the rate of the one before.
func rising(rate, weight []float64) []float64 {
	type pool struct {
		rate, weight float64
		n            int
	}
	var pools []pool
	for i := range rate {
		pools = append(pools, pool{rate[i], weight[i], 1})
		for len(pools) > 1 {
			a, b := pools[len(pools)-2], pools[len(pools)-1]
			if b.weight > 0 && a.rate <= b.rate {
				break
			}
			joined := pool{a.rate, a.weight + b.weight, a.n + b.n}
			if joined.weight > 0 {
				joined.rate = (a.rate*a.weight + b.rate*b.weight) / joined.weight
			}
			pools = append(pools[:len(pools)-2], joined)
		}
	}
	var out []float64
	for _, x := range pools {
		for range x.n {
			out = append(out, x.rate)
		}
	}
	return out
}

// gcMean is the mean depths by GC content of windows of a genome.
type gcMean struct {
	windows, depth [21]float64
}

func (g *gcMean) row(f *fields) {
	i, n, depth := f.within(0, 0, 100)/5, f.count(1), f.count(2)
	g.depth[i] = (g.depth[i]*g.windows[i] + depth*n) / max(g.windows[i]+n, 1)
	g.windows[i] += n
}

// fill makes depths relative to the mean. Contents of which few windows were
// seen are drawn towards the nearest of which more were, as if that had been
// seen in ten windows.
func (g *gcMean) fill(p *Profile) {
	sum, n, most := 0.0, 0.0, 0
	for i, w := range g.windows {
		sum, n = sum+w*g.depth[i], n+w
		if w > g.windows[most] {
			most = i
		}
	}
	if n == 0 || sum == 0 {
		return
	}
	mean := sum / n
	const prior = 10
	near := g.depth[most] / mean
	p.GC[most] = near
	for _, step := range [2]int{1, -1} {
		last := near
		for i := most + step; i >= 0 && i < len(p.GC); i += step {
			w := g.windows[i]
			last = (w*g.depth[i]/mean + prior*last) / (w + prior)
			p.GC[i] = last
		}
	}
}
