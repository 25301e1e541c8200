package stage

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/pileup/show"
)

// TestShow: pictures of a region, with what DeepVariant decided about them.
func TestShow(t *testing.T) {
	dir := t.TempDir()
	plan := ShowPlan{
		Examples: shared.Path(t, testdata+"golden.calling_examples.tfrecord.gz"),
		Calls:    shared.Path(t, testdata+"golden.postprocess_single_site_input-00000-of-00001.tfrecord.gz"),
		Regions:  []string{"chr20:10,001,436", "chr20:10002099-10,002,138", "chr21"}, Folder: dir, Options: show.Defaults(),
	}
	draw := func() (n int, notes []string, files map[string]string) {
		env := &Env{Store: object.Files{}, Threads: 1, Note: func(f string, a ...any) { notes = append(notes, fmt.Sprintf(f, a...)) }}
		n, err := Show(t.Context(), env, plan)
		if err != nil {
			t.Fatal(err)
		}
		return n, notes, outputs(t, dir)
	}
	n, notes, decided := draw()
	if n != 3 || len(decided) != 3 || len(notes) != 0 || decided["chr20_10001436_A_AAGGCT_0.png"] == "" {
		t.Errorf("%d pictures, %q, want those of the three sites", n, notes)
	}
	calls := plan.Calls
	plan.Calls = ""
	if _, _, plain := draw(); plain["chr20_10001436_A_AAGGCT_0.png"] == decided["chr20_10001436_A_AAGGCT_0.png"] {
		t.Error("a decision changes nothing in the picture")
	}
	plan.Calls, plan.Examples = calls, shared.Path(t, testdata+"golden.vcf_candidate_importer.training_examples.tfrecord.gz")
	plan.Regions, plan.Most = []string{"chr20:10,040,000-10,100,000"}, 20
	if n, notes, _ := draw(); n != 20 || len(notes) != 1 || !strings.Contains(notes[0], "nothing is decided there about") {
		t.Errorf("%d pictures, %q, want a note of what was not decided", n, notes)
	}
	plan.Regions = []string{"chr20:0-5"}
	if _, err := Show(t.Context(), &Env{Store: object.Files{}, Threads: 1}, plan); err == nil {
		t.Error("a region before the first base is none")
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
}
