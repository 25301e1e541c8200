package bed

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/text"
	"github.com/gx-genomics/gx/variant/locus"
)

func contigs(t testing.TB) *locus.Contigs {
	t.Helper()
	c, err := locus.NewContigs([]locus.Contig{{Name: "chr1", Length: 100}, {Name: "chr20", Length: 50}, {Name: "track", Length: 9}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func from(t testing.TB, content string, o Options) ([]Interval, error) {
	t.Helper()
	r, err := text.New("x.bed", strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return read(r, o)
}

func TestRead(t *testing.T) {
	const content = "browser position chr1:1-9\ntrack name=x\n# comment\n\nchr1\t0\t10\nchr20\t5\t5\tnone\t0\t+\r\nchr1 7 9 spaced\ntrack\t1\t2\nchr1\t1\t2\tchr20\t7\t9\tpair\n"
	got, err := from(t, content, Options{Contigs: contigs(t)})
	want := []Interval{
		{locus.Region{Contig: "chr1", Start: 0, End: 10}, "", 5},
		{locus.Region{Contig: "chr20", Start: 5, End: 5}, "none", 6},
		{locus.Region{Contig: "chr1", Start: 7, End: 9}, "spaced", 7},
		{locus.Region{Contig: "track", Start: 1, End: 2}, "", 8},
		{locus.Region{Contig: "chr1", Start: 1, End: 2}, "chr20", 9},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

func TestReadRefuses(t *testing.T) {
	for name, k := range map[string]struct{ content, want string }{
		"start behind end": {"chr1\t0\t1\nchr1\t9\t3\n", "x.bed:2: start 9 is behind end 3"},
		"negative":         {"chr1\t-1\t3\n", "x.bed:1: start -1, want at least 0"},
		"not a number":     {"chr1\t1\tend\n", `x.bed:1: end "end", want a number`},
		"a decimal":        {"chr1\t1.5\t3\n", `x.bed:1: start "1.5", want a number`},
		"too large":        {"chr1\t1\t2147483648\n", "x.bed:1: end 2147483648, want at most 2147483647"},
		"two columns":      {"chr1\t1\n", "x.bed:1: 2 columns, want at least 3: contig, start, end"},
		"no contig":        {"\t1\t2\n", "x.bed:1: no contig in the first column"},
		"behind the end":   {"chr20\t1\t51\n", "x.bed:1: end 51 is behind the end of chr20 (50 bases)"},
		"genotypes":        {"\x6c\x1b\x01\xff", "x.bed: is a PLINK file of genotypes, want BED regions: contig, start, end"},
		"other naming":     {"20\t1\t2\n", `x.bed:1: no such contig: "20"; the reference calls it "chr20"`},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := from(t, k.content, Options{Contigs: contigs(t)}); err == nil || err.Error() != k.want {
				t.Errorf("got %v, %v, want %s", got, err, k.want)
			}
		})
	}
}

func TestSkip(t *testing.T) {
	got, err := from(t, "chrUn\t1\t2\nchr1\t1\t2\n", Options{Contigs: contigs(t), Skip: true})
	if err != nil || len(got) != 1 || got[0].Line != 2 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestSetOfGzip(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte("c\t5\t9\nc\t0\t5\nd\t1\t1\n"))
	z.Close()
	path := filepath.Join(t.TempDir(), "named.bed")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := Set(path, Options{})
	if err != nil || s.Bases() != 9 || len(s.On("c")) != 1 {
		t.Errorf("got %v, %v", s, err)
	}
}

func TestShared(t *testing.T) {
	for path, lines := range map[string]int{ // grep -c '^[^#]'
		"population/HG002.GRCh38.chr20_train.bed":                               1514,
		"deepvariant/testdata/input/test_nist.b37_chr20_100kbp_at_10mb.bed":     11,
		"deepvariant/testdata/input/ref_class1_class2.chr20_100kbp_at_10mb.bed": 19,
	} {
		list, err := Read(shared.Path(t, path), Options{})
		if err != nil || len(list) != lines {
			t.Errorf("%s: %d intervals, %v, want %d", path, len(list), err, lines)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{"chr1\t0\t10\tn\n", "track x\nchr1 1 2", "chr20\t9\t3\n", "chr1\t1\t\n"} {
		f.Add(s)
	}
	c := contigs(f)
	f.Fuzz(func(t *testing.T, s string) {
		r, err := text.New("x.bed", strings.NewReader(s))
		if err != nil {
			return
		}
		list, err := read(r, Options{Contigs: c})
		if err != nil {
			return
		}
		for _, x := range list {
			if i := c.Index(x.Contig); i < 0 || x.Start < 0 || x.Start > x.End || x.End > c.At(i).Length {
				t.Fatalf("%q gives %v", s, x)
			}
		}
	})
}
