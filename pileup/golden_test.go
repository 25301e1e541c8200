package pileup_test

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/bam"
	"github.com/gx-genomics/gx/io/fasta"
	"github.com/gx-genomics/gx/io/tfrecord"
	"github.com/gx-genomics/gx/pileup"
	"github.com/gx-genomics/gx/pileup/candidate"
	"github.com/gx-genomics/gx/pileup/count"
	"github.com/gx-genomics/gx/pileup/example"
	"github.com/gx-genomics/gx/pileup/realign"
	"github.com/gx-genomics/gx/variant"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// input holds what DeepVariant's golden files were made from: reads of NA12878
// on chr20:10,000,000-10,100,000.
const input = "deepvariant/testdata/input/"

var goldenRegion = locus.Region{Contig: "chr20", Start: 9_999_999, End: 10_010_000}

// What several tests ask for is made once.
var (
	lock         sync.Mutex
	goldenReads  []align.Read
	goldenRef    count.Window
	partitionsOf = map[string][]partition{}
)

// readBAM reads the alignments that overlap a region and pass the filter, in
// order.
func readBAM(t testing.TB, name string, r locus.Region, keep pileup.Filter) []align.Read {
	t.Helper()
	f, err := bam.Open(shared.Path(t, input+name), bam.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var batch align.Batch
	for read, err := range f.Reads(t.Context(), r) {
		if err != nil {
			t.Fatal(err)
		}
		if keep.Keep(read) {
			batch.Add(read)
		}
	}
	return batch.Reads
}

// readRef reads a stretch of a reference.
func readRef(t testing.TB, name string, r locus.Region) count.Window {
	t.Helper()
	f, err := fasta.Open(shared.Path(t, input+name), fasta.Options{})
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

// golden is the reads and the reference that the golden files were made from,
// read once.
func golden(t testing.TB) ([]align.Read, count.Window) {
	t.Helper()
	lock.Lock()
	defer lock.Unlock()
	if goldenReads == nil {
		goldenReads = readBAM(t, "NA12878_S1.chr20.10_10p1mb.bam", locus.Region{Contig: "chr20", End: 20_000_000}, pileup.DefaultFilter())
		goldenRef = readRef(t, "ucsc.hg19.chr20.unittest.fasta.gz", locus.Region{Contig: "chr20", Start: 9_990_000, End: 10_110_000})
	}
	return goldenReads, goldenRef
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

// partition is a partition of goldenRegion with its reads, realigned.
type partition struct {
	pileup.GridCell
	reads []align.Read
}

// partitions realigns the reads of goldenRegion by the rules of a version, once
// for all tests. With -short it is only the first few partitions.
func partitions(t testing.TB, version realign.Version, normalized bool) ([]partition, count.Window) {
	t.Helper()
	reads, ref := golden(t)
	lock.Lock()
	defer lock.Unlock()
	key := fmt.Sprint(version, normalized)
	if partitionsOf[key] == nil {
		o := realign.Defaults(version)
		o.ByPartition, o.Normalized = true, normalized
		var list []partition
		for cell := range pileup.Partitions([]locus.Region{goldenRegion}, pileup.CellSize) {
			if testing.Short() && len(list) == 3 {
				break
			}
			var scratch realign.Scratch // its own: the reads live as long as it
			list = append(list, partition{cell, scratch.Realign(overlapping(reads, cell.Region), ref, cell.Region, &o)})
		}
		partitionsOf[key] = list
	}
	return partitionsOf[key], ref
}

// TestCandidateSweep: the candidate positions of chr20:10,000,000-10,010,000 in
// reads as they were aligned, in one piece and in three shards.
func TestCandidateSweep(t *testing.T) {
	reads, ref := golden(t)
	counter := count.Counter{Options: count.Defaults()}
	sel := candidate.Selector{Options: candidate.Defaults()}
	var whole []byte
	shards := make([][]byte, 3)
	n := 0
	for cell := range pileup.Partitions([]locus.Region{goldenRegion}, pileup.CellSize) {
		starts := sel.AppendStarts(nil, counter.Count(overlapping(reads, cell.Region), ref, cell.Region, nil))
		whole = pileup.AppendSweep(whole, starts, cell.EndsRegion)
		shards[n%3] = pileup.AppendSweep(shards[n%3], starts, cell.EndsRegion)
		n++
	}
	for _, folder := range []string{"testdata", "testdata_v1.5"} {
		base := "deepvariant/" + folder + "/golden.candidate_positions"
		sameBytes(t, base, whole)
		for i, s := range shards {
			sameBytes(t, fmt.Sprintf("%s-%05d-of-00003", base, i), s)
		}
	}
}

func sameBytes(t *testing.T, name string, got []byte) {
	t.Helper()
	want, err := os.ReadFile(shared.Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	if len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("%s: %d bytes % x\nwant %d bytes % x", name, len(got), got, len(want), want)
	}
}

// TestGoldenCandidates: every candidate with its record, counts and the reads
// behind each allele.
func TestGoldenCandidates(t *testing.T) {
	for _, v := range []struct {
		folder  string
		version realign.Version
		ext     bool
	}{
		{"testdata", realign.V19, true},
		{"testdata_v1.5", realign.V15, false},
	} {
		t.Run(v.folder, func(t *testing.T) {
			want := readCandidates(t, "deepvariant/"+v.folder+"/golden.calling_candidates.tfrecord.gz", v.ext)
			got := map[string]string{}
			counter := count.Counter{Options: count.Defaults()}
			sel := candidate.Selector{Options: candidate.Defaults()}
			parts, ref := partitions(t, v.version, false)
			for _, p := range parts {
				counts := counter.Count(p.reads, ref, p.Region, nil)
				for _, c := range sel.Append(nil, counts) {
					got[placeOf(&c.Variant)] = describe(&c, p.reads, counts, v.ext)
				}
			}
			sameSites(t, got, want, parts, 78)
		})
	}
}

func placeOf(v *variant.Variant) string { return fmt.Sprintf("%s:%010d", v.Contig, v.Start) }

// describe writes all of a candidate, the reads of an allele in order of their
// keys; ext adds what DeepVariant 1.9 tells of them.
func describe(c *candidate.Candidate, reads []align.Read, counts *count.Counts, ext bool) string {
	var b strings.Builder
	b.WriteString(describeSite(&c.Site))
	list := func(allele string, support []candidate.Support) {
		if len(support) == 0 {
			return
		}
		var keys []string
		for _, s := range support {
			r := &reads[s.Read]
			key := fmt.Sprintf("%s/%d low %v", r.Name, r.Number(), s.Low)
			if ext {
				key += fmt.Sprintf(" Q%d mapq %d reverse %v", s.BaseQ, r.MapQ, r.Flag&align.Reverse != 0)
			}
			keys = append(keys, key)
		}
		slices.Sort(keys)
		fmt.Fprintf(&b, "\n%s: %s", allele, strings.Join(keys, ", "))
	}
	for i, alt := range c.Alts {
		list(alt, c.Support[i])
	}
	list(example.Uncalled, c.Other)
	if ext {
		around, first := candidate.Context(nil, counts, c.Start, 51)
		for i, percent := range around {
			fmt.Fprintf(&b, "\n%d: %d%%", first+i, percent)
		}
	}
	return b.String()
}

// TestGoldenPacBio: the sites of all examples of HG003's long reads, which are
// not realigned. Candidates are found on partitions padded by a fifth, in the
// reads that overlap the partition itself.
func TestGoldenPacBio(t *testing.T) {
	filter := pileup.DefaultFilter()
	filter.MinMappingQuality = 1
	reads := readBAM(t, "test_pacbio.chr20_100kbp_at_9mb.bam", locus.Region{Contig: "chr20", End: 10_000_000}, filter)
	ref := readRef(t, "grch38.chr20_and_21_10M.fa.gz", locus.Region{Contig: "chr20", Start: 8_900_000, End: 9_200_000})
	counter := count.Counter{Options: count.Options{MinMapQ: 1, MinBaseQ: 10}}
	sel := candidate.Selector{Options: candidate.Defaults()}
	sel.Options.MinFractionIndels = 0.12
	got := map[string]string{}
	for cell := range pileup.Partitions([]locus.Region{{Contig: "chr20", Start: 8_999_999, End: 9_100_000}}, 25_000) {
		pad := cell.Len() / 5
		padded := locus.Region{Contig: cell.Contig, Start: cell.Start - pad, End: cell.End + pad}
		for _, c := range sel.Append(nil, counter.Count(overlapping(reads, cell.Region), ref, padded, nil)) {
			if cell.Emits(c.Start) {
				got[placeOf(&c.Variant)] = describeSite(&c.Site)
			}
		}
	}
	sameSites(t, got, readSites(t, "deepvariant/testdata/golden.pacbio_examples.tfrecord.gz"), nil, 341)
}

// TestGoldenWithFlags: the sites of the examples made with normalize_reads and
// keep_legacy_allele_counter_behavior.
func TestGoldenWithFlags(t *testing.T) {
	counter := count.Counter{Options: count.Options{MinMapQ: 5, MinBaseQ: 10, Legacy: true}}
	sel := candidate.Selector{Options: candidate.Defaults()}
	got := map[string]string{}
	parts, ref := partitions(t, realign.V19, true)
	for _, p := range parts {
		in := slices.Clone(p.reads)
		for i := range in {
			in[i].Cigar, in[i].Start, _ = count.Normalize(nil, &in[i], ref)
		}
		for _, c := range sel.Append(nil, counter.Count(in, ref, p.Region, nil)) {
			got[placeOf(&c.Variant)] = describeSite(&c.Site)
		}
	}
	sameSites(t, got, readSites(t, "deepvariant/testdata/golden.calling_examples.with_flags.tfrecord.gz"), parts, 78)
}

// TestGoldenProposed: the counts of variants that come from a VCF. The grid of
// partitions starts with the contig.
func TestGoldenProposed(t *testing.T) {
	reads, ref := golden(t)
	proposed := map[int][]variant.Site{} // by partition
	for _, s := range readExamples(t, "deepvariant/testdata/golden.vcf_candidate_importer.training_examples.tfrecord.gz") {
		proposed[s.Start/1000] = append(proposed[s.Start/1000], s)
	}
	counter := count.Counter{Options: count.Defaults()}
	sel := candidate.Selector{Options: candidate.Defaults()}
	o := realign.Defaults(realign.V19)
	o.ByPartition = true
	var scratch realign.Scratch
	compared, supported := 0, 0
	last := 10_100_000
	if testing.Short() {
		last = 10_006_000
	}
	for start := 10_000_000; start < last; start += 1000 {
		r := locus.Region{Contig: "chr20", Start: start, End: start + 1000}
		if len(proposed[start/1000]) == 0 {
			continue
		}
		counts := counter.Count(scratch.Realign(overlapping(reads, r), ref, r, &o), ref, r, nil)
		for _, want := range proposed[start/1000] {
			got, ok := sel.Propose(want.Variant, counts)
			if !ok || describeSite(&got.Site) != describeSite(&want) {
				t.Errorf("got %s, %v, want %s", describeSite(&got.Site), ok, describeSite(&want))
			}
			compared++
			for i, s := range got.Support {
				if len(s) < got.AD[i+1] {
					t.Errorf("%s: %d reads support %s", describeSite(&want), len(s), got.Alts[i])
				}
				supported += len(s)
			}
		}
	}
	if compared < 10 || !testing.Short() && compared != 223 || supported < 20*compared {
		t.Errorf("%d variants compared, with %d reads", compared, supported)
	}
}

// readSites reads the sites of examples, in the words of describeSite.
func readSites(t *testing.T, name string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, s := range readExamples(t, name) {
		out[placeOf(&s.Variant)] = describeSite(&s)
	}
	return out
}

// readExamples reads the sites of examples.
func readExamples(t *testing.T, name string) (out []variant.Site) {
	t.Helper()
	f, err := os.Open(shared.Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in, err := tfrecord.NewReader(f, name)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	for rec, err := range in.All() {
		if err != nil {
			t.Fatal(err)
		}
		var e example.Example
		if err := e.Decode(rec); err != nil {
			t.Fatal(err)
		}
		v, err := example.DecodeVariant(e.Variant)
		if err != nil {
			t.Fatal(err)
		}
		site, err := v.Site()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, site)
	}
	return out
}

// sameSites compares the sites found in some partitions, nil for all, with
// those of a golden file of n sites.
func sameSites(t *testing.T, got, want map[string]string, in []partition, n int) {
	t.Helper()
	if len(want) != n {
		t.Errorf("%d golden sites, want %d", len(want), n)
	}
	compared := 0
	for place, text := range want {
		if in != nil && place >= placeOf(&variant.Variant{Contig: "chr20", Start: in[len(in)-1].End}) {
			continue
		}
		compared++
		if got[place] != text {
			t.Errorf("%s:\n got %s\nwant %s", place, got[place], text)
		}
	}
	if compared < 15 || len(got) != compared {
		t.Errorf("%d sites, want %d, at least 15", len(got), compared)
	}
}

func describeSite(s *variant.Site) string {
	return fmt.Sprintf("%d-%d %s %v DP %d AD %v VAF %v", s.Start, s.End, s.Ref, s.Alts, s.Depth, s.AD, s.VAF)
}

// readCandidates reads DeepVariantCall messages in the words of describe.
func readCandidates(t *testing.T, name string, ext bool) map[string]string {
	t.Helper()
	f, err := os.Open(shared.Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in, err := tfrecord.NewReader(f, name)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out := map[string]string{}
	for rec, err := range in.All() {
		if err != nil {
			t.Fatal(err)
		}
		c, err := example.DecodeCandidate(rec)
		if err != nil {
			t.Fatal(err)
		}
		site, err := c.Variant.Site()
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		b.WriteString(describeSite(&site))
		slices.SortFunc(c.SupportExt, func(x, y example.AlleleReadsExt) int {
			return cmp.Or(boolCompare(x.Allele == example.Uncalled, y.Allele == example.Uncalled), strings.Compare(x.Allele, y.Allele))
		})
		for _, a := range c.SupportExt {
			var keys []string
			for _, r := range a.Reads {
				key := fmt.Sprintf("%s low %v", r.Read, r.Low)
				if ext {
					key += fmt.Sprintf(" Q%d mapq %d reverse %v", r.BaseQuality, r.MapQ, r.Reverse)
				}
				keys = append(keys, key)
			}
			slices.Sort(keys)
			fmt.Fprintf(&b, "\n%s: %s", a.Allele, strings.Join(keys, ", "))
		}
		for _, at := range c.FrequencyAt {
			fmt.Fprintf(&b, "\n%d: %d%%", at.Offset, at.Value)
		}
		out[placeOf(&site.Variant)] = b.String()
	}
	return out
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
