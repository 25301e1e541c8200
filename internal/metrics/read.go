package metrics

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

var (
	declaration = regexp.MustCompile(`^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$`)
	sample      = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:\\[\\"n]|[^"\\\n])*",?)*\})? (\S+)$`)
)

// Read reads a text strictly: every family is declared once, HELP before TYPE,
// its samples lie together, none stands twice, counters are not negative, and
// the buckets of a histogram grow up to its count. It gives the samples by name
// and labels as they stand in the text.
func Read(text string) (map[string]float64, error) {
	out := map[string]float64{}
	kinds := map[string]string{}
	family := ""
	if text != "" && !strings.HasSuffix(text, "\n") {
		return nil, errors.New("the last line has no end")
	}
	for n, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if err := readLine(line, &family, kinds, out); err != nil {
			return nil, fmt.Errorf("line %d: %w: %q", n+1, err, line)
		}
	}
	return out, checkBuckets(kinds, text, out)
}

func readLine(line string, family *string, kinds map[string]string, out map[string]float64) error {
	if d := declaration.FindStringSubmatch(line); d != nil {
		kind, seen := kinds[d[2]]
		switch {
		case d[1] == "HELP" && !seen:
			*family, kinds[d[2]] = d[2], ""
		case d[1] == "TYPE" && seen && kind == "" && *family == d[2]:
			if d[3] != Counter && d[3] != Gauge && d[3] != histogram {
				return errors.New("an unknown type")
			}
			kinds[d[2]] = d[3]
		default:
			return errors.New("a family that is declared twice, or TYPE before HELP")
		}
		return nil
	}
	s := sample.FindStringSubmatch(line)
	if s == nil {
		return errors.New("neither a declaration nor a sample")
	}
	base := s[1]
	if kinds[*family] == histogram {
		base = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(base, "_bucket"), "_sum"), "_count")
	}
	if base != *family || kinds[*family] == "" {
		return errors.New("a sample of another family")
	}
	v, err := strconv.ParseFloat(s[3], 64)
	if err != nil {
		return err
	}
	if kinds[*family] != Gauge && (v < 0 || math.IsNaN(v)) {
		return errors.New("a count below 0")
	}
	if _, twice := out[s[1]+s[2]]; twice {
		return errors.New("a sample that stands twice")
	}
	out[s[1]+s[2]] = v
	return nil
}

// checkBuckets holds the buckets of histograms against each other, in the order
// of the text.
func checkBuckets(kinds map[string]string, text string, out map[string]float64) error {
	last := map[string]float64{}
	for line := range strings.Lines(text) {
		name, _, ok := strings.Cut(line, "_bucket{")
		if !ok || kinds[name] != histogram {
			continue
		}
		v := out[line[:strings.LastIndexByte(line, ' ')]]
		if v < last[name] {
			return fmt.Errorf("buckets of %s that do not grow", name)
		}
		last[name] = v
	}
	for name, kind := range kinds {
		if kind == histogram && (last[name] != out[name+"_count"] || out[name+`_bucket{le="+Inf"}`] != last[name]) {
			return fmt.Errorf("buckets of %s that do not end in its count", name)
		}
	}
	return nil
}
