package serve

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gx-genomics/gx/internal/nn"
	"github.com/gx-genomics/gx/io/weights"
	"github.com/gx-genomics/gx/workflows/stage"
)

// cpu is the time that the process has computed.
func cpu(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

// BenchmarkServe compares what pictures of 100x221x7 and a network of 56 million
// multiplications cost in process and over HTTP, client included, per second of
// CPU.
func BenchmarkServe(b *testing.B) {
	var net nn.Builder
	x := net.Input(nn.Shape{H: 100, W: 221, C: channels})
	for _, l := range [][5]int{{32, 5, 5, 2, 3}, {48, 3, 3, 2, 2}, {64, 3, 3, 2, 2}, {96, 3, 3, 2, 2}, {128, 3, 3, 1, 1}, {192, 3, 3, 2, 2}} {
		x = net.ReLU(net.Conv(x, l[0], l[1], l[2], l[3], l[4], [4]int{1, 1, 1, 1}))
	}
	s, err := net.SizeOf(x)
	if err != nil {
		b.Fatal(err)
	}
	net.Softmax(net.Dense(net.GlobalPool(x, s.H, s.W), 3))
	n, err := net.Network(1)
	if err != nil {
		b.Fatal(err)
	}
	f, err := weights.FromNetwork(n, nil)
	if err != nil {
		b.Fatal(err)
	}
	var file bytes.Buffer
	if err := f.Write(&file); err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "net.safetensors")
	write(b, path, file.Bytes())
	m := opened(b, path, stage.DefaultScale)
	const count = 96
	rng := rand.New(rand.NewPCG(1, 2))
	images := make([]byte, count*m.image)
	for i := range images {
		images[i] = byte(rng.Uint32())
	}
	b.Run("in process", func(b *testing.B) {
		p := make([][3]float64, 24)
		begin, done := cpu(b), 0
		for b.Loop() {
			for i := 0; i < count; i += 24 {
				if _, err := m.pictures.Probabilities(p, images[i*m.image:], 24); err != nil {
					b.Fatal(err)
				}
				done += 24
			}
		}
		b.ReportMetric(float64(done)/(cpu(b)-begin), "images/cpu-s")
	})
	for _, k := range []struct {
		each   int
		binary bool
	}{{24, true}, {1, true}, {24, false}} {
		b.Run(fmt.Sprintf("HTTP, %d a request, binary %v", k.each, k.binary), func(b *testing.B) {
			_, h := serving(b, m, func(o *Options) { o.Threads = 2 })
			var bodies [][]byte
			header := ""
			for i := 0; i < count; i += k.each {
				var text []byte
				in := tensor{inputImage, uint8Type, []int{k.each, 100, 221, channels}, images[i*m.image : (i+k.each)*m.image]}
				text, header = body(b, "", k.binary, k.binary, in)
				bodies = append(bodies, text)
			}
			begin, requests := cpu(b), 0
			for b.Loop() {
				var clients sync.WaitGroup
				for c := range 4 {
					clients.Go(func() {
						for i := c; i < len(bodies); i += 4 {
							if a, err := tryAsk(h.URL, m.Name, bodies[i], header); err != nil || a.status != 200 {
								b.Error(a, err)
							}
						}
					})
				}
				clients.Wait()
				requests += len(bodies)
			}
			spent := cpu(b) - begin
			b.ReportMetric(float64(requests*k.each)/spent, "images/cpu-s")
			b.ReportMetric(float64(requests)/spent, "requests/cpu-s")
		})
	}
}
