package image

// lightest is the largest value of a pixel that is scaled.
const lightest = 254

// scaled is 254 v/most for v of 0 to most, in single precision, cut towards
// zero; v above most counts as most.
func scaled(v, most int) byte {
	v = max(0, min(v, most))
	f := float32(v) / float32(most)
	return byte(int(float32(lightest) * f))
}

// tint is a share of the lightest value. It is a function so that the product
// is taken in single precision, not by the compiler in exact arithmetic.
func tint(alpha float32) byte { return byte(int(float32(lightest) * alpha)) }

// scaleTable is scaled for all bytes.
func scaleTable(most int) (t [256]byte) {
	for i := range t {
		t[i] = scaled(i, most)
	}
	return t
}

// percent is the whole percentage of part in all, cut towards zero, in single
// precision; 0 where there is nothing.
func percent(part, all int) int {
	if all == 0 {
		return 0
	}
	share := float32(part) / float32(all)
	return int(share * 100)
}
