package elastic

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
)

// A message is a magic word, the length of a header and the number of vectors,
// the lengths of these, the header in JSON, the numbers of the vectors as
// float32, and the CRC-32 (Castagnoli) of all before it; all little-endian.
const (
	magic      = "gxelast1"
	foreLength = len(magic) + 8
	sumLength  = 4
	maxHeader  = 1 << 16
	maxVectors = 1 << 10
	// maxMessage is the largest message that a worker takes, in bytes: weights.
	maxMessage = 1 << 30
)

// ErrDamaged is in the chain of errors about a message that is not as it was
// sent.
var ErrDamaged = errors.New("damaged message")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// encode writes a message.
func encode(header any, vectors ...[]float32) []byte {
	text, err := json.Marshal(header)
	if err != nil {
		panic(err) // a struct of texts and whole numbers
	}
	n := foreLength + 4*len(vectors) + len(text) + sumLength
	for _, v := range vectors {
		n += 4 * len(v)
	}
	le := binary.LittleEndian
	b := append(make([]byte, 0, n), magic...)
	b = le.AppendUint32(b, uint32(len(text)))
	b = le.AppendUint32(b, uint32(len(vectors)))
	for _, v := range vectors {
		b = le.AppendUint32(b, uint32(len(v)))
	}
	b = append(b, text...)
	for _, v := range vectors {
		at := len(b)
		b = b[:at+4*len(v)]
		for i, x := range v {
			le.PutUint32(b[at+4*i:], math.Float32bits(x))
		}
	}
	return le.AppendUint32(b, checksum(b))
}

// decode reads a message. Nothing is allocated before all lengths are known to
// fit the bytes that there are.
func decode(b []byte, header any) ([][]float32, error) {
	le := binary.LittleEndian
	if len(b) < foreLength+sumLength || string(b[:len(magic)]) != magic {
		return nil, fmt.Errorf("%w: %d bytes that do not begin as one", ErrDamaged, len(b))
	}
	end := len(b) - sumLength
	if checksum(b[:end]) != le.Uint32(b[end:]) {
		return nil, fmt.Errorf("%w: its checksum is another", ErrDamaged)
	}
	head, count := int(le.Uint32(b[len(magic):])), int(le.Uint32(b[len(magic)+4:]))
	if head > maxHeader || count > maxVectors || foreLength+4*count+head > end {
		return nil, fmt.Errorf("%w: a header of %d bytes and %d vectors", ErrDamaged, head, count)
	}
	lengths := b[foreLength : foreLength+4*count]
	text := b[foreLength+4*count:][:head]
	data := b[foreLength+4*count+head : end]
	total := 0
	for i := range count {
		total += int(le.Uint32(lengths[4*i:])) // at most 1024 x 2^32
	}
	if total != len(data)/4 || len(data)%4 != 0 {
		return nil, fmt.Errorf("%w: %d numbers in %d bytes", ErrDamaged, total, len(data))
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(header); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if d.More() {
		return nil, fmt.Errorf("%w: more than a header", ErrDamaged)
	}
	numbers := make([]float32, total)
	for i := range numbers {
		numbers[i] = math.Float32frombits(le.Uint32(data[4*i:]))
	}
	vectors := make([][]float32, count)
	for i := range vectors {
		n := int(le.Uint32(lengths[4*i:]))
		vectors[i], numbers = numbers[:n:n], numbers[n:]
	}
	return vectors, nil
}

// welcome answers a worker that joins.
type welcome struct {
	Instance string `json:"instance"` // of the coordinator: another after it was started again
	Worker   int    `json:"worker"`
	Config   []byte `json:"config"`
}

// request is what a worker has done and what it knows. It asks for more.
type request struct {
	Job   int      `json:"job,omitempty"`   // whose description it has
	Step  int      `json:"step,omitempty"`  // whose weights it has
	Taken int      `json:"taken,omitempty"` // the phases of that step after which it has taken what Join gave
	Phase int      `json:"phase,omitempty"` // that it ran
	Done  []answer `json:"done,omitempty"`
	Busy  float64  `json:"busy,omitempty"` // seconds that it worked since its last request
}

// answer goes with a vector: the sums of slices First to Last, added up in
// order where they are several.
type answer struct {
	First  int    `json:"first"`
	Last   int    `json:"last"`
	Leases []int  `json:"leases"`
	Scalar uint64 `json:"scalar"` // bits of the float64 that goes with the sums
}

// reply says what a worker does next: nothing, end, or run slices up to a
// phase. Its vectors are the weights, if Weights, and what Join gave after the
// phases from From on.
type reply struct {
	Kind    string  `json:"kind"`
	Job     int     `json:"job,omitempty"`
	Config  []byte  `json:"config,omitempty"` // of the job, where the worker has another's
	Step    int     `json:"step,omitempty"`
	Number  int64   `json:"number,omitempty"`
	Weights bool    `json:"weights,omitempty"`
	From    int     `json:"from,omitempty"`
	Phase   int     `json:"phase,omitempty"`
	Adds    bool    `json:"adds,omitempty"` // the sums of the first slices may be sent added up
	Slices  []lease `json:"slices,omitempty"`
	Ready   []int   `json:"ready,omitempty"` // of these slices the sums of the phase are there
}

// lease lets a worker do a slice. Its number is another whenever the slice is
// given away anew.
type lease struct {
	Slice  int `json:"slice"`
	Number int `json:"number"`
}

const (
	kindWait = "wait"
	kindRun  = "run"
	kindEnd  = "end"
)
