package genotype

import (
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/gx-genomics/gx/gwas/dosage"
)

// bitWriter packs values of any width, low bits first.
type bitWriter struct {
	b  []byte
	at int
}

func (w *bitWriter) put(v uint32, width int) {
	for k := range width {
		if w.at%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.at/8] |= byte(v>>k&1) << (w.at % 8)
		w.at++
	}
}

// TestSeveralAlleles decodes records of two to 70,000 alternate alleles, with
// both ways to say who has another than the first, and with phase behind them,
// all of it built from the text of the specification.
func TestSeveralAlleles(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 9))
	const samples = 300
	for _, c := range []struct{ alts, one, two int }{ // and the bits of a value of each patch set
		{2, 0, 0}, {3, 1, 2}, {4, 2, 2}, {5, 2, 4}, {6, 4, 4}, {16, 4, 4}, {17, 4, 8}, {18, 8, 8}, {256, 8, 8}, {257, 8, 16}, {258, 16, 16}, {65536, 16, 16}, {65537, 16, 24}, {65538, 24, 24}, {70000, 24, 24},
	} {
		for _, format := range []byte{0x00, 0x11, 0x01, 0x10} {
			for _, phase := range []int{0, 1, 2} { // none, of all, of some
				calls := make([]uint64, dosage.Words(samples))
				var pairs [samples][2]int
				var sets [2]bitWriter
				var lists [2][]diff
				var one, two bitWriter
				hets := 0
				for i := range pairs {
					g := [2]int{0, 0}
					switch rng.IntN(5) {
					case 0:
						g = [2]int{-1, -1}
					case 1, 2:
						g[1] = 1 + rng.IntN(3)*rng.IntN(c.alts)/2
					case 3:
						g[0] = 1 + rng.IntN(c.alts)*rng.IntN(2)
						g[1] = g[0] + rng.IntN(c.alts-g[0]+1)
					}
					pairs[i] = g
					code := uint64(0)
					switch {
					case g[0] < 0:
						code = 3
					case g[0] > 0:
						code = 2
						other := g[1] > 1
						sets[1].put(uint32(bit(other)), 1)
						if other {
							lists[1] = append(lists[1], diff{id: uint32(i)})
							if c.alts == 2 {
								two.put(uint32(g[0]-1), 1)
							} else {
								two.put(uint32(g[0]-1), c.two)
								two.put(uint32(g[1]-1), c.two)
							}
						}
					case g[1] > 0:
						code = 1
						other := g[1] > 1
						sets[0].put(uint32(bit(other)), 1)
						if other {
							lists[0] = append(lists[0], diff{id: uint32(i)})
							one.put(uint32(g[1]-2), c.one)
						}
					}
					hets += bit(g[0] != g[1])
					calls[i/32] |= code << (2 * (i % 32))
				}
				e := &pgenEncoder{samples: samples, idBytes: 2}
				var rec []byte
				for i := range (samples + 3) / 4 {
					rec = append(rec, byte(calls[i/8]>>(i%8*8)))
				}
				rec = append(rec, format)
				for k, values := range []bitWriter{one, two} {
					if format>>(4*k)&15 == 0 {
						rec = append(rec, sets[k].b...)
					} else {
						rec = e.list(rec, lists[k], false)
					}
					rec = append(rec, values.b...)
				}
				kind := byte(0x08)
				if phase > 0 {
					kind |= 0x10
					var w bitWriter
					w.put(uint32(phase-1), 1)
					for range hets {
						w.put(rng.Uint32(), 1)
					}
					rec = append(rec, w.b...)
					if phase == 2 {
						phased := -1
						for _, b := range w.b {
							phased += bits.OnesCount8(b)
						}
						rec = append(rec, make([]byte, (phased+7)/8)...)
					}
				}
				d := newPgenDecoder(samples)
				if err := d.record(kind, rec, c.alts); err != nil {
					t.Fatalf("%d alleles, format %#x, phase %d: %v", c.alts, format, phase, err)
				}
				for _, k := range []int{1, 2, 3, c.alts/2 + 1, c.alts} {
					if k > c.alts {
						continue
					}
					row := d.allele(k)
					for i, g := range pairs {
						want := uint64(is(g[0], k) + is(g[1], k))
						if g[0] < 0 {
							want = dosage.Absent
						}
						if got := row[i/32] >> (2 * (i % 32)) & 3; got != want {
							t.Fatalf("%d alleles, format %#x: sample %d of %v has %d of allele %d, want %d", c.alts, format, i, g, got, k, want)
						}
					}
				}
				if err := d.record(kind, append(rec, 0), c.alts); err == nil {
					t.Fatal("a byte more is no error")
				}
				if err := d.record(kind, rec[:len(rec)-1], c.alts); err == nil {
					t.Fatal("a byte less is no error")
				}
			}
		}
	}
}

// TestDosageTracks decodes dosages in their three ways, phased and not.
func TestDosageTracks(t *testing.T) {
	const samples = 10
	main := []byte{0, 0, 0x0c} // all 0 but sample 9, which is missing
	u16 := func(dst []byte, v ...uint16) []byte {
		for _, x := range v {
			dst = binary.LittleEndian.AppendUint16(dst, x)
		}
		return dst
	}
	none := uint16(dosage.Missing)
	some := []uint16{0, 0, 100, 0, 0, 0, 0, 32768, 0, 16383}
	every := []uint16{1, 2, 3, 4, 5, 6, 7, 8, 9, none}
	join := func(parts ...[]byte) (out []byte) {
		for _, p := range parts {
			out = append(out, p...)
		}
		return out
	}
	for _, c := range []struct {
		name string
		kind byte
		rest []byte
		want []uint16
	}{
		{"list", 0x20, join([]byte{3, 2, 5, 2}, u16(nil, 100, 32768, 16383)), some},
		{"bits", 0x60, join([]byte{0x84, 0x02}, u16(nil, 100, 32768, 16383)), some},
		{"every", 0x40, u16(nil, every...), every},
		{"list, phased", 0xa0, join([]byte{3, 2, 5, 2}, u16(nil, 100, 32768, 16383), []byte{5}, u16(nil, 1, 2)), some},
		{"bits, phased", 0xe0, join([]byte{0x84, 0x02}, u16(nil, 100, 32768, 16383), []byte{0}), some},
		{"every, phased", 0xc0, join(u16(nil, every...), u16(nil, every...)), every},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newPgenDecoder(samples)
			rec := join(main, c.rest)
			if err := d.record(c.kind, rec, 1); err != nil {
				t.Fatal(err)
			}
			for i, w := range c.want {
				if d.units[i] != w {
					t.Errorf("sample %d has %d units, want %d", i, d.units[i], w)
				}
			}
			for n := range rec {
				if d.record(c.kind, rec[:n], 1) == nil {
					t.Errorf("%d of %d bytes are no error", n, len(rec))
				}
			}
			if d.record(c.kind, rec, 2) == nil {
				t.Error("two alternate alleles are no error")
			}
		})
	}
}
