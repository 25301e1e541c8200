package serve

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// The datatypes of the protocol that models here take and give.
const (
	uint8Type   = "UINT8"
	int64Type   = "INT64"
	float32Type = "FP32"
	float64Type = "FP64"
	bytesType   = "BYTES"
)

// Tensor is an input or output as the protocol tells of it. The first number of
// its shape is -1: the rows.
type Tensor struct {
	Name     string `json:"name"`
	Datatype string `json:"datatype"`
	Shape    []int  `json:"shape"`

	optional bool
}

// row is the number of values of a row.
func (t *Tensor) row() int {
	n := 1
	for _, k := range t.Shape[1:] {
		n *= k
	}
	return n
}

// width is the bytes of a value of an input.
func (t *Tensor) width() int {
	switch t.Datatype {
	case uint8Type:
		return 1
	case float32Type:
		return 4
	}
	return 8
}

// values are those of an input, in the field of its datatype.
type values struct {
	u8  []byte
	i64 []int64
	f32 []float32
	f64 []float64
}

// fromBinary reads n values, little endian. Bytes are taken as they are, not
// copied.
func (t *Tensor) fromBinary(b []byte, n int) (v values, err error) {
	if len(b) != n*t.width() {
		return v, fmt.Errorf("%d bytes, want %d: %d values of %s", len(b), n*t.width(), n, t.Datatype)
	}
	switch t.Datatype {
	case uint8Type:
		v.u8 = b
	case int64Type:
		v.i64 = make([]int64, n)
		for i := range v.i64 {
			v.i64[i] = int64(binary.LittleEndian.Uint64(b[8*i:]))
		}
	case float32Type:
		v.f32 = make([]float32, n)
		for i := range v.f32 {
			v.f32[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
	case float64Type:
		v.f64 = make([]float64, n)
		for i := range v.f64 {
			v.f64[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
		}
	}
	return v, v.finite()
}

func (v *values) finite() error {
	for i, x := range v.f32 {
		if x-x != 0 {
			return fmt.Errorf("value %d is %v, want a finite number", i, x)
		}
	}
	for i, x := range v.f64 {
		if x-x != 0 {
			return fmt.Errorf("value %d is %v, want a finite number", i, x)
		}
	}
	return nil
}

// fromJSON reads n values of an array, flat or in arrays by row. text is JSON
// that was found to be well formed.
func (t *Tensor) fromJSON(text []byte, n int) (v values, err error) {
	if len(text) < n { // each has a digit: no array is made for what is not there
		return v, fmt.Errorf("data of %d bytes, want %d values", len(text), n)
	}
	switch t.Datatype {
	case uint8Type:
		v.u8, err = numbers(text, n, len(t.Shape), func(s []byte) (byte, error) {
			x := 0
			for i, c := range s {
				if c < '0' || c > '9' || i > 2 {
					x = 256
					break
				}
				x = 10*x + int(c-'0')
			}
			if x > 255 {
				return 0, errors.New("want a whole number from 0 to 255")
			}
			return byte(x), nil
		})
	case int64Type:
		v.i64, err = numbers(text, n, len(t.Shape), func(s []byte) (int64, error) {
			x, err := strconv.ParseInt(string(s), 10, 64)
			return x, wanted(err, "a whole number of 64 bits")
		})
	case float32Type:
		v.f32, err = numbers(text, n, len(t.Shape), func(s []byte) (float32, error) {
			x, err := strconv.ParseFloat(string(s), 32)
			return float32(x), wanted(err, "a number that fits 32 bits")
		})
	case float64Type:
		v.f64, err = numbers(text, n, len(t.Shape), func(s []byte) (float64, error) {
			x, err := strconv.ParseFloat(string(s), 64)
			return x, wanted(err, "a number that fits 64 bits")
		})
	}
	return v, err
}

func wanted(err error, what string) error {
	if err != nil {
		return fmt.Errorf("want %s", what)
	}
	return nil
}

// numbers reads n numbers out of arrays that lie at most depth deep in each
// other.
func numbers[T any](text []byte, n, depth int, parse func([]byte) (T, error)) ([]T, error) {
	out := make([]T, 0, n)
	level := 0
	for i := 0; i < len(text); {
		switch c := text[i]; c {
		case ' ', '\t', '\n', '\r', ',':
			i++
		case '[':
			if level++; level > depth {
				return nil, fmt.Errorf("arrays %d deep, want at most %d", level, depth)
			}
			i++
		case ']':
			level--
			i++
		default:
			end := i
			for end < len(text) && number(text[end]) {
				end++
			}
			if end == i || level < 1 {
				return nil, fmt.Errorf("value %d begins with %q, want numbers in an array", len(out), c)
			}
			if len(out) == n {
				return nil, fmt.Errorf("more than the %d values of the shape", n)
			}
			x, err := parse(text[i:end])
			if err != nil {
				return nil, fmt.Errorf("value %d is %.40s, %w", len(out), text[i:end], err)
			}
			out = append(out, x)
			i = end
		}
	}
	if len(out) != n {
		return nil, fmt.Errorf("%d values, want the %d of the shape", len(out), n)
	}
	return out, nil
}

func number(c byte) bool {
	return c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
}
