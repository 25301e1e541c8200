//go:build verify

package weights

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/gx-genomics/gx/internal/kern"
	"github.com/gx-genomics/gx/internal/nn"
	"github.com/gx-genomics/gx/internal/verify"
)

// TestVerifyONNXRuntime compares InceptionV3- and MobileNetV2-shaped networks with
// ONNX Runtime, side by side on one core: results within 1e-5, speeds printed.
// It needs a Python with onnx, onnxruntime and safetensors, which GX_PYTHON
// names.
func TestVerifyONNXRuntime(t *testing.T) {
	python := os.Getenv("GX_PYTHON")
	if python == "" {
		t.Fatal("GX_PYTHON names no Python with onnx, onnxruntime and safetensors (from PyPI)")
	}
	dir := t.TempDir()
	out, err := exec.CommandContext(t.Context(), python, "testdata/peers.py", dir).CombinedOutput()
	if err != nil {
		t.Fatalf("peers.py: %v\n%s", err, out)
	}
	var figures []verify.Figure
	for _, name := range []string{"inception_v3", "mobilenet_v2"} {
		t.Run(name, func(t *testing.T) { figures = append(figures, comparePeer(t, filepath.Join(dir, name), name)...) })
	}
	if err := verify.Write("../..", verify.ONNX, figures); err != nil {
		t.Fatal(err)
	}
}

// comparePeer gives the largest difference with every kernel, and the ratio of
// speeds with the fastest.
func comparePeer(t *testing.T, path, name string) (figures []verify.Figure) {
	t.Helper()
	data, err := os.ReadFile(path + ".onnx")
	if err != nil {
		t.Fatal(err)
	}
	n, err := ParseONNX(path, data)
	if err != nil {
		t.Fatal(err)
	}
	tensors := map[string][]float32{}
	stored, err := os.ReadFile(path + ".safetensors")
	if err != nil {
		t.Fatal(err)
	}
	f, err := Parse(path, stored)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range f.Tensors {
		if tensors[x.Name], err = x.Floats(); err != nil {
			t.Fatal(err)
		}
	}
	want := tensors["output"]
	images := len(want) / 3
	for _, k := range kern.Available()[1:] {
		p, err := nn.NewPredictor(n, k)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]float32, len(want))
		p.Predict(got, [][]float32{tensors["input"]}, images)
		worst := 0.0
		for i := range got {
			worst = max(worst, math.Abs(float64(got[i]-want[i])))
		}
		if worst > 1e-5 {
			t.Errorf("%s: probabilities differ by %v, want 1e-5", p.Name(), worst)
		}
		rate := 0.0
		for range 5 {
			start, n := cpuTime(), 0
			for cpuTime()-start < 400*time.Millisecond {
				p.Predict(got, [][]float32{tensors["input"]}, images)
				n += images
			}
			rate = max(rate, float64(n)/(cpuTime()-start).Seconds())
		}
		peer := float64(tensors["images_per_second"][0])
		t.Logf("%s: %.1f images/s, ONNX Runtime %.1f, ratio %.2f, largest difference %.1e", p.Name(), rate, peer, rate/peer, worst)
		figures = append(figures, verify.Figure{Name: name + ", " + p.Name() + ": largest difference of a probability", Value: worst, Unit: "", Bar: 1e-5, Most: true})
		if k == kern.Active() {
			figures = append(figures, verify.Figure{Name: name + ", " + p.Name() + ": images per CPU second over ONNX Runtime's", Value: rate / peer, Unit: "", Bar: 0.7})
		}
	}
	return figures
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
