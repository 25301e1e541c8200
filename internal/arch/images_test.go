package arch

import (
	"os"
	"path"
	"strings"
	"testing"
)

// TestImageRecipes: whichever way images are built, all workers are, and with the
// same tags.
func TestImageRecipes(t *testing.T) {
	texts := map[string]string{}
	for _, name := range []string{"Dockerfile", ".ko.yaml", "Makefile", "cmd/internal/images/main.go", "docs/images.md"} {
		b, err := os.ReadFile(path.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = string(b)
		if !strings.Contains(texts[name], tags["gs"]) {
			t.Errorf("%s does not have the tags %s", name, tags["gs"])
		}
	}
	var workers []string
	for _, pkg := range goList(t, "./cmd/gx-...") {
		w := path.Base(pkg)
		workers = append(workers, w)
		if !strings.Contains(texts[".ko.yaml"], "  - id: "+w+"\n    main: ./cmd/"+w+"\n") {
			t.Errorf(".ko.yaml does not build %s", w)
		}
		if !strings.Contains(texts["docs/images.md"], "| `"+w+"` |") {
			t.Errorf("docs/images.md has no line for %s; go test -tags verify ./internal/arch -run Images writes it", w)
		}
	}
	if n := strings.Count(texts[".ko.yaml"], tags["gs"]); n != len(workers) {
		t.Errorf(".ko.yaml has the tags %s %d times, there are %d workers", tags["gs"], n, len(workers))
	}
}
