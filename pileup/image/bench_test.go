package image_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"

	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/align"
)

// manyReads is n reads of 150 bases on random letters, most of them near
// position 1000, some with an insertion or a deletion, and the letters.
func manyReads(n int) ([]align.Read, count.Window) {
	rng := rand.New(rand.NewPCG(1, 2))
	ref := make([]byte, 2000)
	for i := range ref {
		ref[i] = "ACGT"[rng.IntN(4)]
	}
	reads := make([]align.Read, n)
	for i := range reads {
		r := &reads[i]
		r.Name = fmt.Sprintf("read%d", i)
		r.Start = 860 + 140*i/n
		r.MapQ = 60
		r.TemplateLen = 300 + rng.IntN(200)
		if rng.IntN(2) == 0 {
			r.Flag |= align.Reverse
		}
		switch rng.IntN(8) {
		case 0:
			r.Cigar = align.Cigar{align.MakeOp(align.M, 70), align.MakeOp(align.I, 2), align.MakeOp(align.M, 78)}
		case 1:
			r.Cigar = align.Cigar{align.MakeOp(align.M, 70), align.MakeOp(align.D, 3), align.MakeOp(align.M, 80)}
		default:
			r.Cigar = align.Cigar{align.MakeOp(align.M, 150)}
		}
		r.Bases = bytes.Clone(ref[r.Start : r.Start+150])
		r.Quals = make([]byte, 150)
		for k := range r.Quals {
			r.Quals[k] = byte(20 + rng.IntN(21))
			if rng.IntN(100) == 0 {
				r.Bases[k] = "ACGT"[rng.IntN(4)]
			}
		}
	}
	return reads, count.Window{Bases: ref}
}

func snp(pos int, ref count.Window, supporters ...int32) *candidate.Candidate {
	c := &candidate.Candidate{Site: variant.Site{Variant: variant.Variant{Contig: "1", Start: pos, End: pos + 1, Ref: string(ref.Bases[pos : pos+1]), Alts: []string{"N"}}}}
	c.Support = make([][]candidate.Support, 1)
	for _, r := range supporters {
		c.Support[0] = append(c.Support[0], candidate.Support{Read: r})
	}
	return c
}

// cpu is the CPU seconds of the process so far.
func cpu() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// BenchmarkDraw: 45 reads of 150 bases on a picture of 100 x 221 x 7.
func BenchmarkDraw(b *testing.B) {
	reads, ref := manyReads(45)
	p, err := image.NewPainter(image.Defaults(image.V19), nil)
	if err != nil {
		b.Fatal(err)
	}
	o := p.Options()
	img := make([]byte, o.Size())
	p.Region(reads, ref, nil)
	s := image.Subject{Candidate: snp(1000, ref, 1, 5, 8, 20, 30), AltSet: []int{0}}
	b.ReportAllocs()
	from := cpu()
	for b.Loop() {
		p.Draw(img, s)
	}
	b.ReportMetric(float64(b.N)/(cpu()-from), "images/CPU-s")
}

// BenchmarkDrawDeep: 400 reads at the site, of which 95 are drawn.
func BenchmarkDrawDeep(b *testing.B) {
	reads, ref := manyReads(400)
	p, err := image.NewPainter(image.Defaults(image.V19), nil)
	if err != nil {
		b.Fatal(err)
	}
	o := p.Options()
	img := make([]byte, o.Size())
	p.Region(reads, ref, nil)
	s := image.Subject{Candidate: snp(1000, ref, 1, 5, 8, 20, 30), AltSet: []int{0}}
	b.ReportAllocs()
	for b.Loop() {
		p.Draw(img, s)
	}
}

func BenchmarkRegion(b *testing.B) {
	reads, ref := manyReads(500)
	p, err := image.NewPainter(image.Defaults(image.V19), nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		p.Region(reads, ref, nil)
	}
}

func TestDrawAllocatesNothing(t *testing.T) {
	reads, ref := manyReads(200)
	for _, v := range []image.Version{image.Own, image.V15, image.V19} {
		p, err := image.NewPainter(image.Defaults(v), nil)
		if err != nil {
			t.Fatal(err)
		}
		o := p.Options()
		img := make([]byte, o.Size())
		s := image.Subject{Candidate: snp(1000, ref, 1, 5), AltSet: []int{0}}
		draw := func() {
			p.Region(reads, ref, nil)
			p.Draw(img, s)
		}
		draw()
		if n := testing.AllocsPerRun(10, draw); n > 0 {
			t.Errorf("version %d: %v allocations per picture, want 0", v, n)
		}
	}
}
