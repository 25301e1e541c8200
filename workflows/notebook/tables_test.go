package notebook

import (
	"math"
	"testing"
)

// What Python's format gives: for x, k in ...: print(f"{x:.{k}g}", f"{x:.{k}f}").
func TestNumbers(t *testing.T) {
	for _, k := range []struct {
		x            float64
		digits       int
		short, fixed string
	}{
		{0.07392, 4, "0.07392", "0.0739"},
		{0.111, 4, "0.111", "0.1110"},
		{-0.10480001, 4, "-0.1048", "-0.1048"},
		{12345.678, 4, "1.235e+04", "12345.6780"},
		{1e-5, 4, "1e-05", "0.0000"},
		{1234, 4, "1234", "1234.0000"},
		{100, 2, "1e+02", "100.00"},
		{0, 4, "0", "0.0000"},
		{2.5, 1, "2", "2.5"},
		{1e100, 3, "1e+100", ""},
		{5e-8, 6, "5e-08", "0.000000"},
		{math.NaN(), 3, "NA", "NA"},
	} {
		if got := short(k.x, k.digits); got != k.short {
			t.Errorf("short(%g, %d) = %q, want %q", k.x, k.digits, got, k.short)
		}
		if got := fixed(k.x, k.digits); got != k.fixed && k.fixed != "" {
			t.Errorf("fixed(%g, %d) = %q, want %q", k.x, k.digits, got, k.fixed)
		}
	}
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -1000: "-1,000", 1234567: "1,234,567", -123: "-123", 100000: "100,000"} {
		if got := whole(n); got != want {
			t.Errorf("whole(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestTable(t *testing.T) {
	x := Table{Head: []string{"trait", "p"}}
	x.add("größe", "1e-5")
	x.add("a<b>&\"c\"", "NA")
	o := x.output()
	if want := "   trait     p\n   größe  1e-5\na<b>&\"c\"    NA"; o.Text != want {
		t.Errorf("text\n%s\nwant\n%s", o.Text, want)
	}
	if want := "<table><tr><th>trait</th><th>p</th></tr><tr><td>größe</td><td>1e-5</td></tr><tr><td>a&lt;b&gt;&amp;\"c\"</td><td>NA</td></tr></table>"; o.HTML != want {
		t.Errorf("HTML\n%s\nwant\n%s", o.HTML, want)
	}
}
