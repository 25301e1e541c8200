package metrics

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestWriter(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b)
	w.Family("gx_x_total", Counter, "a\nb\\c")
	w.Sample("gx_x_total", 3, Label{"code", "200"}, Label{"name", "a\"b\\c\nd\xff"})
	w.Family("gx_y", Gauge, "y")
	w.Sample("gx_y", -0.25)
	h := NewHistogram(0.1, 1)
	for _, x := range []float64{0.05, 0.1, 0.5, 7} {
		h.Observe(x)
	}
	h.Write(w, "gx_seconds", "s")
	want := `# HELP gx_x_total a\nb\\c
# TYPE gx_x_total counter
gx_x_total{code="200",name="a\"b\\c\nd` + "\uFFFD" + `"} 3
# HELP gx_y y
# TYPE gx_y gauge
gx_y -0.25
# HELP gx_seconds s
# TYPE gx_seconds histogram
gx_seconds_bucket{le="0.1"} 2
gx_seconds_bucket{le="1"} 3
gx_seconds_bucket{le="+Inf"} 4
gx_seconds_sum 7.65
gx_seconds_count 4
`
	if b.String() != want || w.Err() != nil {
		t.Errorf("%s, want\n%s (%v)", &b, want, w.Err())
	}
	got, err := Read(b.String())
	if err != nil || got["gx_y"] != -0.25 || got[`gx_seconds_bucket{le="1"}`] != 3 {
		t.Errorf("%v, %v", got, err)
	}
}

type fails struct{}

func (fails) Write([]byte) (int, error) { return 0, errors.New("gone") }

func TestWriterError(t *testing.T) {
	w := NewWriter(fails{})
	w.Family("a", Gauge, "a")
	w.Sample("a", 1)
	if w.Err() == nil {
		t.Error("no error")
	}
}

func TestReadRefuses(t *testing.T) {
	head := "# HELP a x\n# TYPE a counter\n"
	for _, text := range []string{
		"a 1\n", head + "a 1", head + "a 1\na 2\n", head + "a -1\n", head + "b 1\n", head + "a one\n", head + head,
		"# TYPE a counter\n# HELP a x\n", "# HELP a x\n# TYPE a thing\n", head + "a{x=\"\n\"} 1\n", head + "\n",
		"# HELP a x\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
		"# HELP a x\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 2\n",
	} {
		if got, err := Read(text); err == nil {
			t.Errorf("%s gives %v", strings.ReplaceAll(text, "\n", " / "), got)
		}
	}
}
