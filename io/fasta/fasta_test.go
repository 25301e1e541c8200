package fasta

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/variant/locus"
)

const small = ">one first of two\nACGTN\nacgtn\nRy\n>two\r\nGGGG\r\nTT\r\n>none\n"

func write(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// pack is content as BGZF in blocks of n bytes.
func pack(t testing.TB, content string, n int) string {
	t.Helper()
	var b bytes.Buffer
	w, err := bgzf.NewWriter(&b, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	for chunk := range slices.Chunk([]byte(content), n) {
		w.Write(chunk)
		w.Flush()
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func opened(t testing.TB, path string) (*File, []string) {
	t.Helper()
	var notices []string
	f, err := Open(path, Options{Blocks: 2, Notice: func(s string) { notices = append(notices, s) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f, notices
}

func TestBases(t *testing.T) {
	for name, path := range map[string]string{
		"plain": write(t, "a.fa", small), "bgzip": write(t, "a.fa.gz", pack(t, small, 7)),
	} {
		t.Run(name, func(t *testing.T) {
			f, _ := opened(t, path)
			want := []locus.Contig{{Name: "one", Length: 12}, {Name: "two", Length: 6}, {Name: "none", Length: 0}}
			if got := f.Contigs().List(); !slices.Equal(got, want) {
				t.Fatalf("contigs %v, want %v", got, want)
			}
			for contig, seq := range map[string]string{"one": "ACGTNACGTNRY", "two": "GGGGTT", "none": ""} {
				for i := range len(seq) + 1 {
					for j := i; j <= len(seq); j++ {
						got, err := f.Bases([]byte("x"), locus.Region{Contig: contig, Start: i, End: j})
						if err != nil || string(got) != "x"+seq[i:j] {
							t.Fatalf("%s [%d,%d): got %q, %v, want %q", contig, i, j, got, err, "x"+seq[i:j])
						}
					}
				}
			}
		})
	}
}

func TestBasesErrors(t *testing.T) {
	path := write(t, "a.fa", ">chr20\nACGTJ\nAC\n")
	f, _ := opened(t, path)
	for _, k := range []struct {
		r    locus.Region
		want string
	}{
		{locus.Region{Contig: "chr20", Start: 2, End: 6}, "a.fa: chr20:5: character 'J' in the sequence, want IUPAC bases"},
		{locus.Region{Contig: "chr20", Start: 2, End: 8}, "a.fa: chr20:3-8: lies beyond the end of the reference: chr20 has 7 bases"},
		{locus.Region{Contig: "20", Start: 0, End: 1}, `a.fa: no such contig: "20"; the reference calls it "chr20"`},
	} {
		got, err := f.Bases([]byte("x"), k.r)
		if err == nil || filepath.Base(err.Error()) != k.want || string(got) != "x" {
			t.Errorf("%v: got %q, %v, want %s", k.r, got, err, k.want)
		}
	}
}

func TestIndexMadeAndSaid(t *testing.T) {
	path := write(t, "a.fa.gz", pack(t, small, 9))
	_, notices := opened(t, path)
	want := []string{
		path + ": index made and written to " + path + ".gzi",
		path + ": index made and written to " + path + ".fai",
	}
	if !slices.Equal(notices, want) {
		t.Errorf("notices %q, want %q", notices, want)
	}
	fai, err := os.ReadFile(path + ".fai")
	if err != nil {
		t.Fatal(err)
	}
	if want := "one\t12\t18\t5\t6\ntwo\t6\t39\t4\t6\nnone\t0\t55\t0\t0\n"; string(fai) != want {
		t.Errorf(".fai\n%s want\n%s", fai, want)
	}
	if _, notices := opened(t, path); len(notices) != 0 {
		t.Errorf("the second time: %q", notices)
	}
}

func TestStaleIndex(t *testing.T) {
	path := write(t, "a.fa", small)
	opened(t, path)
	later := time.Now().Add(time.Hour)
	for name, content := range map[string]string{
		"a base more":      strings.Replace(small, "GGGG", "GGGGG", 1),
		"a name changed":   strings.Replace(small, ">two", ">owt", 1),
		"cut short":        small[:30],
		"a sequence more":  small + ">more\nAC\n",
		"a sequence fewer": small[:strings.Index(small, ">none")],
	} {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, later, later); err != nil {
			t.Fatal(err)
		}
		_, err := Open(path, Options{})
		if !errors.Is(err, ErrStale) || !strings.Contains(err.Error(), "remedy: delete "+path+".fai") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := os.WriteFile(path, []byte(small), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, later, later); err != nil {
		t.Fatal(err)
	}
	if _, notices := opened(t, path); len(notices) != 1 || !strings.Contains(notices[0], "older than its file") {
		t.Errorf("touched, but the same: %q", notices)
	}
}

func TestOpenRefuses(t *testing.T) {
	for name, k := range map[string]struct{ content, want string }{
		"empty":          {"", "is empty"},
		"not FASTA":      {"@r1\nACGT\n", "want FASTA"},
		"gzip":           {"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", "is gzip, not bgzip"},
		"uneven":         {">a\nAC\nACG\nA\n", ":3: lines of different length in sequence a"},
		"after short":    {">a\nACG\nAC\nAC\n", ":4: lines of different length"},
		"line in middle": {">a\nACG\n\nACG\n", ":4: lines of different length"},
		"twice":          {">a\nAC\n>a\nAC\n", ":3: sequence a stands twice"},
		"no name":        {">\nAC\n", ":1: sequence without a name"},
		"cut bgzip":      {pack(t, small, 100)[:60], "truncated"},
	} {
		_, err := Open(write(t, "a.fa", k.content), Options{})
		if err == nil || !strings.Contains(err.Error(), k.want) {
			t.Errorf("%s: %v, want %q", name, err, k.want)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none.fa"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
}

// TestShared compares bases with what samtools faidx 1.16 gives, and the
// indexes made here with those that samtools made.
func TestShared(t *testing.T) {
	path := shared.Path(t, "deepvariant/testdata/input/grch38.chr20_and_21_10M.fa.gz")
	region, want := locus.Region{Contig: "chr21", Start: 5_010_000, End: 5_010_030}, "GATCCACCCGCCTTGGCCTCCTAAAGTGCT"
	if testing.Short() {
		path = shared.Path(t, "reference/GRCh37.chr17_1-1000000.fa.gz")
		region, want = locus.Region{Contig: "17", Start: 500_000, End: 500_030}, "CCCAAAGGGTTGATTCTCAGCTTAAACACT"
	}
	f, notices := opened(t, path)
	if len(notices) != 0 {
		t.Errorf("notices %q", notices)
	}
	if got, err := f.Bases(nil, region); err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
	_, made, err := f.blockIndex(nil)
	if err != nil {
		t.Fatal(err)
	}
	indexed, err := os.ReadFile(path + ".gzi")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, indexed) {
		t.Error(".gzi differs from that of bgzip")
	}
	index, err := f.scan()
	if err != nil {
		t.Fatal(err)
	}
	if indexed, err = os.ReadFile(path + ".fai"); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(formatIndex(index), indexed) {
		t.Errorf(".fai\n%s want\n%s", formatIndex(index), indexed)
	}
}

// TestStaleBlocks opens a file with the .gzi of another.
func TestStaleBlocks(t *testing.T) {
	content := ">a\n" + strings.Repeat("ACGTTGCAAC\n", 300)
	path := write(t, "a.fa.gz", pack(t, content, 500))
	opened(t, path)
	for name, other := range map[string]string{"smaller blocks": pack(t, content, 100), "longer blocks": pack(t, content, 900), "incompressible": pack(t, content, 499)} {
		if err := os.WriteFile(path, []byte(other), 0o644); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path, Options{})
		if err == nil {
			_, err = f.Bases(nil, locus.Region{Contig: "a", Start: 0, End: 3000})
			f.Close()
		}
		if !errors.Is(err, ErrStale) || !strings.Contains(err.Error(), "remedy") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFolderNotWritable keeps the index in memory, and says so.
func TestFolderNotWritable(t *testing.T) {
	path := write(t, "a.fa", small)
	if err := os.Mkdir(path+".fai.d", 0o755); err != nil {
		t.Fatal(err)
	}
	for _, k := range []struct{ path, want string }{
		{path + ".fai", "index made and written to " + path + ".fai"},
		{path + ".fai.d/none/x.fai", "index made and kept in memory, for " + path + ".fai.d/none/x.fai cannot be written"},
	} {
		if got := keep(k.path, []byte("x")); got != k.want {
			t.Errorf("got %q, want %q", got, k.want)
		}
	}
}

func TestMD5(t *testing.T) {
	f, _ := opened(t, write(t, "a.fa", ">a\nACgt\nAC\n"))
	// printf ACGTAC | md5sum
	if got, err := f.MD5(t.Context(), "a"); err != nil || got != "1617b7d879d437fa4c87da5875264b14" {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestConcurrent(t *testing.T) {
	seq := strings.Repeat("ACGTTGCAAC", 500)
	f, _ := opened(t, write(t, "a.fa.gz", pack(t, ">a\n"+seq+"\n", 64)))
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := g; i+100 < len(seq); i += 37 {
				if got, err := f.Bases(nil, locus.Region{Contig: "a", Start: i, End: i + 100}); err != nil || string(got) != seq[i:i+100] {
					t.Errorf("at %d: %s, %v", i, got, err)
					return
				}
			}
		})
	}
	wg.Wait()
}
