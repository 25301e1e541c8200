package realign

// sort puts the vertices of the graph in topological order (Kahn 1962) and
// says whether that is possible.
func (g *graph) sort() bool {
	n := g.vertices
	g.degree = zeroed(g.degree, n)
	g.first = zeroed(g.first, n+1)
	for i := range g.edges {
		g.degree[g.edges[i].to]++
		g.first[g.edges[i].from+1]++
	}
	for v := range n {
		g.first[v+1] += g.first[v]
	}
	g.out = zeroed(g.out, len(g.edges))
	for i := range g.edges {
		at := &g.first[g.edges[i].from]
		g.out[*at] = int32(i)
		*at++
	}
	copy(g.first[1:], g.first[:n])
	g.first[0] = 0
	g.order = g.order[:0]
	for v := range n {
		if g.degree[v] == 0 {
			g.order = append(g.order, int32(v))
		}
	}
	for i := 0; i < len(g.order); i++ {
		v := g.order[i]
		for _, e := range g.out[g.first[v]:g.first[v+1]] {
			to := g.edges[e].to
			if g.degree[to]--; g.degree[to] == 0 {
				g.order = append(g.order, to)
			}
		}
	}
	return len(g.order) == n
}

// kept says whether an edge survives pruning by weight.
func (g *graph) kept(e *edge) bool { return e.ref || int(e.weight) >= g.o.MinEdgeWeight }

// step is a vertex on the path being walked, and the next of its edges.
type step struct{ vertex, next int32 }

// enumerate writes down the paths from the first k-mer of the reference to its
// last. It says whether the graph gives haplotypes beside the reference; with
// too many paths it gives none.
func (g *graph) enumerate(h *haplotypes, k int) bool {
	source, sink := g.source, g.sink
	g.ways = zeroed(g.ways, g.vertices)
	g.ways[sink] = 1
	bound := int32(g.o.MaxPaths)
	for i := len(g.order) - 1; i >= 0; i-- {
		v := g.order[i]
		if v == sink {
			continue
		}
		for _, e := range g.out[g.first[v]:g.first[v+1]] {
			if x := &g.edges[e]; g.kept(x) {
				g.ways[v] = min(g.ways[v]+g.ways[x.to], bound+1)
			}
		}
	}
	if g.ways[source] > bound || g.ways[source] < 2 {
		return false // too many, or the reference alone
	}
	mark := len(h.spans)
	g.path = g.path[:0]
	for _, c := range g.text[:k] {
		g.path = append(g.path, g.names[c])
	}
	g.stack = append(g.stack[:0], step{source, g.first[source]})
	for len(g.stack) > 0 {
		s := &g.stack[len(g.stack)-1]
		if s.vertex == sink {
			h.add(g.path)
			s.next = g.first[s.vertex+1]
		}
		for s.next < g.first[s.vertex+1] {
			x := &g.edges[g.out[s.next]]
			if g.kept(x) && g.ways[x.to] > 0 {
				break
			}
			s.next++
		}
		if s.next == g.first[s.vertex+1] {
			g.stack = g.stack[:len(g.stack)-1]
			g.path = g.path[:max(len(g.path)-1, k)]
			continue
		}
		x := &g.edges[g.out[s.next]]
		s.next++
		if len(g.path) >= maxHaplotype {
			h.cut(mark)
			return false
		}
		g.path = append(g.path, g.names[x.letter])
		g.stack = append(g.stack, step{x.to, g.first[x.to]})
	}
	h.sort(mark)
	return true
}
