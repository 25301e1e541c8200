package simulate

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/variant/align"
)

var update = flag.Bool("update", false, "rewrite the table in docs/simulation.md")

// TestProfilesThroughAligner gives simulated pairs to bwa mem, samtools markdup
// and samtools stats, and holds what these count against the profile the pairs
// were made from: each figure within 5 % or four standard errors. It needs bwa
// and samtools; GX_PEERS=1 makes their absence a failure.
//
// samtools stats leaves the longest 1 % of the inserts out of their mean and
// spread unless told otherwise (-m 1); without it the spread of any library
// comes out some 5 % low.
func TestProfilesThroughAligner(t *testing.T) {
	needAligner(t)
	ref := testReference(t, "c", 200_000)
	var rows alignedRows
	for _, name := range alignedProfiles {
		t.Run(name, func(t *testing.T) {
			p, o := alignedProfile(t, name)
			for _, f := range aligned(t, ref, p, o).figures(ref, p, o) {
				rows.add(t, name, f)
			}
		})
	}
	rows.keep(t, "profiles")
}

// alignedRows is a table of figures.
type alignedRows struct{ text strings.Builder }

// add takes a figure, which must hold.
func (r *alignedRows) add(t *testing.T, profile string, f figure) {
	t.Helper()
	t.Logf("%s: %s, %s", f.name, f.said(), f.difference())
	if f.over > 0 {
		t.Errorf("%s: %s, %s", f.name, f.said(), f.difference())
	}
	fmt.Fprintf(&r.text, "| %s | %s | %s | %s |\n", profile, f.name, f.said(), f.difference())
}

// needAligner skips a test where there is no aligner, and where time is short.
func needAligner(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("an aligner's work")
	}
	for _, tool := range []string{"bwa", "samtools"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("GX_PEERS") == "1" {
				t.Fatalf("%s is not installed, and GX_PEERS=1 wants it", tool)
			}
			t.Skipf("%s is not installed", tool)
		}
	}
}

// alignedProfiles are those that are looked at: the built-in one and the
// measured ones whose reads are of one length.
var alignedProfiles = []string{"default", "HG001_HiSeq2000_2x101_50x", "HG002_NIST_2x148_30x"}

// alignedProfile is a profile with options that add nothing to it.
func alignedProfile(t *testing.T, name string) (*Profile, ReadOptions) {
	t.Helper()
	p, o := DefaultProfile(), plainReads()
	if name != "default" {
		var err error
		if p, err = ReadProfile(sharedTables(t), name); err != nil {
			t.Fatal(err)
		}
		o.Length = len(p.Cycle[0])
	}
	o.Depth = 40
	return p, o
}

// keep puts the rows between two marks of docs/simulation.md, with -update.
// Versions of the aligner differ in the last digits, so they are not compared.
func (r *alignedRows) keep(t *testing.T, section string) {
	t.Helper()
	if !*update || t.Failed() {
		return
	}
	path := filepath.Join("..", "..", "docs", "simulation.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- begin "+section+" -->\n", "<!-- end "+section+" -->"
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, also := strings.Cut(rest, end)
	if !ok || !also {
		t.Fatalf("%s: no marks %q and %q", path, begin, end)
	}
	head := "| profile | figure | the profile, found | difference |\n|---|---|---|---|\n"
	if err := os.WriteFile(path, []byte(before+begin+head+r.text.String()+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// alignedCounts is what samtools stats and a walk over the alignments count.
type alignedCounts struct {
	quality    [2][][qualities]float64 // bases, by read, cycle and quality
	wrong      [][qualities]float64    // mismatches, by cycle and quality
	insert     []float64               // pairs by length
	reads, dup float64
	placed     float64 // bases that are aligned
	length     int
	genome     int

	spans                 [2][]float64 // reads of each strand that cross the run which begins at a base
	insertions, deletions []float64    // before a base
}

// aligned makes pairs, aligns them, and counts.
func aligned(t *testing.T, ref Sequence, p *Profile, o ReadOptions) *alignedCounts {
	t.Helper()
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	writeFile(t, path("r.fa"), func(w io.Writer) { fmt.Fprintf(w, ">%s\n%s\n", ref.Name, ref.Bases) })
	writePairs(t, ref, p, o, path("1.fq"), path("2.fq"))
	command(t, "", "bwa", "index", path("r.fa"))
	command(t, path("raw.sam"), "bwa", "mem", "-t", "2", path("r.fa"), path("1.fq"), path("2.fq"))
	command(t, "", "samtools", "fixmate", "-m", "-u", path("raw.sam"), path("mates.bam"))
	command(t, "", "samtools", "sort", "-l", "1", "-o", path("sorted.bam"), path("mates.bam"))
	command(t, "", "samtools", "markdup", path("sorted.bam"), path("marked.bam"))
	command(t, path("stats"), "samtools", "stats", "-m", "1", "-r", path("r.fa"), path("marked.bam"))
	command(t, path("marked.sam"), "samtools", "view", "-F", "0x900", path("marked.bam"))

	a := &alignedCounts{length: o.Length, genome: len(ref.Bases)}
	a.quality = [2][][qualities]float64{make([][qualities]float64, o.Length), make([][qualities]float64, o.Length)}
	a.wrong = make([][qualities]float64, o.Length)
	eachLine(t, path("stats"), a.line)
	var batch align.Batch
	eachLine(t, path("marked.sam"), func(c []string) { addSAM(t, &batch, c) })
	a.cross(ref.Bases, batch.Reads)
	return a
}

// line takes a line of samtools stats.
func (a *alignedCounts) line(c []string) {
	number := func(i int) float64 {
		x, err := strconv.ParseFloat(c[i], 64)
		if err != nil {
			return 0
		}
		return x
	}
	switch c[0] {
	case "FFQ", "LFQ":
		if cycle := int(number(1)) - 1; cycle < a.length {
			read := 0
			if c[0] == "LFQ" {
				read = 1
			}
			for q := 0; q+2 < len(c) && q < qualities; q++ {
				a.quality[read][cycle][q] = number(q + 2)
			}
		}
	case "MPC":
		if cycle := int(number(1)) - 1; cycle < a.length {
			for q := 0; q+3 < len(c) && q < qualities; q++ {
				a.wrong[cycle][q] = number(q + 3)
			}
		}
	case "IS":
		for len(a.insert) <= int(number(1)) {
			a.insert = append(a.insert, 0)
		}
		a.insert[int(number(1))] = number(3) // those whose reads face each other
	case "SN":
		switch c[1] {
		case "raw total sequences:":
			a.reads = number(2)
		case "reads duplicated:":
			a.dup = number(2)
		case "bases mapped (cigar):":
			a.placed = number(2)
		}
	}
}

// addSAM adds a line of SAM with what counting needs of it.
func addSAM(t *testing.T, b *align.Batch, c []string) {
	t.Helper()
	whole := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	r := align.Read{Name: c[0], Flag: align.Flag(whole(c[1])), Start: whole(c[3]) - 1, MapQ: byte(whole(c[4])), TemplateLen: whole(c[8]), Bases: []byte(c[9])}
	for _, q := range []byte(c[10]) {
		r.Quals = append(r.Quals, q-33)
	}
	n := 0
	for _, x := range []byte(c[5]) {
		if x == '*' {
			break
		}
		if x >= '0' && x <= '9' {
			n = 10*n + int(x-'0')
			continue
		}
		r.Cigar = append(r.Cigar, align.MakeOp(align.Op(strings.IndexByte("MIDNSHP=X", x)), n))
		n = 0
	}
	b.Add(&r)
}

// figure is a number of the profile beside the one that was found, or the worst
// of a family of such.
type figure struct {
	name      string
	want, got float64
	over      float64 // by how much of itself it is off beyond what is allowed; 0 or less: not
	slack     float64
	family    int
	format    string
	sampling  bool // the standard error is what allows it
}

func (f *figure) said() string { return fmt.Sprintf(f.format+", "+f.format, f.want, f.got) }

func (f *figure) difference() string {
	bar := "5 %"
	if f.sampling {
		bar = fmt.Sprintf("%.1f %%, four standard errors", 100*f.slack)
	}
	text := fmt.Sprintf("%+.1f %% of %s", 100*(f.got/f.want-1), bar)
	if f.family > 1 {
		text += fmt.Sprintf("; the worst of %d", f.family)
	}
	return text
}

// off fills in how far a figure is off; error is its relative standard error.
func (f figure) off(error float64) figure {
	f.slack = max(0.05, 4*error)
	f.sampling = f.slack > 0.05
	f.over = math.Abs(f.got/f.want-1) - f.slack
	f.family = 1
	return f
}

// worstOf keeps, of a family, the figure that is nearest to its bar.
func worstOf(list []figure) figure {
	w := slices.MaxFunc(list, func(a, b figure) int {
		ratio := func(f figure) float64 { return (f.over + f.slack) / f.slack }
		switch x, y := ratio(a), ratio(b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	w.family = len(list)
	return w
}

// figures compares all that was counted with the profile. Some bases are misread
// more often than others, so that mismatches follow the composition of what is
// sequenced.
func (a *alignedCounts) figures(ref Sequence, p *Profile, o ReadOptions) []figure {
	e := newMachine(p, o.Length).expectation(p)
	richer := 0.0
	for _, b := range ref.Bases {
		c, f := codes[b], p.errorsByBase()
		richer += (f[c] + f[3-c]) / float64(2*len(ref.Bases))
	}
	var out, list []figure
	for read := range 2 {
		for c := range o.Length {
			sum, n := 0.0, 0.0
			for q, x := range a.quality[read][c] {
				sum, n = sum+x*float64(q), n+x
			}
			list = append(list, figure{name: fmt.Sprintf("mean quality by cycle (read %d, cycle %d)", read+1, c+1), want: e.mean[read][c], got: sum / n, format: "%.2f"}.off(0))
		}
	}
	out, list = append(out, worstOf(list)), nil
	var bases, wrong [qualities]float64
	all, allWrong := 0.0, 0.0
	for c := range o.Length {
		for q := range qualities {
			n := a.quality[0][c][q] + a.quality[1][c][q]
			bases[q], all = bases[q]+n, all+n
			wrong[q], allWrong = wrong[q]+a.wrong[c][q], allWrong+a.wrong[c][q]
		}
	}
	for q := range qualities {
		if e.quality[q] > 1e-4 { // stretches of equal qualities are not independent: a thirtieth of the bases counts
			list = append(list, figure{name: fmt.Sprintf("share of bases by quality (Q%d)", q), want: 100 * e.quality[q], got: 100 * bases[q] / all, format: "%.3f %%"}.off(1/math.Sqrt(bases[q]/30)))
		}
	}
	out, list = append(out, worstOf(list)), nil
	expected := total(e.wrong[:]) * richer
	out = append(out, figure{name: "mismatch rate", want: 1e3 * expected, got: 1e3 * allWrong / a.placed, format: "%.3f per kb"}.off(1/math.Sqrt(allWrong)))
	for q := range qualities {
		if wrong[q] > 50 && e.quality[q] > 5e-4 { // the worst qualities of all stand in tails that are clipped
			list = append(list, figure{name: fmt.Sprintf("mismatch rate by quality (Q%d)", q), want: 1e3 * richer * e.wrong[q] / e.quality[q], got: 1e3 * wrong[q] / bases[q], format: "%.3f per kb"}.off(1/math.Sqrt(wrong[q])))
		}
	}
	out, list = append(out, worstOf(list)), nil
	for c := 5; c < o.Length-5 && len(p.Cycle[0]) == o.Length; c++ { // errors in the last bases are clipped with them
		n, x := total(a.quality[0][c][:])+total(a.quality[1][c][:]), total(a.wrong[c][:])
		list = append(list, figure{name: fmt.Sprintf("mismatch rate by cycle (%d)", c+1), want: 1e3 * richer * (p.Cycle[0][c] + p.Cycle[1][c]) / 2, got: 1e3 * x / n, format: "%.3f per kb"}.off(1/math.Sqrt(x)))
	}
	if len(list) > 0 {
		out, list = append(out, worstOf(list)), nil
	}
	out = append(out, a.inserts(p)...)
	return append(out, a.duplicates(p))
}

func (a *alignedCounts) inserts(p *Profile) []figure {
	n, mean, sd := total(a.insert), 0.0, 0.0
	for i, x := range a.insert {
		mean += x / n * float64(i)
	}
	for i, x := range a.insert {
		sd += x / n * (float64(i) - mean) * (float64(i) - mean)
	}
	wantMean, wantSD := p.insertMoments()
	return []figure{
		figure{name: "mean insert", want: wantMean, got: mean, format: "%.1f"}.off(0),
		figure{name: "standard deviation of inserts", want: wantSD, got: math.Sqrt(sd), format: "%.1f"}.off(0),
	}
}

// duplicates expects, beside those that were made, the pairs that begin and end
// at the same bases by chance.
func (a *alignedCounts) duplicates(p *Profile) figure {
	fragments, n, same := a.reads/2, total(p.Insert), 0.0
	for _, w := range p.Insert {
		same += w / n * w / n / float64(p.InsertBin)
	}
	chance := fragments / float64(a.genome) * same / 4 // each of two strands has half of them, and of a pair of fragments one is marked
	return figure{name: "duplicates, chance included", want: 100 * (p.Duplicates + chance), got: 100 * a.dup / a.reads, format: "%.2f %%"}.off(1 / math.Sqrt(a.dup/2))
}

// TestRunErrorsThroughAligner does the same with the indels of homopolymers, of
// which any reference has too few: on one made of runs, at 25 times the
// profile's rates. How much more than the mean each place errs is known, so that
// only chance is between what is expected and what is found.
func TestRunErrorsThroughAligner(t *testing.T) {
	needAligner(t)
	ref := runReference(15, 60)
	var rows alignedRows
	for _, name := range alignedProfiles {
		t.Run(name, func(t *testing.T) {
			p, o := alignedProfile(t, name)
			o.RunErrors, o.Depth = 25, 60
			a := aligned(t, ref, p, o)
			for _, f := range a.indels(ref, p, o, name != "default") {
				rows.add(t, name, f)
			}
		})
	}
	rows.keep(t, "runs")
}

// runReference has so many homopolymers of each length and base, apart by random
// bases.
func runReference(longest, each int) Sequence {
	r := rand.New(rand.NewPCG(8, 1))
	var b []byte
	between := func() {
		for range 110 {
			next := letters[r.IntN(4)]
			for len(b) > 0 && next == b[len(b)-1] {
				next = letters[r.IntN(4)]
			}
			b = append(b, next)
		}
	}
	for range each {
		for n := 2; n <= longest; n++ {
			between()
			base := letters[r.IntN(4)]
			for base == b[len(b)-1] {
				base = letters[r.IntN(4)]
			}
			b = append(b, bytes.Repeat([]byte{base}, n)...)
		}
	}
	between()
	return Sequence{"c", b}
}

// indels compares insertions and deletions by the length of the homopolymer
// they stand in, among the reads that cross it. The rates of a measured profile
// are those that its alignments would show, raised by what these would not.
func (a *alignedCounts) indels(ref Sequence, p *Profile, o ReadOptions, isMeasured bool) []figure {
	s := newRun(p, o).onContig(&Contig{Sequence: ref, Donors: []Donor{{Share: 1}}}, 0)
	w := s.newWindow(ref.Bases, s.tracks[0][0].Window(0, len(ref.Bases)))
	var want, got [2][25]float64
	for k := range len(w.runs) - 1 {
		at, n := int(w.runs[k]), int(w.runs[k+1]-w.runs[k])
		if n < 2 || n >= 25 {
			continue
		}
		for strand := range 2 {
			ins, del := s.runRates(w, k, strand)
			if isMeasured {
				ins, del = ins/unseen(o.Length, n, 1, p.LongInsertion), del/unseen(o.Length, n, -1, p.LongDeletion)
			}
			want[0][n] += ins * a.spans[strand][at]
			want[1][n] += del * a.spans[strand][at]
		}
		got[0][n] += a.insertions[at]
		got[1][n] += a.deletions[at]
	}
	var out []figure
	for k, kind := range [2]string{"insertions", "deletions"} {
		w, g := total(want[k][:]), total(got[k][:])
		out = append(out, figure{name: kind + " in runs", want: w, got: g, format: "%.0f"}.off(1/math.Sqrt(w)))
		var list []figure
		for n, w := range want[k] {
			if w >= 20 {
				list = append(list, figure{name: fmt.Sprintf("%s by length of the run (%d)", kind, n), want: w, got: got[k][n], format: "%.0f"}.off(1/math.Sqrt(w)))
			}
		}
		out = append(out, worstOf(list))
	}
	return out
}

// cross counts, at the first base of each run, the reads of each strand that
// cross it whole and the gaps before it, where aligners set those of the run.
func (a *alignedCounts) cross(ref []byte, reads []align.Read) {
	runs := runLengths(ref)
	a.spans = [2][]float64{make([]float64, len(ref)), make([]float64, len(ref))}
	a.insertions, a.deletions = make([]float64, len(ref)), make([]float64, len(ref))
	for i := range reads {
		r := &reads[i]
		if r.Flag&align.Unmapped != 0 {
			continue
		}
		strand := 0
		if r.Flag&align.Reverse != 0 {
			strand = 1
		}
		for p := r.Start + 1; p < r.End()-1; p++ {
			if n := runs[p]; n > 0 && p+n < r.End() {
				a.spans[strand][p]++
			}
		}
		at := r.Start
		for _, x := range r.Cigar {
			switch x.Op() {
			case align.I:
				a.insertions[at]++
			case align.D:
				a.deletions[at]++
			}
			if x.Op().TakesRef() {
				at += x.Len()
			}
		}
	}
}

func writeFile(t *testing.T, path string, write func(io.Writer)) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	write(w)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func writePairs(t *testing.T, ref Sequence, p *Profile, o ReadOptions, first, second string) {
	t.Helper()
	writeFile(t, first, func(a io.Writer) {
		writeFile(t, second, func(b io.Writer) {
			err := Pairs(t.Context(), donorless(ref), p, o, 2, func(pair *Pair) error {
				for k, w := range []io.Writer{a, b} {
					quals := slices.Clone(pair.Quals[k])
					for i := range quals {
						quals[i] += 33
					}
					fmt.Fprintf(w, "@%s\n%s\n+\n%s\n", pair.Name, pair.Bases[k], quals)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	})
}

// command runs a program, its output to a file where one is named.
func command(t *testing.T, out string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	var said bytes.Buffer
	cmd.Stderr = &said
	if out != "" {
		f, err := os.Create(out)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		cmd.Stdout = f
	}
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, said.String())
	}
}

// eachLine calls f with the columns of each line.
func eachLine(t *testing.T, path string, f func([]string)) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		f(strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
}
