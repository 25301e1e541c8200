package example

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// PlaceOf is the place of an encoded Variant, read without decoding the rest.
// The contig belongs to b.
func PlaceOf(b []byte) (contig []byte, start, end int, err error) {
	err = eachField(b, func(f field) error {
		switch f.num {
		case 13:
			return f.whole(&end)
		case 14:
			contig = f.data
			return f.want(protowire.BytesType)
		case 16:
			return f.whole(&start)
		}
		return nil
	})
	if err != nil {
		return nil, 0, 0, fmt.Errorf("message Variant: %w", err)
	}
	return contig, start, end, nil
}

// PlaceOfCall is PlaceOf for the variant of an encoded CallVariantsOutput.
func PlaceOfCall(b []byte) (contig []byte, start, end int, err error) {
	var v []byte
	err = eachField(b, func(f field) error {
		if f.num != 1 {
			return nil
		}
		v = f.data
		return f.want(protowire.BytesType)
	})
	if err != nil {
		return nil, 0, 0, fmt.Errorf("message CallVariantsOutput: %w", err)
	}
	return PlaceOf(v)
}
