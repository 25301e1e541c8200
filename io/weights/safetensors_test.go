package weights

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"strings"
	"testing"
)

// raw is a file of a header and data.
func raw(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func TestParse(t *testing.T) {
	// Written by the safetensors package of Python 0.8.0:
	// save({"b": np.int8([[1,-2]]), "a": np.float32([0.5])}, metadata={"k": "v"})
	foreign := "\xa0\x00\x00\x00\x00\x00\x00\x00" + `{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"I8","shape":[1,2],"data_offsets":[4,6]}}` +
		strings.Repeat(" ", 27) + "\x00\x00\x00\x3f\x01\xfe"
	f, err := Parse("a.safetensors", []byte(foreign))
	if err != nil {
		t.Fatal(err)
	}
	a, err := f.Tensors[0].Floats()
	if err != nil || len(a) != 1 || a[0] != 0.5 {
		t.Errorf("a is %v, %v", a, err)
	}
	b, err := f.Tensors[1].Int8s()
	if err != nil || !reflect.DeepEqual(b, []int8{1, -2}) || f.Metadata["k"] != "v" {
		t.Errorf("b is %v, %v, metadata %v", b, err, f.Metadata)
	}
	if _, err := f.Tensors[1].Floats(); err == nil {
		t.Error("bytes were read as floats")
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"short", "8 bytes", []byte("abc")},
		{"header longer than the file", "header of", raw("{}", 0)[:9]},
		{"header of 2^63", "header of", append(bytes.Repeat([]byte{255}, 8), "{}"...)},
		{"no object", "not a JSON object", raw("[]", 0)},
		{"text behind", "behind", raw("{}x", 0)},
		{"key twice", "twice", raw(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`, 0)},
		{"unknown type", "dtype", raw(`{"a":{"dtype":"F7","shape":[1],"data_offsets":[0,1]}}`, 1)},
		{"unknown field", "unknown field", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1}}`, 1)},
		{"no shape", "want dtype", raw(`{"a":{"dtype":"U8","data_offsets":[0,1]}}`, 1)},
		{"outside", "outside", raw(`{"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}`, 1)},
		{"backwards", "outside", raw(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[1,0]}}`, 1)},
		{"size", "want 8", raw(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 4)},
		{"overflow", "out of bounds", raw(`{"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,4]}}`, 4)},
		{"overlap", "begins at byte 1", raw(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, 3)},
		{"gap", "begins at byte 2", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}`, 3)},
		{"data behind", "fill 1", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 2)},
		{"metadata of numbers", "not a string", raw(`{"__metadata__":{"a":1}}`, 0)},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("x.safetensors", c.file)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "x.safetensors: ") {
				t.Errorf("error %v, want one of %q", err, c.want)
			}
		})
	}
}

// FuzzParse: what is accepted is written and read again alike.
func FuzzParse(f *testing.F) {
	f.Add(raw("{}", 0))
	f.Add(raw(`{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"b":{"dtype":"I8","shape":[],"data_offsets":[8,9]}}`, 9))
	f.Add(raw(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, 3))
	f.Fuzz(func(t *testing.T, data []byte) {
		x, err := Parse("f", data)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := x.Write(&b); err != nil {
			t.Fatal(err)
		}
		y, err := Parse("f", b.Bytes())
		if err != nil {
			t.Fatalf("%q is not read again: %v", b.Bytes(), err)
		}
		if len(x.Metadata) != len(y.Metadata) || len(x.Tensors) != len(y.Tensors) {
			t.Fatalf("%q changes", data)
		}
		for i := range x.Tensors {
			if !reflect.DeepEqual(x.Tensors[i], y.Tensors[i]) {
				t.Fatalf("tensor %d changes: %v, %v", i, x.Tensors[i], y.Tensors[i])
			}
		}
	})
}
