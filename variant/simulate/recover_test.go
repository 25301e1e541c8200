package simulate

import (
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/variant/align"
)

// measure is what is counted of reads whose every difference from the reference
// is an error.
type measure struct {
	quality      [qualities]float64 // bases
	wrong        [qualities]float64 // of them, mismatches
	cycle        [2][]cycleCount
	substitution [4][4]float64
	composition  [4]float64
	spans        [60]float64 // of homopolymers by length
	insertions   [60]float64
	deletions    [60]float64
	insert       []float64
	mapq         [256]float64
	duplicates   float64
	reads        float64
	depth        []int32
}

type cycleCount struct {
	bases, wrong, sum float64
}

func measured(ref []byte, reads []align.Read, length int) *measure {
	m := &measure{depth: make([]int32, len(ref)+1)}
	m.cycle = [2][]cycleCount{make([]cycleCount, length), make([]cycleCount, length)}
	runs := runLengths(ref)
	for i := range reads {
		r := &reads[i]
		m.reads++
		if r.Flag&align.Duplicate != 0 {
			m.duplicates++
		}
		if r.Flag&align.Unmapped != 0 {
			continue
		}
		m.mapq[r.MapQ]++
		if r.TemplateLen > 0 {
			m.insert = append(m.insert, float64(r.TemplateLen))
		}
		m.depth[r.Start]++
		m.depth[r.End()]--
		m.read(ref, r)
		m.crossed(runs, r)
	}
	for i := 1; i < len(m.depth); i++ {
		m.depth[i] += m.depth[i-1]
	}
	return m
}

// read counts the aligned bases of a read in its own direction.
func (m *measure) read(ref []byte, r *align.Read) {
	q, at := 0, r.Start
	reverse := r.Flag&align.Reverse != 0
	for i, q := range r.Quals {
		c := i
		if reverse {
			c = len(r.Quals) - 1 - i
		}
		m.cycle[r.Number()][c].sum += float64(q)
	}
	for _, x := range r.Cigar {
		for k := 0; x.Op() == align.M && k < x.Len(); k++ {
			c, is, was := q+k, codes[r.Bases[q+k]], codes[ref[at+k]]
			if reverse {
				c, is, was = len(r.Bases)-1-c, 3-is, 3-was
			}
			m.quality[r.Quals[q+k]]++
			m.cycle[r.Number()][c].bases++
			m.composition[was]++
			if is != was {
				m.wrong[r.Quals[q+k]]++
				m.cycle[r.Number()][c].wrong++
				m.substitution[was][is]++
			}
		}
		if x.Op().TakesRead() {
			q += x.Len()
		}
		if x.Op().TakesRef() {
			at += x.Len()
		}
	}
}

// runLengths is, at the first base of each homopolymer, its length.
func runLengths(ref []byte) []int {
	out := make([]int, len(ref))
	for i := 0; i < len(ref); {
		j := i
		for j < len(ref) && ref[j] == ref[i] {
			j++
		}
		out[i] = j - i
		i = j
	}
	return out
}

// crossed counts the homopolymers that a read crosses and the gaps at them:
// indels are left-aligned, so they stand before a run's first base.
func (m *measure) crossed(runs []int, r *align.Read) {
	at := r.Start
	for _, x := range r.Cigar {
		switch x.Op() {
		case align.I:
			m.insertions[min(runs[at], len(m.insertions)-1)]++
		case align.D:
			m.deletions[min(runs[at], len(m.deletions)-1)]++
		}
		if x.Op().TakesRef() {
			at += x.Len()
		}
	}
	for p := r.Start + 1; p < r.End()-1; p++ {
		if n := runs[p]; n > 0 && p+n < r.End() {
			m.spans[min(n, len(m.spans)-1)]++
		}
	}
}

// TestProfilesAreRecovered counts what is in simulated reads and holds it
// against the profile they were made with, the built-in one and measured ones:
// each figure within 5 % or its sampling error.
func TestProfilesAreRecovered(t *testing.T) {
	length := 400_000
	if testing.Short() {
		length = 60_000
	}
	ref := testReference(t, "c", length)
	t.Run("default", func(t *testing.T) { recovered(t, ref, DefaultProfile(), 150) })
	for name, n := range map[string]int{"HG001_HiSeq2000_2x101_50x": 101, "HG002_NIST_2x148_30x": 148} {
		t.Run(name, func(t *testing.T) {
			p, err := ReadProfile(sharedTables(t), name)
			if err != nil {
				t.Fatal(err)
			}
			recovered(t, ref, p, n)
		})
	}
}

// sharedTables opens the measured tables.
func sharedTables(t testing.TB) Tables {
	dir := shared.Path(t, "profiles/cycle.tsv")
	dir = strings.TrimSuffix(dir, "cycle.tsv")
	return func(table string) (io.ReadCloser, error) {
		f, err := os.Open(dir + table + ".tsv")
		if !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
		if f, err = os.Open(dir + table + ".tsv.gz"); err != nil {
			return nil, err
		}
		return gzip.NewReader(f)
	}
}

func recovered(t *testing.T, ref Sequence, p *Profile, length int) {
	o := plainReads()
	o.Length, o.Depth = length, 40
	m := measured(ref.Bases, collect(t, donorless(ref), p, o, 2), length)

	// near: within 5 %, or four and a half standard errors of a count.
	near := func(what string, got, want, count float64) {
		t.Helper()
		if slack := max(0.05, 4.5/math.Sqrt(max(count, 1))); math.Abs(got-want) > slack*want {
			t.Errorf("%s: %.6g, want %.6g within %.0f %%", what, got, want, 100*slack)
		}
	}
	machine := newMachine(p, length)
	expected := machine.expectation(p)
	bases := total(m.quality[:])
	for q := range qualities {
		if share := expected.quality[q]; share > 1e-4 {
			near("share of quality "+strconv.Itoa(q), m.quality[q]/bases, share, m.quality[q]/30) // stretches of equal qualities are not independent
		}
		// The worst qualities of all stand in tails that are clipped.
		if m.wrong[q] > 50 && expected.quality[q] > 5e-4 {
			near("mismatches at quality "+strconv.Itoa(q), m.wrong[q]/m.quality[q], expected.wrong[q]/expected.quality[q], m.wrong[q])
		}
	}
	// Errors before the last bases of a read get clipped with them now and then,
	// so that the ends are left out here.
	for read := range 2 {
		for c := 5; c < length-5; c++ {
			x := m.cycle[read][c]
			near("mean quality at cycle "+strconv.Itoa(c+1), x.sum/m.reads*2, expected.mean[read][c], math.Inf(1))
			if len(p.Cycle[read]) == length {
				near("mismatches at cycle "+strconv.Itoa(c+1), x.wrong/x.bases, p.Cycle[read][c], p.Cycle[read][c]*x.bases)
			}
		}
	}
	wrong := total(m.wrong[:])
	sum := 0.0
	for a := range 4 {
		sum += total(p.Substitution[a][:]) / (p.Composition[a] / total(p.Composition[:])) * m.composition[a] / bases
	}
	for a := range 4 {
		for b := range 4 {
			if n := m.substitution[a][b]; a != b {
				near("misreading "+letters[a:a+1]+" as "+letters[b:b+1], n/wrong,
					p.Substitution[a][b]/(p.Composition[a]/total(p.Composition[:]))*m.composition[a]/bases/sum, n)
			}
		}
	}
	p.checkRuns(t, ref, m)
	mean, sd := moments(m.insert)
	wantMean, wantSD := p.insertMoments()
	near("mean insert", mean, wantMean, math.Inf(1))
	near("sd of inserts", sd, wantSD, math.Inf(1))
	placed := total(m.mapq[:])
	near("mapping quality 60", m.mapq[60]/placed, p.MapQ[60]/total(p.MapQ[:]), math.Inf(1))
	near("duplicates", m.duplicates/m.reads, p.Duplicates, m.duplicates/2)
	p.checkGC(t, ref.Bases, m)
}

// checkRuns compares the indels of homopolymers, by length, with what the rates
// give for the spans that were seen; single loci differ by design, so that
// their own spread is allowed for.
func (p *Profile) checkRuns(t *testing.T, ref Sequence, m *measure) {
	t.Helper()
	for n := 1; n < 25; n++ {
		ins, del := 0.0, 0.0
		for b := range 4 {
			i, d := runRate{p.Insertion[b], p.Deletion[b]}.at(n)
			share := 0.3 // of A and T among short runs
			if b == 1 || b == 2 {
				share = 0.2
			}
			ins, del = ins+share*i, del+share*d
		}
		for _, x := range []struct {
			what      string
			got, want float64
		}{{"insertions", m.insertions[n], ins * m.spans[n]}, {"deletions", m.deletions[n], del * m.spans[n]}} {
			loci := 0.0
			for _, k := range runLengths(ref.Bases) {
				if k == n {
					loci++
				}
			}
			if loci < 50 {
				continue // too few places to average over
			}
			slack := 0.15*x.want + 4*math.Sqrt(x.want+1) + 4*0.8*x.want/math.Sqrt(loci)
			if math.Abs(x.got-x.want) > slack {
				t.Errorf("%s in runs of %d: %g, want %.1f +- %.1f", x.what, n, x.got, x.want, slack)
			}
		}
	}
}

// checkGC compares the depth of windows of 100 bases by their GC content.
func (p *Profile) checkGC(t *testing.T, ref []byte, m *measure) {
	t.Helper()
	var depth, windows [21]float64
	all, n, wanted := 0.0, 0.0, 0.0
	for at := 2000; at+100 < len(ref)-2000; at += 100 {
		gc, d := 0, 0.0
		for i := at; i < at+100; i++ {
			if c := codes[ref[i]]; c == 1 || c == 2 {
				gc++
			}
			d += float64(m.depth[i])
		}
		i := (gc + 2) / 5
		depth[i], windows[i] = depth[i]+d/100, windows[i]+1
		all, n, wanted = all+d/100, n+1, wanted+p.GC[i]
	}
	for i, w := range windows {
		if w < 100 {
			continue
		}
		got, want := depth[i]/w/(all/n), p.GC[i]/(wanted/n)
		if math.Abs(got-want) > 0.05*want+0.6/math.Sqrt(w) {
			t.Errorf("depth at %d %% GC: %.3f of the mean, want %.3f (%g windows)", 5*i, got, want, w)
		}
	}
}

func moments(x []float64) (mean, sd float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		sd += (v - mean) * (v - mean) / float64(len(x))
	}
	return mean, math.Sqrt(sd)
}

func (p *Profile) insertMoments() (mean, sd float64) {
	n := total(p.Insert)
	at := func(i int) float64 { return (float64(i) + 0.5) * float64(p.InsertBin) }
	for i, w := range p.Insert {
		mean += w / n * at(i)
	}
	for i, w := range p.Insert {
		sd += w / n * (at(i) - mean) * (at(i) - mean)
	}
	return mean, math.Sqrt(sd)
}

// expectation is what the chain of qualities gives in the mean, worked out
// cycle by cycle.
type expectation struct {
	quality, wrong [qualities]float64
	mean           [2][]float64
}

func (m *machine) expectation(p *Profile) *expectation {
	e := &expectation{}
	for read := range 2 {
		at := p.First[read]
		scale(&at)
		for c := range m.length {
			if c > 0 {
				var next [qualities]float64
				for q, w := range at {
					row := *p.row(read, c*5/m.length, q)
					scale(&row)
					for to, x := range row {
						next[to] += w * x
					}
				}
				at = next
			}
			mean := 0.0
			for q, w := range at {
				share := w / float64(2*m.length)
				e.quality[q] += share
				e.wrong[q] += share * min(0.9, p.Mismatch[q]*float64(m.cycles[read][c].factor))
				mean += w * float64(q)
			}
			e.mean[read] = append(e.mean[read], mean)
		}
	}
	return e
}
