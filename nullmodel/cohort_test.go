package nullmodel

import (
	"bufio"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/internal/shared"
)

// columns reads a tab-separated table of the shared data.
func columns(t testing.TB, name string) (ids []string, col map[string][]float64) {
	t.Helper()
	f, err := os.Open(shared.Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Scan()
	header := strings.Split(sc.Text(), "\t")
	col = map[string][]float64{}
	for sc.Scan() {
		for k, text := range strings.Split(sc.Text(), "\t") {
			if header[k] == "IID" {
				ids = append(ids, text)
			}
			x, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(err)
			}
			col[header[k]] = append(col[header[k]], x)
		}
	}
	return ids, col
}

func cohortA(t testing.TB) (*Table, map[string][]float64) {
	ids, col := columns(t, "gwas/cohortA/cohortA.tsv")
	table := &Table{IDs: ids}
	for _, name := range []string{"age", "sex", "genotyping_array", "bmi", "PC1", "PC2", "PC3", "PC4"} {
		table.Covariates = append(table.Covariates, Covariate{Name: name, Values: col[name]})
	}
	return table, col
}

func TestCohortA(t *testing.T) {
	table, col := cohortA(t)
	o := Defaults()
	o.Seed = 1234
	for _, c := range []struct {
		trait  string
		binary bool
		least  float64
	}{{"y_nl", false, 0.42}, {"y_lin", false, 0.445}, {"b_nl", true, 0.78}} {
		t.Run(c.trait, func(t *testing.T) {
			y := &Trait{Name: c.trait, Values: col[c.trait], Binary: c.binary}
			p, err := Predict(t.Context(), table, y, o)
			if err != nil {
				t.Fatal(err)
			}
			measure := R2
			if c.binary {
				measure = AUC
			}
			t.Logf("mixture %.4f", measure(p.Values, y.Values))
			for m, v := range p.ByMember {
				t.Logf("%s %.4f", o.Members[m], measure(v, y.Values))
			}
			for k, r := range p.Runs {
				t.Logf("run %d: weights %.3f", k, r.Weights)
			}
			if got := measure(p.Values, y.Values); !(got >= c.least) {
				t.Errorf("out of fold %.4f, want at least %.4f", got, c.least)
			}
		})
	}
}

// TestFoldsOfTheOriginal: the run that predicts each person is the one that
// DeepNull 0.2.2 used for the same seed.
func TestFoldsOfTheOriginal(t *testing.T) {
	table, col := cohortA(t)
	ids, peer := columns(t, "gwas/cohortA/deepnull_y_nl.pred.tsv")
	want := map[string]int{}
	for i, id := range ids {
		want[id] = int(peer["y_nl_deepnull_eval_fold"][i])
	}
	o := Defaults()
	o.Seed, o.Members = 1234, []Member{Linear}
	p, err := Predict(t.Context(), table, &Trait{Name: "y_nl", Values: col["y_nl"]}, o)
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range table.IDs {
		if p.Run[i] != want[id] || math.IsNaN(p.Values[i]) {
			t.Fatalf("individual %s: run %d, prediction %v; want run %d", id, p.Run[i], p.Values[i], want[id])
		}
	}
}
