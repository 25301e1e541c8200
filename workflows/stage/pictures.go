package stage

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/gx-genomics/gx/internal/nn"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/source"
	"github.com/gx-genomics/gx/io/weights"
	"github.com/gx-genomics/gx/variant/classify"
	"github.com/gx-genomics/gx/workflows/models"
)

// Pictures is a network of pictures alone, as gx classify asks it. It is safe for
// concurrent use.
type Pictures struct {
	Shape nn.Shape // of a picture
	MACs  int      // multiplications with a weight that a picture costs

	net *classify.Net
}

// CheckScale is the fault of the name of a scale.
func CheckScale(name string) error {
	if scales[name] == nil {
		return fmt.Errorf("scale %q: want centred, (x-128)/128, keras, x/127.5-1, or share, x/255", name)
	}
	return nil
}

// openPictures reads a network that looks at pictures only.
func openPictures(ctx context.Context, s object.Store, name, scale string) (*Pictures, error) {
	data, err := object.ReadAll(ctx, s, name, maxModel)
	if err != nil {
		return nil, err
	}
	if _, err := models.Parse(name, data); err == nil {
		return nil, source.At(name, fmt.Errorf("the model looks at features of reads, which files of examples do not hold; call with gx call --model %s, or classify with a network of pictures alone (ONNX)", name))
	}
	return ParsePictures(name, data, scale)
}

// ParsePictures makes a network of the bytes of its file, ONNX or safetensors.
func ParsePictures(name string, data []byte, scale string) (*Pictures, error) {
	if err := CheckScale(scale); err != nil {
		return nil, err
	}
	n, err := weights.Open(name, data)
	if err != nil {
		return nil, err
	}
	p := &Pictures{}
	if p.net, err = classify.NewNet(strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)), n, scales[scale]); err != nil {
		return nil, source.At(name, err)
	}
	if size, features := p.net.Looks(); features || size == 0 {
		return nil, source.At(name, errors.New("the network looks at features, which files of examples do not hold: want one of pictures alone"))
	}
	p.Shape = n.Inputs[0]
	p.MACs, err = n.MACs()
	return p, source.At(name, err)
}

// Probabilities puts into dst those of no, one and two copies of n pictures,
// which lie one after the other, rounded to ten decimals. Where the network
// gives none for a picture, it is an error that tells its number, from 0.
func (p *Pictures) Probabilities(dst [][classify.Copies]float64, images []byte, n int) (bad int, err error) {
	raw := make([]float32, n*classify.Copies)
	if err := p.net.Pictures(raw, images, n); err != nil {
		return 0, err
	}
	for i := range n {
		x := raw[i*classify.Copies : (i+1)*classify.Copies]
		rounded, ok := roundedProbabilities(x)
		if !ok {
			return i, fmt.Errorf("the network gives probabilities %v, which do not sum to 1", x)
		}
		copy(dst[i][:], rounded)
	}
	return 0, nil
}
