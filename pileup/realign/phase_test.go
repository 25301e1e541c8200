package realign_test

import (
	"bytes"
	"fmt"
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
