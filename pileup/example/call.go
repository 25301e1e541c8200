package example

import "fmt"

// CallVariantsOutput is what a classifier says of one example.
type CallVariantsOutput struct {
	Variant       *Variant  // nil where the message has none
	AltIndices    []int     // into Variant.Alts, ascending
	Probabilities []float64 // of no, one and two copies of the alt
	Debug         *DebugInfo
}

// DebugInfo is what DeepVariant adds on request.
type DebugInfo struct {
	PredictedLabel                   int
	HasInsertion, HasDeletion, IsSNP bool
	TrueLabel                        int
	Logits, Prelogits                []float64
	Image                            []byte // DeepVariant 1.9
}

// DecodeCall reads a CallVariantsOutput message.
func DecodeCall(b []byte) (*CallVariantsOutput, error) {
	c := new(CallVariantsOutput)
	err := eachField(b, func(f field) error {
		switch f.num {
		case 1:
			c.Variant = new(Variant)
			return f.message(c.Variant.decode)
		case 2:
			return f.message(func(b []byte) (err error) {
				c.AltIndices, err = decodeIndices(b)
				return err
			})
		case 3:
			return f.doubles(&c.Probabilities)
		case 4:
			c.Debug = new(DebugInfo)
			return f.message(c.Debug.decode)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("message CallVariantsOutput: %w", err)
	}
	return c, nil
}

// Append appends the message; the same value gives the same bytes.
func (c *CallVariantsOutput) Append(b []byte) []byte {
	if c.Variant != nil {
		b = appendMessage(b, 1, c.Variant.Append)
	}
	b = appendMessage(b, 2, func(b []byte) []byte { return AppendIndices(b, c.AltIndices) })
	b = appendDoubles(b, 3, c.Probabilities)
	if c.Debug != nil {
		b = appendMessage(b, 4, c.Debug.append)
	}
	return b
}

// AppendCall appends a CallVariantsOutput whose variant is a message already,
// copied as it is.
func AppendCall(b, encodedVariant []byte, altIndices []int, probabilities []float64) []byte {
	b = appendMessage(b, 1, func(b []byte) []byte { return append(b, encodedVariant...) })
	b = appendMessage(b, 2, func(b []byte) []byte { return AppendIndices(b, altIndices) })
	return appendDoubles(b, 3, probabilities)
}

func (d *DebugInfo) decode(b []byte) error {
	return eachField(b, func(f field) error {
		switch f.num {
		case 1:
			return f.whole(&d.PredictedLabel)
		case 2:
			return f.boolean(&d.HasInsertion)
		case 3:
			return f.boolean(&d.HasDeletion)
		case 4:
			return f.boolean(&d.IsSNP)
		case 5:
			return f.whole(&d.TrueLabel)
		case 6:
			return f.doubles(&d.Logits)
		case 7:
			return f.doubles(&d.Prelogits)
		case 8:
			return f.message(func(b []byte) error {
				d.Image = append([]byte(nil), b...)
				return nil
			})
		}
		return nil
	})
}

func (d *DebugInfo) append(b []byte) []byte {
	b = appendWhole(b, 1, d.PredictedLabel)
	b = appendBool(b, 2, d.HasInsertion)
	b = appendBool(b, 3, d.HasDeletion)
	b = appendBool(b, 4, d.IsSNP)
	b = appendWhole(b, 5, d.TrueLabel)
	b = appendDoubles(b, 6, d.Logits)
	b = appendDoubles(b, 7, d.Prelogits)
	return appendText(b, 8, string(d.Image))
}

// decodeIndices reads an AltAlleleIndices message.
func decodeIndices(b []byte) ([]int, error) {
	var all []int
	err := eachField(b, func(f field) error {
		if f.num == 1 {
			return f.wholes(&all)
		}
		return nil
	})
	return all, err
}

// AppendIndices appends an AltAlleleIndices message.
func AppendIndices(b []byte, indices []int) []byte { return appendWholes(b, 1, indices) }
