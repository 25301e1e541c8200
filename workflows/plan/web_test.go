package plan

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/gx-genomics/gx/io/object/uri"
	"github.com/gx-genomics/gx/io/object/web"
)

// webPlan reads references and reads by ranges, and tables whole.
const webPlan = twoCalls + `
  - stage: nullmodel
    pheno: $(in)/cohort.tsv
    traits: [y]
    method: linear
    no-effects: true
    out: $(out)/null.tsv
  - stage: report
    results: [$(in)/s1.vcf.gz, $(in)/other/s1.vcf.gz]
    out: $(out)/page.html
    json: $(out)/page.json
`

// TestWeb: a plan whose inputs lie on a web server that often fails leaves the
// bytes of one on files.
func TestWeb(t *testing.T) {
	in, out := t.TempDir(), t.TempDir()
	made, err := os.ReadDir(dataDir(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range made {
		if err := os.Symlink(filepath.Join(dataDir(t), f.Name()), filepath.Join(in, f.Name())); err != nil {
			t.Fatal(err)
		}
	}
	// Other calls under a name that is there already, in a folder beside.
	if err := os.Mkdir(filepath.Join(in, "other"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dataDir(t), "s2.vcf.gz"), filepath.Join(in, "other", "s1.vcf.gz")); err != nil {
		t.Fatal(err)
	}
	plain := t.TempDir()
	p, err := parseIn(webPlan, in, plain, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, p, Runner{Workers: 2}); err != nil {
		t.Fatal(err)
	}
	want := outputsOnly(files(t, plain))
	var n, faults atomic.Int64
	folder := http.FileServer(http.Dir(in))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch k := n.Add(1); {
		case k%14 == 0:
			faults.Add(1)
			http.Error(w, "later", http.StatusBadGateway)
		case k%7 == 0:
			faults.Add(1)
			panic(http.ErrAbortHandler)
		default:
			folder.ServeHTTP(w, r)
		}
	}))
	defer server.Close()
	s := &uri.Store{Network: web.New(web.Options{Pause: 1})}
	p, err = parseIn(webPlan, server.URL, out, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := run(t, p, Runner{Store: s, Workers: 2, Threads: 2}); err != nil {
		t.Fatal(err)
	}
	sameFiles(t, outputsOnly(files(t, out)), want)

	if faults.Load() < 10 {
		t.Errorf("only %d faults", faults.Load())
	}
}
