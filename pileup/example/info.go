package example

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Shape says what the examples of a file look like: the example_info.json that
// DeepVariant keeps beside examples and beside a model.
type ShapeInfo struct {
	Version  string // of the writer
	Shape    [3]int // rows, columns, channels
	Channels []int  // DeepVariant's channel numbers, in the order of drawing
}

// InfoSuffix is what follows the path of an examples file to name its
// ShapeInfo.
const InfoSuffix = ".example_info.json"

// ParseShapeInfo reads an example_info.json. The channels may be absent, as
// beside old models, but if there they must be as many as the shape says.
func ParseShapeInfo(b []byte) (*ShapeInfo, error) {
	var raw struct {
		Version  string `json:"version"`
		Shape    []int  `json:"shape"`
		Channels []int  `json:"channels"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return nil, fmt.Errorf("example_info.json: %w", err)
	}
	if len(raw.Shape) != 3 {
		return nil, fmt.Errorf("example_info.json: shape has %d numbers, want rows, columns and channels", len(raw.Shape))
	}
	info := &ShapeInfo{Version: raw.Version, Shape: [3]int(raw.Shape), Channels: raw.Channels}
	for _, n := range raw.Shape {
		if n < 1 || n > maxSide {
			return nil, fmt.Errorf("example_info.json: shape is %v, want three numbers of 1 to %d", raw.Shape, maxSide)
		}
	}
	if raw.Channels != nil && len(raw.Channels) != raw.Shape[2] {
		return nil, fmt.Errorf("example_info.json: %d channels, want %d for the shape %v", len(raw.Channels), raw.Shape[2], raw.Shape)
	}
	return info, nil
}

// Append appends the text as DeepVariant writes it: one line without an end.
func (i *ShapeInfo) Append(b []byte) []byte {
	version, err := json.Marshal(i.Version)
	if err != nil { // no string makes Marshal fail
		version = []byte(`""`)
	}
	b = append(b, `{"version": `...)
	b = append(b, version...)
	b = append(b, `, "shape": `...)
	b = appendNumbers(b, i.Shape[:])
	b = append(b, `, "channels": `...)
	b = appendNumbers(b, i.Channels)
	return append(b, '}')
}

func appendNumbers(b []byte, all []int) []byte {
	b = append(b, '[')
	for i, n := range all {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return append(b, ']')
}
