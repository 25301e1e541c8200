package genotype

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/gwas/dosage"
)

// written is a .pgen by the writer, with its tables, as bytes.
func written(t testing.TB, seed uint64, samples, variants int, dosages bool) (files map[string][]byte, rows []dosage.Row) {
	t.Helper()
	people, b := cohort(seed, samples, variants, dosages)
	dir := t.TempDir()
	if _, err := Write(t.Context(), filepath.Join(dir, "x.pgen"), people, one(b), WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	files = map[string][]byte{}
	for _, suffix := range []string{".pgen", ".pvar", ".psam"} {
		text, err := os.ReadFile(filepath.Join(dir, "x"+suffix))
		if err != nil {
			t.Fatal(err)
		}
		files[suffix] = text
	}
	return files, b.Rows
}

// put writes files of one stem and opens the first.
func put(t testing.TB, main string, files map[string][]byte) (*File, error) {
	t.Helper()
	dir := t.TempDir()
	for suffix, b := range files {
		if err := os.WriteFile(filepath.Join(dir, "x"+suffix), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f, err := Open(t.Context(), filepath.Join(dir, "x"+main), Options{})
	if err == nil {
		t.Cleanup(func() { f.Close() })
	}
	return f, err
}

// move shifts where the blocks of records begin.
func move(header []byte, by int64) {
	variants := int(binary.LittleEndian.Uint32(header[3:]))
	for i := range (variants + pgenBlock - 1) / pgenBlock {
		at := header[12+8*i:]
		binary.LittleEndian.PutUint64(at, uint64(int64(binary.LittleEndian.Uint64(at))+by))
	}
}

func TestStorageModes(t *testing.T) {
	const samples = 45
	files, want := written(t, 4, samples, 60, true)
	whole := files[".pgen"]
	headerSize := int(binary.LittleEndian.Uint64(whole[12:]))
	fixed := func(mode byte) []byte {
		out := []byte{0x6c, 0x1b, mode}
		out = binary.LittleEndian.AppendUint32(out, 60)
		out = binary.LittleEndian.AppendUint32(out, samples)
		return append(out, 1<<6)
	}
	calls := func(out []byte, r *dosage.Row) []byte {
		from := len(out)
		for i := range samples {
			if i%4 == 0 {
				out = append(out, 0)
			}
			c := uint8(dosage.Absent)
			if r.Hard() {
				c = r.Call(i)
			}
			out[from+i/4] |= c << (i % 4 * 2)
		}
		return out
	}
	units := func(out []byte, r *dosage.Row) []byte {
		for i := range samples {
			u := uint16(dosage.Missing)
			if x, ok := r.Dosage(i); ok {
				u = uint16(x * dosage.Scale)
			}
			out = binary.LittleEndian.AppendUint16(out, u)
		}
		return out
	}
	for _, c := range []struct {
		name string
		hard bool
		make func() map[string][]byte
	}{
		{"0x11", false, func() map[string][]byte {
			b := append(append([]byte(nil), whole[:headerSize]...), "extension"...)
			b[2] = 0x11
			move(b, 9)
			return map[string][]byte{".pgen": append(b, whole[headerSize:]...)}
		}},
		{"0x20", false, func() map[string][]byte {
			index := append([]byte(nil), whole[:headerSize]...)
			index[2] = 0x30
			move(index, int64(3-headerSize))
			return map[string][]byte{".pgen": append([]byte{0x6c, 0x1b, 0x20}, whole[headerSize:]...), ".pgen.pgi": index}
		}},
		{"0x21", false, func() map[string][]byte {
			index := append([]byte(nil), whole[:headerSize]...)
			index[2] = 0x31
			move(index, int64(3-headerSize))
			return map[string][]byte{".pgen": append([]byte{0x6c, 0x1b, 0x21}, whole[headerSize:]...), ".pgen.pgi": append(index, "more"...)}
		}},
		{"0x02", true, func() map[string][]byte {
			b := fixed(0x02)
			for i := range want {
				b = calls(b, &want[i])
			}
			return map[string][]byte{".pgen": b}
		}},
		{"0x03", false, func() map[string][]byte {
			b := fixed(0x03)
			for i := range want {
				b = units(calls(b, &want[i]), &want[i])
			}
			return map[string][]byte{".pgen": b}
		}},
		{"0x04", false, func() map[string][]byte {
			b := fixed(0x04)
			for i := range want {
				b = units(calls(b, &want[i]), &want[i])
				b = append(b, make([]byte, 2*samples)...)
			}
			return map[string][]byte{".pgen": b}
		}},
		{"0x01", true, func() map[string][]byte {
			b := append([]byte(nil), bedMagic[:]...)
			for i := range want {
				var row []byte
				for _, x := range calls(nil, &want[i]) {
					y := byte(0)
					for k := range 4 {
						y |= [4]byte{3, 2, 0, 1}[x>>(2*k)&3] << (2 * k)
					}
					row = append(row, y)
				}
				b = append(b, row...)
			}
			return map[string][]byte{".pgen": b}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := c.make()
			m[".pvar"], m[".psam"] = files[".pvar"], files[".psam"]
			f, err := put(t, ".pgen", m)
			if err != nil {
				t.Fatal(err)
			}
			got := rowsOfFile(t, f, 0, -1, 7)
			for i := range want {
				if !c.hard || want[i].Hard() {
					same(t, got[i:i+1], want[i:i+1], 0)
				} else if got[i].N != 0 {
					t.Errorf("row %d has %d calls, want none", i, got[i].N)
				}
			}
			if f.Imputed() == c.hard {
				t.Errorf("imputed is %v", f.Imputed())
			}
		})
	}
}

// TestSampleNumberWidth: PLINK 2 takes two bytes from 256 samples on, three
// from 65536, where the published text says from 257 and 65537.
func TestSampleNumberWidth(t *testing.T) {
	for n, want := range map[int]int{1: 1, 255: 1, 256: 2, 65535: 2, 65536: 3, 1<<24 - 1: 3, 1 << 24: 4} {
		if d := newPgenDecoder(n); d.idBytes != want {
			t.Errorf("%d samples: %d bytes, want %d", n, d.idBytes, want)
		}
	}
}

// TestErrorsOfPlinkFiles: each kind of damage is one line that says what is
// wrong.
func TestErrorsOfPlinkFiles(t *testing.T) {
	files, _ := written(t, 4, 45, 60, true)
	people, b := cohort(3, 45, 60, false)
	dir := t.TempDir()
	if _, err := Write(t.Context(), filepath.Join(dir, "x.bed"), people, one(b), WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{".bed", ".bim", ".fam"} {
		text, err := os.ReadFile(filepath.Join(dir, "x"+suffix))
		if err != nil {
			t.Fatal(err)
		}
		files[suffix] = text
	}
	cut := func(b []byte, n int) []byte { return b[:len(b)-n] }
	for _, c := range []struct {
		name, main, change string
		with               func([]byte) []byte
		want               string
	}{
		{"bed truncated", ".bed", ".bed", func(b []byte) []byte { return cut(b, 5) }, "want 723 for the 45 samples of x.fam and the 60 variants of x.bim"},
		{"bed too long", ".bed", ".bed", func(b []byte) []byte { return append(b, 0) }, "is 724 bytes, want 723"},
		{"bed empty", ".bed", ".bed", func([]byte) []byte { return nil }, "not a PLINK .bed"},
		{"bed of samples", ".bed", ".bed", func(b []byte) []byte { b[2] = 0; return b }, "sample-major"},
		{"fam short", ".bed", ".fam", func(b []byte) []byte { return b[strings.IndexByte(string(b), '\n')+1:] }, "44 samples"},
		{"fam columns", ".bed", ".fam", func(b []byte) []byte { return append(b, "F I\n"...) }, "x.fam:46: 2 columns"},
		{"fam twice", ".bed", ".fam", func(b []byte) []byte { return append(b, b[:strings.IndexByte(string(b), '\n')+1]...) }, "stands twice"},
		{"fam empty", ".bed", ".fam", func([]byte) []byte { return nil }, "no samples"},
		{"fam missing", ".bed", ".fam", nil, "x.fam beside it"},
		{"bim short", ".bed", ".bim", func(b []byte) []byte { return b[strings.IndexByte(string(b), '\n')+1:] }, "59 variants"},
		{"bim columns", ".bed", ".bim", func(b []byte) []byte { return []byte(strings.Replace(string(b), "\tCT\tA\n", "\n", 1)) }, "x.bim:1: 4 columns, want 6"},
		{"bim position", ".bed", ".bim", func(b []byte) []byte { return []byte(strings.Replace(string(b), "\t101\t", "\tx\t", 1)) }, `x.bim:2: position "x"`},
		{"bim hole", ".bed", ".bim", func(b []byte) []byte { return []byte(strings.Replace(string(b), "\n", "\n\n", 1)) }, "x.bim:2: empty line"},
		{"pgen truncated", ".pgen", ".pgen", func(b []byte) []byte { return cut(b, 1) }, "truncated"},
		{"pgen header only", ".pgen", ".pgen", func(b []byte) []byte { return b[:40] }, "truncated"},
		{"pgen mode", ".pgen", ".pgen", func(b []byte) []byte { b[2] = 0x7f; return b }, "mode 0x7f"},
		{"pgen of samples", ".pgen", ".pgen", func(b []byte) []byte { b[2] = 0; return b }, "sample-major"},
		{"pgen without index", ".pgen", ".pgen", func(b []byte) []byte { b[2] = 0x20; return b }, "want x.pgen.pgi"},
		{"pgen samples", ".pgen", ".pgen", func(b []byte) []byte { b[7]++; return b }, "has 46 samples, but x.psam has 45"},
		{"pgen variants", ".pgen", ".pvar", func(b []byte) []byte { return append(b, "1\t5\tz\tA\tC\n"...) }, "has 60 variants, but x.pvar has 61"},
		{"pgen first differs", ".pgen", ".pgen", func(b []byte) []byte { b[20] = b[20]&^7 | 2; return b }, "variant 1 begins a block"},
		{"pvar header", ".pgen", ".pvar", func(b []byte) []byte { return []byte(strings.Replace(string(b), "REF", "R", 1)) }, "no column REF"},
		{"psam header", ".pgen", ".psam", func(b []byte) []byte { return []byte(strings.Replace(string(b), "#FID", "#ID", 1)) }, `"#ID"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := map[string][]byte{}
			for k, v := range files {
				m[k] = append([]byte(nil), v...)
			}
			if c.with == nil {
				delete(m, c.change)
			} else {
				m[c.change] = c.with(m[c.change])
			}
			f, err := put(t, c.main, m)
			if err == nil {
				for _, err = range f.Blocks(t.Context(), 0, -1, 10) {
				}
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error is %v, want one line with %q", err, c.want)
			}
		})
	}
	if _, err := Open(t.Context(), "x.ped", Options{}); err == nil || !strings.Contains(err.Error(), "x.ped: unknown kind") {
		t.Errorf("error is %v", err)
	}
}
