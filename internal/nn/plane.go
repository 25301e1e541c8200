package nn

// plane is one image, or the rows of a batch of vectors, in a larger buffer:
// channel c of pixel (y, x) is data[off + y*pitch + x*stride + c]. Pixels just
// outside are there where the buffer has a border, and are zero.
type plane struct {
	data          []float32
	off           int
	pitch, stride int
	h, w          int
}

func (p plane) at(y, x int) int { return p.off + y*p.pitch + x*p.stride }

// row gives the pixels of a row from x on.
func (p plane) row(y, x int) []float32 { return p.data[p.at(y, x):] }

// border is how many rows or columns of zeros lie around an image.
type border struct{ top, left, bottom, right int }

func (b border) union(o border) border {
	return border{max(b.top, o.top), max(b.left, o.left), max(b.bottom, o.bottom), max(b.right, o.right)}
}

// storage is the memory of one value for n samples. Concatenated values share
// one: each has its own channels of every pixel.
type storage struct {
	shape  Shape // with the channels of one pixel in the buffer
	border border
	first  int // channel of the buffer where the value begins
	data   []float32
}

// slack is what a tile may read behind the last channel it needs: the columns of
// its last vector. It belongs to the sample, so that no shard reads the memory
// of another.
const slack = 16

func (s *storage) pitch() int { return (s.shape.W + s.border.left + s.border.right) * s.shape.C }

// size is the distance from sample to sample.
func (s *storage) size() int {
	n := padTo((s.shape.H+s.border.top+s.border.bottom)*s.pitch(), slack)
	if s.shape.spatial() {
		n += slack // a window of several pixels may end at the last one
	}
	return n
}

// allocate makes memory for n samples; those that are there stay.
func (s *storage) allocate(n int) {
	old := s.data
	s.data = make([]float32, n*s.size())
	copy(s.data, old)
}

// image is sample i.
func (s *storage) image(i int) plane {
	return plane{data: s.data[i*s.size():], off: s.border.top*s.pitch() + s.border.left*s.shape.C + s.first,
		pitch: s.pitch(), stride: s.shape.C, h: s.shape.H, w: s.shape.W}
}

// rows are samples from..to of a vector as one row of pixels.
func (s *storage) rows(from, to int) plane {
	return plane{data: s.data[from*s.size():], off: s.first, pitch: (to - from) * s.size(), stride: s.size(), h: 1, w: to - from}
}

// load copies a sample in HWC order to p.
func (p plane) load(src []float32, c int) {
	for y := range p.h {
		if p.stride == c {
			copy(p.row(y, 0)[:p.w*c], src[y*p.w*c:])
			continue
		}
		for x := range p.w {
			copy(p.row(y, x)[:c], src[(y*p.w+x)*c:])
		}
	}
}

// save copies p to dst in HWC order.
func (p plane) save(dst []float32, c int) {
	for y := range p.h {
		for x := range p.w {
			copy(dst[(y*p.w+x)*c:(y*p.w+x+1)*c], p.row(y, x))
		}
	}
}
