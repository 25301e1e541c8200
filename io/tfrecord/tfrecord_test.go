package tfrecord

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/source"
)

func write(t testing.TB, o Options, records ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// readAll copies the records of a file, and the error that ended it.
func readAll(file []byte) ([][]byte, error) {
	r, err := NewReader(bytes.NewReader(file), "x.tfrecord")
	if err != nil {
		return nil, err
	}
	var all [][]byte
	for b, err := range r.All() {
		if err != nil {
			return all, err
		}
		all = append(all, bytes.Clone(b))
	}
	return all, r.Close()
}

func TestRoundTrip(t *testing.T) {
	sizes := []int{0, 1, 3, 65536, 0x8b1f, 0x088b1f, 3<<20 + 5}
	if testing.Short() {
		sizes = sizes[:6]
	}
	for _, gz := range []bool{false, true} {
		for _, first := range sizes {
			records := [][]byte{bytes.Repeat([]byte{7}, first), []byte("second"), {}}
			file := write(t, Options{Gzip: gz, Level: 1}, records...)
			again, err := readAll(file)
			if err != nil || len(again) != len(records) {
				t.Fatalf("gzip %v, first record of %d bytes: %d records, %v", gz, first, len(again), err)
			}
			for i := range records {
				if !bytes.Equal(again[i], records[i]) {
					t.Errorf("gzip %v, record %d differs", gz, i)
				}
			}
		}
	}
	if _, err := NewWriter(io.Discard, Options{Gzip: true, Level: 10}); err == nil {
		t.Error("level 10 was taken")
	}
}

func TestDamage(t *testing.T) {
	good := write(t, Options{}, []byte("first"), []byte("the second record"))
	huge := make([]byte, 12)
	binary.LittleEndian.PutUint64(huge, 1<<60)
	binary.LittleEndian.PutUint32(huge[8:], masked(huge[:8]))
	large := make([]byte, 12) // says 200 MB and has nothing
	binary.LittleEndian.PutUint64(large, 200<<20)
	binary.LittleEndian.PutUint32(large[8:], masked(large[:8]))
	flip := func(i int) []byte {
		b := bytes.Clone(good)
		b[i] ^= 4
		return b
	}
	zipped := write(t, Options{Gzip: true}, bytes.Repeat([]byte("xyz"), 1000))
	for _, k := range []struct {
		name string
		file []byte
		want string
	}{
		{"cut in a length", good[:25], "x.tfrecord@21: record 2: length: the file ends here, it is cut short"},
		{"cut in data", good[:len(good)-6], "x.tfrecord@21: record 2: data of 17 bytes: the file ends here"},
		{"length changed", flip(21), "x.tfrecord@21: record 2: length has checksum"},
		{"data changed", flip(35), "x.tfrecord@21: record 2: data of 17 bytes have checksum"},
		{"checksum changed", flip(len(good) - 1), "record 2: data of 17 bytes have checksum"},
		{"huge length", huge, "record 1: 1152921504606846976 bytes of data, want at most"},
		{"large length", large, "record 1: data of 209715200 bytes: the file ends here"},
		{"gzip cut", zipped[:len(zipped)-12], "record 1: data of 3000 bytes: the file ends here"},
		{"gzip header cut", zipped[:5], "x.tfrecord: gzip header: the file ends here"},
		{"text", []byte("#CHROM\tPOS\tID\n"), "record 1: length has checksum"},
	} {
		t.Run(k.name, func(t *testing.T) {
			_, err := readAll(k.file)
			var where *source.Error
			if !errors.As(err, &where) || !strings.Contains(err.Error(), k.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want %q", err, k.want)
			}
		})
	}
}

// TestErrorStays: a Reader that met damage does not go on behind it.
func TestErrorStays(t *testing.T) {
	file := write(t, Options{}, []byte("one"), []byte("two"))
	file[12] ^= 1
	r, err := NewReader(bytes.NewReader(file), "-")
	if err != nil {
		t.Fatal(err)
	}
	_, first := r.Read()
	_, second := r.Read()
	if first == nil || first != second {
		t.Errorf("%v, then %v", first, second)
	}
}

func TestLargeLengthTakesNoMemory(t *testing.T) {
	head := make([]byte, 12, 12+100)
	binary.LittleEndian.PutUint64(head, 200<<20)
	binary.LittleEndian.PutUint32(head[8:], masked(head[:8]))
	r, err := NewReader(bytes.NewReader(head[:112]), "-")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(); err == nil || cap(r.buf) > 2<<20 {
		t.Errorf("%v, and a buffer of %d bytes", err, cap(r.buf))
	}
}

// TestGolden counts the records of DeepVariant's own files, zipped, plain and
// empty, and writes one again to the same bytes.
func TestGolden(t *testing.T) {
	for name, want := range map[string]int{
		"testdata/golden.calling_examples.tfrecord.gz":                             84,
		"testdata/golden.calling_examples.tfrecord.gz-00002-of-00003":              30,
		"testdata/golden.calling_examples_empty.tfrecord.gz":                       0,
		"testdata/golden.postprocess_empty_input-00000-of-00001.tfrecord.gz":       0,
		"testdata_v1.5/golden.calling_candidates.tfrecord.gz":                      78,
		"testdata_v1.5/golden.postprocess_gvcf_input.tfrecord.gz-00000-of-00003":   -1,
		"testdata_v1.5/golden.postprocess_single_site_input.tfrecord.gz":           84,
		"testdata/golden.vcf_candidate_importer.training_examples.tfrecord.gz":     223,
		"testdata/golden.alt_aligned_pileup_diff_channels_examples.tfrecord.gz":    49,
		"testdata/golden.postprocess_single_site_input-00000-of-00001.tfrecord.gz": 84,
	} {
		t.Run(name, func(t *testing.T) {
			file, err := os.ReadFile(shared.Path(t, "deepvariant/"+name))
			if err != nil {
				t.Fatal(err)
			}
			records, err := readAll(file)
			if err != nil {
				t.Fatal(err)
			}
			if want < 0 { // a plain file: its records written again are its bytes
				if again := write(t, Options{}, records...); !bytes.Equal(again, file) || len(records) == 0 {
					t.Errorf("%d records written again differ from the file", len(records))
				}
			} else if len(records) != want {
				t.Errorf("%d records, want %d", len(records), want)
			}
		})
	}
}

func TestNames(t *testing.T) {
	for _, k := range []struct {
		text, third, other string
		n                  int
	}{
		{"e@64.tfrecord.gz", "e-00003-of-00064.tfrecord.gz", "e.tfrecord.gz-00003-of-00064", 64},
		{"d@x/e.tfrecord.gz@4", "d@x/e.tfrecord.gz-00003-of-00004", "d@x/e.tfrecord.gz-00003-of-00004", 4},
		{"e@1000000", "e-0000003-of-1000000", "e-0000003-of-1000000", 1000000},
		{"plain.tfrecord.gz", "plain.tfrecord.gz", "plain.tfrecord.gz", 1},
		{"a@b", "a@b", "a@b", 1},
		{"a@5b", "a@5b", "a@5b", 1},
		{"dir@3/e", "dir@3/e", "dir@3/e", 1},
	} {
		n, err := ParseName(k.text)
		if err != nil || n.Len() != k.n || n.Path(3) != k.third || n.Other(3) != k.other || n.String() != k.text {
			t.Errorf("%s: %+v %v: %s, %s", k.text, n, err, n.Path(3), n.Other(3))
		}
		if n.Shards == 0 {
			continue
		}
		if again, i, ok := ParsePath(n.Path(3)); !ok || i != 3 || again != n {
			t.Errorf("%s read as %+v, %d, %v", n.Path(3), again, i, ok)
		}
	}
	for _, bad := range []string{"", "e@0", "e@99999999999999999999", "e@2000000.gz", "@3", "d/@3.gz"} {
		if n, err := ParseName(bad); err == nil {
			t.Errorf("%q gave %+v", bad, n)
		}
	}
	for _, bad := range []string{"e", "e-00003-of-00003", "e-003-of-004", "e-00001-of-000003", "e-00001-of-00003x", "d-00001-of-00003/e", "-00001-of-00003"} {
		if n, i, ok := ParsePath(bad); ok {
			t.Errorf("%q gave %+v, %d", bad, n, i)
		}
	}
}

func TestPaths(t *testing.T) {
	there := map[string]bool{"e-00000-of-00002.gz": true, "e.gz-00001-of-00002": true}
	exists := func(p string) (bool, error) { return there[p], nil }
	n := Name{Base: "e", Shards: 2, Suffix: ".gz"}
	paths, err := n.Paths(exists)
	if err != nil || strings.Join(paths, " ") != "e-00000-of-00002.gz e.gz-00001-of-00002" {
		t.Errorf("%v, %v", paths, err)
	}
	delete(there, "e.gz-00001-of-00002")
	if _, err := n.Paths(exists); err == nil || !strings.Contains(err.Error(), "file 2 of 2 is missing: e-00001-of-00002.gz") {
		t.Errorf("%v", err)
	}
	broken := errors.New("no permission")
	if _, err := n.Paths(func(string) (bool, error) { return false, broken }); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

func TestGzipped(t *testing.T) {
	for path, want := range map[string]bool{
		"e.tfrecord.gz": true, "e.tfrecord.gz-00000-of-00003": true, "e-00000-of-00003.gz": true,
		"e.tfrecord": false, "e.tfrecord-00000-of-00003": false, "e.gz-1-of-3": false,
	} {
		if Gzipped(path) != want {
			t.Errorf("%s: %v", path, !want)
		}
	}
}

func FuzzRead(f *testing.F) {
	plain := write(f, Options{}, []byte("first"), nil, []byte("the third"))
	f.Add(plain)
	f.Add(plain[:len(plain)-3])
	f.Add(write(f, Options{Gzip: true}, []byte("first"), bytes.Repeat([]byte("x"), 2000)))
	f.Add([]byte{0x1f, 0x8b, 8})
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) > 1<<12 { // a gzip bomb costs time, not memory
			return
		}
		records, err := readAll(file)
		if err != nil {
			return
		}
		again, err := readAll(write(t, Options{}, records...))
		if err != nil || !slices.EqualFunc(again, records, bytes.Equal) {
			t.Fatalf("%d records written and read again: %d, %v", len(records), len(again), err)
		}
	})
}

func FuzzParseName(f *testing.F) {
	f.Add("e@64.tfrecord.gz")
	f.Add("d/e-00001-of-00003.gz")
	f.Fuzz(func(t *testing.T, s string) {
		if n, i, ok := ParsePath(s); ok && n.Path(i) != s {
			t.Fatalf("%q read as %+v, %d", s, n, i)
		}
		n, err := ParseName(s)
		if err != nil {
			return
		}
		if again, err := ParseName(n.String()); err != nil || again.Len() != n.Len() || again.Path(0) != n.Path(0) {
			t.Fatalf("%q read as %+v, then as %+v, %v", s, n, again, err)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	record := make([]byte, 154_700)
	file := write(b, Options{}, bytes.Split(bytes.Repeat(append(record, 1), 20), []byte{1})...)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		r, err := NewReader(bytes.NewReader(file), "-")
		if err != nil {
			b.Fatal(err)
		}
		for _, err := range r.All() {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}
