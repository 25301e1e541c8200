package nn_test

import (
	"fmt"

	"github.com/gx-genomics/gx/internal/kern"
	"github.com/gx-genomics/gx/internal/nn"
)

// A network with one hidden layer learns the exclusive or of two bits.
func Example() {
	var b nn.Builder
	x := b.Input(nn.Shape{H: 1, W: 1, C: 2})
	b.Sigmoid(b.Dense(b.ReLU(b.Dense(x, 8)), 1))
	net, err := b.Network(1)
	if err != nil {
		fmt.Println(err)
		return
	}
	t, err := nn.NewTrainer(net, nn.TrainOptions{Threads: 1, Batch: 4, Adam: nn.DefaultAdam, Schedule: nn.Constant(0.03)})
	if err != nil {
		fmt.Println(err)
		return
	}
	bits := []float32{0, 0, 0, 1, 1, 0, 1, 1}
	for range 300 {
		t.Step(&nn.Batch{N: 4, Inputs: []nn.Input{{F32: bits}}, Target: []float32{0, 1, 1, 0}})
	}
	p, err := nn.NewPredictor(t.Network(), kern.Active())
	if err != nil {
		fmt.Println(err)
		return
	}
	y := make([]float32, 4)
	p.Predict(y, [][]float32{bits}, 4)
	fmt.Printf("%.1f\n", y)
	// Output: [0.0 1.0 1.0 0.0]
}
