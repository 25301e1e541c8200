package stage

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/variant/locus"
)

// TestSex: the sex of a sample stands for its haploid contigs and their
// pseudoautosomal regions.
func TestSex(t *testing.T) {
	grch38 := []locus.Contig{{Name: "chr1", Length: 248_956_422}, {Name: "chrX", Length: 156_040_895}, {Name: "chrY", Length: 57_227_415}}
	for _, k := range []struct {
		name    string
		p       Ploidy
		contigs []locus.Contig
		want    string // haploid contigs, regions of X, of Y; or part of the error
		notes   int
	}{
		{"male", Ploidy{Sex: "male"}, grch38, "[chrX chrY] [chrX:10001-2781479 chrX:155701383-156030895] [chrY:10001-2781479 chrY:56887903-57217415]", 0},
		{"female", Ploidy{Sex: "female"}, grch38, "[] [] []", 0},
		{"not told", Ploidy{}, grch38, "[] [] []", 0},
		{"by contigs", Ploidy{Haploid: []string{"chrX"}}, grch38, "[chrX] [] []", 0},
		{"male, no X", Ploidy{Sex: "male"}, grch38[:1], "[] [] []", 1},
		{"male, no Y", Ploidy{Sex: "male"}, grch38[:2], "[chrX] [chrX:10001-2781479 chrX:155701383-156030895] []", 0},
		{"male, another X", Ploidy{Sex: "male"}, []locus.Contig{{Name: "chrX", Length: 154_259_566}}, "chrX of 154259566 bases is that of neither GRCh37 nor GRCh38", 0},
		{"a contig that is not there", Ploidy{Haploid: []string{"X"}}, grch38, "haploid contigs", 0},
		{"regions of nothing", Ploidy{PARBed: "x.bed"}, grch38, "no contig is haploid", 0},
	} {
		t.Run(k.name, func(t *testing.T) {
			contigs, err := locus.NewContigs(k.contigs)
			if err != nil {
				t.Fatal(err)
			}
			notes := 0
			env := &Env{Store: object.Files{}, Note: func(string, ...any) { notes++ }}
			haploid, par, err := k.p.on(env, contigs, false)
			if err != nil {
				if !strings.Contains(err.Error(), k.want) {
					t.Errorf("error %v, want %q", err, k.want)
				}
				return
			}
			if par == nil {
				par = locus.NewSet()
			}
			if got := fmt.Sprint(haploid, par.On("chrX"), par.On("chrY")); got != k.want || notes != k.notes {
				t.Errorf("got %s and %d notes, want %s and %d", got, notes, k.want, k.notes)
			}
		})
	}
	for _, p := range []Ploidy{{Sex: "x"}, {Sex: "male", Haploid: []string{"chrX"}}, {Sex: "female", PARBed: "x.bed"}} {
		call, calls := DefaultCallOptions(), DefaultGenotypeOptions()
		call.Ploidy, calls.Ploidy = p, p
		if call.Validate() == nil || calls.Validate() == nil {
			t.Errorf("%+v: no error", p)
		}
	}
}
