package stage

import (
	"fmt"
	"strings"
	"time"

	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/variant/locus"
)

// Spent is how long goroutines were busy with each part of making examples.
type Spent struct {
	pileup.Spent
	Draw  time.Duration // pictures
	Write time.Duration // messages, and labels
}

func (s *Spent) add(o *Spent) {
	s.Spent.Add(&o.Spent)
	s.Draw += o.Draw
	s.Write += o.Write
}

// String is like `read 1.2 s, count 0.4 s`, part after part.
func (s *Spent) String() string {
	var parts []string
	for _, x := range []struct {
		name string
		d    time.Duration
	}{{"read", s.Read}, {"count", s.Count}, {"window", s.Window}, {"graph", s.Graph}, {"align", s.Align}, {"draw", s.Draw}, {"write", s.Write}} {
		parts = append(parts, fmt.Sprintf("%s %.2f s", x.name, x.d.Seconds()))
	}
	return strings.Join(parts, ", ")
}

// runtimesHeader is the first line of the table of DeepVariant's
// runtime_by_region, times in seconds, behind its columns those of gx.
const runtimesHeader = "region\tget reads\tfind candidates\tmake pileup images\twrite outputs\tnum reads\tnum candidates\tnum examples\t" +
	"count\twindow\tgraph\talign\n"

// appendRuntimes appends the line of a stretch of the genome.
func appendRuntimes(dst []byte, r locus.Region, s *Spent, reads, candidates, examples int) []byte {
	find := s.Count + s.Window + s.Graph + s.Align
	dst = append(dst, r.String()...)
	for _, d := range []time.Duration{s.Read, find, s.Draw, s.Write} {
		dst = fmt.Appendf(dst, "\t%.6f", d.Seconds())
	}
	dst = fmt.Appendf(dst, "\t%d\t%d\t%d", reads, candidates, examples)
	for _, d := range []time.Duration{s.Count, s.Window, s.Graph, s.Align} {
		dst = fmt.Appendf(dst, "\t%.6f", d.Seconds())
	}
	return append(dst, '\n')
}
