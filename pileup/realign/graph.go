package realign

import (
	"math/bits"

	"github.com/gx-genomics/gx/variant/align"
)

// graph is the de Bruijn graph of a window, built again for growing k until it
// has no cycle.
//
// Vertices are the distinct k-mers, edges the distinct (k+1)-mers; so the
// edges of the graph of k are the vertices of that of k+1, and the numbers of
// one level give those of the next without looking at letters again: the edge
// behind vertex v with letter c is child[v*letters+c]. Only the first level
// hashes packed k-mers. All sequences lie behind one another in text, cut into
// segments of letters that may be used.
type graph struct {
	o        *GraphOptions
	letters  int // 4, more where the reference holds others than ACGT
	alphabet [256]byte
	names    [32]byte // letter of a code
	text     []byte   // codes of letters
	segments []segment
	node     []int32 // per place in text: its k-mer
	nodes    int     // k-mers numbered
	vertices int     // of the graph that edges make, with its first and last k-mer of the reference
	source   int32
	sink     int32
	child    []int32 // per vertex and letter: the edge, from 1; 0 where there is none
	edges    []edge
	met      []int32 // per vertex: the last segment that passed it, from 1
	kmers    table

	degree []int32 // edges into a vertex not yet taken
	first  []int32 // edges from vertex v are out[first[v]:first[v+1]]
	out    []int32
	order  []int32 // vertices in topological order
	ways   []int32 // paths from a vertex to the sink
	stack  []step
	path   []byte
}

// segment is a stretch of text; its k-mers follow one another.
type segment struct{ from, to int }

type edge struct {
	from, to int32
	weight   int32
	letter   byte
	ref      bool
}

// The bounds of what a window may ask for. DeepVariant has none; these lie far
// beyond what its own limits on reads and windows let through, and a window
// beyond is left as it was aligned.
const (
	maxGraphText = 1 << 21 // letters in a graph
	maxHaplotype = 4000    // letters of a haplotype
)

// build finds the haplotypes of a window. ref is its reference, reads those
// that overlap it. It says whether there are any beside the reference.
func (g *graph) build(h *haplotypes, ref []byte, reads []align.Read, indices []int32, o *GraphOptions) bool {
	g.o = o
	most := min(o.MaxK, len(ref)-1)
	g.start(ref)
	k := g.firstK(most)
	if k < 0 {
		return false
	}
	for _, i := range indices {
		r := &reads[i]
		if int(r.MapQ) >= o.MinMapQ && wellFormed(r) {
			g.add(r, k)
		}
		if len(g.text) > maxGraphText {
			return false
		}
	}
	g.number(k)
	for ; k <= most; k += o.StepK {
		if cyclic := g.level(k); !cyclic && g.sort() {
			return g.enumerate(h, k)
		}
		for skip := 1; skip < o.StepK && k+skip <= most; skip++ {
			g.level(k + skip)
		}
	}
	return false
}

// start begins the text with the reference.
func (g *graph) start(ref []byte) {
	g.letters = 4
	g.alphabet = code
	copy(g.names[:], "ACGT")
	g.text = g.text[:0]
	for _, b := range ref {
		c := g.alphabet[b]
		if c == other && (g.letters == 4 || g.names[other] != b) {
			if g.letters == len(g.names) {
				c = byte(g.letters - 1) // no alphabet of nucleotides is so large
			} else {
				c = byte(g.letters)
				g.letters++
			}
			g.alphabet[b], g.names[c] = c, b
		}
		g.text = append(g.text, c)
	}
	g.segments = append(g.segments[:0], segment{0, len(ref)})
}

// add appends a read: the runs of bases that are ACGT and of good quality.
func (g *graph) add(r *align.Read, k int) {
	least := byte(min(g.o.MinBaseQ, 255))
	for i := 0; i+k < len(r.Bases); {
		j := i
		for j < len(r.Bases) && r.Quals[j] >= least && code[r.Bases[j]] != other {
			j++
		}
		if j-i > k {
			from := len(g.text)
			for _, b := range r.Bases[i:j] {
				g.text = append(g.text, code[b])
			}
			g.segments = append(g.segments, segment{from, len(g.text)})
		}
		i = j + 1
	}
}

// firstK is the smallest k, up to most, of which no k-mer of the reference
// comes twice; -1 where there is none.
func (g *graph) firstK(most int) int {
	k := g.o.MinK
	if k > most {
		return -1
	}
	g.number(k)
	for ; k <= most; k += g.o.StepK {
		if g.nodes == len(g.text)-k+1 {
			return k
		}
		for skip := range g.o.StepK {
			g.level(k + skip)
		}
	}
	return -1
}

// number gives every k-mer of the text its number, by packing as many letters
// as go into 64 bits and extending from there.
func (g *graph) number(k int) {
	width := bits.Len(uint(g.letters - 1))
	packed := min(k, 64/width)
	mask := ^uint64(0) >> (64 - width*packed)
	g.kmers.begin()
	if cap(g.node) < len(g.text) {
		g.node = make([]int32, len(g.text)+len(g.text)/2)
	}
	g.node = g.node[:len(g.text)]
	for _, s := range g.segments {
		key := uint64(0)
		for p := s.from; p < s.to; p++ {
			key = (key<<width | uint64(g.text[p])) & mask
			if at := p - packed + 1; at >= s.from {
				g.node[at] = g.kmers.number(key)
			}
		}
	}
	g.nodes = g.kmers.n
	for p := packed; p < k; p++ {
		g.level(p)
	}
}

// level makes the edges of the graph of k from its vertices, and numbers the
// (k+1)-mers by them. It reports a cycle that shows at once: a segment that
// comes twice by one vertex. Without one of those there may still be others.
func (g *graph) level(k int) (cyclic bool) {
	L := g.letters
	g.child = zeroed(g.child, g.nodes*L)
	g.met = zeroed(g.met, g.nodes)
	g.edges = g.edges[:0]
	node, text := g.node, g.text
	if last := g.segments[0].to - k; last >= 0 {
		g.source, g.sink = node[0], node[last]
	}
	for i, s := range g.segments {
		if s.to-s.from <= k {
			continue
		}
		at := node[s.from]
		for p := s.from; p+k < s.to; p++ {
			if g.met[at] == int32(i)+1 {
				cyclic = true
			}
			g.met[at] = int32(i) + 1
			to := node[p+1]
			c := &g.child[int(at)*L+int(text[p+k])]
			if *c == 0 {
				g.edges = append(g.edges, edge{from: at, to: to, letter: text[p+k], ref: i == 0})
				*c = int32(len(g.edges))
			}
			g.edges[*c-1].weight++
			node[p] = *c - 1
			at = to
		}
		if g.met[at] == int32(i)+1 {
			cyclic = true
		}
	}
	g.vertices, g.nodes = g.nodes, len(g.edges)
	return cyclic
}
