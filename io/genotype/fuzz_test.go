package genotype

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/io/object"
)

// memory is a Store of a few files in memory.
type memory map[string][]byte

type memoryFile struct {
	*bytes.Reader
	info object.Info
}

func (f memoryFile) Close() error      { return nil }
func (f memoryFile) Info() object.Info { return f.info }

func (m memory) Open(_ context.Context, name string) (object.Object, error) {
	b, ok := m[name]
	if !ok {
		return nil, object.ErrNotExist
	}
	return memoryFile{bytes.NewReader(b), object.Info{Name: name, Size: int64(len(b))}}, nil
}

func (m memory) Stat(_ context.Context, name string) (object.Info, error) {
	return object.Info{Name: name, Size: int64(len(m[name]))}, nil
}

func (m memory) Put(_ context.Context, name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	m[name] = b.Bytes()
	return nil
}

func (m memory) List(context.Context, string) ([]object.Info, error) { return nil, nil }

func (m memory) Remove(_ context.Context, name string) error { delete(m, name); return nil }

// readAll reads a file whole, then from the middle, through a selection of its
// samples: what a fuzzer may have broken is an error or rows whose counts fit,
// never anything else.
func readAll(t *testing.T, m memory, path string, o Options) {
	t.Helper()
	o.Store = m
	f, err := Open(t.Context(), path, o)
	if err != nil {
		if strings.Contains(err.Error(), "\n") {
			t.Fatalf("error of several lines: %v", err)
		}
		return
	}
	defer f.Close()
	total := 0
	for b, err := range f.Blocks(t.Context(), 0, 200, 7) {
		if err != nil {
			return
		}
		for i := range b.Rows {
			if r := &b.Rows[i]; r.N+r.Missing != len(f.Samples()) || r.Sum > 2*uint64(r.N)*uint64(r.Scale) || r.Alt == "" && r.Ref == "" && r.Alts < 1 {
				t.Fatalf("row %d of %d samples: %+v", b.First+i, len(f.Samples()), r.Counts)
			}
		}
		total += len(b.Rows)
	}
	view, err := f.Select([]int{len(f.Samples()) - 1})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for b, err := range view.Blocks(t.Context(), total/2, total, 3) {
		if err != nil {
			return // what lies behind may be damaged, and a walk over names sees it
		}
		n += len(b.Rows)
	}
	if n != total-total/2 {
		t.Fatalf("%d rows from the middle, want %d", n, total-total/2)
	}
}

func FuzzPgen(f *testing.F) {
	for _, dosages := range []bool{false, true} {
		m := memory{}
		people, b := cohort(2, 40, 12, dosages)
		if _, err := Write(f.Context(), "x.pgen", people, one(b), WriteOptions{Store: m}); err != nil {
			f.Fatal(err)
		}
		f.Add(m["x.pgen"], m["x.pvar"], m["x.psam"])
	}
	f.Add([]byte("\x6c\x1b\x02\x01\x00\x00\x00\x01\x00\x00\x00\x40\x02"), []byte("#CHROM POS ID REF ALT\n1 5 x A C\n"), []byte("#IID SEX\na 1\n"))
	f.Fuzz(func(t *testing.T, pgen, pvar, psam []byte) {
		readAll(t, memory{"x.pgen": pgen, "x.pvar": pvar, "x.psam": psam}, "x.pgen", Options{})
	})
}

// FuzzPgenRecord decodes single records, phased and of several alleles among
// them, which the writer does not make.
func FuzzPgenRecord(f *testing.F) {
	f.Add(uint8(0x08), []byte{0x64, 0x00, 0x00, 0x01}, uint8(3), uint8(6)) // patch sets as bits
	f.Add(uint8(0x1c), []byte{1, 2, 2, 0xff, 0x01}, uint8(2), uint8(4))    // difflist, none, phase
	f.Add(uint8(0x64), []byte{0, 0x05, 1, 0, 2, 0}, uint8(1), uint8(4))    // dosages of two
	f.Add(uint8(0xc0), []byte{0, 0, 0x40, 0, 0}, uint8(1), uint8(1))       // phased dosage
	f.Add(uint8(0x05), []byte{}, uint8(1), uint8(9))
	f.Fuzz(func(t *testing.T, kind uint8, rec []byte, alts, samples uint8) {
		n := int(samples) + 1
		d := newPgenDecoder(n)
		if d.record(kind, rec, int(alts)+1) != nil {
			return
		}
		for k := range int(alts) + 1 {
			calls := d.allele(k + 1)
			if tail := n % 32; tail != 0 && calls[len(calls)-1]>>(2*tail) != 0 {
				t.Fatalf("calls of %d samples have bits behind the last: %x", n, calls)
			}
		}
		for i, u := range d.units {
			if u > 32768 && u != 0xffff {
				t.Fatalf("sample %d has %d units", i, u)
			}
		}
	})
}

func FuzzBed(f *testing.F) {
	m := memory{}
	people, b := cohort(2, 5, 4, false)
	if _, err := Write(f.Context(), "x.bed", people, one(b), WriteOptions{Store: m}); err != nil {
		f.Fatal(err)
	}
	f.Add(m["x.bed"], m["x.bim"], m["x.fam"])
	f.Fuzz(func(t *testing.T, bed, bim, fam []byte) {
		readAll(t, memory{"x.bed": bed, "x.bim": bim, "x.fam": fam}, "x.bed", Options{})
	})
}

func FuzzBgen(f *testing.F) {
	for packing := range 3 {
		b := &bgenBytes{layout: 2, packing: packing, samples: 2, names: names(2)}
		b.add(content(2, 8, false, []int{2, 2}, [][]uint64{{255, 0}, {0, 255}}), "A", "C")
		b.add(content(3, 5, true, []int{2, 1}, [][]uint64{{1, 2, 3, 4}, {5, 6}}), "A", "C", "G")
		f.Add(b.file())
	}
	b := &bgenBytes{layout: 1, samples: 1, names: names(1)}
	b.add([]byte{0, 128, 0, 0, 0, 0}, "A", "C")
	f.Add(b.file())
	f.Fuzz(func(t *testing.T, b []byte) {
		readAll(t, memory{"x.bgen": b}, "x.bgen", Options{})
	})
}

// FuzzProbabilities decodes blocks as they are when unpacked.
func FuzzProbabilities(f *testing.F) {
	f.Add(content(2, 8, false, []int{2, 2, 2}, [][]uint64{{255, 0}, {0, 255}, nil}), uint8(0), uint8(3))
	f.Add(content(3, 32, false, []int{1, 2}, [][]uint64{{1 << 31, 1}, {1, 2, 3, 4, 5}}), uint8(1), uint8(2))
	f.Add(content(2, 16, true, []int{2, 0}, [][]uint64{{1, 65535}, {}}), uint8(0), uint8(2))
	f.Fuzz(func(t *testing.T, b []byte, more, samples uint8) {
		alleles, n := 2+int(more%4), 1+int(samples)
		p := newProbabilities(n)
		if p.layout2(b, alleles) != nil {
			return
		}
		dst := make([]uint16, n)
		for a := range alleles {
			spread, err := p.allele(dst, a, nil)
			if err != nil {
				return
			}
			for i, u := range dst {
				if u != 0xffff && int(u) > 2*p.scale() {
					t.Fatalf("sample %d has %d units of 1/%d", i, u, p.scale())
				}
			}
			if !(spread >= 0 && spread <= float64(n)) {
				t.Fatalf("spread of %d samples is %v", n, spread)
			}
		}
	})
}

func FuzzVCF(f *testing.F) {
	head := "##fileformat=VCFv4.2\n##FORMAT=<ID=DS,Number=A,Type=Float,Description=\"d\">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\n"
	f.Add(head + "1\t5\tx\tA\tC,G\t.\t.\t.\tGT:DS\t0|1:.,1\t./.\n1\t6\ty\tA\tC\t.\t.\t.\tGT\t1\t0/1\n")
	f.Add(head + "1\t5\tx\tA\tC\t.\t.\t.\tGP:GT\t0.1,0.2,0.7:0/1\t.:1/1\n")
	f.Add(head + "1\t5\tx\tA\t.\t.\t.\t.\tHDS\t0.5,1\t1\n")
	f.Fuzz(func(t *testing.T, text string) {
		readAll(t, memory{"x.vcf": []byte(text)}, "x.vcf", Options{})
	})
}
