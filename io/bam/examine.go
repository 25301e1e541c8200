package bam

import (
	"bytes"

	"github.com/gx-genomics/gx/variant/align"
)

// maxQuality is the highest base quality that SAM text can hold.
const maxQuality = '~' - '!'

// examine notes what is wrong with a record beyond what keeps it from being
// used: rules of the SAM specification, sections 1.4 and 1.5, that hold in
// text and in BAM.
func examine(r *align.Read, h *Header, f *findings) {
	f.place.Record = r.Name
	examineName(r, f)
	examineFlags(r, f)
	examinePlaces(r, f)
	examineClips(r, f)
	examineQuals(r, f)
	examineTags(r, h, f)
}

func examineName(r *align.Read, f *findings) {
	if n := len(r.Name); n == 0 || n > 254 {
		f.add(kName, "a name of %d letters, want 1 to 254", n)
	}
	for i := range len(r.Name) {
		if c := r.Name[i]; c < '!' || c > '~' || c == '@' {
			f.add(kName, "its name has %q, want ! to ~ without @", c)
			return
		}
	}
}

func examineFlags(r *align.Read, f *findings) {
	const pair = align.ProperPair | align.MateUnmapped | align.MateReverse | align.FirstOfPair | align.SecondOfPair
	if r.Flag&align.Paired == 0 && r.Flag&pair != 0 {
		f.add(kFlagAdvice, "FLAG %d: bits of a pair are set, but not that it is paired", r.Flag)
	}
	if r.Flag&align.Paired != 0 && r.Flag&(align.FirstOfPair|align.SecondOfPair) == 0 {
		f.add(kFlagAdvice, "FLAG %d: paired, but neither the first nor the second read", r.Flag)
	}
	if r.Flag&^0xfff != 0 {
		f.add(kFlagAdvice, "FLAG %d: bits are set that the specification reserves", r.Flag)
	}
	if r.Flag&(align.Unmapped|align.ProperPair) == align.Unmapped|align.ProperPair {
		f.add(kFlagAdvice, "FLAG %d: unmapped, but properly paired", r.Flag)
	}
	if r.Flag&(align.Unmapped|align.MateUnmapped) == align.Unmapped && len(r.Cigar) > 0 {
		f.add(kFlagAdvice, "FLAG %d: unmapped, but it has a CIGAR", r.Flag)
	}
}

func examinePlaces(r *align.Read, f *findings) {
	mapped := r.Flag&align.Unmapped == 0
	switch {
	case r.Contig < 0 && r.Start >= 0:
		f.add(kPositionAdvice, "position %d on no contig", r.Start+1)
	case r.Contig >= 0 && r.Start < 0:
		f.add(kPositionAdvice, "a contig without a position")
	case r.Contig < 0 && mapped:
		f.add(kPositionAdvice, "it is flagged as mapped, but has no contig")
	case r.Contig < 0 && len(r.Cigar) > 0:
		f.add(kPositionAdvice, "a CIGAR without a contig")
	}
	if r.Flag&align.Paired == 0 {
		if r.MateContig >= 0 || r.MateStart >= 0 || r.TemplateLen != 0 {
			f.add(kMateAdvice, "it is not paired, but a mate or the length of a template is given")
		}
		return
	}
	if r.MateContig < 0 && r.MateStart >= 0 {
		f.add(kMateAdvice, "position %d of its mate on no contig", r.MateStart+1)
	}
	if r.MateContig >= 0 && r.MateStart < 0 {
		f.add(kMateAdvice, "a contig of its mate without a position")
	}
	if (r.MateContig < 0 || r.MateContig != r.Contig) && r.TemplateLen != 0 {
		f.add(kMateAdvice, "template length %d, but its mate is not on the same contig", r.TemplateLen)
	}
}

// examineClips checks that hard clips stand at the ends of the CIGAR, and soft
// clips at the ends but for hard ones.
func examineClips(r *align.Read, f *findings) {
	c := r.Cigar
	for i, x := range c {
		switch x.Op() {
		case align.H:
			if i > 0 && i < len(c)-1 {
				f.add(kCigar, "CIGAR %.60s: a hard clip within it", c)
				return
			}
		case align.S:
			left := i == 0 || i == 1 && c[0].Op() == align.H
			right := i == len(c)-1 || i == len(c)-2 && c[i+1].Op() == align.H
			if !left && !right {
				f.add(kCigar, "CIGAR %.60s: a soft clip within it", c)
				return
			}
		}
	}
	if r.Flag&align.Unmapped == 0 && r.Contig >= 0 && len(c) > 0 && c.ReadLen() == 0 {
		f.add(kSequenceAdvice, "CIGAR %.60s covers no base of the read", c)
	}
}

func examineQuals(r *align.Read, f *findings) {
	if len(r.Bases) == 0 {
		if r.Flag&(align.Secondary|align.Supplementary) == 0 {
			f.add(kNoBases, "it has no bases")
		}
		return
	}
	if !r.HasQuals() {
		f.add(kNoQuality, "it has no base qualities")
		if len(bytes.TrimLeft(r.Quals, "\xff")) > 0 {
			f.add(kQuality, "a base quality of 255 in front of others")
		}
		return
	}
	for _, q := range r.Quals {
		if q > maxQuality {
			f.add(kQuality, "base quality %d, want at most %d", q, maxQuality)
			return
		}
	}
}

func examineTags(r *align.Read, h *Header, f *findings) {
	for at := 0; at < len(r.Aux); {
		n := auxField(r.Aux[at:])
		if n < 0 {
			return // the record is refused for it
		}
		t := r.Aux[at : at+n]
		at += n
		v := t[3:]
		if !isLetter(t[0]) || !isLetter(t[1]) && !isDigit(t[1]) {
			f.add(kTag, "optional field %q, want a letter and a letter or digit", t[:2])
		}
		switch t[2] {
		case 'A':
			if v[0] < '!' || v[0] > '~' {
				f.add(kTag, "optional field %s: %q is not a printable letter", t[:2], v[0])
			}
		case 'Z':
			if !printable(v[:len(v)-1]) {
				f.add(kTag, "optional field %s: %.40q is not printable text", t[:2], v[:len(v)-1])
			}
		case 'H':
			if !hexadecimal(v[:len(v)-1]) {
				f.add(kTag, "optional field %s: %.40q is not pairs of 0-9 and A-F", t[:2], v[:len(v)-1])
			}
		}
		if tagStands(r.Aux[at:], t[0], t[1]) {
			f.add(kTagTwice, "the optional field %s stands twice", t[:2])
		}
		if string(t[:3]) == "RGZ" && len(h.groups) > 0 && !h.groups[string(v[:len(v)-1])] {
			f.add(kReadGroup, "its read group %.40q is not in the header", v[:len(v)-1])
		}
	}
}

// tagStands says whether an optional field is among those of b.
func tagStands(b []byte, first, second byte) bool {
	for len(b) > 0 {
		if b[0] == first && b[1] == second {
			return true
		}
		n := auxField(b)
		if n < 0 {
			return false
		}
		b = b[n:]
	}
	return false
}
