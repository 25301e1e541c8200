package gwas_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gx-genomics/gx/gwas"
	"github.com/gx-genomics/gx/gwas/pheno"
	"github.com/gx-genomics/gx/gwas/result"
)

// sexes draws people of both sexes and some of unknown, with variants on an
// autosome, both parts of X, Y and the mitochondria. Every fifth call is one that
// cannot be where there is one copy.
func sexes(t *testing.T) (*drawn, *pheno.Table) {
	t.Helper()
	d, tab := draw(400, 24)
	rng := rand.New(rand.NewPCG(10, 10))
	for i := range d.samples {
		d.samples[i].Sex = []uint8{1, 2, 1, 2, 2, 0, 1, 2, 1}[i%9]
	}
	d.imputed = false
	for j := range d.rows {
		d.chroms[j] = []string{"1", "X", "chrX", "24", "MT", "23"}[j/4]
		for i := range d.rows[j] {
			g := math.Round(max(d.rows[j][i], 0))
			if sex := d.samples[i].Sex; sex == 1 && j >= 4 || j/4 == 4 {
				if g = 2 * float64(rng.IntN(2)); rng.IntN(5) == 0 {
					g = 1
				}
			}
			d.rows[j][i] = g
		}
	}
	return d, tab
}

// TestSexes compares each place with a scan of an autosome on the people, the
// genotypes and the covariates that the place has.
func TestSexes(t *testing.T) {
	for _, x := range []gwas.XModel{gwas.XDouble, gwas.XSingle} {
		d, tab := sexes(t)
		s := study(t, d, tab)
		o := options(gwas.SPA)
		o.X, o.KeepSkipped, o.PAR = x, true, gwas.PAR{First: 0, Second: 23} // the last variant is in the second part
		rows, _ := scan(t, d, s, o)
		plain := *d
		plain.rows, plain.chroms = nil, nil
		for j, row := range d.rows {
			want := slices.Clone(row)
			haploid := func(i int) bool {
				return d.samples[i].Sex == 1 && j >= 4 && j < 23 && j/4 != 4 || j/4 == 4
			}
			for i, g := range row {
				switch {
				case haploid(i) && g == 1:
					want[i] = -1
				case haploid(i) && x == gwas.XSingle && g == 2 && j/4 != 3 && j/4 != 4:
					want[i] = 1
				}
			}
			plain.rows, plain.chroms = append(plain.rows, want), append(plain.chroms, "1")
		}
		for place, in := range map[string][]int{"autosome": {0, 1, 2, 3, 16, 17, 18, 19, 23}, "X": {4, 5, 6, 7, 8, 9, 10, 11, 20, 21, 22}, "Y": {12, 13, 14, 15}} {
			cut := *tab
			cut.Names = append(slices.Clone(tab.Names), "sex")
			cut.Columns = append(slices.Clone(tab.Columns), nil)
			cut.Columns[2] = slices.Clone(tab.Columns[2])
			for k := range 3 {
				cut.Columns[k] = slices.Clone(tab.Columns[k])
			}
			for i, p := range d.samples {
				cut.Columns[6] = append(cut.Columns[6], fmt.Sprint(map[bool]int{true: int(p.Sex)}[place == "X"]))
				if place == "X" && p.Sex == 0 || place == "Y" && p.Sex != 1 {
					for k := range 3 {
						cut.Columns[k][i] = "NA"
					}
				}
			}
			po := pheno.Defaults()
			po.Traits = []string{"y", "z", "b"}
			po.Covariates = []string{"age", "site", "sex"}
			of, err := pheno.NewStudy(plain.unsexed(), &cut, &cut, po)
			if err != nil {
				t.Fatal(err)
			}
			// The study holds fewer people; the genotypes are cut to them.
			want, _ := scan(t, plain.only(of), of, o)
			for k := range 3 {
				for _, j := range in {
					a, b := &rows[k][j], &want[k][j]
					if a.Method != b.Method || a.N != b.N || differ(a.Beta, b.Beta) > 1e-6*b.SE || differ(a.SE, b.SE) > 1e-6*b.SE || differ(a.NegLog10P, b.NegLog10P) > 1e-5*(1+b.NegLog10P) {
						t.Errorf("model %d, %s, trait %d, variant %d: %s\nwant %s", x, place, k, j, bits(*a), bits(*b))
					}
				}
			}
		}
		checkCopies(t, d, s, rows[0])
	}
}

// unsexed is the samples without their sex; only cuts genotypes to a study.
func (d *drawn) unsexed() []pheno.Sample {
	list := slices.Clone(d.samples)
	for i := range list {
		list[i].Sex = 0
	}
	return list
}

func (d *drawn) only(s *pheno.Study) *drawn {
	out := *d
	out.samples, out.rows = nil, nil
	for _, i := range s.Genotyped {
		out.samples = append(out.samples, d.samples[i])
	}
	for _, row := range d.rows {
		var cut []float64
		for _, i := range s.Genotyped {
			cut = append(cut, row[i])
		}
		out.rows = append(out.rows, cut)
	}
	return &out
}

// checkCopies counts alleles by hand.
func checkCopies(t *testing.T, d *drawn, s *pheno.Study, rows []result.Row) {
	t.Helper()
	for j := range rows {
		sum, all := 0.0, 0.0
		for i, p := range s.Samples {
			g := d.rows[j][s.Column[i]]
			onX, onY, mt := j >= 4 && j < 23 && j/4 != 3 && j/4 != 4, j/4 == 3, j/4 == 4
			switch {
			case onX && p.Sex == 0 || onY && p.Sex != 1:
			case onX && p.Sex == 1 || onY || mt:
				if g != 1 {
					sum += g / 2
					all++
				}
			default:
				sum += g
				all += 2
			}
		}
		if want := sum / all; differ(rows[j].EAF, want) > 1e-12 {
			t.Errorf("variant %d: frequency %g, want %g", j, rows[j].EAF, want)
		}
	}
}

// TestXLeftOut: the chromosome can be left out, and without a known sex it is
// like others.
func TestXLeftOut(t *testing.T) {
	d, tab := sexes(t)
	o := options(gwas.ScoreOnly)
	o.X, o.KeepSkipped, o.PAR = gwas.XSkip, true, gwas.PAR{}
	rows, _ := scan(t, d, study(t, d, tab), o)
	for j := range rows[0] {
		if left := rows[0][j].Flags&result.OnX != 0; left != (j/4 == 1 || j/4 == 2 || j/4 == 5) {
			t.Errorf("variant %d: flags %v", j, rows[0][j].Flags)
		}
	}
	d.samples = d.unsexed()
	rows, _ = scan(t, d, study(t, d, tab), o)
	for j := range rows[0] {
		if rows[0][j].Method == result.None || j/4 != 4 && rows[0][j].N != 400 {
			t.Errorf("without a sex, variant %d: %d samples, flags %v", j, rows[0][j].N, rows[0][j].Flags)
		}
	}
}
