package arch

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/gx-genomics/gx/"

var nouns = []string{"variant", "variant/locus", "variant/align", "pileup/example", "gwas/dosage", "gwas/result", "io/source"}

// room names the row of the table of imports in which a package stands.
func room(pkg string) string {
	top, _, _ := strings.Cut(pkg, "/")
	switch {
	case slices.Contains(nouns, pkg):
		return "noun"
	case top == "internal":
		return "internal"
	case top == "io":
		return "format"
	case top == "pileup", top == "variant", top == "gwas", top == "nullmodel":
		return "work"
	case top == "workflows":
		return "workflow"
	}
	return top
}

// may is who may import whom: values flow through plain functions, files and
// flags stay at the edges.
var may = map[string]string{
	"noun":     "noun",
	"internal": "internal",
	"format":   "noun internal format",
	"work":     "noun internal work",
	"workflow": "noun internal format work workflow",
	"cmd":      "noun internal format work workflow cmd",
	"testdata": "noun internal format work workflow",
}

func goList(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

func TestImports(t *testing.T) {
	checked := 0
	for _, line := range goList(t, "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...") {
		pkgs := strings.Fields(line)
		from := strings.TrimPrefix(pkgs[0], module)
		for _, p := range pkgs[1:] {
			to, ours := strings.CutPrefix(p, module)
			if !ours {
				continue
			}
			checked++
			if !slices.Contains(strings.Fields(may[room(from)]), room(to)) {
				t.Errorf("%s (%s) imports %s (%s)", from, room(from), to, room(to))
			}
		}
	}
	if checked == 0 {
		t.Error("no import was checked: the test does not see the module")
	}
}

// outside says which room alone may import a large outside library, so that it
// could be replaced in a day.
var outside = map[string][]string{
	"github.com/urfave/cli/v2":                       {"cmd/gx"},
	"github.com/biogo/hts":                           {"io/bam", "io/fasta", "io/vcf", "io/bgzf"},
	"github.com/biogo/biogo":                         {"io/fasta", "pileup/realign", "workflows/report"},
	"github.com/apache/arrow/go/v15":                 {"io/table"},
	"cloud.google.com/go/storage":                    {"io/object/gcs"},
	"gocloud.dev":                                    {"io/object/s3"},
	"github.com/aws/aws-sdk-go-v2":                   {"io/object/s3"},
	"k8s.io/client-go":                               {"workflows/kube"},
	"github.com/apache/arrow/go/v15/parquet/pqarrow": {},
}

func TestOutsideLibraries(t *testing.T) {
	for _, line := range goList(t, "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...") {
		pkgs := strings.Fields(line)
		from := strings.TrimPrefix(pkgs[0], module)
		for _, p := range pkgs[1:] {
			for lib, rooms := range outside {
				if p != lib && !strings.HasPrefix(p, lib+"/") {
					continue
				}
				if !slices.ContainsFunc(rooms, func(r string) bool { return from == r || strings.HasPrefix(from, r+"/") }) && !strings.HasPrefix(p, lib+"/parquet/pqarrow") {
					t.Errorf("%s imports %s, which only %v may", from, p, rooms)
				}
			}
		}
	}
}

// heavy is what no worker links: each makes a binary of 10 MB one of 17 to 30.
var heavy = []string{"k8s.io/client-go", "gocloud.dev", "github.com/aws/aws-sdk-go-v2", "github.com/urfave/cli/v2", "google.golang.org/grpc/xds", "github.com/apache/arrow/go/v15/parquet/pqarrow"}

// heavyWithoutGCS is what no worker links besides when it is built without
// gs://, whose library needs them: they keep the linker from leaving out what
// is never called.
var heavyWithoutGCS = []string{"text/template", "html/template", "google.golang.org/grpc"}

func TestWorkersLinkNothingHeavy(t *testing.T) {
	for with, none := range map[string][]string{"gs": heavy, "nogcs": slices.Concat(heavy, heavyWithoutGCS)} {
		for _, pkg := range goList(t, "./cmd/...") {
			if !strings.HasPrefix(pkg, module+"cmd/gx-") {
				continue
			}
			for _, dep := range goList(t, "-deps", "-tags", tags[with], pkg) {
				for _, h := range none {
					if dep == h || strings.HasPrefix(dep, h+"/") {
						t.Errorf("%s, built with -tags %s, links %s", pkg, tags[with], dep)
					}
				}
			}
		}
	}
}

// TestTinyGo: the tag tinygo, with which images are built, changes no library but
// arrow, and there the JSON (and a memory checker of its tests), which gx has no
// use for.
func TestTinyGo(t *testing.T) {
	files := func(tags string) map[string]string {
		out := map[string]string{}
		for _, line := range goList(t, "-deps", "-tags", tags, "-f", "{{.ImportPath}} {{.GoFiles}}", "./cmd/...") {
			name, list, _ := strings.Cut(line, " ")
			out[name] = list
		}
		return out
	}
	with, without := files(tags["gs"]), files(strings.TrimSuffix(tags["gs"], ",tinygo"))
	const arrow = "github.com/apache/arrow/go/v15/"
	if json := arrow + "internal/json"; with[json] == without[json] {
		t.Errorf("the tag tinygo is of no use: %s has %s either way", json, with[json])
	}
	for name, list := range with {
		if list != without[name] && !strings.HasPrefix(name, arrow) {
			t.Errorf("with the tag tinygo %s has the files %s, without it %s", name, list, without[name])
		}
	}
}
