package bam

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	hts "github.com/biogo/hts/bam"
	"github.com/biogo/hts/sam"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/variant/align"
	"github.com/gx-genomics/gx/variant/locus"
)

// sharedBAMs is the BAM files of real data, small ones only with -short: of the
// many samples of low coverage some.
func sharedBAMs(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, root := range []string{"deepvariant/testdata/input", "reads", "malformed"} {
		err := filepath.WalkDir(shared.Path(t, root), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".bam") {
				return err
			}
			info, err := d.Info()
			if sister := strings.Contains(path, "CEU-lowcov"); sister && !strings.Contains(path, "NA1200") {
				return err
			}
			if err == nil && (!testing.Short() || info.Size() < 300_000) {
				out = append(out, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(out) < 8 {
		t.Fatalf("only %d BAM files", len(out))
	}
	return out
}

// TestRecordsEqualBiogo compares each field of each record with another
// implementation.
func TestRecordsEqualBiogo(t *testing.T) {
	for _, path := range sharedBAMs(t) {
		in, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		oracle, err := hts.NewReader(in, 1)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		f := open(t, path, Options{Threads: 2})
		for i, ref := range oracle.Header().Refs() {
			if c := f.Header().Contigs.At(i); c.Name != ref.Name() || c.Length != ref.Len() {
				t.Errorf("%s: contig %d is %v, want %s %d", path, i, c, ref.Name(), ref.Len())
			}
		}
		n := 0
		for r, err := range f.All() {
			if err != nil {
				t.Fatal(err)
			}
			want, err := oracle.Read()
			if err != nil {
				t.Fatalf("%s: record %d: %v", path, n, err)
			}
			if s := differs(r, want); s != "" {
				t.Fatalf("%s: record %d, %s: %s", path, n, r.Name, s)
			}
			n++
		}
		if _, err := oracle.Read(); err != io.EOF {
			t.Errorf("%s: gx ends after %d records, the other goes on: %v", path, n, err)
		}
		in.Close()
	}
}

// differs names the first field in which two readers differ.
func differs(r *align.Read, w *sam.Record) string {
	var cigar align.Cigar
	for _, x := range w.Cigar {
		cigar = append(cigar, align.CigarOp(x))
	}
	var aux []byte
	for _, a := range w.AuxFields {
		aux = append(aux, a...)
		if a.Kind() == 'Z' || a.Kind() == 'H' {
			aux = append(aux, 0)
		}
	}
	for _, x := range []struct {
		field     string
		got, want any
	}{
		{"name", r.Name, w.Name}, {"flag", int(r.Flag), int(w.Flags)}, {"contig", r.Contig, w.Ref.ID()}, {"start", r.Start, w.Pos},
		{"mapq", r.MapQ, w.MapQ}, {"cigar", r.Cigar.String(), cigar.String()}, {"bases", string(r.Bases), string(w.Seq.Expand())},
		{"quals", string(r.Quals), string(w.Qual)}, {"mate contig", r.MateContig, w.MateRef.ID()}, {"mate start", r.MateStart, w.MatePos},
		{"template", r.TemplateLen, w.TempLen},
	} {
		if x.got != x.want {
			return fmt.Sprintf("%s is %v, want %v", x.field, x.got, x.want)
		}
	}
	if r.Flag&align.Unmapped == 0 && r.End() != w.End() && r.Cigar.RefLen() > 0 {
		return fmt.Sprintf("end is %d, want %d", r.End(), w.End())
	}
	if !bytes.Equal(r.Aux, aux) {
		return fmt.Sprintf("optional fields are %q, want %q", r.Aux, aux)
	}
	return ""
}

// placed is a read's identity and the bases it covers for a query.
type placed struct {
	name               string
	flag               align.Flag
	contig, start, end int
	mate               int
}

func place(r *align.Read) placed {
	return placed{string([]byte(r.Name)), r.Flag, r.Contig, r.Start, max(r.End(), r.Start+1), r.MateStart}
}

// checkQueries compares queries of all sizes and at all edges with a filtered
// walk over the whole file.
func checkQueries(t *testing.T, f *File) {
	t.Helper()
	var all []placed
	for r, err := range f.All() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, place(r))
	}
	queries := 0
	for i, c := range f.Header().Contigs.List() {
		var on []placed
		for _, p := range all {
			if p.contig == i {
				on = append(on, p)
			}
		}
		if len(on) == 0 && i > 3 {
			continue
		}
		regions := [][2]int{{0, c.Length}, {0, 1}, {c.Length - 1, c.Length}, {c.Length / 2, c.Length/2 + 1000}, {5, 5}}
		for k := 0; k < len(on); k += max(1, len(on)/4) {
			p := on[k]
			regions = append(regions, [2]int{p.start, p.end}, [2]int{p.start, p.start + 1}, [2]int{p.end - 1, p.end}, [2]int{p.end, p.end + 1},
				[2]int{p.start &^ 0x3fff, p.start&^0x3fff + 0x4000}, [2]int{p.start - 1000, p.start}, [2]int{p.start, p.start + 70000})
		}
		for _, q := range regions {
			queries++
			at := 0
			for r, err := range f.Reads(t.Context(), locus.Region{Contig: c.Name, Start: q[0], End: q[1]}) {
				if err != nil {
					t.Fatalf("%s %s:%v: %v", f.path, c.Name, q, err)
				}
				for at < len(on) && (on[at].start >= q[1] || on[at].end <= q[0]) {
					at++
				}
				if at == len(on) || place(r) != on[at] {
					t.Fatalf("%s %s:%v: %v, want record %d of %d on the contig", f.path, c.Name, q, place(r), at, len(on))
				}
				at++
			}
			if i := slices.IndexFunc(on[at:], func(p placed) bool { return p.start < q[1] && p.end > q[0] && q[0] < q[1] }); i >= 0 {
				t.Fatalf("%s %s:%v: %v is missing", f.path, c.Name, q, on[at+i])
			}
		}
	}
	if queries == 0 {
		t.Errorf("%s: no query", f.path)
	}
}

// TestReadsEqualAScan runs queries over real files, with the indexes that lie
// beside them and with a BAI and a CSI of our own.
func TestReadsEqualAScan(t *testing.T) {
	dir := t.TempDir()
	for i, path := range sharedBAMs(t) {
		f := open(t, path, Options{})
		if sorted := f.Header().SortOrder != "queryname" && f.Header().SortOrder != "unsorted"; !sorted || strings.Contains(path, "malformed/nucleus") {
			continue
		}
		if err := f.CheckIndex(); err == nil {
			checkQueries(t, f)
		}
		if i%4 > 0 {
			continue
		}
		for _, csi := range []bool{false, true} {
			index := filepath.Join(dir, fmt.Sprint(i, csi))
			var b bytes.Buffer
			if err := WriteIndex(&b, f, csi); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(index, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			checkQueries(t, open(t, path, Options{Index: index}))
		}
	}
}

// TestOurIndexServesBiogo reads the index that we write with another
// implementation: its chunks hold what ours do.
func TestOurIndexServesBiogo(t *testing.T) {
	h := testHeader(t)
	reads := sample(h, 3000)
	path := written(t, h, reads, WriterOptions{})
	b, err := os.ReadFile(path + ".bai")
	if err != nil {
		t.Fatal(err)
	}
	x, err := hts.ReadIndex(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	z, err := hts.NewReader(in, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range [][3]int{{0, 0, 3_000_000}, {0, 100_000, 101_000}, {1, 500_000, 516_000}, {2, 0, 60_000}} {
		want := 0
		for i := range reads {
			if reads[i].Contig == q[0] && reads[i].Start < q[2] && max(reads[i].End(), reads[i].Start+1) > q[1] {
				want++
			}
		}
		chunks, err := x.Chunks(z.Header().Refs()[q[0]], q[1], q[2])
		if err != nil {
			t.Fatal(err)
		}
		it, err := hts.NewIterator(z, chunks)
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		for it.Next() {
			if r := it.Record(); r.Ref.ID() == q[0] && r.Pos < q[2] && max(r.End(), r.Pos+1) > q[1] {
				got++
			}
		}
		if got != want || it.Error() != nil {
			t.Errorf("%v: %d reads, want %d, %v", q, got, want, it.Error())
		}
	}
}
