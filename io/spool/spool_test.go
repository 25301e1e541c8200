package spool

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

func file(t testing.TB, n int) ([]byte, [][]float32, [][]byte) {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, Shape{3, 8, 10})
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	var features [][]float32
	var images [][]byte
	for i := range n {
		x, img := []float32{rng.Float32(), rng.Float32(), -1}, make([]byte, 80)
		for k := range img[:rng.IntN(9)*10] {
			img[k] = byte(rng.IntN(3))
		}
		if err := w.Write(uint64(i)*7, x, img); err != nil {
			t.Fatal(err)
		}
		features, images = append(features, x), append(images, img)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), features, images
}

func TestRoundTrip(t *testing.T) {
	b, features, images := file(t, 50)
	f, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil || len(f.Entries) != 50 {
		t.Fatal(err)
	}
	var s Scratch
	x, img := make([]float32, 3), make([]byte, 80)
	for i := range f.Entries {
		k := (i * 17) % 50
		if err := f.Read(k, x, img, &s); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(x, features[k]) || !bytes.Equal(img, images[k]) || f.Entries[k].Tag != uint64(k)*7 {
			t.Fatalf("record %d is not what was written", k)
		}
	}
}

// Any byte that is not as written is found out, and so is an end cut off.
func TestDamage(t *testing.T) {
	b, _, _ := file(t, 5)
	read := func(b []byte) error {
		f, err := Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return err
		}
		var s Scratch
		for i := range f.Entries {
			if err := f.Read(i, make([]float32, f.Shape.Features), make([]byte, f.Shape.Rows*f.Shape.Row), &s); err != nil {
				return err
			}
		}
		if f.Shape != (Shape{3, 8, 10}) || len(f.Entries) != 5 {
			return ErrDamaged
		}
		return nil
	}
	for i := len(magic); i < len(b); i++ {
		c := slices.Clone(b)
		c[i] ^= 0x10
		if err := read(c); !errors.Is(err, ErrDamaged) {
			t.Errorf("byte %d of %d changed: %v", i, len(b), err)
		}
	}
	for n := range b {
		if err := read(b[:n]); err == nil {
			t.Errorf("cut off at %d: no error", n)
		}
	}
}

func FuzzOpen(f *testing.F) {
	b, _, _ := file(f, 3)
	f.Add(b)
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		var s Scratch
		for i := range x.Entries {
			if x.Shape.Rows*x.Shape.Row > 1<<20 {
				return
			}
			if err := x.Read(i, make([]float32, x.Shape.Features), make([]byte, x.Shape.Rows*x.Shape.Row), &s); err != nil {
				return
			}
		}
	})
}
