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

// TestCohortA: the bars on a cohort that nothing was tuned on. One network is
// enough for them; the default takes more.
func TestCohortA(t *testing.T) {
	table, col := cohortA(t)
	n := sized(len(table.IDs), 1200)
	table.IDs = table.IDs[:n]
	for k := range table.Covariates {
		table.Covariates[k].Values = table.Covariates[k].Values[:n]
	}
	o := Defaults()
	o.Seed, o.Networks = 1234, 1
	for _, c := range []struct {
		trait        string
		binary       bool
		least, short float64
	}{{"y_nl", false, 0.435, 0.30}, {"y_lin", false, 0.448, 0.38}, {"b_nl", true, 0.785, 0.70}} {
		t.Run(c.trait, func(t *testing.T) {
			y := &Trait{Name: c.trait, Values: col[c.trait][:n], Binary: c.binary}
			p := mustPredict(t, table, y, o)
			measure := R2
			if c.binary {
				measure = AUC
			}
			t.Logf("mixture %.4f, linear %.4f", measure(p.Values, y.Values), measure(p.OLS, y.Values))
			for m, v := range p.ByMember {
				t.Logf("%s %.4f", o.Members[m], measure(v, y.Values))
			}
			for k, r := range p.Runs {
				t.Logf("run %d: weights %.3f", k, r.Weights)
			}
			least := float64(sized(1, 0))*(c.least-c.short) + c.short
			if got := measure(p.Values, y.Values); !(got >= least) {
				t.Errorf("out of fold %.4f, want at least %.4f", got, least)
			}
			if lost := measure(p.OLS, y.Values) - measure(p.Values, y.Values); lost > 0.002 && !testing.Short() {
				t.Errorf("%.4f less than linear, want 0.002 at most", lost)
			}
		})
	}
}

// TestFoldsOfTheOriginal: the run that predicts each person is the one that
// DeepNull 0.2.2 used for the same seed.
func TestFoldsOfTheOriginal(t *testing.T) {
	table, col := cohortA(t)
	for _, trait := range []string{"y_nl", "b_nl"} {
		ids, peer := columns(t, "gwas/cohortA/deepnull_"+trait+".pred.tsv")
		want := map[string]int{}
		for i, id := range ids {
			want[id] = int(peer[trait+"_deepnull_eval_fold"][i])
		}
		o := Defaults()
		o.Seed, o.Members = 1234, []Member{Linear}
		p := mustPredict(t, table, &Trait{Name: trait, Values: col[trait], Binary: trait == "b_nl"}, o)
		for i, id := range table.IDs {
			if p.Run[i] != want[id] || math.IsNaN(p.Values[i]) {
				t.Fatalf("%s: individual %s: run %d, prediction %v; want run %d", trait, id, p.Run[i], p.Values[i], want[id])
			}
		}
	}
}
