package vcf

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/variant/locus"
)

// random writes a file with n records on a short and a long contig, some of
// them long deletions, and gives its path.
func random(t testing.TB, n, long int) string { return randomAs(t, "r.vcf.gz", n, long) }

func randomAs(t testing.TB, name string, n, long int) string {
	t.Helper()
	h := NewHeader("VCFv4.2")
	h.AddInfo("END", "1", "Integer", "End")
	c, err := locus.NewContigs([]locus.Contig{{Name: "none", Length: 10}, {Name: "a", Length: 3_000_000}, {Name: "b", Length: long}})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.AddContigs(c); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewWriterFor(path, f, h, 2)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(7, uint64(n)))
	var row Row
	for _, c := range c.List()[1:] {
		pos := make([]int, n)
		for i := range pos {
			pos[i] = rng.IntN(c.Length)
		}
		slices.Sort(pos)
		for _, p := range pos {
			row.Site(c.Name, p, "ACGT"[rng.IntN(4):][:1], "<DEL>")
			row.Qual(float64(rng.IntN(1000)) / 10)
			row.Filter()
			if rng.IntN(10) == 0 {
				row.InfoInts("END", min(c.Length, p+1+rng.IntN(200_000)))
			}
			if err := w.Write(&row); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	suffix, index, err := w.Index()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path+suffix, index, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// wants checks Query against a walk through the whole file.
func wants(t *testing.T, path string, queries int) {
	t.Helper()
	v, err := OpenIndexed(path)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	type site struct {
		locus.Region
		text string
	}
	var all []site
	for rec, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, site{locus.Region{Contig: rec.Contig, Start: rec.Pos, End: rec.End()}, rec.where()})
	}
	if len(all) == 0 {
		t.Fatal("no records")
	}
	rng := rand.New(rand.NewPCG(3, 4))
	if testing.Short() {
		queries /= 5
	}
	for range queries {
		at := all[rng.IntN(len(all))]
		q := locus.Region{Contig: at.Contig, Start: max(0, at.Start+rng.IntN(2000)-1000)}
		q.End = q.Start + 1 + rng.IntN(20_000)
		var want, got []string
		for _, s := range all {
			if s.Overlaps(q) {
				want = append(want, s.text)
			}
		}
		for rec, err := range v.Query(q) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, rec.where())
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s of %s: %d records, want %d", q, path, len(got), len(want))
		}
	}
}

func TestQuery(t *testing.T) {
	t.Run("tbi", func(t *testing.T) { wants(t, random(t, 3000, 400_000_000), 200) })
	t.Run("csi", func(t *testing.T) { wants(t, random(t, 3000, 2_000_000_000), 200) })
	t.Run("bcf", func(t *testing.T) { wants(t, randomAs(t, "r.bcf", 3000, 2_000_000_000), 200) })
	for _, name := range []string{
		"population/1000G.chr20_1-4M.panel300.bcf",
		"population/1000G.GRCh37.chr20_1-2M.sites.vcf.gz",
		"population/HG002.GRCh38.chr20_train.truth.vcf.gz",
		"deepvariant/testdata/golden.postprocess_single_site_output.vcf.gz",
		"deepvariant/testdata/input/cohort-chr21_100k.vcf.gz",
	} {
		if testing.Short() && strings.HasSuffix(name, ".bcf") {
			continue // the one written here is read
		}
		t.Run(filepath.Base(name), func(t *testing.T) { wants(t, shared.Path(t, name), 30) })
	}
}

func TestQueryConcurrent(t *testing.T) {
	v, err := OpenIndexed(random(t, 2000, 3_000_000))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	var counts [4]int
	var wg sync.WaitGroup
	for i := range counts {
		wg.Go(func() {
			for _, err := range v.Query(locus.Region{Contig: "b", Start: 0, End: 3_000_000}) {
				if err != nil {
					t.Error(err)
				}
				counts[i]++
			}
		})
	}
	wg.Wait()
	if counts != [4]int{2000, 2000, 2000, 2000} {
		t.Errorf("records %v, want 2000 each", counts)
	}
}

func TestQueryContigs(t *testing.T) {
	v, err := OpenIndexed(random(t, 10, 1000))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for range v.Query(locus.Region{Contig: "none", Start: 0, End: 10}) {
		t.Error("a record of a contig that has none")
	}
	for _, err := range v.Query(locus.Region{Contig: "chra", Start: 0, End: 10}) {
		if !errors.Is(err, locus.ErrUnknownContig) || !strings.Contains(err.Error(), `calls it "a"`) {
			t.Errorf("got %v", err)
		}
	}
}

func TestOpenIndexedRefuses(t *testing.T) {
	path := random(t, 100, 100_000)
	packed, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	index, err := os.ReadFile(path + ".tbi")
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(random(t, 101, 100_000))
	if err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]struct {
		file, index []byte
		want        string
	}{
		"no index":      {packed, nil, "x.vcf.gz: no index beside it; remedy: tabix -p vcf "},
		"other file":    {other, index, "x.vcf.gz: the index does not belong to this file: its records do not end where the index says; remedy: index it again"},
		"cut file":      {append(bytes.Clone(packed[:len(packed)/2]), packed[len(packed)-28:]...), index, "x.vcf.gz:1: file is truncated"},
		"not packed":    {[]byte(small), index, "x.vcf.gz: is plain text, want bgzip for access by region"},
		"damaged index": {packed, index[:len(index)-30], "x.vcf.gz.tbi: damaged index"},
		"no such index": {packed, packed, "x.vcf.gz.tbi: is no .tbi or .csi index"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.vcf.gz")
			if err := os.WriteFile(path, k.file, 0o644); err != nil {
				t.Fatal(err)
			}
			if k.index != nil {
				if err := os.WriteFile(path+".tbi", k.index, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			_, err := OpenIndexed(path)
			if err == nil || !strings.HasPrefix(strings.TrimPrefix(err.Error(), filepath.Dir(path)+"/"), k.want) {
				t.Errorf("got %v\nwant %s", err, k.want)
			}
		})
	}
}

// TestPeersReadIndex lets tabix and bcftools find records by the indexes that
// are written here.
func TestPeersReadIndex(t *testing.T) {
	for _, tool := range []string{"tabix", "bcftools"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("GX_PEERS") != "" {
				t.Fatalf("%s is not installed", tool)
			}
			t.Skipf("skipped without %s", tool)
		}
	}
	for name, long := range map[string]int{"tbi.vcf.gz": 400_000_000, "csi.vcf.gz": 2_000_000_000, "x.bcf": 2_000_000_000} {
		path := randomAs(t, name, 1000, long)
		v, err := OpenIndexed(path)
		if err != nil {
			t.Fatal(err)
		}
		defer v.Close()
		for _, q := range []locus.Region{{Contig: "a", Start: 100_000, End: 600_000}, {Contig: "b", Start: long / 2, End: long/2 + long/20}} {
			n := 0
			for range v.Query(q) {
				n++
			}
			cmds := [][]string{{"bcftools", "view", "-H", path, q.String()}, {"tabix", path, q.String()}}
			if strings.HasSuffix(name, ".bcf") {
				cmds = cmds[:1] // tabix does not read BCF
			}
			for _, cmd := range cmds {
				out, err := exec.Command(cmd[0], cmd[1:]...).Output()
				if got := bytes.Count(out, []byte{'\n'}); err != nil || got != n || n == 0 {
					t.Errorf("%v: %d records, %v, want %d", cmd, got, err, n)
				}
			}
		}
		out, err := exec.Command("bcftools", "index", "-s", path).Output()
		if want := fmt.Sprintf("a\t3000000\t1000\nb\t%d\t1000\n", long); err != nil || string(out) != want {
			t.Errorf("bcftools index -s: %q, %v, want %q", out, err, want)
		}
	}
}
