package align

import "testing"

func TestModificationLevels(t *testing.T) {
	read := func(mm string, ml []byte, mn int) *Read {
		r := &Read{Bases: []byte("CCACGAC"), Aux: append([]byte("MMZ"), mm...)}
		r.Aux = append(r.Aux, 0, 'M', 'L', 'B', 'C', byte(len(ml)), 0, 0, 0)
		r.Aux = append(r.Aux, ml...)
		if mn > 0 {
			r.Aux = append(r.Aux, 'M', 'N', 'C', byte(mn))
		}
		return r
	}
	for _, k := range []struct {
		name string
		r    *Read
		of   []Modification
		want string
	}{
		{"two", read("C+m,1,1;", []byte("pq"), 0), MethylC, ".p....q"},
		{"behind another", read("C+h,0,0,0;C+m?,3;", []byte("abcp"), 7), MethylC, "......p"},
		{"no list", read("A+a;C+m.,0;", []byte("p"), 0), MethylC, "p......"},
		{"both strands of A", read("A+a,0;T-a,0;", []byte("pq"), 0), MethylA, "..p...."}, // the read has no T
		{"another length", read("C+m,0;", []byte("p"), 9), MethylC, ""},
		{"too few levels", read("C+m,0,0;", []byte("p"), 0), MethylC, ""},
		{"beyond the read", read("C+m,4;", []byte("p"), 0), MethylC, ""},
		{"no number", read("C+m,x;", []byte("p"), 0), MethylC, ""},
		{"huge number", read("C+m,99999999999999999999;", []byte("p"), 0), MethylC, ""},
		{"combined codes", read("C+mh,0;", []byte("pq"), 0), MethylC, ""},
		{"none", &Read{Bases: []byte("CCACGAC")}, MethylC, ""},
	} {
		levels := []byte(".......")
		clear(levels)
		got := ""
		if k.r.ModificationLevels(levels, k.of) {
			for i, v := range levels {
				if v == 0 {
					levels[i] = '.'
				}
			}
			got = string(levels)
		}
		if got != k.want {
			t.Errorf("%s: %q, want %q", k.name, got, k.want)
		}
	}
}

func FuzzModifications(f *testing.F) {
	f.Add([]byte("CCACGAC"), []byte("C+m,1,1;A+a,0;"), []byte{1, 2, 3}, true)
	f.Fuzz(func(t *testing.T, bases, mm, ml []byte, reverse bool) {
		r := &Read{Bases: bases, Aux: append([]byte("MMZ"), mm...)}
		if reverse {
			r.Flag |= Reverse
		}
		r.Aux = append(r.Aux, 0, 'M', 'L', 'B', 'C', byte(len(ml)), byte(len(ml)>>8), 0, 0)
		r.Aux = append(r.Aux, ml...)
		levels := make([]byte, len(bases))
		r.ModificationLevels(levels, MethylC)
		r.ModificationLevels(levels, MethylA)
	})
}
