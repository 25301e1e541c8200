package serve

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// FuzzDecode: any body and header give a question whose inputs have the sizes
// that its rows want, or an error in the protocol's terms; an answer to it can
// be written.
func FuzzDecode(f *testing.F) {
	m := &Model{Name: "m", Inputs: []Tensor{
		{Name: inputFeatures, Datatype: float32Type, Shape: []int{-1, 2}}, {Name: inputImage, Datatype: uint8Type, Shape: []int{-1, 2, 1, 2}},
		{Name: inputCounts, Datatype: float64Type, Shape: []int{-1, 3}}, {Name: inputSlips, Datatype: float64Type, Shape: []int{-1, 3}, optional: true}, {Name: inputSite, Datatype: int64Type, Shape: []int{-1}, optional: true}},
		Outputs: []Tensor{{Name: outputProbabilities, Datatype: float64Type, Shape: []int{-1, 3}}, {Name: outputDecided, Datatype: bytesType, Shape: []int{-1}}}}
	text := `{"id":"a","inputs":[{"name":"features","shape":[2,2],"datatype":"FP32","data":[[1,-2.5],[3e1,4]]},{"name":"image","shape":[2,2,1,2],"datatype":"UINT8","data":[0,1,2,3,4,5,6,255]},` +
		`{"name":"counts","shape":[2,3],"datatype":"FP64","data":[1,0,0,0.25,0.25,0.5]},{"name":"site","shape":[2],"datatype":"INT64","data":[-9223372036854775808,7]},{"name":"slips","shape":[2,3],"datatype":"FP64","data":[0,0,0,0.5,0.5,0]}],"outputs":[{"name":"decided"}]}`
	binary := `{"inputs":[{"name":"features","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}},{"name":"image","shape":[1,2,1,2],"datatype":"UINT8","parameters":{"binary_data_size":4}},` +
		`{"name":"counts","shape":[1,3],"datatype":"FP64","parameters":{"binary_data_size":24}}],"parameters":{"binary_data_output":true}}`
	f.Add([]byte(text), "")
	f.Add([]byte(text), fmt.Sprint(len(text)))
	f.Add([]byte(strings.Replace(text, "[2,2]", "[9,2]", 1)), "")
	f.Add([]byte(strings.Replace(text, "3e1", "3e99", 1)), "")
	f.Add([]byte(binary+string(make([]byte, 36))), fmt.Sprint(len(binary)))
	f.Add([]byte(binary+strings.Repeat("\xff", 36)), fmt.Sprint(len(binary)))
	f.Add([]byte(`{"inputs":[{"parameters":{"binary_data_size":-1},"shape":[1,2,1,2],"name":"image","datatype":"UINT8"}]}`), "")
	f.Fuzz(func(t *testing.T, body []byte, header string) {
		q, err := decode(body, header, m, 50)
		if err != nil {
			if x, ok := err.(*fault); !ok || x.status < 400 || x.status > 499 {
				t.Fatalf("%v is no fault of the client", err)
			}
			return
		}
		if q.rows < 1 || q.rows > 50 || len(q.in[inputFeatures].f32) != 2*q.rows || len(q.in[inputImage].u8) != 4*q.rows || len(q.in[inputCounts].f64) != 3*q.rows {
			t.Fatalf("%d rows: %v", q.rows, q.in)
		}
		a := &answer{p: make([][3]float64, q.rows), decided: make([]string, q.rows)}
		for i := range a.p {
			a.p[i] = [3]float64{math.Nextafter(1, 0), 5e-324, 0}
		}
		b, n, err := q.encode(m, a)
		if err != nil || n > len(b) || len(b) == 0 {
			t.Fatal(n, err)
		}
	})
}
