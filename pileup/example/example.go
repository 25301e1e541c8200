// Package example is the noun that passes from drawing to classifying: one
// picture of the reads at a candidate, with the candidate. Its text on files is
// a tf.Example inside a TFRecord, as DeepVariant reads and writes it, and the
// messages of DeepVariant and nucleus that lie in it and beside it. They are
// read and written field by field here, with no generated code: the numbers of
// the fields are those of DeepVariant's public .proto files (1.5 and 1.9).
//
// Every decoder takes any bytes: it gives an error, never panics, and allocates
// no more than a small multiple of its input. Every encoder writes fields in
// the order of their numbers and maps in the order of their keys, so equal
// values give equal bytes.
package example

import (
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/gx-genomics/gx/variant"
)

// The classes of a site in an example's variant_type.
const (
	TypeUnknown = 0
	TypeSNP     = 1 // the reference and all alternate alleles have one base
	TypeIndel   = 2 // any other
)

// Example is the picture of the reads at a candidate, for one set of its
// alternate alleles.
type Example struct {
	Image      []byte // rows x columns x channels, the channels of a pixel together
	Shape      [3]int // rows, columns, channels
	Variant    []byte // a Variant message; labelled examples carry the true genotype
	AltIndices []int  // the alternate alleles taken together as the alt, ascending
	Type       int    // TypeUnknown, TypeSNP or TypeIndel
	Locus      string // contig:first-last, 1-based
	Sequencing int    // 0 not told, 1 WGS, 2 WES, 3 trio

	HasLabel  bool
	Label     int // copies of the alt in truth, or a class; counts where HasLabel
	HasDenovo bool
	Denovo    int // counts where HasDenovo
}

// TypeOf is the variant_type of a site.
func TypeOf(v *variant.Variant) int {
	if len(v.Ref) != 1 || slices.ContainsFunc(v.Alts, func(a string) bool { return len(a) != 1 }) {
		return TypeIndel
	}
	return TypeSNP
}

// New is the example of a picture of the reads at a site: v is the site as
// FromSite or a labeler makes it, alts are indices into its alternate alleles.
// The image is used, not copied.
func New(v *Variant, alts []int, image []byte, shape [3]int) *Example {
	site := variant.Variant{Ref: v.Ref, Alts: v.Alts}
	return &Example{Image: image, Shape: shape, Variant: v.Append(nil), AltIndices: alts, Type: TypeOf(&site), Locus: v.Locus()}
}

// The keys of a tf.Example, in byte order, which is the order of writing.
const (
	keyAlts       = "alt_allele_indices/encoded"
	keyDenovo     = "denovo_label"
	keyImage      = "image/encoded"
	keyShape      = "image/shape"
	keyLabel      = "label"
	keyLocus      = "locus"
	keySequencing = "sequencing_type"
	keyVariant    = "variant/encoded"
	keyType       = "variant_type"
)

// maxSide bounds each number of a shape, so that their product fits.
const maxSide = 1 << 20

// Decode reads a tf.Example. Image and Variant belong to b. Keys that are not
// known are left out; the image, its shape, the variant and the alt indices
// must be there and fit each other.
func (e *Example) Decode(b []byte) error {
	*e = Example{}
	var shape, alts []int
	seen := map[string]bool{}
	err := eachField(b, func(f field) error {
		if f.num != 1 {
			return nil
		}
		return f.message(func(b []byte) error {
			return eachField(b, func(f field) error {
				if f.num != 1 {
					return nil
				}
				key, value, err := f.entry()
				if err != nil {
					return err
				}
				if err := e.feature(key, value, &shape, &alts, seen); err != nil {
					return fmt.Errorf("key %.40q: %w", key, err)
				}
				return nil
			})
		})
	})
	if err == nil {
		err = e.complete(shape, seen)
	}
	if err != nil {
		return fmt.Errorf("tf.Example: %w", err)
	}
	e.AltIndices = alts
	return nil
}

func (e *Example) feature(key string, value []byte, shape, alts *[]int, seen map[string]bool) (err error) {
	var text []byte
	switch key {
	case keyAlts:
		if text, err = oneOfBytes(value); err == nil {
			*alts, err = decodeIndices(text)
		}
	case keyDenovo:
		e.HasDenovo = true
		e.Denovo, err = oneWhole(value)
	case keyImage:
		e.Image, err = oneOfBytes(value)
	case keyShape:
		*shape, err = decodeWholes(value)
	case keyLabel:
		e.HasLabel = true
		e.Label, err = oneWhole(value)
	case keyLocus:
		text, err = oneOfBytes(value)
		e.Locus = string(text)
	case keySequencing:
		e.Sequencing, err = oneWhole(value)
	case keyVariant:
		e.Variant, err = oneOfBytes(value)
	case keyType:
		e.Type, err = oneWhole(value)
	default:
		return nil
	}
	seen[key] = true
	return err
}

// complete checks that what an example needs is there, and sets its shape.
func (e *Example) complete(shape []int, seen map[string]bool) error {
	for _, key := range []string{keyImage, keyShape, keyVariant, keyAlts} {
		if !seen[key] {
			return fmt.Errorf("key %q is missing", key)
		}
	}
	if len(shape) != 3 {
		return fmt.Errorf("key %q has %d numbers, want rows, columns and channels", keyShape, len(shape))
	}
	size := 1
	for i, n := range shape {
		if n < 1 || n > maxSide {
			return fmt.Errorf("key %q is %v, want three numbers of 1 to %d", keyShape, shape, maxSide)
		}
		e.Shape[i] = n
		size *= n
	}
	if len(e.Image) != size {
		return fmt.Errorf("key %q has %d bytes, want %d for the shape %v", keyImage, len(e.Image), size, e.Shape)
	}
	return nil
}

// Append appends the tf.Example; the same value gives the same bytes.
func (e *Example) Append(b []byte) []byte {
	return appendMessage(b, 1, func(b []byte) []byte {
		b = appendBytesFeature(b, keyAlts, AppendIndices(nil, e.AltIndices))
		if e.HasDenovo {
			b = appendWholesFeature(b, keyDenovo, e.Denovo)
		}
		b = appendBytesFeature(b, keyImage, e.Image)
		b = appendWholesFeature(b, keyShape, e.Shape[:]...)
		if e.HasLabel {
			b = appendWholesFeature(b, keyLabel, e.Label)
		}
		b = appendBytesFeature(b, keyLocus, []byte(e.Locus))
		b = appendWholesFeature(b, keySequencing, e.Sequencing)
		b = appendBytesFeature(b, keyVariant, e.Variant)
		return appendWholesFeature(b, keyType, e.Type)
	})
}

// oneOfBytes gives the one value of a Feature that is a BytesList.
func oneOfBytes(feature []byte) (value []byte, err error) {
	n := 0
	err = eachField(feature, func(f field) error {
		if f.num != 1 {
			return errKind
		}
		return f.message(func(b []byte) error {
			return eachField(b, func(f field) error {
				if f.num != 1 {
					return nil
				}
				n, value = n+1, f.data
				return f.want(protowire.BytesType)
			})
		})
	})
	if err == nil && n != 1 {
		return nil, fmt.Errorf("%d values, want one", n)
	}
	return value, err
}

// decodeWholes gives the values of a Feature that is an Int64List.
func decodeWholes(feature []byte) (all []int, err error) {
	err = eachField(feature, func(f field) error {
		if f.num != 3 {
			return errKind
		}
		return f.message(func(b []byte) error {
			return eachField(b, func(f field) error {
				if f.num != 1 {
					return nil
				}
				return f.wholes(&all)
			})
		})
	})
	return all, err
}

func oneWhole(feature []byte) (int, error) {
	all, err := decodeWholes(feature)
	if err != nil {
		return 0, err
	}
	if len(all) != 1 {
		return 0, errors.New("want one value")
	}
	return all[0], nil
}

func appendBytesFeature(b []byte, key string, value []byte) []byte {
	return appendEntry(b, 1, key, func(b []byte) []byte {
		return appendMessage(b, 2, func(b []byte) []byte {
			return appendMessage(b, 1, func(b []byte) []byte {
				return protowire.AppendBytes(protowire.AppendTag(b, 1, protowire.BytesType), value)
			})
		})
	})
}

func appendWholesFeature(b []byte, key string, values ...int) []byte {
	return appendEntry(b, 1, key, func(b []byte) []byte {
		return appendMessage(b, 2, func(b []byte) []byte {
			return appendMessage(b, 3, func(b []byte) []byte { return appendWholes(b, 1, values) })
		})
	})
}
