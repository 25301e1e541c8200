package realign_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// TestGoldenPacBio: HiFi reads, phased over padded partitions, give every
// picture and every phase of an allele that DeepVariant gives.
func TestGoldenPacBio(t *testing.T) {
	region := locus.Region{Contig: "chr20", Start: 8_999_999, End: 9_100_000}
	whole := !testing.Short()
	if !whole {
		region.End = region.Start + 25_000 // the first partition
	}
	s := load(t, input+"test_pacbio.chr20_100kbp_at_9mb.bam", input+"grch38.chr20_and_21_10M.fa.gz", region)
	pictures, phases := map[string][]byte{}, map[string]string{}
	records(t, "deepvariant/testdata/golden.pacbio_examples.tfrecord.gz", func(b []byte) {
		var e example.Example
		if err := e.Decode(b); err != nil {
			t.Fatal(err)
		}
		v, err := example.DecodeVariant(e.Variant)
		if err != nil {
			t.Fatal(err)
		}
		at := locus.Region{Contig: "chr20", Start: v.Start, End: v.End}.String()
		pictures[fmt.Sprint(at, e.AltIndices)] = bytes.Clone(e.Image)
		var list []int
		for _, x := range v.Info.Get("ALT_PS") {
			list = append(list, x.Int)
		}
		phases[at] = fmt.Sprint(list)
	})
	o := image.Defaults(image.V19)
	o.Channels = append(image.Base(), image.HaplotypeTag)
	o.Width, o.AltAligned, o.SortByHaplotypes, o.TrimReads, o.MinMapQ = 199, image.AltDiff, true, true, 1
	var scratch realign.Scratch
	painter, err := image.NewPainter(o, scratch.Forced(realign.Defaults(realign.V19)))
	if err != nil {
		t.Fatal(err)
	}
	img := make([]byte, o.Size())
	sel := candidate.Selector{Options: candidate.Defaults()}
	sel.Options.MinFractionIndels = 0.12
	counter := count.Counter{Options: count.Options{MinMapQ: 1, MinBaseQ: 10}}
	phaser := realign.Phaser{Version: realign.V19}
	equal, equalPhases := 0, 0
	for cell := range pileup.Partitions([]locus.Region{region}, 25_000) {
		pad := cell.Len() / 5
		padded := locus.Region{Contig: "chr20", Start: cell.Start - pad, End: cell.End + pad}
		counted, phased := s.over(cell.Region), s.over(padded)
		var index []int32
		for i := range counted {
			index = append(index, int32(slices.IndexFunc(phased, func(r align.Read) bool { return r.Name == counted[i].Name && r.Start == counted[i].Start })))
		}
		track := make([]bool, padded.Len())
		for _, p := range sel.AppendStarts(nil, counter.Count(counted, s.ref, padded, nil)) {
			track[p-padded.Start] = true
		}
		all := sel.Append(nil, counter.Count(counted, s.ref, padded, track))
		haps := phaser.Phase(all, index, len(phased))
		of := make([]int32, len(counted))
		for i := range of {
			of[i] = haps[index[i]]
		}
		painter.Region(counted, s.ref, of)
		for i := range all {
			c := &all[i]
			if !cell.Contains(c.Start) {
				continue
			}
			at := place(&c.Variant)
			if got := fmt.Sprint(phaser.Alleles(nil, i, c, index)); got == phases[at] {
				equalPhases++
			} else {
				t.Errorf("%s: phases %s, want %s", at, got, phases[at])
			}
			for _, set := range variant.AltSets(len(c.Alts)) {
				key := fmt.Sprint(at, set)
				if painter.Draw(img, image.Subject{Candidate: c, AltSet: set}) && bytes.Equal(img, pictures[key]) {
					equal++
				} else {
					t.Errorf("%s: another picture", key)
				}
			}
		}
	}
	if whole && (equal != 401 || equalPhases != len(phases)) || len(pictures) != 401 || equal == 0 {
		t.Errorf("%d pictures of %d, want 401; %d phases of %d", equal, len(pictures), equalPhases, len(phases))
	}
}

// snp makes a candidate of one base; alleles are the reads of the reference and
// of each alternate allele.
func snp(pos int, alts string, alleles ...[]int32) candidate.Candidate {
	c := candidate.Candidate{Site: variant.Site{Variant: variant.Variant{Contig: "c", Start: pos, End: pos + 1, Ref: "A"}}}
	support := func(reads []int32) (out []candidate.Support) {
		for _, r := range reads {
			out = append(out, candidate.Support{Read: r})
		}
		return out
	}
	c.RefSupport = support(alleles[0])
	for i, alt := range alts {
		c.Alts = append(c.Alts, string(alt))
		c.Support = append(c.Support, support(alleles[1+i]))
	}
	return c
}

// TestPhase: small cases, worked by hand.
func TestPhase(t *testing.T) {
	low := snp(300, "C", []int32{0, 1, 2}, []int32{3, 4, 5})
	low.Support[0][0].Low = true
	indel := snp(150, "C", []int32{0, 3, 1}, []int32{4, 2, 5})
	indel.End, indel.Alts[0] = 250, "CC"
	uncalled := snp(200, "C", []int32{0, 3, 1}, []int32{4, 2, 5})
	uncalled.Other = []candidate.Support{{Read: 6}}
	elsewhere, few := snp(200, "C", []int32{0, 3, 1}, []int32{4, 2, 5}), snp(200, "C", []int32{0, 1}, []int32{2, 3, 4})
	elsewhere.Others = []candidate.Shown{{}, {Other: []candidate.Support{{Read: 6}}}}
	few.Others = []candidate.Shown{{RefSupport: []candidate.Support{{Read: 5}}}}
	for _, k := range []struct {
		name       string
		candidates []candidate.Candidate
		index      []int32
		want       string // of seven reads
		alleles    string // of the last candidate
	}{
		{"none", nil, nil, "[0 0 0 0 0 0 0]", ""},
		{"one site says too little of a read", []candidate.Candidate{snp(100, "C", []int32{0, 1, 2}, []int32{3, 4, 5})}, nil, "[0 0 0 0 0 0 0]", "[1 2]"},
		{"two sites", []candidate.Candidate{snp(100, "C", []int32{0, 1, 2}, []int32{3, 4, 5}), snp(200, "G", []int32{3, 4, 5}, []int32{0, 1, 2})}, nil, "[1 1 1 2 2 2 0]", "[2 1]"},
		{"two alternate alleles", []candidate.Candidate{snp(100, "CG", nil, []int32{0, 1, 2}, []int32{3, 4, 5}), snp(200, "G", []int32{3, 4, 5}, []int32{0, 1, 2})}, nil, "[1 1 1 2 2 2 0]", "[2 1]"},
		{"through the index", []candidate.Candidate{snp(100, "C", []int32{0, 1, 2}, []int32{3, 4, 5}), snp(200, "G", []int32{3, 4, 5}, []int32{0, 1, 2})},
			[]int32{6, 5, 4, 3, -1, 1}, "[0 2 0 2 1 1 1]", "[2 1]"},
		{"bases of low quality do not count", []candidate.Candidate{snp(100, "C", []int32{0, 1, 2}, []int32{3, 4, 5}), low}, nil, "[1 1 1 0 2 2 0]", "[1 2]"},
		{"indels and what they overlap are left out", []candidate.Candidate{snp(100, "C", []int32{0, 1, 2}, []int32{3, 4, 5}), indel, snp(200, "C", []int32{0, 3, 1}, []int32{4, 2, 5})},
			nil, "[0 0 0 0 0 0 0]", "[0 0]"},
		{"uncalled alleles rule a site out", []candidate.Candidate{snp(100, "C", []int32{0, 1, 2}, []int32{3, 4, 5}), uncalled}, nil, "[0 0 0 0 0 0 0]", "[0 0]"},
		{"those of another sample, too", []candidate.Candidate{snp(100, "C", []int32{0, 1, 2}, []int32{3, 4, 5}), elsewhere}, nil, "[0 0 0 0 0 0 0]", "[0 0]"},
		{"the reference is an allele by the reads of another sample, which are not phased", []candidate.Candidate{few, snp(300, "C", []int32{0, 1, 5}, []int32{2, 3, 4})}, nil, "[1 1 2 2 2 0 0]", "[1 2]"},
		{"homozygous sites are left out", []candidate.Candidate{snp(100, "C", []int32{0, 1}, []int32{3, 4, 5})}, nil, "[0 0 0 0 0 0 0]", "[0 0]"},
	} {
		t.Run(k.name, func(t *testing.T) {
			for _, v := range []realign.Version{realign.V15, realign.V19} {
				p := realign.Phaser{Version: v}
				if got := fmt.Sprint(p.Phase(k.candidates, k.index, 7)); got != k.want {
					t.Errorf("%d: %s, want %s", v, got, k.want)
				}
				if n := len(k.candidates); n > 0 {
					if got := fmt.Sprint(p.Alleles(nil, n-1, &k.candidates[n-1], k.index)); got != k.alleles {
						t.Errorf("%d: alleles %s, want %s", v, got, k.alleles)
					}
				}
			}
		})
	}
}

// TestPhaseTwoHaplotypes: reads without errors come out by haplotype as far as
// they are joined; chains that no read joins are both phased since 1.9.
func TestPhaseTwoHaplotypes(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	const sites, reads = 60, 120
	for _, broken := range []bool{false, true} {
		lists := make([][2][]int32, sites)
		truth := make([]int32, reads)
		for r := range reads {
			truth[r] = rng.Int32N(2)
			from := rng.IntN(sites - 5)
			to := from + 5
			if broken && from < sites/2 {
				to = min(to, sites/2)
			}
			for s := from; s < to; s++ {
				h := truth[r]
				if s%3 == 0 {
					h = 1 - h
				}
				lists[s][h] = append(lists[s][h], int32(r))
			}
		}
		var all []candidate.Candidate
		for s := range lists {
			if len(lists[s][0]) >= 3 && len(lists[s][1]) >= 2 {
				all = append(all, snp(100*s, "C", lists[s][0], lists[s][1]))
			}
		}
		if len(all) < sites/2 {
			t.Fatalf("only %d sites", len(all))
		}
		p := realign.Phaser{Version: realign.V19}
		phases := p.Phase(all, nil, reads)
		phased, agree := 0, [2]int{}
		for r, h := range phases {
			if h > 0 {
				phased++
				if list := lists[sites/4]; broken && !slices.Contains(slices.Concat(list[0], list[1]), int32(r)) {
					continue // one chain at a time
				}
				agree[(h-1)^truth[r]]++
			}
		}
		if phased < reads*3/4 {
			t.Errorf("broken %v: only %d reads phased", broken, phased)
		}
		if min(agree[0], agree[1]) > 0 || max(agree[0], agree[1]) == 0 {
			t.Errorf("broken %v: %d reads one way, %d the other", broken, agree[0], agree[1])
		}
	}
}

// FuzzPhase: whatever the candidates, phases are 0, 1 or 2.
func FuzzPhase(f *testing.F) {
	f.Add([]byte("\x00\x01\x02\x03\x11\x12\x13\x05\x06\x07\x21\x22\x23\x31\x32\x33"), false)
	f.Fuzz(func(t *testing.T, data []byte, old bool) {
		var all []candidate.Candidate
		for len(data) >= 8 && len(all) < 100 {
			lists := make([][]int32, 1+1+int(data[0])%3)
			for i, b := range data[1:8] {
				at := (int(b>>4) + i) % len(lists)
				lists[at] = append(lists[at], int32(b%16))
			}
			all = append(all, snp(len(all)*10, "CGT"[:len(lists)-1], lists...))
			data = data[8:]
		}
		p := realign.Phaser{Version: realign.V19}
		if old {
			p.Version = realign.V15
		}
		for _, h := range p.Phase(all, nil, 16) {
			if h < 0 || h > 2 {
				t.Fatalf("phase %d", h)
			}
		}
		for i := range all {
			if n := len(p.Alleles(nil, i, &all[i], nil)); n != len(all[i].Alts)+1 {
				t.Fatalf("%d alleles", n)
			}
		}
	})
}
