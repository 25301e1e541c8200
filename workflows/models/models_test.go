package models

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/nn"
	"github.com/gx-genomics/gx/io/weights"
	"github.com/gx-genomics/gx/variant/classify"
	"github.com/gx-genomics/gx/variant/train"
)

// model is a model with random weights, and its file.
func model(t testing.TB) (*classify.Model, []byte) {
	t.Helper()
	s := train.Shape{Height: 48, Width: 49, Channels: 2}
	n, err := train.NewNetworks(s, 4)
	if err != nil {
		t.Fatal(err)
	}
	q, err := nn.Quantise(n.Then, nn.Samples{N: 2, Read: func(i int, in [][]float32) {
		for k := range in[0] {
			in[0][k] = float32((k*7+i)%255) / 255
		}
	}}, 1e-4)
	if err != nil {
		t.Fatal(err)
	}
	m := &classify.Model{Name: "made", Height: s.Height, Width: s.Width, Channels: []int{1, 3}, First: n.First, Then: q, SNP: 25, Indel: 31,
		Calibration: classify.Calibration{First: [2]float64{1, 1.1}, Then: [2]float64{0.9, 1.2}}, Blend: [3]float64{0.2, 0.4, 0.4}, Slips: 0.3}
	var b bytes.Buffer
	if err := Write(&b, m, n, map[string]string{"made": "here"}); err != nil {
		t.Fatal(err)
	}
	return m, b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	m, b := model(t)
	got, err := Parse("m", b)
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != m.Name || got.SNP != m.SNP || got.Indel != m.Indel || got.Calibration != m.Calibration || got.Blend != m.Blend || got.Slips != m.Slips || got.Height != 48 || got.Channels[1] != 3 {
		t.Errorf("%+v", got)
	}
	floats, card, err := ParseFloats("m", b)
	if err != nil || string(card.Recipe) != `{"made":"here"}` {
		t.Fatalf("%+v, %v", card, err)
	}
	var again bytes.Buffer
	if err := Write(&again, got, floats, map[string]string{"made": "here"}); err != nil || !bytes.Equal(again.Bytes(), b) {
		t.Errorf("what is read and written is another file (%v)", err)
	}
}

// A model written without its weights in floats runs, but no training begins with
// it.
func TestFrozen(t *testing.T) {
	m, whole := model(t)
	var b bytes.Buffer
	if err := Write(&b, m, train.Networks{}, "recipe"); err != nil {
		t.Fatal(err)
	}
	if 3*b.Len() > 2*len(whole) {
		t.Errorf("%d bytes, with floats %d", b.Len(), len(whole))
	}
	got, err := Parse("m", b.Bytes())
	if err != nil || got.Blend != m.Blend {
		t.Errorf("%+v, %v", got, err)
	}
	if _, _, err := ParseFloats("x.safetensors", b.Bytes()); err == nil || !strings.Contains(err.Error(), "x.safetensors: no weights in floats") {
		t.Errorf("%v: no word of floats", err)
	}
}

// A file that is not whole, or of another program, is refused with its name.
func TestParseRefuses(t *testing.T) {
	_, good := model(t)
	change := func(edit func(*weights.File)) []byte {
		f, err := weights.Parse("m", good)
		if err != nil {
			t.Fatal(err)
		}
		edit(f)
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	card := func(from, to string) []byte {
		return change(func(f *weights.File) { f.Metadata[keyModel] = strings.Replace(f.Metadata[keyModel], from, to, 1) })
	}
	for _, k := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "0 bytes"},
		{"cut off", good[:len(good)-9], "x.safetensors"},
		{"no model", change(func(f *weights.File) { delete(f.Metadata, keyModel) }), "no model of gx"},
		{"features", card(`"features":"`+classify.FeatureVersion+`"`, `"features":"1"`), "features of version"},
		{"name", card(`"name":"made"`, `"name":"m:d"`), "cannot stand in a VCF"},
		{"temperature", card(`"First":[1`, `"First":[0`), "temperature 0"},
		{"threshold", card(`"snp":25`, `"snp":-25`), "settled -25"},
		{"blend", card(`"blend":[0.2`, `"blend":[0.3`), "sum to 1.1"},
		{"slips", card(`"slips":0.3`, `"slips":1`), "weight 1 of slips"},
		{"pictures", card(`"height":48`, `"height":52`), "inputs of the network"},
		{"no part", change(func(f *weights.File) { delete(f.Metadata, "then.gx.kind") }), "kind"},
		{"no tensor", change(func(f *weights.File) { f.Tensors = f.Tensors[1:] }), "layer.0"},
	} {
		t.Run(k.name, func(t *testing.T) {
			_, err := Parse("x.safetensors", k.data)
			if err == nil || !strings.Contains(err.Error(), k.want) || !strings.Contains(err.Error(), "x.safetensors") {
				t.Errorf("%v: want x.safetensors and %q", err, k.want)
			}
		})
	}
}

// What is part of the program can be used.
func TestEmbedded(t *testing.T) {
	for _, name := range Names() {
		b, ok := Embedded(name)
		if !ok {
			t.Fatalf("no model %s", name)
		}
		if len(b) > 2<<20 {
			t.Errorf("%s has %d bytes, more than 2 MB", name, len(b))
		}
		m, err := Parse(name, b)
		if err != nil {
			t.Fatal(err)
		}
		if m.Name != name {
			t.Errorf("model %s is called %s", name, m.Name)
		}
		if _, _, err := ParseFloats(name, b); err != nil && name == WGS { // which training begins with
			t.Error(err)
		}
	}
	if _, ok := Embedded("none"); ok {
		t.Error("there is a model none")
	}
}

func FuzzParse(f *testing.F) {
	_, good := model(f)
	f.Add(good)
	f.Add(good[:2000])
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse("x", b)
		if err == nil {
			_, err = m.Classifier()
		}
		_ = err // any error will do
	})
}
