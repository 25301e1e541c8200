package serve

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/classify"
	"github.com/gx-genomics/gx/workflows/models"
	"github.com/gx-genomics/gx/workflows/stage"
)

// Names of tensors.
const (
	inputImage    = "image"    // pictures, rows x columns x channels, the channels of a pixel together
	inputFeatures = "features" // as classify.Featurer makes them
	inputCounts   = "counts"   // what the counts model says
	inputSlips    = "slips"    // what classify.Slips says, zeros where that is nothing
	inputSite     = "site"     // rows with one number are the alt sets of one site

	outputProbabilities = "probabilities" // of no, one and two copies of the alt set
	outputDecided       = "decided"       // which part of the model decided
)

// Model is what is served. It is safe for concurrent use.
type Model struct {
	Name     string
	Version  string // digest of its file
	Platform string
	Inputs   []Tensor
	Outputs  []Tensor

	pictures *stage.Pictures
	cascade  classify.Classifier // of sites; nil for a network of pictures alone
	image    int                 // bytes of a picture
}

// maxModel bounds the file of a model.
const maxModel = 1 << 28

var goodName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)

// Open reads a model: one that is part of the program by its name, a file that
// gx train wrote, or a network of pictures as gx classify takes it, whose bytes
// become numbers as scale says. It is served under name; empty for that of its
// file.
func Open(ctx context.Context, s object.Store, file, name, scale string) (*Model, error) {
	if file == stage.ModelCounts {
		return nil, fmt.Errorf("model %s looks at reads one by one, which no request holds; want one of %s, or a file", file, strings.Join(models.Names(), ", "))
	}
	data, ok := models.Embedded(file)
	if !ok {
		var err error
		if data, err = object.ReadAll(ctx, s, file, maxModel); err != nil {
			return nil, err
		}
	}
	if name == "" {
		name = strings.TrimSuffix(path.Base(file), path.Ext(file))
	}
	if !goodName.MatchString(name) {
		return nil, fmt.Errorf("%s: model name %q: want letters, digits, . _ and -; give it one by --name", file, name)
	}
	sum := sha256.Sum256(data)
	m := &Model{Name: name, Version: hex.EncodeToString(sum[:8])}
	if own, err := models.Parse(file, data); err == nil {
		return m, m.sites(own)
	}
	p, err := stage.ParsePictures(file, data, scale)
	if err != nil {
		return nil, err
	}
	m.pictures, m.image = p, p.Shape.Len()
	m.Platform = "gx_" + strings.TrimPrefix(path.Ext(file), ".")
	m.Inputs = []Tensor{{Name: inputImage, Datatype: uint8Type, Shape: []int{-1, p.Shape.H, p.Shape.W, p.Shape.C}}}
	m.Outputs = []Tensor{{Name: outputProbabilities, Datatype: float64Type, Shape: []int{-1, classify.Copies}}}
	return m, nil
}

// sites makes a model of gx's own ready.
func (m *Model) sites(own *classify.Model) error {
	c, err := own.Classifier()
	m.cascade, m.Platform = c, "gx_model"
	m.image = own.Height * own.Width * len(own.Channels)
	m.Inputs = []Tensor{
		{Name: inputFeatures, Datatype: float32Type, Shape: []int{-1, classify.Features}},
		{Name: inputImage, Datatype: uint8Type, Shape: []int{-1, own.Height, own.Width, len(own.Channels)}},
		{Name: inputCounts, Datatype: float64Type, Shape: []int{-1, classify.Copies}},
		{Name: inputSlips, Datatype: float64Type, Shape: []int{-1, classify.Copies}, optional: true},
		{Name: inputSite, Datatype: int64Type, Shape: []int{-1}, optional: true},
	}
	m.Outputs = []Tensor{
		{Name: outputProbabilities, Datatype: float64Type, Shape: []int{-1, classify.Copies}},
		{Name: outputDecided, Datatype: bytesType, Shape: []int{-1}},
	}
	return err
}

// begin makes the units of a question, each of which is asked about by itself: a
// picture, or a site with its alt sets.
func (m *Model) begin(ctx context.Context, q *question) (*call, error) {
	c := &call{ctx: ctx, q: q, a: &answer{p: make([][3]float64, q.rows)}, units: q.rows, done: make(chan struct{})}
	if m.cascade == nil {
		return c, nil
	}
	c.a.decided = make([]string, q.rows)
	c.first = []int{0}
	seen := map[int64]bool{}
	site := q.in[inputSite].i64
	for from := 0; from < q.rows; {
		to := from + 1
		if site != nil {
			if seen[site[from]] {
				return nil, bad("input %s: the rows of site %d do not lie together: row %d", inputSite, site[from], from)
			}
			seen[site[from]] = true
			for to < q.rows && site[to] == site[from] {
				to++
			}
		}
		e, err := m.site(q, from, to)
		if err != nil {
			return nil, err
		}
		c.sites, c.first = append(c.sites, e), append(c.first, to)
		from = to
	}
	c.units = len(c.sites)
	return c, nil
}

// site makes a site of rows.
func (m *Model) site(q *question, from, to int) (*classify.Evidence, error) {
	if classify.Alleles(to-from) == 0 {
		return nil, bad("input %s: rows %d to %d are one site, but %d are not its alt sets: 1, 3, 6, 10 .. for 1, 2, 3, 4 .. alternate alleles", inputSite, from, to-1, to-from)
	}
	s := &classify.Summed{Features: q.in[inputFeatures].f32[from*classify.Features : to*classify.Features]}
	slips := q.in[inputSlips].f64
	if slips != nil && !slices.ContainsFunc(slips[from*classify.Copies:to*classify.Copies], func(x float64) bool { return x != 0 }) {
		slips = nil
	}
	for i := from; i < to; i++ {
		p, err := probabilities(inputCounts, q.in[inputCounts].f64, i)
		if err != nil {
			return nil, err
		}
		s.Counts = append(s.Counts, p)
		if slips == nil {
			continue
		}
		if p, err = probabilities(inputSlips, slips, i); err != nil {
			return nil, err
		}
		s.Slips = append(s.Slips, p)
	}
	images := q.in[inputImage].u8
	return s.Evidence(fmt.Sprintf("row %d", from), func(dst []byte, k int) ([]byte, error) {
		return append(dst, images[(from+k)*m.image:(from+k+1)*m.image]...), nil
	}), nil
}

// probabilities are those of a row of an input.
func probabilities(name string, values []float64, row int) (p [classify.Copies]float64, err error) {
	copy(p[:], values[row*classify.Copies:])
	if !(min(p[0], p[1], p[2]) >= 0 && math.Abs(p[0]+p[1]+p[2]-1) <= 1e-6) {
		return p, bad("input %s: row %d is %v, want probabilities that sum to 1", name, row, p)
	}
	return p, nil
}

// run asks the network about the units of a batch.
func (m *Model) run(batch []piece, s *scratch) {
	if m.cascade != nil {
		for _, p := range batch {
			p.call.finish(p, m.runSites(p))
		}
		return
	}
	if len(batch) == 0 {
		return
	}
	s.images, s.p = s.images[:0], s.p[:0]
	for _, p := range batch {
		s.images = append(s.images, p.call.q.in[inputImage].u8[p.from*m.image:p.to*m.image]...)
		s.p = append(s.p, p.call.a.p[p.from:p.to]...)
	}
	_, err := m.pictures.Probabilities(s.p, s.images, len(s.p))
	if err != nil && len(batch) > 1 { // whose picture it is, each tells by itself
		for i := range batch {
			m.run(batch[i:i+1], s)
		}
		return
	}
	done := s.p
	for _, p := range batch {
		done = done[copy(p.call.a.p[p.from:p.to], done):]
		p.call.finish(p, err)
	}
}

// scratch is the memory of a goroutine that runs batches.
type scratch struct {
	images []byte
	p      [][classify.Copies]float64
}

func (m *Model) runSites(p piece) error {
	c := p.call
	err := m.cascade.Classify(c.ctx, c.sites[p.from:p.to], func(i int, sets []variant.Likelihoods) error {
		for k, l := range sets {
			row := c.first[p.from+i] + k
			if x := l.P[0] + l.P[1] + l.P[2]; !(math.Abs(x-1) <= 1e-3) {
				return fmt.Errorf("row %d: the model gives probabilities %v, which do not sum to 1", row, l.P)
			}
			c.a.p[row], c.a.decided[row] = l.P, l.Model
		}
		return nil
	})
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return errLate
	}
	return err
}
