package bgzf

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/flate"
)

// deflated compresses by the library at a level.
func deflated(t testing.TB, data []byte, level int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// shapes is data of the kinds that meet different codes: none, runs, few and
// many symbols, skewed ones (codes up to 15 bits), long and near matches.
func shapes() map[string][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	random := make([]byte, 60000)
	skewed := make([]byte, 65000)
	letters := make([]byte, 65280)
	for i := range random {
		random[i] = byte(r.Uint32())
	}
	for i := range skewed {
		skewed[i] = byte(min(r.ExpFloat64()*6, 255)) * byte(r.IntN(8)/7*31+1)
	}
	for i := range letters {
		letters[i] = "ACGT"[r.IntN(4)]
	}
	var matches []byte
	for len(matches) < 60000 {
		if n := len(matches); n > 300 && r.IntN(3) > 0 {
			from, k := r.IntN(n), r.IntN(300)
			for i := range k {
				matches = append(matches, matches[from+i])
			}
			continue
		}
		matches = append(matches, byte(r.Uint32()))
	}
	return map[string][]byte{
		"nothing": {}, "one": []byte("a"), "eight": []byte("abcdefgh"), "run": bytes.Repeat([]byte{7}, 65536),
		"pair": bytes.Repeat([]byte("ab"), 30000), "random": random, "skewed": skewed, "letters": letters, "matches": matches,
	}
}

func TestInflateGivesWhatWasDeflated(t *testing.T) {
	var f inflater
	dst := make([]byte, MaxBlock+slack)
	for name, data := range shapes() {
		for level := -2; level <= 9; level++ {
			n, err := f.inflate(dst, len(data), deflated(t, data, level))
			if err != nil || !bytes.Equal(dst[:n], data) {
				t.Errorf("%s at level %d: %d bytes, %v; want %d", name, level, n, err, len(data))
			}
		}
	}
}

// fenced is room for size bytes and slack, with a fence behind it that check
// finds broken if anything was written there.
func fenced(room []byte, size int) (dst []byte, check func() bool) {
	fence := room[size+slack : size+slack+64]
	for i := range fence {
		fence[i] = 0xee
	}
	return room, func() bool { return len(bytes.Trim(fence, "\xee")) == 0 }
}

// TestInflateEveryCut checks that each part of a stream is an error, and that
// nothing is written behind the slack.
func TestInflateEveryCut(t *testing.T) {
	var f inflater
	room := make([]byte, MaxBlock+slack+64)
	for name, data := range shapes() {
		data = data[:min(len(data), 700)]
		z := deflated(t, data, 6)
		for i := range z {
			dst, whole := fenced(room, len(data))
			if n, err := f.inflate(dst, len(data), z[:i]); err == nil || !whole() {
				t.Errorf("%s: the first %d of %d bytes gave %d bytes and no error", name, i, len(z), n)
			}
		}
		for size := range data {
			dst, whole := fenced(room, size)
			if n, err := f.inflate(dst, size, z); err == nil || !whole() {
				t.Errorf("%s: room for %d of %d bytes gave %d and no error", name, size, len(data), n)
			}
		}
	}
}

// FuzzInflate compares with the library: the same bytes or both an error.
func FuzzInflate(f *testing.F) {
	for _, data := range shapes() {
		data = data[:min(len(data), 3000)]
		f.Add(deflated(f, data, 6))
		f.Add(deflated(f, data, -2))
	}
	f.Add([]byte{0x4b, 0x04, 0x00})
	var z inflater
	room := make([]byte, MaxBlock+slack+64)
	f.Fuzz(func(t *testing.T, src []byte) {
		want, wantErr := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(src)), MaxBlock+1))
		size := min(len(want), MaxBlock)
		dst, whole := fenced(room, size)
		n, err := z.inflate(dst, size, src)
		if !whole() {
			t.Fatalf("%d bytes of room: written behind the slack", size)
		}
		if wantErr == nil && len(want) <= MaxBlock && (err != nil || !bytes.Equal(dst[:n], want)) {
			t.Fatalf("%d bytes, %v; want %d bytes", n, err, len(want))
		}
		if wantErr != nil && err == nil {
			t.Fatalf("%d bytes and no error; want %v", n, wantErr)
		}
	})
}

func BenchmarkInflate(b *testing.B) {
	for _, name := range []string{"letters", "skewed", "matches"} {
		data := shapes()[name]
		z := deflated(b, data, 6)
		dst := make([]byte, MaxBlock+slack)
		b.Run(name+"/own", func(b *testing.B) {
			var f inflater
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := f.inflate(dst, len(data), z); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/klauspost", func(b *testing.B) {
			src := bytes.NewReader(z)
			f := flate.NewReader(src)
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				src.Reset(z)
				if err := f.(flate.Resetter).Reset(src, nil); err != nil {
					b.Fatal(err)
				}
				if _, err := io.ReadFull(f, dst[:len(data)]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
