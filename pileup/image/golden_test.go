package image_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/bam"
	"github.com/gx-genomics/gx/io/fasta"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/pileup/image"
	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

const data = "deepvariant/"

// readBAM reads the alignments of a region that pass the filter, in order.
func readBAM(t testing.TB, name string, r locus.Region, keep pileup.Filter) []align.Read {
	t.Helper()
	f, err := bam.Open(shared.Path(t, data+"testdata/input/"+name), bam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var batch align.Batch
	for r, err := range f.Reads(t.Context(), r) {
		if err != nil {
			t.Fatal(err)
		}
		if keep.Keep(r) {
			batch.Add(r)
		}
	}
	return batch.Reads
}

func readRef(t testing.TB, name string, r locus.Region) count.Window {
	t.Helper()
	f, err := fasta.Open(shared.Path(t, data+"testdata/input/"+name), fasta.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := f.Bases(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	return count.Window{Start: r.Start, Bases: b}
}

// readExamples reads the examples of a file with their sites.
func readExamples(t testing.TB, name string) (all []example.Example, sites []*example.Variant) {
	t.Helper()
	f, err := os.Open(shared.Path(t, data+name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := tfrecord.NewReader(f, name)
	if err != nil {
		t.Fatal(err)
	}
	for b, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		var e example.Example
		if err := e.Decode(bytes.Clone(b)); err != nil {
			t.Fatal(err)
		}
		v, err := example.DecodeVariant(e.Variant)
		if err != nil {
			t.Fatal(err)
		}
		all, sites = append(all, e), append(sites, v)
	}
	return all, sites
}

// overlapping is the reads that overlap a region, in order.
func overlapping(reads []align.Read, r locus.Region) []align.Read {
	var out []align.Read
	for i := range reads {
		if reads[i].Start < r.End && reads[i].End() > r.Start {
			out = append(out, reads[i])
		}
	}
	return out
}

// firstDifference says where two pictures differ first, and how often.
func firstDifference(got, want []byte, shape [3]int) string {
	n, first := 0, -1
	for i := range got {
		if got[i] != want[i] {
			n++
			if first < 0 {
				first = i
			}
		}
	}
	if n == 0 {
		return ""
	}
	w, c := shape[1], shape[2]
	return fmt.Sprintf("%d bytes differ, first at row %d, column %d, channel %d: %d, want %d", n, first/(w*c), first/c%w, first%c, got[first], want[first])
}

// golden is how a file of examples was made.
type golden struct {
	file    string
	n       int // examples
	options func(o *image.Options)
	from    *partitioner
}

// The region of most golden files, chr20:10,000,000-10,010,000.
var goldenRegion = locus.Region{Contig: "chr20", Start: 9_999_999, End: 10_010_000}

// shortSpan is the bases of a golden file that a short test goes through.
const shortSpan = 2000

// partitioner makes the partitions of a region as pictures want them.
type partitioner struct {
	version   image.Version
	region    locus.Region
	normalize bool // normalize_reads and keep_legacy_allele_counter_behavior
	reads     []align.Read
	ref       count.Window

	// replace, if not nil, has other candidates than those found.
	replace func(r locus.Region, found []candidate.Candidate) []candidate.Candidate

	scratch realign.Scratch
	made    map[int]*partition
}

// partition is where a picture comes from.
type partition struct {
	batch      align.Batch
	candidates []candidate.Candidate
}

func (p *partitioner) realigner() realign.Options {
	o := realign.Defaults(realign.Version(p.version))
	o.ByPartition, o.Normalized = true, p.normalize
	return o
}

// at is the partition of a position.
func (p *partitioner) at(pos int) *partition {
	start := p.region.Start + (pos-p.region.Start)/pileup.CellSize*pileup.CellSize
	if part := p.made[start]; part != nil {
		return part
	}
	r := locus.Region{Contig: p.region.Contig, Start: start, End: min(start+pileup.CellSize, p.region.End)}
	o := p.realigner()
	list := p.scratch.Realign(overlapping(p.reads, r), p.ref, r, &o)
	drawn := list
	if p.normalize {
		list, drawn = p.normalized(list)
	}
	part := &partition{}
	for i := range drawn {
		part.batch.Add(&drawn[i])
	}
	counter := count.Counter{Options: count.Defaults()}
	counter.Options.Legacy = p.normalize
	selector := candidate.Selector{Options: candidate.Defaults()}
	part.candidates = selector.Append(nil, counter.Count(list, p.ref, r, nil))
	if p.replace != nil {
		part.candidates = p.replace(r, part.candidates)
	}
	if p.made == nil {
		p.made = map[int]*partition{}
	}
	p.made[start] = part
	return part
}

// normalized gives the reads as they are counted and as they are drawn. They
// differ where normalizing does nothing but dissolve an indel that the
// alignment begins with: DeepVariant counts such a read without the indel and
// draws it with.
func (p *partitioner) normalized(list []align.Read) (counted, drawn []align.Read) {
	counted, drawn = slices.Clone(list), slices.Clone(list)
	for i := range list {
		r := &counted[i]
		r.Cigar, r.Start, _ = count.Normalize(nil, r, p.ref)
		old := list[i].Cigar
		only := len(old) > 1 && len(r.Cigar) > 0 && (old[0].Op() == align.I && r.Cigar[0].Len() == old[0].Len() && slices.Equal(r.Cigar[1:], old[1:]) ||
			old[0].Op() == align.D && slices.Equal(r.Cigar, old[1:]))
		if !only {
			drawn[i] = *r
		}
	}
	return counted, drawn
}

// TestGolden draws the pictures of DeepVariant's own files of NA12878 from the
// reads, by realignment, counting and selection, and wants every byte of them.
func TestGolden(t *testing.T) {
	span := locus.Region{Contig: "chr20", Start: 9_990_000, End: 10_020_000}
	reads := readBAM(t, "NA12878_S1.chr20.10_10p1mb.bam", span, pileup.DefaultFilter())
	ref := readRef(t, "ucsc.hg19.chr20.unittest.fasta.gz", span)
	of := func(v image.Version, end int) *partitioner {
		return &partitioner{version: v, region: locus.Region{Contig: "chr20", Start: goldenRegion.Start, End: end}, reads: reads, ref: ref}
	}
	v19, v15 := of(image.V19, goldenRegion.End), of(image.V15, goldenRegion.End)
	short19, short15 := of(image.V19, 10_004_000), of(image.V15, 10_004_000)
	flags := of(image.V19, goldenRegion.End)
	flags.normalize = true
	rows := func(o *image.Options) { o.Channels, o.AltAligned = image.Base(), image.AltRows }
	diff := func(o *image.Options) { o.Channels, o.AltAligned = image.Base(), image.AltDiff }
	for _, g := range []golden{
		{"testdata/golden.calling_examples.tfrecord.gz", 84, nil, v19},
		{"testdata_v1.5/golden.calling_examples.tfrecord.gz", 84, nil, v15},
		{"testdata/golden.training_examples.tfrecord.gz", 49, nil, v19},
		{"testdata_v1.5/golden.training_examples.tfrecord.gz", 49, nil, v15},
		{"testdata/customized_classes.golden.training_examples.tfrecord.gz", 19, nil, short19},
		{"testdata_v1.5/customized_classes.golden.training_examples.tfrecord.gz", 19, nil, short15},
		{"testdata/golden.calling_examples.with_flags.tfrecord.gz", 84, nil, flags},
		{"testdata/golden.alt_aligned_pileup_rows_examples.tfrecord.gz", 49, rows, v19},
		{"testdata_v1.5/golden.alt_aligned_pileup_rows_examples.tfrecord.gz", 49, rows, v15},
		{"testdata/golden.alt_aligned_pileup_diff_channels_examples.tfrecord.gz", 49, diff, v19},
		{"testdata_v1.5/golden.alt_aligned_pileup_diff_channels_examples.tfrecord.gz", 49, diff, v15},
	} {
		t.Run(g.file, func(t *testing.T) { compare(t, g) })
	}
}

// compare draws the picture of every example of a file.
func compare(t *testing.T, g golden) {
	t.Helper()
	p := g.from
	o := image.Defaults(p.version)
	if g.options != nil {
		g.options(&o)
	}
	var forced realign.Scratch
	painter, err := image.NewPainter(o, forced.Forced(p.realigner()))
	if err != nil {
		t.Fatal(err)
	}
	examples, sites := readExamples(t, g.file)
	if len(examples) != g.n {
		t.Errorf("%d examples, want %d", len(examples), g.n)
	}
	img := make([]byte, o.Size())
	for i := range examples {
		e, v := &examples[i], sites[i]
		if testing.Short() && v.Start >= sites[0].Start/pileup.CellSize*pileup.CellSize+shortSpan {
			break
		}
		part := p.at(v.Start)
		k := slices.IndexFunc(part.candidates, func(c candidate.Candidate) bool {
			return c.Start == v.Start && c.Ref == v.Ref && slices.Equal(c.Alts, v.Alts)
		})
		if k < 0 {
			t.Errorf("%s is no candidate", v.Place())
			continue
		}
		if e.Shape != o.Shape() {
			t.Fatalf("%s: shape %v, want %v", v.Place(), o.Shape(), e.Shape)
		}
		painter.Region(part.batch.Reads, p.ref, nil)
		if !painter.Draw(img, image.Subject{Candidate: &part.candidates[k], AltSet: e.AltIndices}) {
			t.Errorf("%s: no picture", v.Place())
			continue
		}
		if d := firstDifference(img, e.Image, e.Shape); d != "" {
			t.Errorf("%s %v: %s", v.Place(), e.AltIndices, d)
		}
	}
}

// TestGoldenImporter: the candidates are the records of a VCF, whatever the
// reads say; those that show an allele of the record support it.
func TestGoldenImporter(t *testing.T) {
	span := locus.Region{Contig: "chr20", Start: 9_990_000, End: 10_110_000}
	reads := readBAM(t, "NA12878_S1.chr20.10_10p1mb.bam", span, pileup.DefaultFilter())
	ref := readRef(t, "ucsc.hg19.chr20.unittest.fasta.gz", span)
	for file, version := range map[string]image.Version{
		"testdata/golden.vcf_candidate_importer.training_examples.tfrecord.gz":      image.V19,
		"testdata_v1.5/golden.vcf_candidate_importer.training_examples.tfrecord.gz": image.V15,
	} {
		t.Run(file, func(t *testing.T) {
			p := &partitioner{version: version, region: locus.Region{Contig: "chr20", End: 64_444_167}, reads: reads, ref: ref}
			_, sites := readExamples(t, file)
			p.replace = func(r locus.Region, found []candidate.Candidate) []candidate.Candidate {
				return imported(t, sites, r, found)
			}
			compare(t, golden{file: file, n: 223, from: p})
		})
	}
}

// imported makes candidates of the sites that start in a region, supported by
// the reads that support the candidate found at the same position in them.
func imported(t *testing.T, sites []*example.Variant, r locus.Region, found []candidate.Candidate) (all []candidate.Candidate) {
	for _, v := range sites {
		if !r.Contains(v.Start) {
			continue
		}
		site, err := v.Site()
		if err != nil {
			t.Fatal(err)
		}
		c := candidate.Candidate{Site: site, Shown: candidate.Shown{Support: make([][]candidate.Support, len(site.Alts))}}
		for _, f := range found {
			if f.Start != c.Start {
				continue
			}
			missing := ""
			if len(c.Ref) > len(f.Ref) {
				missing = c.Ref[len(f.Ref):]
			}
			for i, alt := range f.Alts {
				if k := slices.Index(c.Alts, alt+missing); k >= 0 {
					c.Support[k] = f.Support[i]
				}
			}
		}
		all = append(all, c)
	}
	return all
}

// TestGoldenPacBio draws the pictures of long reads, phased, sorted by
// haplotype and trimmed, with channels of alt alignment.
func TestGoldenPacBio(t *testing.T) {
	region := locus.Region{Contig: "chr20", Start: 8_999_999, End: 9_100_000}
	span := locus.Region{Contig: "chr20", Start: 8_950_000, End: 9_150_000}
	keep := pileup.DefaultFilter()
	keep.MinMappingQuality = 1
	reads := readBAM(t, "test_pacbio.chr20_100kbp_at_9mb.bam", span, keep)
	ref := readRef(t, "grch38.chr20_and_21_10M.fa.gz", span)
	o := image.Defaults(image.V19)
	o.Width, o.MinMapQ, o.SortByHaplotypes, o.TrimReads, o.AltAligned = 199, 1, true, true, image.AltDiff
	o.Channels = append(image.Base(), image.HaplotypeTag)
	counter := count.Counter{Options: count.Options{MinMapQ: 1, MinBaseQ: 10}}
	selector := candidate.Selector{Options: candidate.Defaults()}
	selector.Options.MinFractionIndels = 0.12
	phaser := realign.Phaser{Version: realign.V19}
	var forced realign.Scratch
	painter, err := image.NewPainter(o, forced.Forced(realign.Defaults(realign.V19)))
	if err != nil {
		t.Fatal(err)
	}
	examples, sites := readExamples(t, "testdata/golden.pacbio_examples.tfrecord.gz")
	if len(examples) != 401 {
		t.Errorf("%d examples, want 401", len(examples))
	}
	img := make([]byte, o.Size())
	const size = 25_000
	for start := region.Start; start < region.End; start += size {
		if testing.Short() && start > region.Start {
			break
		}
		part := locus.Region{Contig: "chr20", Start: start, End: min(start+size, region.End)}
		pad := part.Len() / 5
		padded := locus.Region{Contig: "chr20", Start: part.Start - pad, End: part.End + pad}
		list := overlapping(reads, part)
		track := make([]bool, padded.Len())
		for _, p := range selector.AppendStarts(nil, counter.Count(list, ref, padded, nil)) {
			track[p-padded.Start] = true
		}
		candidates := selector.Append(nil, counter.Count(list, ref, padded, track))
		painter.Region(list, ref, phaser.Phase(candidates, nil, len(list)))
		for i, v := range sites {
			if !part.Contains(v.Start) {
				continue
			}
			k := slices.IndexFunc(candidates, func(c candidate.Candidate) bool {
				return c.Start == v.Start && c.Ref == v.Ref && slices.Equal(c.Alts, v.Alts)
			})
			if k < 0 {
				t.Errorf("%s is no candidate", v.Place())
				continue
			}
			if !painter.Draw(img, image.Subject{Candidate: &candidates[k], AltSet: examples[i].AltIndices}) {
				t.Fatalf("%s: no picture", v.Place())
			}
			if d := firstDifference(img, examples[i].Image, examples[i].Shape); d != "" {
				t.Errorf("%s %v: %s", v.Place(), examples[i].AltIndices, d)
			}
		}
	}
}
