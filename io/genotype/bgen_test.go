package genotype

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	"github.com/gx-genomics/gx/gwas/dosage"
)

// bgenBytes builds BGEN files for the tests.
type bgenBytes struct {
	layout, packing, samples int
	names                    []string
	body                     []byte
	variants                 int
}

func (b *bgenBytes) file() []byte {
	le := binary.LittleEndian
	var names []byte
	flags := uint32(b.packing | b.layout<<2)
	if b.names != nil {
		flags |= 1 << 31
		for _, n := range b.names {
			names = le.AppendUint16(names, uint16(len(n)))
			names = append(names, n...)
		}
		names = append(le.AppendUint32(le.AppendUint32(nil, uint32(8+len(names))), uint32(len(b.names))), names...)
	}
	out := le.AppendUint32(nil, uint32(20+len(names)))
	out = le.AppendUint32(out, 20)
	out = le.AppendUint32(out, uint32(b.variants))
	out = le.AppendUint32(out, uint32(b.samples))
	out = append(out, "bgen"...)
	out = le.AppendUint32(out, flags)
	return append(append(out, names...), b.body...)
}

func (b *bgenBytes) pack(raw []byte) []byte {
	switch b.packing {
	case 1:
		var z bytes.Buffer
		w := zlib.NewWriter(&z)
		w.Write(raw)
		w.Close()
		return z.Bytes()
	case 2:
		w, _ := zstd.NewWriter(nil)
		return w.EncodeAll(raw, nil)
	}
	return raw
}

// add appends a variant with the unpacked content of its block.
func (b *bgenBytes) add(content []byte, alleles ...string) {
	le := binary.LittleEndian
	if b.layout == 1 {
		b.body = le.AppendUint32(b.body, uint32(b.samples))
	}
	for _, s := range []string{"", fmt.Sprintf("rs%d", b.variants), "7"} {
		b.body = append(le.AppendUint16(b.body, uint16(len(s))), s...)
	}
	b.body = le.AppendUint32(b.body, uint32(1000+b.variants))
	if b.layout == 2 {
		b.body = le.AppendUint16(b.body, uint16(len(alleles)))
	}
	for _, s := range alleles {
		b.body = append(le.AppendUint32(b.body, uint32(len(s))), s...)
	}
	packed := b.pack(content)
	switch {
	case b.layout == 1 && b.packing == 0:
	case b.packing == 0 || b.layout == 1:
		b.body = le.AppendUint32(b.body, uint32(len(packed)))
	default:
		b.body = le.AppendUint32(b.body, uint32(len(packed)+4))
		b.body = le.AppendUint32(b.body, uint32(len(content)))
	}
	b.body = append(b.body, packed...)
	b.variants++
}

// content makes the block of layout 2 of values, a list for each sample; nil is
// missing.
func content(alleles, width int, phased bool, ploidy []int, values [][]uint64) []byte {
	le := binary.LittleEndian
	low, high := 63, 0
	for _, p := range ploidy {
		low, high = min(low, p), max(high, p)
	}
	out := le.AppendUint32(nil, uint32(len(ploidy)))
	out = le.AppendUint16(out, uint16(alleles))
	out = append(out, byte(low), byte(high))
	for i, p := range ploidy {
		if values[i] == nil {
			p |= 0x80
		}
		out = append(out, byte(p))
	}
	out = append(out, byte(bit(phased)), byte(width))
	var bits []byte
	at := 0
	for i, p := range ploidy {
		list := values[i]
		if list == nil {
			n := (&probabilities{alleles: alleles, phased: phased}).perSample(p)
			list = make([]uint64, n)
		}
		for _, v := range list {
			for k := range width {
				if at%8 == 0 {
					bits = append(bits, 0)
				}
				bits[at/8] |= byte(v>>k&1) << (at % 8)
				at++
			}
		}
	}
	return append(out, bits...)
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func openBytes(t testing.TB, name string, b []byte, o Options) (*File, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := Open(t.Context(), path, o)
	if err == nil {
		t.Cleanup(func() { f.Close() })
	}
	return f, err
}

func names(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("s%d", i))
	}
	return out
}

// TestBgenOfEveryKind: all widths, packings, ploidies, phased or not, with two
// alleles and with more, against plain arithmetic in float64.
func TestBgenOfEveryKind(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	const samples = 37
	for width := 1; width <= 32; width++ {
		for _, kind := range []struct {
			alleles int
			phased  bool
			ploidy  func() int
		}{
			{2, false, func() int { return 2 }}, {2, true, func() int { return 2 }}, {2, false, func() int { return 1 + rng.IntN(2) }},
			{2, true, func() int { return rng.IntN(3) }}, {3, false, func() int { return 1 + rng.IntN(2) }}, {4, true, func() int { return 2 }},
		} {
			b := bgenBytes{layout: 2, packing: width % 3, samples: samples, names: names(samples)}
			top := uint64(1)<<width - 1
			ploidy := make([]int, samples)
			values := make([][]uint64, samples)
			want := make([][]float64, kind.alleles) // copies by allele and sample, NaN where missing
			spread := make([]float64, kind.alleles)
			for a := range want {
				want[a] = make([]float64, samples)
			}
			for i := range ploidy {
				ploidy[i] = kind.ploidy()
				e, v := drawProbabilities(rng, kind.alleles, ploidy[i], kind.phased, top, &values[i])
				for a := range want {
					want[a][i] = e[a]
					if !math.IsNaN(e[a]) {
						spread[a] += v[a]
					}
				}
			}
			b.add(content(kind.alleles, width, kind.phased, ploidy, values), []string{"A", "C", "G", "T"}[:kind.alleles]...)
			f, err := openBytes(t, "x.bgen", b.file(), Options{RefFirst: true})
			if err != nil {
				t.Fatal(err)
			}
			got := rowsOfFile(t, f, 0, -1, 4)
			if len(got) != kind.alleles-1 {
				t.Fatalf("%d rows of %d alleles", len(got), kind.alleles)
			}
			tolerance := 1e-12
			if width > 15 {
				tolerance = 0.5/dosage.Scale + 3.0/65535
			}
			for k := range got {
				r := &got[k]
				if r.Start != 999 || r.ID != "rs0" || r.Chrom != "7" || r.Ref != "A" || r.Alt != "CGT"[k:k+1] || r.Allele != k+1 {
					t.Fatalf("row is %+v", r.Variant)
				}
				for i, w := range want[k+1] {
					x, ok := r.Dosage(i)
					if ok == math.IsNaN(w) || ok && math.Abs(x-w) > tolerance {
						t.Fatalf("%d bits, %d alleles, phased %v, ploidy %d, sample %d: %v %v, want %v", width, kind.alleles, kind.phased, ploidy[i], i, x, ok, w)
					}
				}
				if math.Abs(r.Spread-spread[k+1]) > 1e-9+samples*float64(bit(width > 15))*2e-4 {
					t.Fatalf("%d bits, %d alleles, phased %v: spread %v, want %v", width, kind.alleles, kind.phased, r.Spread, spread[k+1])
				}
			}
		}
	}
}

// drawProbabilities draws the values of a sample and says what they mean: mean
// and variance of the copies of each allele.
func drawProbabilities(rng *rand.Rand, alleles, ploidy int, phased bool, top uint64, values *[]uint64) (e, v []float64) {
	e, v = make([]float64, alleles), make([]float64, alleles)
	if ploidy == 0 || rng.IntN(10) == 0 {
		for a := range e {
			e[a] = math.NaN()
		}
		*values = nil
		return e, v
	}
	split := func(n int) []uint64 { // n values that sum to top
		out := make([]uint64, n)
		rest := top
		for k := range n - 1 {
			if rest > 0 && rng.IntN(3) > 0 {
				out[k] = rng.Uint64N(rest + 1)
			}
			rest -= out[k]
		}
		out[n-1] = rest
		rng.Shuffle(n, func(i, j int) { out[i], out[j] = out[j], out[i] })
		return out
	}
	list := []uint64{} // not nil, which is missing
	if phased || ploidy == 1 {
		for range ploidy {
			p := split(alleles)
			list = append(list, p[:alleles-1]...)
			for a := range e {
				x := float64(p[a]) / float64(top)
				e[a] += x * 2 / float64(ploidy)
				v[a] += x * (1 - x) * 4 / float64(ploidy*ploidy)
			}
		}
	} else {
		p := split(alleles * (alleles + 1) / 2)
		list = append(list, p[:len(p)-1]...)
		n := 0
		for b := range alleles {
			for a := range b + 1 {
				x := float64(p[n]) / float64(top)
				n++
				e[a] += x
				e[b] += x
				if a == b {
					v[a] += 4 * x
				} else {
					v[a], v[b] = v[a]+x, v[b]+x
				}
			}
		}
		for a := range e {
			v[a] -= e[a] * e[a]
		}
	}
	*values = list
	return e, v
}

func TestBgenLayout1(t *testing.T) {
	for packing := range 2 {
		b := bgenBytes{layout: 1, packing: packing, samples: 4, names: names(4)}
		raw := []byte{}
		for _, v := range []uint16{32768, 0, 0, 0, 16384, 16384, 0, 0, 0, 1, 32766, 1} {
			raw = binary.LittleEndian.AppendUint16(raw, v)
		}
		b.add(raw, "G", "T")
		f, err := openBytes(t, "x.bgen", b.file(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		r := rowsOfFile(t, f, 0, -1, 4)[0]
		if r.Alt != "G" || r.Ref != "T" {
			t.Errorf("alleles are %s and %s", r.Alt, r.Ref)
		}
		for i, want := range []float64{2, 0.5, math.NaN(), 1} {
			if x, ok := r.Dosage(i); ok == math.IsNaN(want) || ok && x != want {
				t.Errorf("sample %d: %v %v, want %v", i, x, ok, want)
			}
		}
	}
}

func TestBgenErrors(t *testing.T) {
	good := func() *bgenBytes {
		b := &bgenBytes{layout: 2, packing: 1, samples: 2, names: names(2)}
		b.add(content(2, 8, false, []int{2, 2}, [][]uint64{{255, 0}, {0, 255}}), "A", "C")
		return b
	}
	for _, c := range []struct {
		name, want string
		make       func() []byte
	}{
		{"no magic", `magic bytes "bgen"`, func() []byte { b := good().file(); b[16] = 'x'; return b }},
		{"cut header", "truncated", func() []byte { return good().file()[:20] }},
		{"cut block", "variant 1: truncated", func() []byte { b := good().file(); return b[:len(b)-3] }},
		{"sum above 1", "rs0): sample 1: probabilities add up to more than 1", func() []byte {
			b := good()
			b.body, b.variants = nil, 0
			b.add(content(2, 8, false, []int{2, 2}, [][]uint64{{255, 9}, {0, 0}}), "A", "C")
			return b.file()
		}},
		{"triploid", "ploidy up to 3", func() []byte {
			b := good()
			b.body, b.variants = nil, 0
			b.add(content(2, 8, true, []int{3, 2}, [][]uint64{{1, 2, 3}, {1, 2}}), "A", "C")
			return b.file()
		}},
		{"sample count", "names 2 samples, but has 3", func() []byte { b := good(); b.samples = 3; return b.file() }},
		{"sample twice", "stands twice", func() []byte { b := good(); b.names[1] = b.names[0]; return b.file() }},
		{"wrong size announced", "damaged zlib", func() []byte {
			b := good().file()
			i := len(b) - len(good().pack(content(2, 8, false, []int{2, 2}, [][]uint64{{255, 0}, {0, 255}}))) - 4
			b[i]++
			return b
		}},
		{"no names", "names no samples", func() []byte { b := good(); b.names = nil; return b.file() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := openBytes(t, "bad.bgen", c.make(), Options{})
			if err == nil {
				for _, err = range f.Blocks(t.Context(), 0, -1, 10) {
				}
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "bad.bgen") || strings.Contains(err.Error(), "\n") {
				t.Errorf("error is %v, want one line with %q", err, c.want)
			}
		})
	}
}

// TestBgenSampleOrder: a table of samples beside a file that names its own has
// the same people in the same order.
func TestBgenSampleOrder(t *testing.T) {
	b := &bgenBytes{layout: 2, packing: 1, samples: 2, names: []string{"ann", "bob"}}
	b.add(content(2, 8, false, []int{2, 2}, [][]uint64{{255, 0}, {0, 255}}), "A", "C")
	head := "ID_1 ID_2 missing sex\n0 0 0 D\n"
	for _, c := range []struct{ name, rows, want string }{
		{"good", "ann ann 0 2\nbob bob 0 1\n", ""},
		{"swapped", "bob bob 0 1\nann ann 0 2\n", "sample 1 is ann, but bob bob in x.sample: want the same samples in the same order"},
		{"short", "ann ann 0 2\n", "has 2 samples, but x.sample has 1"},
	} {
		f, err := put(t, ".bgen", map[string][]byte{".bgen": b.file(), ".sample": []byte(head + c.rows)})
		if c.want == "" {
			if err != nil || f.Samples()[0].Sex != Female {
				t.Errorf("%s: %v", c.name, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want %q", c.name, err, c.want)
		}
	}
}
