package genotype

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gx-genomics/gx/io/object/web"
)

// TestWebEqualsFiles: genotypes of every format give the same rows from a web
// server that often fails.
func TestWebEqualsFiles(t *testing.T) {
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(2, 3))
	const samples, variants = 60, 250
	text := strings.Replace(vcfHead, "\ta\tb\tc\td\n", "\t"+strings.Join(names(samples), "\t")+"\n", 1)
	b := bgenBytes{layout: 2, samples: samples, names: names(samples)}
	for v := range variants {
		ploidy, values := make([]int, samples), make([][]uint64, samples)
		line := fmt.Sprintf("X\t%d\tv%d\tA\tC\t.\t.\t.\tGT", 100+10*v, v)
		for i := range samples {
			ploidy[i] = 2
			drawProbabilities(rng, 2, 2, false, 255, &values[i])
			line += fmt.Sprintf("\t%d/%d", rng.IntN(2), rng.IntN(2))
		}
		text += line + "\n"
		b.add(content(2, 8, false, ploidy, values), "A", "C")
	}
	file := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string]string{"g.vcf": text, "g.bgen": string(b.file())} {
		if err := os.WriteFile(file(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"g.bed", "g.pgen"} {
		f, err := Open(t.Context(), file("g.vcf"), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Write(t.Context(), file(name), f.Samples(), f.Blocks(t.Context(), 0, -1, 64), WriteOptions{}); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	var n atomic.Int64
	files := http.FileServer(http.Dir(dir))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1)%5 == 0 {
			panic(http.ErrAbortHandler)
		}
		files.ServeHTTP(w, r)
	}))
	defer server.Close()
	for _, name := range []string{"g.vcf", "g.bgen", "g.bed", "g.pgen"} {
		t.Run(name, func(t *testing.T) {
			own, err := Open(t.Context(), file(name), Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer own.Close()
			s := web.New(web.Options{Pause: 1})
			far, err := Open(t.Context(), server.URL+"/"+name, Options{Store: s})
			if err != nil {
				t.Fatal(err)
			}
			defer far.Close()
			if !slices.Equal(far.Samples(), own.Samples()) {
				t.Errorf("samples %v, want %v", far.Samples()[:3], own.Samples()[:3])
			}
			for _, k := range [][2]int{{200, 210}, {0, -1}} {
				got, want := rowsOfFile(t, far, k[0], k[1], 50), rowsOfFile(t, own, k[0], k[1], 50)
				if len(got) != len(want) || len(want) < 10 {
					t.Fatalf("rows from %d: %d, want %d", k[0], len(got), len(want))
				}
				for i := range want {
					a, b := &got[i], &want[i]
					if a.Variant != b.Variant || a.Counts != b.Counts || !slices.Equal(a.Calls, b.Calls) || !slices.Equal(a.Units, b.Units) {
						t.Errorf("row %d: %+v, want %+v", k[0]+i, a.Variant, b.Variant)
					}
				}
			}
		})
	}
	_, err := Open(t.Context(), server.URL+"/none.pgen", Options{Store: web.New(web.Options{Pause: 1})})
	if err == nil || !strings.HasPrefix(err.Error(), server.URL+"/none.p") || !strings.Contains(err.Error(), "file does not exist") {
		t.Errorf("missing: %v", err)
	}
}
