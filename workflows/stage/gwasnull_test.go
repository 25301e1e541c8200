package stage

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
	"github.com/gx-genomics/gx/nullmodel"
)

// TestAssocNullFiles: a test with a null model leaves the predictions and what
// is known of them beside its results. They are those of gx nullmodel on the
// same tables, and given to --null they give the same test.
func TestAssocNullFiles(t *testing.T) {
	dir := t.TempDir()
	env, said := notes(2)
	plan := cohortPlan(t, dir, "y_nl")
	plan.Null, plan.NullModel.Members, plan.NullModel.Seed = "deepnull", []nullmodel.Member{nullmodel.Linear, nullmodel.Spline}, 77
	if _, err := Assoc(t.Context(), env, plan); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said.String(), "trait y_nl: the covariates act nonlinearly") {
		t.Errorf("not said whether it helped: %s", said)
	}
	read := func(name string) string {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	var meta struct {
		Model  string
		Seed   int64
		Traits []struct {
			Members []string
			Report  nullmodel.Report
		}
	}
	if err := json.Unmarshal([]byte(read("r.nullmodel.json")), &meta); err != nil {
		t.Fatal(err)
	}
	if meta.Model != "deepnull" || meta.Seed != 77 || len(meta.Traits) != 1 || !slices.Equal(meta.Traits[0].Members, []string{"linear", "spline"}) || !(meta.Traits[0].Report.Score[0].R2.Value > 0.4) {
		t.Errorf("metadata %+v", meta)
	}
	null := NullModelPlan{Pheno: shared.Path(t, cohort+"cohortA.tsv"), Covar: plan.Covar, Traits: []string{"y_nl"}, Out: filepath.Join(dir, "n.tsv"), Options: plan.NullModel}
	if _, err := RunNullModel(t.Context(), env, null); err != nil {
		t.Fatal(err)
	}
	byID := func(name string) []string { // rows are in the order of each table's people
		l := strings.Split(read(name), "\n")
		slices.Sort(l)
		return l
	}
	a, b := byID("n.tsv"), byID("r.nullmodel.tsv")
	for i := range a {
		if len(a) != len(b) || a[i] != b[i] {
			t.Fatalf("gx nullmodel predicts %q, the test's own null model %q", a[i], b[i])
		}
	}
	first := lines(t, filepath.Join(dir, "r.y_nl.tsv.gz"))
	plan.Null = filepath.Join(dir, "n.tsv")
	if _, err := Assoc(t.Context(), env, plan); err != nil {
		t.Fatal(err)
	}
	second := lines(t, filepath.Join(dir, "r.y_nl.tsv.gz"))
	for i := range first {
		if !slices.Equal(first[i], second[i]) {
			t.Fatalf("row %d is %q, with the table of predictions %q", i, first[i], second[i])
		}
	}
}
