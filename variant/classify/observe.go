package classify

import (
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/align"
)

// AppendReads appends what the observations at a site say to dst. reads are
// those that the observations index; observations of low base quality, which
// count in no depth either, are left out.
func AppendReads(dst []Read, site *variant.Site, observations []candidate.Observation, reads []align.Read) []Read {
	for i := range observations {
		o := &observations[i]
		if o.Low {
			continue
		}
		r := &reads[o.Read]
		dst = append(dst, Read{Allele: int(o.Allele), BaseQ: o.BaseQ, MapQ: o.MapQ, Reverse: o.Reverse,
			Left: max(site.Start-r.Start, 0), Right: max(r.End()-1-site.Start, 0)})
	}
	return dst
}

// Window cuts the stretch of the reference that lies within flank bases of a
// site from a longer one whose first base is at position start.
func Window(site *variant.Site, flank int, ref []byte, start int) (window []byte, windowStart int) {
	from := min(max(site.Start-flank-start, 0), len(ref))
	to := max(from, min(site.End+flank-start, len(ref)))
	return ref[from:to], start + from
}
