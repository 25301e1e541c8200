package stage

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/io/bgzf"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/tabix"
	"github.com/gx-genomics/gx/io/table"
)

// single is a plan of single variants of the cohort of sets.
func (c *setCohort) single(prefix string, format table.Format) AssocPlan {
	p := c.plan(prefix)
	p.Sets, p.Columns.Format = nil, format
	return p
}

// TestAssocIndex: through the index of a table a region has exactly the rows that
// lie in it.
func TestAssocIndex(t *testing.T) {
	c := newSetCohort(t)
	for _, format := range []table.Format{table.GX, table.LocusZoom, table.PheWeb} {
		if _, _, err := c.run(c.single(c.path("i"), format), 2); err != nil {
			t.Fatal(err)
		}
		name := c.path("i.y.tsv.gz")
		all := lines(t, name)[1:]
		x, err := tabix.Open(name + ".tbi")
		if err != nil {
			t.Fatal(err)
		}
		if len(x.Names) != 2 || len(all) < 100 {
			t.Fatalf("%s: contigs %v, %d rows", format, x.Names, len(all))
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		st, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		z := bgzf.NewReaderAt(f, st.Size())
		for _, region := range []struct {
			chrom    string
			from, to int
		}{{"1", 0, 300_000}, {"2", 100_000, 700_000}, {"2", 0, 1 << 28}, {"1", 1_000_000_0, 1_100_000_0}} {
			var want, got []string
			in := func(f []string) bool {
				var pos int
				fmt.Sscan(f[1], &pos)
				return f[0] == region.chrom && pos > region.from && pos <= region.to
			}
			for _, f := range all {
				if in(f) {
					want = append(want, strings.Join(f, "\t"))
				}
			}
			for _, k := range x.Chunks(x.Ref(region.chrom), region.from, region.to) {
				if err := z.Seek(k.Begin, k.End); err != nil {
					t.Fatal(err)
				}
				b, err := io.ReadAll(z)
				if err != nil {
					t.Fatal(err)
				}
				for line := range strings.Lines(string(b)) {
					if f := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); in(f) {
						got = append(got, strings.Join(f, "\t"))
					}
				}
			}
			if strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("%s %v: %d rows by the index, want %d", format, region, len(got), len(want))
			}
		}
	}
}

// TestAssocSSF: the metadata beside a table of GWAS-SSF name it and its digest.
func TestAssocSSF(t *testing.T) {
	c := newSetCohort(t)
	plan := c.single(c.path("s"), table.SSF)
	plan.SSF.Assembly = "GRCh38"
	if _, _, err := c.run(plan, 2); err != nil {
		t.Fatal(err)
	}
	for _, trait := range []string{"y", "b"} {
		name := "s." + trait + ".tsv.gz"
		var m struct {
			File     string `yaml:"data_file_name"`
			MD5      string `yaml:"data_file_md5sum"`
			Assembly string `yaml:"genome_assembly"`
			Sorted   bool   `yaml:"is_sorted"`
			Samples  []struct {
				Size     int  `yaml:"sample_size"`
				Cases    int  `yaml:"case_count"`
				Controls int  `yaml:"control_count"`
				Study    bool `yaml:"case_control_study"`
			} `yaml:"samples"`
			Covariates []string `yaml:"adjusted_covariates"`
		}
		if err := yaml.Unmarshal([]byte(c.read(name+"-meta.yaml")), &m); err != nil {
			t.Fatal(err)
		}
		sum := md5.Sum([]byte(c.read(name)))
		if m.File != name || m.MD5 != hex.EncodeToString(sum[:]) || m.Assembly != "GRCh38" || !m.Sorted || len(m.Samples) != 1 || m.Samples[0].Size != 600 ||
			m.Samples[0].Study != (trait == "b") || m.Samples[0].Cases+m.Samples[0].Controls != map[string]int{"y": 0, "b": 600}[trait] || len(m.Covariates) == 0 {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

// TestAssocUnsorted: rows that are not sorted have no index, and an index of an
// earlier table of that name is gone.
func TestAssocUnsorted(t *testing.T) {
	c := newSetCohort(t)
	plan := c.single(c.path("u"), table.GX)
	if _, _, err := c.run(plan, 1); err != nil {
		t.Fatal(err)
	}
	bim := strings.SplitAfter(c.read("c.bim"), "\n")
	bim[3], bim[7] = bim[7], bim[3]
	c.write("c.bim", strings.Join(bim, ""))
	_, notes, err := c.run(plan, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(c.path("u.y.tsv.gz.tbi")); err == nil || !strings.Contains(strings.Join(notes, "\n"), "u.y.tsv.gz has no index: its rows are not sorted by place") {
		t.Errorf("index %v, notes %q", err, notes)
	}
	if !strings.Contains(c.read("u.summary.json"), `"sorted": false`) {
		t.Error("the summary calls the rows sorted")
	}
}

// BenchmarkTables is the time of a row through bgzip with its index.
func BenchmarkTables(b *testing.B) {
	var text bytes.Buffer
	rng := rand.New(rand.NewPCG(1, 1))
	const n = 100_000
	for i := range n {
		fmt.Fprintf(&text, "7\t%d\trs%d\tG\tA\tA\t%.9g\t10000\tNA\tNA\tNA\tADD\t%.9g\t%.9g\t%.9g\t%.9g\tols\t.\n", 1000+137*i, 12345678+i, rng.Float64(), rng.NormFloat64(), rng.Float64(), rng.NormFloat64(), rng.Float64())
	}
	lines := bytes.SplitAfter(text.Bytes(), []byte("\n"))
	var batches [][]byte
	for len(lines) > 1 {
		k := min(256, len(lines))
		batches = append(batches, bytes.Join(lines[:k], nil))
		lines = lines[k:]
	}
	trait := &pheno.Trait{Name: "y"}
	plan := &AssocPlan{Prefix: filepath.Join(b.TempDir(), "r"), Scan: gwas.Defaults()}
	env := &Env{Store: object.Files{}, Threads: 1}
	start := cpuTime()
	for b.Loop() {
		o := plan.newTraitOut(trait)
		err := plan.put(b.Context(), env, o, "", func() error {
			for _, x := range batches {
				if _, err := o.Write(x); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(cpuTime()-start)/float64(b.N*n), "cpu-ns/row")
}

func cpuTime() int64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return r.Utime.Nano() + r.Stime.Nano()
}
