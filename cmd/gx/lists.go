package main

import "strings"

// split takes lists apart that were given with commas.
func split(list []string) []string {
	var out []string
	for _, s := range list {
		for _, x := range strings.Split(s, ",") {
			if x != "" {
				out = append(out, x)
			}
		}
	}
	return out
}

// splitRegions takes a list of regions apart. A comma before exactly three
// digits belongs to the number before it, as in chr20:1,000-2,000, where that
// is the number of a region.
func splitRegions(list []string) []string {
	var out []string
	for _, x := range split(list) {
		if n := len(out); n > 0 && strings.Contains(out[n-1], ":") && thousands(x) {
			out[n-1] += "," + x
			continue
		}
		out = append(out, x)
	}
	return out
}

// thousands says whether s goes on with a number: 000, or 000-1 and so on.
func thousands(s string) bool {
	number, rest, span := strings.Cut(s, "-")
	return len(number) == 3 && digits(number) && (!span || digits(rest))
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }
